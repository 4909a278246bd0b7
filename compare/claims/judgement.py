"""A judgement: the verdict on a claim at one size and seed, with its numbers and its picture."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from compare.claims.definition import SIZES, Claim
from compare.claims.verdict import Kind, Row, Verdict, judge
from compare.pictures import Picture
from theory.base.absent import Absent
from theory.base.errors import InputError, require
from theory.base.progress import only_asked_for
from theory.base.threads import in_one_thread

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Judgement:
    """What was found of a claim.

    Parameters
    ----------
    parameters
        The keywords that the claim's function got.
    key
        The fingerprint of all that it depends on.
    trace
        Where an error arose, for those who mend it; empty without one.
    """

    identifier: str
    source: str
    where: str
    statement: str
    prediction: str
    size: str
    seed: int
    parameters: Mapping[str, Any] = field(repr=False)
    key: str = field(repr=False)
    verdict: Verdict
    rows: tuple[Row, ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = field(default=(), repr=False)
    picture: Picture | None = field(default=None, repr=False)
    trace: str = field(default="", repr=False)


@in_one_thread
def judge_claim(claim: Claim, *, size: str = "quick", seed: int = 1, key: str = "") -> Judgement:
    """The judgement of a claim at the size `quick` or `full`.

    Its random numbers depend on the seed and the identifier alone. An exception of the claim's function becomes an
    error in the place of the verdict, and never one.

    Raises
    ------
    InputError
        If the size is another.
    """
    require(size in SIZES, f"`size` must be one of {', '.join(SIZES)}, got {size!r}")
    rng = np.random.default_rng([seed, *claim.identifier.encode()])
    try:
        with only_asked_for():
            evidence = claim.evidence(size, rng)
        if isinstance(evidence, Absent):
            return judged_as(claim, size, seed, key, Verdict(Kind.NOT_YET, f"not yet: {evidence.reason}"))
        verdict, rows = judge(evidence)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # others go on, even if it wants to leave Python
        return failed(claim, size, seed, key, error)
    found = judged_as(claim, size, seed, key, verdict)
    return replace(found, rows=rows, notes=tuple(evidence.notes), picture=evidence.picture)


def failed(claim: Claim, size: str, seed: int, key: str, error: BaseException) -> Judgement:
    """An error in the place of a judgement: what went wrong is told, and is no verdict."""
    told = str(error) if isinstance(error, InputError) else str(InputError(f"{type(error).__name__}: {error}"))
    found = judged_as(claim, size, seed, key, Verdict(Kind.ERROR, f"error: {told}"))
    return replace(found, trace="".join(traceback.format_exception(type(error), error, _reached(error))))


def _reached(error: BaseException) -> TracebackType | None:
    """The traceback without what led to the claim's own code."""
    place = error.__traceback__
    while place and place.tb_next and Path(place.tb_frame.f_code.co_filename).parent == HERE:
        place = place.tb_next
    return place


def judged_as(claim: Claim, size: str, seed: int, key: str, verdict: Verdict) -> Judgement:
    """A judgement without numbers."""
    told = (claim.identifier, str(claim.source), claim.where, claim.statement, claim.prediction)
    return Judgement(*told, size, seed, dict(claim.sizes[size]), key, verdict)
