"""Parts of `theory` and methods of `compare` of a user's own, broken in many ways, and where they are taken."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import own_parts
import sympy
from broken_parts import (
    LINE,
    NOISY,
    SDE,
    START,
    WELL,
    Doors,
    Laplace,
    Rising,
    Well,
    below,
    fails,
    nothing,
    of_points,
    ones,
    paths_of,
    seeded,
    sgd_of,
    spoils,
    text,
    wild,
)

from compare import StationaryLoss, loss_slope
from simulate import (
    SGD,
    first_exit,
    transition_operator,
)
from theory import (
    Estimate,
    FokkerPlanck,
    Isotropic,
    Langevin,
    NoisyGradient,
    Outside,
    check_interpretation,
    check_landscape,
    check_model,
    check_scheme,
    check_tensor_field,
    first_passage_times,
)

RISING: Any = Rising()  # a tensor field without a factor, which the door finds
DOORS: Doors = {
    "landscape": (
        Well,
        {
            **of_points("value", Well.value),
            **of_points(
                "gradient",
                Well.gradient,
                random=wild,
                mixes=lambda self, w: w - w.mean(axis=0),
                norm=lambda self, w: w**3 + w / np.linalg.norm(w),
                twice=lambda self, w: 2 * (w**3 + w),
                sign=lambda self, w: -(w**3) - w,
                flat=lambda self, w: (w**3 + w)[..., 0],
            ),
            "dim: text": {"dim": "1"},
            "dim: 0": {"dim": 0},
            "dim: a flag": {"dim": True},
            "dim: half": {"dim": 1.5},
            "dim: raises": {"dim": property(fails)},
        },
        {
            "paths": lambda part: paths_of(Langevin(part, Isotropic(0.3, 1))),
            "a grid": lambda part: FokkerPlanck(Langevin(part, Isotropic(0.3, 1)), LINE),
            "arrivals": lambda part: first_passage_times(
                Langevin(part, Isotropic(0.3, 1)), START, Outside(-1.5, 1.5), dt=0.01, steps=2, rng=seeded()
            ),
            "SGD": lambda part: sgd_of(NoisyGradient(part, Isotropic(0.3, 1))),
            "its check": check_landscape,
        },
    ),
    "model": (
        Laplace,
        {
            **of_points("gradient", Well.gradient),
            **of_points(
                "batch_gradient",
                Laplace.batch_gradient,
                random=wild,
                nan=lambda self, w, b, rng: w * np.nan,
                biased=lambda self, w, b, rng: Laplace().batch_gradient(w, b, rng) + 0.3,
                summed=lambda self, w, b, rng: b * Laplace().batch_gradient(w, b, rng),
                whatever_the_batch=lambda self, w, b, rng: Laplace().batch_gradient(w, 1, rng),
                shared=lambda self, w, b, rng: self.gradient(w) + rng.normal(size=(1, 1)) / b,
                still=lambda self, w, b, rng: self.gradient(w),
            ),
            **of_points(
                "gradient_covariance",
                Laplace.gradient_covariance,
                negative=below,
                nan=lambda self, w: np.full((*w.shape, 1), np.nan),
                flat=lambda self, w: np.ones(w.shape),
                of_a_batch=lambda self, w: (1 + w**2)[..., None] / 4,
            ),
            "normal: it is not": {"normal": True},
        },
        {
            "SGD": sgd_of,
            "its check": lambda part: check_model(part, batch_size=4),
            "events": lambda part: first_exit(part, SGD(0.1, 4), START, "w < 1", steps=2, rng=seeded()),
        },
    ),
    "normal model": (
        own_parts.Normal,
        {
            **of_points(
                "gradient_covariance",
                Laplace.gradient_covariance,
                negative=below,
            ),
            "batch_gradient: raises": {"batch_gradient": fails},
            "normal: text": {"normal": "yes"},
            "normal: raises": {"normal": property(fails)},
        },
        {"the operator": lambda part: transition_operator(part, SGD(0.1, 4), LINE)},
    ),
    "tensor field": (
        Rising,
        {
            **of_points(
                "tensor",
                Rising.tensor,
                negative=lambda self, w: -0.3 * np.ones((*w.shape, 1)),
                nan=lambda self, w: np.full((*w.shape, 1), np.nan),
                random=lambda self, w: np.random.default_rng().random((*w.shape, 1)),
                flat=lambda self, w: np.ones(w.shape),
                mixes=lambda self, w: np.full((*w.shape, 1), float((w**2).mean())),
            ),
            **of_points("root", ones, wrong=ones),
            **of_points("divergence", lambda self, w: 0.6 * w, wrong=lambda self, w: -0.6 * w),
            "root: raises when read": {"root": property(fails)},
            **spoils(
                "root_expressions",
                {
                    "raises": fails,
                    "text": text,
                    "a number": 2,
                    "another": lambda self, variables: sympy.Matrix([[7]]),
                    "two rows": lambda self, variables: sympy.Matrix([[1], [1]]),
                    "another variable": lambda self, variables: sympy.Matrix([[sympy.Symbol("z")]]),
                    "raises when read": property(fails),
                },
            ),
            "dim: text": {"dim": "1"},
            "dim: 0": {"dim": 0},
        },
        {
            "paths": lambda part: paths_of(Langevin(WELL, part)),
            "a grid": lambda part: FokkerPlanck(Langevin(WELL, part), LINE),
            "SGD": lambda part: sgd_of(NoisyGradient(WELL, part)),
            "its check": lambda part: check_tensor_field(part, START),
        },
    ),
    "scheme": (
        own_parts.Euler,
        spoils(
            "step",
            {
                "raises": fails,
                "text": text,
                "None": nothing,
                "no argument": lambda self: 1.0,
                "a scalar": lambda self, sde, w, dt, rng: 1.0,
                "turned": lambda self, sde, w, dt, rng: (w + rng.normal(size=w.shape))[:, 0],
                "one walker": lambda self, sde, w, dt, rng: w[0],
                "complex": lambda self, sde, w, dt, rng: w * 1j,
                "objects": lambda self, sde, w, dt, rng: np.full(w.shape, None),
                "NaN": lambda self, sde, w, dt, rng: w * np.nan,
                "changes w": lambda self, sde, w, dt, rng: w.fill(1.0) or np.ones(w.shape),
                "other randomness": lambda self, sde, w, dt, rng: w + np.random.default_rng().normal(size=w.shape),
                "shared": lambda self, sde, w, dt, rng: w + rng.normal(),
            },
        ),
        {
            "paths": lambda part: paths_of(SDE, scheme=part),
            "arrivals": lambda part: first_passage_times(
                SDE, START, Outside(-1.5, 1.5), dt=0.01, steps=2, rng=seeded(), scheme=part
            ),
            "its check": lambda part: check_scheme(part, SDE),
        },
    ),
    "scheme of blocks": (
        own_parts.InPlace,
        spoils(
            "prepare",
            {
                "raises": fails,
                "text": text,
                "None": nothing,
                "no argument": lambda self: None,
                "begins nothing": lambda self, sde, setting: lambda w, stream: None,
                "begin raises": lambda self, sde, setting: fails,
                "advance raises": lambda self, sde, setting: lambda w, stream: fails,
                "advances a copy": lambda self, sde, setting: lambda w, stream: lambda steps: w + 1,
                "NaN": lambda self, sde, setting: lambda w, stream: lambda steps: w.fill(np.nan),
                "another shape": lambda self, sde, setting: (
                    lambda w, stream: lambda steps: w.__setitem__(slice(None), np.ones((3, 7)))
                ),
                "other randomness": lambda self, sde, setting: (
                    lambda w, stream: lambda steps: w.__iadd__(np.random.default_rng().normal(size=w.shape))
                ),
            },
        ),
        {"paths": lambda part: paths_of(SDE, scheme=part), "its check": lambda part: check_scheme(part, SDE)},
    ),
    "reading": (
        own_parts.Quarter,
        spoils(
            "share",
            {
                "negative": -0.1,
                "above 1": 1.5,
                "NaN": math.nan,
                "text": "half",
                "None": None,
                "a flag": True,
                "complex": 0.5j,
                "an array": np.array([0.5, 0.5]),
                "infinite": math.inf,
                "raises": property(fails),
                "random": property(lambda self: float(np.random.default_rng().random())),
            },
        ),
        {"the equation": lambda part: Langevin(WELL, RISING, part), "its check": check_interpretation},
    ),
    "method": (
        own_parts.Known,
        {
            **spoils(
                "measure",
                {
                    "raises": fails,
                    "text": text,
                    "None": nothing,
                    "no argument": lambda self: 1.0,
                    "a number": lambda self, model, sgd, minimum, rng: 0.01,
                    "NaN": lambda self, model, sgd, minimum, rng: Estimate(math.nan, 0.1),
                    "infinite": lambda self, model, sgd, minimum, rng: Estimate(math.inf, 0.1),
                    "no error": lambda self, model, sgd, minimum, rng: Estimate(0.01, 0.0),
                    "NaN error": lambda self, model, sgd, minimum, rng: Estimate(0.01, math.nan),
                    "another rate": lambda self, model, sgd, minimum, rng: StationaryLoss(
                        3.0, Estimate(0.01, 0.1)
                    ),
                    "a pair": lambda self, model, sgd, minimum, rng: (0.01, 0.001),
                },
            ),
            "statistical: text": {"statistical": "yes"},
            "jumps: a number": {"jumps": 2},
            "words: a number": {"words": 2},
            "words: two lines": {"words": "by two\nlines"},
            "words: raises": {"words": property(fails)},
            "search_grid: raises": {"search_grid": property(fails)},
            "search_grid: a number": {"search_grid": 2},
        },
        {"the slope": lambda part: loss_slope(NOISY, SGD(0.1, 4), [0.02, 0.04, 0.08], method=part)},
    ),
}
