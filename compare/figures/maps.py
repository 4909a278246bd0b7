"""Maps of the plane drawn: a field as colours, another as contours, points and streamlines on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import LogNorm, Normalize
from matplotlib.ticker import MaxNLocator

from compare.figures.decades import number_axis
from compare.figures.palette import density_map, difference_map
from compare.pictures import Mosaic, Plane
from theory.base.arrays import Array

LEVELS = 7  # contours, at equal shares of the cells
CONTOUR, STREAM = "0.55", "0.15"
NARROW, FEWEST_NUMBERS = 2.0, 2  # of such a box, and the numbers that a narrow side has room for
MOST_STRETCHED = 4.0  # ratio of the sides up to which both axes have one unit
STREAMS_AN_INCH = 0.3  # density of streamlines, in matplotlib's measure
FEWEST_STREAMS = 0.4  # the same, of the smallest panel
STILL = 1e-3  # of the longest arrow: shorter ones show nothing


def norm_of(planes: Sequence[Plane | Mosaic]) -> Normalize:
    """The scale that maps of one quantity share: from 0, or about it where they are signed."""
    first = planes[0]
    values = np.concatenate([one.values.ravel() for one in planes])
    known = values[np.isfinite(values)]
    if first.signed:
        most = first.saturated or float(np.abs(known).max(initial=0.0)) or 1.0
        return Normalize(-most, most)
    most = float(known.max(initial=0.0)) or 1.0
    if first.decades is not None:
        return LogNorm(most * 10.0**-first.decades, most)
    return Normalize(min(0.0, float(known.min(initial=0.0))), most)


def draw_map(axes: Axes, plane: Plane, norm: Normalize | None = None, *, titled: bool = True) -> QuadMesh:
    """The cells of a plane as colours, its contours, points and arrows, onto `axes`; the colours for a bar.

    Cells whose value is not known, or on a logarithmic scale 0, are white as paper.
    """
    norm = norm_of([plane]) if norm is None else norm
    values = np.ma.masked_invalid(plane.values)
    if plane.decades is not None:
        values = np.ma.masked_where(plane.values <= 0, values)
    edges = [_edges(plane.x_centres, plane.x.logarithmic), _edges(plane.y_centres, plane.y.logarithmic)]
    colours = difference_map() if plane.signed else density_map()
    image = axes.pcolormesh(*edges, values.T, norm=norm, cmap=colours, rasterized=True)
    if plane.contours is not None:
        _draw_contours(axes, plane, plane.contours)
    if plane.arrows is not None:
        _draw_streams(axes, plane, plane.arrows)
    if plane.points is not None:
        size = float(rcParams["lines.markersize"]) * 0.9
        axes.plot(*plane.points.T, "X", ms=size, color="#D55E00", mec="white", mew=0.7, zorder=4)
    for axis, name, ends in ((plane.x, "x", edges[0]), (plane.y, "y", edges[1])):
        axes.set(
            **{
                f"{name}scale": "log" if axis.logarithmic else "linear",
                f"{name}lim": axis.limits or (ends[0], ends[-1]),
                f"{name}label": axis.label,
            }
        )
    number_axis(axes.xaxis, plane.x)
    number_axis(axes.yaxis, plane.y)
    if titled and plane.title:
        axes.set_title(plane.title)
    if has_one_unit(plane):
        axes.set_aspect("equal")
        if aspect_of(plane) > NARROW:
            axes.xaxis.set_major_locator(MaxNLocator(FEWEST_NUMBERS))
            axes.tick_params("x", labelrotation=90)  # side by side they would lie over each other
        if aspect_of(plane) < 1 / NARROW:
            axes.yaxis.set_major_locator(MaxNLocator(FEWEST_NUMBERS))
    return image


def extend_of(plane: Plane | Mosaic) -> str:
    """At which ends the bar of the colours has an arrow: there are values beyond."""
    if plane.signed and plane.saturated is not None:
        return "both"
    return "min" if plane.decades is not None else "neither"


def has_one_unit(plane: Plane) -> bool:
    """Whether both axes are of one kind and not far from one length, so that a circle is a circle."""
    if plane.x.logarithmic or plane.y.logarithmic:
        return False
    ratio = aspect_of(plane)
    return 1 / MOST_STRETCHED <= ratio <= MOST_STRETCHED


def aspect_of(plane: Plane) -> float:
    """Height over width of the box, in the units of the axes."""
    (left, right), (low, high) = ((one[0], one[-1]) for one in (plane.x_centres, plane.y_centres))
    return float((high - low) / (right - left))


def _edges(centres: Array, logarithmic: bool) -> Array:
    """Of the cells about their centres."""
    places = np.log(centres) if logarithmic else centres
    if len(places) == 1:
        places = places + np.array([-0.5, 0.5])
    else:
        middle = (places[1:] + places[:-1]) / 2
        places = np.concatenate([[2 * places[0] - middle[0]], middle, [2 * places[-1] - middle[-1]]])
    return np.asarray(np.exp(places) if logarithmic else places)


def _draw_contours(axes: Axes, plane: Plane, field: Array) -> None:
    known = field[np.isfinite(field)]
    levels = np.unique(np.quantile(known, (np.arange(LEVELS) + 0.5) / LEVELS))
    if len(levels) > 1:
        axes.contour(
            plane.x_centres, plane.y_centres, np.ma.masked_invalid(field).T, levels, colors=CONTOUR,
            linestyles="solid", linewidths=0.5, zorder=2,
        )  # fmt: skip


def _draw_streams(axes: Axes, plane: Plane, arrows: Array) -> None:
    """Streamlines, where the arrows are known."""
    length = np.ma.masked_invalid(np.hypot(*arrows))
    if not np.ma.count(length) or not float(length.max()):
        return
    hidden = np.ma.getmaskarray(np.ma.masked_less(length, STILL * length.max()))
    along, up = (np.ma.masked_where(hidden, one) for one in arrows)
    inches = axes.get_window_extent().width / axes.get_figure(root=True).dpi  # type: ignore[union-attr]
    axes.streamplot(
        plane.x_centres, plane.y_centres, along.T, up.T, color=STREAM, linewidth=0.6, arrowsize=0.6,
        density=max(STREAMS_AN_INCH * inches, FEWEST_STREAMS), zorder=2.5,
    )  # fmt: skip
