"""Batches whose noise is amplified: mean and covariance of a step, the limit they share, and stationary laws."""

from __future__ import annotations

import numpy as np
import pytest

from simulate import SGD, SVAG, WithoutReplacement, WithReplacement, draw_data, run_sgd
from theory import InputError, Isotropic, NoisyGradient, ProductModel, SymbolicLandscape, langevin_limit, on_data

RNG = np.random.default_rng
DATA = on_data(ProductModel("x*y"), RNG(1).standard_normal(9), RNG(2).standard_normal(9))
PLACE = np.array([0.7, -1.2])


def step(amplification: float, walkers: int = 40_000) -> np.ndarray:
    """Gradients that SGD has seen in one step from one place."""
    noise = SVAG(amplification) if amplification else ()
    sgd = SGD(0.5, 3, sampling=WithReplacement(), noise=noise)
    run = run_sgd(DATA, sgd, np.tile(PLACE, (walkers, 1)), steps=1, rng=RNG(3))
    return (PLACE - run.final) / 0.5


@pytest.mark.parametrize("amplification", [1.0, 2.5, 8.0])
def test_a_step_has_the_mean_of_a_batch_and_its_covariance_amplified(amplification: float) -> None:
    found, covariance = step(amplification), amplification * DATA.gradient_covariance(PLACE) / 3
    error = np.sqrt(np.diag(covariance) / len(found))
    assert (np.abs(found.mean(axis=0) - DATA.gradient(PLACE)) < 5 * error).all()
    ratio = np.cov(found.T)[0, 0] / covariance[0, 0]
    assert ratio == pytest.approx(1, abs=0.04)
    assert np.cov(step(2 * amplification).T)[0, 0] / covariance[0, 0] > 1.8  # the control


def test_amplification_of_one_is_sgd() -> None:
    np.testing.assert_array_equal(step(1.0, 50), step(0.0, 50))


def test_all_amplifications_share_their_limit() -> None:
    plain = langevin_limit(DATA, SGD(0.5, 3, sampling=WithReplacement()))
    slow = SGD(0.5 / 4, 3, sampling=WithReplacement(), noise=SVAG(4.0))
    limit = langevin_limit(DATA, slow)
    np.testing.assert_allclose(limit.tensor(PLACE), plain.tensor(PLACE), rtol=1e-12)
    np.testing.assert_allclose(limit.drift(PLACE), plain.drift(PLACE), rtol=1e-12)
    other = langevin_limit(DATA, SGD(0.5 / 4, 3, sampling=WithReplacement(), noise=SVAG(2.0)))
    assert not np.allclose(other.tensor(PLACE), plain.tensor(PLACE))  # the control


def test_its_law_tends_to_that_of_the_equation() -> None:
    """On a quadratic the variance is eta / (B (2 - eta / l)), and eta / (2 B) that of the equation."""
    model, walkers = NoisyGradient(SymbolicLandscape("w**2/2"), Isotropic(1.0, 1)), 20_000
    for amplification in (1, 3):
        sgd = SGD(1.0 / amplification, 5, noise=SVAG(amplification))
        run = run_sgd(model, sgd, np.zeros((walkers, 1)), steps=12 * amplification, rng=RNG(4))
        exact, error = 0.2 / (2 - 1 / amplification), np.sqrt(2 / walkers)
        assert abs(run.final.var() / exact - 1) < 5 * error
        assert abs(run.final.var() / 0.1 - 1) > 5 * error  # the control: not there yet


def test_refusals() -> None:
    with pytest.raises(InputError, match="at least 1"):
        SVAG(0.5)
    start = np.zeros((4, 2))
    shared = SGD(0.1, 3, sampling=WithoutReplacement(), noise=SVAG(2.0))
    with pytest.raises(InputError, match="SVAG needs independent batches, got WithoutReplacement"):
        run_sgd(DATA, shared, start, steps=1, rng=RNG(1))
    twice = SGD(0.1, 3, sampling=WithReplacement(), noise=(SVAG(2.0), SVAG(3.0)))
    with pytest.raises(InputError, match="one SVAG at most"):
        run_sgd(DATA, twice, start, steps=1, rng=RNG(1))


def test_fresh_examples_and_data_of_a_formula_take_it_too() -> None:
    model, start = ProductModel("w - 1/2"), np.zeros((30_000, 1))
    data = draw_data(model, 7, RNG(5))
    for sampling, given in ((None, None), (WithReplacement(), data)):
        plain, loud = (
            run_sgd(
                model,
                SGD(0.5, 2, noise=noise) if sampling is None else SGD(0.5, 2, sampling=sampling, noise=noise),
                start,
                steps=1,
                rng=RNG(6),
                data=given,
            ).final.var()
            for noise in ((), SVAG(4.0))
        )
        assert loud / plain == pytest.approx(4, rel=0.1)
