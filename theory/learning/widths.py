"""How far a tempered posterior reaches along each direction: lengths that free chains and priors of units."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from theory.base.arrays import Array, Booleans
from theory.base.errors import InputError
from theory.base.rounding import LEAST_NORMAL

OVERFLOW = 1e30  # beyond, what is not finite is no wall but 0 times infinity
HALVINGS = 20  # of the last doubling: a width need not be sharper
FARTHEST = 300  # doublings on both sides of the first guess
BENT = 0.1  # widths, by which a valley that bends leaves an eigenvector at its own width
STIFFER = 4.0  # in curvature, so that a valley has a floor
NEAR_WIDTHS = 0.3  # widths, on which a third derivative is taken
DRAWS = 16  # random combinations by which flat directions are felt together
Energy = Callable[[Array], Array]
NO_CURVATURE = 1e-12  # of the largest: it says nothing of a width
WIDER = 1e6  # times the others: a guess from a curvature that is next to none
FIRST_LOOK, NEXT_LOOK = 8, 24  # doublings about the guess, both ways, then on from there


def widths(energy: Energy, axes: Array, curvatures: Array) -> Array:
    """How far along each column of `axes` (d, d) the energy (n, d) -> (n,) has changed by 1, shape (d,).

    The shorter of both sides. A direction along which the energy stays as it is is felt beside the others: all
    others at their widths, all flat ones together, in random combinations of signs. Where nothing changes the
    width is that of the others in the mean.

    Parameters
    ----------
    energy
        X(offset) with X(0) = 0.
    curvatures
        Second derivatives along the axes, for the first guess.
    """
    dim = len(curvatures)
    guesses = np.sqrt(2 / np.maximum(np.abs(curvatures), LEAST_NORMAL))
    known = guesses[np.abs(curvatures) > NO_CURVATURE * np.abs(curvatures).max(initial=0.0)]
    unit = float(np.exp(np.log(known).mean())) if known.size else 1.0
    found = np.full(dim, np.inf)
    for k in range(dim):
        guess = guesses[k] if guesses[k] < WIDER * unit else unit
        for sign in (1.0, -1.0):
            found[k] = min(found[k], _reach(energy, _ray(np.zeros(dim), sign * axes[:, k]), guess))
    flat = np.isinf(found)
    if not flat.any():
        return found
    if (~flat).any():
        unit = float(np.exp(np.log(found[~flat]).mean()))
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (DRAWS, dim))
    together = np.inf
    for row in signs:
        base = axes @ np.where(flat, 0.0, row * np.where(flat, 1.0, found))
        together = min(together, _reach(energy, _ray(base, axes @ np.where(flat, row, 0.0)), unit))
    return np.where(flat, together if np.isfinite(together) else unit, found)


def valley_bends(slope: Energy, axes: Array, curvatures: Array, straight: Array) -> Array:
    """How valleys bend away from the axes, shape (d, d): the floor along axis k lies at s^2 bends[u, k] of axis u.

    That is -T_ukk / (2 h_u) for axes u at least four times as stiff as k, T being the third derivative; 0 where
    the floor hardly leaves the axis, by the `straight` widths.

    Parameters
    ----------
    slope
        The gradient of the loss at offsets (n, d), whose second derivatives along the axes are the `curvatures`.
    """
    bends = np.zeros_like(axes)
    for k, width in enumerate(straight):
        step = NEAR_WIDTHS * width * axes[:, k]
        try:
            with np.errstate(all="ignore"):
                ahead, behind, here = slope(np.stack([step, -step, 0 * step]))
        except InputError:  # beside the end of a table
            continue
        with np.errstate(all="ignore"):
            third = axes.T @ (ahead + behind - 2 * here) / (NEAR_WIDTHS * width) ** 2
            away = np.where(curvatures > STIFFER * max(curvatures[k], 0.0), -third / (2 * curvatures), 0.0)
        if np.isfinite(away).all() and (np.abs(away) * width**2 > BENT * straight).any():
            bends[:, k] = away
    return bends


def bent_widths(energy: Energy, axes: Array, bends: Array, straight: Array) -> Array:
    """How far along the floor of each bent valley the energy has changed by 1, shape (d,), at least `straight`."""
    found = straight.copy()
    for k in np.flatnonzero(bends.any(axis=0)):
        rays = (_ray(np.zeros(len(axes)), sign * axes[:, k], axes @ bends[:, k]) for sign in (1.0, -1.0))
        reach = min(_reach(energy, ray, straight[k]) for ray in rays)
        found[k] = max(found[k], reach) if np.isfinite(reach) else found[k]
    return found


def _ray(base: Array, way: Array, bend: Array | float = 0.0) -> Callable[[Array], Array]:
    """Places base + s way + s^2 bend, shape (n, d), at distances s (n,)."""
    return lambda s: np.asarray(base + s[:, None] * way + s[:, None] ** 2 * bend)


def _reach(energy: Energy, ray: Callable[[Array], Array], guess: float) -> float:
    """The least distance along the ray at which the energy has changed by 1, inf where there is none."""
    start = energy(ray(np.zeros(1)))[0]

    def changed(distances: Array) -> Booleans:
        with np.errstate(all="ignore"):
            values = np.abs(energies_at(energy, ray(distances)) - start)
        wall = ~np.isfinite(values) & (distances < OVERFLOW)
        return np.asarray((values >= 1) & np.isfinite(values) | wall)

    low, high = -FIRST_LOOK, FIRST_LOOK
    while True:
        powers: Array = guess * 2.0 ** np.arange(low, high + 1).astype(np.float64)
        over = np.flatnonzero(changed(powers))
        if over.size and over[0] > 0:
            break
        if over.size:
            low, high = low - NEXT_LOOK, low
        else:
            low, high = high, high + NEXT_LOOK
        if low < -FARTHEST or high > FARTHEST:
            return np.inf
    inner, outer = powers[over[0] - 1], powers[over[0]]
    for _ in range(HALVINGS):
        middle = (inner + outer) / 2
        inner, outer = (inner, middle) if changed(np.array([middle]))[0] else (middle, outer)
    return float(outer)


def energies_at(energy: Energy, offsets: Array) -> Array:
    """The energies, infinite where the landscape refuses a point."""
    try:
        return np.asarray(energy(offsets))
    except InputError:
        if len(offsets) == 1:
            return np.array([np.inf])
        return np.concatenate([energies_at(energy, one[None]) for one in offsets])
