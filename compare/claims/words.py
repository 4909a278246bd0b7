"""Judgements in words: a table of verdicts, and the evidence on one claim."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping

from compare.claims.definition import Claim
from compare.claims.judgement import Judgement
from theory.base.tables import text_table

COLUMNS = ("", "what", "value", "interval", "predicted", "outcome")
WIDTH = 100  # characters of a line, where nobody says another


def verdict_table(judgements: Iterable[Judgement], width: int = WIDTH) -> str:
    """A line or more for each verdict, beginning with the identifier, `width` characters wide."""
    found = list(judgements)
    room = max((len(one.identifier) for one in found), default=0) + 2
    lines = []
    for one in found:
        told = textwrap.wrap(one.verdict.words, max(width - room, 20)) or [""]
        lines += [f"{one.identifier:{room}}{told[0]}", *(" " * room + more for more in told[1:])]
    return "\n".join(lines)


def statement_list(claims: Mapping[str, Claim], width: int = WIDTH) -> str:
    """The statements of the claims, under the source that makes them."""
    lines: list[str] = []
    source = None
    for one in claims.values():
        if one.source != source:
            lines += ([""] if lines else []) + textwrap.wrap(str(one.source), width)
            source = one.source
        told = textwrap.wrap(one.statement + (f" ({one.where})" if one.where else ""), max(width - 6, 20))
        lines += [f"{one.identifier:6}{told[0]}", *(" " * 6 + more for more in told[1:])]
    return "\n".join(lines)


def evidence_text(judgement: Judgement, width: int = WIDTH) -> str:
    """The statement, the prediction, the verdict, and every number with its interval beside what was predicted."""
    where = f", {judgement.where}" if judgement.where else ""
    told = {
        "statement": judgement.statement,
        "source": judgement.source + where,
        "prediction": judgement.prediction,
        "verdict": judgement.verdict.words,
    }
    lines = [f"{judgement.identifier}, {judgement.size}, seed {judgement.seed}"]
    for name, words in told.items():
        lines += textwrap.wrap(f"{name}: {words}", width, subsequent_indent="  ")
    rows = []
    for row in judgement.rows:
        interval = f"[{row.low:.4g}, {row.high:.4g}]"
        outcome = row.outcome + (f" (must: {row.must})" if row.must else "")
        about = row.about + (f" ({row.condition})" if row.condition else "")
        rows.append((row.part, about, f"{row.value:.4g}", interval, row.predicted, outcome))
    lines += ["", *text_table(COLUMNS, rows)] if rows else []
    for note in judgement.notes:
        lines += textwrap.wrap(note, width, initial_indent="- ", subsequent_indent="  ")
    return "\n".join(lines)
