"""Laws of equations in the plane and in space that are known, and how far a computed one is from them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import sympy as sp
from doubles_plane import Field, PlaneEquation, linear, manufactured, turning_tensor
from scipy.linalg import solve_continuous_lyapunov

from theory.base.arrays import Array, ArrayLike
from theory.laws.density import Density
from theory.laws.grid import Grid

Case = tuple[PlaneEquation, Callable[[int], Grid], Field]  # the equation, its grid of n cells an axis, its log law
ROTATED = linear(np.diag([1, 3]), [[1, 0.6], [0.6, 1]])
ROTATED_COVARIANCE = [[1, 0.3], [0.3, 1 / 3]]


def rotated_grid(n: int) -> Grid:
    return Grid([-6, -3.5], [6, 3.5], [n, n])


def distance(law: Density, log_density: Field) -> float:
    """L1 distance to exp(log_density)."""
    exact = Density.from_log(law.grid, log_density(law.grid.centers))
    return float(np.abs(law.values - exact.values).sum() * law.grid.cell_volume)


def gaussian(covariance: ArrayLike) -> Field:
    precision = np.linalg.inv(np.asarray(covariance, dtype=float))
    return lambda w: -np.einsum("...i,ij,...j->...", w, precision, w) / 2


def slope(cells: ArrayLike, errors: ArrayLike) -> float:
    return -float(np.polyfit(np.log(cells), np.log(errors), 1)[0])


def across_the_weak_direction(anisotropy: float) -> Case:
    """Drift that turns walkers across the weak direction of the noise, its grid of n^2 cells, and its log law."""
    along = np.array([np.cos(np.pi / 6), np.sin(np.pi / 6)])
    tensor = (np.outer(along, along) * (anisotropy - 1) + np.eye(2)) / anisotropy
    pull = np.array([[1, 0.6], [-1.4, 1.2]])
    return _linear_case(pull, tensor, 6)


def turning_in_space(anisotropy: float) -> Case:
    """The same in three dimensions, with a full tensor."""
    frame, _ = np.linalg.qr(np.array([[1, 0.3, 0.2], [0.1, 1, 0.5], [-0.4, 0.2, 1]]))
    tensor = frame @ np.diag([1, anisotropy**-0.5, 1 / anisotropy]) @ frame.T
    return _linear_case(np.array([[1, 0.5, 0], [-0.5, 1.2, 0.3], [0, -0.4, 0.9]]), tensor, 5)


def _linear_case(pull: Array, tensor: Array, deviations: float) -> Case:
    covariance = solve_continuous_lyapunov(pull, 2 * tensor)
    side = deviations * np.sqrt(np.diag(covariance))
    field = linear(pull, tensor)
    equation = PlaneEquation(field.drift, field.tensor, dim=len(pull))
    return equation, (lambda n: Grid(list(-side), list(side), [n] * len(pull))), gaussian(covariance)


def valley(x: sp.Expr, y: sp.Expr) -> sp.Expr:
    return x**2 / 2 + y**4 / 4 + sp.Rational(3, 10) * x * y


def stream(x: sp.Expr, y: sp.Expr) -> sp.Expr:
    return sp.sin(x + y) + x


def turning_valley(*, reading: int = 1) -> tuple[PlaneEquation, Field]:
    """A turning tensor with a current, and its log law; `reading` 0 forgets div D."""
    equation, phi = manufactured(valley, turning_tensor, stream, reading=reading)
    return equation, lambda w: -phi(w)
