"""The rules of a block of walkers with all that they remember: compiled ones in one loop, others in NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulate.rules.contract import started, updated
from simulate.rules.kernels import follow
from simulate.rules.order import Rule
from simulate.rules.rule import MEMORY, ShippedRule
from theory.base.arrays import Array, Integers
from theory.base.contracts import Part
from theory.base.errors import require

OWN = -1  # the mark of a rule of the user's own


class ShippedRows(NamedTuple):
    """Rules that ship, for the compiled loop: their rows (k, 4), and what they average, shape (m, d, n)."""

    rows: Array
    memory: Array

    @staticmethod
    def of(rules: Sequence[ShippedRule], dim: int, walkers: int) -> ShippedRows:
        """The rows of these rules for a block at rest."""
        rows = np.array([row for rule in rules for row in rule.rows], dtype=np.float64).reshape(-1, 4)
        kept = sum(MEMORY.get(int(kind), 0) for kind in rows[:, 0])
        return ShippedRows(rows, np.zeros((kept, dim, walkers)))


@dataclass(frozen=True, eq=False)
class OwnState:
    """A rule of the user's own and its states (n, ...) of a block."""

    part: Part
    state: Array


@dataclass(frozen=True, eq=False)
class Followed:
    """All rules of a block in their order: groups of those that ship, and those of the user's own one by one.

    `kinds` are those of all rules, and `marks` (rules,) the same in an array, which a checkpoint keeps and brings.
    """

    groups: tuple[ShippedRows | OwnState, ...]
    kinds: tuple[int, ...]
    marks: Integers

    @staticmethod
    def of(rules: Sequence[Rule], w: Array) -> Followed:
        """The rules of walkers that begin at w (d, n)."""
        dim, walkers = w.shape
        groups: list[ShippedRows | OwnState] = []
        waiting: list[ShippedRule] = []
        kinds: list[int] = []
        for rule in rules:
            if isinstance(rule, ShippedRule):
                waiting.append(rule)
                kinds += [int(row[0]) for row in rule.rows]
                continue
            part = Part.of("rule", rule)
            groups += [ShippedRows.of(waiting, dim, walkers), OwnState(part, started(part, w.T))]
            waiting = []
            kinds.append(OWN)
        groups.append(ShippedRows.of(waiting, dim, walkers))
        return Followed(tuple(groups), tuple(kinds), np.array(kinds, dtype=np.int64))

    @property
    def compiled(self) -> ShippedRows:
        """The rules for the compiled loop, where none is the user's own."""
        (only,) = self.groups
        assert isinstance(only, ShippedRows)
        return only

    @property
    def memory(self) -> tuple[NDArray[Any], ...]:
        """The arrays that a checkpoint must keep; none without rules."""
        if not self.kinds:
            return ()
        return self.marks, *(one.memory if isinstance(one, ShippedRows) else one.state for one in self.groups)

    def require_same(self) -> None:
        """Refuse to go on from what other rules remembered.

        Raises
        ------
        InputError
            If a checkpoint brought the marks of others.
        """
        require(
            self.kinds == tuple(self.marks.tolist()),
            "a checkpoint must come from the same rules, whose averages it holds, got one of others; go on with "
            "those that made it",
        )

    def apply(
        self, stream: np.random.Generator, down: Array, w: Array, v: Array, ahead: float, rate: float, step: int
    ) -> None:
        """What the rules make of `down` (d, n), minus the gradient of a batch at w + ahead v (d, n), in place.

        `rate` is the learning rate of this step, the `step`-th from 0.
        """
        for one in self.groups:
            if isinstance(one, ShippedRows):
                follow(stream, down, w, v, ahead, one.rows, one.memory, rate, step)
            else:
                points = (w + ahead * v if ahead else w).T
                found, state = updated(one.part, -down.T, one.state, points, rate, step, stream)
                down[:] = -found.T
                one.state[:] = state
