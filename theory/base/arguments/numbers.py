"""Numbers among values of any kind, and arrays of them."""

from __future__ import annotations

import math
import sys
from numbers import Integral, Real
from typing import Any, Final

import numpy as np

BYTES: Final = (bytes, bytearray, memoryview)
NO_WHOLE: Final = (bool, np.timedelta64)  # which Python takes for whole numbers
LARGEST: Final = 2**63 - 1
LARGEST_FLOAT: Final = int(sys.float_info.max)


class _Misfit:
    """The answer of a kind to a value that is not of it."""


MISFIT: Final = _Misfit()


def number(value: Any) -> Any:
    """`value` as a float or as the number that it is; flags, text and symbols are none."""
    if type(value) is float:
        return value
    if type(value) is int:
        if abs(value) <= LARGEST:
            return value
        return float(value) if abs(value) <= LARGEST_FLOAT else MISFIT
    if isinstance(value, np.ma.MaskedArray):
        return MISFIT
    if isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "iuf":
        return float(value)
    if not isinstance(value, Real) or isinstance(value, bool):
        return MISFIT
    try:
        return value if isinstance(value, float) else float(value)
    except (OverflowError, TypeError, ValueError):
        return MISFIT  # too large for a float, or a symbol that only claims to be a number


def whole(value: Any) -> Any:
    """`value` as a Python integer of at most 64 bits, where it is a whole number."""
    if type(value) is not int:
        if isinstance(value, Integral) and not isinstance(value, NO_WHOLE):
            value = int(value)
        else:
            value = number(value)
            if value is MISFIT or not math.isfinite(value) or value % 1 != 0:
                return MISFIT
    return int(value) if -LARGEST <= value <= LARGEST else MISFIT


def numbers_of(value: Any) -> Any:
    """`value` as an array of numbers; text, None, complex numbers, ragged lists and masked entries are none."""
    if isinstance(value, BYTES):
        return MISFIT
    try:
        if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
            return MISFIT
        array = np.asarray(value)
        if array.dtype.kind == "O" and not all(number(x) is not MISFIT for x in array.flat):
            return MISFIT
        return array.astype(np.float64) if array.dtype.kind == "O" else array
    except Exception:  # an object of the user's may fail to become an array in its own way
        return MISFIT
