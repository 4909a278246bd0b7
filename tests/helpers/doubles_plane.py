"""Equations given by functions, and one with a known law, a current and a turning tensor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from theory.base.arrays import Array, ArrayLike

Field = Callable[[Array], Array]
Formula = Callable[[sp.Symbol, sp.Symbol], Any]


@dataclass(frozen=True)
class PlaneEquation:
    drift: Field
    tensor: Field
    divergence: Field = np.zeros_like
    potential: Callable[[Array], Array | None] = lambda w: None
    dim: int = 2


def constant(matrix: ArrayLike) -> Field:
    return lambda w: np.broadcast_to(np.array(matrix, dtype=float), (*w.shape, w.shape[-1])).copy()


def isotropic(potential: Field, dim: int = 2) -> PlaneEquation:
    """The known potential decides; a drift that is asked for is a mistake."""

    def unused(w: Array) -> Array:
        raise AssertionError("the drift is not needed where the potential is known")

    return PlaneEquation(unused, constant(np.eye(dim)), np.zeros_like, potential, dim)


def linear(pull: ArrayLike, tensor: ArrayLike) -> PlaneEquation:
    """Ornstein-Uhlenbeck: drift -pull w."""
    return PlaneEquation(lambda w: -w @ np.array(pull, dtype=float).T, constant(tensor))


def _field(symbols: Sequence[sp.Symbol], expression: sp.Expr | sp.MatrixBase) -> Field:
    shape = sp.Matrix(expression).shape if isinstance(expression, sp.MatrixBase) else ()
    function = sp.lambdify(symbols, sp.flatten(expression) if shape else [expression], "numpy", cse=True)

    def field(w: Array) -> Array:
        parts = [np.broadcast_to(part, w.shape[:-1]) for part in function(*np.moveaxis(w, -1, 0))]
        stacked = np.stack(parts, axis=-1)
        if not shape:
            return stacked[..., 0]
        return stacked if shape[1] == 1 else stacked.reshape(*w.shape[:-1], *shape)

    return field


def manufactured(
    phi: Formula, tensor: Formula, stream: Formula, *, reading: int = 1
) -> tuple[PlaneEquation, Field]:
    """Law exp(-Phi), from b = div(D + A) - (D + A) grad Phi with A12 = `stream`; `reading` 0 forgets div D."""
    x, y = symbols = sp.symbols("x y")
    potential, turn, spread = phi(x, y), stream(x, y), tensor(x, y)
    slope = sp.Matrix([sp.diff(potential, x), sp.diff(potential, y)])
    turning = sp.Matrix([[0, turn], [-turn, 0]])

    def divergence(matrix: sp.Matrix) -> sp.Matrix:
        return sp.Matrix([sp.diff(matrix[i, 0], x) + sp.diff(matrix[i, 1], y) for i in range(2)])

    drift = reading * divergence(spread) + divergence(turning) - (spread + turning) * slope
    push, tensors, slopes = (_field(symbols, item) for item in (drift, spread, divergence(spread)))
    return PlaneEquation(push, tensors, slopes), _field(symbols, potential)


def turning_tensor(x: sp.Expr, y: sp.Expr) -> sp.Matrix:
    """Eigenvalues about 2 and 1/2 that vary, in a frame that turns."""
    angle = sp.Rational(1, 2) + sp.sin(x) / 2 + y / 3
    frame = sp.Matrix([[sp.cos(angle), -sp.sin(angle)], [sp.sin(angle), sp.cos(angle)]])
    return frame * sp.diag(2 + sp.sin(y) / 2, sp.Rational(1, 2) + sp.cos(x) / 5) * frame.T
