"""One step of SGD from given points: where it leads on average, and what is random."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from simulate.sampling import Fresh
from simulate.sgd import SGD
from simulate.transition.batches import BatchRules, batch_rules, single_rule
from theory.base.arrays import Array
from theory.base.errors import InputError, require
from theory.laws import Grid
from theory.models import DatasetModel, FreshModel, NoisyGradient, ProductModel
from theory.models.contract import try_model
from theory.tensors.minibatch import AnyNoisyModel, covariance_of

FEWEST_CELLS = 8
VARIANCE_LEFT_BY_ROUNDING = 1e-14  # of a variance


@dataclass(frozen=True, eq=False)
class LineStep:
    """base + direction (alpha r^2 + beta r z) with r = sqrt(chi2_B / B) from `rule` and z ~ N(0, 1).

    Shapes: `base`, `direction` (n, d); `alpha`, `beta` (n,). `spread` is the standard deviation of r^2.
    """

    base: Array = field(repr=False)
    direction: Array = field(repr=False)
    alpha: Array = field(repr=False)
    beta: Array = field(repr=False)
    spread: float
    rule: BatchRules = field(repr=False)


@dataclass(frozen=True, eq=False)
class PlaneStep:
    """base + (a z1, b z1 + c z2) with z standard normal: shapes `base` (n, 2) and `factor` (n, 3), of a, b, c."""

    base: Array = field(repr=False)
    factor: Array = field(repr=False)


def read_step(model: FreshModel, sgd: SGD, points: Array) -> LineStep | PlaneStep:
    """The step of `sgd` from `points` (n, d), or (n, 2) positions and velocities with momentum.

    Raises
    ------
    InputError
        If gradient or noise are not finite.
    """
    dim, axes = model.dim, points.shape[1]
    rate, batch = sgd.learning_rate, sgd.batch_size
    w, base = points[:, :dim], points.copy()
    if sgd.momentum:
        base = points[:, 1:] * sgd.momentum + np.concatenate([w, np.zeros_like(w)], axis=1)
    with np.errstate(all="ignore"):
        if isinstance(model, ProductModel):
            components = model.scaled_predictor(w)
            q, slope = components[:, 0], components[:, 1:]
            push = 2 * model.loss_scale * rate
            alpha, beta = -push * q, np.full(len(q), push * model.noise_std / math.sqrt(batch))
            _require_finite(slope, alpha)
            return LineStep(base, np.repeat(slope, axes // dim, axis=1), alpha, beta, *_batches(batch))
        base -= rate * np.repeat(model.gradient(w), axes // dim, axis=1)
        root = rate / math.sqrt(batch) * model.example_covariance.root(w)
    _require_finite(base, root)
    if dim == 2 and root.shape[-1] > 1:
        return PlaneStep(base, _triangle(root))
    slope = root[..., 0] if dim == 2 else np.linalg.norm(root, axis=-1)
    nothing = np.zeros(len(w))
    return LineStep(base, np.repeat(slope, axes // dim, axis=1), nothing, nothing + 1, 0.0, single_rule())


def channels(step: LineStep | PlaneStep) -> Array:
    """The numbers of a step that depend on where it starts, shape (n, c): the base first.

    Of a `PlaneStep` then the covariance of the noise, 00, 01 and 11: its factor bends where it does not, at places
    without noise.
    """
    if isinstance(step, PlaneStep):
        a, b, c = step.factor.T
        return np.concatenate([step.base, np.stack([a**2, a * b, b**2 + c**2], axis=1)], axis=1)
    return np.concatenate([step.base, step.direction, step.alpha[:, None], step.beta[:, None]], axis=1)


def stacked(numbers: Array, like: LineStep | PlaneStep) -> LineStep | PlaneStep:
    """The step with these `channels`, its other properties those of `like`."""
    if isinstance(like, PlaneStep):
        return PlaneStep(numbers[:, :2], _cholesky(*numbers[:, 2:].T))
    dim = like.base.shape[1]
    base, direction = numbers[:, :dim], numbers[:, dim : 2 * dim]
    return replace(like, base=base, direction=direction, alpha=numbers[:, -2], beta=numbers[:, -1])


def silence(model: FreshModel, w: Array) -> Array:
    """A number at each place w (n,) of a line that vanishes where the noise of the gradient does."""
    points = w[:, None]
    if isinstance(model, ProductModel):
        q, slope = model.scaled_predictor(points).T
        return np.asarray(slope if model.noise_std > 0 else q * slope)
    root = model.example_covariance.root(points)[:, 0, :]
    return np.asarray(root[:, 0]) if root.shape[1] == 1 else np.linalg.norm(root, axis=1)


def _triangle(root: Array) -> Array:
    """a, b, c with [[a, 0], [b, c]] a factor of root root', shape (n, 3); right where one of them vanishes."""
    a, b = np.einsum("nk,nk->n", root[:, 0], root[:, 0]), np.einsum("nk,nk->n", root[:, 0], root[:, 1])
    share = np.divide(b, a, out=np.zeros_like(b), where=a > 0)
    rest = root[:, 1] - share[:, None] * root[:, 0]
    return np.stack([np.sqrt(a), share * np.sqrt(a), np.linalg.norm(rest, axis=1)], axis=1)


def _cholesky(first: Array, both: Array, second: Array) -> Array:
    """The same of a covariance with these entries; what rounding leaves of c is none."""
    a = np.sqrt(np.maximum(first, 0.0))
    b = np.divide(both, a, out=np.zeros_like(a), where=a > 0)
    rest = second - b**2
    return np.stack([a, b, np.sqrt(np.where(rest > VARIANCE_LEFT_BY_ROUNDING * second, rest, 0.0))], axis=1)


def _batches(batch: int) -> tuple[float, BatchRules]:
    return math.sqrt(2 / batch), batch_rules(batch)


def _require_finite(*parts: Array) -> None:
    bad = sum(int(np.count_nonzero(~np.isfinite(part))) for part in parts)
    require(
        bad == 0,
        f"gradient and noise must be finite at the cell centres, got {bad} numbers that are not; move the grid",
    )


def check(model: object, sgd: SGD, grid: Grid) -> FreshModel:
    """The model of the operator, once the law of a step is known here and the grid fits.

    Raises
    ------
    InputError
        If the algorithm, the model or the grid is not one that the operator knows.
    """
    require(
        isinstance(sgd.sampling, Fresh),
        f"the transition operator is that of fresh data, got {type(sgd.sampling).__name__}(); a fixed data "
        "set has a law of its own: use run_sgd",
    )
    require(
        not sgd.variants,
        f"the transition operator is that of plain or heavy-ball SGD, got {sgd.variants_in_words}; use run_sgd",
    )
    model = as_normal(model, sgd, grid)
    if not isinstance(model, ProductModel | NoisyGradient):
        raise InputError(
            f"the transition operator needs a ProductModel or a NoisyGradient, got {type(model).__name__}; "
            "NoisyGradient(landscape, covariance) makes a model of a bare landscape"
        )
    check_axes(model.dim, sgd, grid)
    require(
        not isinstance(model, ProductModel) or model.outputs == 1,
        f"the transition operator needs scalar q, got {getattr(model, 'outputs', 1)} outputs; use run_sgd",
    )
    wraps = np.flatnonzero(grid.periodic)
    require(
        len(wraps) == 0 or (isinstance(model, NoisyGradient) and not sgd.momentum),
        f"a periodic axis needs a NoisyGradient without momentum, got axes {wraps.tolist()}; a ProductModel "
        "lives on the whole space",
    )
    return model


def check_axes(dimension: int, sgd: SGD, grid: Grid) -> None:
    """Require that the grid has the axes of a step, and cells enough.

    Raises
    ------
    InputError
        If it does not, or there are too many dimensions.
    """
    require(dimension <= 2, f"the transition operator is for 1 or 2 dimensions, got {dimension}; use run_sgd")
    require(
        not sgd.momentum or dimension == 1,
        f"with momentum the transition operator is for 1 dimension, got {dimension}; use run_sgd, or momentum 0",
    )
    dim = 2 if sgd.momentum else dimension
    axes = "position and velocity" if sgd.momentum else "the variables"
    require(grid.dim == dim, f"`grid` must have {dim} axes, those of {axes}, got {grid.dim}")
    require(
        min(grid.shape) >= FEWEST_CELLS,
        f"`grid` must have at least {FEWEST_CELLS} cells along each axis, got {grid.shape}",
    )


def as_normal(model: object, sgd: SGD, grid: Grid) -> object:
    """A model of the user's own as a `NoisyGradient`, where it says that its batch gradients are normal.

    Raises
    ------
    InputError
        If it does not say so.
    """
    if isinstance(model, FreshModel | DatasetModel) or not isinstance(model, AnyNoisyModel):
        return model
    require(
        getattr(model, "normal", False) is True,
        f"the transition operator needs a model whose batch gradients are normal, got {type(model).__name__}; say "
        "so by `normal = True`, or take gaussian_surrogate(model)",
    )
    if model.dim == grid.dim:
        try_model(model, grid.centers.reshape(-1, grid.dim), sgd.batch_size)
    return NoisyGradient(model, covariance_of(model))
