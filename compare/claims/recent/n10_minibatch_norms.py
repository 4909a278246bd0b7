"""After an epoch of random shuffling the mean of SGD is on the flow of a loss with norms of batch gradients."""

from __future__ import annotations

import numpy as np

from compare.claims import (
    Control,
    Evidence,
    Finding,
    MeanOf,
    Measurement,
    Power,
    Source,
    between,
    claim,
    series_of,
)
from compare.pictures import Axis, Panel, Picture, Role, Series
from simulate import SGD, WithoutReplacement, WithReplacement, run_sgd
from theory import Constant, LinearRegression, on_data
from theory.base.arrays import Array
from theory.formulas import OrnsteinUhlenbeck

SMITH = Source(
    "Smith, Dherin, Barrett & De",
    2021,
    "On the origin of implicit regularization in stochastic gradient descent",
    "https://arxiv.org/abs/2101.12176",
)
INPUTS = np.array([[1.0, 0.2], [0.3, -0.9], [-0.8, 1.1], [0.5, 0.6]])
OUTPUTS, START = np.array([1.0, -0.6, 0.4, 1.5]), np.array([1.5, -1.0])
MODEL, EXAMPLES = on_data(LinearRegression(np.eye(2)), INPUTS, OUTPUTS), len(OUTPUTS)
HESSIANS, PUSHES = INPUTS[:, :, None] * INPUTS[:, None, :], INPUTS * OUTPUTS[:, None]  # batches of one example
RATES = (0.2, 0.1, 0.05, 0.025)
SIGNS = {"shuffled": 1, "drawn": -1}  # of the distance from the flow
Sampling = WithoutReplacement | WithReplacement
SAMPLINGS: dict[str, Sampling] = {"shuffled": WithoutReplacement(), "drawn": WithReplacement()}


@claim(
    "N10",
    source=SMITH,
    where="section 2",
    statement="For small finite rates the mean of SGD after an epoch of random shuffling is on the gradient flow "
    "of the loss plus (eta/(4 m)) times the sum of |grad L_k|^2 over its m minibatches, up to O(eta^3).",
    prediction="Order 3 in eta with the norms of the minibatch gradients; 2 without, with that of the whole "
    "gradient in their place, or for batches with replacement.",
    quick={"walkers": 300_000},
    full={"walkers": 4_000_000},
)
def minibatch_norms(*, walkers: int, rng: np.random.Generator) -> Evidence:
    """Distances of the mean, along their limit for small rates, on a regression with four examples."""
    ends = {name: [_ends(rate, by, walkers, rng) for rate in RATES] for name, by in SAMPLINGS.items()}

    def missed(loss: str, sampling: str = "shuffled") -> list[Measurement]:
        pairs = zip(RATES, ends[sampling], strict=True)
        return [MeanOf(SIGNS[sampling] * (w - _flow(loss, rate))) for rate, w in pairs]

    norms, plain, whole, drawn = missed("batches"), missed("loss"), missed("whole"), missed("batches", "drawn")
    third, second = between(2.7, 3.3, formula="3 + O(eta)"), between(1.7, 2.3, formula="2 + O(eta)")
    scale = np.array(RATES)
    panel = Panel(
        Axis(r"learning rate $\eta$", True),
        Axis(r"distance of $\mathrm{E} w_m$ from the flow", True),
        [
            Series.predicted("order 2", scale, plain[-1].value * (scale / scale[-1]) ** 2),
            Series.predicted("order 3", scale, norms[-1].value * (scale / scale[-1]) ** 3),
            series_of("flow of the loss", scale, plain, Role.REFERENCE),
            series_of("with the norms of minibatch gradients", scale, norms),
            series_of("with that of the whole gradient", scale, whole, Role.CONTROL),
        ],
    )
    return Evidence(
        [
            Finding("order with the norms of the minibatch gradients", Power(norms[1], norms[2]), third),
            Finding("order of the flow of the loss", Power(plain[1], plain[2]), second),
        ],
        [
            Control(Finding("order of the flow of the loss", Power(plain[1], plain[2]), third)),
            Control(Finding("order with the norm of the whole gradient", Power(whole[1], whole[2]), third)),
            Control(Finding("order for batches with replacement", Power(drawn[0], drawn[1]), third)),
        ],
        Picture([panel], "The mean of SGD after an epoch of four examples in random order."),
    )


def _ends(rate: float, sampling: Sampling, walkers: int, rng: np.random.Generator) -> Array:
    """The second weight of walkers after an epoch."""
    start = np.tile(START, (walkers, 1))
    return run_sgd(MODEL, SGD(rate, 1, sampling=sampling), start, steps=EXAMPLES, rng=rng).final[:, 1]


def _flow(loss: str, rate: float) -> float:
    """The second weight after the time of an epoch on the flow of a loss, its gradient H w - b being linear."""
    hessian, push = HESSIANS.mean(axis=0), PUSHES.mean(axis=0)
    if loss == "batches":
        square, pushed = (HESSIANS @ HESSIANS).mean(axis=0), np.einsum("kij,kj->i", HESSIANS, PUSHES) / EXAMPLES
    else:
        share = 1.0 if loss == "whole" else 0.0
        square, pushed = share * hessian @ hessian, share * hessian @ push
    pull, push = hessian + rate / 2 * square, push + rate / 2 * pushed
    rest = np.linalg.solve(pull, push)
    process = OrnsteinUhlenbeck(pull, Constant(np.eye(2)))  # whose mean is the flow
    return float((rest + process.mean(START - rest, EXAMPLES * rate))[1])
