"""What kind of noise an equation has: derivatives of its factor along itself, and identities between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sympy

from theory.equations import Langevin
from theory.landscapes.compiled import CompiledField
from theory.landscapes.symbolic import derivative

Columns = list[list[sympy.Expr]]
SCALES, POINTS_A_SCALE = (0.3, 1.0, 3.0), 32  # standard deviations of the points, and so many at each
ALIKE = 1e-9  # relative: values of two formulas that may be one


def columns_of(sde: Langevin) -> Columns:
    """The columns g_1 ... g_m of sqrt(2) times the factor of D; for formulas only."""
    assert sde.compiled is not None
    factor = sde.compiled.expressions[sde.dim :]
    channels = len(factor) // sde.dim
    return [list(factor[k::channels]) for k in range(channels)]


def along(
    first: Sequence[sympy.Expr], second: Sequence[sympy.Expr], variables: Sequence[sympy.Symbol]
) -> list[sympy.Expr]:
    """L^j g^k: the derivative of the column `second` along the column `first`."""
    return [sum(f * derivative(s, v) for f, v in zip(first, variables, strict=True)) for s in second]


def commutes(sde: Langevin) -> bool:
    """Whether L^j g^k = L^k g^j for all channels of a formula."""
    assert sde.compiled is not None
    columns, variables = columns_of(sde), sde.compiled.variables
    pairs = [(a, b) for i, a in enumerate(columns) for b in columns[:i]]
    left = [e for a, b in pairs for e in along(a, b, variables)]
    right = [e for a, b in pairs for e in along(b, a, variables)]
    return same(left, right, variables)


def same(left: Sequence[sympy.Expr], right: Sequence[sympy.Expr], variables: tuple[sympy.Symbol, ...]) -> bool:
    """Whether two lists of formulas are identical functions: to rounding at 96 scattered points."""
    if all(sympy.expand(a - b) == 0 for a, b in zip(left, right, strict=True)):
        return True
    scales = np.repeat(SCALES, POINTS_A_SCALE)[:, None]
    points = scales * np.random.default_rng(0).normal(size=(len(scales), len(variables)))
    values = CompiledField((*left, *right), variables)(points)
    a, b = np.split(values, 2, axis=-1)
    seen = np.isfinite(a) & np.isfinite(b)
    size = np.maximum(np.abs(a), np.abs(b)).max(axis=-1, keepdims=True, initial=0.0, where=seen)
    with np.errstate(invalid="ignore"):
        close = np.abs(a - b) <= ALIKE * size
    return bool(seen.any(axis=0).all() and close[seen].all())
