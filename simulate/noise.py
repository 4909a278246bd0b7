"""Noise that is added to that of the batches."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.showing import as_call


@dataclass(frozen=True)
class LabelNoise:
    """Every time an example is used its label gets a new N(0, std^2) added; of models linear in the data.

    Raises
    ------
    InputError
        If `std` is negative or not finite.

    References
    ----------
    Damian, Ma & Lee (2021), Label noise SGD provably prefers flat global minimizers.
    """

    std: float

    def __post_init__(self) -> None:
        _require_positive(self.std, "std")

    @property
    def variance(self) -> float:
        """0: nothing is added to the gradient itself."""
        return 0.0

    @property
    def label_std(self) -> float:
        """Standard deviation of what is added to labels."""
        return self.std


@dataclass(frozen=True)
class GaussianNoise:
    """N(0, std^2 I) added to the gradient of each batch, whatever its size.

    Raises
    ------
    InputError
        If `std` is negative or not finite.
    """

    std: float

    def __post_init__(self) -> None:
        _require_positive(self.std, "std")

    @property
    def row(self) -> tuple[float, ...]:
        """Kind and parameters for the compiled loop."""
        return (0.0, self.std, 0.0, 0.0)

    @property
    def variance(self) -> float:
        """Variance of each component of what is added to the gradient."""
        return self.std**2


@dataclass(frozen=True)
class StudentNoise:
    """`scale` times Student's t added to each component of the batch's gradient, independently.

    Its tail is P(|xi| > u) ~ u^-degrees; the variance scale^2 degrees / (degrees - 2) exists for degrees > 2.

    Raises
    ------
    InputError
        If a parameter is out of its range.
    """

    degrees: float
    scale: float

    def __post_init__(self) -> None:
        _require_positive(self.degrees, "degrees")
        _require_positive(self.scale, "scale")

    def __repr__(self) -> str:
        return as_call(self)

    @property
    def row(self) -> tuple[float, ...]:
        """Kind and parameters for the compiled loop."""
        return (1.0, self.scale, self.degrees, 0.0)

    @property
    def variance(self) -> float:
        """Variance of each component of what is added to the gradient, infinite up to 2 degrees."""
        return self.scale**2 * self.degrees / (self.degrees - 2) if self.degrees > 2 else math.inf

    @property
    def tail_index(self) -> float:
        """Power of the tail: moments below it exist."""
        return self.degrees


@dataclass(frozen=True)
class StableNoise:
    """An alpha-stable number added to each component of the batch's gradient, independently.

    Chambers, Mallows & Stuck. Without skew the characteristic function is exp(-|scale u|^alpha): alpha = 2 is
    N(0, 2 scale^2), below 2 the tail is P(|xi| > u) ~ u^-alpha. For alpha > 1 the mean is 0 at any skew.

    Parameters
    ----------
    alpha
        In (0, 2].
    scale
        Positive.
    skew
        In [-1, 1]; 0 where alpha is 1.

    Raises
    ------
    InputError
        If a parameter is out of its range.
    """

    alpha: float
    scale: float
    skew: float = 0.0

    def __post_init__(self) -> None:
        require(0 < self.alpha <= 2, f"`alpha` must lie in (0, 2], got {self.alpha}")
        _require_positive(self.scale, "scale")
        require(-1 <= self.skew <= 1, f"`skew` must lie in [-1, 1], got {self.skew}")
        require(self.alpha != 1 or self.skew == 0, f"`skew` must be 0 where alpha is 1, got {self.skew}")

    def __repr__(self) -> str:
        return as_call(self)

    @property
    def row(self) -> tuple[float, ...]:
        """Kind and parameters for the compiled loop."""
        return (2.0, self.scale, self.alpha, self.skew)

    @property
    def variance(self) -> float:
        """Variance of each component of what is added to the gradient, infinite for alpha below 2."""
        return 2 * self.scale**2 if self.alpha == 2 else math.inf

    @property
    def tail_index(self) -> float:
        """Power of the tail: moments below it exist."""
        return math.inf if self.alpha == 2 else self.alpha


@dataclass(frozen=True)
class SubsampledNoise:
    """scale N^-1/2 sum_i z_i (g_i - gbar) with z_i ~ N(0, 1), over the gradients g_i of all N examples.

    Its covariance is scale^2 C(w), which is never formed; learning rate and batch size do not enter. With full
    batches (`WithoutReplacement()` and B = N) it is the only noise. Needs a data set; costs N gradients a step.

    Raises
    ------
    InputError
        If `scale` is negative or not finite.
    """

    scale: float = 1.0

    def __post_init__(self) -> None:
        _require_positive(self.scale, "scale")

    @property
    def variance(self) -> float:
        """0: all that is added goes with the covariance of the examples."""
        return 0.0

    @property
    def examples_scale(self) -> float:
        """Factor of the square root of the covariance of one example's gradient."""
        return self.scale


@dataclass(frozen=True)
class SVAG:
    """The noise of batches amplified without a Gaussian, by two independent batches a step, of gradients g and h.

    (1 + s)/2 g + (1 - s)/2 h, s = sqrt(2 amplification - 1), has the mean of g and `amplification` times its
    covariance. SGD with the learning rate eta / l and SVAG(l) has the Ito equation of SGD with the rate eta for
    every l, and takes l times as many steps for the same time; at 1 it is that SGD, and as l grows its law tends
    to that of the equation. What moves with l is what the equation leaves out.

    Batches must be independent: `Fresh()` or `WithReplacement()`.

    Raises
    ------
    InputError
        If `amplification` is not at least 1.

    References
    ----------
    Li, Malladi & Arora (2021), On the validity of modeling SGD with stochastic differential equations (SDEs),
    arXiv:2102.12470.
    """

    amplification: float

    def __post_init__(self) -> None:
        require(
            math.isfinite(self.amplification) and self.amplification >= 1,
            f"`amplification` must be at least 1 and finite, got {self.amplification}",
        )

    @property
    def variance(self) -> float:
        """0: all that is added goes with the covariance of the batches."""
        return 0.0

    @property
    def weight(self) -> float:
        """What of the difference of the second batch and the first is added to the first."""
        return (1 - math.sqrt(2 * self.amplification - 1)) / 2


@runtime_checkable
class AddedNoise(Protocol):
    """Noise of the user's own, added to the gradient of each batch.

    It may tell its `variance`, that of each component and of mean 0, from which the continuous limit is made, and
    by `normal` = True that it is normal, which the limit of step rules that are not linear needs.
    """

    def sample(self, w: Array, rng: np.random.Generator) -> Array:
        """Numbers for each walker w (n, d) by itself, drawn from `rng`, shape (n, d)."""
        ...


Noise: TypeAlias = LabelNoise | GaussianNoise | StudentNoise | StableNoise | SubsampledNoise | SVAG | AddedNoise


NOISES = (LabelNoise, GaussianNoise, StudentNoise, StableNoise, SubsampledNoise, SVAG)


def label_std(noise: tuple[Noise, ...]) -> float:
    """Standard deviation of what is added to labels."""
    return math.hypot(*(n.std for n in noise if isinstance(n, LabelNoise)))


def subsampled_scale(noise: tuple[Noise, ...]) -> float:
    """Scale of the subsampled-gradient noise."""
    return math.hypot(*(n.scale for n in noise if isinstance(n, SubsampledNoise)))


def second_batch(noise: tuple[Noise, ...]) -> float:
    """Weight of a second batch beside the first, 0 without `SVAG`.

    Raises
    ------
    InputError
        If there are several.
    """
    weights = [one.weight for one in noise if isinstance(one, SVAG)]
    require(len(weights) <= 1, f"`noise` must have one SVAG at most, got {len(weights)}; multiply them into one")
    return weights[0] if weights else 0.0


def added_rows(noise: tuple[Noise, ...]) -> Array:
    """What the compiled loop adds to every component, shape (k, 4)."""
    rows = [n.row for n in noise if isinstance(n, GaussianNoise | StudentNoise | StableNoise)]
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


def _require_positive(number: float, name: str) -> None:
    require(math.isfinite(number) and number > 0, f"`{name}` must be positive and finite, got {number}")
