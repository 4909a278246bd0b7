"""Landscapes given by Python functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from theory.base.arrays import Array, ArrayLike, evaluated, points_of
from theory.base.errors import require
from theory.base.rounding import EPSILON
from theory.base.showing import told

Function = Callable[[Array], ArrayLike]
Made = TypeVar("Made")
# Powers of eps of the step of a fourth-order difference, whose error is step^4 + (error of the function)/step:
OF_EXACT = 1 / 5  # of a function known to rounding, eps
OF_DIFFERENCES = 1 / 6  # of one that such differences gave


@dataclass(frozen=True)
class CallableLandscape:
    """A landscape from vectorised functions of w (..., d); missing derivatives are central differences.

    The differences are of fourth order with step eps^(1/5) (gradient) and eps^(1/6) (Hessian) times `scale`, by
    default max(1, |w|): relative errors about 1e-12 and 1e-9 where L varies on that length.

    Parameters
    ----------
    value, gradient, hessian
        Functions with results of shape (...), (..., d), (..., d, d).
    dim
        Dimension d.
    scale
        Length on which L varies, one or d of them, where derivatives are missing and it is not 1. `find_minima`
        and the formulas of escape take their own from the grid and from the points, if none is given.

    Raises
    ------
    InputError
        If `dim` is below 1, or a function gives no numbers of the right shape.
    """

    value_function: Function
    gradient_function: Function | None = None
    hessian_function: Function | None = None
    dim: int = 1
    scale: float | tuple[float, ...] | None = None

    def __init__(
        self,
        value: Function,
        gradient: Function | None = None,
        hessian: Function | None = None,
        *,
        dim: int,
        scale: float | tuple[float, ...] | None = None,
    ) -> None:
        require(dim >= 1, f"`dim` must be at least 1, got {dim}")
        lengths = np.atleast_1d(np.asarray(1.0 if scale is None else scale, dtype=np.float64))
        require(
            lengths.shape in ((1,), (dim,)) and bool((np.isfinite(lengths) & (lengths > 0)).all()),
            f"`scale` must be positive and finite, one number or {dim}, got {scale}",
        )
        object.__setattr__(self, "scale", scale)
        object.__setattr__(self, "value_function", value)
        object.__setattr__(self, "gradient_function", gradient)
        object.__setattr__(self, "hessian_function", hessian)
        object.__setattr__(self, "dim", dim)

    def __repr__(self) -> str:
        return told(
            "CallableLandscape",
            value=self.value_function,
            gradient=self.gradient_function,
            hessian=self.hessian_function,
            dim=self.dim,
            scale=self.scale,
        )

    def value(self, w: ArrayLike) -> Array:
        """L(w), shape (...).

        Raises
        ------
        InputError
            If w or what the function gives has the wrong shape.
        """
        return self._checked(self.value_function, "value", w, ())

    def gradient(self, w: ArrayLike) -> Array:
        """Gradient, shape (..., d).

        Raises
        ------
        InputError
            If w or what the function gives has the wrong shape.
        """
        if self.gradient_function is None:
            return central_differences(self.value, points_of(w, self.dim), scale=self.scale)
        return self._checked(self.gradient_function, "gradient", w, (self.dim,))

    def hessian(self, w: ArrayLike) -> Array:
        """Hessian, shape (..., d, d), symmetric.

        Raises
        ------
        InputError
            If w or what the function gives has the wrong shape.
        """
        if self.hessian_function is not None:
            return self._checked(self.hessian_function, "hessian", w, (self.dim, self.dim))
        power = OF_DIFFERENCES if self.gradient_function is None else OF_EXACT
        raw = central_differences(self.gradient, points_of(w, self.dim), power, self.scale)
        return (raw + np.swapaxes(raw, -1, -2)) / 2

    def _checked(self, function: Function, name: str, w: ArrayLike, tail: tuple[int, ...]) -> Array:
        points = points_of(w, self.dim)
        return evaluated(function, points, name, tail)


def at_scale(landscape: Made, scale: ArrayLike) -> Made:
    """The landscape with differences on this length, one or d of them, where it has none of its own."""
    if not isinstance(landscape, CallableLandscape) or landscape.scale is not None:
        return landscape
    lengths = tuple(np.broadcast_to(np.asarray(scale, dtype=np.float64), (landscape.dim,)).tolist())
    parts = (landscape.value_function, landscape.gradient_function, landscape.hessian_function)
    return CallableLandscape(*parts, dim=landscape.dim, scale=lengths)  # type: ignore[return-value]


def central_differences(
    function: Callable[[Array], Array], w: Array, power: float = OF_EXACT, scale: ArrayLike | None = None
) -> Array:
    """Fourth-order derivatives of `function` along each component of `w`, on a new last axis.

    `power` is `OF_EXACT` or `OF_DIFFERENCES`, by what `function` is. The step is eps^power times `scale`, the
    length on which the function varies; by default max(1, |w|).
    """
    lengths = (
        np.maximum(1.0, np.abs(w))
        if scale is None
        else np.broadcast_to(np.asarray(scale, dtype=np.float64), w.shape)
    )
    step = EPSILON**power * lengths
    columns = []
    for axis in range(w.shape[-1]):
        shift = np.zeros_like(w)
        shift[..., axis] = step[..., axis]
        near = function(w + shift) - function(w - shift)
        far = function(w + 2 * shift) - function(w - 2 * shift)
        width = step[..., axis].reshape(step.shape[:-1] + (1,) * (near.ndim - w.ndim + 1))
        columns.append((8 * near - far) / (12 * width))
    return np.stack(columns, axis=-1)


def product_by_differences(gradient: Callable[[Array], Array], points: Array, vectors: Array) -> Array:
    """Hessians at points (n, d) times vectors (n, d), shape (n, d): fourth-order differences of the gradient."""
    length = np.sqrt((vectors**2).sum(axis=-1, keepdims=True))
    unit = np.divide(vectors, length, out=np.zeros(vectors.shape), where=length > 0)
    scale = np.maximum(1.0, np.abs(points).max(axis=-1, keepdims=True))
    bend = central_differences(lambda t: gradient(points + t * unit), np.zeros(length.shape), scale=scale)
    return np.asarray(bend[..., 0] * length)
