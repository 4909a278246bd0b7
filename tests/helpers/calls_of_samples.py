"""Right calls of what looks at samples in many dimensions."""

from __future__ import annotations

import numpy as np
from call_objects import DATA, ENSEMBLE, WELL, Call, rng

import compare
import simulate
import theory

POINTS, OTHERS = np.random.default_rng(3).standard_normal((2, 12, 2))
DRAWS = theory.Draws(np.random.default_rng(3).standard_normal((8, 4, 1)), 0.7, 0.1)

CALLS = [
    Call(theory.project, {"walkers": ENSEMBLE, "onto": np.array([[1.0]])}),
    Call(theory.Directions, {"vectors": [[1.0, 0.5]], "origin": [0.0, 1.0]}, {"origin": "empty"}),
    Call(theory.DistanceTo, {"points": [[1.0, 0.5]]}),
    Call(theory.sample_grid, {"samples": [ENSEMBLE, DRAWS]}),
    Call(theory.sharpest_directions, {"landscape": WELL, "at": [0.2], "number": 1}),
    Call(theory.Draws.of, {"walkers": ENSEMBLE, "after": 0.1}, {"after": "zero negative"}),
    Call(type(DRAWS).from_xarray, {"data": DRAWS.to_xarray()}),
    Call(theory.HMC, {"leaps": 3, "step_size": 0.2}, {"step_size": "none"}),
    Call(theory.NUTS, {"acceptance": 0.7, "deepest": 6}),
    Call(theory.NormalPrior, {"std": 2.0, "mean": 0.5}, {"mean": "zero negative"}),
    Call(
        theory.sample_gibbs,
        {
            "landscape": WELL,
            "temperature": 0.3,
            "start": [0.0],
            "rng": rng(),
            "log_prior": theory.NormalPrior(2.0),
            "sampler": theory.HMC(2),
            "chains": 8,
            "steps": 200,
            "burn_in": 50,
            "save_every": 1,
            "observables": None,
            "progress": False,
        },
        {"burn_in": "zero"},
    ),
    Call(
        theory.sample_posterior,
        {"landscape": WELL, "start": [0.0], "examples": 20.0, "rng": rng(), "beta": 0.5, "steps": 200},
    ),
    Call(simulate.SVAG, {"amplification": 4.0}),
    Call(theory.ExampleDiffusion, {"model": DATA, "learning_rate": 0.1, "batch_size": 2}),
    Call(
        compare.two_sample_test,
        {
            "x": POINTS,
            "y": OTHERS,
            "rng": rng(),
            "method": compare.EnergyDistance(),
            "permutations": 19,
            "alpha": 0.05,
        },
    ),
    Call(compare.SlicedWasserstein, {"directions": 5}),
    Call(compare.MaximumMeanDiscrepancy, {"bandwidth": 0.5}),
]
