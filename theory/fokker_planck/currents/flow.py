"""Probability currents with their errors."""

from __future__ import annotations

from typing import Any

import numpy as np

from theory.base.arrays import Array, read_only


class Current(np.ndarray):
    """A probability current at the cell centres: an array in every sum, and its `error` beside it.

    Shape (*grid.shape, d), read-only, in units of density times length per time; `error` has the same shape and
    units. What is made of it, by indices or in formulas, is a plain array.
    """

    error: Array

    def __new__(cls, values: Array, error: Array) -> Current:
        """The current `values` with the `error` of each."""
        current = read_only(values).view(cls)
        current.error = read_only(np.broadcast_to(error, current.shape))
        return current

    def __array_finalize__(self, other: Any) -> None:
        """A view or copy has the error of what it is made of where the shapes are the same, else NaN."""
        known = getattr(other, "error", np.empty(0))
        self.error = known if known.shape == self.shape else np.full(self.shape, np.nan)

    def __array_ufunc__(self, ufunc: np.ufunc, method: Any, *inputs: Any, **kwargs: Any) -> Any:
        plain = [np.asarray(one) if isinstance(one, Current) else one for one in inputs]
        return getattr(ufunc, method)(*plain, **kwargs)

    def __getitem__(self, key: Any) -> Any:
        return np.asarray(self)[key]

    def __reduce__(self) -> tuple[Any, ...]:
        return Current, (np.asarray(self), self.error)
