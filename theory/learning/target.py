"""The tempered posterior around a point: what chains sample to estimate a local learning coefficient."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from theory.base.arguments.words import shown
from theory.base.arrays import Array, ArrayLike, read_only
from theory.base.errors import require
from theory.base.showing import as_call
from theory.landscapes import Landscape, SymbolicLandscape
from theory.landscapes.compiled import CompiledField
from theory.learning.widths import bent_widths, energies_at, valley_bends, widths
from theory.models import DatasetModel, ProductModel

Energy = Landscape | DatasetModel
LOSS_BELOW = 0.01  # of n beta L: how far below L(w*) the loss may lie
LOSS_LEFT_BY_ROUNDING = 1e-9  # of the loss, and of a curvature by differences
REGULAR = 0.5  # share of the quadratic in n beta L at the width of a direction, above which it counts as regular
FULL = 1e-6  # the same, above which the Hessian's eigenvalue is not 0
DRAWS = 400  # of the prior, to see how large n beta L is where it ends
REACH_REGULAR, REACH_DEGENERATE = 12.0, 3.5  # widths of the localising prior that is chosen, in those of n beta L
PRIOR_ENDS = 0.9  # quantile of t K where a prior without edge ends
MORE = 3.0  # what its tail adds to the logarithm there
NO_CURVATURE = 1e-12  # of the largest


@dataclass(frozen=True)
class Localization:
    """The prior exp(-strength |w - w*|^2 / 2) that holds chains near w*, in a ball where `radius` is finite.

    Parameters
    ----------
    strength
        gamma >= 0, in units of 1 / w^2. Its effect on the estimate is taken out to first order. By default one is
        chosen along each eigenvector of the Hessian, or the floor of a valley that bends from it: the prior is 12
        times as wide as the distance at which n beta L has grown by 1 where that is quadratic, 3.5 times
        elsewhere, so that the estimate is the same in any units of w and of L.
    radius
        Of the ball |w - w*| < radius outside which the prior vanishes; by default there is no wall.

    Raises
    ------
    InputError
        If the strength is negative, the radius not positive, or neither holds the chains.

    References
    ----------
    Lau, Furman, Wang, Murfet & Wei (2023), The local learning coefficient, arXiv:2308.12108.
    """

    strength: float | None = None
    radius: float = math.inf

    def __post_init__(self) -> None:
        require(
            self.strength is None or (math.isfinite(self.strength) and self.strength >= 0),
            f"`strength` must be finite and not negative, got {self.strength}",
        )
        require(self.radius > 0, f"`radius` must be positive, got {self.radius}")
        require(
            self.strength is None or self.strength > 0 or math.isfinite(self.radius),
            "a localization needs `strength` > 0 or a finite `radius`, got neither",
        )

    def __repr__(self) -> str:
        return as_call(self)


def per_divergence(landscape: Energy) -> float:
    """The loss over the divergence to the truth: 2 loss_scale noise_std^2 of a `ProductModel`, else 1.

    Raises
    ------
    InputError
        If a `ProductModel` has no noise.
    """
    if not isinstance(landscape, ProductModel):
        return 1.0
    require(landscape.noise_std > 0, "the divergence to the truth needs `noise_std` > 0, got 0")
    return 2 * landscape.loss_scale * landscape.noise_std**2


@dataclass(frozen=True, eq=False)
class Target:
    """The density exp(-t K(w) - U(w)) in the ball, with t = n beta and the localising prior's U.

    K is the divergence to the truth of a `ProductModel`, as everywhere in this package, else the loss.

    Raises
    ------
    InputError
        If the point does not fit, the loss is not finite there, or the point is seen to be no minimum.
    """

    landscape: Energy = field(repr=False)
    centre: Array
    inverse_temperature: float
    localization: Localization

    def __post_init__(self) -> None:
        self._placed()
        values = self.curvatures[0]
        narrow = 1 / (self.sharpness * self.widths**2)
        self._refuse_fall(self.fall)
        slack = LOSS_BELOW * np.maximum(self.holds / self.sharpness, narrow)
        require(
            bool((values + LOSS_LEFT_BY_ROUNDING * np.abs(values).max() >= -slack).all()),
            f"`at` must be a minimum, the Hessian has the eigenvalue {values[0]:.3g}; start from a minimum",
        )

    def _placed(self) -> None:
        """Keep the centre as an array, once it fits."""
        centre, dim = read_only(np.atleast_1d(np.asarray(self.centre, dtype=np.float64))), self.landscape.dim
        require(
            centre.shape == (dim,) and bool(np.isfinite(centre).all()),
            f"`at` must be {dim} finite numbers, got {shown(np.asarray(self.centre).tolist())}",
        )
        object.__setattr__(self, "centre", centre)
        require(math.isfinite(self.lowest), f"the loss at `at` must be finite, got {self.lowest}")

    def _refuse_fall(self, fall: float) -> None:
        require(
            fall <= LOSS_BELOW + self.rounding,
            f"`at` must be a minimum, a Newton step lowers n beta L by {fall:.3g}; start from the minimum itself",
        )

    @cached_property
    def fall(self) -> float:
        """What a Newton step from w* lowers n beta L by."""
        values, vectors = self.curvatures
        narrow = 1 / (self.sharpness * self.widths**2)
        steepness = np.abs(values) + (self.holds / self.sharpness if self.given else narrow / REACH_REGULAR**2)
        along = vectors.T @ self.landscape.gradient(self.centre)
        return self.sharpness * float((along**2 / steepness).sum()) / 2

    @cached_property
    def sharpness(self) -> float:
        """The factor t of the loss: n beta, over 2 loss_scale noise_std^2 for a `ProductModel`.

        Raises
        ------
        InputError
            If a `ProductModel` has no noise.
        """
        return self.inverse_temperature / per_divergence(self.landscape)

    @property
    def given(self) -> bool:
        """Whether the caller chose the localization."""
        return self.localization.strength is not None

    def rise(self, offsets: Array) -> Array:
        """T (K(w* + offset) - K(w*)) at offsets (n, d)."""
        return self.sharpness * (np.asarray(self.landscape.value(self.centre + offsets)) - self.lowest)

    @cached_property
    def widths(self) -> Array:
        """How far t K rises by 1 along each eigenvector, or the floor of a valley that leaves it, shape (d,)."""
        return bent_widths(self.rise, self.curvatures[1], self.bends, self._straight)

    @cached_property
    def bends(self) -> Array:
        """`valley_bends` where the localization is chosen, else 0: one that is given is a prior of w itself."""
        values, vectors = self.curvatures
        if self.given or math.isfinite(self.localization.radius):
            return np.zeros_like(vectors)

        def slope(offsets: Array) -> Array:
            return np.asarray(self.landscape.gradient(self.centre + offsets))

        return valley_bends(slope, vectors, values, self._straight)

    @cached_property
    def _straight(self) -> Array:
        values, vectors = self.curvatures
        return widths(self.rise, vectors, self.sharpness * values)

    @cached_property
    def quadratic(self) -> Array:
        """Share of the quadratic term in that 1, shape (d,): 1 at a regular minimum, 0 where all is flat."""
        return np.asarray(self.sharpness * self.curvatures[0] * self.widths**2 / 2)

    @cached_property
    def strengths(self) -> Array:
        """Curvature of the localising prior along each eigenvector, shape (d,)."""
        if self.localization.strength is not None:
            return np.full(len(self.centre), float(self.localization.strength))
        reach = np.where(self.quadratic >= REGULAR, REACH_REGULAR, REACH_DEGENERATE)
        return np.asarray(1 / (reach * self.widths) ** 2)

    @property
    def holds(self) -> Array:
        """The same, with a wall counted as a curvature of a width of half its radius."""
        return np.asarray(self.strengths + 4 / self.localization.radius**2)

    def frame(self, scaled: bool) -> tuple[Array, Array, Array]:
        """Axes (d, d) of coordinates z, their lengths, shape (d,), and `bends` (d, d) in z.

        The axes are eigenvectors, with `scaled` times the target's widths; w = w* + axes (z + bends z^2).
        """
        lengths = 1 / np.sqrt(1 / self.widths**2 + self.holds) if scaled else np.ones(len(self.centre))
        return self.curvatures[1] * lengths, lengths, self.bends * lengths**2 / lengths[:, None]

    def across(self, z: Array) -> Array:
        """Offsets (n, d) at coordinates z (n, d) along the eigenvectors."""
        return np.asarray((z + z**2 @ self.bends.T) @ self.curvatures[1].T)

    @cached_property
    def lowest(self) -> float:
        """L(w*)."""
        return float(self.landscape.value(self.centre))

    @property
    def rounding(self) -> float:
        """What rounding does to n beta L."""
        return LOSS_LEFT_BY_ROUNDING * self.sharpness * abs(self.lowest)

    @cached_property
    def curvatures(self) -> tuple[Array, Array]:
        """Eigenvalues and eigenvectors of the Hessian of L at w*, ascending.

        Raises
        ------
        InputError
            If the Hessian is not finite there.
        """
        hessian = np.asarray(self.landscape.hessian(self.centre))
        require(bool(np.isfinite(hessian).all()), "the Hessian at `at` must be finite, it is not")
        values, vectors = np.linalg.eigh(hessian)
        return values, vectors

    @property
    def degenerate(self) -> int:
        """Number of directions in which t K does not rise quadratically: along these w* is not regular."""
        return int(np.count_nonzero(self.quadratic < REGULAR))

    @cached_property
    def logarithm(self) -> float:
        """An upper estimate of l in the approach E = lambda - (m - 1) / l: the log of t K where the prior ends.

        In a box l is log(t K_max) + 2 for x^2 y^2; a prior without edge has the 90 % quantile of t K and 3 here.
        """
        draws = np.random.default_rng(0).normal(size=(DRAWS, len(self.centre))) / np.sqrt(self.holds)
        with np.errstate(all="ignore"):
            energies = energies_at(self.rise, self.across(draws))
        seen = energies[np.isfinite(energies)]
        return math.inf if not seen.size else math.log1p(max(float(np.quantile(seen, PRIOR_ENDS)), 0.0)) + MORE

    @property
    def full_rank(self) -> bool:
        """Whether the Hessian has full rank, whatever t K looks like at this t: lambda is then d/2."""
        values = self.curvatures[0]
        curved = values > NO_CURVATURE * np.abs(values).max(initial=0.0)
        return bool((self.quadratic > FULL).all() and curved.all())

    @cached_property
    def kernel(self) -> tuple[Any, bool]:
        """A function (w (d, n), out (1 + d, n)) giving L and its gradient, and whether it is machine code."""
        landscape = self.landscape
        if isinstance(landscape, SymbolicLandscape):
            kept = vars(landscape)  # compiled once a landscape
            if "value_and_gradient" not in kept:
                rows = (landscape.expression, *landscape.gradient_expressions)
                kept["value_and_gradient"] = CompiledField(rows, landscape.variables)
            return kept["value_and_gradient"].kernel, True
        return self.evaluate, False

    def evaluate(self, w: Array, out: Array) -> None:
        """Fill L and its gradient at w (d, n) into out (1 + d, n)."""
        with np.errstate(all="ignore"):  # what is not finite is rejected or counted
            both = getattr(type(self.landscape), "value_and_gradient", None)
            if both is not None:  # one pass over the examples for both
                out[0], slope = both(self.landscape, np.ascontiguousarray(w.T))
                out[1:] = slope.T
                return
            out[0] = self.landscape.value(w.T)
            out[1:] = self.landscape.gradient(w.T).T

    def scaled(self, losses: ArrayLike) -> Array:
        """X = t (K(w) - K(w*)) of losses, after the check that none lies below w*.

        Raises
        ------
        InputError
            If one does, by more than n beta L = 0.01.
        """
        energies = self.sharpness * (np.asarray(losses) - self.lowest)
        require(
            float(energies.min()) >= -LOSS_BELOW - self.rounding,
            f"`at` must be a minimum, a chain found n beta L lower by {-energies.min():.3g}; start from that "
            "minimum, or localize more strongly",
        )
        return np.asarray(energies)
