"""The lines of a map: where a number that theory gives at each of its points is 0."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from contourpy import LineType, contour_generator

from compare.study import Study
from compare.sweeps.laws.lines import Edge, edges_of
from theory.base.arrays import Array
from theory.points import find_minima

MOST_PLACES = 17  # along each range: the numbers are smooth in the logarithms of rates and batches
SAME = 1e-6  # of two numbers that are one


@dataclass(frozen=True, eq=False)
class Border:
    """A line with what happens there in mathematics: pieces of (n, 2) points in the units of the ranges."""

    name: str
    label: str
    pieces: tuple[Array, ...] = field(repr=False)


def borders(
    study_at: Callable[[int, int], Study], x: Array, y: Array, logarithmic: tuple[bool, bool]
) -> tuple[Border, ...]:
    """The lines on a lattice of the numbers `x` (m,) and `y` (n,), of which a part is asked.

    Lines of one kind that coincide, as at minima that mirror each other, are one, without their place.
    """
    columns, rows = (np.unique(np.linspace(0, len(v) - 1, MOST_PLACES).astype(int)) for v in (x, y))
    fields: dict[str, Array] = {}
    told: dict[str, Edge] = {}
    for i, column in enumerate(columns):
        for j, row in enumerate(rows):
            study = study_at(int(column), int(row))
            for edge in edges_of(study, find_minima(study.landscape, study.grid)):
                told.setdefault(edge.name, edge)
                fields.setdefault(edge.name, np.full((len(columns), len(rows)), np.nan))[i, j] = edge.value
    scaled = [np.log(v) if log else v for v, log in zip((x[columns], y[rows]), logarithmic, strict=True)]
    found = []
    for edge, words in _merged(fields, told):
        pieces = _pieces(fields[edge.name], scaled[0], scaled[1])
        if pieces:
            back = [np.stack([_back(piece[:, k], logarithmic[k]) for k in (0, 1)], axis=1) for piece in pieces]
            found.append(Border(edge.name, words, tuple(back)))
    return tuple(found)


def _merged(fields: Mapping[str, Array], told: Mapping[str, Edge]) -> Sequence[tuple[Edge, str]]:
    """One of those that coincide, with its label; with its place where others of its kind run elsewhere."""
    kept: list[Edge] = []
    for name, edge in told.items():
        same = [
            other for other in kept if other.label == edge.label and _coincide(fields[other.name], fields[name])
        ]
        if not same:
            kept.append(edge)
    kinds = [edge.label for edge in kept]
    several = {edge.label for edge in told.values()} if len(kept) > len(set(kinds)) else set()
    return [(e, f"{e.label} at {e.place}" if e.place and e.label in several else e.label) for e in kept]


def _coincide(first: Array, second: Array) -> bool:
    return bool(np.allclose(first, second, rtol=SAME, atol=SAME, equal_nan=True))


def _pieces(values: Array, x: Array, y: Array) -> list[Array]:
    if len(x) < 2 or len(y) < 2:
        return []
    lines = contour_generator(x, y, np.ma.masked_invalid(values.T), line_type=LineType.Separate).lines(0.0)
    return [np.asarray(line, dtype=np.float64) for line in lines if len(line) > 1]


def _back(values: Array, logarithmic: bool) -> Array:
    return np.asarray(np.exp(values) if logarithmic else values)
