"""Regions of parameter space that walkers leave or reach."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import sympy

from theory.base.arrays import Array, Booleans, flagged
from theory.base.errors import InputError, require
from theory.landscapes.compiled import CompiledField
from theory.landscapes.expression import parse_expression

RegionLike: TypeAlias = str | Callable[[Array], Booleans]


@dataclass(frozen=True)
class EventRegion:
    """Points for which an inequality or a function holds.

    Parameters
    ----------
    function
        Points (n, d) to flags (n,).
    margin
        Positive inside, for compiled loops; None where there is no formula.
    """

    function: Callable[[Array], Booleans]
    margin: CompiledField | None = None

    def holds(self, points: Array) -> Booleans:
        """Whether each of `points` (n, d) lies in the region.

        Raises
        ------
        InputError
            If the function gives no flags (n,).
        """
        return flagged(self.function, points, "region")


def read_region(region: RegionLike, variables: Sequence[str]) -> EventRegion:
    """The region that text such as "x < -0.6 and y**2 < 1" or a function of points (n, d) describes.

    Text is read as data: comparisons of formulas in `variables`, joined by `and`, `or`, `not`. Boundaries have
    measure zero: < and <= mean the same.

    Raises
    ------
    InputError
        If the text does not parse, or holds something else than comparisons.
    """
    if callable(region):
        return EventRegion(region)
    require(isinstance(region, str), f"a region must be text or a function of points, got {region!r}")
    try:
        tree = ast.parse(region.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InputError(f"region {region!r} does not parse; write it like 'w < -0.6 and w > -3'") from None
    symbols = tuple(sympy.Symbol(name, real=True) for name in variables)
    margin = CompiledField((_margin(tree.body, region.strip(), variables),), symbols)
    return EventRegion(lambda points: np.asarray(margin(points)[..., 0] > 0), margin)


def _margin(node: ast.expr, text: str, variables: Sequence[str]) -> sympy.Expr:
    """An expression that is positive where `node` holds."""
    match node:
        case ast.BoolOp(op=op, values=parts):
            margins = [_margin(part, text, variables) for part in parts]
            return sympy.Min(*margins) if isinstance(op, ast.And) else sympy.Max(*margins)
        case ast.UnaryOp(op=ast.Not(), operand=part):
            return -_margin(part, text, variables)
        case ast.Compare(left=left, ops=signs, comparators=others):
            sides = [
                parse_expression(ast.get_source_segment(text, side) or "", variables) for side in (left, *others)
            ]
            margins = []
            for sign, low, high in zip(signs, sides[:-1], sides[1:], strict=True):
                require(
                    isinstance(sign, ast.Lt | ast.LtE | ast.Gt | ast.GtE),
                    f"region {text!r} must compare by <, <=, > or >=",
                )
                margins.append(high - low if isinstance(sign, ast.Lt | ast.LtE) else low - high)
            return margins[0] if len(margins) == 1 else sympy.Min(*margins)
        case _:
            raise InputError(f"region {text!r} must be made of comparisons, like 'w < -0.6 and w > -3'")
