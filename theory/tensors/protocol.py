"""What a tensor field is: the D(w) of a Langevin equation or the C(w) of gradient noise."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import sympy

from theory.base.arrays import Array, ArrayLike
from theory.tensors.spectral_field import SpectralField


@runtime_checkable
class TensorField(Protocol):
    """A symmetric positive semidefinite matrix at every w, vectorised over the leading axes of w (..., d).

    A field of the user's own may have a `root` and a `divergence`, as `FactoredField` has them; what it lacks is
    computed, the divergence by differences.
    """

    @property
    def dim(self) -> int:
        """Dimension d."""
        ...

    def tensor(self, w: ArrayLike) -> Array:
        """The matrix, shape (..., d, d)."""
        ...


@runtime_checkable
class FactoredField(TensorField, Protocol):
    """A tensor field with all that equations and paths ask for."""

    def root(self, w: ArrayLike) -> Array:
        """A factor R with R R' equal to the matrix, shape (..., d, channels)."""
        ...

    def divergence(self, w: ArrayLike) -> Array:
        """Row divergence sum_j d_j D_ij, shape (..., d)."""
        ...

    def root_expressions(self, variables: tuple[sympy.Symbol, ...]) -> sympy.Matrix | None:
        """The factor as a SymPy matrix (d, channels) in `variables`, or None where there is no formula."""
        ...


@runtime_checkable
class PushingField(FactoredField, Protocol):
    """A field that applies its factor to normal numbers without making it."""

    @property
    def channels(self) -> int:
        """How many normal numbers."""
        ...

    def push(self, w: Array, normals: Array) -> Array:
        """R(w) z for z (n, channels) at w (n, d), shape (n, d)."""
        ...


@runtime_checkable
class SpectralTensor(FactoredField, Protocol):
    """A tensor made from eigenvalues, whose factor compiled loops compute themselves where it is no formula."""

    def tensor_expressions(self, variables: tuple[sympy.Symbol, ...]) -> sympy.Matrix | None:
        """The matrix where `root_expressions` has a root that has no derivative everywhere, else None."""
        ...

    def factor_field(
        self, drift: tuple[sympy.Expr, ...], variables: tuple[sympy.Symbol, ...], size: float
    ) -> SpectralField | None:
        """Rows `drift`, then `size` times a factor row by row, or None."""
        ...
