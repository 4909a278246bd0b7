"""Problems that the tests of slopes of the loss share."""

from __future__ import annotations

from functools import cache

import numpy as np

from compare import BySampling
from theory import DatasetModel, Isotropic, NoisyGradient, SymbolicLandscape, logistic_regression

RATES = (0.02, 0.04, 0.08, 0.16)
QUICK = BySampling(walkers=300, steps=200, burn_in=600, observations=20)


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def power(k: int) -> NoisyGradient:
    """w^(2k) / (2k) with unit noise."""
    return NoisyGradient(SymbolicLandscape(f"w**{2 * k}/{2 * k}"), Isotropic(1.0, 1))


@cache
def logistic() -> DatasetModel:
    """A data set of 60 examples that are not separable, in the plane."""
    stream = rng(5)
    x = stream.normal(size=(60, 2))
    chance = 1 / (1 + np.exp(-(x @ [1.0, -0.5])))
    return logistic_regression(x, (stream.random(60) < chance).astype(float))
