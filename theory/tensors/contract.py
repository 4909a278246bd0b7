"""What a tensor field of the user's own must give."""

from __future__ import annotations

from typing import Final

import numpy as np
import sympy

from theory.base.arguments.words import shown
from theory.base.arrays import Array, ArrayLike
from theory.base.contracts import Kept, Part
from theory.base.trials import MANY, some_of, trial_points
from theory.landscapes.differences import divergence_with_error
from theory.tensors.minibatch import ModelCovariance
from theory.tensors.protocol import TensorField

APART: Final = 1e-3  # relative difference of a factor or a divergence, beyond the error of differences
NOISE: Final = 10  # times the error of differences


def check_tensor_field(field: TensorField, points: ArrayLike | None = None) -> Kept:
    """What `field` keeps of its contract: symmetric positive semidefinite matrices, vectorised.

    A `root` that it has must give root root' = tensor, and a `divergence` that of differences.

    Parameters
    ----------
    points
        Where it is tried, shape (n, d), and must be finite; by default at four places around 0, where it may not.

    Raises
    ------
    InputError
        If it does not keep it, in one line with its name.
    """
    part = Part.of("tensor field", field)
    where, finite = trial_points(part.dimension(), points)
    clauses = _tried(part, where, finite)
    part.somewhere("tensor", part.numbers("tensor", where, (where.shape[1], where.shape[1])))
    return Kept(part.name, clauses)


def try_tensor_field(field: object, positions: Array | None = None, finite: bool = False) -> None:
    """Refuse a tensor field of the user's own that breaks its contract at `positions` (n, d), or around 0.

    Raises
    ------
    InputError
        As `check_tensor_field`.
    """
    part = Part.of("tensor field", field)
    if isinstance(part.value, ModelCovariance):
        part = Part.of("model", part.value.model)
    if part.ours:  # what is scaled, summed or made whole
        for inner in (getattr(part.value, "field", None), *getattr(part.value, "fields", ())):
            if inner is not None:
                try_tensor_field(inner, positions, finite)
        return
    dim = part.dimension()
    where = trial_points(dim, None)[0] if positions is None else some_of(positions)
    if len(where) and part.role == "model":
        part.covariance("gradient_covariance", where, finite=finite, everywhere=positions is not None)
    elif len(where):
        _tried(part, where, finite, positions is not None)
    if positions is not None and len(where):
        name = "gradient_covariance" if part.role == "model" else "tensor"
        many = some_of(positions, MANY)
        part.semidefinite(name, many, part.numbers(name, many, (dim, dim)))


def _tried(part: Part, where: Array, finite: bool, everywhere: bool = True) -> tuple[str, ...]:
    tensor = part.covariance("tensor", where, finite=finite, everywhere=everywhere)
    clauses = ["`tensor` is symmetric, positive semidefinite and vectorised"]
    size = np.abs(tensor).max(axis=(1, 2), keepdims=True, initial=0.0)
    with np.errstate(all="ignore"):
        if part.has("root"):
            root = part.field("root", where, (where.shape[1], None), finite=finite)
            gap = np.abs(root @ root.swapaxes(1, 2) - tensor)
            _refuse_gap(part, "root", "R with R R' the tensor", where, gap, APART * size)
            clauses.append("`root` is a factor of it")
        if part.has("root_expressions"):
            gap = np.abs(_formula(part, where) - tensor)
            _refuse_gap(part, "root_expressions", "R with R R' the tensor", where, gap, APART * size)
        if part.has("divergence"):
            given = part.field("divergence", where, (where.shape[1],), finite=finite)
            found, error = divergence_with_error(lambda w: part.numbers("tensor", w, (where.shape[1],) * 2), where)
            bound = APART * np.abs(found).max(axis=1, keepdims=True) + NOISE * error
            _refuse_gap(part, "divergence", "sum_j d_j D_ij", where, np.abs(found - given), bound)
            clauses.append("`divergence` is that of differences")
    return tuple(clauses)


def _formula(part: Part, where: Array) -> Array:
    """R R' (n, d, d) at points (n, d) by the formula of the user's own, not finite where there is none."""
    dim = where.shape[1]
    variables = sympy.symbols(f"w:{dim}", real=True)
    root = part.call("root_expressions", variables)
    nothing = np.full((len(where), dim, dim), np.nan)
    if root is None:
        return nothing
    fits = isinstance(root, sympy.MatrixBase) and root.rows == dim and root.free_symbols <= set(variables)
    part.require(
        fits,
        f"`root_expressions` must be a SymPy matrix of {dim} rows in the variables, or None, got {shown(root)}",
    )
    evaluate = sympy.lambdify(variables, root, "numpy")
    found = [part.guarded("root_expressions", evaluate, *point) for point in where]
    return np.array([np.asarray(one @ one.T, dtype=np.float64) for one in found]).reshape(nothing.shape)


def _refuse_gap(part: Part, name: str, meant: str, where: Array, gap: Array, bound: Array) -> None:
    wrong = np.argwhere(gap > bound)
    if len(wrong):
        place = wrong[0]
        part.refuse(
            f"`{name}` must be {meant}, got {gap[tuple(place)]:.3g} beside it at w = {where[place[0]].tolist()}; "
            "mend it, or leave it out and it is computed"
        )
