"""What a way to find the stationary loss gives, and what all of them ask for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

import numpy as np

from compare.slope.minimum import LossMinimum
from simulate.momentum import Nesterov
from simulate.sampling import WithoutReplacement
from simulate.sgd import SGD
from simulate.sources import Model
from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.landscapes.protocol import Landscape
from theory.landscapes.symbolic import SymbolicLandscape, derivative
from theory.laws.grid import Grid
from theory.models.noisy_gradient import NoisyGradient
from theory.tensors.constant import Constant
from theory.tensors.hessian import HessianProportional
from theory.tensors.scaled import Scaled


@dataclass(frozen=True)
class StationaryLoss:
    """The stationary loss above the minimum at one learning rate.

    Parameters
    ----------
    learning_rate
        The rate.
    excess
        L(rate) - L*, with its error.
    variance_reduction
        Factor by which control variates reduce the variance of a sampled loss; None where nothing is sampled or
        controlled.
    """

    learning_rate: float
    excess: Estimate
    variance_reduction: float | None = None


class Method(Protocol):
    """A way to find the stationary loss.

    `statistical` says that errors are standard errors, independent from rate to rate; else they are bounds that
    may all err to one side. `jumps` says that the loss is that of SGD itself and not of its continuous limit.
    """

    statistical: ClassVar[bool]
    jumps: ClassVar[bool]

    @property
    def words(self) -> str:
        """What it is, after "the loss"."""
        ...

    @property
    def search_grid(self) -> Grid | None:
        """Where a minimum is looked for, if anywhere."""
        ...

    def measure(
        self, model: Model, sgd: SGD, minimum: LossMinimum, rng: np.random.Generator | None
    ) -> StationaryLoss:
        """The stationary loss of `sgd`; raises where there is none."""
        ...


def require_plain(sgd: SGD, subject: str = "the slope of the loss") -> None:
    """Raise `InputError` unless this is plain SGD, heavy-ball momentum allowed, with independent batches.

    `subject` is what is known of such SGD alone.
    """
    options = " and ".join("added noise" if name == "noise" else name for name in sgd.variants)
    require(
        not sgd.variants and not isinstance(sgd.momentum, Nesterov),
        f"{subject} is known of plain SGD, got {options}; leave that out",
    )
    require(
        not isinstance(sgd.sampling, WithoutReplacement),
        f"{subject} needs independent batches, got WithoutReplacement(), whose noise cancels over an "
        "epoch; take Fresh() or WithReplacement()",
    )


def require_stable(sgd: SGD, minimum: LossMinimum) -> None:
    """Raise `InputError` where descent leaves the minimum without noise: eta h above 2 (1 + mu)."""
    product, limit = sgd.learning_rate * minimum.sharpness, 2 * (1 + sgd.momentum)
    require(
        product < limit,
        f"learning_rate * curvature must be below {limit:.4g} at the minimum, got {product:.4g} at the rate "
        f"{sgd.learning_rate:g}; take rates below {limit / max(minimum.sharpness, 1e-300):.4g}",
    )


def constant_noise(model: Model) -> Array | None:
    """The covariance of one example's gradient (d, d) where it is the same everywhere, else None."""
    field, factor = (model.covariance if isinstance(model, NoisyGradient) else None), 1.0
    while isinstance(field, Scaled):
        factor *= field.factor
        field = field.field
    if isinstance(field, HessianProportional) and is_quadratic(field.landscape):
        return factor * field.tensor(np.zeros(model.dim))
    return factor * field.matrix if isinstance(field, Constant) else None


def is_quadratic(landscape: Landscape) -> bool:
    """Whether the third derivatives of a formula vanish; of what is no formula nobody knows."""
    if not isinstance(landscape, SymbolicLandscape):
        return False
    symbols, slopes = landscape.variables, landscape.gradient_expressions
    return all(derivative(derivative(g, a), b).equals(0) for g in slopes for a in symbols for b in symbols)


def at_rate(sgd: SGD, rate: float) -> SGD:
    """The same algorithm with another learning rate."""
    return replace(sgd, learning_rate=rate)
