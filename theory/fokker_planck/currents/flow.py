"""Probability currents with their errors."""

from __future__ import annotations

from typing import Any

import numpy as np

from theory.base.arrays import Array, read_only
from theory.laws import Density


class Current(np.ndarray):
    """A probability current at the cell centres: an array in every sum, and its `error` beside it.

    Shape (*grid.shape, d), read-only, in units of density times length per time; `error` has the same shape and
    units, and `density` is the law that it flows in, where that is known. What is made of it, by indices or in
    formulas, is a plain array.
    """

    error: Array
    density: Density | None

    def __new__(cls, values: Array, error: Array, density: Density | None = None) -> Current:
        """The current `values` of a `density` with the `error` of each."""
        current = read_only(values).view(cls)
        current.error = read_only(np.broadcast_to(error, current.shape))
        current.density = density
        return current

    def __array_finalize__(self, other: Any) -> None:
        """A view or copy has the error and the density of what it is made of where the shapes are the same."""
        known = getattr(other, "error", np.empty(0))
        same = known.shape == self.shape
        self.error = known if same else np.full(self.shape, np.nan)
        self.density = getattr(other, "density", None) if same else None

    def __array_ufunc__(self, ufunc: np.ufunc, method: Any, *inputs: Any, **kwargs: Any) -> Any:
        plain = [np.asarray(one) if isinstance(one, Current) else one for one in inputs]
        return getattr(ufunc, method)(*plain, **kwargs)

    def __getitem__(self, key: Any) -> Any:
        return np.asarray(self)[key]

    def flowing_in(self, density: Density) -> Current:
        """The same current, which knows the `density` that it flows in."""
        return Current(np.asarray(self), self.error, density)

    def __reduce__(self) -> tuple[Any, ...]:
        return Current, (np.asarray(self), self.error, self.density)
