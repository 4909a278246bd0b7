"""The tempered posterior around a point of many weights, whose Hessian is asked for products with vectors only."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.sparse.linalg import LinearOperator

from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.matrices import MOST_DENSE
from theory.learning.target import LOSS_BELOW, LOSS_LEFT_BY_ROUNDING, Energy, Localization, Target
from theory.noise import SpectralDensity, hessian_operator, newton_decrement, spectral_density

PROBES, LANCZOS_STEPS = 4, 60  # from which ends and numbers of eigenvalues are known
SOFTER = 100.0  # the largest curvature of n beta L over the strength that is chosen: a few hundred steps forget w*


@dataclass(frozen=True, eq=False)
class LargeTarget(Target):
    """The same density where no eigenvectors are known: one strength of the localization for all directions.

    By default it is a hundredth of n beta times the largest curvature.

    Parameters
    ----------
    stream
        Of the vectors by which the Hessian is known.

    Raises
    ------
    InputError
        If the point does not fit, the loss is not finite there, or the point is seen to be no minimum.
    """

    stream: np.random.Generator = field(repr=False)

    def __post_init__(self) -> None:
        self._placed()
        least, largest = float(self.density.nodes[0]), float(self.density.nodes[-1])
        rounding = LOSS_LEFT_BY_ROUNDING * max(abs(least), abs(largest)) + self.density.slack * self.density.unit
        require(
            self.localization.strength is not None or largest > rounding,
            "`at` has no curvature that would say how strongly to hold chains; give Localization(strength)",
        )
        require(
            least + rounding >= -LOSS_BELOW * self.hold / self.sharpness,
            f"`at` must be a minimum, the Hessian has an eigenvalue of {least:.3g} or less; start from a minimum",
        )
        self._refuse_fall(self.fall)

    @cached_property
    def density(self) -> SpectralDensity:
        """That of the eigenvalues of the Hessian of L at w*."""
        return spectral_density(self._hessian, PROBES, LANCZOS_STEPS, rng=self.stream)

    @property
    def _hessian(self) -> LinearOperator:
        return hessian_operator(self.landscape, self.centre)

    @cached_property
    def strength(self) -> float:
        """The curvature of the localising prior, the same in all directions."""
        if self.localization.strength is not None:
            return float(self.localization.strength)
        return self.sharpness * float(self.density.nodes[-1]) / SOFTER

    @property
    def hold(self) -> float:
        """The same, with a wall counted as a curvature of a width of half its radius."""
        return self.strength + 4 / self.localization.radius**2

    @cached_property
    def stiffest(self) -> float:
        """The largest curvature of n beta L and the prior together."""
        return self.sharpness * max(float(self.density.nodes[-1]), 0.0) + self.hold

    @cached_property
    def softest(self) -> float:
        """A curvature that all directions have, of n beta L and the prior together."""
        return self.sharpness * max(self.density.ends()[0], 0.0) + self.hold

    @property
    def strengths(self) -> Array:
        """Curvature of the localising prior along each direction, shape (d,)."""
        return np.full(len(self.centre), self.strength)

    @cached_property
    def fall(self) -> float:
        """What a Newton step from w* lowers n beta L by, held by the prior."""
        slope = np.asarray(self.landscape.gradient(self.centre))
        return self.sharpness * newton_decrement(self._hessian, slope, self.hold / self.sharpness)

    @cached_property
    def degenerate(self) -> int:
        """The largest number of directions in which the prior may have more curvature than n beta L."""
        return self.density.number(upper=self.hold / self.sharpness)[1]

    def across(self, z: Array) -> Array:
        """Offsets (n, d) at coordinates z (n, d), which are offsets."""
        return z

    def ask(self, w: Array, out: Array, _: bool) -> None:
        """`evaluate`, told whether the loss is asked for."""
        self.evaluate(w, out)

    @property
    def full_rank(self) -> bool:
        """Whether the Hessian is seen to have full rank."""
        return self.density.ends()[0] > 0


def target_of(
    landscape: Energy,
    centre: Array,
    inverse_temperature: float,
    localization: Localization,
    stream: np.random.Generator,
) -> Target:
    """The target about a point, without a matrix (d, d) beyond 600 dimensions; then `stream` is drawn from.

    Raises
    ------
    InputError
        As the targets themselves.
    """
    if landscape.dim <= MOST_DENSE:
        return Target(landscape, centre, inverse_temperature, localization)
    return LargeTarget(landscape, centre, inverse_temperature, localization, stream)
