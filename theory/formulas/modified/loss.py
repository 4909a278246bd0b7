"""The loss that gradient descent really descends, to second order in the learning rate."""

from __future__ import annotations

import math

import numpy as np
import sympy

from theory.base.arrays import Array
from theory.base.errors import require
from theory.landscapes import CallableLandscape, Landscape, SymbolicLandscape
from theory.models import NoisyGradient


def modified_loss(landscape: Landscape, learning_rate: float) -> Landscape:
    """L + (eta/4) |grad L|^2, whose gradient flow gradient descent follows to O(eta^2) at fixed time eta * steps.

    Of L itself it is O(eta). A formula where L is one; else the gradient is that of L and H grad L exactly, and
    the Hessian is its central differences. Noise is not part of it: of a model only the loss is taken.

    Raises
    ------
    InputError
        If `landscape` is no landscape, or the learning rate is not positive and finite.

    References
    ----------
    Barrett & Dherin (2021), Implicit gradient regularization; Li, Tai & E (2017), Stochastic modified equations.
    """
    require(isinstance(landscape, Landscape), f"`landscape` must be a Landscape, got {landscape!r}")
    require(
        math.isfinite(learning_rate) and learning_rate > 0,
        f"`learning_rate` must be positive and finite, got {learning_rate}",
    )
    bare = landscape.landscape if isinstance(landscape, NoisyGradient) else landscape
    if isinstance(bare, SymbolicLandscape):
        square = sum(g**2 for g in bare.gradient_expressions)
        formula = bare.expression + sympy.Float(learning_rate) / 4 * square
        return SymbolicLandscape(formula, [str(v) for v in bare.variables])

    def value(w: Array) -> Array:
        return np.asarray(bare.value(w) + learning_rate / 4 * (bare.gradient(w) ** 2).sum(axis=-1))

    def gradient(w: Array) -> Array:
        slope = bare.gradient(w)
        return np.asarray(slope + learning_rate / 2 * np.einsum("...ij,...j->...i", bare.hessian(w), slope))

    return CallableLandscape(value, gradient, dim=bare.dim)
