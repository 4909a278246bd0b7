"""An equation that remembers its coefficients at the centres of grids."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from theory.base.arrays import Array
from theory.equations.protocol import Equation, plain_drift, share_of

Values = TypeVar("Values", Array, Array | None)


class Remembered:
    """The same equation; each coefficient is evaluated once at the centres of each grid.

    A stationary solve asks for them some ten times on each of its meshes. Only arrays that cannot change are
    remembered, as `Grid.centers` are, and so are the answers.
    """

    def __init__(self, equation: Equation) -> None:
        self._equation = equation
        self._known: dict[tuple[str, tuple[int, ...]], list[tuple[Array, Array | None]]] = {}

    @property
    def dim(self) -> int:
        """Dimension d."""
        return self._equation.dim

    def drift(self, w: Array) -> Array:
        """Ito drift b, shape (..., d)."""
        return self._once("drift", self._equation.drift, w)

    @property
    def share(self) -> float:
        """Share of div D in the Ito drift."""
        return share_of(self._equation)

    def plain_drift(self, w: Array) -> Array:
        """The drift without what the reading adds, shape (..., d)."""
        return plain_drift(self._equation, w)

    def tensor(self, w: Array) -> Array:
        """D, shape (..., d, d)."""
        return self._once("tensor", self._equation.tensor, w)

    def divergence(self, w: Array) -> Array:
        """Row divergence of D, shape (..., d)."""
        return self._once("divergence", self._equation.divergence, w)

    def potential(self, w: Array) -> Array | None:
        """Phi, shape (...), where it is known; else None."""
        return self._once("potential", self._equation.potential, w)

    def _once(self, name: str, evaluate: Callable[[Array], Values], w: Array) -> Values:
        if w.flags.writeable:
            return evaluate(w)
        known = self._known.setdefault((name, w.shape), [])
        for places, values in known:
            if places is w or np.array_equal(places, w):
                return values  # type: ignore[return-value]
        values = evaluate(w)
        if values is not None:
            values = np.array(values, dtype=np.float64)
            values.setflags(write=False)
        known.append((w, values))
        return values
