"""Coverage of the numbers of `noise_against_hessian`: over walkers of normal laws, and over computed laws."""

from __future__ import annotations

from functools import partial

import numpy as np
from sweep import print_rows

from compare import noise_against_hessian
from simulate import SGD
from simulate.transition import transition_operator
from theory import Ensemble, Grid, ProductModel

FORMULAS = {1: "w**2 - 1", 2: "x*y + x - 1"}
BOX = {1: Grid(-6.0, 6.0, 12), 2: Grid((-6.0, -6.0), (6.0, 6.0), (12, 12))}  # of its laws nothing is asked
ERRORS = 3.3  # standard errors: 99.9 %
POINTS = 40  # of Gauss and Hermite: exact for polynomials


def expected(model, sgd, mean, spread):
    """Constant, angle and temperature over the normal law."""
    dim = len(mean)
    points, shares = np.polynomial.hermite_e.hermegauss(POINTS)
    at = mean + spread * np.stack(np.meshgrid(*[points] * dim), axis=-1).reshape(-1, dim)
    weights = np.prod(np.stack(np.meshgrid(*[shares / shares.sum()] * dim), axis=-1), axis=-1).ravel()
    c, h = model.gradient_covariance(at), model.hessian(at)
    inner, square, own = (weights @ np.einsum("nij,nij->n", a, b) for a, b in ((c, h), (h, h), (c, c)))
    power = weights @ np.einsum("nii->n", c)
    temperature = sgd.learning_rate * power / (2 * sgd.batch_size * dim)
    return inner / square, np.arccos(min(inner / np.sqrt(square * own), 1.0)), temperature


def walkers(rng, dim):
    """Normal walkers, of which tails that grow with w decide."""
    model, sgd = ProductModel(FORMULAS[dim], noise_std=rng.uniform(0.1, 1)), SGD(0.01, 4)
    mean, spread = rng.normal(size=dim), np.sqrt(rng.uniform(0.01, 0.3, dim))
    seen = mean + spread * rng.normal(size=(1, int(rng.integers(1000, 50_000)), dim))
    found = noise_against_hessian(model, sgd, Ensemble(np.zeros(1), seen), BOX[dim])
    truth = expected(model, sgd, mean, spread)
    numbers = (found.constant, found.angle, found.temperature)
    return [(abs(a - b), ERRORS * a.error) for a, b in zip(numbers, truth, strict=True)]


def computed(rng):
    """SGD's own law on a coarse grid beside a fine one."""
    model = ProductModel("w**2 - 1", noise_std=rng.uniform(0.1, 0.3))
    sgd = SGD(10 ** rng.uniform(-2.5, -1.7), int(rng.integers(2, 9)))
    width = min(0.9, rng.uniform(5, 7) * model.noise_std * np.sqrt(sgd.learning_rate / (2 * sgd.batch_size)))
    found, truth = (
        noise_against_hessian(model, sgd, transition_operator(model, sgd, grid).stationary(), grid)
        for grid in (Grid(1 - width, 1 + width, n) for n in (2 * int(rng.integers(20, 60)), 1600))
    )
    pairs = [(f.constant, f.angle, f.temperature) for f in (found, truth)]
    return [(abs(a - b), a.error) for a, b in zip(*pairs, strict=True)]


KINDS = {
    "C against H over walkers on a line, 3.3 standard errors": partial(walkers, dim=1),
    "C against H over walkers in the plane, 3.3 standard errors": partial(walkers, dim=2),
    "C against H over computed laws": computed,
}

if __name__ == "__main__":
    print_rows(KINDS)
