"""SGD on linear regression with one fixed data set: its exact stationary covariance."""

from __future__ import annotations

import numpy as np
import sympy

from theory.base.arrays import Array
from theory.base.errors import require
from theory.equations import NoLimitEquation
from theory.equations.algorithm import (
    Algorithm,
    added_variance,
    constant_preconditioner,
    option,
    require_limit,
    step_time,
    together,
)
from theory.equations.limit import left_by_order
from theory.equations.step_rules import ReadRules, read_rules
from theory.models import ProductOnData


def data_regression_covariance(model: ProductOnData, sgd: Algorithm) -> Array:
    """Stationary covariance (1, 1) of SGD for affine q(w) on a fixed data set, exact at any rate.

    A batch's gradient is affine in w, with a slope of its own, so that second moments of position u and velocity v
    follow a linear map. With the mean slope h and C(w* + u) = c0 + c1 u + c2 u^2 of the examples plain SGD
    keeps

        Var u = eta^2 (c0/B + V) / (1 - (1 - eta h)^2 - eta^2 c2/B).

    Momentum, heavy-ball or Nesterov, makes it four equations. V holds (2s)^2 std^2 <x^2> (dq)^2 / B of label
    noise, the variance of noise added to gradients and 2 temperature / eta of a sampler; a constant preconditioner
    is part of eta, weight decay of h and of w*. It is the law of all that share these data, and says nothing of
    other data.

    Raises
    ------
    InputError
        If q is not affine in one variable, or SGD is not stable in mean square. As `NoLimitEquation`, with its
        `reason`, of batches that depend on each other, as those of an epoch do unless they are full; of
        preconditioners that depend on w, rules that are not linear, noise over subsampled examples and `SVAG`;
        under a schedule, and of noise without a variance.
    """
    require_limit(sgd)
    slope, rules = _slope(model), _linear_rules(sgd)
    share, batch = left_by_order(model, sgd), sgd.batch_size
    _require_independent(sgd, share)
    matrix = constant_preconditioner(model, sgd)
    if matrix is None:
        raise NoLimitEquation("the exact covariance needs a constant preconditioner")
    momentum = float(option(sgd, "kept_velocity", sgd.momentum))
    rate = step_time(sgd) * (1 - momentum) * float(matrix[0, 0])
    pull = float(model.hessian([0.0])[0, 0]) + rules.before
    place = -float(model.gradient([0.0])[0]) / pull if pull > 0 else 0.0
    added = together(sgd, "label_std") ** 2 * float(model.mean_square)
    still, bent = (slope**2 * number / batch for number in _noise(model, place))
    still = share * still + slope**2 * added / batch + added_variance(option(sgd, "noises", ()))
    still += 2 * rules.temperature / step_time(sgd)
    ahead = momentum if getattr(sgd.momentum, "looks_ahead", False) else 0.0
    felt = np.array([1.0, ahead])  # where the gradient is taken, in u and v
    step = np.array([[1.0, momentum], [0.0, momentum]]) - rate * pull * felt
    moments = np.kron(step, step) + rate**2 * share * bent * np.kron(felt, felt)
    radius = float(np.abs(np.linalg.eigvals(moments)).max())
    require(
        radius < 1, f"SGD must be stable in mean square, got growth {radius:.6g} a step; reduce the learning rate"
    )
    found = np.linalg.solve(np.eye(len(moments)) - moments, np.full(len(moments), rate**2 * still))
    return np.asarray(found[:1].reshape(1, 1))


def _slope(model: ProductOnData) -> float:
    """2 s dq/dw of an affine q of one variable."""
    require(model.dim == 1, f"a stationary law on data needs one variable of a scalar q, got {model.dim}")
    (q,), (w,) = model.model.q, model.variables
    require(q.diff(w, 2) == 0, f"the exact covariance of SGD needs q affine in w, got {q}")
    return 2 * model.model.loss_scale * float(q.diff(w))


def _noise(model: ProductOnData, place: float) -> tuple[float, float]:
    """Var(u) at a place, and its coefficient of w^2."""
    (w,) = model.variables
    bent = sympy.expand(model.variance).coeff(w, 2)
    return float(model.variance.subs(w, place)), float(bent)


def _linear_rules(sgd: Algorithm) -> ReadRules:
    rules = read_rules(sgd, 1) or ReadRules()
    if rules.shape is not None:
        raise NoLimitEquation(f"the exact covariance is not known of the step rule {rules.shape!r}")
    other = [n for n in option(sgd, "noises", ()) if hasattr(n, "examples_scale") or hasattr(n, "amplification")]
    if other:
        raise NoLimitEquation(f"the exact covariance is not known of {', '.join(map(repr, other))}")
    return rules


def _require_independent(sgd: Algorithm, share: float) -> None:
    if not getattr(option(sgd, "sampling", None), "independent", True) and share > 0:
        raise NoLimitEquation(
            "the exact covariance is that of independent batches, those of an epoch depend on each other"
        )
