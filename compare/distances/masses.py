"""What every distance reads: the cell probabilities of a law and how many walkers they were counted from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from theory.base.arrays import Array, Integers
from theory.base.errors import InputError, require
from theory.laws import Density, Grid, Histogram, LimitLaw

Law = Density | Histogram | LimitLaw
NO_WHOLE = 1e-3  # of a walker, from which a number of them is that of correlated ones


@dataclass(frozen=True, eq=False)
class Masses:
    """Probabilities of the cells, and of being nowhere on the grid.

    Parameters
    ----------
    probabilities
        Shape (cells + 1,), in the grid's order; the last one is the lost walkers, 0 for a Density.
    walkers
        Independent walkers of the sample, or None for a computed law.
    error
        Total-variation error of a computed law, as far as it is known, 0 for a sample.
    known
        Whether somebody estimated the error of the law itself.
    """

    grid: Grid
    probabilities: Array = field(repr=False)
    walkers: int | None = None
    error: float = 0.0
    known: bool = True

    @staticmethod
    def of(law: Law) -> Masses:
        """The masses of a Histogram, a LimitLaw, or a Density, sampled or computed.

        Raises
        ------
        InputError
            If it is no law on a grid.
        """
        if isinstance(law, LimitLaw):
            law = law.density
        if isinstance(law, Histogram):
            return Masses(law.grid, np.append(law.probabilities, law.lost), law.independent)
        if isinstance(law, Density):
            cells = np.append(law.probabilities, 0.0)
            if law.samples is not None:
                return Masses(law.grid, cells, law.samples)
            error = min(1.0, (law.error or 0.0) + law.reading_error)
            return Masses(law.grid, cells, None, error, law.error is not None)
        raise InputError(
            f"a distance is between laws on a grid (Density, Histogram, LimitLaw), got {type(law).__name__}; "
            "count an Ensemble first with `ensemble.histogram(grid)`"
        )

    @property
    def weights(self) -> Array:
        """Independent walkers behind each probability; no whole numbers where draws are correlated."""
        assert self.walkers is not None
        found = self.probabilities * self.walkers
        nearest = np.rint(found)
        return nearest if np.abs(found - nearest).max() < NO_WHOLE else found

    @property
    def counts(self) -> Integers:
        """The same in whole numbers, of correlated draws the next above, so that all cells keep their noise."""
        return whole(self.weights)

    @property
    def survivors(self) -> Masses:
        """The law given that the walker is on the grid.

        Raises
        ------
        InputError
            If no walker is on the grid.
        """
        if self.walkers is None:
            return self
        on_grid = self.weights[:-1]
        total = float(on_grid.sum())
        require(total > 0, f"none of the {self.walkers} walkers is on the grid; widen it")
        return Masses(self.grid, np.append(on_grid / total, 0.0), max(1, round(total)))


def whole(walkers: Array) -> Integers:
    """Numbers of independent walkers as whole ones, a part of one as one."""
    return np.ceil(walkers - NO_WHOLE).astype(np.int64)


def read_pair(p: Law, q: Law) -> tuple[Masses, Masses]:
    """The masses of two laws on the same grid.

    Raises
    ------
    InputError
        If one is no law on a grid, or the grids differ.
    """
    first, second = Masses.of(p), Masses.of(q)
    require(
        first.grid == second.grid,
        f"laws must be on one grid, got {first.grid} and {second.grid}; "
        "solve or count both on the same one, or coarsen the finer",
    )
    return first, second


def errors(p: Masses, q: Masses) -> tuple[float, float, bool]:
    """The total-variation errors of both laws, unknown ones as 0, and whether both are known."""
    return p.error, q.error, p.known and q.known


def common_law(p: Masses, q: Masses) -> Array:
    """The law both would follow if they were one: the computed one, or the pooled sample of two samples.

    Of two computed laws the first; they have no noise.
    """
    if p.walkers is None:
        return p.probabilities
    if q.walkers is None:
        return q.probabilities
    return np.asarray((p.weights + q.weights) / (p.walkers + q.walkers), dtype=np.float64)
