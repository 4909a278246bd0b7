"""Moments of the gradient of a batch and of its squares, as formulas or as numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy

from theory.models import ProductModel
from theory.models.product import exact

Entries = tuple[Any, ...]  # formulas, or arrays (...)


@dataclass(frozen=True)
class BatchMoments:
    """What rules with averages need to know of g, the gradient of a batch, component by component.

    Parameters
    ----------
    mean, square, cube
        E g_i, E g_i^2 and E g_i^3.
    rows
        A factor of the covariance of g, row by row.
    square_rows
        One of the g_i^2, whose first channels are those of `rows` and whose other ones are independent of them.
    """

    mean: Entries
    square: Entries
    cube: Entries
    rows: tuple[Entries, ...]
    square_rows: tuple[Entries, ...]


def normal_moments(mean: Sequence[Any], root: Sequence[Sequence[Any]], order: int) -> BatchMoments:
    """Those of a normal g with this mean and this factor R of its covariance, row by row; of squares for order 2.

    g_i^2 = mu_i^2 + 2 mu_i (R z)_i + (R z)_i^2, and the last is a sum of R_ia^2 z_a^2 and 2 R_ia R_ib z_a z_b,
    which are uncorrelated with each other and with z: the squares have Brownian motions of their own.
    """
    rows = tuple(tuple(row) or (0,) for row in root)  # a channel without noise where there is none
    variances = [sum(r * r for r in row) for row in rows]
    pairs = [(a, b) for a in range(len(rows[0])) for b in range(a + 1) if order > 1]
    own = [[(math.sqrt(2) if a == b else 2) * row[a] * row[b] for a, b in pairs] for row in rows]
    return BatchMoments(
        tuple(mean),
        tuple(mu * mu + c for mu, c in zip(mean, variances, strict=True)),
        tuple(mu**3 + 3 * mu * c for mu, c in zip(mean, variances, strict=True)),
        rows,
        tuple((*(2 * mu * r for r in row), *more) for mu, row, more in zip(mean, rows, own, strict=True)),
    )


def product_moments(model: ProductModel, batch_size: int, shift: Sequence[Any]) -> BatchMoments:
    """Those of fresh batches of a `ProductModel` of one output, exactly, with `shift` added to g.

    g = X grad q with X = 2 s (q S - e), where S is chi-square over the batch size and e given S normal.
    """
    twice, q, variance = 2 * exact(model.loss_scale), model.scaled_q[0], exact(model.noise_std) ** 2
    powers, x, noise = _powers(batch_size), sympy.Symbol("x", real=True), sympy.Symbol("e", real=True)
    spread = noise / batch_size  # variance of e for S = 1
    first = twice * x
    second = twice**2 * (x**2 * powers[2] + spread)
    third = twice**3 * (x**3 * powers[3] + 3 * x * spread * powers[2])
    fourth = twice**4 * (x**4 * powers[4] + 6 * x**2 * spread * powers[3] + 3 * spread**2 * powers[2])
    own = sympy.factor(second - first**2)
    joint = sympy.factor(third - first * second)
    left = sympy.cancel(fourth - second**2 - joint**2 / own) if own != 0 else sympy.Integer(0)
    known = {x: q, noise: variance}
    std, rest = sympy.sqrt(own), sympy.sqrt(left)
    turn = sympy.cancel(joint / own) if own != 0 else sympy.Integer(0)  # known too where both are 0
    std, turn, rest, first, second, third = (
        formula.xreplace(known) for formula in (std, turn, rest, first, second, third)
    )
    slopes = [sympy.diff(q, v) for v in model.variables]
    return BatchMoments(
        tuple(a + j * first for a, j in zip(shift, slopes, strict=True)),
        tuple(a**2 + 2 * a * j * first + j**2 * second for a, j in zip(shift, slopes, strict=True)),
        tuple(
            a**3 + 3 * a**2 * j * first + 3 * a * j**2 * second + j**3 * third
            for a, j in zip(shift, slopes, strict=True)
        ),
        tuple((j * std,) for j in slopes),
        tuple((2 * a * j * std + j**2 * turn * std, j**2 * rest) for a, j in zip(shift, slopes, strict=True)),
    )


def _powers(batch_size: int) -> list[sympy.Rational]:
    """E S^k of S, chi-square over the batch size, for k from 0 to 4."""
    found = [sympy.Integer(1)]
    for k in range(4):
        found.append(found[-1] * sympy.Rational(batch_size + 2 * k, batch_size))
    return found
