"""Stationary laws on a line beside closed forms, in three readings: smooth, narrow, piecewise and infinite ones.

A miss is the total variation between the masses of the cells and the true ones, cut to the box; the error is
that of the law. True masses are differences of distribution functions, or Gauss's rule
on pieces of the cells.
"""

from __future__ import annotations

import numpy as np
import sympy
from scipy.special import gammainc
from scipy.stats import beta, gamma
from sweep import print_rows

from theory import (
    AntiIto,
    CallableLandscape,
    Density,
    FokkerPlanck,
    Grid,
    Isotropic,
    Ito,
    Langevin,
    Reflecting,
    Stratonovich,
    SymbolicLandscape,
    SymbolicTensor,
)

READINGS = (Ito(), Stratonovich(), AntiIto())
X = sympy.Symbol("x", real=True)
POINTS = 24  # of Gauss's rule on each piece of a cell


def pair(law: Density, masses: np.ndarray) -> tuple[float, float]:
    """Total variation to the true masses, and what the law says of its masses."""
    assert law.error is not None
    return float(np.abs(law.probabilities - masses / masses.sum()).sum() / 2), law.error


def integrals(log_density, grid: Grid, breaks=(), parts: int = 8) -> np.ndarray:
    """Masses of the cells by Gauss's rule on `parts` pieces of each, cut at `breaks` too."""
    faces = np.union1d(grid.refined(parts).edges[0], [b for b in breaks if grid.lower[0] < b < grid.upper[0]])
    nodes, weights = np.polynomial.legendre.leggauss(POINTS)
    half = np.diff(faces) / 2
    places = (faces[:-1] + half)[:, None] + half[:, None] * nodes
    logs = log_density(places)
    pieces = (np.exp(logs - logs.max()) * weights).sum(axis=1) * half
    cells = np.searchsorted(grid.edges[0], places[:, 0], side="right") - 1
    return np.bincount(cells, pieces, grid.cells[0])


def box(rng: np.random.Generator, centre: float, width: float) -> Grid:
    """A grid of 20 to 2000 cells that holds 4 to 12 widths on both sides, unevenly."""
    cells = int(np.exp(rng.uniform(np.log(20), np.log(2000))))
    return Grid(centre - width * rng.uniform(4, 12), centre + width * rng.uniform(4, 12), cells)


def langevin(drift: str, root: sympy.Expr, reading) -> Langevin:
    """The equation with this drift, as a landscape would have it, and this factor of D."""
    loss = sympy.integrate(-sympy.sympify(drift, {"x": X}), X)
    return Langevin(SymbolicLandscape(loss, ["x"]), SymbolicTensor(sympy.Matrix([[root]]), (X,)), reading)


def smooth(rng):
    """Quartic, cosh and trigonometric U, D = T (1 + a sin^2), h = -D U': p = D^(share - 1) exp(-U)."""
    reading = READINGS[rng.integers(3)]
    scale, shift, wave = rng.uniform(0.2, 3), rng.uniform(-2, 2), rng.uniform(0, 3)
    kind = rng.integers(3)
    z = (X - round(shift, 3)) / round(scale, 3)
    tilt = round(rng.uniform(-0.5, 0.5), 3)
    potential = [
        z**4 / 4 - z**2 * round(rng.uniform(-1, 3), 2) + tilt * z,
        2 * sympy.log(sympy.cosh(z)) + tilt * z,
    ]
    potential.append(z**2 / 2 + round(rng.uniform(0, 2), 2) * sympy.cos(3 * z))
    chosen = potential[kind]
    noise = round(rng.uniform(0.1, 2), 2) * (1 + round(wave, 2) * sympy.sin(z) ** 2)
    grid = box(rng, shift, scale)
    pull = sympy.lambdify(X, -noise * sympy.diff(chosen, X))
    log_noise, energy = sympy.lambdify(X, sympy.log(noise)), sympy.lambdify(X, chosen)
    loss = CallableLandscape(lambda w: 0 * w[..., 0], lambda w: -pull(w) + 0 * w, dim=1)
    sde = Langevin(loss, SymbolicTensor(sympy.Matrix([[sympy.sqrt(noise)]]), (X,)), reading)
    law = FokkerPlanck(sde, grid).stationary()
    return [pair(law, integrals(lambda w: (reading.share - 1) * log_noise(w) - energy(w), grid))]


def narrow(rng):
    """A double well near the limit of its cells: standard deviations of .3 to 4 cells."""
    grid = Grid(-2 + rng.uniform(-0.3, 0.3), 2 + rng.uniform(-0.3, 0.3), int(rng.uniform(20, 200)))
    deviation = grid.spacing[0] * np.exp(rng.uniform(np.log(0.3), np.log(4)))
    temperature = max(2 * deviation**2, 1.5e-4)
    law = FokkerPlanck(
        Langevin(SymbolicLandscape("(w**2 - 1)**2/4"), Isotropic(temperature, 1)), grid
    ).stationary()
    return [pair(law, integrals(lambda w: -((w**2 - 1) ** 2) / 4 / temperature, grid, parts=40))]


def piecewise(rng):
    """D and h constant on 2 to 5 pieces, which begin anywhere, on faces or on centres too."""
    reading = READINGS[rng.integers(3)]
    grid = Grid(-1, 1, int(np.exp(rng.uniform(np.log(20), np.log(500)))))
    count = int(rng.integers(1, 5))
    places = np.sort(rng.uniform(-0.9, 0.9, count))
    exact = rng.integers(3)
    if exact == 0:
        places = np.sort(rng.choice(grid.axes[0][1:-1], count, replace=False))
    if exact == 1:
        places = np.sort(rng.choice(grid.edges[0][1:-1], count, replace=False))
    levels, pulls = np.exp(rng.uniform(-2, 2, count + 1)), rng.uniform(-3, 3, count + 1)
    slopes = pulls / levels

    def index(w):
        return np.searchsorted(places, w)

    root = sympy.Piecewise(
        *[(sympy.sqrt(v), b > X) for v, b in zip(levels, places, strict=False)], (sympy.sqrt(levels[-1]), True)
    )
    loss = CallableLandscape(lambda w: 0 * w[..., 0], lambda w: -pulls[index(w)], dim=1)
    law = FokkerPlanck(
        Langevin(loss, SymbolicTensor(sympy.Matrix([[root]]), (X,)), reading), grid, Reflecting()
    ).stationary()
    knots = np.concatenate([[-1.0], places, [1.0]])

    def log_density(w):
        rise = sum(s * np.clip(w - a, 0, b - a) for s, a, b in zip(slopes, knots[:-1], knots[1:], strict=True))
        return rise + (reading.share - 1) * np.log(levels[index(w)])

    return [pair(law, integrals(log_density, grid, places, parts=2))]


def infinite(rng):
    """Gamma, Beta and |w|^-a laws with powers between -.97 and 1 at their ends."""
    reading = READINGS[rng.integers(3)]
    cells = int(np.exp(rng.uniform(np.log(20), np.log(2000))))
    kind = rng.integers(3)
    if kind == 0:
        k = round(rng.uniform(0.03, 2), 3)
        grid = Grid(0, rng.uniform(8, 30), cells)
        law = FokkerPlanck(langevin(f"{k - reading.share} - x", sympy.sqrt(X), reading), grid).stationary()
        return [pair(law, np.diff(gamma.cdf(grid.edges[0], k)))]
    if kind == 1:
        a, b = np.round(rng.uniform(0.03, 2, 2), 3)
        grid = Grid(0, 1, cells)
        drift = f"{a - reading.share} - ({a + b - 2 * reading.share})*x"
        law = FokkerPlanck(langevin(drift, sympy.sqrt(X * (1 - X)), reading), grid).stationary()
        above = -np.diff(beta.sf(grid.edges[0], a, b))
        return [pair(law, np.where(grid.axes[0] > 0.5, above, np.diff(beta.cdf(grid.edges[0], a, b))))]
    power = round(rng.uniform(-0.9, 0.95), 3)
    grid = Grid(0, rng.uniform(4, 8), cells) if rng.integers(2) else Grid(-4, 4, cells)
    sde = Langevin(SymbolicLandscape(f"w**2/2 + ({power})*log(abs(w))"), Isotropic(1.0, 1))
    law = FokkerPlanck(sde, grid, Reflecting()).stationary()
    edges = grid.edges[0]
    return [pair(law, np.diff(np.sign(edges) * gammainc((1 - power) / 2, edges**2 / 2)))]


KINDS = {
    "line, smooth, three readings": smooth,
    "line, wells of .3 to 4 cells": narrow,
    "line, D and drift that jump": piecewise,
    "line, infinite or with a root at an end": infinite,
}

if __name__ == "__main__":
    print_rows(KINDS, rounding=1e-12)
