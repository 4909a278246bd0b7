"""Right calls of what judges samples."""

from __future__ import annotations

import numpy as np
from call_objects import Call

from theory import statistics
from theory.base import Estimate

VALUES = np.random.default_rng(3).standard_normal((40, 2))
STEPS = np.array([0.1, 0.2, 0.3, 0.4])

CALLS = [
    Call(
        statistics.goodness_of_fit,
        {
            "counts": np.array([12, 20, 15]),
            "masses": np.array([0.25, 0.5, 0.25]),
            "outside": 1,
            "error": 0.01,
            "outside_mass": 0.02,
        },
        {"outside": "zero", "error": "zero", "outside_mass": "zero"},
    ),
    Call(statistics.StudentisedMeans.of, {"values": VALUES}),
    Call(
        statistics.fit_power_law,
        {"steps": STEPS, "values": STEPS**2, "standard_errors": 0.1 * STEPS**2},
        {"standard_errors": "none"},
    ),
    Call(statistics.EventRate, {"events": 3, "at_risk": 20.0, "span": 0.5}, {"events": "zero", "span": "none"}),
    Call(statistics.Coefficient, {"value": Estimate(1.0, 0.1), "degrees": 4.0}, {"degrees": "infinite"}),
]
