"""Where the examples of a batch come from."""

from __future__ import annotations

import math
from dataclasses import dataclass

from theory.base.errors import require


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

    @property
    def normal(self) -> bool:
        """Whether inputs and labels are normal."""
        return math.isinf(self.input_degrees) and math.isinf(self.label_degrees)


@dataclass(frozen=True)
class WithReplacement:
    """Every batch is drawn from a fixed data set with replacement."""


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

    def __post_init__(self) -> None:
        require(
            self.epochs is None or (self.epochs >= 1 and self.epochs % 1 == 0),
            f"`epochs` must be a whole number, at least 1, or None, got {self.epochs}",
        )


Sampling = Fresh | WithReplacement | WithoutReplacement
