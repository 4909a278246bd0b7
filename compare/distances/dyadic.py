"""How far sampling alone moves mass in several dimensions: an upper bound from halving the box."""

from __future__ import annotations

import numpy as np

from compare.distances.masses import Masses, common_law
from theory.base.arrays import Array


def floor(p: Masses, q: Masses) -> float:
    """Upper bound of the mean of W1 between samples of one law.

    The box is halved, the longest side first, down to the cells. At each halving of a part with mass r
    into fractions a and 1 - a, the mass on the wrong side is on average at most
    min(sqrt(r a (1 - a) (1/n + 1/m)), 2 r a (1 - a) (1 + min(n, m) / max(n, m))), and it travels at most the root
    mean square distance between independent points of the two halves. The ways add up over the levels.

    References
    ----------
    Weed & Bach, Bernoulli 25 (2019), proposition 1, with distances in place of diameters.
    """
    sizes = [law.walkers for law in (p, q) if law.walkers is not None]
    if not sizes:
        return 0.0
    inverse = sum(1 / size for size in sizes)
    balance = 1 + min(sizes) / max(sizes) if len(sizes) == 2 else 1.0
    if len(sizes) == 2:
        inverse *= sum(sizes) / (sum(sizes) - 1)  # drawn without replacement from the pooled walkers
    moments = _moments(p, q)
    sides = np.array(p.grid.spacing)
    total = 0.0
    while moments.shape[:-1] != (1,) * p.grid.dim:
        lengths = np.where(np.array(moments.shape[:-1]) > 1, sides, np.inf)
        axis = int(np.argmin(lengths))  # joining upwards, so the shortest side first
        sides[axis] *= 2
        halves = np.moveaxis(moments, axis, 0)
        left, right = halves[0::2], halves[1::2]
        moments = np.moveaxis(left + right, 0, axis)
        split = (left[..., 0] > 0) & (right[..., 0] > 0)
        a, b = left[split], right[split]
        share = a[:, 0] * b[:, 0] / (a[:, 0] + b[:, 0])  # r a (1 - a)
        moved = np.minimum(np.sqrt(share * inverse), 2 * share * balance)
        mean_a, mean_b = a / a[:, :1], b / b[:, :1]
        square = mean_a[:, -1] + mean_b[:, -1] - 2 * (mean_a[:, 1:-1] * mean_b[:, 1:-1]).sum(axis=1)
        total += float(moved @ np.sqrt(np.maximum(square, 0.0)))  # rounding below 0
    return total


def _moments(p: Masses, q: Masses) -> Array:
    """Mass, mass times w (d entries) and mass times |w|^2 of each cell, padded to powers of 2."""
    grid = p.grid
    mass = common_law(p, q)[:-1].reshape(grid.shape)
    centres = grid.centers - (np.array(grid.lower) + np.array(grid.upper)) / 2  # less cancellation
    moments = np.stack([mass, *np.moveaxis(mass[..., None] * centres, -1, 0), mass * (centres**2).sum(-1)], -1)
    padding = [(0, (1 << (n - 1).bit_length()) - n) for n in grid.shape]
    return np.pad(moments, [*padding, (0, 0)])
