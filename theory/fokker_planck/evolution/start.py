"""The law at time 0 on the grid it is given on, and on finer and coarser ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.ndimage import uniform_filter1d

from theory.base.arrays import Array
from theory.base.rounding import LEAST_NORMAL
from theory.equations.protocol import Equation
from theory.fokker_planck.evolution.weighted import WeightedLine, Weights
from theory.fokker_planck.meshes import averaged, centred, interpolated, rebinned
from theory.laws import Density, Grid
from theory.laws.cell_masses import DEGREES, CellMasses
from theory.laws.local_fit import LocalFit

TORN = 1e-3  # share of the mass at centres that nothing foresees, from where it counts
SPIKE = 12.0  # over the distance of values from averages where one cell holds all: then 1
FITS = (9, 7, 5, 3)  # cells through whose averages a start is read over a zero-flux density
NEARBY = 5  # cells over which it is asked how a start is read best
DEGREES_APART = 100.0  # times less that degrees differ where it is read without that density
READ = 3.0  # times what the last fit changes
FALL = 0.3  # largest fall between changes that is expected of the last one


@dataclass(frozen=True)
class InitialLaw:
    """A law of averages over the cells, or of values at the centres, as which others count too.

    Between the centres it is what local polynomials of log p say (`CellMasses`), or splines through the values
    that averages stand for. On a line where noise ends, or the zero-flux density is infinite, laws are that
    density times what is smooth: there the start is read so.

    Parameters
    ----------
    law
        The law at time 0.
    equation
        What moves it; None if its zero-flux density is not asked for.
    """

    law: Density
    equation: Equation | None = None

    @property
    def averages(self) -> bool:
        """Whether the values are averages over the cells."""
        return bool(self.law.cell_averages)

    def masses(self, onto: Grid) -> Array:
        """Masses of the cells of `onto`, a grid of the same box, never negative, with sum 1."""
        grid = self.law.grid
        own = self.law.values * grid.cell_volume
        if onto == grid:
            return np.asarray(own / own.sum())
        if onto.size < grid.size:
            masses = rebinned(own, grid, onto)
        elif self.bare:
            masses = np.maximum(self.reading(onto)[:, 0], 0.0)
        else:
            masses = np.maximum(self.values(onto), 0.0)
            if self.averages:  # each cell keeps its mass, spread evenly where the spline is positive nowhere
                even = rebinned(own, grid, onto)
                found = rebinned(rebinned(masses, onto, grid), grid, onto)
                masses = np.where(found > 0, masses * (even / np.where(found > 0, found, 1.0)), even)
        return np.asarray(masses / masses.sum())

    def values(self, onto: Grid, lower: bool = False) -> Array:
        """Values at the centres of `onto`; they may be negative where cells do not resolve averages.

        By fits of degree 6 and splines of degree 7 with three terms; `lower` takes degrees 4 and 5 and two terms.
        """
        grid = self.law.grid
        if onto != grid and onto.size > grid.size and not self.averages:
            values = self._fitted(onto.cells[0] // grid.cells[0], lower)
        else:
            values = centred(self.law.values, grid, terms=2) if lower and self.averages else self._centres
            if onto != grid:
                values = interpolated(values, grid, onto, 5 if lower else 7)
        return np.asarray(values / (values.sum() * onto.cell_volume))

    def roughness(self, onto: Grid) -> float:
        """Total variation between `values` and those of the lower degree; of `reading`, what may be wrong."""
        if self.bare:
            return float(np.abs(self.reading(onto)[:, 1:3]).sum() / 2)
        return float(np.abs(self.values(onto) - self.values(onto, lower=True)).sum() * onto.cell_volume / 2)

    @cached_property
    def error(self) -> float:
        """Error of the start's own masses in total variation; 0 of what nobody estimated."""
        return (self.law.error or 0.0) + self.law.reading_error

    def unresolved(self, onto: Grid) -> float:
        """How much of a cell's width the place of the mass in it is left open: 1 for a spike, 0 for a smooth law.

        The cells are those of `onto`, finer than the own ones, where values at centres are given. Samples are what
        they are: 0.
        """
        if self.law.samples is not None:
            return 0.0
        if self.bare:
            return self._spike
        grid = self.law.grid if self.averages else onto
        values = self.values(grid)
        other = self.law.values if self.averages else averaged(values, grid)
        apart = float(np.abs(other - values).sum() * grid.cell_volume / 2)
        return max(min(1.0, 3 * (SPIKE * apart) ** 4), self._torn)

    def width(self, onto: Grid) -> float:
        """Width of the cells of `unresolved` in cells of `onto`, along an axis."""
        return onto.cells[0] / self.law.grid.cells[0] if self.averages or self._torn else 1.0

    @cached_property
    def _torn(self) -> float:
        """Share of the mass at centres that their neighbours do not foresee, so that it may lie between them."""
        torn = 0.0 if self.averages else float(self.law.values[self._read.rough].sum() * self.law.grid.cell_volume)
        return torn if torn > TORN else 0.0

    def line(self, onto: Grid) -> WeightedLine | None:
        """The zero-flux density of the equation on `onto`, where there is one."""
        if self.equation is None:
            return None
        if onto not in self._lines:
            self._lines[onto] = WeightedLine.of(self.equation, onto)
        return self._lines[onto]

    @cached_property
    def bare(self) -> bool:
        """Whether an end of the line is no wall, as where noise ends."""
        line = self.line(self.law.grid)
        return line is not None and self.law.grid.size >= FITS[0] and not all(line.walls)

    def reading(self, onto: Grid) -> Array:
        """Masses of the cells of a finer line over the zero-flux density p0, and what may be wrong, (cells, 4).

        As p0 times a polynomial through averages over nine cells; as 1 times one where degrees then differ far
        less nearby. Wrong may be three times what the last degree changes, or what it should as changes fall, and
        the place of what one cell alone holds; the first two add nothing to the mass of a cell of the start.
        """
        weights, finer = (line.weights for line in (self.line(self.law.grid), self.line(onto)) if line is not None)
        own, parts = self._own, finer.size // weights.size
        even = Weights.even(weights.grid), Weights.even(finer.grid)
        readings = [[one.split(other, own, count) for count in FITS] for one, other in ((weights, finer), even)]
        over, plain = (_nearby(fits[0] - fits[1], parts) for fits in readings)
        chosen = np.where(DEGREES_APART * plain < over, readings[1], readings[0]).reshape(len(FITS), -1, parts)
        spread = weights.split(finer, own, 1).reshape(-1, parts)
        torn = ~np.isfinite(chosen).all(axis=(0, 2)) | (chosen[0] < 0).any(axis=1)  # where polynomials say nothing
        fits = np.where(torn[:, None], spread, chosen).reshape(len(FITS), -1)
        last, before, first = fits[0] - fits[1], fits[1] - fits[2], fits[2] - fits[3]
        fall = _nearby(before, parts) / (_nearby(first, parts) + LEAST_NORMAL)
        aside = np.append(np.zeros(parts), fits[0, :-parts])
        aside[-parts:] += fits[0, -parts:]
        wrong = READ * last, READ * np.minimum(fall, FALL) * before
        kept = [part * np.minimum(1.0, np.repeat(2 * own, parts) / _sums(part, parts)) for part in wrong]
        return np.stack([fits[0], *kept, self._spike * (aside - fits[0])], axis=1)

    @cached_property
    def _spike(self) -> float:
        """`unresolved` over the zero-flux density or without it, the smaller."""
        line = self.line(self.law.grid)
        if self.law.samples is not None or line is None:
            return 0.0
        bend = min(weights.bend(self._own) for weights in (line.weights, Weights.even(self.law.grid)))
        return min(1.0, 3 * (SPIKE * bend) ** 4)

    @cached_property
    def _own(self) -> Array:
        """Masses of the own cells, read from values at the centres where no end is bare."""
        if self.averages or self.bare:
            return np.asarray(self.law.values * self.law.grid.cell_volume)
        return np.asarray(self._read.probabilities / self._read.probabilities.sum())

    @property
    def reading_error(self) -> float:
        """What reading masses from the values may miss, beyond `error`."""
        if self.averages or self.bare or self.law.reading_counted:
            return 0.0
        return max(0.0, self._read.error - self.law.reading_error)

    @cached_property
    def _lines(self) -> dict[Grid, WeightedLine | None]:
        return {}

    @cached_property
    def _centres(self) -> Array:
        return centred(self.law.values, self.law.grid) if self.averages else self.law.values

    def _fitted(self, factor: int, lower: bool) -> Array:
        """Values of a line at the centres of cells `factor` times finer; evenly where none are foreseen."""
        grid, values = self.law.grid, self.law.values
        fit = self._read.fit if not lower else LocalFit(self._read.fit.logs, grid.periodic, DEGREES[0])
        places = (np.arange(factor) - (factor - 1) / 2) / factor
        fine = np.stack([fit.at((place,)) for place in places], axis=-1) * values.max()
        kept = self._read.rough[:, None] | ~np.isfinite(fine)
        return np.where(kept, values[:, None], fine).reshape(-1)

    @cached_property
    def _read(self) -> CellMasses:
        return CellMasses.of(self.law.grid, self.law.values)


def _nearby(masses: Array, parts: int) -> Array:
    """Sum of absolute values in the cells nearby, at each of `parts` parts of each cell."""
    return np.repeat(uniform_filter1d(_sums(masses, parts)[::parts], NEARBY, mode="constant"), parts)


def _sums(masses: Array, parts: int) -> Array:
    """Sum of absolute values in the own cell, at each of its parts; never quite 0."""
    return np.repeat(np.abs(masses).reshape(-1, parts).sum(axis=1) + LEAST_NORMAL, parts)
