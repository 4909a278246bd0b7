"""Parts of `simulate` that a user may bring, broken in many ways, and where they are taken."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import own_parts
from broken_parts import (
    DATA,
    NOISY,
    PLAIN,
    START,
    Doors,
    below,
    fails,
    nothing,
    of_points,
    seeded,
    spoils,
    text,
    wild,
)

from simulate import (
    SGD,
    check_noise,
    check_preconditioner,
    check_rule,
    check_sampling,
    check_schedule,
    run_sgd,
)

OF_STEPS: dict[str, Any] = {
    "raises": fails,
    "text": text,
    "None": nothing,
    "no argument": lambda self: 1.0,
    "a scalar": lambda self, steps: 0.5,
    "negative": lambda self, steps: -np.ones(len(steps)),
    "0": lambda self, steps: np.zeros(len(steps)),
    "0 at the end": lambda self, steps: np.where(steps >= 2, 0.0, 1.0),
    "NaN": lambda self, steps: np.full(len(steps), np.nan),
    "infinite": lambda self, steps: np.full(len(steps), np.inf),
    "complex": lambda self, steps: steps * 1j,
    "another shape": lambda self, steps: np.ones((len(steps), 2)),
    "objects": lambda self, steps: np.full(len(steps), None),
    "only one step": lambda self, steps: 1.0 if steps < 3 else 0.5,
    "mixes": lambda self, steps: 1 / (1.0 + np.arange(len(steps))),
    "random": lambda self, steps: 0.5 + np.random.default_rng().random(len(steps)),
    "changes its steps": lambda self, steps: steps.fill(7) or np.ones(len(steps)),
}
OF_RULES: dict[str, Any] = {
    "raises": fails,
    "text": text,
    "None": nothing,
    "no argument": lambda self: (1, 2),
    "one array": lambda self, g, s, w, rate, k, rng: g,
    "three": lambda self, g, s, w, rate, k, rng: (g, s, s),
    "a scalar": lambda self, g, s, w, rate, k, rng: (1.0, s),
    "flat": lambda self, g, s, w, rate, k, rng: (g[:, 0], s),
    "no state": lambda self, g, s, w, rate, k, rng: (g, None),
    "another state": lambda self, g, s, w, rate, k, rng: (g, s[:, :0]),
    "NaN": lambda self, g, s, w, rate, k, rng: (g * np.nan, s),
    "an infinite state": lambda self, g, s, w, rate, k, rng: (g, s + np.inf),
    "complex": lambda self, g, s, w, rate, k, rng: (g * 1j, s),
    "text inside": lambda self, g, s, w, rate, k, rng: (np.full(g.shape, "a"), s),
    "mixes": lambda self, g, s, w, rate, k, rng: (g / np.abs(g).max(), s),
    "mixes states": lambda self, g, s, w, rate, k, rng: (g, s + g.sum()),
    "other randomness": lambda self, g, s, w, rate, k, rng: (g + np.random.default_rng().random(g.shape), s),
    "one for all": lambda self, g, s, w, rate, k, rng: (g + rng.normal(), s),
    "changes the gradient": lambda self, g, s, w, rate, k, rng: (g.fill(1) or g, s),
    "changes the state": lambda self, g, s, w, rate, k, rng: (g, s.fill(1) or s),
}
DOORS: Doors = {
    "sampling": (
        own_parts.Uniform,
        spoils(
            "indices",
            {
                "raises": fails,
                "text": text,
                "None": nothing,
                "no argument": lambda self: np.zeros((1, 1)),
                "a scalar": lambda self, m, b, n, k, rng: 1,
                "one row": lambda self, m, b, n, k, rng: rng.integers(m, size=b),
                "turned": lambda self, m, b, n, k, rng: rng.integers(m, size=(b, n)),
                "too many": lambda self, m, b, n, k, rng: rng.integers(m, size=(n, b + 1)),
                "empty": lambda self, m, b, n, k, rng: rng.integers(m, size=(n, 0)),
                "out of range": lambda self, m, b, n, k, rng: np.full((n, b), m),
                "negative": lambda self, m, b, n, k, rng: np.full((n, b), -1),
                "half": lambda self, m, b, n, k, rng: np.full((n, b), 0.5),
                "NaN": lambda self, m, b, n, k, rng: np.full((n, b), np.nan),
                "flags": lambda self, m, b, n, k, rng: np.ones((n, b), dtype=bool),
                "complex": lambda self, m, b, n, k, rng: np.full((n, b), 1j),
                "objects": lambda self, m, b, n, k, rng: np.full((n, b), None),
                "other randomness": lambda self, m, b, n, k, rng: np.random.default_rng().integers(n, size=(n, b)),
                "one for all": lambda self, m, b, n, k, rng: np.tile(rng.integers(m, size=b), (n, 1)),
            },
        ),
        {
            "SGD": lambda part: run_sgd(
                PLAIN, SGD(0.1, 4, sampling=part), START, steps=2, rng=seeded(), data=DATA
            ),
            "its check": check_sampling,
        },
    ),
    "fresh data": (
        own_parts.NewData,
        spoils(
            "examples",
            {
                "raises": fails,
                "text": text,
                "None": nothing,
                "no argument": lambda self: (1, 2),
                "one array": lambda self, b, n, k, rng: rng.normal(size=(n, b)),
                "a scalar": lambda self, b, n, k, rng: (1.0, 1.0),
                "three": lambda self, b, n, k, rng: (1.0, 1.0, 1.0),
                "wide inputs": lambda self, b, n, k, rng: (
                    np.ones((n, b, 3)),
                    np.ones((n, b)),
                ),
                "labels of another shape": lambda self, b, n, k, rng: (
                    np.ones((n, b, 1)),
                    np.ones(n),
                ),
                "NaN": lambda self, b, n, k, rng: (
                    np.full((n, b, 1), np.nan),
                    np.ones((n, b)),
                ),
                "infinite labels": lambda self, b, n, k, rng: (
                    np.ones((n, b, 1)),
                    np.full((n, b), np.inf),
                ),
                "text inside": lambda self, b, n, k, rng: (
                    np.full((n, b, 1), "a"),
                    np.ones((n, b)),
                ),
                "complex": lambda self, b, n, k, rng: (
                    np.full((n, b, 1), 1j),
                    np.ones((n, b)),
                ),
                "other randomness": lambda self, b, n, k, rng: own_parts.NewData().examples(
                    b, n, k, np.random.default_rng()
                ),
                "one for all": lambda self, b, n, k, rng: (
                    np.ones((n, b, 1)) * rng.normal(),
                    np.ones((n, b)),
                ),
            },
        ),
        {
            "SGD": lambda part: run_sgd(PLAIN, SGD(0.1, 4, sampling=part), START, steps=2, rng=seeded()),
            "its check": check_sampling,
        },
    ),
    "schedule": (
        own_parts.Decay,
        spoils("rate", OF_STEPS)
        | spoils("batch", OF_STEPS | {"raises when read": property(fails), "a number": 2.0}),
        {
            "SGD": lambda part: run_sgd(NOISY, SGD(0.1, 4, schedule=part), START, steps=9, rng=seeded()),
            "its check": check_schedule,
        },
    ),
    "noise": (
        own_parts.Shaken,
        {
            **of_points(
                "sample",
                own_parts.Shaken.sample,
                random=wild,
                nan=lambda self, w, rng: w * np.nan,
                infinite=lambda self, w, rng: w + np.inf,
                shared=lambda self, w, rng: np.ones(w.shape) * rng.normal(),
                flat=lambda self, w, rng: rng.normal(size=len(w)),
            ),
            "variance: wrong": {"variance": 2.0},
            "variance: negative": {"variance": -1.0},
            "variance: text": {"variance": "1"},
            "variance: NaN": {"variance": math.nan},
            "variance: raises": {"variance": property(fails)},
        },
        {
            "SGD": lambda part: run_sgd(NOISY, SGD(0.1, 4, noise=part), START, steps=2, rng=seeded()),
            "its check": lambda part: check_noise(part, START),
        },
    ),
    "preconditioner": (
        own_parts.Steeper,
        of_points(
            "matrix",
            own_parts.Steeper.matrix,
            negative=below,
            zero=lambda self, w: np.zeros((*w.shape, 1)),
            nan=lambda self, w: np.full((*w.shape, 1), np.nan),
            random=lambda self, w: 1 + np.random.default_rng().random((*w.shape, 1)),
            flat=lambda self, w: np.ones(w.shape),
            mixes=lambda self, w: np.full((*w.shape, 1), 1.0 + float((w**2).mean())),
        ),
        {
            "SGD": lambda part: run_sgd(NOISY, SGD(0.1, 4, preconditioner=part), START, steps=2, rng=seeded()),
            "its check": lambda part: check_preconditioner(part, START),
        },
    ),
    "rule": (
        own_parts.Averaged,
        spoils(
            "start",
            {
                "raises": fails,
                "text": text,
                "None": nothing,
                "no argument": lambda self: np.zeros((4, 1)),
                "a scalar": lambda self, w: 0.0,
                "one row": lambda self, w: np.zeros((1, 1)) if len(w) > 1 else np.zeros((2, 1)),
                "turned": lambda self, w: np.zeros((w.shape[1], len(w))),
                "random": lambda self, w: np.random.default_rng().random(w.shape),
                "NaN": lambda self, w: w * np.nan,
                "mixes": lambda self, w: w - w.mean() + np.arange(w.size).reshape(w.shape),
                "changes w": lambda self, w: w.fill(0) or np.zeros(w.shape),
            },
        )
        | spoils("update", OF_RULES | {"a number": 2.0}),
        {
            "SGD": lambda part: run_sgd(NOISY, SGD(0.1, 4, rule=part), START, steps=2, rng=seeded()),
            "its check": lambda part: check_rule(part, START),
        },
    ),
}
