"""The transition operator of SGD on a fixed data set: laws without random numbers, singular ones too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from simulate.problem import Problem
from simulate.transition.chain import Chain
from simulate.transition.choices import BatchCount
from simulate.transition.data_chain import data_chain
from simulate.transition.data_nodes import DataNodes
from simulate.transition.data_step import DataStep, Epochs
from simulate.transition.evolution import Evolution
from simulate.transition.invariant import (
    LEFT,
    InvariantMasses,
    attracting_point,
    dimension_bound,
    invariant_masses,
    shares,
)
from simulate.transition.measures import (
    SAFETY,
    apart_on_a_line,
    are_one_point,
    collapsed,
    left_by_sample,
    region_of,
    words_of,
)
from simulate.transition.operator import TransitionOperator
from simulate.transition.scheduled import AlikeSteps, settled
from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.base.showing import told
from theory.laws import Density, DensityClass, LimitLaw, MassClass, NoStationaryDensity, PointMass
from theory.laws.limit_law import RecurrentClass

GROUPS, FEWER_NODES = 8, 8  # of a sample of orders, and of theirs, whose spread is seen on fewer


class DataOperator(TransitionOperator):
    """The Markov kernel of SGD on a fixed data set: of one step with replacement, of one epoch without.

    Batches are followed one by one where they can be enumerated, with multinomial chances, and so are the orders
    of an epoch; along a line the law of a batch's mean gradient stands for too many batches. `batches` tells.
    Each cell is cut into 2 to 512 nodes, on which walkers are put by Lagrange's cubics; `error` of a law is what
    half the nodes and half the lattice of a mean say, and what is below 0. Laws are masses of
    cells: an iterated function system may settle to a measure without a density, and to several
    (`invariant_measures`).

    A step of `spectrum`, `escape_rate` and `quasi_stationary` is one of the operator, `epoch` steps of SGD.

    Raises
    ------
    InputError
        As `transition_operator`.
    """

    def __init__(self, problem: Problem, step: DataStep, batches: BatchCount, nodes: DataNodes) -> None:
        self.problem, self.batches = problem, batches
        self.model, self.sgd, self.grid = problem.model, problem.sgd, nodes.grid  # type: ignore[assignment]
        self._step, self._nodes = step, nodes

    def __repr__(self) -> str:
        return told(type(self).__name__, model=self.model, sgd=self.sgd, grid=self.grid, batches=self.batches)

    @property
    def epoch(self) -> int:
        """Steps of SGD in one of the operator."""
        return self._step.epoch

    @cached_property
    def _lasting(self) -> DataStep:
        """The step that remains."""
        rest = settled(self.sgd)
        return self._step.under(np.full(self.epoch, rest.learning_rate), rest.batch_size)

    @cached_property
    def chain(self) -> Chain:
        """As of fresh data, on finer nodes.

        Raises
        ------
        InputError
            If a schedule does not settle.
        """
        return data_chain(self._lasting, self._nodes)

    def _chain_of(self, stretch: AlikeSteps) -> Chain:
        rates = stretch.rates if stretch.rates.any() else np.full(self.epoch, self.sgd.learning_rate)
        return data_chain(self._step.under(rates, int(stretch.batches[0])), self._nodes)

    @property
    def _rare(self) -> Chain:
        return self.chain

    @property
    def keeps_rare(self) -> bool:
        """False: cubics are not positive."""
        return False

    @cached_property
    def coarser(self) -> Sequence[TransitionOperator]:
        """The same on half the nodes along each axis, and of half the lattice of a mean, for the errors."""
        half = self._nodes.halved()
        return [] if half is None else [type(self)(self.problem, self._step.rougher(), self.batches, half)]

    @cached_property
    def groups(self) -> Sequence[DataOperator]:
        """The same by each group of a sample of orders; none where no sample was drawn."""
        if self.batches.way != "by a sample":
            return []
        assert isinstance(self._step, Epochs)
        few = replace(self.batches, way="by a group", followed=self.batches.followed // GROUPS)
        parts = self._step.groups(GROUPS)
        nodes = replace(self._nodes, parts=max(2, self._nodes.parts // FEWER_NODES))
        return [DataOperator(self.problem, part, few, nodes) for part in parts]

    def evolve(self, initial: Density, steps: int | Sequence[int]) -> Evolution:
        """The laws after the increasing numbers of `steps` of SGD, without replacement those of whole epochs.

        `outside` of the result is the share that has left the grid. `error` of each law is what half the nodes
        say, negative mass, and what batches or orders leave open that were not followed one by one.

        Raises
        ------
        InputError
            If `initial` lives on another grid, steps do not increase from 0 on or are no whole epochs, or nobody
            is left.
        """
        stops = np.atleast_1d(steps)
        require(
            bool((stops % self.epoch == 0).all()),
            f"`steps` must be whole epochs of {self.epoch} steps without replacement, got {stops.tolist()}",
        )
        counts = [int(k) for k in stops // self.epoch]
        found = super().evolve(initial, counts)
        open_ = [0.0 for _ in counts]
        if self.groups:
            others = [group._cells_after(initial, counts) for group in self.groups]
            open_ = [left_by_sample(laws) for laws in zip(*others, strict=True)]
        laws = [
            replace(law, error=None if law.error is None else min(1.0, law.error + more))
            for law, more in zip(found, open_, strict=True)
        ]
        return Evolution(laws, np.maximum(found.outside, 0.0))

    def _cells_after(self, initial: Density, counts: Sequence[int]) -> list[Array]:
        """Probabilities of the cells after each of these numbers of its own steps, of those on the grid."""
        found = self._course(lambda chain: chain.masses(initial.probabilities), counts)
        return [law / law.sum() for law in found.cells]

    def _density(self, cells: Array, coarser: Sequence[Array], more: float = 0.0) -> Density:
        """As of fresh data, but `SAFETY` times what half the nodes say: singular laws come nearer slowly."""
        law = super()._density(cells, coarser)
        return law if law.error is None else replace(law, error=min(1.0, SAFETY * law.error + more))

    def stationary(self) -> Density:
        """The masses of the cells under the one law that a step leaves as it is, with their error.

        Raises
        ------
        InputError
            As `invariant_measures`.
        NoStationaryDensity
            If there are several such laws, or the one has no density (`invariant_measures` has its masses), or
            walkers leave the grid.
        """
        found = self.invariant_measures()
        if len(found) > 1:
            raise NoStationaryDensity(
                f"the stationary law must be unique, got {len(found)} invariant measures: {words_of(found)}; "
                "take `limit_law`",
                found,
            )
        (only,) = found
        if isinstance(only, PointMass):
            raise NoStationaryDensity(f"the stationary law must have a density, it is a {only.describe()}", found)
        assert isinstance(only, DensityClass)
        if isinstance(only, MassClass) and only.singular:
            raise NoStationaryDensity(
                f"the stationary law must have a density, its dimension is at most {only.dimension:.3g}, entropy "
                "over Lyapunov exponent; take `invariant_measures` for the masses of cells",
                found,
                only.law,
            )
        return only.law

    @cached_property
    def _invariant(self) -> list[InvariantMasses]:
        return invariant_masses(self.chain)

    def invariant_measures(self) -> tuple[RecurrentClass, ...]:
        """Every law that a step leaves as it is and that lives on a set of its own, from left to right.

        A `MassClass` has the masses of the cells with their error in total variation, its error in W1, and a bound
        of its dimension; a `PointMass` is a place that no step leaves and that walkers come to.

        Raises
        ------
        InputError
            If half the nodes find another number of sets.
        NoStationaryDensity
            If walkers leave every set of the grid.
        """
        found = self._invariant
        if not found:
            raise NoStationaryDensity(
                "walkers must stay on the grid, they leave every set of its cells; widen it, or take `evolve`"
            )
        (coarser,) = self.coarser
        assert isinstance(coarser, DataOperator)
        others = coarser._invariant
        require(
            len(others) == len(found),
            f"invariant sets must be resolved, half the nodes find {len(others)} in place of {len(found)}; refine "
            "the grid",
        )
        return tuple(part for part, _ in self._parts)

    @cached_property
    def _parts(self) -> list[tuple[RecurrentClass, list[int]]]:
        """The classes, each with the numbers of its closed sets: the two sides of a silent point are one point."""
        (coarser,) = self.coarser
        assert isinstance(coarser, DataOperator)
        parts: list[tuple[RecurrentClass, list[int]]] = []
        for number, (one, other) in enumerate(zip(self._invariant, coarser._invariant, strict=True)):
            found = self._told(one, coarser, other)
            same = [numbers for part, numbers in parts if are_one_point(part, found, self.grid)]
            if same:
                same[0].append(number)
            else:
                parts.append((found, [number]))
        return parts

    def _told(self, one: InvariantMasses, coarser: DataOperator, other: InvariantMasses) -> RecurrentClass:
        nodes, point = self._nodes, attracting_point(self._lasting, self._nodes, one.masses)
        if point is not None:
            return PointMass(tuple(map(float, nodes.outward(point))), "no step moves it")
        collapse = collapsed(self._lasting, one, nodes)
        if collapse is not None:
            return collapse
        open_ = one.leak / one.gap if one.gap > 0 else 0.0
        if self.groups:
            number = self._invariant.index(one)
            parts = [group.chain.probabilities(group._invariant[number].masses) for group in self.groups]
            open_ = left_by_sample(parts)
        fewer = [coarser.chain.probabilities(other.masses)]
        law = self._density(self.chain.probabilities(one.masses), fewer, open_ + self.chain.unseen(one.masses))
        if self.grid.dim > 1:
            return MassClass(law, region_of(one, nodes))
        dimension = np.inf
        if self.batches.exact:
            dimension = max(
                dimension_bound(self._lasting, owner._nodes, part.masses)
                for owner, part in ((self, one), (coarser, other))
            )
        return MassClass(law, region_of(one, nodes), apart_on_a_line(one, nodes, other, coarser._nodes), dimension)

    def weights(self, initial: Density) -> list[Estimate]:
        """The shares of walkers from the law `initial` that end on each of `invariant_measures`, with errors.

        Raises
        ------
        InputError
            If `initial` lives on another grid, there is a schedule, or walkers take too long or leave the grid.
        NoStationaryDensity
            As `invariant_measures`.
        """
        require(initial.grid == self.grid, f"`initial` must live on {self.grid}, got {initial.grid}")
        schedule = self.sgd.schedule
        require(not schedule, f"weights are of starts without a schedule, got {schedule!r}; take `evolve`")
        (coarser,) = self.coarser
        assert isinstance(coarser, DataOperator)
        self.invariant_measures()
        both = [
            shares(one.chain, one.chain.masses(initial.probabilities), one._invariant) for one in (self, coarser)
        ]
        mine, others = ([sum(one[k] for k in numbers) for _, numbers in self._parts] for one in both)
        return [Estimate(a, SAFETY * abs(a - b) + LEFT) for a, b in zip(mine, others, strict=True)]

    def limit_law(self, initial: Density) -> LimitLaw:
        """The law after infinitely many steps from `initial`: the invariant measures with their weights.

        Where an invariant set goes round in a cycle it is the mean over the cycle.

        Raises
        ------
        InputError
            As `weights`.
        NoStationaryDensity
            As `invariant_measures`.
        """
        return LimitLaw(self.grid, self.invariant_measures(), tuple(map(float, self.weights(initial))))
