"""What changes in time, drawn: walkers, survival, arrivals, slow motion, each with its errors."""

from __future__ import annotations

from typing import Any

import numpy as np

from compare.figures.drawing.call import drawn_by
from compare.figures.drawing.laws import histogram
from compare.figures.drawing.sheet import Sheet
from compare.figures.looks import Look
from compare.pictures import Axis, Series
from simulate import FirstEvent, Survival
from theory.base.arrays import Array
from theory.base.whole_numbers import root_above
from theory.laws import Ensemble, Grid, Histogram, SurvivalCurve
from theory.manifold import SlowPath
from theory.paths import Arrivals

TIME = Axis("time $t = \\eta k$")
PATHS = 12  # walkers whose paths are shown
FAINT = 0.35  # opacity of theirs
FINEST, COARSEST = 400, 8  # cells along an axis of a grid that is chosen here
ROOM = 0.05  # beside the outermost walkers, of their range
FIRST = 3  # step from which `Survival.rate` counts


@drawn_by(Ensemble)
def ensemble(walkers: Ensemble, sheet: Sheet) -> None:
    """Paths and means in time, with standard errors; the law of an ensemble that was seen once."""
    if len(walkers.times) == 1:
        histogram(last_law(walkers), sheet)
        return
    moments, times = walkers.moments, walkers.times
    assert moments is not None
    names = [sheet.name(axis, walkers.dim) for axis in range(walkers.dim)]
    for axis, name in enumerate(names):
        label = sheet.label("mean" if walkers.dim == 1 else f"mean of {name}")
        mean = Series.predicted(label, times, moments.mean[:, axis], moments.mean_error[:, axis])
        before = len(sheet.axes.lines)
        sheet.lines(TIME, Axis(", ".join(names)), mean, looks=[Look(_own_colour(sheet, walkers.dim))])
        colour = sheet.axes.lines[before].get_color()
        if len(walkers.positions) == len(times):
            chosen = np.linspace(0, walkers.walkers - 1, min(PATHS, walkers.walkers)).astype(int)
            sheet.axes.plot(
                times, walkers.positions[:, chosen, axis], color=colour, alpha=FAINT, lw=0.5, zorder=1.5
            )
    if walkers.diverged:
        sheet.axes.plot([], [], " ", label=f"{walkers.diverged} of {walkers.walkers} diverged")


def last_law(walkers: Ensemble) -> Histogram:
    """The walkers at the last time, on the grid that they were counted on, or on one about them."""
    if walkers.histograms:
        return walkers.histograms[-1]
    points = walkers.final[np.isfinite(walkers.final).all(axis=-1)]
    low, high = points.min(axis=0), points.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    number = min(max(2 * root_above(len(points), walkers.dim + 2), COARSEST), FINEST)
    grid = Grid((low - ROOM * span).tolist(), (high + ROOM * span).tolist(), [number] * walkers.dim)
    return walkers.histogram(grid)


def _own_colour(sheet: Sheet, dim: int) -> Any:
    return sheet.options.get("colour") if dim == 1 else None


@drawn_by(SurvivalCurve)
def survival_curve(curve: SurvivalCurve, sheet: Sheet) -> None:
    """The share that is left, with its error, on a logarithmic axis: an exponential law is a line."""
    series = Series.predicted(sheet.label(), curve.times, _positive(curve.share), np.nan_to_num(curve.error))
    sheet.lines(TIME, Axis("share still there", logarithmic=True), series)


@drawn_by(Survival)
def survival(found: Survival, sheet: Sheet) -> None:
    """The fraction inside with standard errors, the fitted exponential, and the fraction diverged."""
    inside, diverged = found.fraction, found.diverged / found.walkers
    error = np.sqrt(inside * (1 - inside) / found.walkers)
    label = sheet.label(f"inside, {found.walkers} walkers")
    series = [Series.measured(label, found.steps, _positive(inside), error, joined=True)]
    rate = found.rate()
    if rate.error > 0:
        begin = int(np.searchsorted(found.steps, FIRST))
        steps = found.steps[begin:]
        fitted = inside[begin] * np.exp(-float(rate) * (steps - steps[0]))
        words = f"exp(−r k), r = {float(rate):.3g} ± {rate.error:.1g} a step"
        series.append(Series.predicted(words, steps, fitted))
    if diverged.any():
        series.append(Series.control("diverged", found.steps, _positive(diverged), joined=True))
    looks = [Look(sheet.options.get("colour")), Look(None, dashes=(0, (5, 2))), Look("0.45", dashes=(0, (1, 1)))]
    sheet.lines(
        Axis("step $k$"), Axis("fraction of the walkers", logarithmic=True), *series, looks=looks[: len(series)]
    )


@drawn_by(FirstEvent)
def first_event(found: FirstEvent, sheet: Sheet) -> None:
    """The walkers that have not had their event, as `Survival` is drawn."""
    survival(found.survival(), sheet)


@drawn_by(Arrivals)
def arrivals(found: Arrivals, sheet: Sheet) -> None:
    """The share of walkers that have not arrived, with standard errors, and the exponential of their rate."""
    number = len(found.times)
    times = np.concatenate([[0.0], np.sort(found.times[np.isfinite(found.times)]), [found.horizon]])
    left = np.append(1 - np.arange(len(times) - 1) / number, 1 - found.arrived / number)
    error = np.sqrt(left * (1 - left) / number)
    series = [
        Series.measured(
            sheet.label(f"{number} walkers, {found.diverged} diverged"), times, _positive(left), error, joined=True
        )
    ]
    if not found.diverged and found.rate.error > 0:
        rate = found.rate
        line = np.exp(-float(rate) * times)
        series.append(Series.predicted(f"exp(−r t), r = {float(rate):.3g} ± {rate.error:.1g}", times, line))
    looks = [Look(sheet.options.get("colour")), Look(None, dashes=(0, (5, 2)))]
    sheet.lines(TIME, Axis("share not arrived", logarithmic=True), *series, looks=looks[: len(series)])


@drawn_by(SlowPath)
def slow_path(path: SlowPath, sheet: Sheet) -> None:
    """Every coordinate in time, with the error of the solver and that of the model together as a band."""
    dim = path.positions.shape[1]
    names = [sheet.name(axis, dim) for axis in range(dim)]
    error = path.solver_error + path.model_error
    for axis, name in enumerate(names):
        series = Series.predicted(sheet.label(name), path.times, path.positions[:, axis], error)
        sheet.lines(TIME, Axis(", ".join(names)), series, looks=[Look(_own_colour(sheet, dim))])


def _positive(share: Array) -> Array:
    """Shares as a logarithmic axis shows them: nobody is a gap."""
    return np.where(share > 0, share, np.nan)
