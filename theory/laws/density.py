"""Probability densities on a grid."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

from theory.base.arrays import Array, ArrayLike, Booleans, evaluated, flagged, read_only
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.laws.cell_masses import CellMasses
from theory.laws.density_views import in_html, in_one_line, labelled_density, parts_of
from theory.laws.grid import Grid
from theory.laws.law_moments import LawMoments, Reading, completed, of_cells, of_centres
from theory.laws.line_moments import LineMoments, line_moments
from theory.laws.quadrature_rule import QuadratureRule, of_averages
from theory.laws.stored import Stored

if TYPE_CHECKING:
    import xarray as xr

MASS_TOLERANCE = 1e-9  # of the whole mass: what values written with ten digits keep


@dataclass(frozen=True, eq=False)
class Density(Stored):
    """A law on the cells of a grid: values >= 0 whose sum times the cell volume is 1.

    Masses and moments are those of the law that the values stand for, by the kind of values (`cell_averages`):

    - False, values at the centres: masses are integrals over the cells (`CellMasses`), also of a law so narrow
      that the sum over the centres is not 1 before it is normalised. Moments are sums over the centres, exact up
      to exp(-2 (pi sd)^2) for sd in cells, or integrals where walls cut the law or it is narrower.
    - True, averages over the cells, as of counts: moments without what cells add, by Sheppard's correction or, of
      laws narrower than their cells and at walls, as integrals of exp of local polynomials of log p with the same
      averages (`line_moments`): normal laws to rounding, also a tenth of a cell wide.
    - None, not said: taken as they stand, masses at the centres.

    `mean_error` and `covariance_error` say what is left open, as of laws narrower than a third of a cell. A tail
    that falls as a power, so that the box decides a moment, gives a `MomentWarning` too.

    Parameters
    ----------
    grid
        The grid the values belong to.
    values
        Density at the cell centres or averaged over the cells, shape `grid.shape`; kept as a read-only copy.
    error
        Estimated error of the masses of the cells in total variation, or None where nobody estimated it. What
        reading masses from values at the centres adds is `reading_error`, which `averaged()`, and so `coarsen`
        and distances, count once; it is 0 of laws whose `error` holds it (`reading_counted`).
    samples
        Number of independent samples behind a histogram, which sets its noise floor; None for a computed law.
    cell_averages
        Whether the values are averages over the cells, as those of counts are, or values at the centres.
    walls
        Whether walkers meet a wall at the (lower, upper) side of each axis, so that there is nothing beyond; by
        default no side is known to be one.
    reading_counted
        Whether `error` holds what reading masses from the centres adds, as of the laws that `FokkerPlanck`,
        `gibbs` and closed forms give.

    Raises
    ------
    InputError
        If shapes differ, a value is negative or not finite, or the mass is not 1 to 1e-9.
    """

    grid: Grid
    values: Array = field(repr=False)
    error: float | None = None
    samples: int | None = None
    cell_averages: bool | None = None
    walls: tuple[tuple[bool, bool], ...] = ()
    reading_counted: bool = False

    def __post_init__(self) -> None:
        require(self.error is None or self.error >= 0, f"`error` must be None or not negative, got {self.error}")
        require(
            self.samples is None or self.samples >= 1, f"`samples` must be None or at least 1, got {self.samples}"
        )
        require(
            len(self.walls) in (0, self.grid.dim),
            f"`walls` must have a pair for each of {self.grid.dim} axes, got {len(self.walls)}",
        )
        values = read_only(self.values)
        require(
            values.shape == self.grid.shape,
            f"`values` must have the grid's shape {self.grid.shape}, got {values.shape}",
        )
        require(
            bool(np.isfinite(values).all()),
            f"`values` must be finite, got {np.count_nonzero(~np.isfinite(values))} that are not",
        )
        require(bool((values >= 0).all()), f"`values` must not be negative, got {values.min():.3g}")
        mass = float(values.sum() * self.grid.cell_volume)
        require(
            abs(mass - 1) <= MASS_TOLERANCE,
            f"`values` must integrate to 1, got {mass:.12g}; use Density.normalised or Density.from_log",
        )
        object.__setattr__(self, "values", values)

    __repr__ = in_one_line
    _repr_html_ = in_html

    @staticmethod
    def normalised(
        grid: Grid, values: ArrayLike, error: float | None = None, *, cell_averages: bool | None = None
    ) -> Density:
        """The density proportional to non-negative `values`, shape `grid.shape`.

        Raises
        ------
        InputError
            If the values have no positive, finite mass.
        """
        weights = np.asarray(values, dtype=np.float64)
        mass = weights.sum() * grid.cell_volume
        require(bool(mass > 0 and np.isfinite(mass)), f"`values` must have positive finite mass, got {mass}")
        return Density(grid, weights / mass, error, cell_averages=cell_averages)

    @staticmethod
    def from_log(grid: Grid, log_values: ArrayLike, error: float | None = None) -> Density:
        """The density proportional to exp(`log_values`), shape `grid.shape`; -inf is no mass, any offset will do.

        Raises
        ------
        InputError
            If a value is NaN or +inf, or none is finite.
        """
        logs = np.asarray(log_values, dtype=np.float64)
        require(
            bool((logs < np.inf).all() and (logs > -np.inf).any()),
            "`log_values` must be below +inf, not NaN, and finite somewhere",
        )
        return Density.normalised(grid, np.exp(logs - logs.max()), error, cell_averages=False)

    @staticmethod
    def from_samples(points: ArrayLike, grid: Grid) -> Density:
        """The histogram of `points` (n, d) on `grid`.

        Raises
        ------
        InputError
            If there is no point, or one lies outside the grid: nothing is dropped silently.
        """
        counts, outside = grid.count(points)
        total = int(counts.sum()) + outside
        require(total > 0, "a density needs at least one sample, got none")
        require(outside == 0, f"{outside} of {total} samples lie outside the grid; widen it or take a Histogram")
        return Density(grid, counts / (total * grid.cell_volume), samples=total, cell_averages=True)

    @cached_property
    def probabilities(self) -> Array:
        """Mass of each cell, shape `grid.shape`."""
        found = self.values * self.grid.cell_volume if self._read is None else self._read.probabilities
        return read_only(found)

    @cached_property
    def _read(self) -> CellMasses | None:
        """The masses that values at the centres stand for."""
        return CellMasses.of(self.grid, self.values) if self.cell_averages is False else None

    @property
    def reading_error(self) -> float:
        """What reading masses from values at the centres adds to `error`, in total variation."""
        return 0.0 if self._read is None or self.reading_counted else self._read.error

    @property
    def _total_error(self) -> float | None:
        """Error of the masses, all counted."""
        return None if self.error is None else min(1.0, self.error + self.reading_error)

    def averaged(self) -> Density:
        """The law as averages over the cells, with what reading them from centres adds to the error."""
        values = self.probabilities / self.grid.cell_volume
        return Density(self.grid, values, self._total_error, self.samples, True, self.walls)

    @cached_property
    def _lines(self) -> list[LineMoments]:
        """Moments of averages along each axis, by its marginal."""
        axes = range(self.grid.dim)
        lines = [self if self.grid.dim == 1 else self.marginal(axis) for axis in axes]
        return [line_moments(line.grid, line.probabilities, self.samples is not None) for line in lines]

    @cached_property
    def _rule(self) -> QuadratureRule:
        """Points and weights of integrals over the law."""
        if self.cell_averages:
            return self._lines[0].rule if self.grid.dim == 1 else of_averages(self.grid, self.probabilities)
        if self._read is None or self._read.even:
            return QuadratureRule.of_centres(self.grid, self.values * self.grid.cell_volume)
        return QuadratureRule(self.grid, tuple(self._read.nodes()))

    def expect(self, function: Callable[[Array], ArrayLike]) -> float:
        """Expectation of `function`, which maps points (..., d) in the cells to values (...).

        Raises
        ------
        InputError
            If the function gives no number for each centre, or the sum of them is NaN.
        """
        found = self._rule.integral(lambda points: evaluated(function, points, "function"))
        require(
            not math.isnan(found), "`function` must have an expectation, got NaN; check it where the law has mass"
        )
        return found

    def _reading(self) -> Reading:
        """Moments as the values tell them."""
        if self.cell_averages:
            return of_cells(self._rule, self._lines)
        return of_centres(self._rule, self.grid, self.reading_error)

    @cached_property
    def moments(self) -> LawMoments:
        """Mean and covariance with their errors, and what must be known of them; without warnings."""
        return completed(self, self._reading())

    @property
    def mean(self) -> Array:
        """Mean, shape (d,); a `MomentWarning` where the box decides it."""
        self.moments.warn(0)
        return self.moments.mean

    @property
    def covariance(self) -> Array:
        """Covariance, shape (d, d); a `MomentWarning` where the box decides it."""
        self.moments.warn(1)
        return self.moments.covariance

    @property
    def mean_error(self) -> Array:
        """Error of the mean, shape (d,): of reading it, of the law, and of the box; without that of sampling."""
        return self.moments.mean_error

    @property
    def covariance_error(self) -> Array:
        """Error of the covariance, shape (d, d), as `mean_error`; infinite where the box decides it."""
        return self.moments.covariance_error

    def marginal(self, axis: int) -> Density:
        """The law of one coordinate, on that axis of the grid.

        Raises
        ------
        InputError
            If there is no such axis.
        """
        require(-self.grid.dim <= axis < self.grid.dim, f"`axis` must be below {self.grid.dim}, got {axis}")
        axis %= self.grid.dim
        others = tuple(k for k in range(self.grid.dim) if k != axis)
        line = Grid(self.grid.lower[axis], self.grid.upper[axis], self.grid.cells[axis], self.grid.periodic[axis])
        values = (self.values * self.grid.cell_volume).sum(axis=others) / line.cell_volume
        more = self.samples, self.cell_averages, self.walls[axis : axis + 1]
        return Density(line, values, self._total_error, *more)

    def mass(self, where: Callable[[Array], Booleans] | Booleans) -> Estimate:
        """Mass of the cells in `where`: a mask of shape `grid.shape`, or a function of the centres.

        Its error is that of counts where there are `samples`, else that of the law in total variation, if known.

        Raises
        ------
        InputError
            If `where` does not give one flag a cell.
        """
        mask = flagged(where, self.grid.centers, "where") if callable(where) else np.asarray(where)
        require(
            mask.shape == self.grid.shape and mask.dtype == np.bool_,
            f"`where` must give one flag a cell, shape {self.grid.shape}, got {mask.shape}",
        )
        found = float(self.probabilities[mask].sum())
        if self.samples is not None:
            return Estimate(found, math.sqrt(max(found * (1 - found), 0.0) / self.samples))
        return Estimate(found, math.nan if self._total_error is None else self._total_error)

    def coarsen(self, factor: int) -> Density:
        """The averages of this law over cells joined by `factor` along each axis; see `averaged` for the error."""
        coarse = self.grid.coarsened(factor)
        if factor == 1:
            return self
        split = [part for n in coarse.cells for part in (n, factor)]
        fine = self.averaged()
        joined = fine.values.reshape(split).mean(axis=tuple(range(1, 2 * self.grid.dim, 2)))
        return Density(coarse, joined, fine.error, self.samples, True, self.walls)

    def to_xarray(self) -> xr.DataArray:
        """The values with their coordinates `w0`, `w1`, ..., their kind, the error and the rest as attributes."""
        return labelled_density(self)

    @classmethod
    def _of(cls, data: xr.Dataset) -> Self:
        return cls(**parts_of(data))
