"""Independent walkers in blocks: the loop that every simulation shares.

Walkers go in fixed blocks of `BLOCK`, each with its own stream spawned from the caller's generator, so that a
result depends on the seed and the number of walkers only, never on threads or on when it was observed.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from theory.arrays import Array, ArrayLike, Integers
from theory.ensemble import Ensemble, Moments
from theory.errors import InputError, require
from theory.grid import Grid
from theory.histogram import Histogram

BLOCK = 512  # positions, noise and gradients of a block stay in the first-level cache
DIVERGED = 1e100  # a coordinate beyond is on its way to overflow
LONGEST_CALL = 20_000  # steps between two looks at the keyboard

Stepper = Callable[[int], None]
Begin = Callable[[Array, np.random.Generator], Stepper]


def run_walkers(
    begin: Begin,
    start: ArrayLike,
    *,
    dim: int,
    steps: int,
    time_step: float,
    rng: np.random.Generator,
    save_every: int | None = None,
    grid: Grid | None = None,
    threads: int | None = None,
    remedy: str = "reduce the step",
) -> Ensemble:
    """The ensemble that starts at `start` (walkers, d) and makes `steps` steps.

    Parameters
    ----------
    begin
        Called once a block with its positions w (d, n) and its stream; returns the function that advances w in
        place by a number of steps, without holding the interpreter lock.
    time_step
        Time of one step.
    save_every
        Steps between observations, the start and the end included; None observes the end only.
    grid
        Counts the observations on this grid and keeps their moments instead of the positions, so that memory
        does not grow with the number of observations (the final positions are kept).
    threads
        Blocks advanced at the same time; all processors by default. The result does not depend on it.

    Raises
    ------
    InputError
        If `start` does not fit, numbers are out of range, or all walkers diverge.
    """
    positions = _checked_start(start, dim)
    require(steps >= 0 and steps % 1 == 0, f"`steps` must be a whole number, not negative, got {steps}")
    require(
        save_every is None or (save_every >= 1 and save_every % 1 == 0),
        f"`save_every` must be a whole number of steps, at least 1, got {save_every}",
    )
    require(threads is None or threads >= 1, f"`threads` must be at least 1, got {threads}")
    require(grid is None or grid.dim == dim, f"`grid` must have dimension {dim}, got {grid and grid.dim}")
    seeds = _seed_sequence(rng).spawn(-(-len(positions) // BLOCK))
    stops = _observed_steps(int(steps), save_every)
    record = _Record.empty(len(stops), positions.shape, grid)
    interrupted = threading.Event()

    def advance(index: int) -> list[tuple[int, Array, Array]]:
        block = slice(index * BLOCK, (index + 1) * BLOCK)
        w = np.ascontiguousarray(positions[block].T)
        step = begin(w, np.random.Generator(np.random.SFC64(seeds[index])))
        moments: list[tuple[int, Array, Array]] = []
        done = 0
        for observation, stop in enumerate(stops):
            while done < stop:
                if interrupted.is_set():
                    return moments
                some = min(stop - done, LONGEST_CALL)
                step(some)
                done += some
            moments.append(record.observe(observation, block, w))
        return moments

    total = len(positions) * max(int(steps), 1)
    with (
        tqdm(total=total, unit="step", unit_scale=True, delay=2, disable=None, leave=False) as bar,
        ThreadPoolExecutor(threads or os.cpu_count()) as pool,
    ):
        try:
            for index, moments in enumerate(pool.map(advance, range(len(seeds)))):
                record.merge(moments)
                bar.update(min(BLOCK, len(positions) - index * BLOCK) * max(int(steps), 1))
        finally:
            interrupted.set()
    ensemble = record.ensemble(np.array(stops) * time_step)
    require(
        ensemble.diverged < ensemble.walkers,
        f"all {ensemble.walkers} walkers diverged within {steps} steps; {remedy}",
    )
    return ensemble


def torus_of(domain: Grid | None, dim: int) -> Array:
    """Lower ends and periods of the periodic axes of `domain`, shape (2, d); period 0 means none."""
    torus = np.zeros((2, dim))
    if domain is not None:
        require(domain.dim == dim, f"`domain` must have dimension {dim}, got {domain.dim}")
        lengths = np.array(domain.upper) - np.array(domain.lower)
        torus[0], torus[1] = domain.lower, np.where(domain.periodic, lengths, 0.0)
    return torus


def _seed_sequence(rng: np.random.Generator) -> np.random.SeedSequence:
    require(
        isinstance(rng, np.random.Generator),
        f"`rng` must be a numpy Generator, got {type(rng).__name__}; write numpy.random.default_rng(seed)",
    )
    sequence = rng.bit_generator.seed_seq
    if not isinstance(sequence, np.random.SeedSequence):
        raise InputError("`rng` must be able to spawn streams; write numpy.random.default_rng(seed)")
    return sequence


def _checked_start(start: ArrayLike, dim: int) -> Array:
    positions = np.array(start, dtype=np.float64)
    if positions.ndim == 1 and dim == 1:
        positions = positions[:, None]
    require(
        positions.ndim == 2 and positions.shape[1] == dim and len(positions) > 0,
        f"`start` must have shape (walkers, {dim}), got {positions.shape}",
    )
    bad = np.count_nonzero(~np.isfinite(positions).all(axis=1))
    require(bad == 0, f"`start` must be finite, got {bad} walkers that are not")
    return positions


def _observed_steps(steps: int, save_every: int | None) -> list[int]:
    """Steps at which walkers are observed: 0, save_every, ... and always the last."""
    if save_every is None:
        return [steps]
    stops = list(range(0, steps + 1, int(save_every)))
    return stops if stops[-1] == steps else [*stops, steps]


@dataclass
class _Record:
    """What is kept of the observations, filled block by block and merged in the blocks' order."""

    positions: Array
    grid: Grid | None
    counts: Integers
    lost: Integers  # (times, 2): outside, diverged
    sums: list[tuple[float, Array, Array]]  # for each time: walkers, mean, sum of squared deviations
    lock: threading.Lock

    @staticmethod
    def empty(times: int, shape: tuple[int, ...], grid: Grid | None) -> _Record:
        walkers, dim = shape
        kept = times if grid is None else 1
        cells = (0,) if grid is None else grid.shape
        return _Record(
            np.empty((kept, walkers, dim)),
            grid,
            np.zeros((times, *cells), dtype=np.int64),
            np.zeros((times, 2), dtype=np.int64),
            [(0.0, np.zeros(dim), np.zeros((dim, dim))) for _ in range(times)],
            threading.Lock(),
        )

    def observe(self, observation: int, block: slice, w: Array) -> tuple[int, Array, Array]:
        """Keep a block's positions and counts; return its number, mean and squared deviations."""
        points = w.T.copy()
        finite = (np.abs(points) < DIVERGED).all(axis=1)  # also False for NaN
        points[~finite] = np.nan
        self.positions[observation if self.grid is None else 0, block] = points
        if self.grid is None:
            return 0, np.empty(0), np.empty(0)
        kept = points[finite]
        counts, outside = self.grid.count(kept)
        with self.lock:  # integers: the order of blocks does not matter
            self.counts[observation] += counts
            self.lost[observation] += outside, len(points) - len(kept)
        mean = kept.mean(axis=0) if len(kept) else np.zeros(points.shape[1])
        return len(kept), mean, (kept - mean).T @ (kept - mean)

    def merge(self, moments: list[tuple[int, Array, Array]]) -> None:
        """Add a block's moments by the pairwise update of Chan, Golub & LeVeque, without cancellation."""
        if self.grid is None:
            return
        for index, (number, mean, squares) in enumerate(moments):
            before, old_mean, old_squares = self.sums[index]
            after = before + number
            if number:
                shift = mean - old_mean
                weight = before * number / after
                new_mean = old_mean + shift * (number / after)
                self.sums[index] = after, new_mean, old_squares + squares + weight * np.outer(shift, shift)

    def ensemble(self, times: Array) -> Ensemble:
        if self.grid is None:
            return Ensemble(times, self.positions)
        histograms = tuple(self._histograms(self.grid))
        number, mean, squares = (np.array(part) for part in zip(*self.sums, strict=True))
        with np.errstate(divide="ignore", invalid="ignore"):  # no survivor: the covariance is NaN
            covariance = squares / (number - 1)[:, None, None]
        return Ensemble(times, self.positions, histograms, Moments(number, mean, covariance))

    def _histograms(self, grid: Grid) -> Iterator[Histogram]:
        for counts, (outside, diverged) in zip(self.counts, self.lost, strict=True):
            yield Histogram(grid, counts, int(outside), int(diverged))
