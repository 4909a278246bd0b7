"""Independent walkers in blocks: the loop that every simulation shares.

Walkers go in fixed blocks of `BLOCK`, each with its own stream spawned from the caller's generator, so that a
result depends on the seed and the number of walkers only, never on threads or on when it was observed.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from theory.base.arrays import Array, ArrayLike, Integers
from theory.base.errors import InputError, require
from theory.laws.ensemble import Checkpoint, Ensemble, Moments, stream_words
from theory.laws.grid import Grid
from theory.laws.histogram import Histogram

BLOCK = 512  # positions, noise and gradients of a block stay in the first-level cache
DIVERGED = 1e100  # a coordinate beyond is on its way to overflow
LONGEST_CALL = 20_000  # steps between two looks at the keyboard

Stepper = Callable[[int], None]
Begin = Callable[[Array, np.random.Generator], Stepper]


@dataclass(frozen=True)
class Remembering:
    """A stepper with arrays beside the positions that it changes in place, such as a velocity.

    A checkpoint keeps copies of `memory` and writes them back into the arrays of a fresh stepper.
    """

    advance: Stepper
    memory: tuple[NDArray[Any], ...]

    def __call__(self, steps: int) -> None:
        """Advance by `steps`."""
        self.advance(steps)


def run_walkers(
    begin: Begin,
    start: ArrayLike | Checkpoint,
    *,
    dim: int,
    steps: int,
    time_step: float,
    rng: np.random.Generator | None,
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
        place by a number of steps, without holding the interpreter lock. One that keeps more than positions is
        a `Remembering`.
    start
        Positions (walkers, d), or the `Ensemble.checkpoint` of an earlier run: the two then make the steps of one
        run, bit for bit, and there is no `rng`.
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
    resumed = start if isinstance(start, Checkpoint) else None
    positions = checked_positions(start, dim)
    require(steps >= 0 and steps % 1 == 0, f"`steps` must be a whole number, not negative, got {steps}")
    require(
        save_every is None or (save_every >= 1 and save_every % 1 == 0),
        f"`save_every` must be a whole number of steps, at least 1, got {save_every}",
    )
    require(threads is None or threads >= 1, f"`threads` must be at least 1, got {threads}")
    require(grid is None or grid.dim == dim, f"`grid` must have dimension {dim}, got {grid and grid.dim}")
    streams = spawn_streams(rng, len(positions)) if resumed is None else _resumed_streams(resumed, rng)
    stops = _observed_steps(int(steps), save_every)
    record = _Record.empty(len(stops), positions.shape, grid)
    interrupted = threading.Event()
    last: list[Array] = [np.empty(0)] * len(streams)
    memory: list[tuple[NDArray[Any], ...]] = [()] * len(streams)

    def advance(index: int) -> list[tuple[int, Array, Array]]:
        block = slice(index * BLOCK, (index + 1) * BLOCK)
        w = np.ascontiguousarray(positions[block].T)
        step = begin(w, streams[index])
        kept = step.memory if isinstance(step, Remembering) else ()
        if resumed is not None:
            for array, before in zip(kept, resumed.memory[index], strict=True):
                array[...] = before
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
        last[index], memory[index] = w.T, tuple(array.copy() for array in kept)
        return moments

    total = len(positions) * max(int(steps), 1)
    with (
        tqdm(total=total, unit="step", unit_scale=True, delay=2, disable=None, leave=False) as bar,
        ThreadPoolExecutor(threads or os.cpu_count()) as pool,
    ):
        try:
            for index, moments in enumerate(pool.map(advance, range(len(streams)))):
                record.merge(moments)
                bar.update(min(BLOCK, len(positions) - index * BLOCK) * max(int(steps), 1))
        finally:
            interrupted.set()
    made, time = (resumed.steps, resumed.time) if resumed is not None else (0, 0.0)
    steady = time == made * time_step  # the same sum as in one run, to the last bit
    times = (made + np.array(stops)) * time_step if steady else time + np.array(stops) * time_step
    words = np.array([stream_words(stream) for stream in streams])
    checkpoint = Checkpoint(np.concatenate(last), words, tuple(memory), made + int(steps), float(times[-1]))
    ensemble = replace(record.ensemble(times), checkpoint=checkpoint)
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


def spawn_streams(rng: np.random.Generator | None, walkers: int) -> list[np.random.Generator]:
    """A stream for each block of `walkers`, spawned from `rng`."""
    seeds = _seed_sequence(rng).spawn(-(-walkers // BLOCK))
    return [np.random.Generator(np.random.SFC64(seed)) for seed in seeds]


def _resumed_streams(checkpoint: Checkpoint, rng: np.random.Generator | None) -> list[np.random.Generator]:
    require(rng is None, "a run that goes on from a checkpoint has its own streams; leave `rng` out")
    blocks = -(-len(checkpoint.positions) // BLOCK)
    require(
        len(checkpoint.streams) == blocks == len(checkpoint.memory),
        f"a checkpoint of {len(checkpoint.positions)} walkers must have {blocks} streams, got "
        f"{len(checkpoint.streams)} and {len(checkpoint.memory)} memories",
    )
    return checkpoint.generators()


def _seed_sequence(rng: np.random.Generator | None) -> np.random.SeedSequence:
    if not isinstance(rng, np.random.Generator):
        raise InputError(
            f"`rng` must be a numpy Generator, got {type(rng).__name__}; write numpy.random.default_rng(seed)"
        )
    sequence = rng.bit_generator.seed_seq
    if not isinstance(sequence, np.random.SeedSequence):
        raise InputError("`rng` must be able to spawn streams; write numpy.random.default_rng(seed)")
    return sequence


def checked_positions(start: ArrayLike | Checkpoint, dim: int) -> Array:
    """Positions (walkers, dim) as a new array, or those of a checkpoint, after their checks."""
    if isinstance(start, Checkpoint):
        require(
            start.positions.shape[1] == dim,
            f"the checkpoint must have dimension {dim}, got {start.positions.shape[1]}",
        )
        return start.positions.copy()
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
