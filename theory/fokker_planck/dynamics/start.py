"""The law at time 0 on the grid it is given on, and on finer and coarser ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from theory.arrays import Array
from theory.cell_masses import DEGREES, CellMasses
from theory.density import Density
from theory.fokker_planck.dynamics.cells import averaged, centred, rebinned
from theory.fokker_planck.plane.mesh import interpolated
from theory.grid import Grid
from theory.local_fit import LocalFit

SPIKE = 12.0  # over the distance of values from averages where one cell holds all: then 1


@dataclass(frozen=True)
class Start:
    """A law of averages over the cells, or of values at the centres, as which others count too.

    Between the centres it is what local polynomials of log p say (`CellMasses`), or splines through the values
    that averages stand for.
    """

    law: Density

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
        """Total variation between `values` and those of the lower degree."""
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
        grid = self.law.grid if self.averages else onto
        values = self.values(grid)
        other = self.law.values if self.averages else averaged(values, grid)
        apart = float(np.abs(other - values).sum() * grid.cell_volume / 2)
        return min(1.0, 3 * (SPIKE * apart) ** 4)

    def width(self, onto: Grid) -> float:
        """Width of the cells of `unresolved` in cells of `onto`, along an axis."""
        return onto.cells[0] / self.law.grid.cells[0] if self.averages else 1.0

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
