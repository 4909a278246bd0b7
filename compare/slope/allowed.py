"""Which ways to find the stationary loss a model and an algorithm allow."""

from __future__ import annotations

from compare.slope.formula import quadratic_of_constant_noise
from simulate.sgd import SGD
from theory.laws import Grid
from theory.models import Model, ProductModel

METHODS = ("formula", "fokker planck", "operator", "sampling")  # the quickest first
MOST_DIMENSIONS = 2  # of a grid that is solved at several rates in seconds


def why_not(method: str, model: Model, sgd: SGD, grid: Grid | None) -> str | None:
    """Why `method`, one of `METHODS`, is not for this model, or None where it is; `grid` is the study's."""
    if method == "sampling":
        circle = grid is not None and any(grid.periodic)
        return "walkers have no stationary law on the whole space of a periodic [grid]" if circle else None
    if method == "formula":
        return _why_no_formula(model, sgd)
    if model.dim > MOST_DIMENSIONS:
        return f"a grid is for 1 or 2 variables, this model has {model.dim}"
    if method == "fokker planck":
        return None
    if sgd.momentum:
        return "the transition operator of positions alone needs no momentum"
    if isinstance(model, ProductModel) and model.outputs > 1:
        return f"the transition operator needs one formula `q`, this model has {model.outputs}"
    return None


def allowed(model: Model, sgd: SGD, grid: Grid | None) -> tuple[str, ...]:
    """The methods that nothing speaks against."""
    return tuple(method for method in METHODS if why_not(method, model, sgd, grid) is None)


def _why_no_formula(model: Model, sgd: SGD) -> str | None:
    if not isinstance(model, ProductModel):
        plain = quadratic_of_constant_noise(model)
        return None if plain else "a formula needs a quadratic loss with constant noise"
    if sgd.momentum:
        return "the formula of minibatch noise needs no momentum"
    pairs = ((a, b) for a in model.variables for b in model.variables)
    affine = all(q.diff(a, b).equals(0) for a, b in pairs for q in model.scaled_q)
    return None if affine else "a formula needs `q` affine in its variables"
