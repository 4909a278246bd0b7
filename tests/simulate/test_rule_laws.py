"""Stationary laws under step rules against formulas, each with a control, and who diverges."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr
from sgd_models import seeded

from simulate import (
    SGD,
    Adam,
    AdamW,
    ClipByNorm,
    ClipByValue,
    GaussianNoise,
    Linear,
    Lion,
    PreconditionedLangevin,
    RMSprop,
    Sign,
    StochasticHamiltonian,
    StochasticLangevin,
    WeightDecay,
    run_sgd,
)
from simulate.rules import Followed
from theory import CallableLandscape, Constant, NoisyGradient, SymbolicLandscape, sgd_covariance

H, S2, BATCH, WALKERS = 1.5, 2.0, 4, 40_000
BOWL = NoisyGradient(SymbolicLandscape(f"{H}*w**2/2"), Constant(S2))


def bowl(h):
    """A quadratic by functions, which need no compiler."""
    landscape = CallableLandscape(lambda w: h * (w**2).sum(axis=-1) / 2, lambda w: h * w, dim=1)
    return NoisyGradient(landscape, Constant(S2))


def spread(sgd, steps):
    """E w^2 of many walkers with its standard error."""
    begin = np.zeros((WALKERS, 1))
    found = run_sgd(BOWL, sgd, begin, steps=steps, rng=seeded(1)).final[:, 0] ** 2
    return found.mean(), found.std() / np.sqrt(len(found))


def off(found, expected):
    """How many standard errors they are apart."""
    mean, error = found
    return float(abs(mean - expected) / error)


def test_stationary_variance_of_langevin_rules():
    eta, heat, friction = 0.3, 0.2, 0.25
    plain = spread(SGD(eta, BATCH, rule=StochasticLangevin(heat)), 60)
    closed = (eta * S2 / BATCH + 2 * heat) / (H * (2 - eta * H))
    assert off(plain, closed) < 5
    assert off(plain, heat / H) > 50  # control: that of the temperature alone
    kept = spread(SGD(eta, BATCH, rule=StochasticHamiltonian(friction, heat)), 120)
    noise = S2 / BATCH + 2 * friction * heat / eta
    assert off(kept, float(sgd_covariance([[H]], [[noise]], eta, 1 - friction)[0, 0])) < 5
    assert off(kept, closed) > 50  # control: that of SGLD
    same = spread(SGD(eta, BATCH, noise=GaussianNoise((2 * heat / eta) ** 0.5)), 60)
    assert off(same, closed) < 5


def birth_and_death(eta):
    """E w^2 of signSGD from 0 after many steps, an even number: up or down by eta with the odds of the sign."""
    places = np.arange(-200, 201)
    up = ndtr(-H * eta * places * np.sqrt(BATCH / S2))
    odds = np.concatenate([[0.0], np.cumsum(np.log(up[:-1]) - np.log(up[::-1][1:]))])
    law = np.exp(odds - odds.max()) * (places % 2 == 0)
    return float((law / law.sum()) @ (eta * places) ** 2)


def test_stationary_variance_of_the_sign():
    eta = 0.02
    found = spread(SGD(eta, BATCH, rule=Sign()), 400)
    assert off(found, birth_and_death(eta)) < 5
    published = eta / 2 * np.sqrt(np.pi / 2) * np.sqrt(S2 / BATCH) / H  # Compagnoni et al., arXiv:2411.15958
    assert abs(birth_and_death(eta) / published - 1) < 0.02
    assert off(found, eta * S2 / BATCH / (2 * H)) > 50  # control: that of SGD's limit


def test_weight_decay_alone_is_a_steeper_bowl():
    eta, rate = 0.3, 0.5
    start = seeded(2).normal(size=(50, 1))
    decayed, bare = (
        run_sgd(bowl(h), SGD(eta, BATCH, 0.5, rule=rule), start, steps=20, rng=seeded(3)).final
        for h, rule in ((H, WeightDecay(rate)), (H + rate, ()))
    )
    np.testing.assert_allclose(decayed, bare, rtol=1e-11, atol=1e-13)


def test_identities_between_rules():
    start = seeded(2).normal(size=(50, 1))

    def final(rule, momentum=0.0):
        return run_sgd(BOWL, SGD(0.1, BATCH, momentum, rule=rule), start, steps=20, rng=seeded(3)).final

    np.testing.assert_array_equal(final(AdamW(weight_decay=0.3)), final((Adam(), WeightDecay(0.3))))
    np.testing.assert_array_equal(final(StochasticHamiltonian(0.25, 0.0)), final((), 0.75))
    np.testing.assert_array_equal(final(StochasticLangevin(0.0)), final(()))
    np.testing.assert_array_equal(final(Lion(0.0, 0.5)), final(Sign()))
    np.testing.assert_allclose(final(ClipByNorm(0.3)), final(ClipByValue(0.3)), rtol=1e-12)
    assert not np.array_equal(final((WeightDecay(0.3), Adam())), final((Adam(), WeightDecay(0.3))))  # coupled


EVERY = (
    ClipByValue(1.0), ClipByNorm(1.0), WeightDecay(0.1), Sign(), RMSprop(), Adam(), AdamW(), Lion(),
    StochasticLangevin(0.1), PreconditionedLangevin(0.1), StochasticHamiltonian(0.5, 0.1),
)  # fmt: skip


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: type(rule).__name__)
def test_what_is_no_number_stays_none(rule):
    """A walker on its way to infinity does not come back, and a vector whose square overflows is clipped."""
    down, still = np.array([[np.nan, 0.5], [0.5, 1e200]]), np.zeros((2, 2))
    Followed.of([rule], still).apply(seeded(0), down, still, still, 0.0, 0.1, 0)
    assert np.isnan(down[0, 0])
    assert np.isfinite(down[1, 1])
    assert isinstance(rule, WeightDecay | StochasticLangevin | StochasticHamiltonian) or abs(down[1, 1]) < 1e3
    assert not isinstance(rule, ClipByNorm) or down[1, 1] == 1.0


@pytest.mark.parametrize("rule", [StochasticLangevin(0.1), PreconditionedLangevin(0.1)])
def test_a_rate_of_nothing_moves_nobody(rule):
    start = seeded(2).normal(size=(50, 1))
    ends = [
        run_sgd(BOWL, SGD(0.1, 4, rule=rule, schedule=Linear(5, 0.0)), start, steps=n, rng=seeded(3)).final
        for n in (5, 9)
    ]
    np.testing.assert_array_equal(*ends)


def test_times_of_rules():
    assert SGD(0.1, 4, rule=StochasticHamiltonian(0.25, 0.1)).times(3) == pytest.approx(1.2)
    assert SGD(0.1, 4, 0.5, rule=RMSprop()).times(3) == pytest.approx(0.6)
    falling = SGD(0.1, 4, rule=StochasticHamiltonian(0.25, 0.1), schedule=Linear(4, 0.2))
    np.testing.assert_allclose(falling.times([0, 4, 6]), [0, 0.4 * 2.8, 0.4 * 3.2])
