"""What is asked of every figure: it shows something, its letters can be read, and none lies over another."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from theory.base.arrays import Array

LEAST_LETTERS = 6.0  # points
LEAST_PANEL = 0.6  # inches that the data have
LEAST_INK = 0.01  # of the pixels
TOUCHING = 1.0  # pixels by which boxes may meet: letters do not fill theirs


def pixels(figure: Figure) -> Array:
    """The figure as it is printed, shape (height, width, 3), from 0 to 1."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    found = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
    return np.asarray(found, dtype=np.float64)[..., :3] / 255


def ink(figure: Figure) -> float:
    """The share of the pixels that are not white."""
    return float((pixels(figure).min(axis=-1) < 0.98).mean())


def texts(figure: Figure) -> list[Text]:
    """All texts that are seen."""
    numbers = {id(text) for axes in figure.axes for text in _tick_labels(axes, seen=False)}
    found: list[Text] = [
        text for text in figure.findobj(Text) if isinstance(text, Text) and id(text) not in numbers
    ]
    found += [text for axes in figure.axes for text in _tick_labels(axes, seen=True)]
    return [text for text in found if text.get_visible() and text.get_text().strip()]


def _tick_labels(axes: Axes, *, seen: bool) -> list[Text]:
    """The numbers at the ticks of `axes`: all, or those that stand within its limits."""
    found: list[Text] = []
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        room = 1e-9 * (high - low)
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            inside = low - room <= tick.get_loc() <= high + room
            if not seen or (inside and tick.get_visible() and axis.get_visible() and axes.axison):
                found += [tick.label1, tick.label2]
    return found


def smallest_letters(figure: Figure) -> float:
    """Points of the smallest text."""
    return min(float(text.get_fontsize()) for text in texts(figure))


def overlaps(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts that lie over each other."""
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts(figure)]
    shrunk = [
        (told, box.x0 + TOUCHING, box.x1 - TOUCHING, box.y0 + TOUCHING, box.y1 - TOUCHING) for told, box in boxes
    ]
    return [
        (a[0], b[0])
        for a, b in combinations(shrunk, 2)
        if a[1] < b[2] and b[1] < a[2] and a[3] < b[4] and b[3] < a[4]
    ]


def cut_off(figure: Figure) -> list[str]:
    """Texts that reach beyond the paper."""
    width, height = figure.bbox.width, figure.bbox.height
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts(figure)]
    return [
        told
        for told, box in boxes
        if box.x0 < -TOUCHING or box.y0 < -TOUCHING or box.x1 > width + TOUCHING or box.y1 > height + TOUCHING
    ]


def unlabelled(figure: Figure) -> list[Axes]:
    """Axes with numbers and no name."""
    return [axes for axes in figure.axes if axes.axison and _numbers_without_name(axes)]


def _numbers_without_name(axes: Axes) -> bool:
    """Whether an axis shows numbers, and neither it nor one that shares them has a name."""
    shared = {"x": axes.get_shared_x_axes(), "y": axes.get_shared_y_axes()}
    numbered = {"x": axes.xaxis, "y": axes.yaxis}
    for name, axis in numbered.items():
        seen = [tick for tick in axis.get_major_ticks() if tick.label1.get_visible() or tick.label2.get_visible()]
        written = any(_is_number(one.get_text()) for tick in seen for one in (tick.label1, tick.label2))
        around = [axes, *shared[name].get_siblings(axes)]
        labels = [one.get_xlabel() if name == "x" else one.get_ylabel() for one in around]
        if axis.get_visible() and written and not any(labels):
            return True
    return False


def _is_number(text: str) -> bool:
    """Whether a text at a tick is a number, not a word that needs no name."""
    bare = re.sub(r"\\(mathdefault|times)", "", text)
    return bool(bare) and not any(letter.isalpha() for letter in bare)


def check_figure(figure: Figure) -> None:
    """Assert that a figure shows something that can be read; its layout is final after."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    assert ink(figure) > LEAST_INK
    assert min(figure.axes[0].bbox.size) / figure.dpi > LEAST_PANEL, "nothing is left for the data"
    assert smallest_letters(figure) >= LEAST_LETTERS
    found = {"overlap": overlaps(figure), "cut off": cut_off(figure), "without a name": unlabelled(figure)}
    assert not any(found.values()), found
