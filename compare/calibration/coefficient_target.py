"""A minimum whose learning coefficient is known exactly."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from theory.base.arrays import Array, ArrayLike
from theory.landscapes import SymbolicLandscape
from theory.learning import LearningCoefficient


@dataclass(frozen=True)
class CoefficientTarget:
    """A divergence K with a minimum of known learning coefficient.

    Parameters
    ----------
    name, family
        What it is called, and what kind of minimum it is.
    divergence
        Formula of K, which is 0 at the minimum.
    variables
        Their order.
    at
        The minimum, shape (d,).
    exact
        Lambda there, with its multiplicity.
    examples
        n, for estimators that have a finite one.
    source
        Where the number comes from.
    """

    name: str
    family: str
    divergence: str
    variables: tuple[str, ...]
    at: tuple[float, ...]
    exact: LearningCoefficient
    examples: float = 1000.0
    source: str = field(default="`learning_coefficient` of the formula")

    @cached_property
    def landscape(self) -> SymbolicLandscape:
        """K as a formula, whose evaluations nobody counts."""
        return SymbolicLandscape(self.divergence, self.variables)


@dataclass
class CoefficientProblem:
    """What an estimator is given: K around `at`, a `Landscape` that counts how often it is asked.

    Parameters
    ----------
    target
        The minimum.
    calls
        Evaluations so far, one for each point; who leaves this landscape aside adds what it evaluates.
    """

    target: CoefficientTarget
    calls: int = 0

    @property
    def dim(self) -> int:
        """Dimension d."""
        return len(self.target.variables)

    @property
    def at(self) -> Array:
        """The minimum, shape (d,)."""
        return np.array(self.target.at)

    @property
    def examples(self) -> float:
        """Number n of examples."""
        return self.target.examples

    def value(self, w: ArrayLike) -> Array:
        """K(w), shape (...)."""
        return self.value_and_gradient(w)[0]

    def gradient(self, w: ArrayLike) -> Array:
        """Its gradient, shape (..., d)."""
        return self.value_and_gradient(w)[1]

    def hessian(self, w: ArrayLike) -> Array:
        """Its Hessian, shape (..., d, d); it counts d times."""
        self.calls += np.asarray(w).size
        return self.target.landscape.hessian(w)

    def value_and_gradient(self, w: ArrayLike) -> tuple[Array, Array]:
        """K (...) and its gradient (..., d) at w (..., d), at the price of one."""
        points = np.asarray(w, dtype=np.float64)
        self.calls += points.size // self.dim
        with np.errstate(all="ignore"):
            return self.target.landscape.value(points), self.target.landscape.gradient(points)
