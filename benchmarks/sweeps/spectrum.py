"""Do the errors of `FokkerPlanck.spectrum` cover? Eigenvalues in closed form on lines, rings and planes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import sympy
from scipy.linalg import solve_continuous_lyapunov
from scipy.optimize import brentq, linear_sum_assignment
from sweep import print_rows

from theory import Absorbing, Constant, FokkerPlanck, Grid, Isotropic, Langevin, Reflecting, SymbolicLandscape

X = sympy.Symbol("x")
ROUNDING = 1e-10  # relative: walls at 8 standard deviations change that much
Pairs = Sequence[tuple[float, float]]


def pairs(equation: FokkerPlanck, exact: Sequence[complex]) -> Pairs:
    """Relative misses and errors of the eigenvalues but 0, each matched with its own."""
    found = equation.spectrum(len(exact))
    exact_values = -np.array(exact, dtype=complex)
    distances = np.abs(found.eigenvalues[:, None] - exact_values) ** 2
    distances[(found.eigenvalues == 0)[:, None] != (exact_values == 0)] = 1e300  # each 0 is exact
    rows, columns = linear_sum_assignment(distances)
    result = []
    for row, column in zip(rows, columns, strict=True):
        size = abs(exact_values[column])
        if size > 0:
            miss = abs(found.eigenvalues[row] - exact_values[column])
            result.append((miss / size, found.error[row] / size))
    return result


def slowest(rates: Sequence[complex], k: int) -> list[complex]:
    """The k nearest to 0 with all that are as near as the last."""
    ordered = sorted(rates, key=abs)
    while k < len(ordered) and abs(ordered[k]) < abs(ordered[k - 1]) * (1 + 1e-9):
        k += 1
    return ordered[:k]


def langevin(potential: sympy.Expr, temperature: float) -> Langevin:
    """The equation of -grad of a potential in x with noise of one temperature."""
    return Langevin(SymbolicLandscape(str(potential), ("x",)), Isotropic(temperature, 1))


def relaxing(rng: np.random.Generator) -> Pairs:
    """Ornstein-Uhlenbeck on boxes of 9 to 40 standard deviations."""
    stiffness, temperature = np.exp(rng.uniform(-1, 1, 2))
    width, deviations = np.sqrt(temperature / stiffness), rng.uniform(9, 40)
    cells = int(2 * deviations * rng.uniform(2, 10))
    grid = Grid(-deviations * width, max(9, deviations * rng.uniform(0.5, 1)) * width, cells)
    k = int(rng.integers(2, 6))
    return pairs(FokkerPlanck(langevin(stiffness * X**2 / 2, temperature), grid), stiffness * np.arange(k))


def shaped(rng: np.random.Generator) -> Pairs:
    """Shape-invariant potentials whose spectrum ends in a continuum: tanh, Morse, Rosen-Morse, Scarf."""
    kind, depth, temperature, scale = rng.integers(4), rng.uniform(1.5, 6.5), *np.exp(rng.uniform(-1, 1, 2))
    bound = np.arange(min(int(np.ceil(depth - 0.25)), 4))
    rates = bound * (2 * depth - bound)
    u = X / scale
    side = 0.0
    if kind == 0:
        well = depth * sympy.log(sympy.cosh(u))
    elif kind == 1:
        well = depth * u + rng.uniform(0.5, 3) * sympy.exp(-u)
    elif kind == 2:
        side = rng.uniform(-0.2, 0.2) * depth**2
        well = depth * sympy.log(sympy.cosh(u)) + side / depth * u
        bound = bound[depth - bound > np.sqrt(abs(side)) + 0.5]
        rates = bound * (2 * depth - bound) * (1 - (side / depth / (depth - bound)) ** 2)
    else:
        well, tilt = depth * sympy.log(sympy.cosh(u)), rng.uniform(-2, 2)
    weakest = np.sqrt(depth**2 - rates[-1]) if kind != 2 else depth - bound[-1] - abs(side) / (depth - bound[-1])
    reach = max(17 / weakest, 10) * rng.uniform(1, 2)
    low = -4.0 if kind == 1 else -reach
    cells = int((reach - low) * rng.uniform(4, 20) * np.sqrt(depth))
    grid = Grid(low * scale, reach * scale, min(cells, 3000))
    equation = langevin(2 * temperature * well, temperature)
    if kind == 3:
        equation = replace(equation, extra_drift=lambda w: -2 * temperature * tilt / scale / np.cosh(w / scale))
    return pairs(FokkerPlanck(equation, grid), rates * temperature / scale**2)


def bounded(rng: np.random.Generator) -> Pairs:
    """Brownian motion with a constant drift between walls or absorbing ends, and on a ring."""
    drift, diffusion, length = rng.normal(0, 2), *np.exp(rng.uniform(-1, 1, 2))
    cells, kind = int(rng.integers(20, 200)), rng.integers(3)
    flat = SymbolicLandscape("0*x", ("x",))
    equation = Langevin(flat, Isotropic(diffusion, 1), extra_drift=lambda w: np.full_like(w, drift))
    orders = np.arange(1, 5)
    if kind == 2:
        waves = 2 * np.pi * orders[:2] / length
        turning = np.concatenate([diffusion * waves**2 + 1j * s * drift * waves for s in (1, -1)])
        return pairs(FokkerPlanck(equation, Grid(0.0, length, cells, True)), [0, *turning])
    rates = drift**2 / (4 * diffusion) + diffusion * (np.pi * orders / length) ** 2
    sides = (Reflecting(), Absorbing())[kind]
    return pairs(FokkerPlanck(equation, Grid(0.0, length, cells), sides), [0, *rates] if kind == 0 else rates)


def interval(drift: float, diffusion: float, length: float) -> np.ndarray:
    """The slowest rates between absorbing ends under a constant drift."""
    return drift**2 / (4 * diffusion) + diffusion * (np.arange(1, 7) * np.pi / length) ** 2


def pushed(rng: np.random.Generator) -> Pairs:
    """A strong drift between absorbing ends, up to 100 times diffusion over a cell."""
    (diffusion, length), cells = np.exp(rng.uniform(-1, 1, 2)), int(rng.integers(20, 100))
    drift = rng.choice([-1, 1]) * 10 ** rng.uniform(-1, 2) * diffusion * cells / length
    equation = Langevin(
        SymbolicLandscape("0*x", ("x",)), Isotropic(diffusion, 1), extra_drift=lambda w: np.full_like(w, drift)
    )
    return pairs(
        FokkerPlanck(equation, Grid(0.0, length, cells), Absorbing()), interval(drift, diffusion, length)[:4]
    )


def pushed_plane(rng: np.random.Generator) -> Pairs:
    """The same in a rectangle: sums."""
    diffusions, lengths = np.exp(rng.uniform(-1, 1, 2)), np.exp(rng.uniform(-0.5, 0.5, 2))
    cells = rng.integers(16, 50, 2)
    drift = rng.choice([-1, 1], 2) * 10 ** rng.uniform(-1, 1, 2) * diffusions * cells / lengths
    flat = SymbolicLandscape("0*x + 0*y", ("x", "y"))
    equation = Langevin(
        flat, Constant(np.diag(diffusions)), extra_drift=lambda w: np.broadcast_to(drift, w.shape).copy()
    )
    sides = [interval(*one) for one in zip(drift, diffusions, lengths, strict=True)]
    grid = Grid([0, 0], lengths, [int(n) for n in cells])
    return pairs(FokkerPlanck(equation, grid, Absorbing()), slowest(np.add.outer(*sides).ravel(), 3))


def tipped(rng: np.random.Generator) -> Pairs:
    """A drift toward a tip anywhere in an interval, with walls or absorbing ends: transcendental equations."""
    diffusion, *lengths = np.exp(rng.uniform(-1, 1, 3))
    pull, walls = 10 ** rng.uniform(-1, 1) * diffusion / max(lengths), bool(rng.integers(2))

    def ends(rate: np.ndarray, length: float) -> tuple[np.ndarray, np.ndarray]:
        root = np.sqrt((pull**2 / (4 * diffusion) - rate + 0j) / diffusion)
        wave, slope = np.sinh(root * length) / root, np.cosh(root * length)
        if walls:
            share = pull / (2 * diffusion)
            wave, slope = slope + share * wave, root**2 * wave + share * slope
        return wave.real, slope.real

    def mismatch(rate: np.ndarray) -> np.ndarray:
        (left, rise), (right, fall) = (ends(rate, length) for length in lengths)
        return fall * left + rise * right - pull / diffusion * left * right

    highest = pull**2 / (4 * diffusion) + diffusion * (5 * np.pi / sum(lengths)) ** 2
    scan = highest * (np.arange(1, 40001) / 40000) ** 4
    signs = np.sign(mismatch(scan))
    rates = [brentq(mismatch, scan[k], scan[k + 1], xtol=1e-300) for k in np.flatnonzero(np.diff(signs))]
    rates = [rate for rate in rates if rate > 1e-6 * highest]  # 0 by rounding
    equation = Langevin(SymbolicLandscape(f"{pull}*abs(x)", ("x",)), Isotropic(diffusion, 1))
    grid = Grid(-lengths[0], lengths[1], int(rng.integers(20, 200)))
    sides = Reflecting() if walls else Absorbing()
    exact = [0.0, *rates] if walls else rates
    return pairs(FokkerPlanck(equation, grid, sides), exact[:4])


def linear_plane(rng: np.random.Generator, degenerate: bool) -> Pairs:
    """Linear equations in the plane, sheared, turning or with a Jordan block: sums of the drift's eigenvalues."""
    kind = rng.integers(3)
    frame = np.linalg.qr(rng.normal(size=(2, 2)))[0]
    rates = np.exp(rng.uniform(-0.7, 0.7, 2))
    if kind == 0:
        pull = np.diag(rates)
        shear = np.eye(2) + np.triu(rng.normal(0, 0.5, (2, 2)), 1)
        pull = shear @ pull @ np.linalg.inv(shear)
    elif kind == 1:
        pull = rates[0] * np.eye(2) + rng.normal() * np.array([[0, 1], [-1, 0]])
    else:
        pull = rates[0] * np.array([[1, rng.uniform(0.2, 1)], [0, 1]])
    pull = frame @ pull @ frame.T
    if degenerate:
        friction = rng.uniform(0.7, 3)
        pull = np.array([[0, -1.0], [1.0, friction]])
        tensor = np.diag([0, friction])
    else:
        root = rng.normal(size=(2, 2)) + 1.5 * np.eye(2)
        tensor = root @ root.T / 3
    covariance = solve_continuous_lyapunov(pull, 2 * tensor)
    box = rng.uniform(8, 9.5) * np.sqrt(np.diag(covariance))
    cells = int(rng.integers(60, 91))
    own = np.linalg.eigvals(pull)
    sums = [i * own[0] + j * own[1] for i, j in itertools.product(range(6), repeat=2)]
    flat = SymbolicLandscape("0*x + 0*y", ("x", "y"))
    equation = Langevin(flat, Constant(tensor), extra_drift=lambda w: -w @ pull.T)
    return pairs(FokkerPlanck(equation, Grid(-box, box, [cells, cells])), slowest(sums, 4))


KINDS: dict[str, tuple[Callable[[np.random.Generator], Pairs], int]] = {
    "eigenvalues on a line: Ornstein-Uhlenbeck, wide boxes": (relaxing, 200),
    "eigenvalues below a continuum: tanh, Morse, Rosen-Morse, Scarf": (shaped, 200),
    "eigenvalues of drifting Brownian motion: walls, ends, rings": (bounded, 60),
    "eigenvalues of a strong drift between absorbing ends": (pushed, 60),
    "eigenvalues of a strong drift in an absorbing rectangle": (pushed_plane, 70),
    "eigenvalues of a drift that jumps, walls and absorbing ends": (tipped, 60),
    "eigenvalues of linear equations in the plane": (lambda rng: linear_plane(rng, False), 70),
    "eigenvalues of linear kinetic equations": (lambda rng: linear_plane(rng, True), 70),
}

if __name__ == "__main__":
    print_rows(KINDS, rounding=ROUNDING)
