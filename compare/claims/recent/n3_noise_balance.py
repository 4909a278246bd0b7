"""Minibatch noise balances the two layers of a linear network, which gradient flow never does."""

from __future__ import annotations

import numpy as np

from compare.claims import Control, Evidence, Finding, MeanOf, Ratio, Source, claim, equal_to, series_of
from compare.pictures import Axis, Panel, Picture, Role, Series
from simulate import SGD, run_sgd
from theory import Ensemble, ProductModel
from theory.base.arrays import Array

SOURCE = Source(
    "Ziyin, Li & Ueda",
    2023,
    "Noise balance and stationary distribution of stochastic gradient descent",
    "arXiv:2308.06671",
)
MODEL = ProductModel("u*w - 1")  # y = u w x + noise, whose best u w is 1
BATCH, OTHER, START = 4, 5, (2.0, 0.5)  # examples of a batch, and of one as a control
RATES = np.array([0.02, 0.04, 0.08])
ORDER_OF_RATE = 3.0  # what is left out of the law is of relative order eta, with this factor


@claim(
    "N3",
    source=SOURCE,
    where="theorem 1",
    statement="Where the loss does not change as one layer is multiplied and the other divided by a number, "
    "minibatch noise drives u^2 - w^2 to 0 exponentially.",
    prediction="One step multiplies u^2 - w^2 by 1 - eta^2 h^2, where h is the gradient of the batch in u w: near "
    "the minima log|u^2 - w^2| falls by eta^2 E h^2 = eta^2 (1 + (1 + 2/B) B E q^2)/B a step.",
    quick={"walkers": 2000},
    full={"walkers": 50_000},
)
def noise_balance(*, walkers: int, rng: np.random.Generator) -> Evidence:
    """Rates of the fall at three learning rates over the predicted ones, and at larger batches."""
    ratios = [_ratio(_run(SGD(rate, BATCH), walkers, rng), rate, BATCH) for rate in RATES]
    less_noise = _ratio(_run(SGD(RATES[0], OTHER), walkers, rng), RATES[0], BATCH)
    findings = [
        Finding(
            f"the layers are balanced at the rate of noise, eta = {rate:g}",
            one,
            equal_to(1.0, margin=ORDER_OF_RATE * rate),
        )
        for rate, one in zip(RATES, ratios, strict=True)
    ]
    flow = equal_to(0.0, margin=0.5, formula="gradient flow keeps u^2 - w^2")
    controls = [
        Control(
            Finding(f"batches of {OTHER} at the rate of batches of {BATCH}", less_noise, findings[0].predicted)
        ),
        Control(Finding("gradient flow, which keeps u^2 - w^2", ratios[0], flow)),
    ]
    path = _run(SGD(RATES[-1], BATCH), walkers, rng, saved=40)
    return Evidence(findings, controls, _picture(path, ratios))


def _run(sgd: SGD, walkers: int, rng: np.random.Generator, saved: int = 2) -> Ensemble:
    """Walkers from one point of the line of minima, for about one e-folding of the balance."""
    steps = int(BATCH / sgd.learning_rate**2)
    return run_sgd(MODEL, sgd, np.tile(START, (walkers, 1)), steps=steps, rng=rng, save_every=steps // saved)


def _unbalance(positions: Array) -> Array:
    """log|u^2 - w^2| of positions (..., 2)."""
    return np.log(np.abs(positions[..., 0] ** 2 - positions[..., 1] ** 2))


def _ratio(found: Ensemble, rate: float, batch: int) -> Ratio:
    """The fall of log|u^2 - w^2| a step over eta^2 E h^2 for batches of `batch`, at the places of the walkers."""
    fall = (_unbalance(found.positions[0]) - _unbalance(found.positions[-1])) / _steps(found)[-1]
    square = np.mean([MODEL.value(p) * 2 - 1 for p in found.positions[1:]], axis=0)  # q^2, since L = (q^2 + 1)/2
    return Ratio(MeanOf(fall), MeanOf(rate**2 * (1 + (batch + 2) * square) / batch))


def _steps(found: Ensemble) -> Array:
    return np.asarray(found.steps, dtype=np.float64)


def _picture(path: Ensemble, ratios: list[Ratio]) -> Picture:
    steps = _steps(path)
    begin = float(_unbalance(path.positions[0])[0])  # of all walkers
    falls = [MeanOf(_unbalance(one)) for one in path.positions[1:]]
    shown = series_of("SGD", steps[1:], falls, joined=True)
    slope = RATES[-1] ** 2 / BATCH
    line = Series.predicted(r"$-\eta^2\sigma^2/B$ a step", steps, begin - slope * steps)
    kept = Series("gradient flow", steps, np.full(len(steps), begin), Role.CONTROL)
    beside = [series_of("SGD", RATES, ratios), Series.predicted("as predicted", [0.0, RATES[-1]], [1.0, 1.0])]
    panels = [
        Panel(Axis("step"), Axis(r"mean of $\log|u^2-w^2|$"), [shown, line, kept]),
        Panel(Axis(r"learning rate $\eta$"), Axis("rate over the predicted"), beside),
    ]
    return Picture(panels, "Two layers come to balance by minibatch noise.")
