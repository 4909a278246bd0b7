"""SGD as it really is: exact in law with fresh data, exact in bookkeeping with a fixed data set."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from checks import batch_gradients, errors_off, squares
from scipy.stats import ks_2samp
from sgd_models import CUBIC, QUADRATIC, VECTOR, C, H, data_for, seeded

from simulate import SGD, DataSet, WithoutReplacement, WithReplacement, draw_data, run_sgd
from theory import (
    Constant,
    NoisyGradient,
    ProductModel,
    langevin_limit,
    linear_regression_covariance,
    sgd_covariance,
    stationary_covariance,
)

# Exact discrete laws


def limit_covariance(model, sgd, at):
    limit = langevin_limit(model, sgd)
    return stationary_covariance(model.hessian(at), limit.tensor(at))


@pytest.mark.parametrize(("eta", "batch"), [(0.3, 4), (0.5, 10)])
def test_linear_regression_has_its_discrete_variance(eta, batch):
    model, sgd = ProductModel("w"), SGD(eta, batch)
    final = run_sgd(model, sgd, np.zeros(100_000), steps=80, rng=seeded(1)).final
    assert errors_off(squares(final), eta / (batch * (2 - eta * (1 + 2 / batch)))) < 5
    assert errors_off(squares(final), limit_covariance(model, sgd, [0.0])) > 10


def test_linear_regression_in_the_plane_has_the_reference_covariance():
    model, sgd = ProductModel(["x", "y"], input_std=(1, np.sqrt(2))), SGD(0.3, 2)
    final = run_sgd(model, sgd, np.zeros((60_000, 2)), steps=80, rng=seeded(2)).final
    assert errors_off(squares(final), np.diag([0.153488, 0.216279])) < 5
    assert errors_off(squares(final), limit_covariance(model, sgd, [0.0, 0.0])) > 10


def test_correlated_regression_has_its_discrete_covariance():
    model, sgd = ProductModel(["x", "x - y + 1"], noise_std=0.8), SGD(0.2, 3)
    final = run_sgd(model, sgd, np.tile([0.0, 1.0], (60_000, 1)), steps=150, rng=seeded(3)).final
    assert errors_off(final, [0.0, 1.0]) < 5
    assert errors_off(squares(final), linear_regression_covariance(model, 0.2, 3)) < 5
    assert errors_off(squares(final), limit_covariance(model, sgd, [0.0, 1.0])) > 10


@pytest.mark.parametrize(
    ("momentum", "expected"),
    [(0.0, [[0.07016, -0.02138], [-0.02138, 0.23367]]), (0.9, [[0.87407, -0.48080], [-0.48080, 1.98270]])],
)
def test_gaussian_noise_and_momentum_have_the_reference_covariance(momentum, expected):
    sgd = SGD(0.2, 1, momentum)
    model = NoisyGradient(QUADRATIC, Constant(C))
    final = run_sgd(model, sgd, np.zeros((60_000, 2)), steps=250, rng=seeded(4)).final
    assert errors_off(squares(final), expected) < 5
    assert errors_off(squares(final), limit_covariance(model, sgd, [0.0, 0.0])) > 10


def test_batches_divide_gaussian_noise():
    model = NoisyGradient(QUADRATIC, Constant(C))
    final = run_sgd(model, SGD(0.2, 5), np.zeros((40_000, 2)), steps=60, rng=seeded(5)).final
    assert errors_off(squares(final), sgd_covariance(H, C / 5, 0.2)) < 5
    assert errors_off(squares(final), sgd_covariance(H, C / 4, 0.2)) > 10


# Fresh data against a twin that draws every example


def twin(model, q, jacobian, sgd, start, steps, rng):
    """SGD that draws its B examples, in NumPy; q (n, m) and its Jacobian (n, m, d) of w (n, d)."""
    w, v = start.copy(), np.zeros_like(start)
    for _ in range(steps):
        x = rng.standard_normal((len(w), sgd.batch_size, model.outputs)) * model.input_std
        y = model.noise_std * rng.standard_normal((len(w), sgd.batch_size))
        residual = np.einsum("nbm,nm->nb", x, q(w)) - y
        pull = 2 * model.loss_scale * np.einsum("nb,nbm->nm", residual, x) / sgd.batch_size
        v = sgd.momentum * v - sgd.learning_rate * np.einsum("nm,nmd->nd", pull, jacobian(w))
        w = w + v
    return w


def cubic(w):
    return (w + 1) * (w - 1) ** 2


def cubic_slope(w):
    return ((w - 1) * (3 * w + 1))[..., None]


def vector(w):
    x, y = w.T
    return np.stack([x, x * y, y - 1], axis=-1)


def vector_slope(w):
    x, y = w.T
    one, zero = np.ones_like(x), np.zeros_like(x)
    return np.stack([np.stack(row, axis=-1) for row in ((one, zero), (y, x), (zero, one))], axis=1)


@pytest.mark.parametrize(
    ("model", "q", "slope", "start", "rate"),
    [(CUBIC, cubic, cubic_slope, [0.2], 0.03), (VECTOR, vector, vector_slope, [0.6, -0.4], 0.03)],
    ids=["scalar", "vector"],
)
@pytest.mark.parametrize("batch", [1, 2, 5], ids="B={}".format)
@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_sufficient_statistics_have_the_law_of_examples(model, q, slope, start, rate, batch, momentum):
    sgd = SGD(rate, batch, momentum)
    starts = np.tile(start, (30_000, 1))
    ours = run_sgd(model, sgd, starts, steps=3, rng=seeded(6)).final
    drawn = twin(model, q, slope, sgd, starts, 3, seeded(7))
    larger = twin(model, q, slope, dataclasses.replace(sgd, batch_size=2 * batch), starts, 3, seeded(8))
    for axis in range(model.dim):
        assert ks_2samp(ours[:, axis], drawn[:, axis]).pvalue > 1e-3
        assert ks_2samp(ours[:, axis], larger[:, axis]).pvalue < 1e-6
    assert errors_off(ours - drawn, 0) < 5
    assert errors_off(ours**2 - drawn**2, 0) < 5
    assert errors_off(squares(ours) - squares(drawn), 0) < 5
    assert errors_off(squares(ours) - squares(larger), 0) > 10


def test_one_example_of_three_inputs_moves_along_itself():
    """Without label noise q(w) = w has the gradient x (x.w): at w = e1 it is x x1, whose length is |x| |x1|."""
    model, at = ProductModel(["x", "y", "z"], noise_std=0.0), np.array([1.0, 0.0, 0.0])
    gradients = batch_gradients(model, at, 1, 4000, seeded(9))
    assert (gradients[:, 0] >= 0).all()
    assert errors_off(gradients[:, 0], 1) < 5
    assert errors_off((gradients**2).sum(axis=1) / gradients[:, 0], 3) < 5
    pairs = batch_gradients(model, at, 2, 4000, seeded(9))  # the control
    assert errors_off((pairs**2).sum(axis=1) / pairs[:, 0], 3) > 10


# Fixed data


def test_full_batches_are_gradient_descent():
    data = data_for(VECTOR, 12)
    rate, momentum = 0.01, 0.6
    sgd = SGD(rate, 12, momentum, sampling=WithoutReplacement())
    start = seeded(11).normal(size=(5, 2)) / 2
    found = run_sgd(VECTOR, sgd, start, steps=40, rng=seeded(12), data=data).final
    w, v = start.copy(), np.zeros_like(start)
    for _ in range(40):
        residual = vector(w) @ data.x.T - data.y
        v = momentum * v - rate * 2 * 0.8 * np.einsum("nb,bm,nmd->nd", residual, data.x, vector_slope(w)) / 12
        w = w + v
    np.testing.assert_allclose(found, w, rtol=1e-12)
    replaced = dataclasses.replace(sgd, sampling=WithReplacement())
    noisy = run_sgd(VECTOR, replaced, start, steps=40, rng=seeded(12), data=data).final
    assert np.abs(noisy - w).min() > 1e-6


N = 7
SEPARATE = ProductModel([f"w{i}" for i in range(N)])  # example i pulls on coordinate i only
UNITS = DataSet(np.eye(N), np.zeros(N))


def epoch(sampling, batch, steps, walkers=300):
    sgd = SGD(0.25, batch, sampling=sampling)
    return run_sgd(SEPARATE, sgd, np.ones((walkers, N)), steps=steps, rng=seeded(13), data=UNITS).final


@pytest.mark.parametrize("epochs", [1, 2, 5])
def test_an_epoch_uses_every_example_once(epochs):
    np.testing.assert_allclose(epoch(WithoutReplacement(), 1, N * epochs), 0.75**epochs, rtol=1e-13)
    assert np.ptp(epoch(WithReplacement(), 1, N * epochs)) > 0.1


def test_the_last_batch_holds_what_is_left():
    final = epoch(WithoutReplacement(), 3, 3)  # batches of 3, 3 and 1
    whole, rest = 1 - 0.25 / 3, 1 - 0.25
    np.testing.assert_allclose(np.sort(final, axis=1), np.tile([rest, *[whole] * 6], (300, 1)), rtol=1e-13)
    lonely = np.bincount(final.argmin(axis=1), minlength=N)
    assert lonely.min() > 20  # each walker has an order of its own
    np.testing.assert_allclose(np.sort(epoch(WithoutReplacement(), 3, 6))[:, 2:], whole**2, rtol=1e-13)


def test_every_order_is_equally_likely():
    used = epoch(WithoutReplacement(), 3, 1, walkers=20_000) < 1
    np.testing.assert_array_equal(used.sum(axis=1), 3)
    together = np.einsum("wi,wj->wij", used, used).astype(float)
    expected = np.where(np.eye(N, dtype=bool), 3 / N, 3 * 2 / (N * (N - 1)))
    assert errors_off(together, expected) < 5
    assert errors_off(together, np.where(np.eye(N, dtype=bool), 3 / N, 9 / N**2)) > 10


@pytest.mark.parametrize(("sampling", "factor"), [(WithReplacement(), 1), (WithoutReplacement(), 8 / 11)])
def test_batch_noise_is_that_of_the_first_lemma(sampling, factor):
    """Chaudhari & Soatto: C/B with replacement, (N - B)/((N - 1) B) C without."""
    data, w, rate = data_for(VECTOR, 12), np.array([0.6, -0.4]), 0.125
    residual = vector(w[None])[0] @ data.x.T - data.y
    gradients = 2 * 0.8 * residual[:, None] * (data.x @ vector_slope(w[None])[0])
    covariance = np.cov(gradients.T, bias=True) / 4
    sgd = SGD(rate, 4, sampling=sampling)
    final = run_sgd(VECTOR, sgd, np.tile(w, (60_000, 1)), steps=1, rng=seeded(14), data=data).final
    batch = (w - final) / rate
    assert errors_off(batch, gradients.mean(axis=0)) < 5
    assert errors_off(squares(batch), factor * covariance) < 5
    assert errors_off(squares(batch), (8 / 11 if factor == 1 else 1) * covariance) > 10


def test_fixed_data_are_taken_as_they_are():
    model = ProductModel("w", input_std=3.0)  # the spread of inputs is in the data already
    data = DataSet([2.0], [1.0])
    sgd = SGD(0.1, 1, sampling=WithoutReplacement())
    final = run_sgd(model, sgd, [[1.0]], steps=1, rng=seeded(15), data=data).final
    assert final[0, 0] == pytest.approx(1 - 0.1 * (2 * 1 - 1) * 2, rel=1e-14)


def test_drawn_data_have_the_law_of_the_model():
    data = draw_data(VECTOR, 50_000, seeded(16))
    assert errors_off(data.x, 0) < 5
    assert errors_off(squares(data.x), np.diag([1, 4, 0.25])) < 5
    assert errors_off(data.y**2, 0.25) < 5
    assert len(data) == 50_000
