"""Tables of texts for terminals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def text_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table, each column as wide as its longest text."""
    every = [columns, *rows]
    widths = [max(len(row[column]) for row in every) for column in range(len(columns))]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in every]
