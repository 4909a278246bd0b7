"""Do the errors of `FokkerPlanck.spectrum` cover? Eigenvalues in closed form on lines, rings and planes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import sympy
from scipy.linalg import solve_continuous_lyapunov
from scipy.optimize import linear_sum_assignment
from sweep import HEADING, sweep

from theory import (
    Absorbing,
    Constant,
    FokkerPlanck,
    Grid,
    Isotropic,
    Langevin,
    Reflecting,
    SymbolicLandscape,
)

X = sympy.Symbol("x")
ROUNDING = 1e-10  # relative: walls at 8 standard deviations change that much
Pairs = Sequence[tuple[float, float]]
Complexes = np.ndarray


def pairs(equation: FokkerPlanck, exact: Sequence[complex]) -> Pairs:
    """Relative misses and errors of the eigenvalues but 0, each matched with its own."""
    found = equation.spectrum(len(exact))
    exact_values = -np.array(exact, dtype=complex)
    rows, columns = linear_sum_assignment(np.abs(found.eigenvalues[:, None] - exact_values) ** 2)
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
    rates = depth**2 - (depth - bound) ** 2
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
        rates = depth**2 - (depth - bound) ** 2 + side**2 * (1 / depth**2 - 1 / (depth - bound) ** 2)
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
    "eigenvalues of linear equations in the plane": (lambda rng: linear_plane(rng, False), 60),
    "eigenvalues of linear kinetic equations": (lambda rng: linear_plane(rng, True), 20),
}

if __name__ == "__main__":
    print(HEADING)
    for name, (member, members) in KINDS.items():
        print(sweep(name, member, members=members, rounding=ROUNDING).row(), flush=True)
