"""Noise proportional to the Hessian, and what that means where the Hessian is indefinite."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import sympy

from theory.arrays import Array, ArrayLike
from theory.errors import InputError, require
from theory.landscapes.compiled import CompiledField
from theory.landscapes.function import central_differences
from theory.landscapes.protocol import Landscape
from theory.landscapes.symbolic import SymbolicLandscape, derivative


@dataclass(frozen=True)
class Refuse:
    """An indefinite Hessian is an error: no covariance has a negative eigenvalue."""


@dataclass(frozen=True)
class AbsoluteEigenvalues:
    """Eigenvalues of the Hessian are replaced by their absolute values."""


@dataclass(frozen=True)
class PositivePart:
    """Negative eigenvalues of the Hessian are replaced by zero: noise vanishes along them."""


Indefinite = Refuse | AbsoluteEigenvalues | PositivePart


@dataclass(frozen=True)
class HessianProportional:
    """D(w) = scale H(w), with `indefinite` saying what replaces H where it has negative eigenvalues.

    Eigenvalues above -1e-12 times the largest count as zero. The divergence is exact on a line where L is a
    formula; else by fourth-order differences, wrong across the surfaces where an eigenvalue changes sign, on which
    D has a kink.

    Parameters
    ----------
    landscape
        Whose Hessian.
    scale
        Temperature-like factor: learning_rate * c / (2 batch_size) where C = c H.
    indefinite
        `Refuse()` (the default), `AbsoluteEigenvalues()` or `PositivePart()`.

    Raises
    ------
    InputError
        If the scale is not positive, or under `Refuse()` where the Hessian is indefinite.
    """

    landscape: Landscape
    scale: float
    indefinite: Indefinite = Refuse()

    def __post_init__(self) -> None:
        require(
            isinstance(self.indefinite, Indefinite),
            f"`indefinite` must be Refuse(), AbsoluteEigenvalues() or PositivePart(), got {self.indefinite!r}",
        )
        require(
            math.isfinite(self.scale) and self.scale > 0,
            f"`scale` must be positive and finite, got {self.scale}",
        )

    @property
    def dim(self) -> int:
        """Dimension d."""
        return self.landscape.dim

    def _spectrum(self, w: ArrayLike) -> tuple[Array, Array]:
        points = np.asarray(w, dtype=np.float64)
        eigenvalues, vectors = np.linalg.eigh(self.landscape.hessian(points))
        if isinstance(self.indefinite, AbsoluteEigenvalues):
            return np.asarray(np.abs(eigenvalues)), vectors
        if isinstance(self.indefinite, Refuse):
            bad = eigenvalues[..., 0] < -1e-12 * np.abs(eigenvalues).max(axis=-1)
            if bad.any():
                raise InputError(
                    "noise proportional to the Hessian needs it positive semidefinite, got the eigenvalue "
                    f"{eigenvalues[..., 0][bad][0]:.3g} at w = {points[bad][0].tolist()}; "
                    "choose AbsoluteEigenvalues() or PositivePart()"
                )
        return np.asarray(np.maximum(eigenvalues, 0.0)), vectors

    def tensor(self, w: ArrayLike) -> Array:
        """The matrix, shape (..., d, d)."""
        eigenvalues, vectors = self._spectrum(w)
        scaled: Array = vectors * (self.scale * eigenvalues)[..., None, :]
        return np.asarray(scaled @ vectors.swapaxes(-1, -2))

    def root(self, w: ArrayLike) -> Array:
        """Its symmetric factor, shape (..., d, d)."""
        eigenvalues, vectors = self._spectrum(w)
        scaled: Array = vectors * np.sqrt(self.scale * eigenvalues)[..., None, :]
        return np.asarray(scaled @ vectors.swapaxes(-1, -2))

    def divergence(self, w: ArrayLike) -> Array:
        """Row divergence, shape (..., d): exact on a line where L is a formula, else fourth-order differences."""
        if self._bend is not None:  # differences smear a kink, and with it the zero of D, over their step
            turned = {AbsoluteEigenvalues: -1.0, PositivePart: 0.0}.get(type(self.indefinite), 1.0)
            self._spectrum(w)  # refuses what it must
            negative = self.landscape.hessian(w)[..., 0] < 0
            return np.asarray(self.scale * np.where(negative, turned, 1.0) * self._bend(w))
        jacobian = central_differences(self.tensor, np.asarray(w, dtype=np.float64), 1 / 5)
        return np.asarray(np.einsum("...ijj->...i", jacobian))

    @cached_property
    def _bend(self) -> CompiledField | None:
        """The third derivative of L on a line where L is a formula, else None."""
        if self.dim > 1 or not isinstance(self.landscape, SymbolicLandscape):
            return None
        (curvature,), variables = self.landscape.hessian_expressions, self.landscape.variables
        return CompiledField((derivative(curvature, variables[0]),), variables)

    def root_expressions(self, variables: tuple[sympy.Symbol, ...]) -> sympy.Matrix | None:
        """The factor in 1-D under a replacement of negative curvature, else None: matrix roots have none."""
        if self.dim > 1 or not isinstance(self.landscape, SymbolicLandscape):
            return None
        if isinstance(self.indefinite, Refuse):
            return None  # the check needs numbers
        (curvature,) = self.landscape.hessian_expressions
        absolute = isinstance(self.indefinite, AbsoluteEigenvalues)
        kept = sympy.Abs(curvature) if absolute else sympy.Max(curvature, 0)
        root = sympy.sqrt(self.scale * kept)
        return sympy.Matrix([[root.xreplace(dict(zip(self.landscape.variables, variables, strict=True)))]])
