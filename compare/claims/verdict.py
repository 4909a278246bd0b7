"""The verdict on a claim, computed from its evidence and never written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import isnan

from compare.claims.evidence import Evidence, Finding
from compare.claims.measurement import is_constant
from compare.claims.prediction import Outcome
from theory.base.errors import require

RISK = 1e-3  # that chance makes any of one claim's numbers come out wrong: 5 % for fifty claims together


class Kind(Enum):
    """What a verdict may be."""

    HOLDS = "holds"
    HOLDS_WHEN = "holds when"
    FAILS = "fails"
    UNSETTLED = "not settled"
    WITHHELD = "withheld"
    NOT_YET = "not yet"
    ERROR = "error"

    @property
    def judged(self) -> bool:
        """Whether it says of the statement that it holds or that it fails."""
        return self in {Kind.HOLDS, Kind.HOLDS_WHEN, Kind.FAILS}


@dataclass(frozen=True)
class Verdict:
    """What the numbers say of a statement, in one line of `words` that begins with its `kind`."""

    kind: Kind
    words: str

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True)
class Row:
    """A finding as it was judged: the `value` in its interval from `low` to `high`, the prediction, the outcome.

    `must` is the outcome that a control is required to have, and empty elsewhere.
    """

    about: str
    value: float
    low: float
    high: float
    predicted: str
    outcome: str
    part: str
    condition: str = ""
    must: str = ""


def judge(evidence: Evidence, *, risk: float = RISK) -> tuple[Verdict, tuple[Row, ...]]:
    """The verdict on the evidence, and every number as it was judged.

    Each interval has the confidence 1 - risk / looks (Bonferroni): whatever the dependence between the numbers,
    the probability that one of them leaves its truth out is `risk` at most.

    Raises
    ------
    InputError
        If a number is NaN, it is a mean of equal repeats, or the ends of an interval are not in order.
    """
    confidence = 1 - risk / evidence.looks
    rows = [
        _row(finding, part, confidence)
        for part, findings in (("statement", evidence.findings), ("reason", evidence.reasons))
        for finding in findings
    ]
    controls = [_row(one.finding, "control", confidence, one.must.value) for one in evidence.controls]
    found = [row for row in rows if row.part == "statement"]
    reasons = _sure([row for row in rows if row.part == "reason"])
    wrong = [row for row in controls if row.outcome != row.must]
    verdict = _withheld(wrong) if wrong else _verdict(found, reasons)
    return verdict, (*rows, *controls)


def _row(finding: Finding, part: str, confidence: float, must: str = "") -> Row:
    require(
        not is_constant(finding.measured),
        f"{finding.about}: repeats must differ to be judged, all are equal; a number that never varies is "
        "`Computed`, a count a `Share`",
    )
    low, high = (float(end) for end in finding.measured.interval(confidence))
    value, told = float(finding.measured.value), str(finding.predicted)
    require(not isnan(value), f"{finding.about}: a measured number must be one, got NaN; nobody can judge it")
    outcome = finding.predicted.outcome((low, high)).value
    return Row(finding.about, value, low, high, told, outcome, part, finding.condition, must)


def _withheld(controls: Sequence[Row]) -> Verdict:
    words = "; ".join(f"{row.about} must come out as {row.must!r}, it is {row.outcome!r}" for row in controls)
    return Verdict(Kind.WITHHELD, f"withheld: a control did not come out as it must: {words}")


def _verdict(found: Sequence[Row], reasons: Sequence[Row]) -> Verdict:
    by_outcome = {outcome: [row for row in found if row.outcome == outcome.value] for outcome in Outcome}
    holding, failing = by_outcome[Outcome.HOLDS], by_outcome[Outcome.FAILS]
    refuted = [row for row in failing if not row.condition]
    lost = {row.condition for row in failing}  # a condition under which anything fails is none to hold under
    if refuted or all(row.condition in lost for row in found):
        return Verdict(Kind.FAILS, f"fails{_because(refuted or failing, reasons)}{_but(_sure(found))}")
    if by_outcome[Outcome.UNSETTLED]:
        open_ = "; ".join(_number(row) for row in by_outcome[Outcome.UNSETTLED])
        return Verdict(Kind.UNSETTLED, f"not settled by these data: {open_}")
    if failing:
        kept = [row.condition for row in holding if row.condition and row.condition not in lost]
        when, not_when = _conditions(kept), _conditions([row.condition for row in failing])
        why = f",{_because(failing, reasons)}" if reasons else ""
        return Verdict(Kind.HOLDS_WHEN, f"holds {when or f'when not {not_when[5:]}'}; fails {not_when}{why}")
    return Verdict(Kind.HOLDS, "holds")


def _sure(rows: Sequence[Row]) -> list[Row]:
    """Those that hold, and whose words stand for no row beside them that does not."""
    doubtful = {row.about for row in rows if row.outcome != Outcome.HOLDS.value}
    return [row for row in rows if row.about not in doubtful]


def _because(failing: Sequence[Row], reasons: Sequence[Row]) -> str:
    if not reasons:
        return ": " + "; ".join(_number(row) for row in failing)
    return f" because {', and because '.join(dict.fromkeys(row.about for row in reasons))}"


def _conditions(conditions: Sequence[str]) -> str:
    return ", or ".join(f"when {condition}" for condition in dict.fromkeys(conditions))


def _but(holding: Sequence[Row]) -> str:
    return f"; what holds: {', and '.join(dict.fromkeys(row.about for row in holding))}" if holding else ""


def _number(row: Row) -> str:
    return f"{row.about}: {row.value:.4g} in [{row.low:.4g}, {row.high:.4g}], predicted {row.predicted}"
