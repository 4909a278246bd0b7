"""The limit of SGD with a step rule that is not linear."""

from __future__ import annotations

from collections.abc import Sequence

from theory.equations.algorithm import Algorithm, NoLimitEquation
from theory.equations.langevin import Langevin
from theory.equations.step_rules.batch_noise import BatchNoise
from theory.equations.step_rules.memoryless import memoryless_limit
from theory.equations.step_rules.reading import ReadRules, require_normal_noise
from theory.equations.step_rules.remembering import remembering_limit
from theory.landscapes import Landscape
from theory.models import NoisyGradient, ProductModel
from theory.tensors import FactoredField, Minibatch, Scaled, TensorSum


def limit_of_rules(
    model: Landscape, sgd: Algorithm, rules: ReadRules, tensors: Sequence[FactoredField], step: float, order: int
) -> Langevin:
    """The equation of `rules`; `tensors` are the diffusion of independent noises before them, `step` their time.

    Raises
    ------
    NoLimitEquation
        If the rules have no limit of this order.
    """
    require_normal_noise(sgd)
    batches = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], Minibatch) else None
    known = batches is not None and isinstance(batches.model, ProductModel) and batches.model.outputs == 1
    whole = tensors[0] if len(tensors) == 1 else TensorSum(tuple(tensors))
    bare = model.landscape if isinstance(model, NoisyGradient) else model
    covariance = Scaled(whole, 2 / step)
    if batches is not None and known:
        noise = BatchNoise(batches.model, bare, covariance, step, batches.batch_size)
    else:
        noise = BatchNoise(model, bare, covariance, step)
    if rules.remembers:
        return remembering_limit(noise, sgd, rules, order)
    return memoryless_limit(noise, rules, order)


def require_known_order(rules: ReadRules, order: int) -> None:
    """Require that the equation of order 2 is known, which it is not at a temperature.

    Raises
    ------
    NoLimitEquation
        If it is not.
    """
    if order == 2 and rules.temperature:
        raise NoLimitEquation(
            "with noise of a temperature order 1 is known", f"`order` {order}", "take `order` = 1"
        )
