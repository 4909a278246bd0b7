"""Fixed data sets."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from theory.base.arrays import Array, read_only
from theory.base.errors import require
from theory.base.showing import span, told
from theory.models import ProductModel


@dataclass(frozen=True, eq=False)
class DataSet:
    """N examples: inputs `x` (N, m) and labels `y` (N,).

    Raises
    ------
    InputError
        If the shapes do not fit, or a number is not finite.
    """

    x: Array = field(repr=False)
    y: Array = field(repr=False)

    def __post_init__(self) -> None:
        x, y = read_only(self.x), read_only(self.y)
        x = x[:, None] if x.ndim == 1 else x
        require(
            x.ndim == 2 and y.shape == (len(x),) and x.size > 0,
            f"a data set needs x of shape (N, m) and y of shape (N,), got {x.shape} and {y.shape}",
        )
        require(bool(np.isfinite(x).all() and np.isfinite(y).all()), "a data set must be finite, it is not")
        object.__setattr__(self, "x", read_only(x))
        object.__setattr__(self, "y", y)

    def __repr__(self) -> str:
        return told("DataSet", examples=len(self.y), inputs=self.x.shape[1], x=span(self.x), y=span(self.y))

    def __len__(self) -> int:
        return len(self.y)


def draw_data(model: ProductModel, examples: int, rng: np.random.Generator) -> DataSet:
    """A data set of `examples` drawn from the model's truth: x ~ N(0, input_std^2), y ~ N(0, noise_std^2).

    Raises
    ------
    InputError
        If `examples` is not at least 1.
    """
    require(examples >= 1, f"a data set needs at least 1 example, got {examples}")
    x = rng.standard_normal((examples, model.outputs)) * np.array(model.input_std)
    return DataSet(x, model.noise_std * rng.standard_normal(examples))
