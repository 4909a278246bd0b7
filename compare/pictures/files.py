"""Pictures as data sets and as tables: nothing of what is drawn is lost or changed on the way."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from compare.pictures.mosaic import Curve, Mosaic
from compare.pictures.panel import Axis, Mark, Panel, Role, Series
from compare.pictures.picture import Picture
from compare.pictures.plane import Plane
from theory.base.arrays import Array

if TYPE_CHECKING:
    import xarray as xr

LINES = ("x", "y", "low", "high")
MAPS = {"values": ("x", "y"), "contours": ("x", "y"), "points": ("point", "axis"), "arrows": ("axis", "x", "y")}
CELLS = {"edges": ("cell", "side"), "values": ("cell",), "reasons": ("cell",), "marked": ("cell",)}
OF_MOSAIC = {"value_label", "title", "decades", "reason_names"}
PLAIN = {"value_label", "title", "signed", "decades", "saturated"}  # of a plane


def picture_to_xarray(picture: Picture) -> xr.Dataset:
    """The numbers of a picture as variables, its words as the attribute `picture`."""
    import xarray as xr  # half a second that only files need

    variables: dict[str, Any] = {}
    words = [_words(panel) for panel in picture.panels]
    for number, panel in enumerate(picture.panels):
        for name, (dims, values) in _numbers(panel).items():
            place = f"panel{number}_"
            variables[place + name] = (tuple(place + dim for dim in dims), values)
    whole = {name: getattr(picture, name) for name in ("caption", "columns", "share_x", "share_y")}
    return xr.Dataset(variables, attrs={"picture": json.dumps(whole | {"panels": words})})


def picture_from_xarray(data: xr.Dataset) -> Picture:
    """The picture that `picture_to_xarray` made a data set of."""
    whole = json.loads(data.attrs["picture"])
    panels = []
    for number, words in enumerate(whole.pop("panels")):
        place = f"panel{number}_"
        numbers = {
            str(name).removeprefix(place): variable.to_numpy()
            for name, variable in data.data_vars.items()
            if str(name).startswith(place)
        }
        read = _panel if "series" in words else _mosaic if "curves" in words else _plane
        panels.append(read(words, numbers))
    return Picture(tuple(panels), **whole)


def picture_tables(picture: Picture) -> dict[str, str]:
    """A CSV text for each panel by its name: rows of numbers, each with the label and role of its series."""
    return {f"panel{number}": _table(panel) for number, panel in enumerate(picture.panels)}


def _words(panel: Panel | Plane | Mosaic) -> dict[str, Any]:
    axes = {name: _axis_words(getattr(panel, name)) for name in ("x", "y")}
    if isinstance(panel, Plane):
        return axes | {name: getattr(panel, name) for name in sorted(PLAIN)}
    if isinstance(panel, Mosaic):
        curves = [one.label for one in panel.curves]
        return axes | {name: getattr(panel, name) for name in sorted(OF_MOSAIC)} | {"curves": curves}
    series = [{"label": one.label, "role": one.role.value, "joined": one.joined} for one in panel.series]
    marks = [{"position": m.position, "label": m.label, "vertical": m.vertical} for m in panel.marks]
    return axes | {"title": panel.title, "series": series, "marks": marks}


def _axis_words(axis: Axis) -> dict[str, Any]:
    return {one.name: getattr(axis, one.name) for one in fields(axis)}


def _axis(words: dict[str, Any]) -> Axis:
    limits = words["limits"]
    ends = None if limits is None else (limits[0], limits[1])
    return Axis(words["label"], words["logarithmic"], ends, tuple(words.get("names", ())))


def _numbers(panel: Panel | Plane | Mosaic) -> dict[str, tuple[tuple[str, ...], Array]]:
    """Every array of a panel with its dimensions."""
    if isinstance(panel, Plane):
        found: dict[str, tuple[tuple[str, ...], Array]] = {
            "x_centres": (("x",), panel.x_centres),
            "y_centres": (("y",), panel.y_centres),
        }
        return found | {
            name: (dims, getattr(panel, name)) for name, dims in MAPS.items() if getattr(panel, name) is not None
        }
    if isinstance(panel, Mosaic):
        held = {
            name: (dims, getattr(panel, name)) for name, dims in CELLS.items() if getattr(panel, name) is not None
        }
        lines = enumerate(panel.curves)
        return held | {
            f"curve{k}_{name}": ((f"curve{k}",), getattr(c, name)) for k, c in lines for name in ("x", "y")
        }
    return {
        f"series{index}_{name}": ((f"series{index}",), getattr(one, name))
        for index, one in enumerate(panel.series)
        for name in LINES
        if getattr(one, name) is not None
    }


def _panel(words: dict[str, Any], numbers: dict[str, Array]) -> Panel:
    series = [
        Series(
            told["label"],
            numbers[f"series{index}_x"],
            numbers[f"series{index}_y"],
            Role(told["role"]),
            numbers.get(f"series{index}_low"),
            numbers.get(f"series{index}_high"),
            told["joined"],
        )
        for index, told in enumerate(words["series"])
    ]
    marks = [Mark(**mark) for mark in words["marks"]]
    return Panel(_axis(words["x"]), _axis(words["y"]), series, words["title"], marks)


def _plane(words: dict[str, Any], numbers: dict[str, Array]) -> Plane:
    told: dict[str, Any] = {name: words[name] for name in PLAIN} | numbers
    return Plane(x=_axis(words["x"]), y=_axis(words["y"]), **told)


def _mosaic(words: dict[str, Any], numbers: dict[str, Array]) -> Mosaic:
    curves = [
        Curve(label, numbers[f"curve{k}_x"], numbers[f"curve{k}_y"]) for k, label in enumerate(words["curves"])
    ]
    told: dict[str, Any] = {name: words[name] for name in OF_MOSAIC}
    told |= {name: numbers[name] for name in CELLS if name in numbers}
    return Mosaic(_axis(words["x"]), _axis(words["y"]), curves=curves, **told)


def _table(panel: Panel | Plane | Mosaic) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if isinstance(panel, Mosaic):
        sides = [f"{axis.label} {side}" for axis in (panel.x, panel.y) for side in ("from", "to")]
        writer.writerow([*sides, panel.value_label, "reason"])
        for edges, value, reason in zip(panel.edges, panel.values, panel.reasons, strict=True):
            told = "" if reason < 0 else panel.reason_names[reason]
            writer.writerow([*(repr(float(v)) for v in (*edges, value)), told])
        return text.getvalue()
    if isinstance(panel, Plane):
        fields_of_cells = [name for name in ("values", "contours") if getattr(panel, name) is not None]
        writer.writerow([panel.x.label, panel.y.label, panel.value_label, *fields_of_cells[1:]])
        for i, x in enumerate(panel.x_centres):
            for j, y in enumerate(panel.y_centres):
                writer.writerow(
                    [repr(float(v)) for v in (x, y, *(getattr(panel, n)[i, j] for n in fields_of_cells))]
                )
        return text.getvalue()
    writer.writerow(["series", "role", panel.x.label, panel.y.label, "low", "high"])
    for one in panel.series:
        gap = np.full(len(one.x), np.nan)
        ends = [gap if end is None else end for end in (one.low, one.high)]
        for row in zip(one.x, one.y, *ends, strict=True):
            writer.writerow([one.label, one.role.value, *(repr(float(v)) for v in row)])
    return text.getvalue()
