"""Right calls of what keeps laws: samples, labelled arrays and files."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from call_objects import COUNTED, DENSITY, ENSEMBLE, FREE, GRID, HISTOGRAM, PLANE, START, Call

import theory

FOLDER = tempfile.TemporaryDirectory()
FILE = Path(FOLDER.name) / "law.nc"
DENSITY.save(FILE)
FIELD = theory.Field(GRID, DENSITY.values, 0.1 * DENSITY.values)
PARTS = (theory.PointMass((0.5,), "silence"), theory.DensityClass(DENSITY, "all"))
LIMIT = theory.LimitLaw(GRID, PARTS, (0.5, 0.5))
STAY = theory.QuasiStationary(DENSITY, theory.Estimate(0.1, 0.01))
PASSAGE = theory.PassageTime(FIELD, FIELD)
CURVE = theory.SurvivalCurve(*np.array([[0.0, 1.0], [1.0, 0.5], [0.0, 0.1]]))
LAWS = (DENSITY, HISTOGRAM, FIELD, LIMIT, STAY, PASSAGE, CURVE, ENSEMBLE, COUNTED)

CALLS = [
    Call(
        theory.Ensemble.from_samples,
        {"points": START, "times": 0.5, "grid": GRID},
        {"points": "nan infinite", "times": f"{FREE} list", "grid": "none"},
    ),
    Call(
        theory.Ensemble.from_samples,
        {"points": [[0.1, 0.2], [0.3, 0.4]], "times": 0.0, "grid": PLANE},
        {"points": "nan infinite", "times": f"{FREE} list"},
    ),
    *(Call(type(law).from_xarray, {"data": law.to_xarray()}) for law in LAWS),
    Call(theory.Density.load, {"path": FILE}),
]
