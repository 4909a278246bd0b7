"""The slope of the loss in the learning rate at 0 is the mean square of the gradient over 4."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from compare import BySampling, LossSlope, loss_slope
from compare.claims import Control, Evidence, Finding, MeanOf, Ratio, Sampled, claim, equal_to
from compare.claims.soul_of_sgd import SOUL_OF_SGD
from compare.pictures import Axis, Panel, Picture, Role, Series
from simulate import SGD, WithoutReplacement, WithReplacement, run_sgd
from theory import (
    DatasetModel,
    Estimate,
    Isotropic,
    LinearRegression,
    NoisyGradient,
    SymbolicLandscape,
    logistic_regression,
    on_data,
)

X, LABELS = np.array([0.3, 1.0, 2.0, -1.0, 0.5, -2.0, 4.0]), np.array([1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0])
INPUTS, OUTPUTS = np.array([-1.3, -0.7, -0.2, 0.4, 0.9, 1.5]), np.array([0.2, -0.5, 3.0, -0.1, -0.6, 1.9])
SKEWED = on_data(LinearRegression(1.0), INPUTS[:, None], OUTPUTS)
CURVED, DRAWN = SymbolicLandscape("w**2/2 + w**3/6 + w**4/8"), WithReplacement()
REGULAR: dict[str, tuple[LinearRegression | NoisyGradient | DatasetModel, SGD]] = {
    "regression, fresh data": (LinearRegression([[1.0, 0.3], [0.3, 0.6]]), SGD(0.1, 4)),
    "curved loss, normal noise": (NoisyGradient(CURVED, Isotropic(1.0, 1)), SGD(0.1, 4)),
    "regression, skewed labels": (SKEWED, SGD(0.1, 1, sampling=DRAWN)),
    "logistic regression, skewed noise": (logistic_regression(X[:, None], LABELS), SGD(0.1, 2, sampling=DRAWN)),
}
QUARTIC = NoisyGradient(SymbolicLandscape("w**4/4"), Isotropic(1.0, 1)), SGD(0.1, 1)
RATES, FINITE = np.array([0.025, 0.05, 0.1]), 0.5
DEFINITE, DEGENERATE = "the Hessian is positive definite at the minimum", "the minimum is degenerate"
SAME = equal_to(1.0, margin=0.05, formula="E|g|^2/4")
EXACT = equal_to(1.0, margin=0.05, formula="exact at any rate")
BURN_IN = 123  # within an epoch


@claim(
    "L5",
    source=SOUL_OF_SGD,
    where="eq. 9",
    statement="The derivative of the stationary loss in the learning rate at 0 is E|g|^2/4, whatever the shape of "
    "the stationary law.",
    prediction="dE[L]/deta = E|g|^2/4 = tr C/(4 B) at a minimum with H > 0, and for quadratic losses with "
    "independent batches E[L] - L* = (eta/4) E|g|^2 at any rate; at w^4/4 the slope is half of that.",
    quick={"walkers": 3000, "walkers_of_identity": 200_000},
    full={"walkers": 20_000, "walkers_of_identity": 1_500_000},
)
def heat_capacity(*, walkers: int, walkers_of_identity: int, rng: np.random.Generator) -> Evidence:
    """Slopes by sampling over what is predicted, and the identity at a finite rate."""
    method = BySampling(walkers=walkers, steps=400, burn_in=400, observations=10)
    slopes = {
        name: loss_slope(model, sgd, RATES, method=method, rng=rng) for name, (model, sgd) in REGULAR.items()
    }
    flat = loss_slope(*QUARTIC, 2 * RATES, method=method, rng=rng)
    quarter = 1 / (4 * QUARTIC[1].batch_size)  # tr C / (4 B)
    identity, dependent = (
        _identity(replace(REGULAR["regression, skewed labels"][1], sampling=sampling), walkers_of_identity, rng)
        for sampling in (DRAWN, WithoutReplacement())
    )
    last = slopes["logistic regression, skewed noise"]
    return Evidence(
        [
            *(
                Finding(f"slope over E|g|^2/4: {name}", _over(found, _predicted(found)), SAME, DEFINITE)
                for name, found in slopes.items()
            ),
            Finding(f"loss over (eta/4) E|g|^2 of a quadratic at eta = {FINITE:g}", identity, EXACT, DEFINITE),
            Finding("slope over E|g|^2/4: quartic minimum", _over(flat, quarter), SAME, DEGENERATE),
        ],
        [
            Control(Finding("loss over (eta/4) E|g|^2 if batches are dependent", dependent, EXACT)),
            Control(Finding("slope over E|g|^2/2: logistic regression", _over(last, 2 * _predicted(last)), SAME)),
        ],
        Picture(
            [_panel(slopes | {"quartic minimum": flat})],
            "The loss over the rate has the limit tr C/(4 B) where the Hessian is positive.",
        ),
        reasons=[
            Finding(
                "the slope is lambda s^2/(2 B) with the learning coefficient there",
                _over(flat, _predicted(flat)),
                SAME,
            )
        ],
    )


def _predicted(found: LossSlope) -> float:
    value = found.prediction.value
    assert value is not None
    return value


def _over(found: LossSlope, unit: float) -> Sampled:
    return Sampled(Estimate(found.slope / unit, found.slope.error / unit))


def _identity(sgd: SGD, walkers: int, rng: np.random.Generator) -> Ratio:
    """The stationary loss above its least over (eta/4) E|g|^2, g from one more step."""
    least = float((INPUTS @ OUTPUTS) / (INPUTS @ INPUTS))
    sgd, start = replace(sgd, learning_rate=FINITE), np.full((walkers, 1), least)
    before = run_sgd(SKEWED, sgd, start, steps=BURN_IN, rng=rng)
    assert before.checkpoint is not None
    after = run_sgd(SKEWED, sgd, before.checkpoint, steps=1)
    loss = SKEWED.value(before.final) - SKEWED.value(start[0])
    return Ratio(MeanOf(loss), MeanOf(((after.final - before.final)[:, 0] / FINITE) ** 2 * FINITE / 4))


def _panel(slopes: dict[str, LossSlope]) -> Panel:
    series = []
    for name, found in slopes.items():
        rates = np.array([one.learning_rate for one in found.losses])
        losses, errors = np.array([tuple(one.excess) for one in found.losses]).T
        regular = name in REGULAR
        unit = rates * (_predicted(found) if regular else 2 * _predicted(found))
        role = Role.MEASURED if regular else Role.CONTROL
        low, high = (losses - 2 * errors) / unit, (losses + 2 * errors) / unit
        series.append(Series(name, rates, losses / unit, role, low, high, joined=False))
    ends = [0.0, float(2 * RATES[-1])]
    series.append(
        Series.predicted("1, and 1/2 at the quartic minimum", [*ends, np.nan, *ends], [1, 1, np.nan, 0.5, 0.5])
    )
    return Panel(
        Axis(r"learning rate $\eta$"), Axis(r"$(\mathrm{E}L - L^*)\, / \,(\eta\, \mathrm{tr} C / 4B)$"), series
    )
