"""Gibbs measures and posteriors by sampling: their moments, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from compare import compare_laws
from theory import (
    HMC,
    CallableLandscape,
    Draws,
    Grid,
    InputError,
    NormalPrior,
    ProductModel,
    SymbolicLandscape,
    gibbs,
    logistic_regression,
    on_data,
    posterior,
    project,
    sample_gibbs,
    sample_posterior,
)

RNG = np.random.default_rng
NARROW = np.array([1.0, 25.0, 400.0, 4.0])


def bowl() -> CallableLandscape:
    return CallableLandscape(
        lambda w: (NARROW * np.asarray(w) ** 2).sum(axis=-1) / 2, lambda w: NARROW * np.asarray(w), dim=4
    )


def off(draws: Draws, values: np.ndarray, exact: float) -> float:
    """By how many standard errors of so many independent draws a mean is off."""
    return abs(values.mean() - exact) / (values.std() / np.sqrt(draws.effective_size))


@pytest.mark.parametrize("leaps", [1, 8])
def test_variances_of_a_normal_law_are_exact(leaps: int) -> None:
    draws = sample_gibbs(
        bowl(), 0.3, np.zeros(4), rng=RNG(1), sampler=HMC(leaps), chains=16, steps=300, burn_in=200
    )
    assert draws.positions.shape == (300, 16, 4)
    assert draws.rhat < 1.05
    for k in range(4):
        assert off(draws, draws.all[:, k] ** 2, 0.3 / NARROW[k]) < 5
    assert off(draws, draws.all[:, 0] ** 2, 1.3 * 0.3) > 5  # the control


def test_a_given_step_keeps_the_law_too() -> None:
    draws = sample_gibbs(
        SymbolicLandscape("w**4/4"), 1.0, [0.0], rng=RNG(2), sampler=HMC(5, 0.8), chains=16, steps=400, burn_in=50
    )
    grid = Grid(-4.0, 4.0, 40)
    law = gibbs(SymbolicLandscape("w**4/4"), 1.0, grid.refined(3)).coarsen(3)
    assert compare_laws(draws, {"law": law}).verdict("law") == "agrees"
    assert draws.step_size == 0.8


def test_a_prior_is_counted() -> None:
    flat = CallableLandscape(lambda w: 0 * w[..., 0], lambda w: 0 * np.asarray(w), dim=2)
    numbers = {"steps": 120, "burn_in": 100, "chains": 32}
    draws = sample_gibbs(flat, 1.0, np.zeros(2), rng=RNG(3), log_prior=NormalPrior(2.0, 1.0), **numbers)
    assert off(draws, draws.all[:, 0], 1.0) < 5
    assert off(draws, (draws.all[:, 0] - 1) ** 2, 4.0) < 5
    plain = sample_gibbs(flat, 1.0, np.zeros(2), rng=RNG(3), log_prior=_normal, **numbers)
    np.testing.assert_allclose(plain.positions, draws.positions, atol=1e-6)  # by differences


def _normal(w: np.ndarray) -> np.ndarray:
    return np.asarray(-((w - 1) ** 2).sum(axis=-1) / 8)


def test_the_posterior_of_data_is_that_of_their_likelihood() -> None:
    rng = RNG(4)
    model = on_data(ProductModel("w"), rng.standard_normal(40), rng.standard_normal(40))
    draws = sample_posterior(model, [0.0], rng=RNG(5), beta=0.5, log_prior=NormalPrior(1.0), steps=200, burn_in=50)
    precision = 0.5 * (model.x**2).sum() + 1
    assert off(draws, draws.all[:, 0], 0.5 * (model.x[:, 0] @ model.y) / precision) < 5
    assert off(draws, (draws.all[:, 0] - draws.all.mean()) ** 2, 1 / precision) < 5


def test_the_population_posterior_is_that_on_a_grid() -> None:
    model, grid = ProductModel("w**2 - 1/2", noise_std=2.0, loss_scale=1.0), Grid(-2.5, 2.5, 60)
    draws = sample_posterior(model, np.linspace(-1, 1, 16), 20, rng=RNG(6), steps=500, burn_in=100)
    law = posterior(model, 20, grid.refined(3)).coarsen(3)
    assert compare_laws(draws, {"law": law}).verdict("law") == "agrees"


def test_logistic_regression_mixes_in_eight_dimensions() -> None:
    rng = RNG(7)
    x = rng.standard_normal((50, 8))
    model = logistic_regression(x, (rng.random(50) < 0.5).astype(float))
    draws = sample_posterior(model, np.zeros(8), rng=RNG(8), log_prior=NormalPrior(3.0), steps=150, burn_in=150)
    assert draws.effective_size > 400


def test_chains_that_do_not_mix_are_refused() -> None:
    wells = SymbolicLandscape("(w**2 - 1)**2/4")
    apart = np.where(np.arange(16) < 8, -1.0, 1.0)[:, None]
    numbers = {"steps": 300, "burn_in": 100}
    with pytest.raises(InputError, match="the chains must mix, R-hat at most"):
        sample_gibbs(wells, 0.005, apart, rng=RNG(9), **numbers)
    seen = sample_gibbs(wells, 0.005, apart, rng=RNG(9), observables=np.abs, **numbers)
    assert seen.effective_size == 0  # each well's share is what nobody knows
    common = project(seen, np.abs)
    assert off(common, common.all[:, 0], 0.9962) < 5
    assert sample_gibbs(wells, 0.5, apart, rng=RNG(9), **numbers).rhat < 1.05  # the control


def test_a_measure_that_does_not_exist_is_refused() -> None:
    bounded = SymbolicLandscape("w**2/(1 + w**2)")
    with pytest.raises(InputError, match=r"must mix|independent ones"):
        sample_gibbs(bounded, 1.0, [0.0], rng=RNG(1), steps=200, burn_in=100)
    held = sample_gibbs(bounded, 1.0, [0.0], rng=RNG(1), log_prior=NormalPrior(2.0), steps=200, burn_in=100)
    assert held.effective_size > 100


def test_refusals() -> None:
    well = SymbolicLandscape("w**2/2")
    for start, words in (
        ([[0.0], [1.0]], "at least 4"),
        ([np.inf], "finite"),
        (np.zeros((8, 2)), "one point of 1"),
    ):
        with pytest.raises(InputError, match=words):
            sample_gibbs(well, 1.0, start, rng=RNG(1))
    with pytest.raises(InputError, match="finite at the start"):
        sample_gibbs(SymbolicLandscape("log(w)"), 1.0, [-1.0], rng=RNG(1))
    with pytest.raises(InputError, match="needs `examples`"):
        sample_posterior(well, [0.0], rng=RNG(1))
    with pytest.raises(InputError, match="proposals must be accepted"):
        sample_gibbs(well, 1.0, [0.0], rng=RNG(1), sampler=HMC(3, 2000.0), steps=50, burn_in=10)
