"""What numerical methods need of an equation: the interface between `Langevin` and grids."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from theory.base.arrays import Array


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


@runtime_checkable
class ReadEquation(Equation, Protocol):
    """An equation whose Ito drift is b = h + share div D: where D jumps b holds a delta, and h does not."""

    @property
    def share(self) -> float:
        """Share of div D in the Ito drift: 0 Ito, 1/2 Stratonovich, 1 anti-Ito."""
        ...

    def plain_drift(self, w: Array) -> Array:
        """The drift h as it is written in the equation, shape (..., d)."""
        ...


def share_of(equation: Equation) -> float:
    """Share of div D in the Ito drift; 0 where the equation tells its Ito drift alone."""
    return equation.share if isinstance(equation, ReadEquation) else 0.0


def plain_drift(equation: Equation, w: Array) -> Array:
    """The drift h = b - share div D, shape (..., d), free of the deltas that b has where D jumps."""
    return equation.plain_drift(w) if isinstance(equation, ReadEquation) else equation.drift(w)
