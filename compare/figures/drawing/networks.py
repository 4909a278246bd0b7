"""Studies of networks drawn: the figure of the command, or one of its panels."""

from __future__ import annotations

from typing import Unpack

from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from compare.figures.drawing.call import draw, drawn_by, of_ours
from compare.figures.drawing.options import DrawOptions
from compare.figures.drawing.sheet import Sheet
from compare.figures.observables import draw_observable, fill_observables, height_of
from compare.figures.style import figure_width, in_style
from compare.report import NetworkReport
from compare.results import views_as_xarray
from theory.base.arguments import require_known
from theory.base.errors import require


@drawn_by(NetworkReport)
def first_panel(found: NetworkReport, sheet: Sheet) -> None:
    """The laws of the first observable."""
    _require_laws(found)
    draw_observable(sheet.axes, views_as_xarray(found), 0)


_ONTO = draw.registry[NetworkReport]  # which knows one panel only, and is asked for that


@draw.register(NetworkReport)
def network_report(found: NetworkReport, /, axes: Axes | None = None, **options: Unpack[DrawOptions]) -> Axes:
    """The first panel: of a new figure with one for each observable, or on the axes that are given.

    Raises
    ------
    InputError
        If no law was found, or an option is unknown.
    """
    if axes is not None:
        return _ONTO(found, axes, **options)
    require_known("draw", options, DrawOptions)
    _require_laws(found)
    return _whole(found, options)


@in_style
def _whole(found: NetworkReport, options: DrawOptions) -> Axes:
    laws = views_as_xarray(found)
    figure = of_ours(plt.figure(figsize=(figure_width(), height_of(laws))))
    try:
        panels = fill_observables(figure, laws)
    except BaseException:
        plt.close(figure)  # nothing is shown of what could not be drawn
        raise
    if options.get("title"):
        panels[0].set_title(options["title"] or "", loc="left")
    figure.draw_without_rendering()
    return panels[0]


def _require_laws(found: NetworkReport) -> None:
    require(
        any(view.found for view in found.views.values()),
        "a study of a network is drawn once it has a law that was looked at, got none; run it to its end",
    )
