"""The tempered posterior around a point: what chains sample to estimate a local learning coefficient."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from theory.arrays import Array, ArrayLike, read_only
from theory.errors import require
from theory.landscapes.compiled import CompiledField
from theory.landscapes.protocol import Landscape
from theory.landscapes.symbolic import SymbolicLandscape
from theory.models.dataset_model import DatasetModel
from theory.models.product import ProductModel

Energy = Landscape | DatasetModel
TOLERANCE = 0.01  # of n beta L: how far below L(w*) the loss may lie
ROUNDING = 1e-9  # of the loss, and of a curvature by differences
RESOLVED = 10.0  # n beta times the curvature of a direction that counts as regular


@dataclass(frozen=True)
class Localization:
    """The prior exp(-strength |w - w*|^2 / 2) that holds chains near w*, in a ball where `radius` is finite.

    Parameters
    ----------
    strength
        gamma >= 0, in units of 1 / w^2. Its effect on the estimate is taken out to first order.
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

    strength: float = 1.0
    radius: float = math.inf

    def __post_init__(self) -> None:
        require(
            math.isfinite(self.strength) and self.strength >= 0,
            f"`strength` must be finite and not negative, got {self.strength}",
        )
        require(self.radius > 0, f"`radius` must be positive, got {self.radius}")
        require(
            self.strength > 0 or math.isfinite(self.radius),
            "a localization needs `strength` > 0 or a finite `radius`, got neither",
        )


@dataclass(frozen=True, eq=False)
class Target:
    """The density exp(-t K(w) - strength |w - w*|^2 / 2) in the ball, with t = n beta.

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
        centre, dim = read_only(np.atleast_1d(np.asarray(self.centre, dtype=np.float64))), self.landscape.dim
        require(
            centre.shape == (dim,) and bool(np.isfinite(centre).all()),
            f"`at` must be {dim} finite numbers, got {np.asarray(self.centre).tolist()}",
        )
        object.__setattr__(self, "centre", centre)
        require(math.isfinite(self.lowest), f"the loss at `at` must be finite, got {self.lowest}")
        values, vectors = self.curvatures
        steepness = np.abs(values) + self.hold / self.sharpness
        along = vectors.T @ self.landscape.gradient(centre)
        fall = self.sharpness * float((along**2 / steepness).sum()) / 2
        require(
            fall <= TOLERANCE + self.rounding,
            f"`at` must be a minimum, a Newton step lowers n beta L by {fall:.3g}; start from the minimum itself",
        )
        require(
            self.sharpness * (values[0] + ROUNDING * np.abs(values).max()) >= -TOLERANCE * self.hold,
            f"`at` must be a minimum, the Hessian has the eigenvalue {values[0]:.3g}; start from a minimum",
        )

    @cached_property
    def sharpness(self) -> float:
        """The factor t of the loss: n beta, over 2 loss_scale noise_std^2 for a `ProductModel`."""
        model = self.landscape
        if not isinstance(model, ProductModel):
            return self.inverse_temperature
        require(model.noise_std > 0, "the divergence to the truth needs `noise_std` > 0, got 0")
        return self.inverse_temperature / (2 * model.loss_scale * model.noise_std**2)

    @property
    def hold(self) -> float:
        """The curvature of the localization, a wall counted as that of a width of half its radius."""
        return self.localization.strength + 4 / self.localization.radius**2

    @cached_property
    def lowest(self) -> float:
        """L(w*)."""
        return float(self.landscape.value(self.centre))

    @property
    def rounding(self) -> float:
        """What rounding does to n beta L."""
        return ROUNDING * self.sharpness * abs(self.lowest)

    @cached_property
    def curvatures(self) -> tuple[Array, Array]:
        """Eigenvalues and eigenvectors of the Hessian of L at w*, ascending."""
        hessian = np.asarray(self.landscape.hessian(self.centre))
        require(bool(np.isfinite(hessian).all()), "the Hessian at `at` must be finite, it is not")
        values, vectors = np.linalg.eigh(hessian)
        return values, vectors

    @property
    def degenerate(self) -> int:
        """Number of directions in which t times the curvature is at most 10: along these w* is not regular."""
        return int(np.count_nonzero(self.sharpness * self.curvatures[0] <= RESOLVED))

    @property
    def step_size(self) -> float:
        """A first guess of a sampler's step: the square of the narrowest width."""
        return 1 / (self.sharpness * float(self.curvatures[0][-1]) + self.hold)

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
            float(energies.min()) >= -TOLERANCE - self.rounding,
            f"`at` must be a minimum, a chain found n beta L lower by {-energies.min():.3g}; start from that "
            "minimum, or localize more strongly",
        )
        return np.asarray(energies)
