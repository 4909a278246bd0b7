"""Whether walkers follow a density."""

from __future__ import annotations

import numpy as np

from compare.distances.masses import Masses
from compare.testing.check import POWER, Check, judged, require_levels
from theory.base.arrays import ArrayLike, finite
from theory.base.errors import require
from theory.laws import Density, Ensemble, Grid, Histogram, LimitLaw
from theory.statistics import GoodnessOfFit, goodness_of_fit

FEWEST = 20  # walkers: ten in each of two parts


def assert_law(
    sample: Ensemble | Histogram | ArrayLike,
    density: Density | LimitLaw,
    *,
    alpha: float,
    off_grid: float = 0.0,
    resolution: float | None = None,
) -> Check:
    """The check that independent walkers follow a computed law; it fails by chance with probability `alpha`.

    What is tested: that the law of a walker is within the error of `density` (in total variation, with what
    reading its cells adds) of its masses of cells. Any such law is rejected with probability `alpha` at most, and
    the density itself with .9 to 1 of it, so that no error of a grid alone rejects. A density to which nobody gave
    an error is taken as exact but for the reading of its cells, and the message says so. Walkers that diverged,
    lie off the grid or where the density is 0 count: none of them is expected, but for `off_grid`.

    Method: the grid is halved by mass into parts of ten expected walkers or more, at most 512; parts follow from
    the density alone. Chi-squares of three scales, corrected for their number, with noncentralities that bound the
    error; and exact tests of the number off the grid and of the walker where the density is least. What moves
    inside a part is not seen. The message names the total variation between the masses of the parts that is found
    with probability .9, whatever its form.

    Walkers must be independent. Positions do not tell whether they are: those along one chain, or of chains that
    share their data, are rejected too often.

    Parameters
    ----------
    sample
        An Ensemble, whose last positions count, a Histogram on the grid of the density, or points (walkers, d).
    density
        Computed, not counted.
    off_grid
        Probability under the law of being off the grid or diverged; the density is then that of the others.
    resolution
        Total variation that must be found with probability .9; if it is not, the check fails: the data cannot
        tell.

    Raises
    ------
    AssertionError
        If the walkers do not follow the law, or the data cannot tell.
    InputError
        If dimensions differ, a point is not finite, the density was counted, there are fewer than twenty walkers
        or one cell holds nearly all of the mass, or `alpha` is no chance.
    """
    __tracebackhide__ = True
    require_levels(alpha, resolution)
    require(0 <= off_grid < 1, f"`off_grid` must lie in [0, 1), got {off_grid}")
    law = Masses.of(density)
    require(
        law.walkers is None,
        f"`density` must be computed, got one counted from {law.walkers} walkers; judge two samples by "
        "compare_laws",
    )
    counted = _histogram(sample, law.grid)
    require(
        counted.walkers >= FEWEST,
        f"a test of a law needs at least {FEWEST} walkers, got {counted.walkers}; take more",
    )
    found = goodness_of_fit(
        counted.counts,
        law.probabilities[:-1].reshape(law.grid.shape),
        outside=counted.outside + counted.diverged,
        error=law.error,
        outside_mass=off_grid,
    )
    require(
        bool(found.octaves) or found.p_value < alpha,
        f"a test of a law needs ten expected walkers in two parts of the grid, got {counted.walkers} walkers and "
        "a law nearly all in one cell; refine the grid or take more walkers",
    )
    words = _words(found, counted)
    if not law.known:
        words += "; nobody gave the density an error, it is taken as exact"
    unit = f"total variation ({found.parts} parts)"
    return judged(
        Check("assert_law", words, found.p_value, alpha, found.detectable(alpha, POWER), unit), resolution
    )


def _histogram(sample: Ensemble | Histogram | ArrayLike, grid: Grid) -> Histogram:
    """The counts of a sample on the grid of the density."""
    if isinstance(sample, Histogram):
        require(
            sample.grid == grid,
            f"`sample` must be counted on the grid of the density, {grid}, got {sample.grid}; count it there, or "
            "coarsen the finer",
        )
        require(
            sample.effective is None,
            "`sample` must be of independent walkers, got draws along chains; take those of `Draws.independent()`",
        )
        return sample
    if isinstance(sample, Ensemble):
        require(sample.dim == grid.dim, f"`sample` must have dimension {grid.dim}, got {sample.dim}")
        return sample.histogram(grid)
    points = grid.as_points(finite(sample, "sample"))
    require(
        points.ndim == 2 and points.shape[1] == grid.dim,
        f"`sample` must be points (walkers, {grid.dim}), as the grid of the density, got shape {np.shape(sample)}",
    )
    return Histogram.from_samples(points, grid)


def _words(found: GoodnessOfFit, counted: Histogram) -> str:
    """What speaks against the law most."""
    cuts, outside, rarest = found.p_values
    if outside < min(cuts, rarest):
        empty = found.outside - counted.outside - counted.diverged
        return (
            f"{counted.outside} of {found.walkers} walkers off the grid, {counted.diverged} diverged, {empty} "
            "where the density is 0"
        )
    if rarest < cuts or not found.octaves:
        return f"of {found.walkers} walkers one in cells of which all together hold {found.rarest:.2g} of the mass"
    widest = found.widest
    return f"chi-square = {widest.statistic:.4g} of {widest.degrees} degrees, {found.walkers} walkers"
