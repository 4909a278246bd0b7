"""Noise proportional to the Hessian."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import sympy

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import InputError, require
from theory.base.matrices import NEGATIVE_LEFT_BY_ROUNDING, asymmetry
from theory.base.rounding import EPSILON
from theory.base.showing import as_call
from theory.landscapes import Landscape, SymbolicLandscape
from theory.landscapes.compiled import CompiledField
from theory.landscapes.function import central_differences
from theory.landscapes.symbolic import derivative
from theory.tensors.closed_forms import ClosedForm, closed_form
from theory.tensors.factors import factor_rows
from theory.tensors.indefinite import Indefinite, Refuse, divided, replaced
from theory.tensors.scaled import Scaled
from theory.tensors.spectral_field import SpectralField

SKEW = 1e-6  # of the largest entry: what differences of values may leave
POSITIVE_LEFT_BY_ROUNDING = 4 * EPSILON  # of the largest entry of a Hessian: all that is left of its positive part
REMEDY = "choose AbsoluteEigenvalues(), PositivePart() or SmoothAbsolute(width)"  # for an indefinite Hessian
PLACES_TRIED = 4096  # where a negative eigenvalue is looked for
NARROWEST = 1e-6  # width of a box of places that are one, relative and absolute
WIDENINGS = 20  # of the box, each time four times as wide


@dataclass(frozen=True)
class HessianProportional:
    """D(w) = scale H(w), with `indefinite` saying what replaces H where it has negative eigenvalues.

    Eigenvalues above -1e-12 times the largest count as zero. Factors are symmetric roots in closed form in one and
    two dimensions, beyond Cholesky's where H is positive definite and eigenvectors where it is not. The divergence
    is that of the replaced eigenvalues (Daleckii & Krein) with the third derivatives of L, exact on both sides of
    the surfaces where an eigenvalue changes sign, on which |H| and its positive part have kinks.

    Parameters
    ----------
    landscape
        Whose Hessian.
    scale
        Temperature-like factor: learning_rate * c / (2 batch_size) where C = c H.
    indefinite
        `Refuse()` (the default), `AbsoluteEigenvalues()`, `PositivePart()` or `SmoothAbsolute(width)`.

    Raises
    ------
    InputError
        If the scale is not positive, or under `Refuse()` where the Hessian is indefinite.

    References
    ----------
    Higham (2008), Functions of Matrices, theorem 3.11.
    """

    landscape: Landscape
    scale: float
    indefinite: Indefinite = Refuse()  # noqa: RUF009 - frozen

    def __post_init__(self) -> None:
        require(
            isinstance(self.indefinite, Indefinite),
            "`indefinite` must be Refuse(), AbsoluteEigenvalues(), PositivePart() or SmoothAbsolute(width), "
            f"got {self.indefinite!r}",
        )
        require(
            math.isfinite(self.scale) and self.scale > 0,
            f"`scale` must be positive and finite, got {self.scale}",
        )

    def __repr__(self) -> str:
        return as_call(self)

    @property
    def dim(self) -> int:
        """Dimension d."""
        return self.landscape.dim

    def tensor(self, w: ArrayLike) -> Array:
        """The matrix, shape (..., d, d)."""
        hessian = self._hessian(w)
        if self._closed is not None:
            flat = self._closed(hessian.reshape(*hessian.shape[:-2], self.dim**2))[..., : self.dim**2]
            return self._cleared(hessian, np.asarray(self.scale * flat.reshape(hessian.shape)))
        eigenvalues, vectors = np.linalg.eigh(hessian)
        replaced = self._replaced(np.stack([eigenvalues, eigenvalues], axis=-1))[..., 0]
        matrices = (vectors * (self.scale * replaced)[..., None, :]) @ vectors.swapaxes(-1, -2)
        return self._cleared(hessian, np.asarray(matrices))

    def root(self, w: ArrayLike) -> Array:
        """A factor, shape (..., d, d), symmetric in one and two dimensions."""
        hessian = self._hessian(w)
        if self._closed is not None:
            flat = self._closed(hessian.reshape(*hessian.shape[:-2], self.dim**2))[..., self.dim**2 :]
            return np.asarray(math.sqrt(self.scale) * flat.reshape(hessian.shape))
        rows = np.ascontiguousarray(hessian.reshape(-1, self.dim**2).T)
        factor_rows(rows, *self.indefinite.parts, isinstance(self.indefinite, Refuse), math.sqrt(self.scale))
        return np.ascontiguousarray(rows.T).reshape(hessian.shape)

    def divergence(self, w: ArrayLike) -> Array:
        """Row divergence, shape (..., d): exact where L is a formula, else with fourth-order differences of H."""
        points = np.asarray(w, dtype=np.float64)
        eigenvalues, vectors = np.linalg.eigh(self._hessian(points))
        pairs = np.broadcast_arrays(eigenvalues[..., :, None], eigenvalues[..., None, :])
        quotients = self._replaced(np.stack(pairs, axis=-1))[..., 1]
        turned = np.einsum("...ia,...ijk,...jb->...abk", vectors, self._third(points), vectors, optimize=True)
        return np.asarray(
            self.scale
            * np.einsum("...ia,...ab,...abk,...kb->...i", vectors, quotients, turned, vectors, optimize=True)
        )

    def root_expressions(self, variables: tuple[sympy.Symbol, ...]) -> sympy.Matrix | None:
        """The symmetric root in one and two dimensions, NaN where refused; None beyond or without formula."""
        form = self._formulas(variables)
        return None if form is None else math.sqrt(self.scale) * form.root

    def tensor_expressions(self, variables: tuple[sympy.Symbol, ...]) -> sympy.Matrix | None:
        """The matrix where `root_expressions` has its root, whose derivatives may be infinite; else None."""
        form = self._formulas(variables)
        return None if form is None else self.scale * form.tensor

    def factor_field(
        self, drift: tuple[sympy.Expr, ...], variables: tuple[sympy.Symbol, ...], size: float
    ) -> SpectralField | None:
        """Formulas `drift` and `size` times a factor for compiled loops in any dimension; None without formula."""
        hessian = self._hessian_expressions(variables)
        if hessian is None:
            return None
        size *= math.sqrt(self.scale)
        return SpectralField(drift, tuple(hessian), variables, self.indefinite, size)

    def refuse(self, points: Array) -> None:
        """Raise `InputError` where under `Refuse()` the Hessian is indefinite at or around `points` (n, d).

        For walkers that were lost, whose last places nobody knows: boxes around the points, ever wider.
        """
        reached = points[np.isfinite(points).all(axis=-1)]
        if not isinstance(self.indefinite, Refuse) or not len(reached):
            return
        self._hessian(reached)
        lower, upper = reached.min(axis=0), reached.max(axis=0)
        width = np.where(upper > lower, upper - lower, NARROWEST * np.maximum(np.abs(lower), NARROWEST))
        scattered = np.random.default_rng(0).uniform(-1, 1, (PLACES_TRIED, self.dim))
        for growth in range(WIDENINGS):
            with np.errstate(all="ignore"):
                self._hessian((lower + upper) / 2 + scattered * width * 4.0**growth)

    def refuse_infinite(self, start: Array) -> None:
        """Refuse a Hessian that is not finite at some of the points `start` (n, d), which are.

        Raises
        ------
        InputError
            If it is not finite at one of them.
        """
        hessian = self._hessian(start)
        bad = np.isfinite(start).all(axis=-1) & ~np.isfinite(hessian).all(axis=(-1, -2))
        if bad.any():
            raise InputError(
                f"a Hessian must be finite where walkers start, got {hessian[bad][0].tolist()} at "
                f"w = {start[bad][0].tolist()}; mend the function that gives it, or start elsewhere"
            )

    def _hessian(self, w: ArrayLike) -> Array:
        """The Hessian, checked, shape (..., d, d)."""
        points = np.asarray(w, dtype=np.float64)
        hessian = self.landscape.hessian(points)
        with np.errstate(invalid="ignore"):  # walkers that diverged have no Hessian
            skew = (asymmetry(hessian) > SKEW * np.abs(hessian).max(axis=(-1, -2))).any()
        if skew:
            self._refuse_skew(points, hessian)
        if isinstance(self.indefinite, Refuse):
            self._require_semidefinite(points, hessian)
        return hessian

    def _cleared(self, hessian: Array, matrices: Array) -> Array:
        """The `matrices` without the rounding that the positive part of a negative Hessian is."""
        slope, _, width = self.indefinite.parts
        if not slope or width:
            return matrices
        size = self.scale * np.abs(hessian).max(axis=(-1, -2), keepdims=True)
        with np.errstate(invalid="ignore"):
            none = np.abs(matrices).max(axis=(-1, -2), keepdims=True) <= POSITIVE_LEFT_BY_ROUNDING * size
        return np.asarray(np.where(none, 0.0, matrices))

    def _refuse_skew(self, points: Array, hessian: Array) -> None:
        matrices = hessian.reshape(-1, self.dim, self.dim)
        apart = asymmetry(matrices)
        worst = int(np.argmax(apart))
        raise InputError(
            f"a Hessian must be symmetric, got {matrices[worst].tolist()} at "
            f"w = {points.reshape(-1, self.dim)[worst].tolist()}; check the function that gives it"
        )

    def _require_semidefinite(self, points: Array, hessian: Array) -> None:
        finite = np.asarray(np.isfinite(hessian).all(axis=(-1, -2)))
        eigenvalues = np.linalg.eigvalsh(np.where(finite[..., None, None], hessian, 0.0))
        bad = np.asarray(eigenvalues[..., 0] < -NEGATIVE_LEFT_BY_ROUNDING * np.abs(eigenvalues).max(axis=-1))
        if bad.any():
            raise InputError(
                "noise proportional to the Hessian needs it positive semidefinite, got the eigenvalue "
                f"{eigenvalues[..., 0][bad][0]:.3g} at w = {points[bad][0].tolist()}; {REMEDY}"
            )

    @cached_property
    def _closed(self) -> CompiledField | None:
        """Entries of H to those of f(H) and of its root, in one and two dimensions."""
        if self.dim > 2:
            return None
        entries = sympy.symbols(f"h:{self.dim**2}", real=True)
        form = closed_form(sympy.Matrix(self.dim, self.dim, entries), self.indefinite)
        return CompiledField((*form.tensor, *form.root), entries)

    @cached_property
    def _replaced(self) -> CompiledField:
        """Pairs of eigenvalues x >= y or x <= y to f(x) and the divided difference of f."""
        x, y = sympy.symbols("x y", real=True)
        return CompiledField((replaced(self.indefinite, x), divided(self.indefinite, x, y)), (x, y))

    def _hessian_expressions(self, variables: tuple[sympy.Symbol, ...]) -> sympy.Matrix | None:
        if not isinstance(self.landscape, SymbolicLandscape):
            return None
        renamed = dict(zip(self.landscape.variables, variables, strict=True))
        entries = [h.xreplace(renamed) for h in self.landscape.hessian_expressions]
        return sympy.Matrix(self.dim, self.dim, entries)

    def _formulas(self, variables: tuple[sympy.Symbol, ...]) -> ClosedForm | None:
        hessian = self._hessian_expressions(variables) if self.dim <= 2 else None
        return None if hessian is None else closed_form(hessian, self.indefinite)

    def _third(self, points: Array) -> Array:
        """Third derivatives of L, shape (..., d, d, d)."""
        if self._third_field is None:
            return central_differences(self._hessian, points)
        flat = self._third_field(points)
        return flat.reshape(*flat.shape[:-1], self.dim, self.dim, self.dim)

    @cached_property
    def _third_field(self) -> CompiledField | None:
        if not isinstance(self.landscape, SymbolicLandscape):
            return None
        variables = self.landscape.variables
        third = tuple(derivative(h, v) for h in self.landscape.hessian_expressions for v in variables)
        return CompiledField(third, variables)


def refuse_indefinite(field: object, start: Array, *points: Array) -> None:
    """What `HessianProportional` refuses of the noise that a tensor field scales, if it is of that kind.

    A Hessian that is not finite at `start`, or that is indefinite there or at the other points.
    """
    while isinstance(field, Scaled):
        field = field.field
    if isinstance(field, HessianProportional):
        field.refuse_infinite(start)
        field.refuse(np.concatenate([start, *points]))


@contextmanager
def true_reason(field: object, start: Array) -> Iterator[None]:
    """Within, walkers that all diverge because the noise is refused around `start` (n, d) are refused for that."""
    try:
        yield
    except InputError:
        refuse_indefinite(field, start)
        raise
