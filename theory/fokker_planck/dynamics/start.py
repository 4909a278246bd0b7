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
        if law.cell_averages or onto.size < grid.size:
            masses = rebinned(law.probabilities, grid, onto)
        else:  # between centres a law is what a smooth one through them is, where that is positive
            masses = np.maximum(interpolated(law.values, grid, onto), 0.0)
        return np.asarray(masses / masses.sum())

    def values(self, onto: Grid) -> Array:
        """Values at the centres of `onto`, by splines; they may be negative where cells do not resolve the law."""
        values = interpolated(self._centres, self.law.grid, onto) if onto != self.law.grid else self._centres
        return np.asarray(values / (values.sum() * onto.cell_volume))

    def roughness(self, onto: Grid) -> float:
        """Total variation that the last terms of the splines and of the series for values add to `values`."""
        grid, total = self.law.grid, 0.0
        if onto.size > grid.size:
            ends = [interpolated(self._centres, grid, onto, degree) for degree in (5, 7)]
            total += float(np.abs(ends[0] - ends[1]).sum() * onto.cell_volume / 2)
        if self.law.cell_averages:
            shorter = centred(self.law.values, grid, terms=2)
            total += float(np.abs(shorter - self._centres).sum() * grid.cell_volume / 2)
        return total

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
