"""The array types that annotations use, and the one way to freeze an array."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

__all__ = ["Array", "ArrayLike", "Booleans", "Integers", "read_only"]


def read_only(values: ArrayLike) -> Array:
    """A read-only float copy of `values`, so that a record cannot change after its checks."""
    frozen = np.array(values, dtype=np.float64)
    frozen.setflags(write=False)
    return frozen
