"""The picture of a point, drawn in the process of the page while the other one may compute."""

from __future__ import annotations

import base64
import warnings
from contextlib import suppress
from dataclasses import replace
from functools import cache

import xarray as xr

from compare.explorer.point_answer import PICTURE, PointAnswer
from compare.figures import Style, draw_explored, image, new_figure

WIDE, NARROW = "page", "single"  # widths of a picture, on a screen and on a phone


@cache
def draw_once() -> None:
    """Draw what nobody sees, once: what Matplotlib loads and reads for its first picture is there for the next.

    What cannot be drawn is said of the first point.
    """
    with suppress(Exception), Style.of(WIDE).applied():
        laws = xr.Dataset({"w": ("place", [1.0, 2.0])})
        figure = new_figure(1.0, placed=True)
        (line,) = figure.add_subplot().plot(laws.w.to_numpy())
        figure.legend([line], ["$w$"])
        image(figure, "svg", "")


def with_picture(answer: PointAnswer, *, narrow: bool) -> PointAnswer:
    """The answer with its picture in the HTML; what cannot be drawn is one line.

    Nothing that computes is loaded: this process need not wait for it.
    """
    if answer.drawn is None:
        return answer
    try:
        with warnings.catch_warnings(action="ignore"), Style.of(NARROW if narrow else WIDE).applied():
            laws = xr.Dataset(*answer.drawn)
            content = image(draw_explored(laws), "svg", laws.attrs["name"])
    except Exception as error:  # whatever the names and numbers of a formula do to it: never a traceback
        from theory.base.errors import in_one_line

        return PointAnswer("", "", in_one_line(f"this point cannot be drawn: {type(error).__name__}: {error}"))
    address = f"data:image/svg+xml;base64,{base64.b64encode(content).decode()}"
    return replace(answer, html=answer.html.replace(PICTURE, address, 1), drawn=None)
