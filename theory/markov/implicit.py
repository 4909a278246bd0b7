"""The exponential of a sparse matrix with a narrow band, by steps that stiffness does not bind."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from theory.base.arrays import Array
from theory.base.rounding import LEAST_NORMAL
from theory.base.whole_numbers import doublings

POLES = (
    7.49063752880963 + 1.621502388778394j,
    6.47051493670157 + 4.900121147421387j,
    4.0388475344888 + 8.345600414872216j,
)
RESIDUES = (
    185.54487885755512 - 917.7923648638089j,
    -226.06041189362895 + 305.10335904505314j,
    43.515533036073826 - 14.015306215640607j,
)
ACCEPTED = 1e-8  # of the mass: error of a double step, GAIN times that of the two that are taken
GAIN = 2**11  # error of one double step over that of two steps: the rule is of that order
DOUBLED = 1e-11  # error of a double step below which steps double
STILL = 1e-11  # of the mass: movement in a double step below which it may be rounding
NOISE = 4.0  # movement over error at which both are rounding
LAW_SETTLED = 1e-9  # of the mass: movement to come below which a law has settled
MOST_IMPLICIT_STEPS = 1000
MOST_HALVINGS = 60


def stepped(generator: sparse.csr_array, values: Array, time: float) -> tuple[Array, float] | None:
    """exp(t G) v by Pade's approximant (5, 6), of order 11 and L-stable, and its error; None if it fails.

    As a sum over its poles, with one factorisation for each pole and length of step. Steps double and halve by the
    error that one step of twice the length shows. A law that stands still to rounding ends it: what the steps to
    come could move at the last speed is part of the error, a sum of absolute values.

    References
    ----------
    Hairer & Wanner (1996), Solving Ordinary Differential Equations II, section IV.3.
    """
    if time == 0:
        return values, 0.0
    identity: Any = sparse.eye_array(generator.shape[0], format="csc")
    columns: Any = sparse.csc_array(generator)

    @cache
    def solvers(step: float) -> list[Any]:
        return [splu(sparse.csc_array(columns * step - identity * pole)) for pole in POLES]

    def after(law: Array, step: float) -> Array:
        source = law.astype(np.complex128)
        total = np.zeros_like(law)
        for residue, factors in zip(RESIDUES, solvers(step), strict=True):
            total += 2 * (residue * factors.solve(source)).real
        return total

    size = float(np.abs(values).sum())
    first = columns @ values
    speed = float(np.abs(columns @ first).sum()) / max(float(np.abs(first).sum()), LEAST_NORMAL)
    halvings = max(1, doublings(min(max(speed * time, 1.0), 2.0**MOST_HALVINGS)))
    step, left = time / 2**halvings, 2**halvings
    missed = 0.0
    for _ in range(MOST_IMPLICIT_STEPS):
        if left == 0:
            return values, missed
        twice = after(after(values, step), step)
        error = float(np.abs(twice - after(values, 2 * step)).sum())
        moved = float(np.abs(twice - values).sum())
        if not error <= ACCEPTED * size:
            halvings += 1
            if halvings > MOST_HALVINGS or not np.isfinite(error):
                return None
            step, left = step / 2, 2 * left
            continue
        values, left = twice, left - 2
        missed += error / GAIN
        ahead = moved * (left / 2)
        if ahead <= LAW_SETTLED * size or (error > DOUBLED * size and moved <= max(STILL * size, NOISE * error)):
            return values, missed + ahead
        if error <= DOUBLED * size and left % 4 == 0:
            step, left, halvings = 2 * step, left // 2, halvings - 1
    return None
