"""The noise of one step of SGD from a point, and its second moments beside those it should have."""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import expit

from compare.claims import Sampled
from simulate import SGD, run_sgd
from theory import DatasetModel, Estimate, logistic_regression
from theory.base.arrays import Array

ENTRIES = {"first variance": (0, 0), "covariance": (0, 1), "second variance": (1, 1)}


def classified(examples: int, rng: np.random.Generator) -> DatasetModel:
    """Logistic regression on two correlated inputs, with labels from the model at (1, -1/2)."""
    x = rng.standard_normal((examples, 2)) @ np.array([[1.5, 0.4], [0.0, 0.6]])
    return logistic_regression(x, (rng.random(examples) < expit(x @ [1.0, -0.5])).astype(float))


def step_noise(model: DatasetModel, sgd: SGD, at: Array, walkers: int, rng: np.random.Generator) -> Array:
    """The gradients that one step from `at` takes, less their mean (walkers, d)."""
    moved = run_sgd(model, sgd, np.tile(at, (walkers, 1)), steps=1, rng=rng).final
    return np.asarray((at - moved) / sgd.learning_rate - model.gradient(at))


def whitened_entries(noise: Array, covariance: Array) -> dict[str, Sampled]:
    """Second moments of two-dimensional `noise` where `covariance` is the identity, by the names of `ENTRIES`."""
    white = solve_triangular(np.linalg.cholesky(covariance), noise.T, lower=True)
    found = {}
    for name, (i, j) in ENTRIES.items():
        products = white[i] * white[j]
        error = products.std(ddof=1) / len(products) ** 0.5
        found[name] = Sampled(Estimate(products.mean(), error))
    return found
