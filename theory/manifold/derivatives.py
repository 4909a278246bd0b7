"""Third derivatives of a landscape."""

from __future__ import annotations

import numpy as np

from theory.base.arrays import Array
from theory.landscapes import CallableLandscape, Landscape, SymbolicLandscape
from theory.landscapes.compiled import CompiledField
from theory.landscapes.function import central_differences
from theory.landscapes.symbolic import derivative
from theory.models import DatasetModel, NoisyGradient


def bare(landscape: Landscape) -> Landscape:
    """The landscape without the noise of its gradient."""
    return bare(landscape.landscape) if isinstance(landscape, NoisyGradient) else landscape


def third_derivatives(landscape: Landscape, w: Array) -> Array:
    """d_i d_j d_k L at w (..., d), shape (..., d, d, d), symmetric.

    Exact where L is a formula, else fourth-order differences of the Hessian with relative errors of about 1e-12
    for an exact Hessian, 1e-11 for one from gradients and 1e-8 for one from values where L varies on the scale 1.
    """
    plain = bare(landscape)
    if isinstance(plain, SymbolicLandscape):
        flat = _formula(plain)(w)
        return flat.reshape(*flat.shape[:-1], *3 * (plain.dim,))
    raw = central_differences(plain.hessian, np.asarray(w, dtype=np.float64), _step_power(plain))
    orders = ((-3, -2, -1), (-2, -1, -3), (-1, -3, -2))
    return np.asarray(sum(np.moveaxis(raw, (-3, -2, -1), order) for order in orders) / 3)


def _formula(landscape: SymbolicLandscape) -> CompiledField:
    """The third derivatives, kept with the landscape as its other derivatives are."""
    kept = vars(landscape)
    if "_third_derivatives" not in kept:
        terms = tuple(derivative(h, v) for h in landscape.hessian_expressions for v in landscape.variables)
        kept["_third_derivatives"] = CompiledField(terms, landscape.variables)
    return kept["_third_derivatives"]  # type: ignore[no-any-return]


def _step_power(landscape: Landscape) -> float:
    """The power of eps that balances the error of the Hessian against that of its differences."""
    if isinstance(landscape, CallableLandscape) and landscape.hessian_function is None:
        return 1 / 9 if landscape.gradient_function is None else 1 / 7
    if isinstance(landscape, DatasetModel) and landscape.example_hessian is None:
        return 1 / 7
    return 1 / 5
