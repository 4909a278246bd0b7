"""Small tables for notebooks: HTML of numbers with their errors, all text escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, Final

import numpy as np

from theory.base.estimate import Estimate
from theory.base.whole_numbers import decade

WIDTH, HEIGHT = 240, 60  # of a sketch, in pixels
MOST: Final = 240  # points of a sketch
CELL: Final = ' style="text-align:left;padding:1px 8px"'


class Html(str):
    """Text that is HTML already."""


def table(title: str, rows: Mapping[str, Any], sketch: str = "") -> str:
    """A table of two columns under `title`: what is told, and its number; rows that are None are left out."""
    kept = [(name, value) for name, value in rows.items() if value is not None]
    body = "".join(f"<tr><th{CELL}>{escape(name)}</th><td{CELL}>{number(value)}</td></tr>" for name, value in kept)
    return f"<div><table>{_head(title)}{body}</table>{sketch}</div>"


def column_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *notes: str) -> str:
    """A table of texts with a row of headings under `title`, and lines of notes below."""
    lines = ("".join(f"<td{CELL}>{escape(cell)}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    names = "".join(f"<th{CELL}>{escape(column)}</th>" for column in columns)
    below = "".join(f"<div>{escape(note)}</div>" for note in notes)
    return f"<div><table>{_head(title)}<tr>{names}</tr>{body}</table>{below}</div>"


def _head(title: str) -> str:
    return f'<caption style="text-align:left"><b>{escape(title)}</b></caption>'


def number(value: Any) -> str:
    """A number, with its error where it has one, or a word, escaped."""
    if isinstance(value, Html):
        return value
    if isinstance(value, Estimate):
        return with_error(value, value.error)
    if isinstance(value, float | np.floating):
        return f"{value:.6g}"
    return escape(str(value))


def with_error(value: float, error: float) -> str:
    """`value` to as many digits as its error leaves, and the error; alone where nobody can tell."""
    if not np.isfinite(value) or not np.isfinite(error):
        return f"{value:.6g}" if np.isnan(error) else f"{value:.6g} &plusmn; {error:.2g}"
    if error == 0 or value == 0:
        return f"{value:.10g} &plusmn; {error:.2g}"
    digits = min(max(decade(abs(value)) - decade(error) + 2, 2), 12)
    return f"{value:#.{digits}g} &plusmn; {error:.2g}"


def vector(values: Any, errors: Any) -> Html:
    """Numbers with their errors, one after the other."""
    pairs = zip(np.ravel(values), np.ravel(errors), strict=True)
    return Html(", ".join(with_error(float(value), float(error)) for value, error in pairs))


def sketch(x: Any, y: Any) -> str:
    """The curve of `y` >= 0 over ascending `x` as a small drawing (SVG), filled down to 0."""
    step = max(1, len(x) // MOST)
    groups = [(x[k : k + step].mean(), y[k : k + step].max()) for k in range(0, len(x), step)]  # no peak is lost
    across, up = np.array(groups).T
    across = (across - across[0]) / ((across[-1] - across[0]) or 1.0) * WIDTH
    up = HEIGHT - up / (up.max() or 1.0) * (HEIGHT - 4)
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(across, up, strict=True))
    return (
        f'<svg width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f'<polygon points="0,{HEIGHT} {points} {WIDTH},{HEIGHT}" fill="#4477aa" fill-opacity="0.3" '
        f'stroke="#4477aa"/></svg>'
    )
