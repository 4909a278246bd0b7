"""Equations of the plane whose stationary laws are known in closed form, for all solvers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_continuous_lyapunov

from theory import Density, Grid, Langevin, SymbolicLandscape
from theory.tensors.constant import Constant

Array = NDArray[np.float64]
WELL = "30*(x**2 - 1)**2 + x + 8*y**2"


@dataclass(frozen=True)
class Problem:
    name: str
    sde: Langevin
    grid: Grid
    log_density: Array
    drift_text: tuple[str, str]  # of py-pde
    horizon: float

    @property
    def exact(self) -> Array:
        return Density.from_log(self.grid, self.log_density).values

    @property
    def tensor(self) -> Array:
        return np.asarray(self.sde.tensor(np.zeros(2)))

    def drift(self, *x: Array) -> Array:
        return np.moveaxis(self.sde.drift(np.stack(x, axis=-1)), -1, 0)


def rotated(anisotropy: float, n: int) -> Problem:
    """Drift -[[1, .6], [-1.4, 1.2]] x that turns walkers across the weak direction of noise at 30 degrees."""
    along = np.array([np.cos(np.pi / 6), np.sin(np.pi / 6)])
    tensor = (np.outer(along, along) * (anisotropy - 1) + np.eye(2)) / anisotropy
    covariance = solve_continuous_lyapunov(np.array([[1, 0.6], [-1.4, 1.2]]), 2 * tensor)
    side = 6 * np.sqrt(np.diag(covariance))
    grid = Grid(tuple(-side), tuple(side), [n, n])
    log_density = -np.einsum("...i,ij,...j->...", grid.centers, np.linalg.inv(covariance), grid.centers) / 2
    turn = lambda w: np.stack([-0.6 * np.asarray(w)[..., 1], 1.4 * np.asarray(w)[..., 0]], axis=-1)  # noqa: E731
    sde = Langevin(SymbolicLandscape("x**2/2 + 0.6*y**2"), Constant(tensor), extra_drift=turn)
    texts = ("-(x + 0.6*y)", "-(1.2*y - 1.4*x)")
    return Problem(f"rotated OU {anisotropy:g}", sde, grid, log_density, texts, horizon=12)


def double_well(n: int, *, hidden: bool) -> Problem:
    """Wells 30 temperatures deep, the left one lower by 2; `hidden` keeps the potential from gibbsgap.

    A separable quartic flatters extrapolation: the mesh error of log p ends after a few powers of the spacing.
    """
    landscape = SymbolicLandscape(WELL)
    sde = Langevin(landscape, Constant(np.eye(2)), extra_drift=np.zeros_like if hidden else None)
    grid = Grid([-1.6, -1.5], [1.6, 1.5], [n, n])
    name = "well 30, drift only" if hidden else "well 30"
    texts = ("-(120*x*(x**2 - 1) + 1)", "-16*y")
    return Problem(name, sde, grid, -landscape.value(grid.centers), texts, horizon=1)


PROBLEMS: dict[str, Callable[[int], Problem]] = {
    "rotated OU 1": lambda n: rotated(1, n),
    "rotated OU 10": lambda n: rotated(10, n),
    "rotated OU 100": lambda n: rotated(100, n),
    "rotated OU 1000": lambda n: rotated(1000, n),
    "well 30": lambda n: double_well(n, hidden=False),
    "well 30, drift only": lambda n: double_well(n, hidden=True),
}
