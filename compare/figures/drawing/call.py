"""The call `draw(result)`: which classes have a picture, and what all pictures have in common."""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch
from typing import TypeVar, Unpack
from weakref import WeakSet

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase

from compare.figures.drawing.options import DrawOptions
from compare.figures.drawing.sheet import Sheet
from compare.figures.looks import colours
from compare.figures.style import in_style
from theory.base.arguments import require_known
from theory.base.errors import InputError, require

R = TypeVar("R")
F = TypeVar("F", bound=FigureBase)
_ours: WeakSet[FigureBase] = WeakSet()  # figures that were made here, which keep their style
HEIGHT = 0.62  # of a new figure, over its width
PART = 0.62  # of a page that it takes


@singledispatch
def draw(result: object, /, axes: Axes | None = None, **options: Unpack[DrawOptions]) -> Axes:
    """The axes that `result` was drawn onto, with its errors: `axes`, or those of a new figure of pyplot.

    A density is a line, on the plane a map, beyond its marginals; a sampled law steps with their standard errors;
    an ensemble its paths in time, or its last law; a current streamlines over its density; a comparison its
    intervals with the noise floors; a study of a network a panel for each observable, as the command does, or on
    given axes the first of them. Drawn onto the same axes, results lie over each other. Settings of matplotlib
    stay as they are; those of the user come before ours. `draw.register` teaches it a class of your own: a
    function of (result, axes=None, **options) that returns the axes.

    Parameters
    ----------
    axes
        Where to draw; nothing of it is erased.

    Raises
    ------
    InputError
        If results of this class have no picture.
    """
    known = sorted({one.__name__ for one in draw.registry if one is not object and "." not in one.__name__})
    name = type(result).__name__
    raise InputError(f"`result` must be of a class that can be drawn, got {name}; those are {', '.join(known)}")


def drawn_by(*kinds: type) -> Callable[[Callable[[R, Sheet], None]], Callable[[R, Sheet], None]]:
    """Makes a function of result and sheet the picture of the classes `kinds`."""

    def register(paint: Callable[[R, Sheet], None]) -> Callable[[R, Sheet], None]:
        def drawn(result: R, /, axes: Axes | None = None, **options: Unpack[DrawOptions]) -> Axes:
            require_known("draw", options, DrawOptions)
            require(axes is None or isinstance(axes, Axes), f"`axes` must be axes of matplotlib, got {axes!r}")
            if axes is None:
                return _on_new_figure(paint, result, options)
            ours = axes.get_figure(root=True) in _ours
            return (in_style(_painted) if ours else _painted)(paint, result, axes, options)

        for kind in kinds:
            draw.register(kind, drawn)
        return paint

    return register


def of_ours(figure: F) -> F:
    """The figure, known from now on as one that was made here."""
    _ours.add(figure)
    return figure


def _painted(paint: Callable[[R, Sheet], None], result: R, axes: Axes, options: DrawOptions) -> Axes:
    sheet = Sheet(axes, options)
    paint(result, sheet)
    sheet.finish()
    return axes


@in_style
def _on_new_figure(paint: Callable[[R, Sheet], None], result: R, options: DrawOptions) -> Axes:
    width = PART * plt.rcParams["figure.figsize"][0]
    figure, axes = plt.subplots(figsize=(width, HEIGHT * width))
    axes.set_prop_cycle(color=colours())
    _ours.add(figure)
    try:
        _painted(paint, result, axes, options)
    except BaseException:
        plt.close(figure)  # nothing is shown of what could not be drawn
        raise
    figure.draw_without_rendering()  # numbers at ticks get their letters while the style holds
    return axes
