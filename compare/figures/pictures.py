"""Pictures drawn: every panel in one style, one legend below them, one scale for maps of one quantity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import pairwise, product
from typing import Any

from matplotlib import rcParams
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.legend import Legend

from compare.figures.breaking import broken
from compare.figures.legends import HANDLERS, in_lines
from compare.figures.looks import looks_of
from compare.figures.maps import aspect_of, draw_map, extend_of, has_one_unit, norm_of
from compare.figures.mosaics import draw_mosaic
from compare.figures.panels import draw_panel
from compare.figures.style import figure_width, in_style, new_figure
from compare.pictures import Mosaic, Panel, Picture, Plane

NARROWEST = 1.55  # inches of a panel with its labels
USUAL_COLUMNS = 3
LABELS = 0.45  # inches that numbers and labels take below a panel
LINE = 0.16  # and each line of a title, or of the labels of marks, above it
BAR = 0.42  # and the bar of the colours of a map
BESIDE = 0.6  # and left of it
RATIO, LOWEST = 0.72, 0.95  # height over width of the box of a panel without a map, and its least inches
HIGHEST_RATIO = 1.6
WIDEST, WIDEST_BOX = 3.5, 2.8  # inches of a panel with its labels, and of its box, however wide the page is
HIGHEST = 8.5  # inches: no figure is higher than a page
BAR_ASPECT = 18  # length of such a bar over its height
FIELDS = (Plane, Mosaic)  # whose colours have a bar
Scale = tuple[str, bool, float | None, float | None]  # what maps on one scale have in common


@in_style
def draw_picture(picture: Picture) -> Figure:
    """The panels of a picture in reading order, in as many columns as its width has room for.

    Measured series are dots or steps with their errors, predicted ones lines, controls dashed and grey. A label
    has one colour in all panels, and the legend stands below them. Maps of one quantity share their colours.
    """
    columns = _columns(picture)
    places = _places(picture, columns)
    rows = places[-1][0] + 1
    wide = min(figure_width() / columns - BESIDE, WIDEST_BOX)
    boxes = [_box_height(panel, wide) for panel in picture.panels]
    heights = [_row_height(picture, places, boxes, wide, row) for row in range(rows)]
    height = min(sum(heights), HIGHEST)
    figure = new_figure(height, min(columns * WIDEST / figure_width(), 1.0))
    if any(isinstance(one, Plane) and has_one_unit(one) for one in picture.panels):
        figure.set_layout_engine("compressed")
    grid = figure.subplots(
        rows, columns, squeeze=False, sharex=picture.share_x, sharey=picture.share_y, height_ratios=heights
    )
    panels: list[Axes] = [grid[place] for place in places]
    for place in set(product(range(rows), range(columns))) - set(places):
        grid[place].remove()
    looks = looks_of(one for panel in picture.panels if isinstance(panel, Panel) for one in panel.series)
    mosaics = [one for one in picture.panels if isinstance(one, Mosaic)]
    reasons = sorted({name for one in mosaics for name in one.reason_names})
    curves = list(dict.fromkeys(curve.label for one in mosaics for curve in one.curves))
    bars: dict[Scale, list[tuple[Axes, Collection, Plane | Mosaic]]] = {}
    for (row, column), axes, panel, box in zip(places, panels, picture.panels, boxes, strict=True):
        if isinstance(panel, Panel):
            draw_panel(axes, panel, looks)
        else:
            alike = [one for one in picture.panels if isinstance(one, FIELDS) and _scale(one) == _scale(panel)]
            norm = norm_of(alike)
            image: Collection = (
                draw_map(axes, panel, norm)
                if isinstance(panel, Plane)
                else draw_mosaic(axes, panel, norm, reasons, curves)
            )
            bars.setdefault(_scale(panel), []).append((axes, image, panel))
        if picture.share_y and column:
            axes.set_ylabel("")
        if picture.share_x:
            lowest = (row + 1, column) not in places
            axes.tick_params(labelbottom=lowest)
            axes.set_xlabel(panel.x.label if lowest else "")
        _break(axes, wide, box)
    for scale, drawn in bars.items():
        _, image, plane = drawn[0]
        figure.colorbar(
            image, ax=[axes for axes, _, _ in drawn], extend=extend_of(plane), location="bottom",
            label=broken(scale[0], rcParams["axes.labelsize"], wide * len(drawn)),
            aspect=BAR_ASPECT * len(drawn), shrink=0.9,
        )  # fmt: skip
    _draw_legend(figure, panels, list(dict.fromkeys(label for label, _ in looks)), height)
    return figure


def _scale(plane: Plane | Mosaic) -> Scale:
    return plane.value_label, plane.signed, plane.decades, plane.saturated


def _places(picture: Picture, columns: int) -> list[tuple[int, int]]:
    """Row and column of every panel; maps on another scale begin a row of their own, where there are several."""
    several = (
        max(Counter(_scale(one) for one in picture.panels if isinstance(one, FIELDS)).values(), default=0) > 1
    )
    places = [(0, 0)]
    for before, panel in pairwise(picture.panels):
        row, column = places[-1]
        other = isinstance(before, FIELDS) and isinstance(panel, FIELDS) and _scale(before) != _scale(panel)
        full = column + 1 == columns or (several and other)
        places.append((row + 1, 0) if full else (row, column + 1))
    return places


def _columns(picture: Picture) -> int:
    """As many as were asked for, or three, where there are so many panels and room for them."""
    asked = picture.columns or USUAL_COLUMNS
    return max(1, min(asked, len(picture.panels), int(figure_width() / NARROWEST)))


def _box_height(panel: Panel | Plane | Mosaic, wide: float) -> float:
    """Inches of the box of a panel that is `wide`."""
    if isinstance(panel, Plane) and has_one_unit(panel):
        return wide * min(aspect_of(panel), HIGHEST_RATIO)
    return max(wide * RATIO, LOWEST)


def _row_height(
    picture: Picture, places: list[tuple[int, int]], boxes: list[float], wide: float, row: int
) -> float:
    """Inches of a row: what stands about its boxes, and a bar below maps, is as high for all of them."""
    here = [number for number, (at, _) in enumerate(places) if at == row]
    below = [one for one, (at, _) in zip(picture.panels, places, strict=True) if at > row]
    later = {_scale(one) for one in below if isinstance(one, FIELDS)}
    barred = any(isinstance(one, FIELDS) and _scale(one) not in later for one in (picture.panels[n] for n in here))
    around = max(_around(picture.panels[number], wide) for number in here)
    return max(boxes[number] for number in here) + around + BAR * barred


def _around(panel: Panel | Plane | Mosaic, wide: float) -> float:
    """Inches above and below that box: of labels, titles and marks."""
    lines = _title(panel.title, wide).count("\n") + 1 if panel.title else 0
    lines += broken(panel.x.label, rcParams["axes.labelsize"], wide).count("\n")
    marked = isinstance(panel, Panel) and any(mark.vertical for mark in panel.marks)
    return LABELS + LINE * (lines + marked)


def _title(text: str, wide: float) -> str:
    return broken(text, rcParams["axes.titlesize"], wide)


def _break(axes: Axes, wide: float, high: float) -> None:
    """Title and labels in lines no longer than the box."""
    axes.title.set_text(_title(axes.get_title(), wide))
    for label, inches in ((axes.xaxis.label, wide), (axes.yaxis.label, high)):
        label.set_text(broken(label.get_text(), rcParams["axes.labelsize"], inches))


def _draw_legend(figure: Figure, panels: list[Axes], order: list[str], height: float) -> Legend | None:
    """Every label once, below all panels, in as many columns as fit; the figure grows by its height."""
    found: dict[str, list[Artist]] = {label: [] for label in order}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            held = found.setdefault(label, [])
            if not any(_alike(handle, other) for other in held):
                held.append(handle)
    found = {label: handles for label, handles in found.items() if handles}
    if not found:
        return None
    legend = _legend(figure, found)
    added = legend.get_window_extent().height / figure.dpi
    figure.set_figheight(min(height + added, HIGHEST))
    return legend


def _legend(figure: Figure, found: Mapping[str, list[Artist]]) -> Legend:
    """In as many columns as fit; long labels are broken."""
    handles: list[Any] = [tuple(one) if len(one) > 1 else one[0] for one in found.values()]
    labels = in_lines(found, figure_width())
    columns = len(labels)
    while True:
        legend: Legend = figure.legend(
            handles, labels, loc="outside lower center", ncols=columns, handler_map=HANDLERS
        )
        if columns == 1 or legend.get_window_extent().width <= figure.bbox.width:
            return legend
        legend.remove()
        columns -= 1


def _alike(first: Artist, second: Artist) -> bool:
    """Whether two handles of one label are of one kind, so that the legend needs one of them."""
    return type(first) is type(second)
