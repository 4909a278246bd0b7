"""Coverage of passage times, committors and rates of escape: ``python benchmarks/sweeps/passages.py``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import mpmath
import numpy as np
from sweep import print_rows

from theory import Absorbing, Constant, FokkerPlanck, Grid, Isotropic, Langevin, Reflecting, SymbolicLandscape

FREE = SymbolicLandscape("0*w")
PLANE = SymbolicLandscape("0*x*y")
SPACE = SymbolicLandscape("0*x*y*z")


def pushed(velocity, tensor):
    """Brownian motion with a constant drift."""
    velocity = np.atleast_1d(velocity)
    landscape = {1: FREE, 2: PLANE, 3: SPACE}[len(velocity)]
    return Langevin(landscape, tensor, extra_drift=lambda w: velocity + 0 * np.asarray(w))


def pairs(found, truth, cells):
    """Misses and errors of a field at some cells."""
    found = [(float(found.values[c]), float(found.error[c])) for c in cells]
    return [(abs(value - float(t)), error) for (value, error), t in zip(found, truth, strict=True)]


def relative(rows, truth):
    sizes = [max(float(t), 1e-300) for t in truth]
    return [(miss / size, error / size) for (miss, error), size in zip(rows, sizes, strict=True)]


def on_a_line(rng):
    """Brownian motion with drift between 0 and 1: two absorbing ends or one, times, spreads and committors."""
    peclet, noise = 10 ** rng.uniform(-2, 3), 10 ** rng.uniform(-1, 1)
    v = float(rng.choice([-1, 1])) * peclet * noise
    grid = Grid(0.0, 1.0, int(rng.integers(20, 80)))
    cells = rng.integers(0, grid.cells[0], 3)
    mpmath.mp.dps = 40
    v_, d = mpmath.mpf(v), mpmath.mpf(noise)
    points = [mpmath.mpf(float(grid.axes[0][c])) for c in cells]

    def arrives(x):
        return mpmath.expm1(-v_ * x / d) / mpmath.expm1(-v_ / d)

    sde = pushed(v, Isotropic(noise, 1))
    kind = rng.integers(3)
    if kind == 0:
        time = FokkerPlanck(sde, grid, Absorbing()).mean_first_passage_time()
        truth = [(arrives(x) - x) / v_ for x in points]
        return relative(pairs(time.mean, truth, cells), truth)
    if kind == 1:
        time = FokkerPlanck(sde, grid, (Reflecting(), Absorbing())).mean_first_passage_time()
        truth = [(1 - x) / v_ - d / v_**2 * (mpmath.exp(-v_ * x / d) - mpmath.exp(-v_ / d)) for x in points]

        a = v_ / d

        def inside(y):  # exp(-a y) times the integral of 2 exp(F) (mean')^2 up to y
            risen = (mpmath.exp(a * y) - 1) / a - 2 * y + (1 - mpmath.exp(-a * y)) / a
            return 2 / v_**2 * risen * mpmath.exp(-a * y)

        def variance(x):
            return mpmath.quad(inside, mpmath.linspace(x, 1, 9))

        spread = [mpmath.sqrt(variance(x)) for x in points]
        rows = []
        for field, values in ((time.mean, truth), (time.standard_deviation, spread)):
            rows += relative(pairs(field, values, cells), values)
        return rows
    low, high = 0.1 * rng.random(), 1 - 0.1 * rng.random()
    low_, high_ = low, high
    chance = FokkerPlanck(sde, grid).committor(lambda w: w[..., 0] < low_, lambda w: w[..., 0] > high_)
    low, high = mpmath.mpf(low), mpmath.mpf(high)
    whole = mpmath.expm1(-v_ * (high - low) / d)
    truth = [0 if x <= low else 1 if x >= high else mpmath.expm1(-v_ * (x - low) / d) / whole for x in points]
    return relative(pairs(chance, truth, cells), truth)


def panels(low, high, count=24, nodes=12):
    """Nodes and weights of Gauss on equal panels; `low` and `high` broadcast against the last axis."""
    places, weights = np.polynomial.legendre.leggauss(nodes)
    places = ((np.arange(count)[:, None] + (places + 1) / 2) / count).ravel()
    width = np.asarray(high - low)[..., None]
    return np.asarray(low)[..., None] + width * places, width * np.tile(weights / (2 * count), count)


def hitting(rng):
    """Ornstein-Uhlenbeck processes on [0, 1] from a wall at 0 until they hit 1, by quadrature."""
    noise, middle = 10 ** rng.uniform(-1, 1), rng.uniform(-0.5, 1.5)
    pull = noise * 10 ** rng.uniform(-1, 2)
    grid = Grid(0.0, 1.0, int(rng.integers(20, 80)))
    sde = Langevin(SymbolicLandscape(f"{pull!r}*(w - {middle!r})**2/2"), Isotropic(noise, 1))
    time = FokkerPlanck(sde, grid, (Reflecting(), Absorbing())).mean_first_passage_time().mean
    rows = []
    for cell in rng.integers(0, grid.cells[0], 3):
        y, outer = panels(np.array(grid.axes[0][cell]), 1.0)
        z, inner = panels(0.0 * y, y)
        rises = pull / (2 * noise) * (y[:, None] - z) * (y[:, None] + z - 2 * middle)
        truth = float((outer * (inner * np.exp(rises)).sum(axis=1)).sum() / noise)
        rows += relative([(abs(float(time.values[cell]) - truth), float(time.error[cell]))], [truth])
    return rows


def rate_on_a_line(rng):
    """Rate of escape of Brownian motion with drift from an interval."""
    peclet, noise = 10 ** rng.uniform(-2, 3), 10 ** rng.uniform(-1, 1)
    v = peclet * noise
    grid = Grid(0.0, 1.0, int(rng.integers(20, 80)))
    rate = FokkerPlanck(pushed(v, Isotropic(noise, 1)), grid, Absorbing()).escape_rate()
    truth = v**2 / (4 * noise) + noise * np.pi**2
    return [(abs(rate - truth) / truth, rate.error / truth)]


def ball_time(r, radius, pull, noise, dim):
    """Mean time for dw = -pull w dt + sqrt(2 noise) dW to leave a ball, by quadrature."""
    nodes, weights = np.polynomial.legendre.leggauss(300)
    nodes, weights = (nodes + 1) / 2, weights / 2
    x = r + (radius - r) * nodes
    inner = (nodes ** (dim - 1) * np.exp(pull / (2 * noise) * np.outer(x**2, 1 - nodes**2))) @ weights
    return float((radius - r) * (weights * inner * x).sum() / noise)


def balls(dim, cells):
    def member(rng):
        radius, noise = rng.uniform(0.6, 0.95), 10 ** rng.uniform(-1, 1)
        pull = noise * float(rng.choice([-1, 1])) * 10 ** rng.uniform(-2, 3)
        if pull > 20 * noise:
            pull = -pull  # out of reach by time alone
        n = int(rng.integers(cells // 2, cells))
        square = "x**2 + y**2" if dim == 2 else "x**2 + y**2 + z**2"
        sde = Langevin(SymbolicLandscape(f"{pull!r}*({square})/2"), Isotropic(noise, dim))
        grid = Grid([-1.0] * dim, [1.0] * dim, [n] * dim)
        time = FokkerPlanck(sde, grid).mean_first_passage_time(lambda w: (w**2).sum(axis=-1) > radius**2).mean
        rows = []
        for _ in range(3):
            cell = tuple(rng.integers(int(n * 0.3), int(np.ceil(n * 0.7)), dim))
            r = float(np.linalg.norm(grid.centers[cell]))
            if r >= radius:
                continue
            truth = float(ball_time(r, radius, pull, noise, dim))
            rows.append((abs(float(time.values[cell]) - truth) / truth, float(time.error[cell]) / truth))
        return rows

    return member


def strips(rng):
    """A plane with a full tensor and drift until x leaves an interval: a line's problem."""
    peclet, noise = 10 ** rng.uniform(-2, 3), 10 ** rng.uniform(-1, 1)
    v = peclet * noise
    ratio = 10 ** rng.uniform(-1, 1)
    mixed = rng.uniform(-0.8, 0.8) * np.sqrt(ratio) * noise
    tensor = Constant([[noise, mixed], [mixed, ratio * noise]])
    n = int(rng.integers(24, 60))
    grid = Grid([0.0, 0.0], [1.0, 1.0], [n, int(rng.integers(12, 40))], [False, True])
    sde = pushed([v, rng.normal() * v], tensor)
    low, high = rng.uniform(0.05, 0.25), rng.uniform(0.75, 0.95)
    equation = FokkerPlanck(sde, grid)
    width = high - low
    cell = (int(rng.integers(int(n * 0.25), int(n * 0.75))), 3)
    x = float(grid.axes[0][cell[0]]) - low
    chance = np.expm1(-v * x / noise) / np.expm1(-v * width / noise)
    if rng.random() < 0.5:
        field = equation.mean_first_passage_time(lambda w: (w[..., 0] < low) | (w[..., 0] > high)).mean
        truth = (width * chance - x) / v
    else:
        field = equation.committor(lambda w: w[..., 0] < low, lambda w: w[..., 0] > high)
        truth = chance
    return [(abs(float(field.values[cell]) - truth) / truth, float(field.error[cell]) / truth)]


def rates_in_the_plane(rng):
    """Rate of escape from a rectangle under a constant drift."""
    peclet, noise = 10 ** rng.uniform(-2, 2), 10 ** rng.uniform(-1, 1)
    turn = rng.uniform(0, 2 * np.pi)
    v = peclet * noise * np.array([np.cos(turn), np.sin(turn)])
    n = int(rng.integers(24, 60))
    grid = Grid([0.0, 0.0], [1.0, 1.0], [n, n])
    rate = FokkerPlanck(pushed(v, Isotropic(noise, 2)), grid, Absorbing()).escape_rate()
    truth = (v**2).sum() / (4 * noise) + 2 * noise * np.pi**2
    return [(abs(rate - truth) / truth, rate.error / truth)]


KINDS = {
    "passages on a line": (on_a_line, 200),
    "hitting times of Ornstein–Uhlenbeck processes": (hitting, 200),
    "rates of escape on a line": (rate_on_a_line, 200),
    "exits from discs": (balls(2, 40), 200),
    "exits from balls": (balls(3, 16), 200),
    "strips with full tensors": (strips, 200),
    "rates of escape in a plane": (rates_in_the_plane, 200),
}

if __name__ == "__main__":
    print_rows(KINDS)
