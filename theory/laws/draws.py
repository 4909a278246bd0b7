"""Draws of Markov chains from one law, correlated along each chain."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.showing import told
from theory.laws.datatree import chains_of_draws
from theory.laws.ensemble import Ensemble
from theory.laws.grid import Grid
from theory.laws.histogram import Histogram
from theory.laws.stored import Stored, described
from theory.statistics import least_effective_size, rank_rhat

if TYPE_CHECKING:
    import xarray as xr

FEWEST_DRAWS = 4  # of a chain, each half of which needs a spread
APART = 2.0  # correlation times between draws that are kept as independent: exp(-4) is left of the correlation


@dataclass(frozen=True, eq=False)
class Draws(Stored):
    """Draws from one law by independent chains, which count by their effective size.

    Parameters
    ----------
    positions
        Shape (draws, chains, d), after the burn-in.
    acceptance, step_size
        Of the sampler, where there was one.

    Raises
    ------
    InputError
        If the shape is another, or there are fewer than four draws of two chains.
    """

    positions: Array = field(repr=False)
    acceptance: float | None = None
    step_size: float | None = None

    def __post_init__(self) -> None:
        shape = self.positions.shape
        require(
            len(shape) == 3 and shape[0] >= FEWEST_DRAWS and shape[1] >= 2 and shape[2] >= 1,
            f"`positions` must be (draws, chains, d), at least {FEWEST_DRAWS} draws of 2 chains, got {shape}",
        )

    @staticmethod
    def of(walkers: Ensemble, after: float = 0.0) -> Draws:
        """The walkers of a run as chains, their observations from the time `after` on as draws.

        For a run that has become stationary by then, whose few walkers are to count at all their times.

        Raises
        ------
        InputError
            If fewer than four observations of two walkers were kept from then on.
        """
        require(
            len(walkers.positions) == len(walkers.times),
            "`walkers` must have kept their positions at all times, got the last; leave `grid` out of the run",
        )
        return Draws(walkers.positions[walkers.times >= after])

    def __repr__(self) -> str:
        return told(
            "Draws", chains=self.chains, draws=len(self.positions), dim=self.dim, rhat=self.rhat,
            effective_size=self.effective_size,
        )  # fmt: skip

    @property
    def dim(self) -> int:
        """Dimension d."""
        return int(self.positions.shape[2])

    @property
    def chains(self) -> int:
        """Number of independent chains."""
        return int(self.positions.shape[1])

    @cached_property
    def rhat(self) -> float:
        """The largest R-hat of the components, by ranks; 1 where the chains agree, NaN where one diverged."""
        if not np.isfinite(self.positions).all():
            return math.nan
        return max(rank_rhat(self.positions[..., k]) for k in range(self.dim))

    @cached_property
    def effective_size(self) -> float:
        """How many independent draws they are worth, by the slowest of their components.

        Of each the mean and the shares below five quantiles are asked; at most the number of all draws.
        """
        if not np.isfinite(self.positions).all():
            return math.nan
        sizes = [least_effective_size(self.positions[..., k]) for k in range(self.dim)]
        return min(*sizes, float(self.positions[..., 0].size))

    @property
    def all(self) -> Array:
        """All draws, shape (draws * chains, d)."""
        return self.positions.reshape(-1, self.dim)

    def histogram(self, grid: Grid) -> Histogram:
        """The counts of all draws on `grid`, worth as many independent walkers as the effective size.

        Raises
        ------
        InputError
            If `grid` is of another dimension, or the draws are not finite.
        """
        size = self._size()
        counted = Histogram.from_samples(self.all, grid)
        return Histogram(grid, counted.counts, counted.outside, counted.diverged, effective=size)

    def independent(self) -> Ensemble:
        """Draws so far apart that they count as independent walkers: each second correlation time one.

        The correlation time is the number of all draws over the effective size. Less is known of the law than all
        draws tell; `histogram` loses nothing.

        Raises
        ------
        InputError
            If the draws are not finite, or no chain has two that are far enough apart.
        """
        step = math.ceil(APART * self.positions[..., 0].size / self._size())
        if self._size() >= self.positions[..., 0].size:
            step = 1
        kept = self.positions[step - 1 :: step]
        require(
            len(kept) >= 2,
            f"chains must have {2 * step} draws for two that are independent, got {len(self.positions)}; "
            "take more `steps`",
        )
        return Ensemble(np.zeros(1), kept.reshape(1, -1, self.dim))

    def to_xarray(self) -> xr.DataArray:
        """The positions with axes (draw, chain, component)."""
        import xarray as xr  # half a second that only files need

        facts = described("Draws", acceptance=self.acceptance, step_size=self.step_size)
        return xr.DataArray(self.positions, dims=["draw", "chain", "component"], name="positions", attrs=facts)

    def to_datatree(self) -> xr.DataTree:
        """The chains and draws in the layout that ArviZ reads (`az.summary`)."""
        return chains_of_draws(self.positions, acceptance=self.acceptance, step_size=self.step_size)

    @classmethod
    def _of(cls, data: xr.Dataset) -> Self:
        found: dict[str, Any] = {name: data["positions"].attrs.get(name) for name in ("acceptance", "step_size")}
        return cls(data["positions"].values, **{k: None if v is None else float(v) for k, v in found.items()})

    def _size(self) -> float:
        size = self.effective_size
        require(
            size >= 1,
            f"draws must be finite and worth one independent one at least, got {size:.3g}; run the chains longer, "
            "or with a smaller step",
        )
        return size
