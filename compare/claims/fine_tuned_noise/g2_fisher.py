"""Near the minimum of a log-likelihood noise, Fisher matrix and Hessian agree if the model is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from compare.claims import Control, Evidence, Finding, MeanOf, between, claim
from compare.claims.fine_tuned_noise import FINE_TUNED_NOISE
from compare.pictures import Axis, Panel, Picture, Series
from simulate import SGD, WithReplacement, run_sgd
from theory import DatasetModel, logistic_regression
from theory.base.arrays import Array
from theory.noise import DiscreteLabels, information_matrices
from theory.points import locate_minimum

EXAMPLES = 2000
INPUTS = np.array([[1.5, 0.4], [0.0, 0.6]])
TRUTH = np.array([1.0, -0.5])
FLIPPED = 0.1  # of the labels, which go by the sign of one input
RATE, BATCH = 0.2, 10
SAME = (0.95, 1.05)
SLACK = 0.15  # what terms of the next order in eta may do to the spread
SPREADS = (1 - SLACK, 1 + SLACK)
RIGHT, WRONG = "the model is right", "the model is wrong"


@dataclass(frozen=True, eq=False)
class Traces:
    """Of one data set: tr(H^-1 M)/2 of three matrices at the minimum, and of the noise at w = 0."""

    fisher: float
    empirical: float
    noise: float
    elsewhere: float


@claim(
    "G2",
    source=FINE_TUNED_NOISE,
    where="noise, Fisher information and the Hessian",
    statement="Near a minimum of a negative log-likelihood the covariance of the gradients, the Fisher matrix and "
    "the Hessian agree.",
    prediction="With a canonical link the Fisher matrix is the Hessian on any data. The noise is the empirical "
    "Fisher matrix, which takes the labels of the data: H where the model is right, another where it is wrong.",
    quick={"sets": 40, "walkers": 6000},
    full={"sets": 200, "walkers": 40_000},
)
def noise_fisher_and_hessian(*, sets: int, walkers: int, rng: np.random.Generator) -> Evidence:
    """Logistic regression on many data sets, by its own labels and by others; the spread of SGD on each."""
    models = {kind: [_model(kind, rng) for _ in range(sets)] for kind in (RIGHT, WRONG)}
    seen = {kind: [_traces(one) for one in several] for kind, several in models.items()}
    noise = {kind: MeanOf(np.array([one.noise for one in several])) for kind, several in seen.items()}
    spread = {kind: _spread(several, walkers // sets, rng) for kind, several in models.items()}
    fisher = MeanOf(np.array([one.fisher for several in seen.values() for one in several]))
    found = [Finding("Fisher matrix and Hessian agree", fisher, between(*SAME, formula="tr(H^-1 F)/d"))]
    for kind in models:
        found += [
            Finding("the noise is the Hessian", noise[kind], between(*SAME, formula="tr(H^-1 C)/d"), kind),
            Finding("SGD spreads evenly", spread[kind], between(*SPREADS, formula="2B tr Sigma/(eta d)"), kind),
        ]
    gap = MeanOf(spread[WRONG].repeats - [one.empirical for one in seen[WRONG]])
    reason = Finding(
        "SGD spreads as the empirical Fisher matrix says, which takes the labels of the data",
        gap,
        between(-SLACK, SLACK),
    )
    elsewhere = MeanOf(np.array([one.elsewhere for one in seen[RIGHT]]))
    control = Finding("the noise is the Hessian far from the minimum", elsewhere, between(*SAME))
    return Evidence(found, [Control(control)], _picture(seen), [reason])


def _model(kind: str, rng: np.random.Generator) -> DatasetModel:
    x = rng.standard_normal((EXAMPLES, 2)) @ INPUTS
    chance = expit(x @ TRUTH) if kind == RIGHT else np.where(x[:, 0] > 0, 1 - FLIPPED, FLIPPED)
    return logistic_regression(x, (rng.random(EXAMPLES) < chance).astype(float))


def _traces(model: DatasetModel) -> Traces:
    origin = np.zeros(2)
    minimum = locate_minimum(model, origin).position
    matrices = information_matrices(model, minimum, DiscreteLabels())

    def share(matrix: Array, hessian: Array) -> float:
        return float(np.trace(np.linalg.solve(hessian, matrix))) / 2

    return Traces(
        share(matrices.fisher, matrices.hessian),
        share(matrices.empirical, matrices.hessian),
        share(model.gradient_covariance(minimum), matrices.hessian),
        share(model.gradient_covariance(origin), model.hessian(origin)),
    )


def _spread(models: Sequence[DatasetModel], walkers: int, rng: np.random.Generator) -> MeanOf:
    """2 B tr Sigma / (eta d) of SGD on each data set, which is tr(H^-1 C)/d to first order in eta."""
    sgd, found = SGD(RATE, BATCH, sampling=WithReplacement()), []
    for model in models:
        start = np.tile(locate_minimum(model, np.zeros(2)).position, (walkers, 1))
        final = run_sgd(model, sgd, start, steps=600, rng=rng).final
        found.append(float(final.var(axis=0, ddof=1).sum()) * BATCH / RATE)
    return MeanOf(np.array(found))


def _picture(seen: dict[str, list[Traces]]) -> Picture:
    lines = [Series.predicted("agreement", [0.0, len(seen[RIGHT]) + 1.0], [1.0, 1.0])]
    for kind, several in seen.items():
        sets = np.arange(1.0, len(several) + 1)
        lines.append(Series.measured(f"noise, {kind}", sets, [one.noise for one in several]))
    fisher = [one.fisher for one in seen[WRONG]]
    lines.append(Series.measured(f"Fisher matrix, {WRONG}", np.arange(1.0, len(fisher) + 1), fisher))
    panel = Panel(Axis("data set"), Axis(r"$\mathrm{tr}(H^{-1} M)/d$", limits=(0.0, 2.0)), lines)
    return Picture([panel], "Noise and Fisher matrix over the Hessian, at minima of logistic regressions.")
