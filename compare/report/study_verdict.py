"""What a study means: the law that describes SGD, by how much others miss, and the reasons that numbers show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compare.distances import Distance
from compare.report.movement import interval_as_json
from theory.base.shares import fraction, percent

NAMES: Mapping[str, str] = {
    "langevin": "the Langevin law",
    "fokker_planck": "the Fokker-Planck law",
    "gibbs": "the Gibbs measure fitted to SGD",
    "posterior": "the posterior",
}
SHORT: Mapping[str, str] = {
    "langevin": "Langevin", "fokker_planck": "Fokker-Planck", "gibbs": "Gibbs", "posterior": "posterior",
}  # fmt: skip
TOLD = 2  # reasons of one law that a sentence has room for


@dataclass(frozen=True)
class MissReason:
    """Why laws miss that of SGD: `kind` in two or three words, the sentence, and the numbers that show it.

    `laws` has of each law the part of its miss that the reason makes up; parts of several reasons overlap.
    """

    kind: str
    laws: Mapping[str, float]
    words: str
    numbers: Mapping[str, float]

    def as_json(self) -> dict[str, Any]:
        """As result files hold it."""
        return {"kind": self.kind, "laws": dict(self.laws), "words": self.words, "numbers": dict(self.numbers)}


@dataclass(frozen=True)
class StudyVerdict:
    """Which laws of theory describe SGD in a study, and why others do not, from its numbers.

    Parameters
    ----------
    describes
        The laws from which no difference shows where one that matters would have.
    misses
        The total variation from each law that differs, with intervals that hold together.
    unsettled
        The laws of which the data decide neither.
    shows_from
        The total variation that would have shown from each law in `describes` and `unsettled`.
    absent
        The laws of theory that were asked for and do not exist.
    reasons
        Those that numbers show.
    doubts
        What speaks against the study itself, such as a second opinion that disagrees.
    walkers, looks, confidence
        Size of SGD's sample, the number of laws that were looked at, and what all intervals hold with together.
    """

    describes: tuple[str, ...]
    misses: Mapping[str, Distance]
    unsettled: tuple[str, ...]
    shows_from: Mapping[str, float]
    absent: tuple[str, ...]
    reasons: tuple[MissReason, ...]
    doubts: tuple[str, ...]
    walkers: int
    looks: int
    confidence: float

    def __repr__(self) -> str:
        return f"{type(self).__name__}({' '.join(self.sentences)})"

    @property
    def settled(self) -> bool:
        """Whether the data decide of every law, and nothing speaks against the study."""
        return not self.unsettled and not self.doubts and bool(self.describes or self.misses)

    @property
    def unexplained(self) -> tuple[str, ...]:
        """The laws that miss for no reason that a number shows."""
        known = {law for reason in self.reasons for law in reason.laws}
        return tuple(law for law in self.misses if law not in known)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Three: which law, by how much the others miss, why; before them the doubts, where there are any."""
        return (*self.doubts, self._which(), self._by_how_much(), self._why())

    def as_json(self) -> dict[str, Any]:
        """As result files hold it."""
        return {
            "sentences": list(self.sentences),
            "settled": self.settled,
            "law": list(self.describes),
            "misses": {
                name: {"debiased": one.debiased, **interval_as_json(one)} for name, one in self.misses.items()
            },
            "not_settled": list(self.unsettled),
            "shows_from": dict(self.shows_from),
            "no_law": list(self.absent),
            "reasons": [reason.as_json() for reason in self.reasons],
            "no_reason_known": list(self.unexplained),
            "doubts": list(self.doubts),
            "looks": self.looks,
            "confidence": self.confidence,
        }

    def _which(self) -> str:
        if self.describes:
            does = "describes" if len(self.describes) == 1 else "describe"
            least = max(self.shows_from[name] for name in self.describes)
            where = f"among {self.walkers} walkers" if self.walkers else "from SGD's computed law"
            return _sentence(
                f"{_listed(self.describes)} {does} SGD here: {where} no difference shows, "
                f"where a total variation of {least:.2g} would have ({percent(self.confidence)} for all "
                f"{self.looks} laws together)"
            )
        if self.unsettled:
            least = max(self.shows_from[name] for name in self.unsettled)
            return _sentence(
                f"not settled: no difference from {_listed(self.unsettled)} shows, but a total variation below "
                f"{least:.2g} would not have; take more walkers or coarser cells"
            )
        if not self.misses:
            return "Not settled: there is no law of theory to compare SGD with."
        return _sentence(f"no law of theory describes SGD here; the nearest {_nearest(self.misses)}")

    def _by_how_much(self) -> str:
        if not self.misses:
            words = "none of the laws looked at misses visibly"
        else:
            first, *others = sorted(self.misses, key=lambda name: _size(self.misses[name]))
            parts = [f"{NAMES[name]} by {_told(self.misses[name])}" for name in others]
            words = _and([f"in total variation {NAMES[first]} misses by {_told(self.misses[first])}", *parts])
        if self.describes and self.unsettled:
            words += f"; of {_listed(self.unsettled)} the data decide nothing"
        if self.absent:
            words += f"; {_and([SHORT[name] for name in self.absent])} found no law"
        return _sentence(words)

    def _why(self) -> str:
        if not self.misses:
            return "There is nothing to explain."
        parts = [f"{reason.words}{self._of(laws)}" for reason in self.reasons if (laws := self._leading(reason))]
        if self.unexplained:
            whose = f"why {_listed(self.unexplained)} {'misses' if len(self.unexplained) == 1 else 'miss'}"
            parts.append(f"{whose} is not known")
        return _sentence(
            f"{'reasons' if len(self.reasons) > 1 else 'reason'}: {'; '.join(parts)}" if self.reasons else parts[0]
        )

    def _leading(self, reason: MissReason) -> list[str]:
        """The laws for which a reason is among those that make up most of the miss."""

        def rank(law: str) -> int:
            return sum(other.laws.get(law, 0.0) > reason.laws[law] for other in self.reasons)

        return [law for law in reason.laws if rank(law) < TOLD]

    def _of(self, laws: list[str]) -> str:
        return "" if len(laws) == len(self.misses) else f" ({', '.join(SHORT[name] for name in laws)})"


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _and(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _listed(laws: tuple[str, ...]) -> str:
    return _and([NAMES[name] for name in laws])


def _size(distance: Distance) -> float:
    return distance.value if distance.debiased is None else distance.debiased


def _told(distance: Distance) -> str:
    value, low, high = (fraction(one, 2) for one in (_size(distance), distance.low, min(1.0, distance.high)))
    return f"{value} [{low}, {high}]"


def _nearest(misses: Mapping[str, Distance]) -> str:
    """The law with the least miss, with those that may be nearer."""
    least = min(misses.values(), key=_size)
    near = tuple(name for name, one in misses.items() if one.low <= least.high)
    return f"{'is' if len(near) == 1 else 'are'} {_listed(near)}"
