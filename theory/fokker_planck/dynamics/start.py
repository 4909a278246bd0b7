"""The law at time 0 on the grid it is given on, and on finer and coarser ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from theory.arrays import Array
from theory.density import Density
from theory.fokker_planck.dynamics.cells import averaged, centred, rebinned
from theory.fokker_planck.plane.mesh import interpolated
from theory.grid import Grid

SPIKE = 12.0  # over the distance of values from averages where one cell holds all: then 1


@dataclass(frozen=True)
class Start:
    """A law of values at the centres, or of averages over the cells; masses of these are spread evenly."""

    law: Density

    def masses(self, onto: Grid) -> Array:
        """Masses of the cells of `onto`, a grid of the same box, never negative, with sum 1."""
        grid, law = self.law.grid, self.law
        if onto == grid:
            return np.asarray(law.probabilities / law.probabilities.sum())
        if onto.size < grid.size:
            masses = rebinned(law.probabilities, grid, onto)
        else:  # between centres a law is what a smooth one through them is, where that is positive
            masses = np.maximum(interpolated(self._centres, grid, onto), 0.0)
            if law.cell_averages:  # and keeps the mass of each cell, evenly where it is positive nowhere
                even = rebinned(law.probabilities, grid, onto)
                found = rebinned(rebinned(masses, onto, grid), grid, onto)
                masses = np.where(found > 0, masses * (even / np.where(found > 0, found, 1.0)), even)
        return np.asarray(masses / masses.sum())

    def values(self, onto: Grid, lower: bool = False) -> Array:
        """Values at the centres of `onto`, by splines; they may be negative where cells do not resolve the law.

        Of seventh degree and, from averages, with three terms; `lower` takes fifth degree and two terms.
        """
        grid, law = self.law.grid, self.law
        values = self._centres
        if lower and law.cell_averages:
            values = centred(law.values, grid, terms=2)
        if onto != grid:
            values = interpolated(values, grid, onto, 5 if lower else 7)
        return np.asarray(values / (values.sum() * onto.cell_volume))

    def roughness(self, onto: Grid) -> float:
        """Total variation between `values` and those of the lower degree."""
        return float(np.abs(self.values(onto) - self.values(onto, lower=True)).sum() * onto.cell_volume / 2)

    @property
    def error(self) -> float:
        """The law's own error in total variation, but for what comes from taking values at centres as masses."""
        error = self.law.error or 0.0
        return error if self.law.cell_averages else max(0.0, error - self._apart)

    @property
    def unresolved(self) -> float:
        """How much of a cell's width the place of the mass in it is left open: 1 for a spike, 0 for a smooth law.

        Samples are what they are: 0.
        """
        return 0.0 if self.law.samples is not None else min(1.0, 3 * (SPIKE * self._apart) ** 4)

    @cached_property
    def _centres(self) -> Array:
        return centred(self.law.values, self.law.grid) if self.law.cell_averages else self.law.values

    @cached_property
    def _apart(self) -> float:
        """Total variation between values at the centres and averages."""
        grid, values = self.law.grid, self.law.values
        other = self._centres if self.law.cell_averages else averaged(values, grid)
        return float(np.abs(other - values).sum() * grid.cell_volume / 2)
