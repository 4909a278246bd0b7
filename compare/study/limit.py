"""The equation that the SGD of a study follows at small learning rates, options included."""

from __future__ import annotations

from dataclasses import replace

from simulate.noise import label_std
from simulate.sgd import SGD
from theory.base.absent import Absent
from theory.equations import EnlargedLangevin, Langevin, NoLimitEquation
from theory.equations.algorithm import added_variance, constant_preconditioner, require_limit, with_label_noise
from theory.equations.limit import limit_with
from theory.models import FreshModel, NoisyGradient, ProductModel, ProductOnData
from theory.tensors import FactoredField, Minibatch

__all__ = ["added_variance", "constant_preconditioner", "limit_equation", "limit_in_words", "with_label_noise"]


def limit_equation(model: FreshModel | ProductOnData, sgd: SGD, diffusion: FactoredField) -> Langevin | Absent:
    """`langevin_limit` of `sgd` where plain SGD has the tensor `diffusion`, or why there is none."""
    try:
        require_limit(sgd)
        if label_std(sgd.noises):
            if not isinstance(model, ProductModel) or not isinstance(diffusion, Minibatch):
                return Absent("label noise joins that of the batches, which [noise] replaces; take kind minibatch")
            diffusion = Minibatch(with_label_noise(model, sgd), diffusion.learning_rate, sgd.batch_size)
        limit = limit_with(model, sgd, diffusion)
    except NoLimitEquation as refusal:
        return Absent(refusal.reason)
    if isinstance(limit, EnlargedLangevin):
        return more_than_w(limit)
    if not isinstance(model, NoisyGradient) or limit.landscape is not model:
        return limit
    return replace(limit, landscape=model.landscape)


def more_than_w(limit: EnlargedLangevin) -> Absent:
    """Why a study has no law by an equation that has coordinates beside w."""
    return Absent(
        f"the equation of this rule lives on more than w: on {', '.join(limit.names)}; take langevin_limit"
    )


def limit_in_words(equation: Langevin | Absent, sgd: SGD) -> str:
    """The equation of `limit_equation` as text."""
    if isinstance(equation, Absent):
        return str(equation)
    if sgd.rules:
        return "dw = -E u dt + sqrt(time step Cov u) dW, Ito, u what the rules make of a batch's gradient"
    tensor = "D" if added_variance(sgd.noises) == 0 else "(D + time step V / 2)"
    drift, noise = ("", tensor) if sgd.preconditioner is None else ("P ", f"P {tensor} P")
    where = "D = learning_rate C / (2 batch (1 - momentum))"
    meant = "" if tensor == "D" else ", V the covariance of the added noise"
    return f"dw = -{drift}grad L dt + sqrt(2 {noise}) dW, Ito, {where}{meant}"
