"""Claims made up for tests: evidence with given numbers."""

from __future__ import annotations

import numpy as np

from compare.claims import Claim, Computed, Control, Evidence, Finding, Outcome, Source, at_most, claim, equal_to
from compare.pictures import Axis, Panel, Picture, Series
from theory import Estimate

SOURCE = Source("Somebody", 2026, "A paper", "https://example.org/paper")


def picture() -> Picture:
    """A panel with a measured and a predicted series."""
    series = [
        Series.measured("SGD", [1.0, 2.0], [3.0, np.nan], [0.1, 0.2]),
        Series.predicted("$x^2$", [1.0, 2.0], [1.0, 4.0]),
    ]
    return Picture([Panel(Axis("rate", True), Axis("loss $L$"), series)], "a caption")


def finding(value: float, *, about: str = "the number", condition: str = "", margin: float = 0.1) -> Finding:
    """A computed number, known to 0.01, of which 1 is predicted."""
    return Finding(about, Computed(Estimate(value, 0.01)), equal_to(1.0, margin=margin, formula="one"), condition)


def control(fails: bool = True) -> Control:
    """One that comes out as it must, or not."""
    return Control(Finding("the control", Computed(Estimate(2.0, 0.01)), at_most(1.0 if fails else 3.0)))


def evidence(
    *findings: Finding, reasons: tuple[Finding, ...] = (), controls: tuple[Control, ...] | None = None
) -> Evidence:
    """Evidence of these findings, with a control that fails."""
    return Evidence(findings, (control(),) if controls is None else controls, picture(), reasons)


def claim_of(found: Evidence | BaseException, identifier: str = "M1") -> Claim:
    """A claim whose function finds this, or raises it."""

    @claim(identifier, source=SOURCE, statement="It is one.", prediction="1", quick={"walkers": 10})
    def function(*, walkers: int, rng: np.random.Generator) -> Evidence:
        if isinstance(found, BaseException):
            raise found
        return found

    return function


__all__ = ["SOURCE", "Outcome", "claim_of", "control", "evidence", "finding", "picture"]
