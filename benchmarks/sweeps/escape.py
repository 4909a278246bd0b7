"""Escape formulas beside exact mean passage times on a line, and Fokker-Planck where the drift circulates."""

from __future__ import annotations

import numpy as np
from sweep import print_rows

from theory import FokkerPlanck, Grid, Isotropic, Langevin, SymbolicLandscape, kramers_rate, langevin_escape_rate
from theory.landscapes.compiled import CompiledField


def log_time(landscape, temperature: float, start: float, end: float, lower: float) -> float:
    """Logarithm of the mean time from start to end, a double integral, by the trapezoidal rule."""
    w = np.linspace(lower, end, 100_001)
    height, step = landscape.value(w[:, None]) / temperature, w[1] - w[0]
    logs = -height
    below = np.logaddexp.accumulate(logs) + np.log1p(-np.exp(logs - np.logaddexp.accumulate(logs)) / 2)
    terms = (below + height)[w >= start]
    terms[-1] -= np.log(2)
    return float(np.logaddexp.reduce(terms) + 2 * np.log(step) - np.log(temperature))


def wells(rng: np.random.Generator) -> list[tuple[float, float]]:
    """A quartic with two wells, tilted, in any unit of w and of L."""
    unit, loss, tilt = 10.0 ** rng.uniform(-9, 9), 10.0 ** rng.uniform(-9, 9), rng.uniform(-0.25, 0.25)
    low, top, high = np.sort(np.roots([1, 0, -1, tilt]).real) * unit
    landscape = SymbolicLandscape(f"{loss!r}*(((w/{unit!r})**2 - 1)**2/4 + {tilt!r}*w/{unit!r})")
    barrier = float(landscape.value(np.array([top])) - landscape.value(np.array([low])))
    temperature = barrier / rng.uniform(3, 60)
    rate = kramers_rate(landscape, temperature, low, top)
    exact = log_time(landscape, temperature, low, high, low - 1.5 * unit)
    return [(abs(np.expm1(rate.log_value + exact)), rate.relative_error)]


def quartic_saddles(rng: np.random.Generator) -> list[tuple[float, float]]:
    """L = -w^4 + a w^5 + 2 w^6/3: the saddle is flat to second order."""
    bend = rng.uniform(-0.3, 0.3)
    landscape = SymbolicLandscape(f"-w**4 + {bend!r}*w**5 + 2*w**6/3")
    ends = np.roots([4, 5 * bend, -4]).real
    low, high = ends.min(), ends.max()
    temperature = -float(landscape.value(np.array([low]))) / rng.uniform(8, 100)
    rate = kramers_rate(landscape, temperature, low, 0.0)
    exact = log_time(landscape, temperature, low, high, low - 1.0)
    return [(abs(np.expm1(rate.log_value + exact)), rate.relative_error)]


def circulating(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Drift -grad U - c f J grad U in the plane, f = 1 or 1 + x/2, beside the solver on two meshes."""
    bend, strength, temperature = rng.uniform(-0.6, 0.6), rng.uniform(-1.5, 1.5), rng.uniform(0.035, 0.06)
    loss = SymbolicLandscape(f"(x**2 - 1)**2/4 + (y - {bend!r}*x)**2*(1 + x**2/2)/2")
    factor = strength * (1 + loss.variables[0] / 2 * rng.integers(2))
    first, second = loss.gradient_expressions
    flow = CompiledField((factor * second, -factor * first), loss.variables)
    sde, start = Langevin(loss, Isotropic(temperature, 2), extra_drift=flow), np.array([-1.0, -bend])
    rate = langevin_escape_rate(sde, start, (0, 0))
    rough, time = (passage(sde, start, cells) for cells in (64, 96))
    miss = max(abs(rate.value * time - 1) - rate.value * abs(time - rough), 0.0)
    return [(miss, rate.relative_error)]


def passage(sde: Langevin, start: np.ndarray, cells: int) -> float:
    """Mean time from `start` to beyond the saddle."""
    equation = FokkerPlanck(sde, Grid((-1.8, -1.9), (1.8, 1.9), (cells, cells)))
    return float(equation.mean_first_passage_time(lambda w: w[..., 0] > 0.8).mean.at(start[None])[0])


KINDS = {
    "Kramers on a line, any units": wells,
    "quartic saddles on a line": quartic_saddles,
}

if __name__ == "__main__":
    print_rows(KINDS, rounding=1e-7)
    print_rows({"circulating drifts in the plane": circulating}, rounding=1e-3)
