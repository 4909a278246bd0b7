"""Curvature of batches along their gradients, where it is known, and along runs."""

import numpy as np
import pytest
from networks import inner_first, two_layers_in_torch

from simulate import SGD, WithReplacement, run_sgd
from theory import DatasetModel, InputError, two_layer_network
from theory.noise import batch_sharpness, extreme_eigenvalues, hessian_operator, sharpness_along

RNG = np.random.default_rng(5)
X, Y = RNG.standard_normal((12, 3)), RNG.standard_normal(12)
AT = np.array([0.3, -0.2, 0.5])


def residual(w, x, y):
    return (w * x).sum(axis=-1) - y


def regression(*, exact: bool = True, y: np.ndarray = Y) -> DatasetModel:
    return DatasetModel(
        X,
        y,
        lambda w, x, y: residual(w, x, y) ** 2 / 2,
        lambda w, x, y: residual(w, x, y)[..., None] * x,
        3,
        (lambda w, x, y: x[..., :, None] * x[..., None, :] + 0 * w[..., None]) if exact else None,
    )


@pytest.mark.parametrize("exact", [True, False])
def test_single_examples_of_a_regression_have_the_mean_square_of_the_inputs(exact: bool) -> None:
    found = batch_sharpness(regression(exact=exact), AT, 1, rng=np.random.default_rng(0))
    assert abs(found - (X**2).sum(axis=1).mean()) <= found.error < 1e-9


def test_the_whole_data_are_one_batch() -> None:
    model = regression()
    gradient = model.gradient(AT)
    exact = gradient @ model.hessian(AT) @ gradient / (gradient @ gradient)
    found = batch_sharpness(model, AT, 12, rng=np.random.default_rng(0))
    assert abs(found - exact) <= found.error < 1e-9


def test_the_mean_over_drawn_batches_is_that_over_all_and_no_ratio_of_means() -> None:
    model, rng = regression(), np.random.default_rng(0)
    every = batch_sharpness(model, AT, 3, 10_000, rng=rng)
    assert every.error < 1e-9
    drawn = [batch_sharpness(model, AT, 3, 150, rng=rng) for _ in range(60)]
    off = np.array([(one - every) / one.error for one in drawn])
    assert abs(off.mean()) < 5 / np.sqrt(60)
    assert 0.7 < off.std() < 1.4
    singles = model.example_gradient(AT, X, Y)
    wrong = ((singles @ X.T).diagonal() ** 2).sum() / (singles**2).sum()
    assert abs(batch_sharpness(model, AT, 1, rng=rng) - wrong) > 0.05


def test_with_replacement_batches_are_noisier() -> None:
    found = [
        batch_sharpness(regression(), AT, 12, 2000, rng=np.random.default_rng(0), with_replacement=again)
        for again in (True, False)
    ]
    assert found[0] - found[1] > 10 * found[0].error


def test_a_network_has_that_of_the_same_network_by_hand() -> None:
    pytest.importorskip("torch")
    model = two_layers_in_torch()
    by_hand = two_layer_network(model.x, model.y, 3)
    at = np.random.default_rng(2).standard_normal(model.dim)
    ours, theirs = (
        batch_sharpness(one, place, 1, rng=np.random.default_rng(0))
        for one, place in ((model, inner_first(at)), (by_hand, at))
    )
    assert abs(ours - theirs) <= ours.error + theirs.error < 1e-7
    chosen = np.array([[0, 3, 4], [1, 1, 2]])
    w, v = np.random.default_rng(1).standard_normal((2, 2, model.dim))
    x, y = model.x[chosen], model.y[chosen]
    ours_too = model.batch_hessian_product(inner_first(w), x, y, inner_first(v))
    assert hessian_operator(two_layers_in_torch(dtype="float32"), at).dtype == np.float32
    assert np.allclose(ours_too, inner_first(by_hand.batch_hessian_product(w, x, y, v)), rtol=0, atol=1e-8)


def test_along_a_run_both_curvatures_stand_beside_the_edge() -> None:
    model = regression()
    sgd = SGD(0.1, 2, sampling=WithReplacement())
    run = run_sgd(model, sgd, np.zeros((2, 3)), steps=6, rng=np.random.default_rng(0), save_every=3)
    found = sharpness_along(model, run, learning_rate=0.1, batch_size=1, rng=np.random.default_rng(1))
    top = extreme_eigenvalues(hessian_operator(model, AT), rng=np.random.default_rng(2)).values[0]
    assert np.allclose(found.largest, top)
    assert np.allclose(found.batch, (X**2).sum(axis=1).mean())
    assert (found.edge == 20).all()
    assert found.table().count("\n") == len(run.times)


def test_what_has_no_batch_sharpness_is_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(InputError, match="must not vanish"):
        batch_sharpness(regression(y=X @ AT), AT, 1, rng=rng)
    with pytest.raises(InputError, match="from 1 to 12, got 13"):
        batch_sharpness(regression(), AT, 13, rng=rng)
    sgd = SGD(0.1, 2, sampling=WithReplacement())
    run = run_sgd(regression(), sgd, [[0.0, 0, 0]], steps=2, rng=rng, save_every=2)
    with pytest.raises(InputError, match="one for each of 2 times"):
        sharpness_along(regression(), run, learning_rate=[0.1, 0.1, 0.2], batch_size=1, rng=rng)
