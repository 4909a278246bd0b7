"""Rate matrices for tests: random ones on lattices, motion in wells, and exact sums for chains on a line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from doubles import LineEquation
from scipy import sparse

from theory.base.arrays import Array, Booleans, Integers
from theory.fokker_planck.generator.matrix import build_generator
from theory.laws.grid import Grid
from theory.markov import passages as passage
from theory.markov.walk import walk_on


def line(n: int, half: float) -> tuple[Grid, np.ndarray]:
    """A symmetric grid and its lattice positions."""
    return Grid(-half, half, n), np.arange(n)[:, None]


def plane_positions(grid: Grid) -> np.ndarray:
    return np.indices(grid.shape).reshape(grid.dim, -1).T


def in_potential(grid: Grid, potential: Callable[[Array], Array], temperature: float) -> sparse.csc_array:
    """Motion by dw = -L' dt + sqrt(2 T) dW, with the Gibbs law exact on the grid."""
    equation = LineEquation(
        lambda w: np.nan * w, lambda w: temperature + 0 * w, np.zeros_like, lambda w: potential(w) / temperature
    )
    return build_generator(equation, grid)


def double_well(w: Array) -> Array:
    return (w**2 - 1) ** 2 / 4


def ladder_sums(generator: sparse.csc_array, law: Array, start: int, stop: int) -> tuple[Array, Array]:
    """For neighbours on a line: sums of 1 / (rate up times `law`), and the mean passage times to `stop`.

    All terms are positive: exact to rounding where `law` is the stationary one.
    """
    up = generator.diagonal(-1)[start:stop]
    steps = 1 / (up * law[start:stop])
    times = np.cumsum((steps * np.cumsum(law)[start:stop])[::-1])[::-1]
    return np.cumsum(steps), times


def lattice(
    shape: tuple[int, ...],
    offsets: Any,
    periodic: Sequence[bool],
    rng: np.random.Generator,
    *,
    spread: float = 3.0,
) -> tuple[Integers, sparse.csc_array]:
    """A random irreducible chain on a lattice: positions and generator."""
    positions = np.indices(shape).reshape(len(shape), -1).T
    states = np.arange(len(positions))
    rows, columns = [], []
    for offset in offsets:
        ends = positions + offset
        inside = np.all(np.array(periodic) | ((ends >= 0) & (ends < shape)), axis=1)
        near = np.ravel_multi_index(tuple((ends[inside] % shape).T), shape)
        rows += [near, states[inside]]
        columns += [states[inside], near]
    row, column = np.concatenate(rows), np.concatenate(columns)
    rates = np.exp(spread * rng.standard_normal(len(row)))
    moves = sparse.csc_array((rates, (row, column)), shape=(len(states),) * 2)
    moves.setdiag(0)
    return positions, sparse.csc_array(moves - sparse.diags_array(moves.sum(axis=0)))


def first_passage(generator: sparse.csc_array, positions: Integers, target: Booleans) -> tuple[Array, Array]:
    """Mean and variance of the time to the states in `target`, 0 there."""
    walk = walk_on(generator, positions, [target])
    mean, variance = np.zeros((2, len(positions)))
    mean[walk.cells], deviation = passage.first_passage(walk)
    with np.errstate(over="ignore"):
        variance[walk.cells] = deviation**2
    return mean, variance


def committor(generator: sparse.csc_array, positions: Integers, a: Booleans, b: Booleans) -> Array:
    """Probability to reach the states in `b` before those in `a`."""
    walk = walk_on(generator, positions, [a, b])
    chance = b.astype(float)
    chance[walk.cells] = passage.committor(walk, 1)
    return chance


def quasi_stationary(generator: sparse.csc_array, positions: Integers, basin: Booleans) -> tuple[Array, float]:
    """Law on the states in `basin` and the rate of leaving it."""
    walk = walk_on(generator, positions, [~basin])
    law = np.zeros(len(positions))
    law[walk.cells], rate = passage.quasi_stationary(walk)
    return law, rate
