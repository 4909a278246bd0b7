"""A number of SGD on which its law depends smoothly."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from simulate.momentum import Nesterov
from simulate.sgd import SGD
from theory.base.errors import require
from theory.models import FreshModel, NoisyGradient, ProductModel
from theory.tensors import Scaled

NAMES = ("learning_rate", "batch_size", "momentum")


@dataclass(frozen=True)
class Parameter:
    """The number `name` of `sgd` on `model`: `learning_rate`, `batch_size` or `momentum`.

    Raises
    ------
    InputError
        If there is no such number, or the law is not a smooth function of it.
    """

    model: FreshModel
    sgd: SGD
    name: str

    def __post_init__(self) -> None:
        require(self.name in NAMES, f"`parameter` must be one of {', '.join(NAMES)}, got {self.name!r}")
        require(
            isinstance(self.model, ProductModel | NoisyGradient),
            f"a derivative needs a ProductModel or a NoisyGradient, got {type(self.model).__name__}",
        )
        require(
            self.name != "batch_size" or isinstance(self.model, NoisyGradient),
            "a derivative in `batch_size` needs the Gaussian noise of a NoisyGradient, as batches of a "
            "ProductModel are whole numbers; take differences of laws",
        )
        require(
            self.name != "momentum" or self.sgd.momentum > 0,
            "a derivative in `momentum` needs one above 0, got 0; take a small one",
        )

    @property
    def value(self) -> float:
        """Where the derivative is taken."""
        return float(getattr(self.sgd, self.name))

    def width(self, share: float, reach: float, step: float | None) -> float:
        """The step of a difference that goes `reach` times as far, by default a `share` of the room.

        Raises
        ------
        InputError
            If the step is not positive, or leads out of the range of the number.
        """
        room = self.value if self.name != "momentum" else min(self.value, 1 - self.value)
        width = share * room if step is None else step
        require(
            math.isfinite(width) and 0 < reach * width < room,
            f"`step` must be positive and below {room / reach:.3g}, a {1 / reach:g} of the room about the "
            f"{self.name} {self.value:g}, got {step}",
        )
        return width

    def at(self, value: float) -> tuple[FreshModel, SGD]:
        """Model and algorithm with another value of the number; a batch of any size by its covariance C / B."""
        if self.name == "batch_size":
            assert isinstance(self.model, NoisyGradient)
            noise = Scaled(self.model.example_covariance, self.value / value)
            return replace(self.model, example_covariance=noise), self.sgd
        if isinstance(self.sgd.momentum, Nesterov) and self.name == "momentum":
            return self.model, replace(self.sgd, momentum=Nesterov(value))
        return self.model, replace(self.sgd, **{self.name: value})  # type: ignore[arg-type]
