"""Coverage of spectral densities and batch sharpness: matrices, and batches of regressions."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.sparse.linalg import aslinearoperator
from sweep import print_rows

from simulate import SGD, WithReplacement, transverse_exponent
from theory import DatasetModel, Grid
from theory.noise import batch_sharpness, spectral_density

ERRORS = 3.3  # standard errors: 99.9 %
FLIP = np.eye(2)[::-1]  # of the two weights: the Hessian at the origin, which is all that is asked


def operator_of(rng):
    """Spectra with zeros, a bulk over several decades and outliers, turned; the operator and its eigenvalues."""
    dim = int(rng.integers(20, 120))
    spectrum = rng.standard_normal(dim) * 10 ** rng.uniform(-2, 2) * 10 ** (rng.uniform(0, 3) * rng.random(dim))
    spectrum[: int(rng.integers(0, dim // 2))] = 0.0
    spectrum[-int(rng.integers(1, 4)) :] *= 10
    basis = np.linalg.qr(rng.standard_normal((dim, dim)))[0]
    matrix = basis * spectrum @ basis.T
    return aslinearoperator((matrix + matrix.T) / 2), spectrum


def density_of(rng):
    operator, spectrum = operator_of(rng)
    return spectral_density(operator, int(rng.integers(1, 12)), int(rng.integers(4, 40)), rng=rng), spectrum


def masses(rng):
    """Shares of eigenvalues between two places, of one probe to eleven."""
    density, spectrum = density_of(rng)
    places = np.sort(rng.choice(spectrum[spectrum != 0], 2, replace=False)) * 1.01
    inside = np.mean((spectrum > places[0]) & (spectrum <= places[1]))
    found = density.mass(*places) if places[0] < places[1] else density.mass()
    return [(abs(found - inside), found.error)]


def numbers(rng):
    """Whether intervals of the number below a place, at the level .9, hold it: a miss is 1, an error 0.5."""
    density, spectrum = density_of(rng)
    place = float(rng.choice(spectrum[spectrum != 0])) * 1.01
    low, high = density.number(upper=place, level=0.9)
    return [(float(not low <= int((spectrum <= place).sum()) <= high), 0.5)]


def laws(rng):
    """The law of an eigenvalue on cells."""
    density, spectrum = density_of(rng)
    size = 1.1 * np.abs(spectrum).max()
    grid = Grid(-size, size, int(rng.integers(2, 30)))
    law = density.on_grid(grid)
    exact = np.histogram(spectrum, np.linspace(-size, size, grid.cells[0] + 1))[0] / len(spectrum)
    return [(np.abs(law.probabilities - exact).sum() / 2, law.error)]


def means(rng):
    """Means of x / (x + c) of positive spectra."""
    operator, spectrum = operator_of(rng)
    square = operator @ operator
    unit = 10 ** rng.uniform(-2, 1) * np.mean(spectrum**2)
    density = spectral_density(square, int(rng.integers(8, 20)), int(rng.integers(10, 40)), rng=rng)
    found = density.mean(lambda x: x / (x + unit))
    return [(abs(found - np.mean(spectrum**2 / (spectrum**2 + unit))), ERRORS * found.error)]


def sharpness(rng):
    """Batches of a regression, some drawn, beside the mean over all there are."""
    dim, examples, size = int(rng.integers(1, 6)), int(rng.integers(8, 14)), int(rng.integers(2, 4))
    x = rng.standard_normal((examples, dim)) * 10 ** rng.uniform(-1, 1, dim)
    y, at = rng.standard_normal(examples), rng.standard_normal(dim)
    model = DatasetModel(
        x,
        y,
        lambda w, x, y: ((w * x).sum(-1) - y) ** 2 / 2,
        lambda w, x, y: ((w * x).sum(-1) - y)[..., None] * x,
        dim,
    )
    ratios = []
    for chosen in map(list, combinations(range(examples), size)):
        inner = x[chosen].T @ x[chosen] / size
        gradient = inner @ at - x[chosen].T @ y[chosen] / size
        ratios.append(gradient @ inner @ gradient / (gradient @ gradient))
    found = batch_sharpness(
        model, at, size, int(rng.integers(30, len(ratios))) if len(ratios) > 31 else 30, rng=rng
    )
    return [(abs(found - np.mean(ratios)), ERRORS * found.error)]


def exponents(rng):
    """Across the origin of (w1 w2 - y)^2 / 2, by walkers and batches of one, without momentum."""
    y, rate = rng.standard_normal(int(rng.integers(2, 8))) * 10 ** rng.uniform(-1, 1), 10 ** rng.uniform(-2, -0.3)
    model = DatasetModel(
        np.ones(len(y)),
        y,
        lambda w, x, y: (w[..., 0] * w[..., 1] - y) ** 2 / 2,
        lambda w, x, y: (w[..., 0] * w[..., 1] - y)[..., None] * w[..., ::-1],
        2,
        lambda w, x, y: (2 * w[..., 0] * w[..., 1] - y)[..., None, None] * FLIP,
    )
    growths = [np.log(np.abs(1 + sign * rate * y)) for sign in (1, -1)]
    first, second = sorted(growths, key=np.mean)[::-1]
    if first.mean() - second.mean() < 0.03:
        return []  # the top exponent takes long to show
    found = transverse_exponent(
        model,
        SGD(rate, 1, sampling=WithReplacement()),
        np.zeros((50, 2)),
        np.eye(2),
        steps=200,
        burn_in=int(10 / (first.mean() - second.mean())),
        rng=rng,
    )
    return [(abs(found - first.mean()), ERRORS * found.error)]


KINDS = {
    "shares of eigenvalues, 1 to 11 probes of 4 to 39 steps": masses,
    "numbers of eigenvalues at the level .9": numbers,
    "laws of an eigenvalue on 2 to 29 cells": laws,
    "means over eigenvalues of x / (x + c), 3.3 standard errors": means,
    "exponents across a point, 50 walkers, 3.3 standard errors": exponents,
    "batch sharpness of 30 or more batches, 3.3 standard errors": sharpness,
}

if __name__ == "__main__":
    print_rows(KINDS)
