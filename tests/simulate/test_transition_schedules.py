"""SGD's exact law under schedules, and where steps on data jump."""

from __future__ import annotations

import numpy as np
import pytest
from data_laws import DATA, LINE, floors, uniform, walked
from scipy.stats import norm
from sgd_models import seeded

from simulate import (
    SGD,
    BatchGrowth,
    Cosine,
    GaussianNoise,
    Linear,
    Lion,
    Sign,
    Step,
    StochasticLangevin,
    WithoutReplacement,
    WithReplacement,
    run_sgd,
    transition_operator,
)
from theory import DatasetModel, Density, Grid, InputError, Isotropic, NoisyGradient, SymbolicLandscape

BOWL = NoisyGradient(SymbolicLandscape("w**2/2"), Isotropic(1.0, 1))
GRID = Grid(-4.0, 4.0, 40)


def normal(std):
    return Density.normalised(GRID, np.diff(norm.cdf(GRID.edges[0], scale=std)), cell_averages=True)


@pytest.mark.parametrize(
    ("options", "added", "heat"),
    [({}, 0.0, 0.0), ({"noise": GaussianNoise(0.5)}, 0.25, 0.0), ({"rule": StochasticLangevin(0.1)}, 0.0, 0.1)],
    ids=["plain", "added", "sgld"],
)
def test_under_a_schedule_a_bowl_keeps_a_normal_law(options, added, heat):
    sgd = SGD(0.3, 2, schedule=(Cosine(8, 0.2), BatchGrowth(3, 2.0, 4.0)), **options)
    operator = transition_operator(BOWL, sgd, GRID)
    law = operator.evolve(normal(0.7), [0, 3, 9])[2]
    variance = 0.49
    for rate, batch in zip(*sgd.plan(0, 9), strict=True):
        variance = (1 - rate) ** 2 * variance + rate**2 * (1 / batch + added) + 2 * rate * heat
    exact = np.diff(norm.cdf(GRID.edges[0], scale=np.sqrt(variance)))
    assert np.abs(law.probabilities - exact).sum() / 2 < law.error < 0.02
    steady = transition_operator(BOWL, SGD(0.3, 2, **options), GRID).evolve(normal(0.7), 9)[0]
    assert np.abs(steady.probabilities - exact).sum() / 2 > 3 * law.error  # control: without the schedule
    rest = 0.06**2 * (1 / 8 + added) + 2 * 0.06 * heat
    assert operator.stationary().covariance[0, 0] == pytest.approx(rest / (1 - 0.94**2), rel=5e-3)


@pytest.mark.parametrize("later", [Linear(200, 0.0), Cosine(50, 0.0), Step(1000, 0.001)])
def test_what_a_schedule_does_later_makes_no_nodes(later):
    sgd = SGD(0.3, 2, schedule=later)
    law = transition_operator(BOWL, sgd, GRID).evolve(normal(0.7), [4, 10])[1]
    variance = 0.49
    for rate in sgd.plan(0, 10)[0]:
        variance = (1 - rate) ** 2 * variance + rate**2 / 2
    exact = np.diff(norm.cdf(GRID.edges[0], scale=np.sqrt(variance)))
    assert np.abs(law.probabilities - exact).sum() / 2 < law.error < 1e-6


@pytest.mark.parametrize(
    "sgd",
    [
        SGD(0.3, 1, sampling=WithReplacement(), schedule=(Step(3, 0.2), BatchGrowth(4, 3.0, 3.0))),
        SGD(0.3, 1, sampling=WithoutReplacement(), schedule=Linear(6, 0.0)),
        SGD(0.3, 1, sampling=WithReplacement(), schedule=Step(3, 0.2), rule=Sign()),
    ],
    ids=["batches", "epochs", "sign"],
)
def test_on_data_under_a_schedule_the_law_is_that_of_walkers(sgd):
    operator = transition_operator(LINE, sgd, GRID, DATA[3])
    (seen,) = walked(LINE, sgd, DATA[3], [6], GRID, (-2.0, 2.0))
    assert floors(seen, operator.evolve(uniform(GRID, -2, 2), 6)[0]) < 1.4
    steady = transition_operator(LINE, SGD(0.3, 1, sampling=sgd.sampling, rule=sgd.rule), GRID, DATA[3])
    assert floors(seen, steady.evolve(uniform(GRID, -2, 2), 6)[0]) > 3  # control


def test_what_a_schedule_does_not_allow_is_refused():
    falling = transition_operator(BOWL, SGD(0.3, 2, schedule=Linear(5, 0.0)), GRID)
    with pytest.raises(InputError, match="needs a schedule that settles at a positive rate"):
        falling.stationary()
    laws = falling.evolve(normal(0.7), [5, 50])  # nobody moves any more
    assert laws[0].values == pytest.approx(laws[1].values, abs=1e-6)
    plane = Grid((-4.0, -2.0), (4.0, 2.0), (16, 16))
    lion = transition_operator(BOWL, SGD(0.3, 2, rule=Lion(), schedule=Linear(5, 0.0)), plane)
    with pytest.raises(InputError, match="the rate must stay positive where rules or momentum remember"):
        lion.evolve(uniform(Grid(-4.0, 4.0, 16), -2, 2), 7)
    growing = SGD(0.3, 1, sampling=WithoutReplacement(), schedule=BatchGrowth(3, 2.0, 2.0))
    with pytest.raises(InputError, match="an epoch without replacement keeps its batches"):
        transition_operator(LINE, growing, GRID, DATA[3]).evolve(uniform(GRID, -2, 2), 6)


def test_lion_remembers_the_mean_gradient_with_its_sign():
    tilted, sgd = NoisyGradient(SymbolicLandscape("w"), Isotropic(0.04, 1)), SGD(0.1, 4, rule=Lion(0.9, 0.8))
    plane = Grid((-3.0, -1.0), (3.0, 1.5), (30, 40))
    start = uniform(Grid(-3.0, 3.0, 30), -0.4, 1.0)
    law = transition_operator(tilted, sgd, plane).evolve(start, 3)[0]
    assert law.mean == pytest.approx([0.0, 1 - 0.8**3], abs=0.01)  # cells are .06 wide
    wells = NoisyGradient(SymbolicLandscape("(w**2 - 1)**2/4"), Isotropic(1.0, 1))
    law = transition_operator(wells, sgd, plane).evolve(start, 6)[0].marginal(0)
    walkers = run_sgd(wells, sgd, seeded(1).uniform(-0.4, 1.0, (100_000, 1)), steps=6, rng=seeded(2))
    assert floors(walkers.histogram(law.grid), law) < 1.4


def test_walkers_on_either_side_of_a_jump_stay_there():
    jump = 0.0371

    def gradient(w, x, y):
        return w - np.where(w < jump, -1.0, 1.0) - y[..., None]

    model = DatasetModel(np.ones(2), np.array([-0.4, 0.4]), lambda w, x, y: w[..., 0] ** 2 - 0 * y, gradient, 1)
    operator = transition_operator(model, SGD(0.5, 1, sampling=WithReplacement()), GRID)
    left, right = operator.weights(uniform(GRID, -1.0, 1.0))
    assert left.error < 1e-3
    assert float(left) == pytest.approx((1 + jump) / 2, abs=left.error + 1e-12)
    assert float(right) == pytest.approx((1 - jump) / 2, abs=left.error + 1e-12)
    assert len(operator.invariant_measures()) == 2
