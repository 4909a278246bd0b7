"""SGD leaves a sharp minimum over a barrier, and the fraction left decays exponentially."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from compare.claims import (
    Computed,
    Control,
    Evidence,
    Finding,
    MeanOf,
    Outcome,
    Share,
    at_least,
    between,
    claim,
    equal_to,
)
from compare.claims.sticky import STICKY
from compare.claims.sticky.cubic import SETTLED, W0, cubic, left_of_barrier, spread
from compare.pictures import Axis, Panel, Picture, Role, Series
from simulate import SGD, Survival, WithoutReplacement, draw_data, step_stability, transition_operator
from theory import Density, DensityClass, Estimate, FokkerPlanck, Grid, langevin_limit
from theory.base.arrays import Array
from theory.base.shares import percent

STEPS, EXAMPLES, REACH, CELLS = 50, 1000, 3.6, 400
READ = [(0, 0.295), (10, 0.066), (20, 0.014), (30, 0.0025)]  # step and fraction left in figure 1, by eye
READ_RATE = Estimate(0.163, 0.005)  # a step, figure 1
SLOW_RATE = Estimate(0.005, 0.005)  # a step, figure 7 at the learning rate .007
SAME_RATE = 0.25  # of a rate: what counts as one exponential
SAME_SHARE = 0.02
FEW = 0.01  # left, beyond which the decay is not looked at: too few walkers
ORIGINAL = SGD(0.01, 20, sampling=WithoutReplacement(epochs=1))
TINY_STEPS = replace(ORIGINAL, learning_rate=0.0001)
FULL_BATCHES = SGD(0.01, EXAMPLES, sampling=WithoutReplacement())
EVERY = {ORIGINAL: 1, TINY_STEPS: 8, FULL_BATCHES: 80}  # walkers, of which one is run: a step of all is dear


@claim(
    "S2",
    source=STICKY,
    where="figure 1",
    statement="Noise carries SGD over a potential barrier out of a sharp minimum; the fraction left there decays "
    "exponentially, at the rate .163 a step.",
    prediction="Two halves of the decay have one rate, and that of figure 1 is one that data sets of 1000 have. "
    "Of noise that carries walkers over, the Langevin equation says how many are left.",
    quick={"data_sets": 24, "walkers": 2400, "cells": 60},
    full={"data_sets": 64, "walkers": 10_000, "cells": 400},
)
def barrier(*, data_sets: int, walkers: int, cells: int, rng: np.random.Generator) -> Evidence:
    """Survival over data sets, beside tiny steps, full batches, the limit law and the exact operator."""
    model, grid = cubic(), Grid(-REACH, REACH, CELLS)
    runs: dict[SGD, list[Survival]] = {ORIGINAL: [], TINY_STEPS: [], FULL_BATCHES: []}
    squares = []
    for _ in range(data_sets):
        data, start = draw_data(model, EXAMPLES, rng), _evenly(walkers, rng)
        squares.append(float((data.x**2).mean()))
        for sgd, seen in runs.items():
            seen.append(left_of_barrier(W0, sgd, start[:: EVERY[sgd]], STEPS, rng, data=data))
    curves = runs[ORIGINAL]
    rates = np.array([float(one.rate(SETTLED)) for one in curves])
    stable = left_of_barrier(W0, SGD(0.005, 20), np.full((walkers, 1), -W0), STEPS, rng)
    law = FokkerPlanck(langevin_limit(model, ORIGINAL), grid).limit_law(Density.from_log(grid, np.zeros(CELLS)))
    kept = sum(
        weight for weight, one in zip(law.weights, law.classes, strict=True) if isinstance(one, DensityClass)
    )
    exact = transition_operator(model, SGD(0.01, 20), Grid(-REACH, REACH, cells)).escape_rate(
        lambda w: w[..., 0] < -W0 / 3
    )
    by_noise = equal_to(kept, margin=SAME_SHARE, formula="Langevin equation")
    one_rate, common = equal_to(1.0, margin=SAME_RATE), between(*spread(rates), formula="99 of 100 data sets")
    repels = step_stability(model, ORIGINAL, [-W0])
    findings = [
        Finding("the fraction left decays exponentially", _changes(curves), one_rate),
        Finding("the rate of figure 1 is one that data sets have", Computed(READ_RATE), common),
        Finding("noise as the Langevin equation has it carries walkers over", MeanOf(_left(curves)), by_noise),
    ]
    reasons = [
        Finding(
            "the sharp minimum repels the mean step itself (eta h = 3.36 > 2)",
            Computed(Estimate(repels.learning_rate * repels.curvature, 0.0)),
            at_least(repels.limit),
        ),
        Finding(
            "SGD stays there where it attracts the mean step (eta h = 1.68)",
            Share(int(stable.inside[-1]), walkers),
            at_least(1 - SAME_SHARE),
        ),
    ]
    stay = Estimate(
        float(_left(runs[TINY_STEPS]).mean()), EVERY[TINY_STEPS] / walkers
    )  # by a walker, starts being even
    first = np.array([np.log(one.fraction[0] / one.fraction[SETTLED]) / SETTLED for one in curves])
    controls = [
        Control(Finding("the rate of the first three steps and the later one", MeanOf(first / rates), one_rate)),
        Control(Finding("the rate of figure 7 at the learning rate .007", Computed(SLOW_RATE), common)),
        Control(Finding("steps a hundredth as long", Computed(stay), by_noise), Outcome.HOLDS),
    ]
    return Evidence(findings, controls, _picture(runs, kept, exact), reasons, _notes(runs, rates, squares, exact))


def _evenly(walkers: int, rng: np.random.Generator) -> Array:
    """Places evenly over the interval, shifted by chance (walkers, 1): in each part as many as its length says."""
    return np.asarray(REACH * (2 * (np.arange(walkers)[:, None] + rng.random()) / walkers - 1))


def _changes(curves: Sequence[Survival]) -> MeanOf:
    """The rate in the second half of the decay over that in the first."""
    halves = [one.halves(SETTLED, FEW) for one in curves]
    return MeanOf(np.array([float(late) / float(early) for early, late in halves]))


def _left(curves: Sequence[Survival]) -> Array:
    """The shares that are left at the end."""
    return np.array([one.fraction[-1] for one in curves])


def _notes(runs: dict[SGD, list[Survival]], rates: Array, squares: list[float], exact: Estimate) -> list[str]:
    lost = np.mean([one.diverged[-1] / one.walkers for one in runs[ORIGINAL]])
    whole = np.array([float(one.rate(SETTLED)) for one in runs[FULL_BATCHES]])
    leaves, means = whole > rates.min() / 2, np.array(squares)
    return [
        f"Rates of {len(rates)} data sets: mean {rates.mean():.3f}, standard deviation {rates.std(ddof=1):.3f}; "
        f"their correlation with the mean of x^2 is {np.corrcoef(rates, squares)[0, 1]:.2f}.",
        f"The exact rate with fresh batches is {float(exact):.4f} a step; {percent(float(lost))} of the walkers "
        "diverge.",
        f"Full batches leave on {leaves.sum()} of {len(rates)} data sets: plain descent leaves beyond its crisis, "
        "eta h = 3.35, just where this landscape is, and wanders within the basin below; batches push it out. "
        f"Mean of x^2 where it leaves: {_range(means[leaves])}, where not: {_range(means[~leaves])}.",
    ]


def _range(numbers: Array) -> str:
    return f"{numbers.min():.3f} to {numbers.max():.3f}" if len(numbers) else "nowhere"


def _picture(runs: dict[SGD, list[Survival]], kept: float, exact: Estimate) -> Picture:
    one, steps, read = runs[ORIGINAL][0], np.arange(STEPS + 1.0), np.array(READ)
    low, high = np.array([Share(int(n), one.walkers).interval(0.95) for n in one.inside]).T
    every = np.array([curve.fraction for curve in runs[ORIGINAL]])
    ends = {"low": every.min(axis=0), "high": every.max(axis=0)}
    descent = np.mean([curve.fraction for curve in runs[FULL_BATCHES]], axis=0)
    decay = one.fraction[SETTLED] * np.exp(-float(exact) * (steps[SETTLED:] - SETTLED))
    series = [
        Series("SGD, one data set", steps, one.fraction, low=low, high=high),
        Series("data sets: median, all", steps, np.median(every, axis=0), Role.REFERENCE, **ends),
        Series("figure 1 of the source", read[:, 0], read[:, 1], Role.REFERENCE, joined=False),
        Series.predicted("exact rate, fresh batches", steps[SETTLED:], decay),
        Series.predicted("Langevin equation", steps, np.full(len(steps), kept)),
        Series.control("full batches, mean of data sets", steps, descent, joined=True),
    ]
    panel = Panel(Axis("step"), Axis("fraction left of the barrier", True, (0.001, 1.0)), series)
    return Picture([panel], "The fraction of walkers that is left at the sharp minimum.")
