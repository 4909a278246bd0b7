"""Paths w(u) that end at a point as u decreases to 0."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import sympy

from theory.base.arguments.answers import called
from theory.base.arguments.numbers import MISFIT, numbers_of
from theory.base.arrays import Array, ArrayLike
from theory.base.errors import require
from theory.landscapes.compiled import CompiledField
from theory.landscapes.symbolic import read_formula
from theory.models.product import exact

Formulas: TypeAlias = Sequence[str | sympy.Expr | float]
Path: TypeAlias = Formulas | Callable[[Array], ArrayLike]

DISTANCE = sympy.Symbol("u", real=True)


def line(at: ArrayLike, direction: ArrayLike) -> tuple[sympy.Expr, ...]:
    """The straight path at + u direction, with decimals read as the fractions that they spell.

    Raises
    ------
    InputError
        If the shapes differ or the direction is zero.
    """
    ends = np.atleast_1d(np.asarray(at, dtype=np.float64)), np.atleast_1d(np.asarray(direction, dtype=np.float64))
    require(
        ends[0].ndim == 1 and ends[0].shape == ends[1].shape,
        f"a line needs a point and a direction of one length, got shapes {ends[0].shape} and {ends[1].shape}",
    )
    require(
        bool(np.isfinite(ends).all() and ends[1].any()),
        f"a line needs a finite point and a direction other than 0, got {ends[0].tolist()} and {ends[1].tolist()}",
    )
    return tuple(exact(a) + exact(d) * DISTANCE for a, d in zip(*ends, strict=True))


def read_path(path: Path, dim: int) -> tuple[sympy.Expr, ...] | Callable[[Array], ArrayLike]:
    """The formulas of a path in u, or the function that it is.

    Raises
    ------
    InputError
        If there is not one formula for each of `dim` components.
    """
    if callable(path):
        return path
    require(
        not isinstance(path, str) and len(path) == dim,
        f"`path` must be a function of u or one formula in u for each of {dim} components, got {path!r}",
    )
    return tuple(
        read_formula(part if isinstance(part, str | sympy.Expr) else exact(part), ["u"])[0] for part in path
    )


def points_on(path: tuple[sympy.Expr, ...] | Callable[[Array], ArrayLike], distances: Array, dim: int) -> Array:
    """The points at the distances u (n,), shape (n, d).

    Raises
    ------
    InputError
        If the path does not give a point for each distance.
    """
    if callable(path):
        found = numbers_of(called(path, distances, "path"))
        fits = found is not MISFIT and found.dtype.kind in "biuf" and found.shape == (len(distances), dim)
        got = "no numbers" if found is MISFIT else f"{found.dtype} of shape {found.shape}"
        require(
            fits,
            f"`path` must map distances of shape {distances.shape} to points {(len(distances), dim)}, got {got}",
        )
        return np.asarray(found, dtype=np.float64)
    return CompiledField(path, (DISTANCE,))(distances[:, None])
