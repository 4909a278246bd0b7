"""What an operator lacks to a linear and symmetric one in exact arithmetic."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.sparse.linalg import LinearOperator

from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.rounding import EPSILON, SINGLE_EPSILON

LARGEST_POWER = 1023  # of two, that is a number
SAFETY = 6.0  # times what one trial shows of an operator that is not quite linear


def resolution(operator: LinearOperator) -> float:
    """The relative distance of neighbouring numbers in the precision that an operator computes in."""
    return SINGLE_EPSILON if operator.dtype == np.float32 else EPSILON


def product_of(operator: LinearOperator, vector: Array) -> Array:
    """A v, shape (d,).

    Raises
    ------
    InputError
        If it is not real and finite.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is refused
        found = np.asarray(operator.matvec(vector))
    require(not np.iscomplexobj(found), "`operator` must be real, it has complex products; give a real one")
    require(
        bool(np.isfinite(found).all()), "the operator must have finite products, it has not; take another point"
    )
    return found.astype(np.float64)


def error_of_few(values: Array) -> float:
    """The standard error of the mean of `values` (n,), with the pull of the farthest: few do not show a tail."""
    farthest = float(np.abs(values - values.mean()).max()) / len(values)
    return math.hypot(float(values.std(ddof=1)) / math.sqrt(len(values)), farthest)


def in_units(operator: LinearOperator, rng: np.random.Generator) -> tuple[LinearOperator, float]:
    """The operator over a power of two, and this, by which the squares of its products are numbers.

    Raises
    ------
    InputError
        If its products are not real and finite.
    """
    image = product_of(operator, rng.standard_normal(operator.shape[1]))
    exponent = math.frexp(float(np.abs(image).max(initial=0.0)))[1]
    unit = math.ldexp(1.0, min(exponent, LARGEST_POWER))

    def scaled(vector: Array) -> Array:
        return product_of(operator, np.asarray(vector).ravel()) / unit

    return LinearOperator(operator.shape, matvec=scaled, rmatvec=scaled, dtype=operator.dtype), unit


@dataclass(frozen=True)
class Defects:
    """How far products are from linear and symmetric, by one random direction, and the size of one there.

    Parameters
    ----------
    worst
        The largest difference that was seen.
    size
        |A z| along a random unit vector z.
    rounding
        What rounding leaves of a product, over the size of A.
    precise
        Whether the operator computes in double precision.
    """

    worst: float
    size: float
    rounding: float
    precise: bool

    @staticmethod
    def of(operator: LinearOperator, vectors: Array, images: Array, rng: np.random.Generator) -> Defects:
        """Those of an operator whose `images` of orthonormal `vectors`, both (k, d), are known."""
        drawn = rng.standard_normal(vectors.shape[1])
        other = np.asarray(drawn / np.linalg.norm(drawn))
        image = product_of(operator, other)
        worst = float(np.abs(vectors @ image - images @ other).max())
        for vector, its_image in zip(vectors, images, strict=True):
            together = product_of(operator, (vector + other) / math.sqrt(2))
            worst = max(worst, float(np.linalg.norm(together - (its_image + image) / math.sqrt(2))))
        unit = resolution(operator)
        rounding = unit * math.sqrt(vectors.shape[1])
        return Defects(worst, float(np.linalg.norm(image)), rounding, unit == EPSILON)

    def left_open(self, size: float) -> float:
        """What they and rounding may do to an eigenvalue of an operator of at least this size.

        Raises
        ------
        InputError
            If the operator is not linear and symmetric up to half the digits of its precision.
        """
        whole = max(size, self.size)
        allowed = math.sqrt(EPSILON if self.precise else SINGLE_EPSILON)
        precision = "" if self.precise else " in single precision"
        require(
            self.worst <= allowed * whole,
            f"`operator` must be linear and symmetric, its products{precision} differ by {self.worst:.3g} of "
            f"{whole:.3g}; give the Hessian of the examples, a smooth loss, or `dtype=np.float32` to one of that",
        )
        return SAFETY * self.worst + self.rounding * whole
