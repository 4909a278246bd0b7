"""Learning coefficients of deep linear networks in closed form."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from theory.base.errors import require
from theory.learning.coefficient import LearningCoefficient


def linear_network_coefficient(widths: Sequence[int], rank: int = 0) -> LearningCoefficient:
    """The learning coefficient of a deep linear network at the worst of the parameters that give the truth.

    The model is y = W_L ... W_1 x + noise with W_k of shape (widths[k], widths[k - 1]); the true product has rank
    `rank`. Of the excess widths D_k = widths[k] - rank those of a set S of l + 1 layers count: the smallest ones
    for which sum D >= l max D within S and sum D < l min D outside. With s = sum over S of D and
    a = s - l (ceil(s/l) - 1),

        lambda = (rank (widths[0] + widths[L]) - rank^2)/2 + a (l - a)/(4 l) - (l - 1) s^2/(4 l)
                 + (1/2) sum over pairs of S of D_i D_j,     m = a (l - a) + 1.

    Two layers are reduced-rank regression. Exact; inputs must have a covariance of full rank.

    Parameters
    ----------
    widths
        Inputs, hidden layers, outputs: at least two whole numbers >= 1.
    rank
        Of the true map, from 0 to the least width.

    Raises
    ------
    InputError
        If a width is no positive whole number or the rank out of range.

    References
    ----------
    Aoyagi & Watanabe (2005), Neural Networks 18, 924 (two layers); Aoyagi (2024), Neural Networks 172, 106132.
    """
    require(
        len(widths) >= 2 and all(n == int(n) and n >= 1 for n in widths),
        f"`widths` must be at least two whole numbers >= 1, got {widths}",
    )
    require(
        rank == int(rank) and 0 <= rank <= min(widths),
        f"`rank` must be a whole number from 0 to the least width, {min(widths)}, got {rank}",
    )
    excess = sorted(int(n) - int(rank) for n in widths)
    size = next(k for k in range(2, len(excess) + 1) if _is_chosen(excess, k))
    layers, steps = excess[:size], size - 1
    total = sum(layers)
    remainder = total - steps * (-(-total // steps) - 1)
    pairs = (total**2 - sum(n * n for n in layers)) // 2
    value = (
        Fraction(rank * (widths[0] + widths[-1]) - rank**2, 2)
        + Fraction(remainder * (steps - remainder), 4 * steps)
        - Fraction((steps - 1) * total**2, 4 * steps)
        + Fraction(pairs, 2)
    )
    return LearningCoefficient(value, remainder * (steps - remainder) + 1)


def _is_chosen(excess: Sequence[int], size: int) -> bool:
    """Whether the `size` smallest excess widths, in order, are the set that counts."""
    inside, outside, steps = excess[:size], excess[size:], size - 1
    if outside and outside[0] == inside[-1]:
        return False  # equal widths count together
    total = sum(inside)
    return total >= steps * inside[-1] and (not outside or total < steps * outside[0])
