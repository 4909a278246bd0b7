"""What numerical methods need of an equation: the interface between `Langevin` and grids."""

from __future__ import annotations

from typing import Protocol

from theory.arrays import Array


class Equation(Protocol):
    """The coefficients of dw = b dt + sqrt(2 D) dW (Ito), vectorised over the leading axes of w (..., d)."""

    @property
    def dim(self) -> int:
        """Dimension d."""
        ...

    def drift(self, w: Array) -> Array:
        """Ito drift b, shape (..., d)."""
        ...

    def tensor(self, w: Array) -> Array:
        """D, shape (..., d, d)."""
        ...

    def divergence(self, w: Array) -> Array:
        """Row divergence (div D)_i = sum_j d_j D_ij, shape (..., d)."""
        ...

    def potential(self, w: Array) -> Array | None:
        """Phi, shape (...), where b - div D = -D grad Phi is known exactly; else None."""
        ...
