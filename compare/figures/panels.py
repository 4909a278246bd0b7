"""Panels drawn: what was measured as dots or steps, what is predicted as lines, controls dashed and grey."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib import rcParams
from matplotlib.axes import Axes

from compare.figures.decades import number_axis
from compare.figures.looks import Look, looks_of
from compare.pictures import Mark, Panel, Role, Series
from theory.base.arrays import Array

CROSSES = 3.2  # in front of dots: they hide little
BAND = 0.2  # opacity of what is left open
EMPTY = (1.0, 10.0)  # the decade of a logarithmic axis of which no number is positive
MARKED = "0.4"  # grey of lines across a panel
SHORT = 16  # letters of a mark that stands beside its line; longer ones are in the legend
FRONT = {Role.MEASURED: 3.0, Role.PREDICTED: 2.6, Role.CONTROL: 2.3, Role.REFERENCE: 2.1}  # dots over lines
BEYOND, BEYOND_PART = 0.13, 0.05  # decades of a logarithmic axis beyond what was measured, and as a part of all


def draw_panel(
    axes: Axes, panel: Panel, looks: Mapping[tuple[str, Role], Look] | None = None, *, titled: bool = True
) -> None:
    """The series of a panel with their errors, its marks and labels, onto `axes`; the legend is not drawn.

    Intervals are bands about curves and bars at points. A logarithmic axis shows what was measured: neither the
    lower ends of bars nor predictions far below rule it.
    """
    looks = looks_of(panel.series) if looks is None else looks
    if panel.x.logarithmic:
        axes.set_xscale("log", nonpositive="clip")
    if panel.y.logarithmic:
        axes.set_yscale("log", nonpositive="clip")
    for one in panel.series:
        _draw_series(axes, one, looks[one.label, one.role])
    for mark in panel.marks:
        _draw_mark(axes, mark)
    axes.set(xlabel=panel.x.label, ylabel=panel.y.label)
    if titled and panel.title:
        axes.set_title(panel.title, pad=_pad(panel))
    _limit(axes, panel)
    number_axis(axes.xaxis, panel.x)
    number_axis(axes.yaxis, panel.y)


def _pad(panel: Panel) -> float:
    """Points between panel and title: labels of lines stand there."""
    between = float(rcParams["axes.titlepad"])
    beside = any(mark.vertical and _is_short(mark) for mark in panel.marks)
    return between + (float(rcParams["legend.fontsize"]) + between / 2 if beside else 0.0)


def _draw_series(axes: Axes, one: Series, look: Look) -> None:
    steps = one.joined and one.role is Role.MEASURED
    front = 2.4 if steps else FRONT[one.role]
    if not one.joined or len(one.x) == 1:  # a line through one point is not seen
        _draw_points(axes, one, look, CROSSES if one.role is Role.REFERENCE else front)
        return
    (line,) = axes.plot(
        one.x, one.y, color=look.colour, linestyle=look.dashes,
        drawstyle="steps-mid" if steps else "default", label=one.label, zorder=front,
    )  # fmt: skip
    if one.low is not None and one.high is not None:
        axes.fill_between(
            one.x, one.low, one.high, step="mid" if steps else None, color=line.get_color(), alpha=BAND, lw=0,
            zorder=front - 1,
        )  # fmt: skip


def _draw_points(axes: Axes, one: Series, look: Look, front: float) -> None:
    """Separate measurements: those of a control are open."""
    bars = None
    if one.low is not None and one.high is not None:
        bars = np.maximum([one.y - one.low, one.high - one.y], 0.0)
    size = float(rcParams["lines.markersize"]) * 0.6
    axes.errorbar(
        one.x, one.y, bars, color=look.colour, linestyle="none", marker=look.marker, ms=size,
        mfc="white" if one.role is Role.CONTROL else None, elinewidth=0.8, capsize=1.5, capthick=0.8,
        label=one.label, zorder=front,
    )  # fmt: skip


def _is_short(mark: Mark) -> bool:
    return len(mark.label.replace("$", "").replace("\\", "")) <= SHORT


def _draw_mark(axes: Axes, mark: Mark) -> None:
    """A thin line across, with its label at the edge of the panel, or in the legend where it is long."""
    across = axes.axvline if mark.vertical else axes.axhline
    label = None if _is_short(mark) else mark.label
    across(mark.position, color=MARKED, lw=0.8, linestyle=(0, (1, 1)), zorder=1.5, label=label)
    if label is not None or not mark.label:
        return
    side: dict[str, Any] = {"ha": "center", "va": "bottom"} if mark.vertical else {"ha": "left", "va": "center"}
    place, shift = ((mark.position, 1.0), (0, 2)) if mark.vertical else ((1.0, mark.position), (2, 0))
    coordinates = ("data", "axes fraction") if mark.vertical else ("axes fraction", "data")
    axes.annotate(
        mark.label, place, shift, xycoords=coordinates, textcoords="offset points", color=MARKED,
        fontsize=rcParams["legend.fontsize"], annotation_clip=False, **side,
    )  # fmt: skip


def _limit(axes: Axes, panel: Panel) -> None:
    """The limits that were asked for; of a logarithmic axis else what was measured, or a decade."""
    limits = {"x": panel.x.limits, "y": panel.y.limits}
    for axis, name, shown in ((panel.x, "x", axes.xaxis), (panel.y, "y", axes.yaxis)):
        empty = axis.logarithmic and not np.isfinite(shown.get_minpos())
        limits[name] = limits[name] or (EMPTY if empty else None)
        if limits[name] is not None:
            axes.autoscale(False, axis="x" if name == "x" else "y")  # else it warns of what is not positive
    axes.set(**{f"{name}lim": pair for name, pair in limits.items() if pair is not None})
    if panel.x.limits is None and not panel.x.logarithmic and all(one.joined for one in panel.series):
        axes.margins(x=0)
    if panel.y.limits is None and panel.y.logarithmic:
        seen = _measured(panel)
        if len(seen):
            low, high = seen.min(), seen.max()
            wider = 10 ** max(BEYOND, BEYOND_PART * float(np.log10(high / low)))
            low, high = low / wider, high * wider
            if not axes.get_autoscaley_on():  # something was drawn here before
                low, high = min(low, axes.get_ylim()[0]), max(high, axes.get_ylim()[1])
            axes.set_ylim(low, high)


def _measured(panel: Panel) -> Array:
    """Positive values of all that is not predicted; of everything where nothing else is."""
    data = [one for one in panel.series if one.role is not Role.PREDICTED] or list(panel.series)
    values = np.concatenate([one.y for one in data])
    return np.asarray(values[np.isfinite(values) & (values > 0)])
