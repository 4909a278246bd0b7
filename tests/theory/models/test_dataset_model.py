"""Fixed data sets: loss, gradients and noise of their examples, and SGD on them."""

from __future__ import annotations

import numpy as np
import pytest
from checks import assert_near, check_landscape, check_tensor, differences, errors_off, squares
from sgd_models import VECTOR, data_for, seeded

from simulate import SGD, Fresh, LabelNoise, WithoutReplacement, WithReplacement, run_sgd
from theory import (
    DatasetModel,
    InputError,
    ProductModel,
    diagonal_linear_network,
    langevin_limit,
    logistic_regression,
    on_data,
    sample_paths,
    two_layer_network,
    with_weight_decay,
)
from theory.tensors import NoisyModel

X = seeded(1).normal(size=(40, 2))
Y = X[:, 0] - 0.5 * X[:, 1] + 0.3 * seeded(2).normal(size=40)
DATA = data_for(VECTOR, 12)
MODELS = {
    "decay": with_weight_decay(logistic_regression(X, (Y > 0) * 1.0), 0.3),
    "diagonal": diagonal_linear_network(X, Y),
    "logistic": logistic_regression(X, (Y > 0) * 1.0),
    "decayed network": with_weight_decay(two_layer_network(X, Y, hidden=2), 0.3),
    "network": two_layer_network(X, Y, hidden=2),
    "product": on_data(VECTOR, DATA.x, DATA.y),
}


@pytest.mark.parametrize("name", MODELS)
def test_gradients_and_hessians_are_those_of_the_loss(name):
    model = MODELS[name]
    w = seeded(3).normal(size=(4, model.dim))
    check_landscape(model, w, 1e-6)
    each = model.example_gradient(w[:, None], model.x, model.y)
    for i in (0, 5, 11):

        def loss(points, i=i):
            return model.loss(points, model.x[i], model.y[i])

        assert_near(each[:, i], differences(loss, w), 1e-7)
    assert isinstance(model, NoisyModel)


@pytest.mark.parametrize("name", MODELS)
def test_the_noise_is_that_of_the_examples(name):
    model = MODELS[name]
    w = seeded(4).normal(size=(3, model.dim))
    check_tensor(model.example_covariance, w, 1e-6)
    gradients = model.example_gradient(w[0], model.x, model.y)
    np.testing.assert_allclose(model.gradient_covariance(w[0]), np.cov(gradients.T, bias=True), rtol=1e-10)


@pytest.mark.parametrize("name", MODELS)
def test_products_are_those_of_the_matrices(name):
    model = MODELS[name]
    w, v = seeded(20).normal(size=(2, 3, 4, model.dim))
    curvature, noise = model.hessian(w), model.gradient_covariance(w)
    assert_near(model.hessian_product(w, v), (curvature @ v[..., None])[..., 0], 1e-9)
    assert_near(model.covariance_product(w, v), (noise @ v[..., None])[..., 0], 1e-12)
    assert_near(model.covariance_product(w[0, 0], v[0]), v[0] @ noise[0, 0], 1e-12)
    assert_near(model.hessian_product(w[0, 0], v[0]), v[0] @ curvature[0, 0], 1e-9)
    assert (model.hessian_product(w, 0 * v) == 0).all()


@pytest.mark.parametrize("name", MODELS)
def test_gradients_of_batches_and_sums_are_those_of_the_examples(name, monkeypatch):
    model = MODELS[name]
    w = seeded(21).normal(size=(3, 4, model.dim))
    chosen = seeded(22).integers(len(model), size=(3, 4, 5))
    each = model.example_gradient(w[:, :, None], model.x, model.y)
    of_batches = np.take_along_axis(each, chosen[..., None], axis=2).mean(axis=2)
    weights = seeded(23).normal(size=each.shape[:-1])
    of_sums = (weights[..., None] * each).sum(axis=2)
    for largest in (2_000_000, 1):  # in one slab, and one by one
        monkeypatch.setattr("theory.models.slabs.LARGEST_BLOCK", largest)
        assert_near(model.batch_gradient(w, model.x[chosen], model.y[chosen]), of_batches, 1e-13)
        assert_near(model.weighted_gradient(w, weights), of_sums, 1e-13)
    assert model.parameter_names[:2] == ("w1", "w2")


def test_inputs_and_labels_may_have_any_number_of_axes():
    x, y = seeded(24).normal(size=(6, 2, 3)), seeded(25).normal(size=(6, 2))

    def loss(w, x, y):
        return (((x * w[..., None, :]).sum(axis=-1) - y) ** 2).sum(axis=-1)

    def gradient(w, x, y):
        rest = (x * w[..., None, :]).sum(axis=-1) - y
        return 2 * (rest[..., None] * x).sum(axis=-2)

    wide = DatasetModel(x, y, loss, gradient, 3)
    flat = DatasetModel(x.reshape(12, 3), y.reshape(12), lambda w, x, y: 2 * ((w * x).sum(axis=-1) - y) ** 2,
                        lambda w, x, y: 4 * ((w * x).sum(axis=-1) - y)[..., None] * x, 3)  # fmt: skip
    w = seeded(26).normal(size=(4, 3))
    np.testing.assert_allclose(wide.gradient(w), flat.gradient(w), rtol=1e-12)
    walked = run_sgd(wide, SGD(0.01, 6, sampling=WithoutReplacement()), w, steps=3, rng=seeded(27)).final
    full = w
    for _ in range(3):
        full = full - 0.01 * wide.gradient(full)
    np.testing.assert_allclose(walked, full, rtol=1e-12)


def test_a_well_specified_model_has_noise_like_its_curvature():
    """Fisher's matrix, Hessian and noise agree for logistic labels drawn from the model, not for others (G2)."""
    x, w = seeded(5).normal(size=(100_000, 2)), np.array([1.0, -0.5])
    chance = 1 / (1 + np.exp(-x @ w))
    truth = logistic_regression(x, (seeded(6).random(len(x)) < chance) * 1.0)
    np.testing.assert_allclose(truth.gradient_covariance(w), truth.hessian(w), atol=0.01)
    wrong = logistic_regression(x, (x[:, 0] > 0) * 1.0)
    assert np.abs(wrong.gradient_covariance(w) - wrong.hessian(w)).max() > 0.03


@pytest.mark.parametrize(("sampling", "factor"), [(WithReplacement(), 1), (WithoutReplacement(), 30 / 39)])
@pytest.mark.parametrize("name", ["logistic", "network"])
def test_batch_noise_is_that_of_the_first_lemma(name, sampling, factor):
    """Chaudhari & Soatto: C/B with replacement, (N - B)/((N - 1) B) C without."""
    model, rate = MODELS[name], 0.125
    w = seeded(7).normal(size=model.dim)
    starts = np.tile(w, (20_000, 1))
    final = run_sgd(model, SGD(rate, 10, sampling=sampling), starts, steps=1, rng=seeded(8)).final
    batch = (w - final) / rate
    covariance = model.gradient_covariance(w) / 10
    assert errors_off(batch, model.gradient(w)) < 5
    assert errors_off(squares(batch), factor * covariance) < 5
    assert errors_off(squares(batch), (30 / 39 if factor == 1 else 1) * covariance) > 5


def test_an_epoch_uses_every_example_once():
    count = 7
    separate = on_data(ProductModel([f"w{i}" for i in range(count)]), np.eye(count), np.zeros(count))
    once, rest = 1 - 0.25 / 3, 1 - 0.25

    def final(sampling, steps):
        return run_sgd(
            separate, SGD(0.25, 3, sampling=sampling), np.ones((300, count)), steps=steps, rng=seeded(9)
        ).final

    ends = np.sort(final(WithoutReplacement(), 3), axis=1)
    np.testing.assert_allclose(ends, np.tile([rest, *[once] * 6], (300, 1)), rtol=1e-13)
    assert final(WithReplacement(), 3).max() == 1  # some example was left out
    assert len(np.unique(final(WithoutReplacement(), 3).argmin(axis=1))) == count
    two = np.sort(final(WithoutReplacement(2), 6), axis=1)[:, 2:]
    np.testing.assert_allclose(two, once**2, rtol=1e-13)


def test_full_batches_are_descent_whichever_way_the_data_come():
    sgd = SGD(0.01, 12, 0.6, sampling=WithoutReplacement())
    start = seeded(10).normal(size=(5, 2)) / 2
    own = run_sgd(MODELS["product"], sgd, start, steps=40, rng=seeded(11)).final
    given = run_sgd(VECTOR, sgd, start, steps=40, rng=seeded(11), data=DATA).final
    np.testing.assert_allclose(own, given, rtol=1e-10)
    assert np.abs(own - start).min() > 1e-3


def test_its_equation_has_the_noise_of_the_data():
    model, w = MODELS["logistic"], np.array([[0.3, 0.1]])
    limit = langevin_limit(model, SGD(0.2, 5, sampling=WithReplacement()))
    np.testing.assert_allclose(limit.tensor(w), 0.02 * model.gradient_covariance(w), rtol=1e-12)
    paths = sample_paths(limit, np.tile(w, (20_000, 1)), dt=0.01, steps=1, rng=seeded(12)).final
    assert errors_off(squares(paths), 0.02 * 0.02 * model.gradient_covariance(w[0])) < 5


def test_memory_does_not_grow_with_points_times_examples():
    import tracemalloc

    model = logistic_regression(np.tile(X, (100, 1)), np.tile((Y > 0) * 1.0, 100))
    tracemalloc.start()
    model.gradient(np.zeros((4000, 2)))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 120e6 < 4000 * 4000 * 2 * 8


def bad_after_two_steps(w, x, y):
    good = np.broadcast_to(np.ones_like(w), np.broadcast_shapes(w.shape, x[..., :1].shape)).copy()
    good[np.broadcast_to(w[..., :1] < 0.75, good.shape)] = np.nan
    return good


def flat(w, x, y):
    return np.zeros(np.broadcast_shapes(w.shape[:-1], y.shape))


def test_a_gradient_that_is_not_finite_is_named():
    broken = DatasetModel(X, Y, flat, bad_after_two_steps, 1)
    start = np.full(600, 5.0)
    start[530] = 1.0
    with pytest.raises(
        InputError,
        match=r"must be finite, got \[nan\] for walker 530 at step 3, w = \[0\.625\]; mend the function",
    ):
        run_sgd(broken, SGD(0.125, 4, sampling=WithReplacement()), start, steps=5, rng=seeded(13))
    run_sgd(broken, SGD(0.125, 4, sampling=WithReplacement()), start, steps=3, rng=seeded(13))


def test_walkers_on_their_way_to_infinity_are_counted():
    steep = DatasetModel(X, Y, flat, lambda w, x, y: -(w**3) + 0 * x[..., :1], 1)
    start = np.array([0.1, 9.0])
    assert run_sgd(steep, SGD(0.1, 4, sampling=WithReplacement()), start, steps=30, rng=seeded(14)).diverged == 1


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: DatasetModel(X, Y[:3], flat, flat, 1), r"got \(40, 2\) and \(3,\)"),
        (lambda: DatasetModel(X * np.nan, Y, flat, flat, 1), "must be finite"),
        (
            lambda: DatasetModel(X, Y, flat, flat, 1),
            r"`example_gradient` must map .* to \(2, 40, 1\), got \(2, 40\)",
        ),
        (lambda: DatasetModel(X, Y, flat, flat, 0), "`dim` must be at least 1"),
        (lambda: logistic_regression(X, Y), "labels must be 0 or 1"),
        (lambda: two_layer_network(X, Y, 0), "`hidden` must be at least 1, got 0"),
        (lambda: on_data(VECTOR, X, Y), r"3 components as q has, got shape \(40, 2\)"),
        (lambda: MODELS["logistic"].value([1.0]), "last axis of length 2"),
        (
            lambda: MODELS["logistic"].batch_gradient([1.0, 2.0], X, Y[:3]),
            r"inputs \('B', 2\) and labels \('B',\)",
        ),
        (lambda: MODELS["logistic"].weighted_gradient([1.0, 2.0], Y[:3]), r"must have shape \(40,\), got \(3,\)"),
        (lambda: MODELS["logistic"].hessian_product([1.0, 2.0], [1.0]), "last axis of length 2"),
        (lambda: attempt(SGD(0.1, 4)), r"has no fresh data; take WithReplacement\(\)"),
        (lambda: attempt(SGD(0.1, 4, sampling=Fresh(5.0))), "has no fresh data"),
        (lambda: attempt(SGD(0.1, 4, sampling=WithReplacement()), data=DATA), "holds its data"),
        (lambda: attempt(SGD(0.1, 41, sampling=WithoutReplacement())), "fit into the data set of 40, got 41"),
        (lambda: attempt(SGD(0.1, 4, 0, (1, 2, 3), sampling=WithReplacement())), "fit the dimension 2 .* got 3"),
        (
            lambda: langevin_limit(
                MODELS["logistic"], SGD(0.1, 4, sampling=WithReplacement(), noise=LabelNoise(1))
            ),
            "the noise of its labels, got DatasetModel",
        ),
    ],
)
def test_refuses(make, reason):
    with pytest.raises(InputError, match=reason):
        make()


def attempt(sgd, **options):
    return run_sgd(MODELS["logistic"], sgd, np.zeros((3, 2)), steps=2, rng=seeded(0), **options)
