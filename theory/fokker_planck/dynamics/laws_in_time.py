"""Laws in time: of the fitted flux on several meshes, or of central differences where these are sharper."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from theory.arrays import Array, Booleans
from theory.density import Density
from theory.equation import Equation
from theory.fokker_planck.dynamics.fitted_laws import fitted_laws
from theory.fokker_planck.dynamics.resolved_laws import resolved_laws
from theory.fokker_planck.dynamics.start import Start
from theory.fokker_planck.generator.remembered import Remembered
from theory.fokker_planck.region import Region
from theory.grid import Grid

KEPT = 1e-9  # share of walkers that may be gone where sides count as never met
DOUBT = 20.0  # how fast the error of values as masses grows where cells do not resolve a law


def laws_in_time(
    equation: Equation,
    grid: Grid,
    open_sides: Booleans,
    initial: Density,
    times: Sequence[float] | Array,
) -> tuple[Density, ...]:
    """Laws at `times` of walkers that are still there.

    Values at the centres or averages over the cells, as those of `initial` are. Each law is that of the scheme
    with the smaller error: the fitted flux, positive, of second order and of first where it upwinds; or central
    differences of eighth order, where walkers meet no side. Errors hold what the meshes show at the order that
    they show, where upwinding the distance of the two schemes, the negative mass, the difference of values at
    centres from masses, what a start narrower than a cell leaves open, and the error of the start; None where a
    grid cannot be halved.

    Raises
    ------
    InputError
        If times do not increase from 0 on, or nobody is left.
    """
    equation = Remembered(equation)
    start = Start(initial)
    fitted = fitted_laws(equation, grid, open_sides, start, times, ())
    resolved = None
    if bool((fitted.shares >= 1 - KEPT).all()) and np.isfinite(fitted.errors).all():
        resolved = resolved_laws(equation, grid, start, times)
    laws = []
    for k, error in enumerate(fitted.errors):
        centres, averages = fitted.centres[k], fitted.averages[k]
        if resolved is not None:
            doubt = max(fitted.doubts[k], start.unresolved * _shift(resolved.averages[k], grid))
            if resolved.errors[k] + doubt < error:
                centres, averages = resolved.positive(k, centres, averages)
                error = resolved.errors[k] + doubt
            elif fitted.upwinds[k]:  # coarser meshes may be as far off
                other = np.maximum(resolved.averages[k], 0.0)
                error = max(error, float(np.abs(other - averages).sum() * grid.cell_volume / 2))
        values = averages if initial.cell_averages else centres
        values = values / (values.sum() * grid.cell_volume)
        if not initial.cell_averages:
            apart = float(np.abs(averages - values).sum() * grid.cell_volume / 2)
            error += apart * (1 + DOUBT * apart)
        error = min(1.0, error + start.error)
        laws.append(
            Density.normalised(
                grid, values, None if np.isnan(error) else float(error), cell_averages=initial.cell_averages
            )
        )
    return tuple(laws)


def shares_in_time(
    equation: Equation,
    grid: Grid,
    open_sides: Booleans,
    initial: Density,
    times: Sequence[float] | Array,
    ends: Sequence[Region],
) -> tuple[Array, Array]:
    """Shares of the walkers that have met neither the `ends` nor an open side at `times`, and their errors.

    Of the fitted flux, shape (times,) each; errors as in `laws_in_time`, NaN where a grid cannot be halved.

    Raises
    ------
    InputError
        If times do not increase from 0 on, the start lies at the ends, or nobody is left.
    """
    start = Start(initial)
    fitted = fitted_laws(Remembered(equation), grid, open_sides, start, times, ends)
    return fitted.shares, np.minimum(1.0, fitted.share_errors + start.error)


def _shift(values: Array, grid: Grid) -> float:
    """Total variation from a law to itself one cell further along each axis, summed over axes."""
    moves = [float(np.abs(np.diff(values, axis=axis)).sum()) for axis in range(grid.dim)]
    return sum(moves) * grid.cell_volume / 2
