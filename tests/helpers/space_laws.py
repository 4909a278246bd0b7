"""A law in space that is known, with a tensor that turns and a current."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import sympy as sp
from doubles_plane import Field, PlaneEquation, _field

from theory.laws.grid import Grid


def turning_well() -> tuple[PlaneEquation, Callable[[int], Grid], Field]:
    """The equation, its grid of n^3 cells, and its log law: b = div(D + A) - (D + A) grad Phi, A antisymmetric."""
    symbols = x, y, z = sp.symbols("x y z")
    phi = x**2 / 2 + y**2 / 2 + z**2 / 2 + x * y / 5 + sp.cos(x) / 4 + sp.sin(y + z) / 5
    frame = sp.eye(3)
    for i, j, angle in ((0, 1, sp.sin(z) / 4), (1, 2, sp.Rational(1, 3) + sp.cos(x) / 5)):
        turn = sp.eye(3)
        turn[i, i] = turn[j, j] = sp.cos(angle)
        turn[i, j], turn[j, i] = -sp.sin(angle), sp.sin(angle)
        frame = frame * turn
    tensor = frame * sp.diag(sp.Rational(3, 2), 1, sp.Rational(3, 5) + sp.sin(y) / 10) * frame.T
    stream = [sp.sin(x + y), sp.cos(z) / 2, x / 5]
    turning = sp.Matrix([[0, stream[0], -stream[1]], [-stream[0], 0, stream[2]], [stream[1], -stream[2], 0]])
    slope = sp.Matrix([sp.diff(phi, s) for s in symbols])

    def divergence(matrix: sp.Matrix) -> sp.Matrix:
        return sp.Matrix([sum(sp.diff(matrix[i, j], symbols[j]) for j in range(3)) for i in range(3)])

    drift = divergence(tensor) + divergence(turning) - (tensor + turning) * slope
    push, spread, slopes = (_field(symbols, item) for item in (drift, tensor, divergence(tensor)))
    log_law = _field(symbols, -phi)
    return PlaneEquation(push, spread, slopes, dim=3), (lambda n: Grid([-5] * 3, [5] * 3, [n] * 3)), log_law


def current_is_there() -> float:
    """The largest drift beyond that of a law without a current, -D grad Phi + div D, on a few points."""
    equation, grid, log_law = turning_well()
    points = grid(6).centers
    step = 1e-5
    slope = np.stack([(log_law(points + h) - log_law(points - h)) / (2 * step) for h in step * np.eye(3)], axis=-1)
    reversible = np.einsum("...ij,...j->...i", equation.tensor(points), slope) + equation.divergence(points)
    return float(np.abs(equation.drift(points) - reversible).max())
