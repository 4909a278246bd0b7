"""Coverage of probability currents and entropy production: ``python benchmarks/sweeps/currents.py``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
import sympy
from scipy.special import erf
from sweep import print_rows

from theory import Constant, FokkerPlanck, Grid, Isotropic, Langevin, SymbolicLandscape, SymbolicTensor, gaussian

TURN = 2 * np.pi


def ring_force(rng, deepest=25.0):
    """A periodic potential over D with a few waves, its slope, and a torque over D."""
    waves = np.arange(1, int(rng.integers(2, 4)))
    size = 10 ** rng.uniform(-1, np.log10(deepest)) / len(waves)
    heights, phases = size * rng.normal(size=len(waves)), rng.uniform(0, TURN, len(waves))
    torque = float(rng.choice([-1, 1])) * 10 ** rng.uniform(-2, 1)

    def potential(t):
        return sum(h * np.cos(k * t + p) for h, k, p in zip(heights, waves, phases, strict=True))

    def pull(t):
        return sum(h * k * np.sin(k * t + p) for h, k, p in zip(heights, waves, phases, strict=True)) + torque

    return potential, pull, torque


def ring_law(potential, torque, noise, points=400, wave=None):
    """Density on the ring as a function, and the current, by the trapezoidal rule, which is spectral here.

    With a `wave` D is noise times that, and the drift D times the force.
    """
    wave = wave or np.ones_like
    x = TURN * np.arange(points) / points
    v = potential(x)

    def log_ahead(t):  # of the integral over a turn ahead of exp(V(y) - torque y), times exp(torque t)
        nodes, gauss = np.polynomial.legendre.leggauss(12)
        cuts = TURN * np.arange(101) / 100
        y = t[:, None, None] + cuts[:-1, None] + np.diff(cuts)[0] * (nodes + 1) / 2
        logs = potential(y) - torque * (y - t[:, None, None])
        top = logs.max(axis=(1, 2))
        inner = np.exp(logs - top[:, None, None]) @ gauss * np.diff(cuts)[0] / 2
        return top + np.log(inner.sum(axis=1))

    logs = log_ahead(x) - v - np.log(wave(x))
    top = logs.max()
    mass = np.exp(logs - top).sum() * TURN / points
    current = noise * -np.expm1(-torque * TURN) * np.exp(-top) / mass

    def density(t):
        return np.exp(log_ahead(t) - potential(t) - top) / mass / wave(t)

    return density, current


def rings(rng):
    noise = 10 ** rng.uniform(-1, 1)
    potential, pull, torque = ring_force(rng)
    _, current = ring_law(potential, torque, noise)
    grid = Grid(0.0, TURN, int(rng.integers(60, 200)), True)
    sde = Langevin(
        SymbolicLandscape("0*t"), Isotropic(noise, 1), extra_drift=lambda w: noise * pull(np.asarray(w))
    )
    equation = FokkerPlanck(sde, grid)
    law = equation.stationary()
    found = equation.current(law)
    rows = [(abs(found[k, 0] - current) / abs(current), found.error[k, 0] / abs(current)) for k in (0, 17)]
    produced = equation.entropy_production(law)
    exact = torque * current * TURN
    return rows, [(abs(produced - exact) / exact, produced.error / exact)]


def deep_rings(rng):
    """Several barriers of up to 100 temperatures, torque of either sign, D that goes round with the ring."""
    noise, part, phase = 10 ** rng.uniform(-1, 1), rng.uniform(0.1, 0.6), rng.uniform(0, TURN)
    potential, pull, torque = ring_force(rng, 12.0)
    t = TURN * np.arange(720) / 720
    barrier = rng.uniform(5, 100) / np.ptp(potential(t))

    def wave(t):
        return 1 + part * np.sin(t + phase)

    def steep(t):
        return barrier * potential(t)

    def drift(t):
        return noise * wave(t) * (barrier * (pull(t) - torque) + torque)

    _, current = ring_law(steep, torque, noise, 4000, wave)
    t = sympy.Symbol("t")
    root = sympy.sqrt(noise * (1 + part * sympy.sin(t + phase)))
    grid = Grid(0.0, TURN, int(rng.integers(60, 200)), True)
    sde = Langevin(
        SymbolicLandscape("0*t"),
        SymbolicTensor(sympy.Matrix([[root]]), (t,)),
        extra_drift=lambda w: drift(np.asarray(w)),
    )
    equation = FokkerPlanck(sde, grid)
    found = equation.current(equation.stationary())
    return [(abs(found[k, 0] - current) / abs(current), found.error[k, 0] / abs(current)) for k in (0, 17)]


def two_rings(rng):
    """Two rings that do not know of each other: the current of each times the law of the other."""
    noises = 10 ** rng.uniform(-0.5, 0.5, 2)
    forces = [ring_force(rng, 8.0) for _ in noises]
    laws = [
        ring_law(potential, torque, noise) for (potential, _, torque), noise in zip(forces, noises, strict=True)
    ]
    (first_law, first_current), (second_law, second_current) = laws
    grid = Grid([0.0, 0.0], [TURN, TURN], [int(n) for n in rng.integers(36, 56, 2)], [True, True])

    def drift(w):
        return np.stack([noises[k] * forces[k][1](np.asarray(w)[..., k]) for k in range(2)], axis=-1)

    sde = Langevin(SymbolicLandscape("0*t + 0*u", ("t", "u")), Constant(np.diag(noises)), extra_drift=drift)
    equation = FokkerPlanck(sde, grid)
    law = equation.stationary()

    def exact(w):
        one, other = (
            density(w[..., k].ravel()).reshape(w.shape[:-1]) for k, density in enumerate((first_law, second_law))
        )
        return np.stack([first_current * other, second_current * one], axis=-1)

    return cells(rng, equation.current(law), law, exact)


def ring_and_line(rng):
    """A ring beside a line that it does not know of: the current of the ring times the law of the line."""
    noise = 10 ** rng.uniform(-1, 1)
    potential, pull, torque = ring_force(rng, 12.0)
    grid = Grid([0.0, -4.5], [TURN, 4.5], [int(rng.integers(40, 64)), int(rng.integers(30, 48))], [True, False])
    sde = Langevin(
        SymbolicLandscape(f"{noise!r}*y**2/2 + 0*t", ("t", "y")),
        Isotropic(noise, 2),
        extra_drift=lambda w: np.stack([noise * pull(np.asarray(w)[..., 0]), 0 * np.asarray(w)[..., 1]], axis=-1),
    )
    _, current = ring_law(potential, torque, noise)
    current /= erf(4.5 / np.sqrt(2))  # walls hold the normal law beside it
    found = FokkerPlanck(sde, grid)
    law = found.stationary()
    return cells(
        rng,
        found.current(law),
        law,
        lambda w: np.stack([current * np.exp(-(w[..., 1] ** 2) / 2) / np.sqrt(TURN), 0 * w[..., 1]], axis=-1),
    )


def cells(rng, found, law, exact, count=12):
    """Misses and errors in cells drawn from the law, over the largest current."""
    wanted = exact(law.grid.centers)
    scale = np.abs(wanted).max()
    drawn = rng.choice(law.grid.size, count, p=law.probabilities.ravel() / law.probabilities.sum())
    miss = np.abs(np.asarray(found) - wanted).reshape(law.grid.size, -1)[drawn, 0] / scale
    error = found.error.reshape(law.grid.size, -1)[drawn, 0] / scale
    return list(zip(miss, error, strict=True))


def turning(dim, cells_):
    """Ornstein-Uhlenbeck processes with a rotation: D (C^-1 + A) w with A antisymmetric leaves N(0, C)."""

    def member(rng):
        frame = np.linalg.qr(rng.normal(size=(dim, dim)))[0]
        covariance = frame * 10 ** rng.uniform(-0.5, 0.5, dim) @ frame.T
        factor = rng.normal(size=(dim, dim))
        tensor = np.eye(dim) + 0.3 * factor @ factor.T / dim
        spin = 10 ** rng.uniform(-2, 1) * rng.normal(size=(dim, dim))
        spin = spin - spin.T
        inverse = np.linalg.inv(covariance)
        pull = (tensor + spin) @ inverse
        reach = 5 * np.sqrt(np.diag(covariance))
        grid = Grid(-reach, reach, [int(n) for n in rng.integers(cells_ // 2, cells_, dim)])
        text = "0*x*y" if dim == 2 else "0*x*y*z"
        sde = Langevin(SymbolicLandscape(text), Constant(tensor), extra_drift=lambda w: -np.asarray(w) @ pull.T)
        equation = FokkerPlanck(sde, grid)
        law = equation.stationary()
        exact_law = gaussian(np.zeros(dim), covariance, grid)

        def exact(w):
            return -(w @ (spin @ inverse).T) * exact_law.values[..., None]

        produced = equation.entropy_production(law)
        wanted = float(np.trace(np.linalg.solve(tensor, spin @ inverse @ spin.T)))
        rows = cells(rng, equation.current(law), law, exact)
        return rows, [(abs(produced - wanted) / wanted, produced.error / wanted)]

    return member


def passing(rng):
    """Gaussians on a line and in a plane that are not stationary."""
    dim = int(rng.integers(1, 3))
    noise = 10 ** rng.uniform(-1, 1)
    mean, std = rng.uniform(-0.5, 0.5, dim), rng.uniform(0.3, 0.8, dim)
    grid = Grid([-4.0] * dim, [4.0] * dim, [int(n) for n in rng.integers(40, 90, dim)])
    text = "x**4/4 + sin(x)" if dim == 1 else "x**4/4 + sin(x*y) + y**2"
    sde = Langevin(SymbolicLandscape(text), Isotropic(noise, dim))
    law = gaussian(mean, np.diag(std**2), grid)
    found = FokkerPlanck(sde, grid).current(law)

    def exact(w):
        return (sde.drift(w) + noise * (w - mean) / std**2) * law.values[..., None]

    return cells(rng, found, law, exact)


def first(member):
    return lambda rng: member(rng)[0]


def second(member):
    return lambda rng: member(rng)[1]


KINDS = {
    "currents of rings": (first(rings), 200),
    "currents of deep rings, D periodic": (deep_rings, 200),
    "currents of two rings at once": (two_rings, 40),
    "currents of rings beside lines": (ring_and_line, 40),
    "currents of turning Gaussians in planes": (first(turning(2, 64)), 100),
    "currents of turning Gaussians in space": (first(turning(3, 18)), 20),
    "currents of passing Gaussians": (passing, 200),
    "entropy production of rings": (second(rings), 200),
    "entropy production of turning Gaussians": (second(turning(2, 64)), 200),
}

if __name__ == "__main__":
    print_rows(KINDS)
