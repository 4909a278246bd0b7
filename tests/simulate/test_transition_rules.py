"""SGD's exact law with step rules, Nesterov's momentum and added noise, on a line."""

from __future__ import annotations

import numpy as np
import pytest
from data_laws import DATA, floors, uniform
from scipy.stats import norm
from sgd_models import seeded

from simulate import (
    SGD,
    Adam,
    ClipByNorm,
    ClipByValue,
    GaussianNoise,
    Lion,
    Nesterov,
    RMSprop,
    Sign,
    StochasticHamiltonian,
    StochasticLangevin,
    WeightDecay,
    WithoutReplacement,
    WithReplacement,
    run_sgd,
    transition_operator,
)
from simulate.transition.gradient_law import Mixture, values_of
from theory import Grid, InputError, Isotropic, NoisyGradient, ProductModel, SymbolicLandscape

WELLS = NoisyGradient(SymbolicLandscape("(w**2 - 1)**2/4"), Isotropic(1.0, 1))
LINE = Grid(-3.0, 3.0, 40)
WALKERS = 20_000


def plane(low, high, cells):
    return Grid((-3.0, low), (3.0, high), (40, cells))


def seen(model, sgd, steps, data=None):
    start = seeded(1).uniform(-1.5, 1.5, (WALKERS, 1))
    return run_sgd(model, sgd, start, steps=steps, rng=seeded(2), data=data).histogram(LINE)


@pytest.mark.parametrize(
    "rule",
    [
        WeightDecay(0.3),
        ClipByValue(0.4),
        ClipByNorm(0.4),
        Sign(),
        StochasticLangevin(0.1),
        (WeightDecay(0.5), Sign()),
    ],
    ids=repr,
)
def test_a_rule_on_a_line_has_the_law_of_walkers(rule):
    sgd = SGD(0.1, 4, rule=rule)
    law = transition_operator(WELLS, sgd, LINE).evolve(uniform(LINE, -1.5, 1.5), 8)[0]
    plain = transition_operator(WELLS, SGD(0.1, 4), LINE).evolve(uniform(LINE, -1.5, 1.5), 8)[0]
    counted = seen(WELLS, sgd, 8)
    assert floors(counted, law) < 1.4
    assert floors(counted, plain) > 2  # control: without the rule


@pytest.mark.parametrize(
    ("sgd", "grid"),
    [
        (SGD(0.1, 4, Nesterov(0.7)), plane(-1.5, 1.5, 24)),
        (SGD(0.1, 4, rule=StochasticHamiltonian(0.3, 0.1)), plane(-1.5, 1.5, 24)),
        (SGD(0.05, 4, rule=RMSprop(0.9)), plane(-0.1, 3.1, 32)),
        (SGD(0.15, 4, rule=Lion(0.9, 0.95)), plane(-4.0, 4.0, 40)),
    ],
    ids=["nesterov", "sghmc", "rmsprop", "lion"],
)
def test_what_a_rule_remembers_is_the_second_axis(sgd, grid):
    law = transition_operator(WELLS, sgd, grid).evolve(uniform(LINE, -1.5, 1.5), 8)[0].marginal(0)
    plain = transition_operator(WELLS, SGD(sgd.learning_rate, 4), LINE).evolve(uniform(LINE, -1.5, 1.5), 8)[0]
    counted = seen(WELLS, sgd, 8)
    assert floors(counted, law) < 1.45
    assert floors(counted, plain) > 2  # control


def test_rules_on_a_data_set_and_on_mixed_batches_have_the_law_of_walkers():
    model, sgd = ProductModel("w"), SGD(0.1, 2, rule=Sign(), sampling=WithReplacement())
    start = uniform(LINE, -1.5, 1.5)
    law = transition_operator(model, sgd, LINE, DATA[3]).evolve(start, 5)[0]
    fresh = transition_operator(model, SGD(0.1, 2, rule=Sign()), LINE).evolve(start, 5)[0]
    assert floors(seen(model, sgd, 5, DATA[3]), law) < 1.4
    assert floors(seen(model, SGD(0.1, 2, rule=Sign()), 5), fresh) < 1.4
    assert floors(seen(model, sgd, 5, DATA[3]), fresh) > 2  # control: the other way round


def test_added_noise_is_that_of_a_noisier_gradient():
    noisy = NoisyGradient(SymbolicLandscape("(w**2 - 1)**2/4"), Isotropic(1.0 + 4 * 0.25, 1))  # B std^2 more
    start = uniform(LINE, -1.5, 1.5)
    one = transition_operator(WELLS, SGD(0.1, 4, noise=GaussianNoise(0.5)), LINE).evolve(start, 6)[0]
    other = transition_operator(noisy, SGD(0.1, 4), LINE).evolve(start, 6)[0]
    without = transition_operator(WELLS, SGD(0.1, 4), LINE).evolve(start, 6)[0]
    assert np.abs(one.probabilities - other.probabilities).sum() / 2 < one.error + other.error
    assert np.abs(one.probabilities - without.probabilities).sum() / 2 > 2 * one.error  # control


def test_chances_between_breaks_are_those_of_the_normal_law():
    law = Mixture(np.array([[0.3]]), np.array([[0.5]]), np.ones((1, 1)))
    values, chances = values_of(law, np.array([[0.0, 0.7]]), 2)
    for low, high in ((-9, 0), (0, 0.7), (0.7, 9)):
        inside = (values[0] > low) & (values[0] < high)
        exact = norm.cdf((high - 0.3) / 0.5) - norm.cdf((low - 0.3) / 0.5)
        assert chances[0][inside].sum() == pytest.approx(exact, abs=1e-12)
    assert chances[0] @ values[0] ** 2 == pytest.approx(0.3**2 + 0.5**2, abs=1e-6)


@pytest.mark.parametrize(
    ("sgd", "grid", "words"),
    [
        (
            SGD(0.1, 4, rule=Adam()),
            LINE,
            "holds one number beside w, got mean gradient and mean square; use run_sgd",
        ),
        (SGD(0.1, 4, rule=RMSprop()), LINE, "`grid` must have 2 axes, those of w and root mean square, got 1"),
        (SGD(0.1, 4, rule=Sign()), Grid(-1, 1, 4), "at least 8 cells"),
        (SGD(0.1, 4, rule=Sign(), sampling=WithoutReplacement()), LINE, "batches with replacement or fresh data"),
    ],
)
def test_what_is_not_known_is_refused(sgd, grid, words):
    with pytest.raises(InputError, match=words):
        transition_operator(WELLS, sgd, grid)
