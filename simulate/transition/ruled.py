"""The operator of SGD with step rules, Nesterov's momentum or added normal noise, where the law is known."""

from __future__ import annotations

import math

import numpy as np

from simulate.data import DataSet
from simulate.noise import GaussianNoise
from simulate.problem import Problem
from simulate.rules.rule import ShippedRule
from simulate.sampling import Fresh, WithReplacement
from simulate.sgd import SGD
from simulate.transition.choices import BatchCount, as_float, number_of_batches
from simulate.transition.data_nodes import DataNodes
from simulate.transition.examples import ExampleGradients
from simulate.transition.gradient_law import CountedGradients, GradientLaw, NormalGradients, data_gradients
from simulate.transition.rule_operator import RuleOperator
from simulate.transition.rule_step import RuleStep
from simulate.transition.step import FEWEST_CELLS, as_normal
from theory.base.errors import InputError, require
from theory.laws import Grid
from theory.models import DatasetModel, FreshModel, NoisyGradient, ProductModel
from theory.tensors.minibatch import AnyNoisyModel

KNOWN = {"Nesterov", "rule", "noise"}  # options whose step is followed here
PANELS, PANELS_OF_MIXED = 8, 2  # of Gauss's rule, where a normal law stands alone, and where the batch mixes them


def follows_rules(sgd: SGD) -> bool:
    """Whether the step is that of rules, Nesterov's momentum or normal noise, and of nothing else."""
    options = set(sgd.variants) - {"schedule"}
    normal = all(isinstance(noise, GaussianNoise) for noise in sgd.noises)
    shipped = all(isinstance(rule, ShippedRule) for rule in sgd.rules)
    return bool(options) and options <= KNOWN and normal and shipped


def rule_operator(
    model: FreshModel | DatasetModel | AnyNoisyModel, sgd: SGD, grid: Grid, data: DataSet | None
) -> RuleOperator:
    """The operator of one step on a line, with what the rules remember as a second axis.

    Raises
    ------
    InputError
        If the law of a step is not known here, or the grid does not fit.
    """
    require(
        isinstance(sgd.sampling, Fresh | WithReplacement),
        f"the transition operator with step rules is that of batches with replacement or fresh data, got "
        f"{sgd.sampling!r}; use run_sgd",
    )
    model = as_normal(model, sgd, grid)  # type: ignore[assignment]
    problem = Problem(model, sgd, data)  # type: ignore[arg-type]  # it refuses what it does not know
    require(
        model.dim == 1,
        f"the transition operator with step rules is for 1 dimension, got {model.dim}; use run_sgd",
    )
    law, batches = _gradients(problem)
    mixed = isinstance(law, NormalGradients) and isinstance(model, ProductModel)
    panels = PANELS_OF_MIXED if mixed else PANELS
    added = math.hypot(*(noise.std for noise in sgd.noises if isinstance(noise, GaussianNoise)))
    step = RuleStep(law, sgd, max(batches.followed, 1), panels, added)
    require(
        len(step.remembered) <= 1,
        f"the transition operator holds one number beside w, got {' and '.join(step.remembered)}; use run_sgd",
    )
    axes = ("w", *step.remembered)
    require(
        grid.dim == len(axes), f"`grid` must have {len(axes)} axes, those of {' and '.join(axes)}, got {grid.dim}"
    )
    require(
        min(grid.shape) >= FEWEST_CELLS and not any(grid.periodic),
        f"`grid` must have at least {FEWEST_CELLS} cells along each axis and not close, got {grid}",
    )
    above = np.count_nonzero(grid.edges[-1] > 0)
    require(
        not step.squared or bool(above >= FEWEST_CELLS),
        f"`grid` must have at least {FEWEST_CELLS} cells above 0 along its root mean square, got {above}; raise "
        "its end",
    )
    centres = grid.centers.reshape(-1, grid.dim)[:1]
    places = step.outcomes(centres)[0].shape[1]
    step = RuleStep(law, sgd, places, panels, added)
    return RuleOperator(problem, step, batches, DataNodes.of(step, grid, None, bent=step.squared))


def _gradients(problem: Problem) -> tuple[GradientLaw, BatchCount]:
    """The law of the gradient of a batch."""
    model, batch = problem.model, problem.sgd.batch_size
    if isinstance(problem.sgd.sampling, Fresh):
        if not isinstance(model, ProductModel | NoisyGradient) or getattr(model, "outputs", 1) > 1:
            raise InputError(
                "the transition operator needs a ProductModel with scalar q or a NoisyGradient, got "
                f"{type(model).__name__}; use run_sgd"
            )
        return NormalGradients(model, batch), BatchCount(np.inf, "by Gauss's rules", 0)
    noisy = problem.noisy
    assert isinstance(noisy, DatasetModel)
    examples = ExampleGradients.of(noisy).merged()
    number, law = number_of_batches(len(examples), batch), data_gradients(examples, batch)
    if isinstance(law, CountedGradients):
        return law, BatchCount(number, "one by one", number)
    return law, BatchCount(as_float(number), "by their mean's law", 0)
