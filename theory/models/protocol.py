"""What SGD needs of a model of the user's own."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np

from theory.base.arrays import Array
from theory.landscapes import Landscape


@runtime_checkable
class BatchModel(Landscape, Protocol):
    """A landscape that draws the gradients of batches.

    One of the user's own may also give `gradient_covariance(w)`, C(w) of one example's gradient (or an
    `example_covariance` that is a tensor field), from which limits are made, and say by an attribute `normal` that
    its batch gradients are normal: then C(w) is all that the law of a step needs.
    """

    def batch_gradient(self, w: Array, batch_size: int, rng: np.random.Generator) -> Array:
        """The mean gradient of a batch of its own for each walker w (n, d), drawn from `rng`, shape (n, d)."""
        ...
