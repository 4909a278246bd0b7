"""Noise takes walkers off a strict saddle in a time that grows as log B, unless it vanishes there."""

from __future__ import annotations

import numpy as np

from compare.claims import (
    Computed,
    Control,
    Difference,
    Evidence,
    Finding,
    Ratio,
    Sampled,
    Share,
    at_least,
    at_most,
    between,
    claim,
    series_of,
)
from compare.claims.fine_tuned_noise import FINE_TUNED_NOISE
from compare.pictures import Axis, Panel, Picture, Series
from simulate import SGD, FirstEvent, first_exit
from theory import (
    Estimate,
    Isotropic,
    NoisyGradient,
    ProductModel,
    SymbolicLandscape,
    sgd_saddle_passage_time,
)
from theory.base.arrays import Array

RATE, FAR = 0.1, 0.7
OTHER_RATE = 0.11
ENDS = SMALL, LARGE = 16, 4096
BATCHES = (16, 64, 256, 1024, 4096)
LONGER = 1.2  # times the time of small batches, and beyond: stuck
STEPS = 1000
NEAR = 0.01  # to the saddle, for walkers that would never leave it itself
NOTHING = 1e-12
STRICT = NoisyGradient(SymbolicLandscape("x**2/2 - y**2/2", ("x", "y")), Isotropic(1.0, 2))
BARE = ProductModel("x*y - 1")  # gradient and noise of every batch are multiples of (y, x)
REACHES, VANISHES = "noise reaches the unstable direction", "the noise of batches vanishes at the saddle"


@claim(
    "G4",
    source=FINE_TUNED_NOISE,
    where="saddle points",
    statement="Large batches get stuck near saddles, and the noise of small ones frees them.",
    prediction="From a strict saddle with noise C/B along its unstable direction the mean number of steps is "
    "(log(2 a^2/s^2) + gamma)/(2 log(1 + eta l)) + 1/2, s^2 ~ 1/B: it grows as log B. Where the noise is a "
    "multiple of a gradient that vanishes at the saddle nobody leaves it, and from near it B hardly matters.",
    quick={"walkers": 40_000},
    full={"walkers": 400_000},
)
def times_at_saddles(*, walkers: int, rng: np.random.Generator) -> Evidence:
    """First exits of SGD from the surroundings of two saddles, for several batch sizes."""
    at, near = np.zeros((walkers, 2)), np.full((walkers, 2), NEAR)
    strict = {b: _exits(STRICT, b, at, rng) for b in BATCHES}
    bare = {b: _exits(BARE, b, near, rng) for b in BATCHES}
    stuck = _exits(BARE, SMALL, at, rng)
    times = {REACHES: _mean(strict), VANISHES: _mean(bare)}
    found = [
        Finding("noise frees walkers from the saddle", _left(one), at_least(0.99), condition)
        for condition, one in ((REACHES, strict[SMALL]), (VANISHES, stuck))
    ]
    for condition, mean in times.items():
        grown = Ratio(mean[LARGE], mean[SMALL])
        found.append(Finding("large batches take longer to leave", grown, at_least(LONGER), condition))
    predicted = [sgd_saddle_passage_time(STRICT, SGD(RATE, b), (0, 0), FAR).time / RATE for b in ENDS]
    more = predicted[1] - predicted[0]
    delay = Difference(times[REACHES][LARGE], times[REACHES][SMALL])
    found.append(
        Finding(
            "the time grows as log B", delay, between(more - 1, more + 1, formula="log(B/b)/(2 log 1.1)"), REACHES
        )
    )
    power = float(np.trace(BARE.gradient_covariance(np.zeros(2))))
    vanishing = Computed(Estimate(power, NOTHING))
    reason = Finding("gradients of all examples vanish together there", vanishing, at_most(10 * NOTHING))
    other = np.log(LARGE / SMALL) / (2 * np.log1p(OTHER_RATE))
    wrong = Finding("the time grows as at the learning rate 0.11", delay, between(other - 1, other + 1))
    return Evidence(found, [Control(wrong)], _picture(times, predicted), [reason])


def _exits(model: NoisyGradient | ProductModel, batch: int, start: Array, rng: np.random.Generator) -> FirstEvent:
    return first_exit(model, SGD(RATE, batch), start, f"y > {-FAR} and y < {FAR}", steps=STEPS, rng=rng)


def _left(exits: FirstEvent) -> Share:
    return Share(int((exits.event >= 0).sum()), len(exits.event))


def _mean(exits: dict[int, FirstEvent]) -> dict[int, Sampled]:
    """Mean steps; those who never leave count with all steps."""
    found = {}
    for batch, one in exits.items():
        steps = np.where(one.event < 0, one.steps, one.event)
        found[batch] = Sampled(Estimate(steps.mean(), steps.std(ddof=1) / len(steps) ** 0.5))
    return found


def _picture(times: dict[str, dict[int, Sampled]], predicted: list[float]) -> Picture:
    lines = [Series.predicted("linear theory, strict saddle", ENDS, predicted)]
    for condition, mean in times.items():
        lines.append(series_of(f"SGD, {condition}", BATCHES, list(mean.values())))
    x, y = Axis("batch size $B$", logarithmic=True), Axis("mean steps to leave", limits=(0.0, 80.0))
    return Picture([Panel(x, y, lines)], "Steps that SGD takes to leave the surroundings of a saddle.")
