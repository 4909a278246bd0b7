"""Counts how often a stated error covers: random problems with closed forms, one row of a table for each kind.

``python benchmarks/sweeps/KIND.py [PART OF A NAME] [SEED] [MEMBERS]`` prints rows; docs/coverage.md keeps them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from theory import NoStationaryDensity
from theory.base.errors import InputError

HEADING = "| kind | answered | refused | covered | error over miss, median | largest miss over error |"


@dataclass(frozen=True)
class Coverage:
    """What a sweep found: misses |value - truth| beside stated errors, of the members that were answered."""

    kind: str
    misses: np.ndarray
    errors: np.ndarray
    refused: int
    rounding: float

    @property
    def covered(self) -> float:
        """Share of the answers whose error is at least the miss, up to `rounding`."""
        return float(np.mean(self.misses <= self.errors + self.rounding))

    @property
    def width(self) -> float:
        """Median of error over miss, misses below `rounding` counting as that."""
        return float(np.median(self.errors / np.maximum(self.misses, self.rounding)))

    def row(self) -> str:
        """One line of the table."""
        if len(self.misses) == 0:
            return f"| {self.kind} | 0 | {self.refused} | - | - | - |"
        worst = float(np.max(self.misses / (self.errors + self.rounding)))
        return (
            f"| {self.kind} | {len(self.misses)} | {self.refused} | {self.covered:.1%} | {self.width:.2g} "
            f"| {worst:.2g} |"
        )


Member = Callable[[np.random.Generator], Sequence[tuple[float, float]]]


def print_rows(
    kinds: Mapping[str, Member | tuple[Member, int]],
    *,
    members: int = 200,
    rounding: float | Mapping[str, float] = 1e-13,
) -> None:
    """The rows that the command line asks for, of as many members as it says, or as each kind or `members` does.

    `rounding` is one number, or one for some kinds and 1e-13 for the others.
    """
    part, seed, asked = sys.argv[1:] + ["", "1", ""][len(sys.argv) - 1 :]
    print(HEADING)
    for name, kind in kinds.items():
        member, usual = kind if isinstance(kind, tuple) else (kind, members)
        if part in name:
            count = int(asked) if asked else usual
            floor = rounding.get(name, 1e-13) if isinstance(rounding, Mapping) else rounding
            print(sweep(name, member, members=count, seed=int(seed), rounding=floor).row(), flush=True)


def sweep(
    kind: str,
    member: Member,
    *,
    members: int = 200,
    seed: int = 1,
    rounding: float = 1e-13,
) -> Coverage:
    """Coverage over `members` random problems; `member(rng)` gives pairs (miss, stated error) or refuses.

    Each member has a stream of its own, so that one of them can be run again alone.
    """
    pairs: list[tuple[float, float]] = []
    refused = 0
    for rng in np.random.default_rng(seed).spawn(members):
        try:
            pairs.extend(member(rng))
        except (InputError, NoStationaryDensity):
            refused += 1
    misses, errors = np.array(pairs, dtype=float).reshape(-1, 2).T
    return Coverage(kind, misses, errors, refused, rounding)
