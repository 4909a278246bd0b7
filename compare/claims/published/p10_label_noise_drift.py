"""Label noise moves SGD along a manifold of minima towards the flattest: at the rate of Damian, Ma and Lee."""

from __future__ import annotations

import numpy as np

from compare.claims import Control, Evidence, Finding, MeanOf, Source, between, claim
from compare.pictures import Axis, Panel, Picture, Series
from simulate import SGD, run_sgd
from theory import Ensemble, Moments, ProductModel
from theory.base.arrays import Array

VALLEY = ProductModel("w1*(1 + w2**2)", loss_scale=1.0)  # minima w1 = 0, curvature 2 (1 + w2^2)^2
SMALL, LARGE = SGD(0.01, 16), SGD(0.1, 256)  # eta h begins at .08 and at .8
SLOW_TIME = 0.2  # eta^2 k/B, in which w2 falls from 1 to about 1/3
TIMES = 10  # at which walkers are seen
MORE = 1.15**0.5  # standard deviation of labels, as a control
SAME = 0.05


@claim(
    "P10",
    source=Source(
        "Blanc, Gupta, Valiant & Valiant; Damian, Ma & Lee",
        2021,
        "Label noise SGD provably prefers flat global minimizers",
        "arXiv:2106.06530",
    ),
    where="theorem 1; Blanc et al. (2020), theorem 1",
    statement="With label noise SGD moves along minima as gradient descent on tr H, by -(eta^2 sigma^2/4B) "
    "grad tr H a step with loss (y - f)^2/2. At finite rates tr H/4 becomes -(1/2 eta) tr log(1 - eta H/2).",
    prediction="On w1 (1 + w2^2): log(u/(1 + u)) - eta (log u + u) falls by 8 eta^2 k/B with u = w2^2; the drift "
    "along tr H leaves out the term in eta. Times within 5 %.",
    quick={"walkers": 400},
    full={"walkers": 8000},
)
def label_noise_drift(*, walkers: int, rng: np.random.Generator) -> Evidence:
    """The slow time that walkers have come by each law, over the one that has passed."""
    small, large = (_run(VALLEY, sgd, walkers, rng) for sgd in (SMALL, LARGE))
    other = _run(VALLEY.with_noise(MORE), SMALL, walkers, rng)
    one = between(1 - SAME, 1 + SAME)
    slowly, any_rate = "eta h is at most .08", "the logarithm is kept"
    return Evidence(
        [
            Finding("the time by the drift along tr H", _time_come(small, 0.0), one, slowly),
            Finding(
                "the time by the drift along tr H",
                _time_come(large, 0.0),
                one,
                "eta h begins at .8 and the logarithm is left out",
            ),
            Finding(
                "the time with the logarithm at eta = .01", _time_come(small, SMALL.learning_rate), one, any_rate
            ),
            Finding(
                "the time with the logarithm at eta = .1",
                _time_come(large, LARGE.learning_rate),
                one,
                any_rate,
            ),
        ],
        [Control(Finding("the time with 15 % more noise of labels", _time_come(other, 0.0), one))],
        _picture({r"SGD, $\eta h \leq 0.08$": (small, SMALL), r"SGD, $\eta h \leq 0.8$": (large, LARGE)}, other),
    )


def _run(model: ProductModel, sgd: SGD, walkers: int, rng: np.random.Generator) -> Ensemble:
    """Walkers from (0, 1), seen at ten times."""
    steps = round(SLOW_TIME * sgd.batch_size / sgd.learning_rate**2 / TIMES) * TIMES
    start = np.tile([0.0, 1.0], (walkers, 1))
    return run_sgd(model, sgd, start, steps=steps, rng=rng, save_every=steps // TIMES)


def _clock(u: Array, rate: float) -> Array:
    """What falls by 8 in a unit of slow time, u being w2^2; `rate` 0 is the drift along tr H."""
    return np.log(u / (1 + u)) - rate * (np.log(u) + u)


def _time_come(run: Ensemble, rate: float) -> MeanOf:
    """The slow time of each walker at the end by the law of this `rate`, over `SLOW_TIME`."""
    return MeanOf((_clock(np.ones(1), rate) - _clock(run.final[:, 1] ** 2, rate)) / (8 * SLOW_TIME))


def _mean(run: Ensemble) -> tuple[Array, Array]:
    """The mean of w2 at each time, and two standard errors."""
    moments = Moments.of(run.positions)
    return moments.mean[:, 1], 2 * moments.mean_error[:, 1]


def _picture(runs: dict[str, tuple[Ensemble, SGD]], other: Ensemble) -> Picture:
    times, path = np.linspace(0.0, SLOW_TIME, TIMES + 1), np.linspace(0.25, 1.0, 100)
    laws = [
        (r"drift along $\nabla\,\mathrm{tr} H$", 0.0),
        *((f"at finite rates, $\\eta = {sgd.learning_rate}$", sgd.learning_rate) for _, sgd in runs.values()),
    ]
    predicted = [
        Series.predicted(label, (_clock(np.ones(1), rate) - _clock(path**2, rate)) / 8, path)
        for label, rate in laws
    ]
    measured = [Series.measured(label, times, *_mean(run)) for label, (run, _) in runs.items()]
    control = Series.control("15 % more label noise", times, *_mean(other))
    panel = Panel(Axis(r"slow time $\eta^2 k/B$"), Axis("$w_2$"), [*predicted, *measured, control])
    return Picture([panel], "Drift along the minima $w_1 = 0$ of $q = w_1 (1 + w_2^2)$ under label noise")
