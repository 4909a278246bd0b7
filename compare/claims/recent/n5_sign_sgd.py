"""The law of SGD by signs is that of its own stochastic differential equation."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from compare.claims import (
    Control,
    Evidence,
    Finding,
    MeanOf,
    Measurement,
    Power,
    Ratio,
    Sampled,
    Source,
    between,
    claim,
    equal_to,
    series_of,
)
from compare.pictures import Axis, Panel, Picture, Role, Series
from simulate import SGD, Sign, run_sgd
from theory import (
    Constant,
    Estimate,
    FokkerPlanck,
    Grid,
    NoisyGradient,
    SymbolicLandscape,
    gaussian,
    langevin_limit,
)
from theory.base.arrays import Array
from theory.formulas import rule_covariance

WELL, CURVATURE = "w**2/2 + w**4/8", 1.0  # the loss for orders; around 0 it is a parabola
TIME, START, SPREAD = 1.0, 1.0, 0.05  # when laws are compared; mean and variance of the normal law at the start
GRID = Grid(-2.5, 3.0, 1100)
RATES = (0.2, 0.1)
SLOW, SETTLED = 0.05, 10.0  # the rate of stationary laws, and the time after which they are there
PLACES = np.array([0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0])  # gradients in standard deviations
SLOPE = math.sqrt(2 / math.pi)


@claim(
    "N5",
    source=Source(
        "Compagnoni, Liu, Islamov, Proske, Orvieto & Lucchi",
        2024,
        "Adaptive methods through the lens of SDEs: theoretical insights on the role of noise",
        "arXiv:2411.15958",
    ),
    statement="SGD by the signs of the gradient has an SDE of weak order 1 of its own, with three phases and "
    "another stationary law than SGD's.",
    prediction="Errors of the mean at time 1 fall with slope 1. The speed is 1 far from the minimum, near it "
    "(2/pi)^(1/2) |grad L|/s, between them erf(|grad L|/(2^(1/2) s)); the variance is (eta/2) (pi/2)^(1/2) s/h, "
    "linear in the standard deviation s of the noise.",
    quick={"walkers": 1_000_000},
    full={"walkers": 10_000_000},
)
def sign_sgd(*, walkers: int, rng: np.random.Generator) -> Evidence:
    """Errors of the mean beside two equations, speeds at gradients of all sizes, and stationary variances."""
    errors = {
        label: [_apart(rate, rule, walkers, rng) for rate in RATES]
        for label, rule in (("the equation of signs", Sign()), ("that of SGD", ()))
    }
    first = between(0.75, 1.25, formula="1 + O(eta)")
    speeds = [_speed(place, walkers // 2, rng) for place in PLACES]
    phases = {name: speeds[int(np.flatnonzero(place == PLACES)[0])] for name, place in _PHASES.items()}
    quiet, loud = (_variance(std, walkers // 5, rng) for std in (1.0, 2.0))
    kept, other = (float(rule_covariance(SGD(SLOW, 1, rule=rule), CURVATURE, 4.0)[0, 0]) for rule in (Sign(), ()))
    return Evidence(
        [
            Finding("the order of the equation of signs", _order(errors["the equation of signs"]), first),
            Finding("far from the minimum the speed is 1", phases["far"], equal_to(1.0, margin=0.01)),
            Finding(
                "near it the speed is a share of the gradient", phases["near"],
                equal_to(SLOPE * _PHASES["near"], margin=0.01, formula="(2/pi)^(1/2) |grad L|/s"),
            ),
            Finding(
                "between them it is the error function", phases["between"],
                equal_to(math.erf(_PHASES["between"] / math.sqrt(2)), margin=0.01, formula="erf"),
            ),
            Finding(
                "the stationary variance", loud,
                equal_to(kept, margin=0.05 * kept, formula="(eta/2) (pi/2)^(1/2) s/h"),
            ),
            Finding(
                "twice the noise has twice the variance", Ratio(loud, quiet),
                equal_to(2.0, margin=0.1, formula="linear in s, SGD's quadratic"),
            ),
        ],
        [
            Control(Finding("the order of SGD's equation", _order(errors["that of SGD"]), first)),
            Control(Finding("the variance of SGD", loud, equal_to(other, margin=0.05 * other))),
        ],
        _picture(errors, speeds, (quiet, loud)),
    )  # fmt: skip


_PHASES = {"near": 0.1, "between": 1.25, "far": 3.0}  # gradients in standard deviations


def _apart(rate: float, rule: Sign | tuple[()], walkers: int, rng: np.random.Generator) -> Measurement:
    """Size of the difference of the mean of sign SGD from that of an equation, by its Fokker-Planck equation."""
    model = NoisyGradient(SymbolicLandscape(WELL), Constant(np.array([[1.0]])))
    start = rng.normal(START, SPREAD**0.5, (walkers, 1))
    ends = run_sgd(model, SGD(rate, 1, rule=Sign()), start, steps=round(TIME / rate), rng=rng).final[:, 0]
    equation = FokkerPlanck(langevin_limit(model, SGD(rate, 1, rule=rule)), GRID)
    law = equation.evolve(gaussian([START], [[SPREAD]], GRID), [TIME])[0]
    error = float(ends.std()) / math.sqrt(walkers)
    return Sampled(Estimate(abs(float(ends.mean() - law.mean[0])), error), floor=float(law.mean_error[0]))


def _order(errors: Sequence[Measurement]) -> Power:
    coarse, fine = errors
    return Power(coarse, fine)


def _speed(place: float, walkers: int, rng: np.random.Generator) -> MeanOf:
    """Way that a step goes over its rate, where the gradient is so many standard deviations."""
    model = NoisyGradient(SymbolicLandscape("w**2/2"), Constant(np.array([[1.0]])))
    start = np.full((walkers, 1), place)
    ends = run_sgd(model, SGD(SLOW, 1, rule=Sign()), start, steps=1, rng=rng).final
    return MeanOf((place - ends[:, 0]) / SLOW)


def _variance(std: float, walkers: int, rng: np.random.Generator) -> MeanOf:
    """Stationary variance around a parabola under noise of a standard deviation."""
    model = NoisyGradient(SymbolicLandscape("w**2/2"), Constant(np.array([[std**2]])))
    start = rng.normal(0.0, math.sqrt(SLOW * std), (walkers, 1))
    steps = round(SETTLED / SLOW)
    return MeanOf(run_sgd(model, SGD(SLOW, 1, rule=Sign()), start, steps=steps, rng=rng).final[:, 0] ** 2)


def _picture(
    errors: dict[str, list[Measurement]], speeds: list[MeanOf], variances: tuple[MeanOf, MeanOf]
) -> Picture:
    eta = np.array(RATES)
    orders = [
        series_of(label, eta, found, Role.MEASURED if label.endswith("signs") else Role.CONTROL)
        for label, found in errors.items()
    ]
    orders.append(Series.predicted(r"$\propto\eta$", eta, errors["the equation of signs"][0].value * eta / eta[0]))
    fine = np.linspace(0.0, PLACES[-1], 100)
    curve = [
        series_of("steps of SGD by signs", PLACES, speeds),
        Series.predicted("error function", fine, _erf(fine / math.sqrt(2))),
        Series(r"$\sqrt{2/\pi}\,|\nabla L|/s$", fine[:40], SLOPE * fine[:40], Role.REFERENCE),
    ]
    noise = np.array([1.0, 2.0])
    spread = [
        series_of("walkers by signs", noise, variances),
        Series.predicted("signs", noise, SLOW / 2 * math.sqrt(math.pi / 2) * noise / CURVATURE),
        Series.control("SGD", noise, SLOW / 2 * noise**2 / CURVATURE, joined=True),
    ]
    return Picture(
        [
            Panel(Axis(r"learning rate $\eta$", True), Axis("error of the mean", True), orders, "mean at time 1"),
            Panel(Axis(r"$|\nabla L|/s$"), Axis("speed"), curve, "three phases"),
            Panel(Axis("noise $s$"), Axis("stationary variance"), spread, "what lasts"),
        ],
        "SGD by the signs of normal gradients beside its own equation and that of SGD.",
    )


def _erf(x: Array) -> Array:
    return np.array([math.erf(one) for one in x])
