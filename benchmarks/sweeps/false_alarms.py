"""How often the assertions of `compare.testing` reject what is true, and what is off by what they say they find.

``python benchmarks/sweeps/false_alarms.py [PART OF A NAME] [SEED] [REPEATS]`` prints rows; docs/coverage.md keeps
them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache

import numpy as np

from compare.testing import Check, CheckFailed, assert_law, assert_moment, assert_order, assert_rate, assert_slope
from simulate import Survival
from theory import Density, Estimate, Grid, Histogram, SymbolicLandscape, gaussian, gibbs
from theory.base import InputError

HEADING = "| kind | refused | at alpha = .1 | at alpha = .01 |"
ALPHA = 0.01
Repeat = Callable[[np.random.Generator], Check]

LINE, PLANE = Grid(-6.0, 6.0, 400), Grid((-4, -4), (4, 4), (80, 80))
DENSITIES: dict[str, Callable[[], Density]] = {
    "normal law": lambda: gaussian([0.0], [[1.0]], LINE),
    "steep wells": lambda: gibbs(SymbolicLandscape("(w**2 - 4)**2"), 0.1, LINE),
    "kink": lambda: gibbs(SymbolicLandscape("abs(w)"), 0.3, LINE),
    "normal law of 2 cells": lambda: gaussian([0.01], [[0.06**2]], LINE),
    "normal law in the plane": lambda: gaussian([0.0, 0.0], [[1.0, 0.5], [0.5, 0.6]], PLANE),
    "steep ring in the plane": lambda: gibbs(SymbolicLandscape("(x**2 + y**2 - 4)**2"), 0.2, PLANE),
}
VALUES: dict[str, tuple[Callable[..., np.ndarray], float, float]] = {  # sampler, mean, variance
    "normal law": (lambda rng, size: rng.standard_normal(size), 0.0, 1.0),
    "gamma law of shape 2": (lambda rng, size: rng.gamma(2.0, size=size), 2.0, 2.0),
    "gamma law of shape .3": (lambda rng, size: rng.gamma(0.3, size=size), 0.3, 0.3),
    "Student, 6 degrees": (lambda rng, size: rng.standard_t(6, size), 0.0, 1.5),
    "Poisson law of mean 1": (lambda rng, size: rng.poisson(1.0, size).astype(float), 1.0, 1.0),
    "coin of 1/10": (lambda rng, size: (rng.random(size) < 0.1).astype(float), 0.1, 0.09),
}
MIXING = np.array([[1.0, 0.0, 0.0], [0.8, 0.6, 0.0], [0.5, -0.5, 1.0]])
STEPS = 0.1 / 2.0 ** np.arange(5)


@cache
def density(name: str) -> Density:
    return DENSITIES[name]()


def histogram(law: Density, walkers: int, rng: np.random.Generator, outside: float = 0.0) -> Histogram:
    chances = np.append((1 - outside) * law.probabilities.ravel(), outside)
    counts = rng.multinomial(walkers, chances / chances.sum())
    return Histogram(law.grid, counts[:-1].reshape(law.grid.shape), int(counts[-1]))


def of_law(name: str, walkers: int, outside: float = 0.0) -> Repeat:
    def repeat(rng: np.random.Generator) -> Check:
        law = density(name)
        return assert_law(histogram(law, walkers, rng, outside), law, alpha=ALPHA, off_grid=outside)

    return repeat


def of_points(walkers: int) -> Repeat:
    def repeat(rng: np.random.Generator) -> Check:
        return assert_law(rng.standard_normal(walkers), density("normal law"), alpha=ALPHA)

    return repeat


def of_wrong_law(walkers: int, known: bool) -> Repeat:
    """Walkers of a law that is off by .01 in total variation, beside a density with that error or with none."""

    def repeat(rng: np.random.Generator) -> Check:
        masses = density("normal law").probabilities
        upper = np.arange(len(masses)) >= len(masses) // 2
        moved = masses * np.where(upper, 1.02, 0.98)
        true, given = (Density(LINE, p / LINE.cell_volume, 0.01 * known, None, True) for p in (moved, masses))
        return assert_law(histogram(true, walkers, rng), given, alpha=ALPHA)

    return repeat


def of_mean(name: str, walkers: int) -> Repeat:
    sampler, mean, _ = VALUES[name]
    return lambda rng: assert_moment(sampler(rng, walkers), mean, alpha=ALPHA)


def of_three_means(name: str, walkers: int) -> Repeat:
    sampler, mean, _ = VALUES[name]
    truth = MIXING @ np.full(3, mean)
    return lambda rng: assert_moment(sampler(rng, (walkers, 3)) @ MIXING.T, truth, alpha=ALPHA)


def of_covariance(name: str, walkers: int, dim: int) -> Repeat:
    sampler, _, variance = VALUES[name]
    mixing = MIXING[:dim, :dim]
    truth = variance * mixing @ mixing.T
    return lambda rng: assert_moment(sampler(rng, (walkers, dim)) @ mixing.T, truth, of="covariance", alpha=ALPHA)


def of_order(error: float, known: bool) -> Repeat:
    def repeat(rng: np.random.Generator) -> Check:
        true, noise = 3 * STEPS**2, rng.standard_normal(len(STEPS))
        if known:
            values = true * (1 + error * noise)
            return assert_order(STEPS, values, 2, standard_errors=error * true, alpha=ALPHA, tolerance=0.0)
        return assert_order(STEPS, true * np.exp(error * noise), 2, alpha=ALPHA, tolerance=0.0)

    return repeat


def of_slope(rng: np.random.Generator) -> Check:
    return assert_slope(Estimate(1 + 0.1 * rng.standard_normal(), 0.1), 1.0, alpha=ALPHA)


def of_waits(walkers: int, horizon: float) -> Repeat:
    def repeat(rng: np.random.Generator) -> Check:
        waits = rng.exponential(size=walkers)
        return assert_rate((int((waits < horizon).sum()), np.minimum(waits, horizon).sum()), 1.0, alpha=ALPHA)

    return repeat


def of_survival(walkers: int, chance: float, steps: int) -> Repeat:
    def repeat(rng: np.random.Generator) -> Check:
        left = np.bincount(np.minimum(rng.geometric(chance, walkers), steps + 1), minlength=steps + 2)[: steps + 1]
        inside = walkers - np.cumsum(left)
        survival = Survival(np.arange(steps + 1), inside, np.zeros(steps + 1, dtype=np.int64), walkers)
        return assert_rate(survival, -np.log1p(-chance), alpha=ALPHA)

    return repeat


KINDS: dict[str, Repeat] = {
    **{
        f"law: {name}, {walkers} walkers": of_law(name, walkers)
        for name in DENSITIES
        for walkers in (100, 1000, 100_000)
    },
    "law: normal law, 30 % off the grid, 1000 walkers": of_law("normal law", 1000, 0.3),
    "law: normal law, samples, 10000 walkers": of_points(10_000),
    "law: normal law off by .01, in its error, 100000 walkers": of_wrong_law(100_000, True),
    "law (control): normal law off by .01, no error, 100000 walkers": of_wrong_law(100_000, False),
    **{f"mean: {name}, {walkers} walkers": of_mean(name, walkers) for name in VALUES for walkers in (200, 10_000)},
    **{f"three means: {name}, 1000 walkers": of_three_means(name, 1000) for name in VALUES},
    **{f"variance: {name}, 10000 walkers": of_covariance(name, 10_000, 1) for name in VALUES},
    **{f"covariance, 3 x 3: {name}, 10000 walkers": of_covariance(name, 10_000, 3) for name in VALUES},
    "order: standard errors of 2 %": of_order(0.02, True),
    "order: standard errors of 8 %": of_order(0.08, True),
    "order: scatter of 10 %, not known": of_order(0.1, False),
    "slope: normal with its standard error": of_slope,
    "rate: 4.8 of 50 walkers": of_waits(50, 0.1),
    "rate: 12 of 100 walkers": of_waits(100, 0.13),
    "rate: 26 of 30 walkers": of_waits(30, 2.0),
    "rate: 390 of 1000 walkers": of_waits(1000, 0.5),
    "rate: survival, .2 a step, 100 walkers": of_survival(100, 0.2, 5),
    "rate: survival, .002 a step, 1000 walkers": of_survival(1000, 0.002, 50),
}


def row(kind: str, repeat: Repeat, repeats: int, seed: int) -> str:
    """One line of the table: shares of the repeats, rejected at both levels and over the level."""
    chances, refused = [], 0
    for rng in np.random.default_rng(seed).spawn(repeats):
        try:
            chances.append(repeat(rng).p_value)
        except CheckFailed as failed:
            chances.append(failed.check.p_value)
        except InputError:
            refused += 1
    found = [f"{np.mean(np.array(chances) < alpha):.3%}" if chances else "-" for alpha in (0.1, ALPHA)]
    return f"| {kind} | {refused} | {found[0]} | {found[1]} |"


if __name__ == "__main__":
    part, seed, asked = sys.argv[1:] + ["", "1", "1000"][len(sys.argv) - 1 :]
    print(HEADING)
    for name, repeat in KINDS.items():
        if part in name:
            print(row(name, repeat, int(asked), int(seed)), flush=True)
