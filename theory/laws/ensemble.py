"""Independent walkers, observed at given times."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from theory.base.arrays import Array, ArrayLike, Integers
from theory.base.errors import require
from theory.base.html import table, vector
from theory.base.showing import span, told
from theory.laws.checkpoint import Checkpoint
from theory.laws.datatree import walkers_as_chains
from theory.laws.density import Density
from theory.laws.ensemble_files import labelled_positions, labelled_run, parts_of
from theory.laws.grid import Grid
from theory.laws.histogram import Histogram
from theory.laws.moments import Moments
from theory.laws.stored import Stored

if TYPE_CHECKING:
    import xarray as xr


SHOWN_COMPONENTS = 6  # components whose moments notebooks show


class _MomentsOfPositions:
    """The moments that a run streamed, or those of the positions, made when they are first asked for."""

    def __get__(self, ensemble: Ensemble | None, owner: type) -> Moments | None:
        if ensemble is None:
            return None  # the default of the field
        held = vars(ensemble)
        if held["streamed"] is None and "found" not in held:
            held["found"] = Moments.of(ensemble.positions)
        return held.get("found", held["streamed"])  # type: ignore[no-any-return]

    def __set__(self, ensemble: Ensemble, moments: Moments | None) -> None:
        vars(ensemble)["streamed"] = moments


@dataclass(frozen=True, eq=False)
class Ensemble(Stored):
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
        Mean and covariance at each time, with standard errors: streamed where a grid was given, else of the
        positions.
    checkpoint
        The start of a run that goes on where this one ended; None where the positions came from elsewhere.
    steps
        Steps made by each of the times, shape (t,), those before a checkpoint included; None where the positions
        came from elsewhere and nobody said.

    Raises
    ------
    InputError
        If the shapes do not fit each other.
    """

    times: Array
    positions: Array = field(repr=False)
    histograms: tuple[Histogram, ...] = field(default=(), repr=False)
    moments: Moments | None = _MomentsOfPositions()  # type: ignore[assignment]
    checkpoint: Checkpoint | None = field(default=None, repr=False)
    steps: Integers | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.steps is not None:
            require(
                self.steps.shape == self.times.shape,
                f"`steps` must be one for each of {len(self.times)} times, got shape {self.steps.shape}",
            )
        require(
            self.positions.ndim == 3 and self.positions.shape[0] in {1, len(self.times)},
            f"`positions` must have shape (times, walkers, d), got {self.positions.shape} "
            f"for {len(self.times)} times",
        )

    @staticmethod
    def from_samples(points: ArrayLike, times: ArrayLike = 0.0, *, grid: Grid | None = None) -> Ensemble:
        """The ensemble of walkers at `points` (walkers, d), or (times, walkers, d); on a line also (walkers,).

        Parameters
        ----------
        times
            Time of the points, one number or (times,), ascending.
        grid
            Where the walkers are to be counted at each time, into `histograms`.

        Raises
        ------
        InputError
            If the shapes do not fit, there is no walker, or a time is not finite or not after the one before.
        """
        positions = np.array(points, dtype=np.float64)
        if positions.ndim == 1:
            positions = positions[:, None]
        positions = positions[None] if positions.ndim == 2 else positions
        seen = np.atleast_1d(np.array(times, dtype=np.float64))
        require(
            positions.ndim == 3 and positions.size > 0,
            f"`points` must have shape (walkers, d) or (times, walkers, d), got {np.shape(points)}",
        )
        require(
            seen.shape == positions.shape[:1],
            f"`times` must be one for each of {len(positions)} observations, got shape {seen.shape}",
        )
        ascending = bool(np.isfinite(seen).all() and (np.diff(seen) > 0).all())
        require(ascending, f"`times` must be finite and ascend, got {span(seen)}")
        require(
            grid is None or grid.dim == positions.shape[2],
            f"`grid` must have dimension {positions.shape[2]}, got {grid and grid.dim}",
        )
        positions[~np.isfinite(positions).all(axis=-1)] = np.nan  # diverged
        histograms = () if grid is None else tuple(Histogram.from_samples(w, grid) for w in positions)
        return Ensemble(seen, positions, histograms)

    def __repr__(self) -> str:
        return told(
            "Ensemble",
            walkers=self.walkers,
            dim=self.dim,
            times=f"{span(self.times)} ({len(self.times)})",
            diverged=self.diverged,
        )

    def _repr_html_(self) -> str:
        """A table of who walks, and where they are at the end, for notebooks."""
        rows: dict[str, Any] = {
            "walkers": self.walkers,
            "diverged": self.diverged,
            "dimension": self.dim,
            "times": f"{span(self.times)}, {len(self.times)} of them",
            "steps": None if self.steps is None else span(self.steps),
        }
        if self.dim <= SHOWN_COMPONENTS:
            end = Moments.of(self.positions[-1:])
            variances, errors = (np.diag(part[0]) for part in (end.covariance, end.covariance_error))
            rows["mean at the end"] = vector(end.mean, end.mean_error)
            rows["variance at the end"] = vector(variances, errors)
        return table("Ensemble", rows)

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
        """The counts of the last positions on `grid`.

        Raises
        ------
        InputError
            If `grid` is of another dimension than the walkers.
        """
        return Histogram.from_samples(self.final, grid)

    def at_times(self, times: Array) -> Ensemble:
        """The same observations at other `times` (t,)."""
        moved = copy(self)
        object.__setattr__(moved, "times", times)
        return moved

    def to_xarray(self) -> xr.DataArray:
        """The positions with axes (time, walker, component), and the steps by each time where they are known."""
        return labelled_positions(self)

    def to_datatree(self) -> xr.DataTree:
        """The walkers as chains and the kept times as draws, in groups that ArviZ reads (`az.summary`).

        Where one time was kept, all walkers are the draws of one chain. Diverged walkers stay, as NaN: `diverging`
        of the group `sample_stats` says which, the attribute `diverged` how many at the end.
        """
        return walkers_as_chains(self)

    def _stored(self) -> xr.Dataset:
        """Everything, with the streamed moments where there are any."""
        return labelled_run(self, vars(self)["streamed"])

    @classmethod
    def _of(cls, data: xr.Dataset) -> Self:
        return cls(**parts_of(data))
