"""Where the examples of a batch come from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from theory.base.arrays import Array, Integers
from theory.base.errors import require
from theory.base.showing import as_call


@dataclass(frozen=True)
class Fresh:
    """Every batch is drawn anew from the distribution of the data: one endless epoch.

    Parameters
    ----------
    input_degrees, label_degrees
        Degrees of freedom above 2 of Student's t, each component scaled to the standard deviation of the model;
        infinite (default) is normal. Heavy tails cost a random number an example instead of two a step.

    Raises
    ------
    InputError
        If a number of degrees is not above 2: then there is no standard deviation.
    """

    input_degrees: float = math.inf
    label_degrees: float = math.inf

    def __post_init__(self) -> None:
        for name in ("input_degrees", "label_degrees"):
            require(
                getattr(self, name) > 2,
                f"`{name}` must be above 2, where Student's t has a variance, got {getattr(self, name)}; for "
                "heavier tails add StableNoise to the gradient",
            )
            object.__setattr__(self, name, float(getattr(self, name)))

    def __repr__(self) -> str:
        return as_call(self)

    @property
    def normal(self) -> bool:
        """Whether inputs and labels are normal."""
        return math.isinf(self.input_degrees) and math.isinf(self.label_degrees)

    @property
    def independent(self) -> bool:
        """Whether batches are independent of each other."""
        return True


@dataclass(frozen=True)
class WithReplacement:
    """Every batch is drawn from a fixed data set with replacement."""

    @property
    def independent(self) -> bool:
        """Whether batches are independent of each other."""
        return True


@dataclass(frozen=True)
class WithoutReplacement:
    """Every walker goes through a fixed data set in an order of its own, reshuffled each epoch.

    The last batch of an epoch holds what is left where the batch size does not divide the data set.

    Parameters
    ----------
    epochs
        Passes after which a run is refused to go on; 1 is one pass. None sets no limit.

    Raises
    ------
    InputError
        If `epochs` is not a whole number, at least 1.
    """

    epochs: int | None = None

    @property
    def independent(self) -> bool:
        """Whether batches are independent of each other: they share out the data set."""
        return False

    def __post_init__(self) -> None:
        require(
            self.epochs is None or (self.epochs >= 1 and self.epochs % 1 == 0),
            f"`epochs` must be a whole number, at least 1, or None, got {self.epochs}",
        )


@runtime_checkable
class ExampleSampling(Protocol):
    """A sampling of the user's own: which examples of a data set make the batches of a step."""

    def indices(
        self, examples: int, batch_size: int, walkers: int, step: int, rng: np.random.Generator
    ) -> Integers:
        """Numbers from 0 to `examples` - 1, shape (walkers, at most batch_size); steps count from 0.

        All that is random is drawn from `rng`, and nothing is remembered from step to step.
        """
        ...


@runtime_checkable
class DataSampling(Protocol):
    """A sampling of the user's own that makes fresh data."""

    def examples(self, batch_size: int, walkers: int, step: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """Inputs (walkers, batch_size, m) and labels (walkers, batch_size), drawn from `rng`."""
        ...


SAMPLINGS = (Fresh, WithReplacement, WithoutReplacement)
Sampling = Fresh | WithReplacement | WithoutReplacement | ExampleSampling | DataSampling
