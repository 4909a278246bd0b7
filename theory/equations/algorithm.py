"""SGD as its limit sees it: what the equation needs to know of the algorithm, read from its options by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Protocol, TypeVar

import numpy as np
import sympy

from theory.base.arrays import Array
from theory.base.contracts import Part
from theory.base.errors import InputError, require
from theory.models import DatasetModel, ProductModel
from theory.models.product import exact
from theory.tensors.minibatch import AnyNoisyModel, covariance_of

Noisy = TypeVar("Noisy", bound=AnyNoisyModel)
THIRD_MOMENT = 3  # of a step: a weak error of order 2 leaves out terms of this order, which must exist


class NoLimitEquation(InputError):
    """SGD with these options has no Langevin limit: `reason` says why, the message also what to take instead."""

    def __init__(self, reason: str, found: str = "", remedy: str = "") -> None:
        super().__init__("".join((reason, f", got {found}" if found else "", f"; {remedy}" if remedy else "")))
        self.reason = reason


class Algorithm(Protocol):
    """What the limit needs to know of any SGD, beside its `learning_rate` or, for want of that, its `time_step`.

    What else it has counts too:

    - `schedules`, with which there is no limit;
    - `noises`: each with the `variance` that it adds to every component of a batch's gradient, infinite where
      there is none, and where that is not all with `label_std`, `examples_scale` and `tail_index`;
    - `preconditioner`: numbers, an object with `matrix(w)` or `applied(covariance, gradient, batch_size, w)`,
      and where P is a formula of the covariance alone with `formula(covariance, batch_size)`;
    - `sampling`: with `normal` and `independent`;
    - `rules` of the step, read by the name of their class and their numbers;
    - `kept_velocity`: the share of the velocity that a step keeps, where that is not the momentum.
    """

    @property
    def batch_size(self) -> int:
        """Examples a step."""
        ...

    @property
    def momentum(self) -> float:
        """Momentum, heavy-ball or Nesterov."""
        ...


class StepSizes(Algorithm, Protocol):
    """Plain SGD: its `time_step` is that of the limit, and asking for it refuses other options."""

    @property
    def time_step(self) -> float:
        """Time of one step, learning_rate / (1 - momentum)."""
        ...


def step_time(sgd: Algorithm) -> float:
    """Time eta of one step, learning_rate / (1 - momentum), whatever the options.

    Raises
    ------
    InputError
        If the algorithm knows neither `learning_rate` nor `time_step`.
    """
    rate = option(sgd, "learning_rate", None)
    if rate is not None:
        return float(rate / (1 - option(sgd, "kept_velocity", sgd.momentum)))
    time = option(sgd, "time_step", 0.0)
    require(time > 0, f"`sgd` must have a `learning_rate`, got {sgd!r}; give SGD(...) or an object like it")
    return float(time)


def added_variance(noises: Iterable[Any]) -> float:
    """Variance of each component of what is added to the gradient of a batch; infinite where there is none.

    Raises
    ------
    InputError
        If a noise of the user's own tells one that is no number, or negative.
    """
    return sum((_variance(noise, math.inf) for noise in noises), start=0.0)


def _variance(noise: Any, default: float) -> float:
    told = Part.of("noise", noise).size("variance")
    return default if told is None else told


def with_label_noise(model: Noisy, sgd: Algorithm) -> Noisy:
    """The model whose labels have the noise that `sgd` adds to them beside their own.

    Raises
    ------
    InputError
        As `NoLimitEquation`, if the model does not know its labels' noise.
    """
    added = together(sgd, "label_std")
    if not added:
        return model
    if not isinstance(model, ProductModel):
        raise NoLimitEquation(
            "label noise needs a model that knows the noise of its labels",
            "DatasetModel" if isinstance(model, DatasetModel) else type(model).__name__,
            "take a ProductModel or ProductOnData, or GaussianNoise of the same size",
        )
    return model.with_noise(math.hypot(model.noise_std, added))  # type: ignore[return-value]


def constant_preconditioner(model: AnyNoisyModel, sgd: Algorithm) -> Array | None:
    """P as numbers (d, d), or None where it depends on w.

    Raises
    ------
    InputError
        If the numbers are not one, d, or a matrix (d, d).
    """
    dim, given = model.dim, option(sgd, "preconditioner", None)
    if given is None:
        return np.eye(dim)
    if hasattr(given, "matrix"):
        return None
    if not hasattr(given, "applied"):
        numbers = np.asarray(given, dtype=np.float64)
        require(
            numbers.ndim == 0 or len(numbers) == dim,
            f"`preconditioner` must fit the dimension {dim} of the model, got {len(np.atleast_1d(numbers))} rows",
        )
        return numbers if numbers.ndim == 2 else np.diag(np.broadcast_to(numbers, (dim,)))
    root = covariance_of(model).root_expressions(sympy.symbols(f"w:{dim}", real=True))
    if not hasattr(given, "formula") or root is None or root.free_symbols:
        return None
    points = np.zeros((dim, dim))
    return np.asarray(given.applied(covariance_of(model).tensor(points), np.eye(dim), sgd.batch_size, points)).T


def option(sgd: Algorithm, name: str, default: Any) -> Any:
    """What `sgd` says of an option, or `default` where it knows none of the kind."""
    return getattr(sgd, name, default)


def together(sgd: Algorithm, name: str) -> float:
    """The size of independent noises together, each of which may have one of this name."""
    return math.hypot(*(getattr(noise, name, 0.0) for noise in option(sgd, "noises", ())))


def require_limit(sgd: Algorithm) -> None:
    """Require that a diffusion with constant coefficients is the limit.

    Raises
    ------
    NoLimitEquation
        If there is a schedule, noise without a variance, or data that are not normal.
    """
    remedy = "the limit is that of SGD without {}; take it of plain SGD"
    if schedules := option(sgd, "schedules", ()):
        raise NoLimitEquation(
            "under a schedule the noise changes in time, and the equation has constant coefficients",
            ", ".join(map(repr, schedules)),
            remedy.format("schedule"),
        )
    noises = option(sgd, "noises", ())
    if unknown := [noise for noise in noises if not Part.of("noise", noise).has("variance")]:
        raise NoLimitEquation(
            "the limit needs the variance of the added noise", ", ".join(map(repr, unknown)),
            "give it an attribute `variance`, that of each component",
        )  # fmt: skip
    if math.isinf(added_variance(noises)):
        raise NoLimitEquation(
            "the added noise has no variance, and the limit jumps; the equation here is one of diffusion",
            ", ".join(repr(noise) for noise in noises if math.isinf(_variance(noise, math.inf))),
            "take the times of the ensemble, or noise with a variance",
        )
    sampling = option(sgd, "sampling", None)
    if hasattr(sampling, "indices") or hasattr(sampling, "examples"):
        raise NoLimitEquation(
            "the limit is that of independent batches of plain data, and of this sampling nobody knows that",
            repr(sampling), remedy.format("a sampling of its own"),
        )  # fmt: skip
    if not getattr(sampling, "normal", True):
        raise NoLimitEquation(
            "the covariance that a model knows is that of normal data", repr(sampling),
            remedy.format("heavy-tailed data"),
        )  # fmt: skip


def require_moments(sgd: Algorithm, order: int) -> None:
    """Order 2 leaves out the third moment of a step, which must exist for that.

    Raises
    ------
    InputError
        If it does not.
    """
    tails = [getattr(noise, "tail_index", math.inf) for noise in option(sgd, "noises", ())]
    require(
        order == 1 or min(tails, default=math.inf) > THIRD_MOMENT,
        f"`order` 2 needs added noise with a third moment, got the tail index {min(tails, default=0.0):g}; "
        "take order 1",
    )


def preconditioner_formula(
    model: AnyNoisyModel, sgd: Algorithm, variables: tuple[sympy.Symbol, ...]
) -> sympy.Matrix | None:
    """P as a matrix of formulas, or None where it is none.

    Raises
    ------
    NoLimitEquation
        If P has no formula, with the reason.
    """
    numbers = constant_preconditioner(model, sgd)
    if numbers is not None:
        return sympy.Matrix(numbers.tolist()).applyfunc(exact)
    root = covariance_of(model).root_expressions(variables)
    formula = getattr(option(sgd, "preconditioner", None), "formula", None)
    if root is None or formula is None:
        return None
    try:
        return formula(root * root.T, sgd.batch_size)
    except InputError as error:
        raise NoLimitEquation(str(error)) from None


def _definite(part: Part, points: Array) -> Array:
    """P (..., d, d) of the user's own at points (..., d)."""
    dim = points.shape[-1]
    found = part.numbers("matrix", points, (dim, dim))
    part.semidefinite("matrix", points.reshape(-1, dim), found.reshape(-1, dim, dim), definite=True)
    return found


def preconditioner_function(model: AnyNoisyModel, sgd: Algorithm) -> Callable[[Array], Array]:
    """P as a function of points (..., d) with matrices (..., d, d)."""
    numbers, dim = constant_preconditioner(model, sgd), model.dim
    if numbers is not None:
        return lambda w: np.broadcast_to(numbers, (*w.shape, dim))
    given = option(sgd, "preconditioner", None)
    if hasattr(given, "matrix"):
        own = Part.of("preconditioner", given)
        return partial(_definite, own)
    applied = given.applied

    def matrix(w: Array) -> Array:
        points = w.reshape(-1, dim)
        noise = covariance_of(model).tensor(points)
        columns = [
            applied(noise, np.broadcast_to(axis, points.shape), sgd.batch_size, points) for axis in np.eye(dim)
        ]
        return np.stack(columns, axis=-1).reshape(*w.shape, dim)

    return matrix
