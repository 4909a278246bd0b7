"""The equation that the SGD of a study follows at small learning rates, options included."""

from __future__ import annotations

from dataclasses import replace

from simulate.noise import label_std
from simulate.sgd import SGD
from theory.base.absent import Absent
from theory.equations import Langevin, NoLimitEquation
from theory.equations.algorithm import added_variance, constant_preconditioner, require_limit, with_label_noise
from theory.equations.limit import limit_with
from theory.models import FreshModel, ProductModel
from theory.tensors import FactoredField, Minibatch

__all__ = ["added_variance", "constant_preconditioner", "limit_equation", "limit_in_words", "with_label_noise"]


def limit_equation(model: FreshModel, sgd: SGD, diffusion: FactoredField) -> Langevin | Absent:
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
    return limit if isinstance(model, ProductModel) else replace(limit, landscape=model.landscape)


def limit_in_words(equation: Langevin | Absent, sgd: SGD) -> str:
    """The equation of `limit_equation` as text."""
    if isinstance(equation, Absent):
        return str(equation)
    tensor = "D" if added_variance(sgd.noises) == 0 else "(D + time step V / 2)"
    drift, noise = ("", tensor) if sgd.preconditioner is None else ("P ", f"P {tensor} P")
    where = "D = learning_rate C / (2 batch (1 - momentum))"
    meant = "" if tensor == "D" else ", V the covariance of the added noise"
    return f"dw = -{drift}grad L dt + sqrt(2 {noise}) dW, Ito, {where}{meant}"
