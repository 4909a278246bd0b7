"""Quadrature over the size of a batch of fresh Gaussian inputs: r = sqrt(chi2_B / B)."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.special import chdtri, gammaincinv, gammaln, xlogy

from theory.base.arrays import Array, Integers

TAIL = 1e-30  # of the batches at either end, left out
POINTS = 16  # of each panel
LEVELS = 9  # 4, 8, ..., 1024 panels


class BatchRules(NamedTuple):
    """Rules of ascending order, one after the other: where each begins, (levels + 1,), all nodes, all weights."""

    starts: Integers
    nodes: Array
    weights: Array


@cache
def batch_rules(batch: int) -> BatchRules:
    """Composite Gauss-Legendre rules over r for one batch size, each with twice the panels of the one before.

    In r the density is a polynomial times a Gaussian for every B, so that 4 panels are right to 1e-13 for smooth
    functions; more are for kernels narrow against the spread of r^2. The weights of a rule sum to 1.
    """
    lowest = 0.0 if batch < 3 else 2 * gammaincinv(batch / 2, TAIL)  # of chi2_B, as is the other
    low, high = np.sqrt(np.array([lowest, chdtri(batch, TAIL)]) / batch)
    points, shares = np.polynomial.legendre.leggauss(POINTS)
    nodes, weights = [], []
    for level in range(LEVELS):
        faces = np.linspace(low, high, 4 * 2**level + 1)
        half = np.diff(faces)[:, None] / 2
        r = (faces[:-1, None] + half * (1 + points)).ravel()
        log_density = xlogy(batch - 1, r) - batch * r**2 / 2 - gammaln(batch / 2)
        log_density += batch / 2 * np.log(batch) - (batch / 2 - 1) * np.log(2)
        weight = np.exp(log_density) * (half * shares).ravel()
        nodes.append(r)
        weights.append(weight / weight.sum())
    starts = np.cumsum([0, *map(len, nodes)])
    return BatchRules(starts.astype(np.int64), np.concatenate(nodes), np.concatenate(weights))


def single_rule() -> BatchRules:
    """The rule of a batch whose size does not vary: r = 1."""
    return BatchRules(np.array([0, 1], dtype=np.int64), np.ones(1), np.ones(1))
