"""Validity maps drawn: one law on given axes; `ValidityMap.picture` has all of them."""

from __future__ import annotations

from dataclasses import replace

from compare.figures.drawing.call import drawn_by
from compare.figures.drawing.sheet import Sheet
from compare.figures.maps import norm_of
from compare.figures.mosaics import draw_mosaic
from compare.maps import ValidityMap
from compare.pictures import Mosaic


@drawn_by(ValidityMap)
def validity_map(found: ValidityMap, sheet: Sheet) -> None:
    """The total variation of SGD from the first law of the map, with reasons and lines."""
    (panel,) = found.picture(found.laws[:1]).panels
    assert isinstance(panel, Mosaic)
    labels = list(dict.fromkeys(curve.label for curve in panel.curves))
    image = draw_mosaic(sheet.axes, replace(panel, title=""), norm_of([panel]), list(panel.reason_names), labels)
    figure = sheet.axes.get_figure(root=True)
    assert figure is not None
    figure.colorbar(image, ax=sheet.axes, label=f"{panel.value_label}: {panel.title}")
