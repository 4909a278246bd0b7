"""The transition operator of SGD with step rules, Nesterov's momentum or added noise, on a line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulate.transition.chain import Course, remapped
from simulate.transition.data_chain import masses_at_rest, masses_from_rest
from simulate.transition.data_operator import DataOperator
from simulate.transition.evolution import Evolution
from simulate.transition.rule_step import RuleStep
from simulate.transition.scheduled import stretches
from theory.base.errors import require
from theory.base.showing import told
from theory.laws import Density, Grid


class RuleOperator(DataOperator):
    """The Markov kernel of one step of SGD with rules that ship, either momentum, or normal noise, on a line.

    The gradient of a batch has values with chances: those of a data set, or Gauss's rules between the places where
    a rule jumps or bends, whose chances are exact. The rules' own compiled loops make a step of each. What they
    remember is the second axis of `grid`: a velocity, the mean gradient of `Lion`, or the root of the mean square
    of `RMSprop` and `PreconditionedLangevin`, whose nodes are even in its own root. The first step of walkers at
    rest sets out from 0 itself, and heat that a rule scales is normal along w. Nodes, errors and invariant
    measures are as of a `DataOperator`.

    Raises
    ------
    InputError
        As `transition_operator`.
    """

    def __repr__(self) -> str:
        return told("RuleOperator", model=self.model, sgd=self.sgd, grid=self.grid)

    def evolve(self, initial: Density, steps: int | Sequence[int]) -> Evolution:
        """The laws after the increasing numbers of `steps`, on the axes of `grid`.

        `initial` may be a law of w alone, on the first axis: then walkers begin at rest, with nothing remembered.

        Raises
        ------
        InputError
            As of fresh data.
        """
        if initial.grid.dim == self.grid.dim:
            return super().evolve(initial, steps)
        first = Grid(self.grid.lower[0], self.grid.upper[0], self.grid.cells[0])
        require(initial.grid == first, f"`initial` must live on {self.grid} or on {first}, got {initial.grid}")
        low, high = self.grid.lower[1], self.grid.upper[1]
        require(low < 0 < high, f"the second axis of `grid` must hold 0, where rules begin, got {low} to {high}")
        stops = [int(k) for k in np.atleast_1d(steps)]
        found = self._from_rest(initial, stops)
        others = [one._from_rest(initial, stops).cells for one in self.coarser if isinstance(one, RuleOperator)]
        laws = [
            self._density(law, [one[k] for one in others], unseen)
            for k, (law, unseen) in enumerate(zip(found.cells, found.unseen, strict=True))
        ]
        return Evolution(laws, np.maximum(found.gone, 0.0))

    def _from_rest(self, initial: Density, counts: Sequence[int]) -> Course:
        """Laws of a start along the first axis, with 0 along the second."""
        line = Grid(self.grid.lower[0], self.grid.upper[0], self.grid.cells[0])
        cells = (
            remapped(initial.probabilities, initial.grid, line) if line != initial.grid else initial.probabilities
        )
        at_rest, stops = masses_at_rest(self._nodes, cells), [k for k in counts if k > 0]
        (first,) = stretches(self.sgd, 1)
        if not stops or not first.rates.any():
            return self._course(lambda _: at_rest, counts)
        step = self._step.under(first.rates, int(first.batches[0]))
        assert isinstance(step, RuleStep)
        masses, lost = masses_from_rest(step, self._nodes, cells)
        found = self._course(lambda _: masses, [k - 1 for k in stops], 1)
        gone = [lost + more for more in found.gone]
        zeros = len(counts) - len(stops)
        if zeros == 0:
            return found._replace(gone=gone)
        before = self._course(lambda _: at_rest, [0] * zeros)
        return Course(before.cells + found.cells, before.gone + gone, before.unseen + found.unseen)
