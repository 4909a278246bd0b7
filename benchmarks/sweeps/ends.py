"""Coverage of laws in time where noise ends, walls stand, or all is settled: ``... ends.py ROW SEED MEMBERS``."""

from __future__ import annotations

import numpy as np
import sympy
from evolution import Masses, Pairs, drawn, missed
from scipy.linalg import expm
from scipy.special import gammainc, gammaincc, ndtr
from scipy.stats import beta, poisson
from sweep import print_rows

from theory import Density, FokkerPlanck, Grid, Langevin, Reflecting, SymbolicLandscape, SymbolicTensor
from theory.base.arrays import Array

X = sympy.Symbol("x", real=True)


def equation(loss: str, root: sympy.Expr) -> Langevin:
    """DX = -L' dt + sqrt(2) root dW."""
    return Langevin(SymbolicLandscape(loss, ["x"]), SymbolicTensor(sympy.Matrix([[root]]), (X,)))


def later(equation: FokkerPlanck, masses: Masses, times: list[float]) -> Pairs:
    start = Density.normalised(equation.grid, masses(0.0), cell_averages=True)
    return missed(equation.evolve(start, times), times, masses)


def square_root(rng: np.random.Generator) -> Pairs:
    """DX = (k - X) dt + sqrt(2X) dW from what has run for a while from a point: noncentral chi-square."""
    k, n = drawn(rng, 0.05, 5), int(rng.integers(50, 300))
    place, age = rng.uniform(0, 3), drawn(rng, 0.05, 1)
    grid = Grid(0.0, 28 + 5 * k, n)
    times = sorted(drawn(rng, 1e-2, 10) for _ in range(2))

    def masses(time: float) -> Array:
        scale = -1 / np.expm1(-(age + time))
        met = scale * place * np.exp(-(age + time))
        counts = np.arange(int(met + 14 * np.sqrt(met) + 40))
        below = gammainc(k + counts[:, None], scale * grid.edges[0])
        above = gammaincc(k + counts[:, None], scale * grid.edges[0])
        return np.asarray(poisson.pmf(counts, met) @ np.where(below[:, 1:] < 0.5, np.diff(below), -np.diff(above)))

    return later(FokkerPlanck(equation(f"x**2/2 - {k!r}*x", sympy.sqrt(X)), grid), masses, times)


def wright_fisher(rng: np.random.Generator) -> Pairs:
    """D = x (1 - x) with mutation both ways: laws from Beta(a + i, b + j) are mixtures of such, by pure death.

    References
    ----------
    Papaspiliopoulos & Ruggiero (2014), "Optimal filtering and the dual process".
    """
    (a, b), n = (drawn(rng, 0.05, 5) for _ in range(2)), int(rng.integers(30, 200))
    most = rng.integers(0, 12, 2)
    grid = Grid(0.0, 1.0, n)
    times = sorted(drawn(rng, 1e-3, 3) for _ in range(2))
    shape = tuple(most + 1)
    here = np.stack(np.unravel_index(np.arange(np.prod(shape)), shape), axis=-1)
    rates = np.zeros((len(here), len(here)))
    for state, counts in enumerate(here):
        left = counts.sum()
        for kind in np.flatnonzero(counts):
            rate = counts[kind] * (a + b + left - 1)
            fewer = counts - np.eye(2, dtype=int)[kind]
            rates[np.ravel_multi_index(tuple(fewer), shape), state] += rate
            rates[state, state] -= rate
    below, above = (np.stack([of(grid.edges[0], a + i, b + j) for i, j in here]) for of in (beta.cdf, beta.sf))
    parts = np.where(below[:, 1:] < 0.5, np.diff(below), -np.diff(above))

    def masses(time: float) -> Array:
        return np.asarray(expm(rates * time)[:, -1] @ parts)

    loss = f"-({a!r})*x + ({a + b!r})*x**2/2"
    return later(FokkerPlanck(equation(loss, sympy.sqrt(X * (1 - X))), grid), masses, times)


def growth(rng: np.random.Generator) -> Pairs:
    """Geometric Brownian motion between walls that are asked for: in log x a series of cosines and sines."""
    rate, noise = rng.uniform(-2, 2), drawn(rng, 0.1, 2)
    low, high, n = drawn(rng, 0.2, 1), drawn(rng, 2, 8), int(rng.integers(50, 250))
    grid, width = Grid(low, high, n), np.log(high / low)
    place, age = rng.uniform(0.1, 0.9) * width, drawn(rng, 2e-3, 0.1) * width**2 / noise
    times = sorted(drawn(rng, 1e-3, 3) * width**2 / noise for _ in range(2))
    tilt = (rate - noise) / (2 * noise)  # of exp in log x, where the drift is rate - noise
    nodes, weights = np.polynomial.legendre.leggauss(8)
    edges = grid.edges[0]
    points = (edges[:-1, None] + np.diff(edges)[:, None] / 2 * (1 + nodes)).ravel()
    z = np.log(points / low)
    waves = np.pi / width * np.arange(1, 400)[:, None]

    def shapes(at: Array) -> Array:
        return np.cos(waves * at) + tilt / waves * np.sin(waves * at)

    own = tilt / np.expm1(2 * tilt * width) * 2 * np.exp(2 * tilt * z)
    both = np.exp(tilt * (z - place)) * shapes(z) * shapes(np.array([place]))
    both *= 2 / width / (1 + (tilt / waves) ** 2)

    def masses(time: float) -> Array:
        fading = np.exp(-noise * (waves**2 + tilt**2) * (age + time))
        law = (own + (fading * both).sum(axis=0)) / points
        return np.asarray((law.reshape(n, -1) @ weights) * grid.spacing[0] / 2)

    sde = equation(f"-({rate!r})*x**2/2", sympy.Float(float(np.sqrt(noise))) * X)
    start = Density.normalised(grid, np.maximum(masses(0.0), 0.0), cell_averages=True)
    return missed(FokkerPlanck(sde, grid, Reflecting()).evolve(start, times), times, masses)


def cold(rng: np.random.Generator) -> Pairs:
    """A sinh of an Ornstein-Uhlenbeck process of any temperature, or itself, late."""
    bent, pull, variance = bool(rng.integers(2)), drawn(rng, 0.1, 10), drawn(rng, 1e-9, 1e-2)
    mean, sd = rng.uniform(-1.4, 1.4), drawn(rng, 0.05, 0.3)
    noise = pull * variance
    grid = Grid(-6.0, 6.0, int(rng.integers(30, 200)))
    times = [rng.uniform(3, 12) / pull, rng.uniform(12, 60) / pull]
    faces = np.arcsinh(grid.edges[0]) if bent else grid.edges[0]

    def masses(time: float) -> Array:
        spread = variance + (sd**2 - variance) * np.exp(-2 * pull * time)
        places = (faces - mean * np.exp(-pull * time)) / np.sqrt(spread)
        return np.where(places[:-1] < 0, np.diff(ndtr(places)), -np.diff(ndtr(-places)))

    if not bent:
        return later(FokkerPlanck(equation(f"{pull!r}*x**2/2", sympy.Float(noise**0.5)), grid), masses, times)
    y, root = "log(x + sqrt(1 + x**2))", sympy.sqrt(1 + X**2)
    loss = f"{pull!r}*({y}*x*sqrt(1 + x**2) + {y}**2/2 - x**2/2)/2 - {noise!r}*x**2/2"
    return later(FokkerPlanck(equation(loss, sympy.Float(noise**0.5) * root), grid), masses, times)


KINDS = {
    "laws in time, square-root noise": square_root,
    "laws in time, Wright–Fisher noise": wright_fisher,
    "laws in time, growth between walls": growth,
    "laws in time, cold and late": cold,
}

if __name__ == "__main__":
    print_rows(KINDS, members=100, rounding=2e-11)
