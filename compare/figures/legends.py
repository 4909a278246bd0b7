"""Legends that hide nothing: inside where there is room, else above the panel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from matplotlib import rcParams
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import Collection, QuadMesh
from matplotlib.container import ErrorbarContainer
from matplotlib.font_manager import FontProperties
from matplotlib.legend import Legend
from matplotlib.legend_handler import HandlerErrorbar, HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.path import Path
from matplotlib.transforms import Bbox

from compare.figures.breaking import broken
from theory.base.arrays import Array

INSIDE: tuple[Any, ...] = (
    "upper right",
    "upper left",
    "lower right",
    "lower left",
    "center right",
    "upper center",
    "lower center",
)
ABOVE = 1.02  # of the height of the panel
SIGN = 4.5  # widths of a letter that the sign of a series takes, with its gaps
LEAST = 0.6  # inches that any label may have
POINTS = 72  # in an inch
HANDLERS: Any = {tuple: HandlerTuple(ndivide=1, pad=0.0), ErrorbarContainer: HandlerErrorbar(xerr_size=0)}


def place_legend(axes: Axes) -> Legend | None:
    """The legend of what has a label, where it hides nothing of the data; None where nothing has one."""
    handles, told = axes.get_legend_handles_labels()
    if not told:
        return None
    labels = in_lines(told, axes.get_window_extent().width / axes.figure.dpi)
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    for place in INSIDE:
        legend: Legend = axes.legend(handles, labels, loc=place, handler_map=HANDLERS)
        if not hides_data(legend) and _inside(legend, axes):
            return legend
    return _above(axes, handles, labels)


def in_lines(labels: Iterable[str], inches: float) -> list[str]:
    """Labels broken so that a legend is no wider than `inches`."""
    size = rcParams["legend.fontsize"]
    sign = SIGN * FontProperties(size=size).get_size_in_points() / POINTS
    return [broken(label, size, max(inches - sign, LEAST)) for label in labels]


def hides_data(legend: Legend) -> bool:
    """Whether a legend lies over what is drawn on its axes, or on others that share them."""
    box = legend.get_window_extent()
    axes = legend.axes
    assert axes is not None
    around = set(axes.get_shared_x_axes().get_siblings(axes)) | set(axes.get_shared_y_axes().get_siblings(axes))
    drawn = [artist for one in around for artist in (*one.lines, *one.collections, *one.patches)]
    texts = [text.get_window_extent() for one in around for text in one.texts if text.get_text()]
    return any(_meets(artist, box) for artist in drawn) or any(box.overlaps(text) for text in texts)


def _meets(artist: Artist, box: Bbox) -> bool:
    if not artist.get_visible():
        return False
    if isinstance(artist, QuadMesh):
        return bool(box.overlaps(artist.get_window_extent()))
    clip = artist.axes.bbox if artist.get_clip_on() and artist.axes is not None else None
    seen = box if clip is None else Bbox.intersection(box, clip)
    if seen is None:
        return False
    return any(path.intersects_bbox(seen, filled=filled) for path, filled in _paths(artist))


def _paths(artist: Artist) -> Iterator[tuple[Path, bool]]:
    """The outlines of an artist in pixels, and whether they are filled."""
    if isinstance(artist, Line2D):
        path = artist.get_transform().transform_path(artist.get_path())
        if artist.get_linestyle() not in ("None", "none", ""):
            yield path, False
        if artist.get_marker() not in ("None", "none", "", None):
            points = np.asarray(path.vertices, dtype=np.float64)
            yield from ((_square(point, artist.get_markersize() / 2), True) for point in points)
    elif isinstance(artist, Collection):
        transform, offsets = artist.get_transform(), np.asarray(artist.get_offsets())
        moved = np.asarray(artist.get_offset_transform().transform(offsets), dtype=np.float64)
        for path in artist.get_paths():
            for shift in moved if moved.any() else np.zeros((1, 2)):
                outline = transform.transform_path(path)
                yield Path(np.asarray(outline.vertices) + shift, outline.codes), bool(len(artist.get_facecolor()))
    elif hasattr(artist, "get_path"):
        yield artist.get_transform().transform_path(artist.get_path()), True


def _square(centre: Array, half: float) -> Path:
    x, y = centre
    corners = [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]
    return Path([*corners, corners[0]], closed=True)


def _inside(legend: Legend, axes: Axes) -> bool:
    box, panel = legend.get_window_extent(), axes.get_window_extent()
    return bool(box.width <= panel.width and box.height <= panel.height)


def _above(axes: Axes, handles: list[Artist], labels: list[str]) -> Legend:
    """Above the panel, in as many columns as fit over it; a title goes on top."""
    for columns in range(len(labels), 0, -1):
        legend = axes.legend(
            handles, labels, loc="lower left", bbox_to_anchor=(0, ABOVE), ncols=columns, borderaxespad=0,
            handler_map=HANDLERS,
        )  # fmt: skip
        if legend.get_window_extent().width <= axes.get_window_extent().width:
            break
    return legend
