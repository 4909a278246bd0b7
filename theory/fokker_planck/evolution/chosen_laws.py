"""Laws in time: of the fitted flux on several meshes, or of differences of high order where these are sharper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from theory.base.arrays import Array, Booleans
from theory.base.errors import require
from theory.equations.leaps import noise_leaps
from theory.equations.protocol import Equation
from theory.fokker_planck.evolution.fitted_laws import FittedLaws, fitted_laws
from theory.fokker_planck.evolution.resolved_laws import GOOD, ResolvedLaws, parted, resolved_laws
from theory.fokker_planck.evolution.settled import settled_laws
from theory.fokker_planck.evolution.start import InitialLaw
from theory.fokker_planck.evolution.weighted_laws import weighted_laws
from theory.fokker_planck.generator import Remembered
from theory.laws import Density, Grid, SurvivalCurve
from theory.laws.region import Region

KEPT = 1e-9  # share of walkers that may be gone where sides count as never met
DOUBT = 20.0  # how fast the error of values as masses grows where cells do not resolve a law


def laws_in_time(
    equation: Equation,
    grid: Grid,
    open_sides: Booleans,
    initial: Density,
    times: Sequence[float] | Array,
) -> tuple[Density, ...]:
    """Laws at `times` of walkers that are still there. `open_sides` has shape (d, 2).

    Values at the centres or averages over the cells, as those of `initial` are; averages also where walkers never
    pass a point. Each law is that of the scheme with the smallest error: the fitted flux, positive, of second
    order and of first where it upwinds; central differences of eighth order, where walkers meet no side; such
    differences of the law over the zero-flux density, on lines where noise ends, that is infinite, or walls
    matter; late, on lines where walkers draw together, the stationary law. Errors hold what the meshes show at the
    order that they show, where upwinding the distance of the schemes, the negative mass, what reading masses from
    values at the centres adds, what a start leaves open within its cells, and the error of the start;
    None where a grid cannot be halved.

    Raises
    ------
    InputError
        If times do not increase from 0 on, or nobody is left.
    """
    if _number(times) == 0:
        return ()
    equation = Remembered(equation)
    missed, apart = InitialLaw(initial).error, parted(equation, grid)
    if apart and not initial.cell_averages:  # no mass is read across a point that nobody passes
        initial = initial.averaged()
    start = InitialLaw(initial, equation)
    fitted = fitted_laws(equation, grid, open_sides, start, times, ())
    closed = bool((fitted.shares >= 1 - KEPT).all())
    found = _sharper(equation, grid, start, times, fitted, apart) if closed else []
    if not open_sides.any() and not apart:
        found += filter(None, [settled_laws(equation, grid, start, times)])
    laws = []
    for k, error in enumerate(fitted.errors):
        centres, averages = fitted.centres[k], fitted.averages[k]
        best = min(found, key=lambda one: one.errors[k], default=None)
        if best is not None and not best.errors[k] >= error:
            error = best.errors[k]
            centres, averages = best.positive(k, centres, averages)
            error += float(np.abs(averages - best.averages[k]).sum() * grid.cell_volume / 2)
        elif (
            best is not None and fitted.upwinds[k] and np.isfinite(best.errors[k])
        ):  # coarser meshes may be as far off
            other = np.maximum(best.averages[k], 0.0)
            error = max(error, float(np.abs(other - averages).sum() * grid.cell_volume / 2))
        laws.append(_law(grid, centres, averages, error + missed, initial.cell_averages))
    return tuple(laws)


def _sharper(
    equation: Equation,
    grid: Grid,
    start: InitialLaw,
    times: Sequence[float] | Array,
    fitted: FittedLaws,
    apart: bool,
) -> list[ResolvedLaws]:
    """The laws by central differences, and over the zero-flux density of a line where those are not good."""
    found = []
    smooth = not apart and not noise_leaps(equation, grid)  # central differences miss the delta where D jumps
    if smooth and np.isfinite(fitted.errors).all():
        resolved = resolved_laws(equation, grid, start, times)
        if resolved is not None:
            found.append(replace(resolved, errors=resolved.errors + fitted.doubts))
    if not found or bool((found[0].errors > GOOD).any()):
        weighted = weighted_laws(grid, start, times)
        if weighted is not None:
            found.append(weighted)
    return found


def shares_in_time(
    equation: Equation,
    grid: Grid,
    open_sides: Booleans,
    initial: Density,
    times: Sequence[float] | Array,
    ends: Sequence[Region],
) -> SurvivalCurve:
    """Shares of the walkers that have met neither the `ends` nor an open side at `times` (times,), with errors.

    Of the fitted flux; errors as in `laws_in_time`, NaN where a grid cannot be halved. `open_sides` has shape
    (d, 2).

    Raises
    ------
    InputError
        If times do not increase from 0 on, the start lies at the ends, or nobody is left.
    """
    if _number(times) == 0:
        return SurvivalCurve(np.empty(0), np.empty(0), np.empty(0))
    equation = Remembered(equation)
    start = InitialLaw(initial, equation)
    fitted = fitted_laws(equation, grid, open_sides, start, times, ends)
    errors = np.minimum(1.0, fitted.share_errors + start.error)
    return SurvivalCurve(np.asarray(times, dtype=np.float64), fitted.shares, errors)


def _number(times: Sequence[float] | Array) -> int:
    require(np.ndim(times) == 1, f"`times` must be a list of numbers, got an array of shape {np.shape(times)}")
    return len(times)


def _law(grid: Grid, centres: Array, averages: Array, error: float, kind: bool | None) -> Density:
    """The law of one kind of values with the error of its masses; None for NaN."""
    law = Density.normalised(grid, averages if kind else centres, cell_averages=kind)
    apart = float(np.abs(averages * grid.cell_volume - law.probabilities).sum() / 2)
    error += apart * (1 + DOUBT * apart)
    if np.isnan(error):
        return law
    return replace(law, error=float(min(1.0, error)), reading_counted=kind is False)
