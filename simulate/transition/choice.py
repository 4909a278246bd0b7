"""Which operator belongs to a model, its algorithm and its data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulate.data import DataSet
from simulate.problem import Problem
from simulate.sampling import Fresh, WithoutReplacement, WithReplacement
from simulate.sgd import SGD
from simulate.transition.choices import MOST_CHOICES, BatchCount, as_float, in_words, number_of_batches
from simulate.transition.data_nodes import DataNodes
from simulate.transition.data_operator import DataOperator
from simulate.transition.data_step import DataStep, Epochs, with_replacement
from simulate.transition.examples import ExampleGradients
from simulate.transition.operator import TransitionOperator
from simulate.transition.orders import all_orders, number_of_orders, some_orders
from simulate.transition.ruled import follows_rules, rule_operator
from simulate.transition.step import check_axes
from theory.base.errors import require
from theory.laws import Grid
from theory.models import DatasetModel, FreshModel
from theory.tensors.minibatch import AnyNoisyModel

FEWEST_ORDERS = 32  # of a sample, which is parted for its error


def transition_operator(
    model: FreshModel | DatasetModel | AnyNoisyModel,
    sgd: SGD,
    grid: Grid,
    data: DataSet | None = None,
    *,
    orders: int | None = None,
    rng: np.random.Generator | None = None,
) -> TransitionOperator:
    """The Markov kernel of one step of `sgd` on `model`, on `grid`, with fresh data or those of a data set.

    With fresh data see `TransitionOperator`. On a fixed data set it is a `DataOperator`: of one step with
    replacement, of one epoch without. With step rules, Nesterov's momentum or GaussianNoise, in one dimension, it
    is a `RuleOperator`. Under a schedule `evolve` takes a kernel for each rate, and what lasts is that of the
    rate at which it stays. With momentum, in one dimension, the axes of `grid` are position and velocity. A model
    of the user's own must say by `normal` that its batch gradients are: then C(w) is all that the step needs.

    Parameters
    ----------
    data
        The fixed data set of a `ProductModel`, needed by `WithReplacement()` and `WithoutReplacement()`; a
        `DatasetModel` holds its own.
    orders, rng
        Without replacement, where an epoch has too many orders to go through: the operator averages over so many,
        drawn from `rng`, and what its parts differ by joins the error of every law.

    Raises
    ------
    InputError
        If model, sampling and data do not fit, there are more than 2 dimensions (1 with momentum), the grid does
        not fit, q is not scalar for fresh data, or the orders of an epoch are too many to enumerate and no sample
        is asked for.
    """
    if follows_rules(sgd):
        return rule_operator(model, sgd, grid, data)
    fixed = isinstance(sgd.sampling, WithReplacement | WithoutReplacement)
    require(
        orders is None or not isinstance(sgd.sampling, Fresh | WithReplacement),
        f"`orders` are those of an epoch without replacement, got {orders} with {sgd.sampling!r}; leave them out",
    )
    if not fixed and data is None and not isinstance(model, DatasetModel):
        return TransitionOperator(model, sgd, grid)
    problem = Problem(model, sgd, data)  # type: ignore[arg-type]  # it refuses what it does not know
    plain = replace(sgd, schedule=())
    require(
        not plain.variants,
        f"the transition operator is that of plain or heavy-ball SGD, got {plain.variants_in_words}; use run_sgd",
    )
    check_axes(model.dim, sgd, grid)
    require(
        not any(grid.periodic),
        f"a periodic axis needs a NoisyGradient, got a {type(model).__name__}; take a grid without one",
    )
    examples = problem.noisy
    assert isinstance(examples, DatasetModel)
    if isinstance(sgd.sampling, WithReplacement):
        gradients = ExampleGradients.of(examples).merged()
        step, batches = _with_replacement(gradients, sgd)
    else:
        gradients = ExampleGradients.of(examples)
        step, batches = _without_replacement(gradients, sgd, orders, rng)
    nodes = DataNodes.of(step, grid, None if sgd.momentum else gradients.silence)
    return DataOperator(problem, step, batches, nodes)


def _with_replacement(examples: ExampleGradients, sgd: SGD) -> tuple[DataStep, BatchCount]:
    number, step = number_of_batches(len(examples), sgd.batch_size), with_replacement(examples, sgd)
    if step.singular:
        return step, BatchCount(number, "one by one", number)
    return step, BatchCount(as_float(number), "by their mean's law", 0)


def _without_replacement(
    examples: ExampleGradients, sgd: SGD, orders: int | None, rng: np.random.Generator | None
) -> tuple[DataStep, BatchCount]:
    number = number_of_orders(len(examples), sgd.batch_size)
    if orders is None:
        require(
            number <= MOST_CHOICES,
            f"the orders of an epoch must be few enough to go through, at most {MOST_CHOICES}, got "
            f"{in_words(number)} of {len(examples)} examples in batches of {sgd.batch_size}; give `orders` and "
            "`rng` for a sample of them",
        )
        levels = all_orders(len(examples), sgd.batch_size)
        return Epochs(examples, sgd, levels), BatchCount(number, "one by one", number)
    require(
        FEWEST_ORDERS <= orders <= MOST_CHOICES,
        f"`orders` must lie between {FEWEST_ORDERS} and {MOST_CHOICES}, got {orders}",
    )
    require(rng is not None, "a sample of orders needs `rng`, got none; give np.random.default_rng(seed)")
    assert rng is not None
    levels = some_orders(len(examples), sgd.batch_size, orders, rng)
    return Epochs(examples, sgd, levels), BatchCount(as_float(number), "by a sample", orders)
