"""Noise beside that of the batches: its covariance, its tails, and that of heavy-tailed data."""

from __future__ import annotations

import math

import numpy as np
import pytest
from checks import batch_gradients, errors_off, squares
from scipy.stats import ks_2samp
from sgd_models import CUBIC, VECTOR, data_for, seeded

from simulate import (
    SGD,
    Fresh,
    GaussianNoise,
    LabelNoise,
    StableNoise,
    StudentNoise,
    SubsampledNoise,
    WithoutReplacement,
    WithReplacement,
    run_sgd,
)
from theory import ProductModel, gaussian_surrogate, logistic_regression, on_data

SILENT = ProductModel("w", noise_std=0.0)  # at 0 its gradient is 0, whatever the data


def numbers(noise, draws=200_000, seed=1):
    """What `noise` adds to the gradient."""
    sgd = SGD(1.0, 1, noise=noise)
    return -run_sgd(SILENT, sgd, np.zeros(draws), steps=1, rng=seeded(seed)).final[:, 0]


def at_one_point(model, w, sgd, data=None, draws=40_000, seed=2):
    """Batch gradients at w (d,), shape (draws, d)."""
    final = run_sgd(model, sgd, np.tile(w, (draws, 1)), steps=1, rng=seeded(seed), data=data).final
    return (w - final) / sgd.learning_rate


# Laws of added numbers


@pytest.mark.parametrize(("alpha", "skew"), [(2.0, 0.0), (1.5, 0.0), (1.5, 0.7), (1.0, 0.0), (0.7, -0.5)])
def test_stable_noise_has_its_characteristic_function(alpha, skew):
    found = numbers(StableNoise(alpha, 2.0, skew))
    u = np.array([0.1, 0.5, 1.0])
    size = np.abs(2 * u) ** alpha
    slope = skew * math.tan(math.pi * alpha / 2) if skew else 0.0
    assert errors_off(np.cos(np.outer(found, u)), np.exp(-size) * np.cos(slope * size)) < 5
    assert errors_off(np.sin(np.outer(found, u)), np.exp(-size) * np.sin(slope * size)) < 5
    other = np.abs(2 * u) ** (alpha - 0.1)
    assert errors_off(np.cos(np.outer(found, u)), np.exp(-other) * np.cos(slope * other)) > 10


def exponent(found, low, high):
    """Exponent of the tail between two sizes with its standard error."""
    below, above = ((np.abs(found) > size).sum() for size in (low, high))
    return math.log(below / above) / math.log(high / low), math.sqrt(1 / above - 1 / below) / math.log(high / low)


@pytest.mark.parametrize(
    ("noise", "alpha", "low"),
    [(StableNoise(1.2, 0.5), 1.2, 5), (StableNoise(0.6, 0.5), 0.6, 50), (StudentNoise(1.5, 0.5), 1.5, 5)],
)
def test_tails_have_their_exponents(noise, alpha, low):
    found, error = exponent(numbers(noise, 400_000), low, 10 * low)
    assert abs(found - alpha) < 5 * error + 0.02  # of the next order in the size
    assert abs(found - alpha - 0.4) > 5 * error + 0.02


def test_students_noise_has_its_variance_and_gaussian_noise_its_own():
    found = numbers(StudentNoise(9.0, 0.5))
    assert errors_off(found, 0) < 5
    assert errors_off(found**2, 0.25 * 9 / 7) < 5
    assert errors_off(found**2, 0.25) > 10
    plain = numbers((GaussianNoise(0.3), GaussianNoise(0.4)))
    assert errors_off(plain**2, 0.25) < 5
    assert errors_off(plain**4, 3 * 0.25**2) < 5


def test_stable_noise_makes_a_stable_law():
    """The law at rest keeps the index, with scale^alpha = eta^alpha / (1 - (1 - eta)^alpha)."""
    alpha, eta = 1.4, 0.3
    sgd = SGD(eta, 100_000, noise=StableNoise(alpha, 1.0))
    final = run_sgd(SILENT, sgd, np.zeros(60_000), steps=60, rng=seeded(3)).final[:, 0]
    size = eta**alpha / (1 - (1 - eta) ** alpha)
    u = np.array([0.3, 1.0, 2.0])
    assert errors_off(np.cos(np.outer(final, u)), np.exp(-size * u**alpha)) < 5
    assert errors_off(np.cos(np.outer(final, u)), np.exp(-eta / alpha * u**alpha)) > 5  # continuous time


# Noise of data


def test_label_noise_on_fresh_data_is_that_of_the_model():
    noisy = ProductModel("(w + 1)*(w - 1)**2", noise_std=math.hypot(0.7, 0.4), loss_scale=1.0)
    start = np.full(100, 0.2)
    added = run_sgd(CUBIC, SGD(0.02, 5, noise=LabelNoise(0.4)), start, steps=9, rng=seeded(4)).final
    np.testing.assert_array_equal(added, run_sgd(noisy, SGD(0.02, 5), start, steps=9, rng=seeded(4)).final)


@pytest.mark.parametrize("own", [False, True], ids=["product", "dataset"])
def test_label_noise_on_a_data_set_adds_its_part(own):
    """Full batches: the only noise is (2s)^2 std^2 sum (J'x)(J'x)' / N^2."""
    data, w, std = data_for(VECTOR, 12), np.array([0.6, -0.4]), 0.5
    jacobian = np.array([[1, 0], [-0.4, 0.6], [0, 1]])
    pulls = data.x @ jacobian
    expected = 1.6**2 * std**2 * pulls.T @ pulls / 144
    sgd = SGD(0.125, 12, sampling=WithoutReplacement(), noise=LabelNoise(std))
    model = on_data(VECTOR, data.x, data.y) if own else VECTOR
    found = at_one_point(model, w, sgd, None if own else data, 20_000)
    assert errors_off(squares(found), expected) < 5
    assert errors_off(squares(found), 1.3 * expected) > 5
    assert errors_off(found, on_data(VECTOR, data.x, data.y).gradient(w)) < 5


@pytest.mark.parametrize("own", [False, True], ids=["product", "dataset"])
def test_subsampled_noise_has_the_covariance_of_the_examples(own):
    data, w = data_for(VECTOR, 12), np.array([0.6, -0.4])
    examples = on_data(VECTOR, data.x, data.y)
    model, given = (examples, None) if own else (VECTOR, data)
    sgd = SGD(0.125, 12, sampling=WithoutReplacement(), noise=SubsampledNoise(0.5))
    found = at_one_point(model, w, sgd, given, 20_000)
    covariance = examples.gradient_covariance(w)
    assert errors_off(found, examples.gradient(w)) < 5
    assert errors_off(squares(found), 0.25 * covariance) < 5
    second = covariance + np.outer(examples.gradient(w), examples.gradient(w))
    assert errors_off(squares(found), 0.25 * second) > 10
    replaced = at_one_point(model, w, SGD(0.125, 4, sampling=WithReplacement(), noise=SubsampledNoise(0.5)), given)
    assert errors_off(squares(replaced), (0.25 + 0.25) * covariance) < 5


def test_the_gaussian_surrogate_keeps_mean_and_covariance_and_loses_the_skew():
    w, batch = np.array([0.2]), 2
    surrogate = gaussian_surrogate(CUBIC)
    exact = batch_gradients(CUBIC, w, batch, 60_000, seeded(5))
    normal = batch_gradients(surrogate, w, batch, 60_000, seeded(6))
    assert errors_off(normal, CUBIC.gradient(w)) < 5
    assert errors_off(squares(normal), CUBIC.gradient_covariance(w) / batch) < 5
    skew = [(g[:, 0] - CUBIC.gradient(w)) ** 3 for g in (normal, exact)]
    assert errors_off(skew[0], 0) < 5
    assert errors_off(skew[1], 0) > 10
    x = seeded(7).normal(size=(30, 2))
    data = logistic_regression(x, (x[:, 0] > 0) * 1.0)
    at = np.array([0.5, -0.2])
    drawn = at_one_point(gaussian_surrogate(data), at, SGD(0.1, 3), draws=20_000)
    assert errors_off(squares(drawn), data.gradient_covariance(at) / 3) < 5


def test_inputs_of_heavy_tails_have_a_larger_fourth_moment():
    """Var g = (2 s q')^2 (noise_std^2 + (E x^4 - 1) q^2), where E x^4 = 3 (k - 2) / (k - 4)."""
    model, w = ProductModel("w", noise_std=0.5), np.array([1.5])
    found = at_one_point(model, w, SGD(0.125, 3, sampling=Fresh(input_degrees=14.0)), draws=200_000)

    def variance(fourth):
        return (0.25 + (fourth - 1) * 1.5**2) / 3

    assert errors_off(found, 1.5) < 5
    assert errors_off(squares(found), variance(3 * 12 / 10)) < 5
    assert errors_off(squares(found), variance(3)) > 10


def test_labels_of_heavy_tails_keep_the_variance_of_the_gradient():
    w = np.array([0.2])
    found = at_one_point(CUBIC, w, SGD(0.125, 2, sampling=Fresh(label_degrees=5.0)), draws=200_000)
    assert errors_off(squares(found), CUBIC.gradient_covariance(w) / 2) < 5
    normal = batch_gradients(CUBIC, w, 2, 200_000, seeded(8))
    assert ks_2samp(found[:, 0], normal[:, 0]).pvalue < 1e-6


def test_infinite_degrees_are_normal():
    """Example by example the law is that of the sufficient statistics."""
    w = np.array([0.6, -0.4])
    found = at_one_point(VECTOR, w, SGD(0.125, 3, sampling=Fresh(input_degrees=1e12)), draws=40_000)
    normal = batch_gradients(VECTOR, w, 3, 40_000, seeded(9))
    for axis in range(2):
        assert ks_2samp(found[:, axis], normal[:, axis]).pvalue > 1e-3
