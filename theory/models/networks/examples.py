"""Examples for walkers, in the kinds of number that a network takes: floats of its precision, whole numbers."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from theory.base.arguments.numbers import MISFIT, numbers_of
from theory.base.arguments.words import shown
from theory.base.arrays import Array
from theory.base.errors import InputError, require

PRECISIONS: Final = ("float64", "float32")


class ExampleBatch(NamedTuple):
    """Inputs and labels (B, ...) that all walkers share, or (n, B, ...) of each, as NumPy's or the framework's."""

    x: Any
    y: Any
    shared: bool

    def cut(self, walkers: slice, examples: slice) -> ExampleBatch:
        """Those of some walkers, of each some."""
        where = (examples,) if self.shared else (walkers, examples)
        return ExampleBatch(self.x[where], self.y[where], self.shared)


def along_axes(w: Array, x: Array, y: Array, axes: tuple[int, int]) -> tuple[Array, ExampleBatch, tuple[int, ...]]:
    """Points (n, d), their examples, and the leading shape of w (..., d), x (..., m), y (...) broadcast together.

    `axes` are those of one input and of one label. Where the last leading axis of w has length 1, it is that of
    the examples of each point, which then need the point once.
    """
    leads = w.shape[:-1], x.shape[: x.ndim - axes[0]], y.shape[: y.ndim - axes[1]]
    lead = np.broadcast_shapes(*leads)
    many = leads[0][-1] if leads[0] else 1
    outer, batch = (lead[:-1], lead[-1:]) if lead and many == 1 else (lead, (1,))
    points = w[..., 0, :] if lead and many == 1 and w.ndim > 1 else w
    points = np.broadcast_to(points, (*outer, w.shape[-1])).reshape(-1, w.shape[-1])
    shared = leads[1] == leads[2] == batch and bool(lead)
    if shared:
        return points, ExampleBatch(x, y, True), lead
    of_each = (*outer, *batch)

    def whole(one: Array, at: tuple[int, ...]) -> Array:
        """For each point its own."""
        rest = one.shape[len(at) :]
        apart = one.reshape((*at, *(1,) * (len(of_each) - len(lead)), *rest))
        return np.broadcast_to(apart, (*of_each, *rest)).reshape((len(points), *batch, *rest))

    return points, ExampleBatch(whole(x, leads[1]), whole(y, leads[2]), False), lead


def precision_of(dtype: Any) -> str:
    """The name of a precision, from what NumPy, PyTorch or JAX call it.

    Raises
    ------
    InputError
        If it is neither float64 nor float32.
    """
    name = getattr(dtype, "__name__", str(dtype)).removeprefix("torch.")
    require(name in PRECISIONS, f"`dtype` must be float64 or float32, got {shown(dtype)}")
    return name


def frozen_numbers(values: Any, name: str, precision: str) -> Any:
    """Data as a read-only array: whole numbers as int64, others in the precision of the network.

    Raises
    ------
    InputError
        If they are no numbers, not finite, or there are none.
    """
    plain = values.detach().cpu() if hasattr(values, "detach") else values
    array = numbers_of(plain)
    if array is MISFIT or array.dtype.kind not in "biuf" or array.ndim == 0 or array.size == 0:
        raise InputError(f"`{name}` must be an array of numbers, an example a row, got {shown(values)}")
    bad = int(np.count_nonzero(~np.isfinite(array)))
    require(bad == 0, f"`{name}` must be finite, got {bad} of {array.size} numbers that are not")
    kept = np.array(array, dtype=precision if array.dtype.kind == "f" else np.int64)
    kept.setflags(write=False)
    return kept


def require_pairs(x: Any, y: Any) -> None:
    """Refuse inputs and labels of different numbers.

    Raises
    ------
    InputError
        If they are.
    """
    require(len(x) == len(y), f"`x` and `y` must have as many examples, got {len(x)} and {len(y)}")
