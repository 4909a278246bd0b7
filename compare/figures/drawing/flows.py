"""Values on grids drawn: fields with bands of their errors, times of passage, currents."""

from __future__ import annotations

import numpy as np

from compare.figures.drawing.call import drawn_by
from compare.figures.drawing.sheet import Sheet
from compare.pictures import Axis, Series
from theory.base.arrays import Array
from theory.base.errors import require
from theory.fokker_planck.currents import Current
from theory.laws import Field, PassageTime

MOST_DIM = 2


@drawn_by(Field)
def field(found: Field, sheet: Sheet) -> None:
    """The values with a band of their errors, or as a map with the largest error in words."""
    _require_flat(found.grid.dim, "a field")
    name = sheet.options.get("label") or "value"
    if found.grid.dim == 2:
        sheet.map(found.grid, found.values, f"{name}, {largest(found.error)}", signed=bool(found.values.min() < 0))
        return
    sheet.lines(Axis(sheet.name(0, 1)), Axis(name), _banded(found, sheet.label()))


@drawn_by(PassageTime)
def passage_time(found: PassageTime, sheet: Sheet) -> None:
    """The mean time from every start and its standard deviation, with bands of their errors; the mean on a map."""
    grid = found.mean.grid
    _require_flat(grid.dim, "a passage time")
    if grid.dim == 2:
        sheet.map(grid, found.mean.values, f"mean time to the target, {largest(found.mean.error)}")
        return
    series = (
        _banded(found.mean, sheet.label("mean")),
        _banded(found.standard_deviation, sheet.label("standard deviation")),
    )
    sheet.lines(Axis(f"start {sheet.name(0, 1)}"), Axis("time $t = \\eta k$ to the target"), *series)


@drawn_by(Current)
def current(found: Current, sheet: Sheet) -> None:
    """On the plane streamlines over the density, where the current is larger than its error; on a line a band.

    Raises
    ------
    InputError
        If it does not know its density, or there are more dimensions.
    """
    law = found.density
    require(law is not None, "a current needs its density to be drawn; take it from FokkerPlanck.current")
    assert law is not None
    _require_flat(law.grid.dim, "a current")
    values, error = np.asarray(found), found.error
    if law.grid.dim == 1:
        words = "probability current (per unit of time)"
        series = Series.predicted(sheet.label(), law.grid.axes[0], values[..., 0], error[..., 0])
        sheet.lines(Axis(sheet.name(0, 1)), Axis(words), series)
        return
    length, open_ = np.hypot(values[..., 0], values[..., 1]), np.hypot(error[..., 0], error[..., 1])
    known = np.where((length > open_)[..., None], values, np.nan)
    told = (
        f"current up to {length.max():.2g}, error {open_.max():.1g}" if np.isfinite(known).any() else "no current"
    )
    sheet.map(law.grid, law.values, f"density; {told}", np.moveaxis(known, -1, 0))


def largest(error: Array) -> str:
    """The largest of the errors that are known, in words."""
    known = error[np.isfinite(error)]
    return f"error at most {known.max():.1g}" if known.size == error.size else "error not known"


def _banded(found: Field, label: str) -> Series:
    return Series.predicted(
        label, found.grid.axes[0], _finite(found.values), np.nan_to_num(found.error, posinf=np.nan)
    )


def _finite(values: Array) -> Array:
    return np.where(np.isfinite(values), values, np.nan)


def _require_flat(dim: int, words: str) -> None:
    require(dim <= MOST_DIM, f"{words} has a picture in one or two dimensions, got {dim}; cut it first")
