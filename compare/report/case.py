"""What is asked of a reason: a report, the laws that miss that of SGD, and by how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from compare.distances import Distance, total_variation
from compare.report.report import Law, Report

PART = 0.25  # of a miss, from which on what a number shows counts as a reason for it


@dataclass(frozen=True)
class Case:
    """A report with the laws that miss SGD's, by how much, and how many laws were looked at."""

    report: Report
    misses: Mapping[str, Distance]
    looks: int

    def law(self, name: str) -> Law | None:
        """A law on the study's grid, None where there is none."""
        found = self.report.laws.get(name)
        return None if found is None else found.law

    def between(self, first: str, second: str) -> Distance | None:
        """The total variation between two laws, with an interval as wide as those of all laws together."""
        one, other = self.law(first), self.law(second)
        if one is None or other is None:
            return None
        comparison = self.report.comparison
        assert comparison is not None
        return total_variation(one, other, confidence=comparison.confidence).among(self.looks)

    def miss(self, name: str) -> float:
        """By how much a law misses without what sampling adds; 0 where no miss shows."""
        found = self.misses.get(name)
        return 0.0 if found is None else size(found)

    def missed_by(self, amounts: Mapping[str, float]) -> dict[str, float]:
        """The laws of whose miss an amount makes up a part that counts, with that part."""
        missed = {name: amount for name, amount in amounts.items() if self.miss(name) > 0}
        parts = {name: min(1.0, amount / self.miss(name)) for name, amount in missed.items()}
        return {name: part for name, part in parts.items() if part >= PART}


def size(distance: Distance) -> float:
    """The debiased value where it shows, else 0."""
    if distance.low <= 0:
        return 0.0
    return distance.value if distance.debiased is None else distance.debiased
