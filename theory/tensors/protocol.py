"""What a tensor field is: the D(w) of a Langevin equation or the C(w) of gradient noise."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import sympy

from theory.arrays import Array, ArrayLike


@runtime_checkable
class TensorField(Protocol):
    """A symmetric positive semidefinite matrix at every w, vectorised over the leading axes of w (..., d)."""

    @property
    def dim(self) -> int:
        """Dimension d."""
        ...

    def tensor(self, w: ArrayLike) -> Array:
        """The matrix, shape (..., d, d)."""
        ...

    def root(self, w: ArrayLike) -> Array:
        """A factor R with R R' equal to the matrix, shape (..., d, channels)."""
        ...

    def divergence(self, w: ArrayLike) -> Array:
        """Row divergence sum_j d_j D_ij, shape (..., d)."""
        ...

    def root_expressions(self, variables: tuple[sympy.Symbol, ...]) -> sympy.Matrix | None:
        """The factor as a SymPy matrix (d, channels) in `variables`, or None where there is no formula."""
        ...
