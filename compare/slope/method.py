"""What a way to find the stationary loss gives, and what all of them ask for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np

from simulate.momentum import Nesterov
from simulate.sampling import WithoutReplacement
from simulate.sgd import SGD
from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.base.rounding import NOT_ZERO
from theory.base.stability import stability_limit
from theory.landscapes import Landscape, SymbolicLandscape
from theory.landscapes.symbolic import derivative
from theory.laws import Grid
from theory.models import Model, NoisyGradient
from theory.points import LargeMinimum, LossMinimum
from theory.tensors import Constant, HessianProportional, Scaled


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


@runtime_checkable
class SlopeMethod(Protocol):
    """A way of the user's own to find the stationary loss; it may have `words` and a `search_grid` as `Method`.

    `statistical` says that errors are standard errors, independent from rate to rate; else they are bounds that
    may all err to one side. `jumps` says that the loss is that of SGD itself and not of its continuous limit.
    """

    @property
    def statistical(self) -> bool:
        """Whether errors are standard errors."""
        ...

    @property
    def jumps(self) -> bool:
        """Whether the loss is that of SGD itself."""
        ...

    def measure(
        self, model: Model, sgd: SGD, minimum: LossMinimum, rng: np.random.Generator | None
    ) -> StationaryLoss | Estimate:
        """The stationary loss of `sgd` above its least value, with an error that is not 0."""
        ...


@runtime_checkable
class Method(SlopeMethod, Protocol):
    """A `SlopeMethod` of these packages, which says what it is."""

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
    """Require that this is plain SGD, heavy-ball momentum allowed, with independent batches.

    `subject` is what is known of such SGD alone.

    Raises
    ------
    InputError
        If it is not.
    """
    require(
        not sgd.variants and not isinstance(sgd.momentum, Nesterov),
        f"{subject} is known of plain SGD, got {sgd.variants_in_words}; leave that out",
    )
    require(
        not isinstance(sgd.sampling, WithoutReplacement),
        f"{subject} needs independent batches, got WithoutReplacement(), whose noise cancels over an "
        "epoch; take Fresh() or WithReplacement()",
    )


def require_stable(sgd: SGD, minimum: LossMinimum | LargeMinimum) -> None:
    """Refuse a step with which descent leaves the minimum without noise: eta h above the `stability_limit`.

    Raises
    ------
    InputError
        If it does.
    """
    product, limit = sgd.learning_rate * minimum.sharpness, stability_limit(sgd.momentum)
    require(
        product < limit,
        f"learning_rate * curvature must be below {limit:.4g} at the minimum, got {product:.4g} at the rate "
        f"{sgd.learning_rate:g}; take rates below {limit / max(minimum.sharpness, NOT_ZERO):.4g}",
    )


def constant_noise(model: Model) -> Array | None:
    """The covariance of one example's gradient (d, d) where it is the same everywhere, else None."""
    field, factor = (model.example_covariance if isinstance(model, NoisyGradient) else None), 1.0
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
