"""Models linear in the data: loss, Hessian, noise and divergence against the data they stand for."""

from __future__ import annotations

import numpy as np
import pytest
from checks import batch_gradients, check_model, errors_off, squares

from theory import Constant, InputError, Isotropic, NoisyGradient, ProductModel, SymbolicLandscape
from theory.tensors import NoisyModel

MODELS = {
    "line": ProductModel("(w + 1)*(w - 1)**2", noise_std=0.7, loss_scale=1.0),
    "scaled": ProductModel("w - 1/2", noise_std=2.0, input_std=1.5),
    "plane": ProductModel("(x**2 + y**2)*x", noise_std=1.0),
    "vector": ProductModel(["x", "x*y", "y - 1"], noise_std=0.5, input_std=(1, 2, 0.5), loss_scale=0.8),
    "noiseless": ProductModel(["x + y", "y**2"], noise_std=0.0),
}
PLACE = {"line": [0.3], "scaled": [1.0], "plane": [0.8, -0.6], "vector": [0.9, 0.4], "noiseless": [1.0, -0.5]}
NAMES = list(MODELS)


def example_gradients(model, w, examples, rng):
    """One gradient 2s (q.x - y) J'x for each of `examples` drawn, straight from the definition."""
    x = rng.standard_normal((examples, model.outputs)) * model.input_std
    y = model.noise_std * rng.standard_normal(examples)
    q, jacobian = predictor(model, w)
    residual = x @ q - y
    return 2 * model.loss_scale * residual[:, None] * (x @ jacobian), model.loss_scale * residual**2


def predictor(model, w):
    """The function q and its Jacobian (m, d) at w (d,)."""
    parts = [SymbolicLandscape(q, [str(v) for v in model.variables]) for q in model.q]
    return np.array([p.value(w) for p in parts]), np.array([p.gradient(w) for p in parts])


@pytest.mark.parametrize("name", NAMES)
def test_loss_gradient_and_noise_are_those_of_examples(name):
    model, w = MODELS[name], np.array(PLACE[name])
    gradients, losses = example_gradients(model, w, 200_000, np.random.default_rng(1))
    assert errors_off(losses, model.value(w)) < 5
    assert errors_off(gradients, model.gradient(w)) < 5
    assert errors_off(squares(gradients), model.gradient_covariance(w)) < 5
    assert errors_off(gradients, 1.1 * model.gradient(w)) > 10
    assert errors_off(squares(gradients), 1.2 * model.gradient_covariance(w)) > 10


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("batch_size", [1, 2, 20])
def test_batches_have_the_noise_of_the_model(name, batch_size):
    check_model(MODELS[name], np.array(PLACE[name]), batch_size, np.random.default_rng(batch_size))


def test_gaussian_noise_around_a_landscape():
    covariance = [[1.0, 0.3], [0.3, 2.0]]
    model = NoisyGradient(SymbolicLandscape("x**2 + x*y"), Constant(covariance))
    w = np.array([0.4, -0.2])
    check_model(model, w, 4, np.random.default_rng(4))
    gradients = batch_gradients(model, w, 4, 40_000, np.random.default_rng(4))
    assert errors_off(squares(gradients), np.array(covariance) / 3) > 10


@pytest.mark.parametrize("model", [MODELS["plane"], NoisyGradient(SymbolicLandscape("x*y"), Isotropic(1, 2))])
def test_models_keep_the_protocol(model):
    assert isinstance(model, NoisyModel)
    assert model.gradient_covariance(np.zeros((3, 5, 2))).shape == (3, 5, 2, 2)


@pytest.mark.parametrize("name", NAMES)
def test_the_formulas_for_correlated_data(name):
    model, w = MODELS[name], np.array(PLACE[name])
    s, variance, inputs = model.loss_scale, model.noise_std**2, np.diag(np.square(model.input_std))
    q, jacobian = predictor(model, w)
    pull = jacobian.T @ inputs @ q
    bends = [SymbolicLandscape(f, [str(v) for v in model.variables]).hessian(w) for f in model.q]
    curvature = jacobian.T @ inputs @ jacobian + np.tensordot(inputs @ q, bends, axes=1)
    noise = (variance + q @ inputs @ q) * jacobian.T @ inputs @ jacobian + np.outer(pull, pull)
    np.testing.assert_allclose(model.value(w), s * (q @ inputs @ q + variance), rtol=1e-12)
    np.testing.assert_allclose(model.gradient(w), 2 * s * pull, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(model.hessian(w), 2 * s * curvature, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(model.gradient_covariance(w), 4 * s**2 * noise, rtol=1e-12, atol=1e-12)


def test_scalar_models_have_noise_of_rank_one():
    points = np.random.default_rng(2).uniform(-2, 2, (50, 2))
    eigenvalues = np.linalg.eigvalsh(MODELS["plane"].gradient_covariance(points))
    assert np.abs(eigenvalues[:, 0] / eigenvalues[:, 1]).max() < 1e-12
    assert np.linalg.eigvalsh(MODELS["vector"].gradient_covariance(points))[:, 0].min() > 0.01


@pytest.mark.parametrize(("scale", "noise_std"), [(0.5, 1.0), (1.0, 0.3), (0.5, 2.0)])
def test_at_a_zero_of_q_noise_is_proportional_to_curvature(scale, noise_std):
    model = ProductModel("(w + 1)*(w - 1)**2 + (v - 2)*3", ["w", "v"], noise_std=noise_std, loss_scale=scale)
    zero = np.array([-1.0, 2.0])
    ratio = 2 * scale * noise_std**2
    np.testing.assert_allclose(model.gradient_covariance(zero), ratio * model.hessian(zero), rtol=1e-12)
    away = zero + 0.1  # the control
    assert not np.allclose(model.gradient_covariance(away), ratio * model.hessian(away), rtol=1e-3)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_at_degenerate_zeros_the_ratio_depends_on_the_order(k):
    model = ProductModel(f"w**{k}", noise_std=0.5, loss_scale=1.0)
    u = np.array([1e-4])
    ratio = model.gradient_covariance(u) / model.hessian(u) / (2 * 0.5**2)
    np.testing.assert_allclose(ratio, k / (2 * k - 1), rtol=1e-6)


def test_on_a_barrier_noise_vanishes_and_curvature_does_not():
    w_b = np.array([-1 / 3])  # q' = 0 between the zeros -1 and 1
    assert MODELS["line"].gradient_covariance(w_b)[0, 0] == pytest.approx(0, abs=1e-28)
    assert MODELS["line"].hessian(w_b)[0, 0] < -1


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_the_divergence_to_the_truth_knows_no_loss_scale(scale):
    model = ProductModel(["x", "x*y"], noise_std=0.5, input_std=(1, 2), loss_scale=scale)
    np.testing.assert_allclose(model.kl([0.3, 0.2]), (0.3**2 + (2 * 0.06) ** 2) / (2 * 0.25), rtol=1e-14)


def test_numpy_numbers_are_numbers():
    assert ProductModel("w", noise_std=np.int64(2), input_std=np.float32(1)).value([0.0]) == 2.0


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: ProductModel([]), "at least one formula"),
        (lambda: ProductModel("w", noise_std=-1), "`noise_std` must be finite and not negative, got -1"),
        (lambda: ProductModel("w", noise_std=np.nan), "`noise_std` .* got nan"),
        (lambda: ProductModel("w", noise_std="1"), "`noise_std` .* got '1'"),
        (lambda: ProductModel("w", loss_scale=0), "`loss_scale` must be finite and positive, got 0"),
        (lambda: ProductModel("w", input_std=0), "`input_std` must be finite and positive, got 0"),
        (lambda: ProductModel(["x", "y"], input_std=(1, 2, 3)), "one for each formula, 2, got 3"),
        (lambda: ProductModel(["x", "x +"]), "formula 'x \\+' does not parse"),
        (lambda: ProductModel("w", noise_std=0).kl([1.0]), "needs `noise_std` > 0"),
        (lambda: NoisyGradient(SymbolicLandscape("w"), Isotropic(1, 2)), "one dimension, got 1 and 2"),
    ],
)
def test_refuses(make, reason):
    with pytest.raises(InputError, match=reason):
        make()
