"""Maps in cells of different size drawn: numbers as colours, reasons as hatched tints, lines across."""

from __future__ import annotations

import numpy as np
from matplotlib import colormaps, rcParams
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import Normalize

from compare.figures.decades import number_axis
from compare.figures.palette import DISTANCE
from compare.pictures import Axis, Curve, Mosaic
from theory.base.arrays import Array

# Of reasons in the order of the alphabet of what they say; hatches tell them apart without colours.
TINTS = ("#F6D9B8", "#CFE5D6", "#EBCFE0", "#F3EBB5", "#E2E2E2", "#D9D3C3", "#F4C4BE")
HATCHES = ("////", "....", "xxxx", "\\\\\\\\", "----", "++++", "oooo")
HATCH_COLOUR, HATCH_WIDTH = "0.45", 0.4
LINES = ("#D55E00", "#000000", "#E69F00", "#CC79A7", "#009E73")
DASHES = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (3, 1, 1, 1)), (0, (7, 1.5, 1, 1.5, 1, 1.5)))
HALO = 1.8  # points of white about a line, by which it is seen on dark cells
SIDES, SIDE_WIDTH = "0.6", 0.15  # of the cells
DOT, DOT_COLOUR = 1.2, "0.25"


def draw_mosaic(
    axes: Axes, mosaic: Mosaic, norm: Normalize, reasons: list[str], curves: list[str]
) -> PolyCollection:
    """The cells of a mosaic onto `axes`; the colours for a bar. `reasons` and `curves` order the looks."""
    numbers = mosaic.reasons < 0
    boxes = _boxes(mosaic.edges)
    values = np.ma.masked_invalid(mosaic.values[numbers])
    if mosaic.decades is not None:
        values = np.ma.maximum(values, float(norm.vmin or 0.0))  # what lies below the scale has its lowest colour
    image = PolyCollection(
        list(boxes[numbers]), array=values, norm=norm, cmap=colormaps[DISTANCE], edgecolors=SIDES,
        linewidths=SIDE_WIDTH,
    )  # fmt: skip
    axes.add_collection(image)
    for place, name in enumerate(mosaic.reason_names):
        look = reasons.index(name)
        with_hatch = PolyCollection(
            list(boxes[mosaic.reasons == place]), facecolors=TINTS[look % len(TINTS)], edgecolors=HATCH_COLOUR,
            linewidths=SIDE_WIDTH, hatch=HATCHES[look % len(HATCHES)], label=name,
        )  # fmt: skip
        with_hatch.set_hatch_linewidth(HATCH_WIDTH)
        axes.add_collection(with_hatch)
    if mosaic.marked is not None and mosaic.marked.any():
        axes.plot(
            *_middles(mosaic)[mosaic.marked.astype(bool)].T, linestyle="none", marker="o", ms=DOT,
            color=DOT_COLOUR, mew=0, label="no difference seen", zorder=2.5,
        )  # fmt: skip
    told: set[str] = set()
    for curve in mosaic.curves:
        _draw_curve(axes, curve, curves.index(curve.label), curve.label not in told)
        told.add(curve.label)
    _furnish(axes, mosaic)
    return image


def _draw_curve(axes: Axes, curve: Curve, look: int, named: bool) -> None:
    width = float(rcParams["lines.linewidth"])
    axes.plot(curve.x, curve.y, color="white", lw=width + HALO, zorder=2.8, solid_capstyle="round")
    axes.plot(
        curve.x, curve.y, color=LINES[look % len(LINES)], linestyle=DASHES[look % len(DASHES)], lw=width,
        label=curve.label if named else None, zorder=3,
    )  # fmt: skip


def _furnish(axes: Axes, mosaic: Mosaic) -> None:
    ends = mosaic.edges
    sides = ((mosaic.x, "x", ends[:, :2]), (mosaic.y, "y", ends[:, 2:]))
    for axis, name, edges in sides:
        axes.set(
            **{
                f"{name}scale": "log" if axis.logarithmic else "linear",
                f"{name}lim": axis.limits or (edges.min(), edges.max()),
                f"{name}label": axis.label,
            }
        )
    number_axis(axes.xaxis, mosaic.x)
    number_axis(axes.yaxis, mosaic.y)
    if mosaic.title:
        axes.set_title(mosaic.title)


def _boxes(edges: Array) -> Array:
    """The corners of each cell, (n, 4, 2)."""
    left, right, low, high = edges.T
    return np.stack([np.stack([left, right, right, left], 1), np.stack([low, low, high, high], 1)], axis=2)


def _middles(mosaic: Mosaic) -> Array:
    left, right, low, high = mosaic.edges.T
    return np.stack([_middle(left, right, mosaic.x), _middle(low, high, mosaic.y)], axis=1)


def _middle(first: Array, second: Array, axis: Axis) -> Array:
    return np.asarray(np.sqrt(first * second) if axis.logarithmic else (first + second) / 2)
