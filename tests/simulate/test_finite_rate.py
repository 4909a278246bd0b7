"""Derivatives of SGD's stationary means at a finite rate: exact, by walkers, and in closed form."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sgd_models import seeded

from simulate import SGD, coupled_sensitivity, transition_operator, transition_sensitivity
from simulate.transition.batches import batch_rules
from theory import Grid, InputError, Isotropic, NoisyGradient, NoStationaryDensity, ProductModel, SymbolicLandscape

CURVATURE, NOISE, BATCH = 2.0, 3.0, 4
BOWL = NoisyGradient(SymbolicLandscape("w**2"), Isotropic(NOISE, 1))
WELLS = NoisyGradient(SymbolicLandscape("(w**2-1)**2/4 + w/10"), Isotropic(1.0, 1))
DATA = ProductModel("w - 1/2", noise_std=2.0)
LINE = Grid(-2.5, 2.5, 120)
SHARES = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.35, 1.5)


def loss(rate, batch=BATCH):
    return rate * NOISE / (2 * batch * (2 - rate * CURVATURE))


def slope(rate, name="learning_rate"):
    return NOISE / (BATCH * (2 - rate * CURVATURE) ** 2) if name == "learning_rate" else -loss(rate) / BATCH


def box(rate, deviations=9.0):
    half = deviations * (2 * loss(rate) / CURVATURE) ** 0.5
    return Grid(-half, half, 100)


def by_walkers(model, rate, batch, start, name="learning_rate", seed=1, **more):
    given = {"burn_in": 200, "steps": 200, "observations": 10} | more
    return coupled_sensitivity(
        model, SGD(rate, batch), model.value, start, rng=seeded(seed), parameter=name, **given
    )


@pytest.mark.parametrize("name", ["learning_rate", "batch_size"])
@pytest.mark.parametrize("share", SHARES)
def test_quadratic_loss_has_its_closed_form(share, name):
    rate = share / CURVATURE
    found = transition_sensitivity(BOWL, SGD(rate, BATCH), box(rate), BOWL.value, parameter=name)
    truth = slope(rate, name)
    assert abs(found - truth) <= found.error < 1e-9 * abs(truth)
    limit = NOISE / (4 * BATCH) if name == "learning_rate" else -rate * NOISE / (4 * BATCH**2)
    assert abs(found - limit) > 1e6 * found.error  # the control: the slope at rate 0


def test_coupled_walkers_cover_the_closed_form():
    """All ten rates and both numbers within 4 standard errors, and 95 % intervals as often as they say."""
    inside = 0
    for k, share in enumerate(SHARES):
        for name in ("learning_rate", "batch_size"):
            rate = share / CURVATURE
            found = by_walkers(BOWL, rate, BATCH, np.zeros((200, 1)), name, seed=k)
            truth = slope(rate, name)
            low, high = found.interval()
            inside += low <= truth <= high
            assert abs(found.value - truth) <= 4 * found.standard_error + found.bias
            assert found.standard_error < 0.1 * abs(truth)
    assert inside >= 15  # of 20: 5 standard errors below 19


def test_a_tilted_double_well_matches_differences_of_laws():
    """And walkers are within their error of it; the slope at rate 0, tr C / 4B, is far outside."""
    rate, step = 0.2, 0.002
    found = transition_sensitivity(WELLS, SGD(rate, 1), LINE, WELLS.value)
    places = [rate + k * step for k in (-2, -1, 1, 2)]
    fine = LINE.refined(5)  # expectations by the midpoint rule
    at = [transition_operator(WELLS, SGD(place, 1), fine).stationary().expect(WELLS.value) for place in places]
    expected = (8 * (at[2] - at[1]) - (at[3] - at[0])) / (12 * step)
    assert abs(found - expected) <= found.error + 1e-9 < 1e-7
    sampled = by_walkers(WELLS, rate, 1, np.full((2000, 1), -1.0), burn_in=600, step=0.02)
    assert abs(sampled.value - found) <= 4 * sampled.standard_error + sampled.bias
    assert abs(sampled.value - 0.25) > 6 * sampled.standard_error + sampled.bias


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.15])
def test_rare_passages_keep_their_digits(rate):
    """Behind a barrier of tens of temperatures: the depth of a well tells its weight, and how that changes."""
    deep = NoisyGradient(SymbolicLandscape("(w**2-1)**2 + w/50"), Isotropic(0.5, 1))
    found = transition_sensitivity(deep, SGD(rate, 2), Grid(-1.9, 1.9, 120), lambda w: w[..., 0])
    step = rate / 250

    def mean(place):
        law = transition_operator(deep, SGD(place, 2), Grid(-1.9, 1.9, 360)).stationary()
        return law.expect(lambda w: w[..., 0])

    weights = (3 / 4, -3 / 20, 1 / 60)  # of the sixth order
    changes = [(mean(rate + k * step) - mean(rate - k * step)) / step for k in (1, 2, 3)]
    expected = float(np.dot(weights, changes))
    assert abs(found - expected) <= found.error + 1e-8 * abs(expected)
    assert found.error < 1e-7 * abs(found)


def test_batches_of_data_have_the_noise_of_their_law():
    """Linear regression with N(0, 1) inputs, v = E (w - 1/2)^2 and k the rate.

    v = v (1 - 2 k + k^2 (1 + 2/B)) + k^2 noise^2 / B, so v = k noise^2 / (2 B - k (B + 2)).
    """
    sgd = SGD(0.05, 10)
    found = transition_sensitivity(DATA, sgd, Grid(-1.5, 2.5, 80), DATA.value)
    sampled = by_walkers(DATA, 0.05, 10, np.full((500, 1), 0.5))
    truth = 40 / (20 - 12 * 0.05) ** 2  # of v / 2
    assert abs(found - truth) <= found.error
    assert abs(sampled.value - found) <= 4 * sampled.standard_error + sampled.bias
    assert found.error < 1e-10 * found


@pytest.mark.parametrize(("batch", "rate", "half"), [(1, 0.2, 8.0), (3, 0.5, 10.0), (6, 0.4, 12.0)])
def test_what_power_tails_hold_beyond_the_grid_is_in_the_error(batch, rate, half):
    """Of small batches of data the law falls like a power; the leak alone says too little."""
    found = transition_sensitivity(DATA, SGD(rate, batch), Grid(0.5 - half, 0.5 + half, 120), DATA.value)
    truth = 4 * batch / (2 * batch - rate * (batch + 2)) ** 2
    assert abs(found - truth) <= found.error < 20 * abs(found - truth)


@pytest.mark.parametrize("batch", [1, 2, 4, 10, 100])
def test_every_rule_over_batches_has_their_moments(batch):
    """E r^2 = 1 and E r^4 = 1 + 2/B for r^2 = chi2_B / B."""
    starts, nodes, weights = batch_rules(batch)
    for begin, stop in itertools.pairwise(starts):
        second, fourth = (float(weights[begin:stop] @ nodes[begin:stop] ** k) for k in (2, 4))
        assert abs(second - 1) < 3e-14
        assert abs(fourth - 1 - 2 / batch) < 1e-13


@pytest.mark.parametrize("name", ["learning_rate", "momentum"])
def test_a_heavy_ball_has_its_closed_form(name):
    """Var w = eta C (1 + m) / (a (1 - m) (2 (1 + m) - eta a)), at a = C = 1."""
    rate, momentum, h = 0.3, 0.5, 1e-4
    ball = NoisyGradient(SymbolicLandscape("w**2/2"), Isotropic(1.0, 1))

    def variance(eta, m):
        return eta * (1 + m) / ((1 - m) * (2 * (1 + m) - eta))

    shift = np.array([h, 0.0] if name == "learning_rate" else [0.0, h])
    here = np.array([rate, momentum])
    truth = (variance(*(here + shift)) - variance(*(here - shift))) / (2 * h)
    half = 7 * variance(rate, momentum) ** 0.5
    grid = Grid((-half, -half), (half, half), (40, 40))
    found = transition_sensitivity(
        ball, SGD(rate, 1, momentum=momentum), grid, lambda w: w[..., 0] ** 2, parameter=name
    )
    assert abs(found - truth) <= found.error < 1e-5 * truth
    sampled = coupled_sensitivity(
        ball, SGD(rate, 1, momentum=momentum), lambda w: w[..., 0] ** 2, np.zeros((500, 1)),
        burn_in=100, steps=200, rng=seeded(2), parameter=name,
    )  # fmt: skip
    assert abs(sampled.value - truth) <= 4 * sampled.standard_error + sampled.bias


@pytest.mark.parametrize("deviations", [4, 5, 6])
def test_what_a_short_grid_cuts_is_in_the_error(deviations):
    rate = 0.3
    found = transition_sensitivity(BOWL, SGD(rate, BATCH), box(rate, deviations), BOWL.value)
    assert abs(found - slope(rate)) <= found.error < 20 * abs(found - slope(rate))


def test_scale_and_shift_of_the_observable_carry_over():
    plain = transition_sensitivity(WELLS, SGD(0.2, 1), LINE, WELLS.value)
    other = transition_sensitivity(WELLS, SGD(0.2, 1), LINE, lambda w: 5 - 3 * WELLS.value(w))
    assert abs(other + 3 * plain) <= 1e-10


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: exact(parameter="rate"), "`parameter` must be one of learning_rate, batch_size, momentum"),
        (lambda: exact(model=DATA, parameter="batch_size"), "needs the Gaussian noise of a NoisyGradient"),
        (lambda: exact(parameter="momentum"), "needs one above 0, got 0"),
        (lambda: exact(step=0.1), "`step` must be positive and below"),
        (lambda: exact(observable=lambda w: np.where(w[..., 0] > 0, 1, np.nan)), "`observable` must be finite"),
        (lambda: by_walkers(WELLS, 0.2, 1, np.zeros((5, 1))), "at least 20 walkers, got 5"),
        (lambda: by_walkers(WELLS, 0.2, 1, np.zeros((50, 1)), steps=1), "`steps` must be a whole number"),
        (lambda: by_walkers(BOWL, 0.97, 1, np.zeros((50, 1)), burn_in=4000), "walkers diverged"),
        (lambda: by_walkers(BOWL, 0.01, 1, np.full((50, 1), 9.0), burn_in=1), "must be stationary"),
        (lambda: by_walkers(BOWL, 0.1, 1, np.zeros((50, 1)), step=0.06), "`step` must be positive and below"),
    ],
)
def test_refused_by_name(call, reason):
    with pytest.raises(InputError, match=reason):
        call()


def test_a_grid_that_walkers_leave_is_refused():
    with pytest.raises(NoStationaryDensity, match="walkers must stay on the grid"):
        transition_sensitivity(BOWL, SGD(0.3, BATCH), box(0.3, 2.5), BOWL.value)


def exact(model=WELLS, rate=0.2, grid=LINE, observable=WELLS.value, **more):
    return transition_sensitivity(model, SGD(rate, 1), grid, observable, **more)
