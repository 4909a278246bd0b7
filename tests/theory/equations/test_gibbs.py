"""The Gibbs measure and the posterior against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from theory import Grid, InputError, ProductModel, SymbolicLandscape, gaussian, gibbs, posterior

LINE = Grid(-3, 3, 1201)
WELLS = SymbolicLandscape("(w**2 - 1)**2/4 + w/5")


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_a_power_has_its_partition_function_and_mean(k):
    examples, landscape = 50.0, SymbolicLandscape(f"w**{2 * k}")
    density = posterior(landscape, examples, LINE)
    partition = examples ** (-1 / (2 * k)) * math.gamma(1 / (2 * k)) / k
    assert 1 / density.values[600] == pytest.approx(partition, rel=1e-10)
    assert examples * density.expect(landscape.value) == pytest.approx(1 / (2 * k), rel=1e-10)


def test_a_quadratic_gives_the_normal_law():
    landscape = SymbolicLandscape("x**2 + x*y/2 + y**2/2")
    grid = Grid((-4, -4), (4, 4), (81, 81))
    expected = gaussian([0, 0], 0.3 * np.linalg.inv([[2, 0.5], [0.5, 1]]), grid)
    np.testing.assert_allclose(gibbs(landscape, 0.3, grid).values, expected.values, rtol=1e-10)


def test_ratios_are_exact_in_every_cell():
    density = gibbs(WELLS, 0.02, LINE)
    kept = density.values > 1e-290
    assert kept.sum() > 500
    potential = np.log(density.values[kept]) + WELLS.value(LINE.centers[kept]) / 0.02
    np.testing.assert_allclose(potential, potential[0], atol=1e-11)


@pytest.mark.parametrize("shift", [0.125, 1e6, -1e12])
def test_a_constant_in_the_loss_changes_nothing(shift):
    plain = SymbolicLandscape("w**2/4")
    shifted = gibbs(SymbolicLandscape(f"w**2/4 + ({shift})"), 0.25, LINE)
    rounding = 4 * np.finfo(float).eps * (1 + abs(shift) / 0.25)
    np.testing.assert_allclose(shifted.values, gibbs(plain, 0.25, LINE).values, rtol=rounding)


def test_temperature_and_loss_scale_together_change_nothing():
    doubled = SymbolicLandscape("2*((w**2 - 1)**2/4 + w/5)")
    np.testing.assert_allclose(gibbs(doubled, 0.2, LINE).values, gibbs(WELLS, 0.1, LINE).values, rtol=1e-12)
    assert np.abs(gibbs(doubled, 0.1, LINE).values - gibbs(WELLS, 0.1, LINE).values).max() > 0.1


def test_the_posterior_of_a_bare_landscape_is_gibbs():
    expected = gibbs(WELLS, 1 / (30 * 0.5), LINE)
    np.testing.assert_allclose(posterior(WELLS, 30, LINE, beta=0.5).values, expected.values, rtol=1e-12)


def test_the_posterior_of_a_model_knows_no_loss_scale():
    first, second = (
        posterior(ProductModel("(w + 1)*(w - 1)**2", noise_std=0.6, loss_scale=s), 40, LINE) for s in (0.5, 1.0)
    )
    np.testing.assert_array_equal(first.values, second.values)
    expected = gibbs(SymbolicLandscape("((w + 1)*(w - 1)**2)**2"), 2 * 0.6**2 / 40, LINE)
    np.testing.assert_allclose(first.values, expected.values, rtol=1e-10, atol=1e-300)


def test_a_prior_multiplies():
    def prior(w):
        return -((w[..., 0] - 1) ** 2) / 2

    plain, weighted = (posterior(WELLS, 10, LINE, log_prior=p) for p in (None, prior))
    product = plain.values * np.exp(prior(LINE.centers))
    np.testing.assert_allclose(weighted.values, product / (product.sum() * LINE.cell_volume), rtol=1e-12)
    np.testing.assert_allclose(gibbs(WELLS, 0.1, LINE, prior).values, weighted.values, rtol=1e-12)


def test_a_flat_prior_and_a_hard_wall():
    flat = gibbs(WELLS, 0.1, LINE, lambda w: np.full(w.shape[:-1], 5.0))
    np.testing.assert_allclose(flat.values, gibbs(WELLS, 0.1, LINE).values, rtol=1e-12)
    walled = gibbs(WELLS, 0.1, LINE, lambda w: np.where(w[..., 0] > 0, 0.0, -np.inf))
    assert walled.mass(lambda w: w[..., 0] < 0) == 0


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: gibbs(WELLS, 0, LINE), "`temperature` must be positive and finite, got 0"),
        (lambda: gibbs(WELLS, np.inf, LINE), "got inf"),
        (lambda: gibbs(WELLS, 1, Grid((0, 0), (1, 1), (3, 3))), "one dimension, got 1 and 2"),
        (lambda: gibbs(SymbolicLandscape("log(w)"), 1, LINE), "not in 601 cells, as at w = .*; change its domain"),
        (lambda: gibbs(WELLS, 1, LINE, lambda w: np.full(w.shape[:-1], np.nan)), "not NaN"),
        (lambda: posterior(WELLS, 0, LINE), "`examples` must be positive and finite, got 0"),
        (lambda: posterior(WELLS, 10, LINE, beta=-1), "`beta` must be positive and finite, got -1"),
        (lambda: posterior(ProductModel("w"), 10, Grid((0, 0), (1, 1), (3, 3))), "one dimension, got 1 and 2"),
        (lambda: posterior(ProductModel("log(w)"), 10, LINE), "not in 601 cells"),
        (lambda: posterior(ProductModel("w", noise_std=0), 10, LINE), "needs `noise_std` > 0"),
    ],
)
def test_refuses(make, reason):
    with pytest.raises(InputError, match=reason):
        make()
