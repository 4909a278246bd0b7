"""Coverage of SGD's exact laws on a fixed data set: after some steps, at rest, singular, in two wells.

    python benchmarks/sweeps/data_laws.py [PART OF A KIND] [SEED] [MEMBERS]

Steps are affine in w, so that truths are closed: every sequence of batches moves an even start to an even law;
Cantor measures are sums over their gaps; the ratio 2^(-1/m) has a sum of m even laws; equal inputs give powers of
a Fourier transform; about each of two wells there is a law of its own, with the share of the start on its side.
"""

from __future__ import annotations

import math
from itertools import combinations_with_replacement, permutations, product

import numpy as np
from sweep import print_rows

from simulate import SGD, WithoutReplacement, WithReplacement, transition_operator
from simulate.transition.data_operator import DataOperator
from simulate.transition.invariant import invariant_masses
from theory import DatasetModel, Density, Grid

Pairs = list[tuple[float, float]]
FOURIER = 2**14  # terms of a law on a box


def affine(x: np.ndarray, y: np.ndarray) -> DatasetModel:
    """The examples x w^2 / 2 - y w: a step multiplies w by 1 - rate x and adds rate y."""
    return DatasetModel(
        x,
        y,
        lambda w, x, y: x[..., 0] * w[..., 0] ** 2 / 2 - y * w[..., 0],
        lambda w, x, y: x * w - y[..., None],
        1,
    )


def even(grid: Grid, low: int, high: int) -> Density:
    """Even on the cells from `low` to `high`."""
    cells = np.zeros(grid.size)
    cells[low:high] = 1.0
    return Density.normalised(grid, cells, cell_averages=True)


def distance(law: Density, exact: np.ndarray) -> float:
    return float(np.abs(law.probabilities - exact / exact.sum()).sum()) / 2


def pushed(maps: list[tuple[float, float, float]], steps: int, grid: Grid, low: int, high: int) -> np.ndarray:
    """Cells after `steps` of maps w -> a w + b with chances, of an even start."""
    a, b, chance = np.ones(1), np.zeros(1), np.ones(1)
    for _ in range(steps):
        slope, shift, weight = (np.array(column)[:, None] for column in zip(*maps, strict=True))
        a, b, chance = (slope * a).ravel(), (slope * b + shift).ravel(), (weight * chance).ravel()
    edges = grid.edges[0]
    ends = np.sort(np.stack([a * edges[low] + b, a * edges[high] + b]), axis=0)
    sums = np.zeros(len(edges))
    for begin in range(0, len(a), 4096):
        part = slice(begin, begin + 4096)
        first, width = ends[0, part], np.maximum(np.diff(ends[:, part], axis=0)[0], 1e-300)
        sums += np.clip((edges[:, None] - first) / width, 0, 1) @ chance[part]
    return np.diff(sums)


def few_steps(rng: np.random.Generator) -> Pairs:
    """Two or three examples, batches of one or two with replacement, epochs of two or three without."""
    examples, batch, grid = (
        int(rng.integers(2, 4)),
        int(rng.integers(1, 3)),
        Grid(-4, 4, int(rng.integers(16, 100))),
    )
    x, rate = rng.uniform(0.2, 2.0, examples), rng.uniform(0.05, 0.9)
    slopes = 1 - rate * x
    inside = np.minimum(3.0, 3.9 * (1 - np.abs(slopes)) / np.abs(1 - slopes))  # nobody leaves the grid
    y = x * inside * rng.uniform(-1, 1, examples)
    numbers = list(range(examples))
    if rng.random() < 0.5:
        sampling = WithReplacement()
        chosen = [
            (some, math.factorial(batch) / math.prod(math.factorial(some.count(i)) for i in numbers))
            for some in combinations_with_replacement(numbers, batch)
        ]
        maps = [
            (1 - rate * x[list(s)].mean(), rate * y[list(s)].mean(), ways / examples**batch) for s, ways in chosen
        ]
        epoch = 1
    else:
        sampling, batch, orders = WithoutReplacement(), 1, list(permutations(numbers))
        maps, epoch = [], examples
        for order in orders:
            a, b = 1.0, 0.0
            for i in order:
                a, b = (1 - rate * x[i]) * a, (1 - rate * x[i]) * b + rate * y[i]
            maps.append((a, b, 1 / len(orders)))
    steps = int(rng.integers(1, int(math.log(60_000) / math.log(len(maps))) + 1))
    low = int(rng.integers(grid.size // 4, grid.size // 2))
    high = int(rng.integers(grid.size // 2, 3 * grid.size // 4)) + 1
    operator = transition_operator(affine(x, y), SGD(rate, batch, sampling=sampling), grid)
    law = operator.evolve(even(grid, low, high), steps * epoch)[0]
    return [(distance(law, pushed(maps, steps, grid, low, high)), law.error)]


def cantor(rng: np.random.Generator) -> Pairs:
    """Two or three maps of an interval onto parts that do not touch, with chances: cells, and W1 on the nodes."""
    count, rate = int(rng.integers(2, 4)), rng.uniform(0.3, 1.0)
    lengths = rng.dirichlet(np.ones(2 * count - 1) * 3)
    ratios, starts = lengths[::2], np.concatenate([[0.0], np.cumsum(lengths)[1::2]])
    copies = rng.integers(1, 4, count)
    chances, width = copies / copies.sum(), rng.uniform(1.0, 3.0)
    left = -width * rng.uniform(0.3, 0.7)
    shifts = left * (1 - ratios) + width * starts
    model = affine(np.repeat((1 - ratios) / rate, copies), np.repeat(shifts / rate, copies))
    grid = Grid(-3.5, 3.5, int(rng.integers(16, 90)))
    operator = transition_operator(model, SGD(rate, 1, sampling=WithReplacement()), grid)
    (found,) = operator.invariant_measures()

    def below(points: np.ndarray) -> np.ndarray:
        place, sums, mass = (points - left) / width, np.zeros(len(points)), np.ones(len(points))
        open_ = np.ones(len(points), dtype=bool)
        for _ in range(80):
            into = np.searchsorted(starts, place, side="right") - 1
            part = np.clip(into, 0, count - 1)
            past = np.where(into < 0, 0.0, np.cumsum(chances)[part])
            inside = (into >= 0) & (place < starts[part] + ratios[part])
            sums += np.where(open_, mass * np.where(inside, past - chances[part], past), 0.0)
            open_ &= inside
            mass = mass * chances[part]
            place = np.where(open_, (place - starts[part]) / ratios[part], place)
        return sums

    cells = np.diff(below(grid.edges[0]))
    assert isinstance(operator, DataOperator)
    (law,) = invariant_masses(operator.chain)
    mesh = operator.chain.mesh
    fine = np.linspace(grid.lower[0], grid.upper[0], 40_001)
    steps = np.concatenate([[0.0], np.cumsum(law.masses)])[np.searchsorted(mesh.nodes, fine, side="right")]
    apart = float(np.abs(steps - below(fine)).mean()) * (grid.upper[0] - grid.lower[0])
    return [(distance(found.law, cells), found.law.error), (apart, found.wasserstein_error)]


def sums_of_even(rng: np.random.Generator) -> Pairs:
    """The ratio 2^(-1/m) with two maps: a sum of m even laws."""
    m, rate, c = int(rng.integers(1, 4)), rng.uniform(0.3, 1.0), rng.uniform(0.1, 0.25)
    ratio, centre = 2 ** (-1 / m), rng.uniform(-0.3, 0.3)
    slope, pull = (1 - ratio) / rate, centre * (1 - ratio)
    model = affine(np.full(2, slope), np.array([pull - c, pull + c]) / rate)
    grid = Grid(-3.0, 3.0, int(rng.integers(16, 120)))
    found = transition_operator(model, SGD(rate, 1, sampling=WithReplacement()), grid).invariant_measures()
    halves = 2 * c * ratio ** np.arange(m)
    places, sums = grid.edges[0] - centre, np.zeros(grid.size + 1)
    for signs in product((-1, 1), repeat=m):
        sums += np.prod(signs) * np.maximum(places + np.dot(signs, halves), 0) ** m
    cells = np.diff(sums) / (math.factorial(m) * 2**m * np.prod(halves))
    (only,) = found
    return [(distance(only.law, cells), only.law.error)]


def large_batches(rng: np.random.Generator) -> Pairs:
    """Equal inputs and many labels: each step adds a mean, whose transform is a power."""
    examples, batch = int(rng.choice([10, 50, 200])), int(rng.integers(2, 30))
    y, rate, steps = rng.normal(size=examples), rng.uniform(0.05, 0.6), int(rng.integers(1, 30))
    grid = Grid(-4.0, 4.0, int(rng.integers(20, 100)))
    operator = transition_operator(
        affine(np.ones(examples), y), SGD(rate, batch, sampling=WithReplacement()), grid
    )
    low, high = int(grid.size * 0.35), int(grid.size * 0.65)
    law = operator.evolve(even(grid, low, high), steps)[0]
    length = grid.upper[0] - grid.lower[0]
    u = 2 * np.pi * np.arange(1, FOURIER + 1) / length
    ends = grid.edges[0][[low, high]] * (1 - rate) ** steps
    half, middle = (ends[1] - ends[0]) / 2, (ends[0] + ends[1]) / 2
    transform = np.sinc(u * half / np.pi) * np.exp(1j * u * middle)
    for k in range(steps):
        scale = u * rate * (1 - rate) ** k / batch
        whole = np.array([np.exp(1j * part[:, None] * y).mean(axis=1) for part in np.array_split(scale, 32)])
        transform = transform * np.concatenate(list(whole)) ** batch
    edges = grid.edges[0]
    waves = np.exp(-1j * np.outer(edges, u)) * (transform / (-1j * u))
    cells = np.diff(edges / length + 2 * waves.real.sum(axis=1) / length)
    return [(distance(law, cells), law.error)]


def two_wells(rng: np.random.Generator) -> Pairs:
    """A jump that nobody crosses: the share of a start on either side, and the law about each well."""
    jump, rate, ratio = rng.uniform(-0.2, 0.2), rng.uniform(0.3, 1.0), rng.uniform(0.2, 0.8)
    slope, middles = (1 - ratio) / rate, np.array([jump - 1, jump + 1]) + rng.uniform(-0.1, 0.1, 2)
    y = np.array([-1.0, 1.0]) * rng.uniform(0.3, 0.8) * slope

    def gradient(w: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return slope * (w - np.where(w < jump, *middles)) - y[..., None]

    model = DatasetModel(np.ones(2), y, lambda w, x, y: w[..., 0] ** 2 - y * 0.0, gradient, 1)
    grid = Grid(-3.0, 3.0, int(rng.integers(16, 90)))
    operator = transition_operator(model, SGD(rate, 1, sampling=WithReplacement()), grid)
    low = int(rng.integers(grid.size // 6, grid.size // 3))
    high = int(rng.integers(2 * grid.size // 3, 5 * grid.size // 6))
    start = even(grid, low, high)
    ends = grid.edges[0][[low, high]]
    share = (jump - ends[0]) / (ends[1] - ends[0])
    assert isinstance(operator, DataOperator)
    weights = operator.weights(start)
    assert len(weights) == 2
    pairs = [(abs(found - truth), found.error) for found, truth in zip(weights, (share, 1 - share), strict=True)]
    steps = int(rng.integers(1, 9))
    sums = np.zeros(grid.size + 1)
    for middle, piece in zip(middles, ((ends[0], jump), (jump, ends[1])), strict=True):
        a, b = np.ones(1), np.zeros(1)
        for _ in range(steps):
            shift = middle * (1 - ratio) + rate * y[:, None]
            a, b = np.repeat(ratio * a[None], 2, axis=0).ravel(), (ratio * b + shift).ravel()
        first, last = a * piece[0] + b, a * piece[1] + b
        sums += (piece[1] - piece[0]) * np.clip((grid.edges[0][:, None] - first) / (last - first), 0, 1).mean(
            axis=1
        )
    law = operator.evolve(start, steps)[0]
    return [*pairs, (distance(law, np.diff(sums)), law.error)]


KINDS = {
    "SGD's law on data after some steps, all batches and orders": few_steps,
    "SGD's law on data, Cantor measures with chances: cells and W1": cantor,
    "SGD's law on data, sums of even laws at rest": sums_of_even,
    "SGD's law on data after some steps, large batches": large_batches,
    "SGD's law on data, two wells and a jump: weights and cells": two_wells,
}

if __name__ == "__main__":
    print_rows(KINDS, rounding=1e-11)
