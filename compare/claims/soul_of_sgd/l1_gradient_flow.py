"""SGD at a vanishing learning rate is gradient flow."""

from __future__ import annotations

import numpy as np

from compare.claims import Control, Evidence, Finding, MeanOf, Power, between, claim, series_of
from compare.claims.soul_of_sgd import SOUL_OF_SGD
from compare.pictures import Axis, Panel, Picture, Role, Series
from simulate import SGD, run_sgd
from theory import Isotropic, NoisyGradient, SymbolicLandscape
from theory.base.arrays import Array

MODEL = NoisyGradient(SymbolicLandscape("w**4/4"), Isotropic(1.0, 1))
BATCH, END, SLOW = 16, 1.0, 0.98  # the last: how fast the wrong clock of the control runs
RATES = np.array([0.2, 0.1, 0.05, 0.025])
FIRST = between(0.85, 1.15, formula="1 + O(eta)")


def flow(time: Array | float) -> Array:
    """Gradient flow of w^4/4 from 1."""
    return np.asarray((1 + 2 * np.asarray(time)) ** -0.5)


@claim(
    "L1",
    source=SOUL_OF_SGD,
    where="gradient flow",
    statement="As the learning rate eta goes to 0, SGD becomes gradient flow in the time t = i eta after i steps.",
    prediction="At a fixed time the mean of SGD misses the flow by O(eta), as does its mean square distance.",
    quick={"walkers": 1_000_000},
    full={"walkers": 5_000_000},
)
def gradient_flow(*, walkers: int, rng: np.random.Generator) -> Evidence:
    """Orders of both in the rate, on w^4/4 from 1 to time 1."""
    ends = [_walkers(rate, walkers, rng)[-1] for rate in RATES]
    misses = [MeanOf(flow(END) - w) for w in ends]
    squares = [MeanOf((flow(END) - w) ** 2) for w in ends]
    wrong = [MeanOf(flow(SLOW * END) - w) for w in ends]
    distances = Panel(
        Axis(r"learning rate $\eta$", True),
        Axis(r"distance from the flow at $t = 1$", True),
        [
            Series.predicted(r"$\propto \eta$", RATES, misses[-1].value * RATES / RATES[-1]),
            Series.predicted(r"$\propto \eta$", RATES, squares[-1].value * RATES / RATES[-1]),
            series_of("of the mean of SGD", RATES, misses),
            series_of("mean square, of SGD", RATES, squares, Role.REFERENCE),
            series_of("of the mean, if the clock is 2 % slow", RATES, wrong, Role.CONTROL),
        ],
    )
    return Evidence(
        [
            Finding("order in eta in which the mean of SGD comes to the flow", Power(misses[2], misses[3]), FIRST),
            Finding("order in eta of the mean square distance to the flow", Power(squares[2], squares[3]), FIRST),
        ],
        [
            Control(
                Finding("order of the mean if the flow's clock runs 2 % slow", Power(wrong[2], wrong[3]), FIRST)
            )
        ],
        Picture([distances, _paths(walkers // 50, rng)], "SGD on $w^4/4$ comes to gradient flow."),
    )


def _walkers(rate: float, walkers: int, rng: np.random.Generator, save_every: int | None = None) -> Array:
    start = np.ones((walkers, 1))
    found = run_sgd(MODEL, SGD(rate, BATCH), start, steps=round(END / rate), rng=rng, save_every=save_every)
    return found.positions[..., 0]


def _paths(walkers: int, rng: np.random.Generator) -> Panel:
    """Means of SGD with the standard deviation of single walkers as bars."""
    times = np.linspace(0, END, 101)
    series = [Series.predicted("gradient flow", times, flow(times))]
    for rate in (RATES[0], RATES[2]):
        w = _walkers(rate, walkers, rng, save_every=round(max(RATES[0], rate) / rate))
        times = np.linspace(0, END, len(w))
        series.append(Series.measured(rf"SGD, $\eta = {rate:g}$", times, w.mean(axis=1), w.std(axis=1)))
    return Panel(Axis(r"time $t = i \eta$"), Axis("$w$, mean and spread"), series)
