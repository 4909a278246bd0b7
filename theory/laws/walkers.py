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
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from theory.base.arguments import require_known
from theory.base.arrays import Array, ArrayLike, Integers
from theory.base.errors import InputError, require
from theory.base.progress import progress_bar
from theory.laws.checkpoint import Checkpoint, stream_words
from theory.laws.ensemble import Ensemble
from theory.laws.grid import Grid
from theory.laws.histogram import Histogram
from theory.laws.moments import Moments, Sums
from theory.laws.options import ObservedOptions

BLOCK = 512  # positions, noise and gradients of a block stay in the first-level cache
FEWEST_WALKERS = 20  # whose spread tells a standard error
DIVERGED = 1e100  # a coordinate beyond is on its way to overflow
LONGEST_CALL = 2_000  # steps between two looks at the keyboard and the progress

Stepper = Callable[[int], None]
Begin = Callable[[Array, np.random.Generator], Stepper]
BeginBlock = Callable[[Array, np.random.Generator, int], Stepper]


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
    begin: BeginBlock,
    start: ArrayLike | Checkpoint,
    *,
    dim: int,
    steps: int,
    time_step: float,
    rng: np.random.Generator | None,
    remedy: str = "reduce the step",
    **options: Unpack[ObservedOptions],
) -> Ensemble:
    """The ensemble that starts at `start` (walkers, d) and makes `steps` steps.

    Parameters
    ----------
    begin
        Called once a block with its positions w (d, n), its stream and its number; returns the function that
        advances w in place by a number of steps, without holding the interpreter lock. One that keeps more than
        positions is a `Remembering`.
    start
        Positions (walkers, d), or the `Ensemble.checkpoint` of an earlier run: the two then make the steps of one
        run, bit for bit, and there is no `rng`.
    time_step
        Time of one step.
    remedy
        What to do where all walkers diverge, in a message.
    save_every, grid, threads, progress
        As those of `ObservedOptions`.

    Raises
    ------
    InputError
        If `start` does not fit, numbers are out of range, or all walkers diverge.
    """
    require_known("run_walkers", options, ObservedOptions)
    save_every, grid, threads = options.get("save_every"), options.get("grid"), options.get("threads")
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

    def advance(index: int) -> list[Sums]:
        block = slice(index * BLOCK, (index + 1) * BLOCK)
        w = np.ascontiguousarray(positions[block].T)
        step = begin(w, streams[index], index)
        kept = step.memory if isinstance(step, Remembering) else ()
        if resumed is not None:
            _recall(kept, resumed.memory[index])
        moments: list[Sums] = []
        done = 0
        for observation, stop in enumerate(stops):
            while done < stop:
                if interrupted.is_set():
                    return moments
                some = min(stop - done, LONGEST_CALL)
                step(some)
                done += some
                count(some * w.shape[1])
            moments += record.observe(observation, block, w)
        last[index], memory[index] = w.T, tuple(array.copy() for array in kept)
        return moments

    with (
        progress_bar(len(positions) * int(steps), options.get("progress")) as count,
        ThreadPoolExecutor(threads or os.cpu_count()) as pool,
    ):
        try:
            for moments in pool.map(advance, range(len(streams))):
                record.merge(moments)
        finally:
            interrupted.set()
    made, time = (resumed.steps, resumed.time) if resumed is not None else (0, 0.0)
    steady = time == made * time_step  # the same sum as in one run, to the last bit
    counts = made + np.array(stops, dtype=np.int64)
    times = np.asarray(counts * time_step if steady else time + np.array(stops) * time_step, dtype=np.float64)
    words = np.array([stream_words(stream) for stream in streams])
    checkpoint = Checkpoint(np.concatenate(last), words, tuple(memory), made + int(steps), float(times[-1]))
    ensemble = record.ensemble(times, checkpoint, counts)
    require(
        ensemble.diverged < ensemble.walkers,
        f"all {ensemble.walkers} walkers diverged within {steps} steps; {remedy}",
    )
    return ensemble


def _recall(kept: tuple[NDArray[Any], ...], before: tuple[NDArray[Any], ...]) -> None:
    """Write what a checkpoint remembers into the arrays of a fresh stepper."""
    shapes, old = [array.shape for array in kept], [array.shape for array in before]
    require(
        shapes == old,
        f"a checkpoint must remember what the run keeps, arrays of shapes {shapes}, got {old}; go on with the "
        "algorithm, the model and the data that made it",
    )
    for array, earlier in zip(kept, before, strict=True):
        array[...] = earlier


def torus_of(domain: Grid | None, dim: int) -> Array:
    """Lower ends and periods (0: none) of `domain`, shape (2, d). Raises `InputError` if it has not `dim` axes."""
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
    """Positions (walkers, dim) as a new array, or those of a checkpoint, after their checks.

    Raises `InputError` if they are not (walkers, dim), or not finite.
    """
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
    sums: list[Sums]  # for each time, where they go into a grid
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
            [] if grid is None else [Sums.of(np.empty((0, dim))) for _ in range(times)],
            threading.Lock(),
        )

    def observe(self, observation: int, block: slice, w: Array) -> list[Sums]:
        """Keep a block's positions and counts; return the sums of its moments, which only a grid needs."""
        points = w.T.copy()
        finite = (np.abs(points) < DIVERGED).all(axis=1)  # also False for NaN
        points[~finite] = np.nan
        self.positions[observation if self.grid is None else 0, block] = points
        if self.grid is None:
            return []
        kept = points[finite]
        counts, outside = self.grid.count(kept)
        with self.lock:  # integers: the order of blocks does not matter
            self.counts[observation] += counts
            self.lost[observation] += outside, len(points) - len(kept)
        return [Sums.of(kept)]

    def merge(self, moments: list[Sums]) -> None:
        """Add a block's moments."""
        if self.grid is not None:
            self.sums[:] = [before.plus(block) for before, block in zip(self.sums, moments, strict=False)]

    def ensemble(self, times: Array, checkpoint: Checkpoint, steps: Integers) -> Ensemble:
        if self.grid is None:
            return Ensemble(times, self.positions, checkpoint=checkpoint, steps=steps)
        histograms = tuple(self._histograms(self.grid))
        moments = Moments.from_sums(self.sums)
        return Ensemble(times, self.positions, histograms, moments, checkpoint, steps)

    def _histograms(self, grid: Grid) -> Iterator[Histogram]:
        for counts, (outside, diverged) in zip(self.counts, self.lost, strict=True):
            yield Histogram(grid, counts, int(outside), int(diverged))
