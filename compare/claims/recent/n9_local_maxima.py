"""With a large constant rate SGD comes to rest on a local maximum of the loss."""

from __future__ import annotations

import numpy as np

from compare.claims import (
    Control,
    Evidence,
    Finding,
    MeanOf,
    Sampled,
    Share,
    Source,
    at_least,
    at_most,
    between,
    claim,
    series_of,
)
from compare.pictures import Axis, Mark, Panel, Picture, Series
from simulate import SGD, WithReplacement, run_sgd
from theory import DatasetModel, Ensemble, Estimate
from theory.base.arrays import Array

SOURCE = Source(
    "Ziyin, Li, Simon & Ueda",
    2022,
    "SGD with a constant large learning rate can converge to local maxima",
    "arXiv:2107.11774",
)
CURVATURES = np.array([1.0, -1.2])  # of the two examples at w = 0; their mean is negative
MINIMA = float((-CURVATURES.mean()) ** 0.5)  # of L = mean curvature w^2/2 + w^4/4
LARGE, SMALL = 0.6, 0.15  # the exponent at 0 is 0 at 1/6
RATES = (0.05, 0.1, 0.15, 0.2, 0.3, 0.45, 0.6, 0.8)
REACHED = 1e-6  # from the maximum
NEAR, COUNTED = 1e-5, 40  # where the loss is a parabola still, and the steps from there


@claim(
    "N9",
    source=SOURCE,
    where="section on convergence to local maxima",
    statement="There are losses and data with which SGD at a large constant rate converges to a local maximum.",
    prediction="Examples x_i w^2/2 + w^4/4 with mean x < 0: w = 0 is a maximum, and |w| changes there by the "
    "factor |1 - eta x_i| a step. SGD comes to it where the mean of log|1 - eta x_i| is negative, eta > 1/6.",
    quick={"walkers": 4000, "steps": 1500},
    full={"walkers": 20_000, "steps": 3000},
)
def rest_on_a_maximum(*, walkers: int, steps: int, rng: np.random.Generator) -> Evidence:
    """SGD from the minima at several rates, and the growth of small distances from the maximum."""
    start = np.full((walkers, 1), MINIMA)
    ends = {rate: _run(rate, start, steps, rng) for rate in RATES}
    resting = {rate: Share(int((np.abs(one.final) < REACHED).sum()), walkers) for rate, one in ends.items()}
    growth = {rate: _growth(rate, walkers, rng) for rate in RATES}
    slope = MODEL.hessian(np.zeros(1))[0, 0]
    found = [
        Finding(
            "the loss has a maximum at 0", Sampled(Estimate(slope, 0.0)), at_most(-1 / 20, formula="curvature")
        ),
        Finding("SGD at the rate 0.6 comes to it", resting[LARGE], at_least(0.99)),
        Finding(
            "log|w| changes as predicted near it",
            growth[LARGE],
            between(exponent(LARGE) - 0.02, exponent(LARGE) + 0.02, formula="mean of log|1 - eta x_i|"),
        ),
    ]
    control = Finding("SGD at the rate 0.15 comes to it", resting[SMALL], at_least(0.99))
    return Evidence(found, [Control(control)], _picture(growth, resting))


def exponent(rate: float) -> float:
    """The mean of log|1 - eta x_i| over the examples."""
    return float(np.log(np.abs(1 - rate * CURVATURES)).mean())


def _loss(w: Array, x: Array, y: Array) -> Array:
    return np.asarray(y * w[..., 0] ** 2 / 2 + w[..., 0] ** 4 / 4)


def _gradient(w: Array, x: Array, y: Array) -> Array:
    return np.asarray(y[..., None] * w + w**3)


MODEL = DatasetModel(np.zeros((2, 1)), CURVATURES, _loss, _gradient, dim=1)


def _run(rate: float, start: Array, steps: int, rng: np.random.Generator) -> Ensemble:
    return run_sgd(MODEL, SGD(rate, 1, sampling=WithReplacement()), start, steps=steps, rng=rng)


def _growth(rate: float, walkers: int, rng: np.random.Generator) -> MeanOf:
    """Changes of log|w| a step, of each walker that starts near the maximum."""
    final = _run(rate, np.full((walkers, 1), NEAR), COUNTED, rng).final[:, 0]
    return MeanOf(np.log(np.abs(final / NEAR)) / COUNTED)


def _picture(growth: dict[float, MeanOf], resting: dict[float, Share]) -> Picture:
    rates = np.linspace(RATES[0], RATES[-1], 100)
    exponents = [
        Series.predicted(r"mean of $\log|1 - \eta x_i|$", rates, [exponent(one) for one in rates]),
        series_of("SGD", RATES, list(growth.values())),
    ]
    shares = [series_of("SGD from a minimum", RATES, list(resting.values()))]
    rate = Axis(r"learning rate $\eta$")
    edge = Mark(1 / 6, "exponent 0")
    return Picture(
        [
            Panel(rate, Axis(r"change of $\log|w|$ a step"), exponents, marks=[edge]),
            Panel(rate, Axis("share at rest at 0", limits=(-0.05, 1.05)), shares, marks=[edge]),
        ],
        r"SGD on two examples $x_i w^2/2 + w^4/4$, $x = 1, -1.2$: a maximum at 0 that draws walkers in.",
    )
