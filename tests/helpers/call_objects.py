"""What right calls are made of: small objects of every kind, and the call itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

import simulate
import theory
from theory import (
    Constant,
    FokkerPlanck,
    Grid,
    Histogram,
    Isotropic,
    Langevin,
    LearningCoefficient,
    LinearRegression,
    NoisyGradient,
    ProductModel,
    SymbolicLandscape,
)
from theory.base.arrays import Array, Booleans


@dataclass(frozen=True)
class Call:
    """A function, arguments that it takes, and what else it takes of them.

    `also` names for an argument the wrong values that are right for it: "negative", "zero", "infinite", "nan",
    "empty", "none", "list".
    """

    function: Any
    arguments: dict[str, Any]
    also: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return getattr(self.function, "__qualname__", repr(self.function))

    def __call__(self, **changes: Any) -> Any:
        return self.function(**(self.arguments | changes))


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def value(w: Array) -> Array:
    return np.asarray((w**2).sum(axis=-1) / 2)


def inside(w: Array) -> Booleans:
    return w[..., 0] < 0


GRID, PLANE = Grid(-2.0, 2.0, 24), Grid((-2.0, -2.0), (2.0, 2.0), (8, 8))
WELL, WELLS = SymbolicLandscape("w**2/2"), SymbolicLandscape("(w**2 - 1)**2/4")
BOWL = SymbolicLandscape("(x**2 + y**2)/2")
SDE = Langevin(WELLS, Isotropic(0.3, 1))
MODEL, CROSS = ProductModel("w - 1/2"), ProductModel("x*y")
REGRESSION = LinearRegression([[1.0]])
NOISY = NoisyGradient(WELL, Constant(np.array([[1.0]])))
SGD = simulate.SGD(0.1, 4)
START = np.linspace(-1, 1, 12)[:, None]
DENSITY = theory.gibbs(WELL, 0.3, GRID)
HISTOGRAM = Histogram.from_samples(START, GRID)
EQUATION = FokkerPlanck(SDE, GRID)
OPERATOR = simulate.transition_operator(MODEL, SGD, GRID)
ENSEMBLE = simulate.run_sgd(MODEL, SGD, START, steps=4, rng=rng(), save_every=1)
COUNTED = simulate.run_sgd(MODEL, SGD, START, steps=4, rng=rng(), save_every=1, grid=GRID)
DATA = theory.on_data(MODEL, np.linspace(1, 2, 6), np.linspace(0, 1, 6))
FEW = Grid(-2.0, 2.0, 8)
EVEN = theory.Density.normalised(FEW, np.ones(8), cell_averages=True)
_ON_DATA = simulate.transition_operator(DATA, simulate.SGD(0.1, 1, sampling=simulate.WithReplacement()), FEW)
assert isinstance(_ON_DATA, simulate.DataOperator)
ON_DATA: simulate.DataOperator = _ON_DATA
NOISY_WELLS = NoisyGradient(WELLS, Constant(np.array([[1.0]])))
SMALL = simulate.SGD(1e-3, 10)
WELLS_ABOVE = SymbolicLandscape("(w**2 - 1)**2/4 + 1")
SLOW = theory.slow_limit(ProductModel("x*y - 1"), SGD, [1.0, 1.0])
STUDY = {
    "name": "small",
    "seed": 1,
    "model": {"q": "w - 1/2"},
    "sgd": {"learning_rate": 0.1, "batch_size": 4, "steps": 20, "walkers": 200},
    "start": {"uniform": [[-1.0, 1.0]]},
    "noise": {"kind": "minibatch"},
    "grid": {"lower": [-2.0], "upper": [2.0], "cells": [60]},
    "posterior": {"examples": 10},
}
SLOPE_STUDY = {
    "name": "slope",
    "model": {"q": "w - 1/2"},
    "sgd": {"learning_rate": 0.1, "batch_size": 4},
    "loss_slope": {"rates": [0.02, 0.04, 0.08], "methods": ["formula"]},
}
HYPERBOLA = ProductModel("x*y - 1")
EMBEDDED = theory.exact_embedding([[1.0]], [[0.1]], 0.1)
COEFFICIENT = LearningCoefficient(0.5, 1)
X = np.linspace(-1, 1, 6)[:, None]
FREE = "negative zero"
