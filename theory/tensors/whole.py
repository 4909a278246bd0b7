"""Tensor fields of which the user gives the matrix, made whole: a factor, a divergence and its error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sympy

from theory.base.arguments.answers import held, inner_of, is_ours
from theory.base.arrays import Array, ArrayLike, Booleans, points_of
from theory.base.contracts import Part
from theory.base.errors import require
from theory.landscapes.differences import divergence_with_error
from theory.tensors.protocol import FactoredField, TensorField

CHECKED = ("tensor", "root", "divergence")


@dataclass(frozen=True, repr=False)
class WholeField:
    """A `TensorField` with what it lacks: the symmetric root, and the divergence by differences."""

    field: TensorField

    @property
    def dim(self) -> int:
        """Dimension d."""
        return self.field.dim

    def tensor(self, w: ArrayLike) -> Array:
        """The matrix, shape (..., d, d)."""
        return self.field.tensor(w)

    def root(self, w: ArrayLike) -> Array:
        """Its own factor, or the symmetric root, shape (..., d, channels)."""
        own = getattr(self.field, "root", None)
        return root_of(self.field, "tensor", self.field.tensor(w), w) if own is None else np.asarray(own(w))

    def divergence(self, w: ArrayLike) -> Array:
        """Its own divergence, or that by fourth-order differences, shape (..., d)."""
        own = getattr(self.field, "divergence", None)
        return divergence_with_error(self.field.tensor, w)[0] if own is None else np.asarray(own(w))

    def divergence_error(self, w: ArrayLike) -> Array:
        """That of the divergence by differences, shape (..., d); 0 for its own."""
        points = points_of(w, self.dim)
        if getattr(self.field, "divergence", None) is not None:
            return np.zeros_like(points)
        return divergence_with_error(self.field.tensor, points)[1]

    def root_expressions(self, variables: tuple[sympy.Symbol, ...]) -> sympy.Matrix | None:
        """Its own formula, or None."""
        own = getattr(self.field, "root_expressions", None)
        return None if own is None else own(variables)

    def __repr__(self) -> str:
        return repr(self.field)


def whole_field(field: TensorField) -> FactoredField:
    """`field` where it has all that equations ask for, else a `WholeField` around it.

    Raises
    ------
    InputError
        If it is no tensor field.
    """
    inner, part = inner_of(field), Part.of("tensor field", field)
    for name in () if part.ours else (*CHECKED, "root_expressions"):
        part.has(name)  # what raises when it is read is refused
    if isinstance(inner, FactoredField):
        return held(inner, CHECKED)  # type: ignore[no-any-return]
    fits = isinstance(inner, TensorField) and not isinstance(inner, type) and not is_ours(inner)
    require(fits, f"a tensor field must have `dim` and `tensor(w)`, got {type(inner).__name__}")
    return WholeField(held(inner, [name for name in CHECKED if part.has(name)]))


def root_of(part: object, name: str, tensor: Array, w: ArrayLike) -> Array:
    """The symmetric root of a tensor (..., d, d) at w (..., d), shape (..., d, d).

    Raises
    ------
    InputError
        If the tensor is not symmetric positive semidefinite there.
    """
    points, dim = np.reshape(w, (-1, tensor.shape[-1])), tensor.shape[-1]
    Part.of("model" if name == "gradient_covariance" else "tensor field", part).semidefinite(
        name, points, tensor.reshape(-1, dim, dim)
    )
    return symmetric_root(tensor)


def symmetric_root(tensor: Array) -> Array:
    """R with R R' the matrix and R symmetric, shape (..., d, d); eigenvalues that rounding left below 0 are 0."""
    known: Booleans = np.asarray(np.isfinite(tensor).all(axis=(-1, -2), keepdims=True))
    eigenvalues, vectors = np.linalg.eigh(np.where(known, tensor, 0.0))
    root = (vectors * np.sqrt(np.maximum(eigenvalues, 0))[..., None, :]) @ vectors.swapaxes(-1, -2)
    return np.asarray(np.where(known, root, np.nan))
