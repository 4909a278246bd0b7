"""Independent walkers, observed at given times."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from theory.base.arrays import Array
from theory.base.errors import require
from theory.laws.density import Density
from theory.laws.grid import Grid
from theory.laws.histogram import Histogram

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, eq=False)
class Moments:
    """Mean and covariance of the walkers that are still finite, at each time.

    Shapes: `count` (t,), `mean` (t, d), `covariance` (t, d, d) with divisor `count` - 1.
    """

    count: Array
    mean: Array = field(repr=False)
    covariance: Array = field(repr=False)


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Where a run ended, with all that it needs to go on as if it had not stopped: arrays only.

    Parameters
    ----------
    positions
        Last positions, shape (walkers, d), as they were: diverged walkers are not marked.
    streams
        State of each block's random numbers, shape (blocks, 6): four words of SFC64 and the half word in store.
    memory
        For each block the arrays that the walkers keep beside their positions, a velocity for example.
    steps, time
        Steps made and time passed since the beginning.
    """

    positions: Array = field(repr=False)
    streams: NDArray[np.uint64] = field(repr=False)
    memory: tuple[tuple[NDArray[Any], ...], ...] = field(repr=False)
    steps: int
    time: float

    def generators(self) -> list[np.random.Generator]:
        """The streams, one a block, as they stood at the end."""
        generators = []
        for block, words in enumerate(self.streams):
            stream = np.random.SFC64(np.random.SeedSequence(0, spawn_key=(block,)))  # the key says which block
            stream.state = {
                "bit_generator": "SFC64",
                "state": {"state": words[:4].copy()},
                "has_uint32": int(words[4]),
                "uinteger": int(words[5]),
            }
            generators.append(np.random.Generator(stream))
        return generators


def stream_words(stream: np.random.Generator) -> NDArray[np.uint64]:
    """The state of an SFC64 stream as a row of `Checkpoint.streams`."""
    state = stream.bit_generator.state
    return np.array([*state["state"]["state"], state["has_uint32"], state["uinteger"]], dtype=np.uint64)


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Positions of independent walkers at `times`; a diverged walker is NaN and stays counted.

    Parameters
    ----------
    times
        Times of observation, shape (t,): for SGD the steps times learning_rate / (1 - momentum).
    positions
        Shape (t, walkers, d), or (1, walkers, d) with the final positions only where the observations
        were streamed into `histograms` and `moments`.
    histograms
        One for each time, where a grid was given to count on; else empty.
    moments
        Streamed mean and covariance at each time, where a grid was given; else None.
    checkpoint
        The start of a run that goes on where this one ended; None where the positions came from elsewhere.

    Raises
    ------
    InputError
        If the shapes do not fit each other.
    """

    times: Array
    positions: Array = field(repr=False)
    histograms: tuple[Histogram, ...] = field(default=(), repr=False)
    moments: Moments | None = field(default=None, repr=False)
    checkpoint: Checkpoint | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        require(
            self.positions.ndim == 3 and self.positions.shape[0] in {1, len(self.times)},
            f"`positions` must have shape (times, walkers, d), got {self.positions.shape} "
            f"for {len(self.times)} times",
        )

    @property
    def walkers(self) -> int:
        """Number of walkers, diverged ones included."""
        return int(self.positions.shape[1])

    @property
    def dim(self) -> int:
        """Dimension d."""
        return int(self.positions.shape[2])

    @property
    def final(self) -> Array:
        """Last positions, shape (walkers, d)."""
        return np.asarray(self.positions[-1])

    @property
    def diverged(self) -> int:
        """Number of walkers whose last position is not finite."""
        return int(self.walkers - np.isfinite(self.final).all(axis=-1).sum())

    def density(self, grid: Grid) -> Density:
        """The law of the last positions on `grid`.

        Raises
        ------
        InputError
            If a walker diverged or lies outside the grid.
        """
        return self.histogram(grid).density

    def histogram(self, grid: Grid) -> Histogram:
        """The counts of the last positions on `grid`."""
        return Histogram.from_samples(self.final, grid)

    def to_xarray(self) -> xr.DataArray:
        """The positions with axes (time, walker, component)."""
        import xarray as xr  # half a second that only files need

        times = self.times if self.positions.shape[0] == len(self.times) else self.times[-1:]
        return xr.DataArray(self.positions, {"time": times}, ["time", "walker", "component"], name="positions")
