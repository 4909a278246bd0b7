"""One step, or one epoch, of SGD on a fixed data set: the places where it may lead, with their chances."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from simulate.sgd import SGD
from simulate.transition.choices import MOST_CHOICES, multisets, number_of_batches
from simulate.transition.convolved import FINENESS, mean_laws, mean_laws_in_plane
from simulate.transition.examples import ExampleGradients
from simulate.transition.orders import Branches
from simulate.transition.scheduled import at
from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.kernels import kernel

FEWER_IN_PLANE = 4  # times fewer lattice points along each axis of a plane
LATTICE, LATTICE_IN_PLANE = 4096, 16_384  # places that a lattice has, more or less


class DataStep(Protocol):
    """What a step of SGD makes of a point."""

    @property
    def places(self) -> int:
        """About how many places it is led to from one point."""
        ...

    @property
    def epoch(self) -> int:
        """Steps of SGD in it."""
        ...

    @property
    def singular(self) -> bool:
        """Whether it leads to few places, so that laws may have no width."""
        ...

    def under(self, rates: Array, batch: int) -> DataStep:
        """The same with other rates of the steps of SGD in it, (epoch,), and another size of batches.

        Raises
        ------
        InputError
            If batches of that size cannot be followed.
        """
        ...

    def rougher(self) -> DataStep:
        """The same by less work, where something stands for the batches: what it misses tells the error."""
        ...

    def outcomes(self, points: Array) -> tuple[Array, Array]:
        """Places (n, k, axes) that points (n, axes) are led to, and their chances (n, k), or (1, k) for all."""
        ...


def with_replacement(examples: ExampleGradients, sgd: SGD, fineness: int = FINENESS) -> DataStep:
    """The step batch by batch where they can be enumerated, else by the law of their mean."""
    number = number_of_batches(len(examples), sgd.batch_size)
    if number <= MOST_CHOICES:
        shares, chances = multisets(examples.chances, sgd.batch_size)
        return CountedBatches(examples, sgd, shares, chances, fineness)
    line = examples.along(np.zeros((1, examples.model.dim))) is not None
    return SummedBatches(examples, sgd, fineness, LATTICE if line else LATTICE_IN_PLANE)


def moved(points: Array, gradient: Array, sgd: SGD, rate: float | None = None) -> Array:
    """Where `points` (n, p, axes) go by gradients (n, p, d): positions, or positions and velocities."""
    push = -(sgd.learning_rate if rate is None else rate) * gradient
    if not sgd.momentum:
        return np.asarray(points + push)
    velocity = sgd.momentum * points[..., 1:] + push
    return np.concatenate([points[..., :1] + velocity, velocity], axis=-1)


@dataclass(frozen=True, eq=False)
class CountedBatches:
    """A step with replacement, batch by batch: `shares` (batches, N) of each example and `chances` (batches,).

    Without shares a batch is one example.
    """

    examples: ExampleGradients
    sgd: SGD
    shares: Array | None = field(repr=False)
    chances: Array = field(repr=False)
    fineness: int = FINENESS  # of what stands for them where there are too many
    epoch: int = 1

    @property
    def places(self) -> int:
        """One a batch."""
        return len(self.chances)

    @property
    def singular(self) -> bool:
        """True."""
        return True

    def under(self, rates: Array, batch: int) -> DataStep:
        """The same batches, or all of another size."""
        sgd = at(self.sgd, rates[0], batch)
        if batch != self.sgd.batch_size:
            return with_replacement(self.examples, sgd, self.fineness)
        return replace(self, sgd=sgd)

    def rougher(self) -> CountedBatches:
        """The same, nothing is left out; but of larger batches half the lattice."""
        return replace(self, fineness=self.fineness // 2)

    def outcomes(self, points: Array) -> tuple[Array, Array]:
        """One place a batch."""
        gradients = self.examples.gradients(points[:, : self.examples.model.dim])
        if self.shares is not None:
            gradients = mixed(gradients, self.shares)
        return moved(points[:, None], gradients, self.sgd), self.chances[None]


@dataclass(frozen=True, eq=False)
class SummedBatches:
    """A step with replacement by the law of the mean gradient of its batch, on a lattice of `fineness`."""

    examples: ExampleGradients
    sgd: SGD
    fineness: int = FINENESS
    places: int = LATTICE
    epoch: int = 1

    @property
    def singular(self) -> bool:
        """False: below the lattice there is nothing to see."""
        return False

    def under(self, rates: Array, batch: int) -> DataStep:
        """By the law of the mean of such batches."""
        return with_replacement(self.examples, at(self.sgd, rates[0], batch), self.fineness)

    def rougher(self) -> SummedBatches:
        """By half the lattice."""
        return replace(self, fineness=self.fineness // 2)

    def outcomes(self, points: Array) -> tuple[Array, Array]:
        """Lattice points, along the gradient where all have one direction."""
        w, batch = points[:, : self.examples.model.dim], self.sgd.batch_size
        found = self.examples.along(w)
        if found is None:
            numbers, fineness = self.examples.gradients(w), self.fineness // FEWER_IN_PLANE
            values, chances = mean_laws_in_plane(numbers, self.examples.chances, batch, fineness)
            return moved(points[:, None], values, self.sgd), chances
        numbers, way = found
        values, chances = mean_laws(numbers, self.examples.chances, batch, self.fineness)
        return moved(points[:, None], values[..., None] * way[:, None], self.sgd), chances


@dataclass(frozen=True, eq=False)
class Epochs:
    """Steps without replacement through an epoch, or its beginning, in each of the orders of `levels`."""

    examples: ExampleGradients
    sgd: SGD
    levels: list[Branches] = field(repr=False)
    rates: Array | None = field(default=None, repr=False)  # of each step of an epoch under a schedule

    @property
    def places(self) -> int:
        """One an order."""
        return len(self.levels[-1].members)

    @property
    def epoch(self) -> int:
        """Steps of the way."""
        return len(self.levels)

    @property
    def singular(self) -> bool:
        """True."""
        return True

    def under(self, rates: Array, batch: int) -> Epochs:
        """In the same orders at these rates.

        Raises
        ------
        InputError
            If the size of the batches changes, and with it the orders.
        """
        require(
            batch == self.sgd.batch_size,
            f"an epoch without replacement keeps its batches, of {self.sgd.batch_size}, got {batch}; use run_sgd",
        )
        return replace(self, rates=rates)

    def rougher(self) -> Epochs:
        """Itself: a sample has an error of its own."""
        return self

    def groups(self, number: int) -> list[Epochs]:
        """The steps by so many groups of the orders of a sample."""
        found = []
        for some in np.array_split(np.arange(self.places), number):
            first, *later = (
                Branches(np.zeros(len(some), dtype=np.int64), one.members[some]) for one in self.levels
            )
            rest = [Branches(np.arange(len(some)), one.members) for one in later]
            found.append(replace(self, levels=[first, *rest]))
        return found

    def outcomes(self, points: Array) -> tuple[Array, Array]:
        """One place an order."""
        places, dim = points[:, None], self.examples.model.dim
        for k, (parents, members) in enumerate(self.levels):
            here, rate = places[:, parents], None if self.rates is None else float(self.rates[k])
            places = moved(here, self.examples.batch_gradients(here[..., :dim], members), self.sgd, rate)
        return places, np.full((1, self.places), 1 / self.places)


@kernel
def mixed(gradients: Array, shares: Array) -> Array:
    """Gradients (n, batches, d) of batches from those (n, N, d) of examples."""
    points, examples, dim = gradients.shape
    found = np.zeros((points, len(shares), dim))
    for n in range(points):
        for k in range(len(shares)):
            for i in range(examples):
                share = shares[k, i]
                if share > 0.0:
                    for a in range(dim):
                        found[n, k, a] += share * gradients[n, i, a]
    return found
