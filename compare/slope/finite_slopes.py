"""Derivatives of a stationary mean at finite learning rates, by several methods side by side."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from theory.base.estimate import Estimate
from theory.base.html import column_table
from theory.base.tables import text_table

METHODS = ("operator", "sampling", "fokker planck")
COLUMNS = ("rate", *(word for name in METHODS for word in (name, "error", "against SGD's own")))


@dataclass(frozen=True)
class FiniteRateSlope:
    """dE[f]/da at one learning rate by the methods that were run.

    Parameters
    ----------
    learning_rate
        The rate.
    found
        The derivative by each method, with its error: of samples the half-width of their interval.
    refused
        The methods that found none, with the reason in one line.
    """

    learning_rate: float
    found: dict[str, Estimate] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def own(self) -> Estimate | None:
        """That of SGD's own law: by its operator, else by samples; None where neither found it."""
        return self.found.get("operator", self.found.get("sampling"))

    def verdict_of(self, method: str) -> str:
        """Whether a method 'agrees' with SGD's own derivative within both errors, 'differs', or found 'none'.

        The Fokker-Planck equation is that of the limit of small rates: at a finite one it is right to differ.
        """
        one, own = self.found.get(method), self.own
        if one is None or own is None or not math.isfinite(one.error + own.error):
            return "none"
        return "agrees" if abs(one - own) <= one.error + own.error else "differs"


@dataclass(frozen=True)
class FiniteRateSlopes:
    """Derivatives of a stationary mean in one number of SGD at several learning rates.

    Parameters
    ----------
    parameter
        The number: learning_rate, batch_size or momentum.
    slopes
        One for each rate.
    confidence
        With which the intervals of samples hold at all rates together.
    """

    parameter: str
    slopes: tuple[FiniteRateSlope, ...]
    confidence: float

    @property
    def verdict(self) -> str:
        """'agree' where operator and walkers do at all rates where both found it, 'differ', or 'cannot tell'."""
        both = [one for one in self.slopes if {"operator", "sampling"} <= one.found.keys()]
        if not both:
            return "cannot tell"
        return "agree" if all(one.verdict_of("sampling") == "agrees" for one in both) else "differ"

    def __repr__(self) -> str:
        parts = [f"parameter={self.parameter}", f"verdict={self.verdict}"]
        for one in self.slopes:
            found = ", ".join(f"{name} {number:.6g} +- {number.error:.2g}" for name, number in one.found.items())
            parts.append(f"at {one.learning_rate:.6g}: {found}")
        return f"FiniteRateSlopes({'; '.join(parts)})"

    def _repr_html_(self) -> str:
        """A row for each rate, as in `table`."""
        return column_table(self._heading(), COLUMNS, self._rows(), *self._notes())

    def table(self) -> str:
        """Text: a line for each rate with every method, its error, and whether it agrees with SGD's own."""
        return "\n".join([self._heading(), *text_table(COLUMNS, self._rows()), *self._notes()])

    def _heading(self) -> str:
        return f"derivative in {self.parameter} of the stationary mean"

    def _notes(self) -> list[str]:
        """Why methods found none, and the verdict."""
        reasons = dict.fromkeys(f"no {name}: {why}" for one in self.slopes for name, why in one.refused.items())
        return [*reasons, f"SGD's own: {self.verdict}"]

    def _rows(self) -> list[tuple[str, ...]]:
        rows = []
        for one in self.slopes:
            cells: list[str] = [f"{one.learning_rate:.6g}"]
            for name in METHODS:
                here = one.found.get(name)
                number = ("none", "") if here is None else (f"{here:.6g}", f"{here.error:.2g}")
                cells += [*number, one.verdict_of(name)]
            rows.append(tuple(cells))
        return rows
