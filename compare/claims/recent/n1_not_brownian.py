"""SGD differs from its Langevin equation at the second order of the learning rate."""

from __future__ import annotations

import math

import numpy as np

from compare import total_variation
from compare.claims import (
    Computed,
    Control,
    Evidence,
    Finding,
    MeanOf,
    Power,
    Source,
    between,
    claim,
    equal_to,
)
from compare.pictures import Axis, Mark, Panel, Picture, Plane, Series
from simulate import SGD, run_sgd, transition_operator
from theory import (
    Density,
    Ensemble,
    Estimate,
    FokkerPlanck,
    Grid,
    LinearRegression,
    Reflecting,
    gaussian,
    langevin_limit,
    linear_regression_covariance,
)
from theory.base.arrays import Array

IGNASHIN = Source(
    "Ignashin et al.",
    2026,
    "Why SGD is not Brownian motion: a new perspective on stochastic dynamics",
    "https://arxiv.org/abs/2605.22644",
)
MODEL, BATCH, LARGE = LinearRegression(1.0), 4, 64
SHORT, LONG, FINEST = 0.05, 0.1, 0.0125  # learning rates
SAMPLED = SGD(0.2, BATCH)
BOX, START = Grid(-2.0, 3.0, 400), (0.5, 0.04)  # of the law before a single step: mean and variance
CELLS, DEVIATIONS = 200, 9.0  # of the grids of stationary laws
# total variation over eta h of normal laws whose variances differ by eta h/2
NORMAL = (8 * math.pi * math.e) ** -0.5
BATCHES = 2 ** np.arange(7)


@claim(
    "N1",
    source=IGNASHIN,
    where="discrete Fokker-Planck equation",
    statement="The law of SGD obeys a discrete Fokker-Planck equation that differs from that of the Langevin "
    "equation at the order eta^2.",
    prediction="A step changes the law otherwise by O(eta^2), and by O(eta^3) than the modified equation; "
    "stationary variances differ by O(eta^2), normal laws by eta h (8 pi e)^(-1/2) in total variation.",
    quick={"walkers": 1_500_000, "rates": 8, "observers": 100_000},
    full={"walkers": 8_000_000, "rates": 24, "observers": 100_000},
)
def not_brownian(*, walkers: int, rates: int, observers: int, rng: np.random.Generator) -> Evidence:
    """Orders from computed laws, the variance of walkers, and a map of where the difference can be seen."""
    step, modified = ([_after_step(rate, order) for rate in (LONG, SHORT)] for order in (1, 2))
    rest = [_variances_apart(rate) for rate in (LONG, SHORT)]
    own, limit = _pair(SAMPLED)
    variance = MeanOf(_settled(SAMPLED, walkers, rng).final[:, 0] ** 2)
    margin = 0.01 * own.covariance[0, 0]
    fine = total_variation(*_pair(SGD(FINEST, LARGE)))
    share = Computed(Estimate(fine.value / FINEST, fine.grid_error / FINEST))
    second = between(1.75, 2.25, formula="2 + O(eta)")
    return Evidence(
        [
            Finding("order in eta of the difference that a step makes", Power(step[0], step[1]), second),
            Finding("order in eta of the difference of stationary variances", Power(rest[0], rest[1]), second),
            Finding(
                "variance of walkers is that of the law computed",
                variance,
                equal_to(float(own.covariance[0, 0]), margin=margin, formula="transition operator"),
            ),
            Finding(
                "total variation of stationary laws over eta h at a large batch",
                share,
                between(0.9 * NORMAL, 1.1 * NORMAL, formula="(8 pi e)^(-1/2)"),
            ),
        ],
        [
            Control(
                Finding(
                    "order of what a step changes beside the modified equation",
                    Power(modified[0], modified[1]),
                    second,
                )
            ),
            Control(
                Finding(
                    "variance of walkers is that of the Langevin equation",
                    variance,
                    equal_to(float(limit.covariance[0, 0]), margin=margin),
                )
            ),
        ],
        _map(np.geomspace(FINEST, 0.3, rates), observers, rng),
    )


def _pair(sgd: SGD) -> tuple[Density, Density]:
    """The stationary laws of SGD and of its Langevin equation on one grid."""
    reach = DEVIATIONS * float(linear_regression_covariance(MODEL, sgd.learning_rate, sgd.batch_size)[0, 0]) ** 0.5
    grid = Grid(-reach, reach, CELLS)
    limit = FokkerPlanck(langevin_limit(MODEL, sgd), grid, boundary=Reflecting())
    return transition_operator(MODEL, sgd, grid).stationary(), limit.stationary()


def _settled(sgd: SGD, walkers: int, rng: np.random.Generator) -> Ensemble:
    steps = round(8 / sgd.learning_rate)
    return run_sgd(MODEL, sgd, rng.normal(0, 0.2, (walkers, 1)), steps=steps, rng=rng)


def _after_step(rate: float, order: int) -> Computed:
    """Total variation between the laws after a step and after the time eta, from one start."""
    sgd, start = SGD(rate, BATCH), gaussian([START[0]], [[START[1]]], BOX)
    own = transition_operator(MODEL, sgd, BOX).evolve(start, 1)[0]
    found = total_variation(own, FokkerPlanck(langevin_limit(MODEL, sgd, order), BOX).evolve(start, [rate])[0])
    return Computed(Estimate(found.value, found.grid_error))


def _variances_apart(rate: float) -> Computed:
    own, limit = _pair(SGD(rate, BATCH))
    errors = own.covariance_error[0, 0] + limit.covariance_error[0, 0]
    return Computed(Estimate(own.covariance[0, 0] - limit.covariance[0, 0], errors))


def _map(rates: Array, observers: int, rng: np.random.Generator) -> Picture:
    """Total variation over rates and batch sizes, against what so many observed walkers leave open."""
    apart = np.array(
        [[total_variation(*_pair(SGD(float(rate), int(batch)))).value for batch in BATCHES] for rate in rates]
    )
    own, limit = _pair(SAMPLED)
    seen = _settled(SAMPLED, observers, rng).histogram(own.grid)
    floor = total_variation(seen, limit).noise_floor
    axes = Axis(r"$\log_{10} \eta h$"), Axis(r"$\log_2 B$")
    places = np.log10(rates), np.log2(BATCHES)
    lines = [Series.predicted(r"$\eta h / \sqrt{8 \pi e}$", rates, NORMAL * rates)]
    for k in (0, 2, len(BATCHES) - 1):
        lines.append(Series.measured(f"$B = {BATCHES[k]}$", rates, apart[:, k]))
    words = f"floor of {observers} walkers"
    return Picture(
        [
            Plane(*axes, *places, apart, "total variation", decades=2.5),
            Plane(
                *axes, *places, np.log10(apart / floor), r"$\log_{10}$(distance / floor)", signed=True, title=words
            ),
            Panel(
                Axis(r"$\eta h$", True), Axis("total variation", True), lines, marks=[Mark(floor, words, False)]
            ),
        ],
        "The Langevin law beside SGD's, linear regression; where the second map is negative nobody sees it.",
    )
