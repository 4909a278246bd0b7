"""Limits of double precision: what rounding may leave is written as a multiple of `EPSILON`.

A tolerance of something else has a name of its own, which says of what, where it is used.
"""

from __future__ import annotations

import numpy as np

EPSILON = float(np.finfo(np.float64).eps)  # from 1 to the next number, 2^-52
SINGLE_EPSILON = float(np.finfo(np.float32).eps)  # the same in single precision, 2^-23
LEAST_NORMAL = float(np.finfo(np.float64).tiny)  # keeps a division by what may vanish finite
NOT_ZERO = 1e-300  # what a divisor that vanishes counts as, far below all that is divided
LARGEST_EXPONENT = 700.0  # whose exponential is still a number
LARGEST_NUMBER = float(np.finfo(np.float64).max)
