"""What a landscape is."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from theory.base.arrays import Array, ArrayLike


@runtime_checkable
class Landscape(Protocol):
    """A loss L(w) with its derivatives, vectorised over the leading axes of w (..., d)."""

    @property
    def dim(self) -> int:
        """Dimension d of w."""
        ...

    def value(self, w: ArrayLike) -> Array:
        """L(w), shape (...)."""
        ...

    def gradient(self, w: ArrayLike) -> Array:
        """Gradient, shape (..., d)."""
        ...

    def hessian(self, w: ArrayLike) -> Array:
        """Hessian, shape (..., d, d)."""
        ...
