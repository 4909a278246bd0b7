"""Landscapes with barriers, and mean passage times by quadrature and by the solver."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy

from theory import (
    AntiIto,
    FokkerPlanck,
    Grid,
    Isotropic,
    Ito,
    Langevin,
    ProductModel,
    Stratonovich,
    SymbolicLandscape,
    SymbolicTensor,
)
from theory.base.arrays import Array, ArrayLike, Booleans

W = sympy.Symbol("w", real=True)
WELL = SymbolicLandscape("(w**2 - 1)**2/4")
SLANTED = SymbolicLandscape("(w**2 - 1)**2/4 + w/8 + w**3/9")
VALLEY = SymbolicLandscape("(x**2 - 1)**2/4 + (1 + 2*x**2)*y**2/2")
SHARP = ProductModel("(w + 1.8)*(w - 1.8)**2", loss_scale=1.0)
CRITICAL = np.roots([1, 1 / 3, -1, 1 / 8]).real  # of SLANTED
READINGS = (Ito(), Stratonovich(), AntiIto())
TEMPERATURES = (0.1, 0.05, 0.03, 0.02, 0.01, 0.005)


def right(w: Array) -> Booleans:
    return w[..., 0] > 1


def log_time(sde: Any, start: float, end: float, lower: float = -3.5) -> float:
    """Logarithm of the mean time from start to end, int dy s(y) int dz m(z), by the trapezoidal rule."""
    step = (end - start) / 200_000  # both ends are nodes
    count = 200_000 + int((start - lower) / step)
    w = end - step * np.arange(count, -1, -1)
    noise = sde.tensor(w[:, None])[:, 0, 0]
    pull = sde.drift(w[:, None])[:, 0] / noise  # the Ito drift
    climb = np.concatenate([[0], np.cumsum((pull[1:] + pull[:-1]) / 2)]) * step
    logs = climb - np.log(noise)
    below = np.logaddexp.accumulate(logs)
    below += np.log1p(-np.exp(logs - below) / 2)  # the last one counts half
    terms = (below - climb)[-200_001:]
    terms[[0, -1]] -= np.log(2)
    return float(np.logaddexp.reduce(terms) + 2 * np.log(step))


def slope_of(errors: ArrayLike, temperatures: ArrayLike) -> float:
    return float(np.polyfit(np.log(temperatures), np.log(np.abs(errors)), 1)[0])


def solved(landscape: Any, temperature: float) -> float:
    equation = FokkerPlanck(Langevin(landscape, Isotropic(temperature, 1)), Grid(-2.5, 2.5, 400))
    return float(equation.mean_first_passage_time(right).mean.at(-1.0))


def state_noise(scale: float) -> SymbolicTensor:
    return SymbolicTensor(sympy.Matrix([sympy.sqrt(scale * (1 + W**2 / 2 + W / 3))]), (W,))
