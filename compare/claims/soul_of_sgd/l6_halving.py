"""Halving the learning rate halves the distance to the least loss."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from compare.claims import Control, Evidence, Finding, MeanOf, Ratio, between, claim, equal_to
from compare.claims.soul_of_sgd import SOUL_OF_SGD
from compare.pictures import Axis, Panel, Picture, Role, Series
from simulate import SGD, Step, run_sgd
from theory import Isotropic, LinearRegression, NoisyGradient, SymbolicLandscape, linear_regression_covariance
from theory.base.arrays import Array

REGRESSION, QUARTIC = LinearRegression(1.0), NoisyGradient(SymbolicLandscape("w**4/4"), Isotropic(1.0, 1))
SLOW, FAST, FLAT = SGD(0.03, 4), SGD(1.0, 4), SGD(0.1, 1)  # the edge of stability of the regression is at 4/3
LOWEST = {REGRESSION: 0.5, QUARTIC: 0.0}  # losses
PLATEAU, LAST = 600, 2  # steps of one rate, of which half are many times to settle; halvings in the picture
LOOKS = 10  # at a plateau, spread over its second half
Models = LinearRegression | NoisyGradient
LINEAR, EDGE = "the rate is far below the edge of stability", "the rate is near it"


@claim(
    "L6",
    source=SOUL_OF_SGD,
    where="after eq. 9",
    statement="Halving the learning rate halves the distance of the loss to the locally least one.",
    prediction="The loss above the least is eta s^2 a/(2 B (2 - eta a (1 + 2/B))) for linear regression: "
    "proportional to eta only far below the edge.",
    quick={"walkers": 50_000},
    full={"walkers": 400_000},
)
def halving(*, walkers: int, rng: np.random.Generator) -> Evidence:
    """Mean losses on the plateaus before and after, at low and high rates, and at a quartic minimum."""
    half = between(0.47, 0.53, formula="1/2 + O(eta h)")
    cases = ((REGRESSION, SLOW, 0.5), (QUARTIC, FLAT, 0.5), (REGRESSION, FAST, 0.5), (REGRESSION, SLOW, 0.6))
    low, flat, high, other = (
        _ratio(_looks(model, sgd, factor, (PLATEAU,), walkers, PLATEAU // (2 * LOOKS), rng))
        for model, sgd, factor in cases
    )
    exact = _exact(FAST.learning_rate / 2) / _exact(FAST.learning_rate)
    return Evidence(
        [
            Finding("ratio of losses above the least: regression", low, half, LINEAR),
            Finding("ratio of losses above the least: quartic minimum", flat, half, LINEAR),
            Finding("ratio of losses above the least: regression at 3/4 of the edge", high, half, EDGE),
        ],
        [
            Control(Finding("ratio if the rate is taken times 0.6", other, half)),
        ],
        Picture([_plateaus(walkers // 10, rng)], "The loss under a rate that is halved twice."),
        reasons=[
            Finding(
                "the loss of regression grows as eta/(2 - eta a (1 + 2/B))",
                high,
                equal_to(exact, margin=0.03, formula="exact"),
            )
        ],
    )


def _exact(rate: float) -> float:
    """The stationary loss of the regression above its least."""
    return float(linear_regression_covariance(REGRESSION, rate, FAST.batch_size)[0, 0]) / 2


def _looks(
    model: Models, sgd: SGD, factor: float, at: tuple[int, ...], walkers: int, every: int, rng: np.random.Generator
) -> Array:
    """Losses above the least (looks, walkers), the rate being multiplied by the factor at some steps."""
    changed = replace(sgd, schedule=Step(at, factor))
    steps = at[-1] + PLATEAU
    found = run_sgd(model, changed, np.zeros((walkers, 1)), steps=steps, rng=rng, save_every=every)
    return model.value(found.positions) - LOWEST[model]


def _ratio(losses: Array) -> Ratio:
    """The loss after the change over that before, each walker's averaged over the second half of the plateau."""
    before, after = losses[LOOKS + 1 : 2 * LOOKS + 1], losses[-LOOKS:]
    return Ratio(MeanOf(after.mean(axis=0)), MeanOf(before.mean(axis=0)))


def _plateaus(walkers: int, rng: np.random.Generator) -> Panel:
    """Mean losses over those before the first change, and a half, a quarter and an eighth."""
    at, every = tuple(PLATEAU * k for k in range(1, LAST + 1)), PLATEAU // 20
    series = []
    cases: dict[str, tuple[Models, SGD, Role]] = {
        "regression": (REGRESSION, SLOW, Role.MEASURED),
        "quartic minimum": (QUARTIC, FLAT, Role.REFERENCE),
        "regression near the edge": (REGRESSION, FAST, Role.CONTROL),
    }
    for name, (model, sgd, role) in cases.items():
        losses = _looks(model, sgd, 0.5, at, walkers, every, rng)[1:]
        means, errors = losses.mean(axis=1), 2 * losses.std(axis=1) / walkers**0.5
        unit, steps = means[at[0] // every - 1], every * np.arange(1.0, len(losses) + 1)
        low, high = (means - errors) / unit, (means + errors) / unit
        series.append(Series(name, steps, means / unit, role, low, high, joined=False))
    levels = 0.5 ** np.repeat(np.arange(LAST + 1), 2)
    edges = np.concatenate([[0], np.repeat(at, 2), [at[-1] + PLATEAU]])
    series.append(Series.predicted("halved at each change", edges, levels))
    return Panel(Axis("step"), Axis(r"$(\mathrm{E}L - L^*)$ over that before", logarithmic=True), series)
