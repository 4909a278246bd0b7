"""Exponents across invariant sets: closed forms, stable and not, and the growth of real walkers' distances."""

import numpy as np
import pytest

from simulate import SGD, WithReplacement, run_sgd, transverse_exponent
from theory import DatasetModel, InputError, two_layer_network

ORIGIN = np.zeros((40, 2))


def product(products: np.ndarray) -> DatasetModel:
    """The loss (w1 w2 - y)^2 / 2: at the origin a step multiplies w1 +- w2 by 1 +- eta y."""
    return DatasetModel(
        np.ones(len(products)),
        products,
        lambda w, x, y: (w[..., 0] * w[..., 1] - y) ** 2 / 2,
        lambda w, x, y: (w[..., 0] * w[..., 1] - y)[..., None] * w[..., ::-1],
        2,
    )


@pytest.mark.parametrize("products", [[-3.0, 4.0, -2.0, 2.0], [1.0, 1.2, -0.1]])
def test_of_a_product_it_is_the_mean_logarithm(products: list[float]) -> None:
    y, rate = np.array(products), 0.2
    found, averaged = (
        transverse_exponent(
            product(y),
            SGD(rate, batch, sampling=WithReplacement()),
            ORIGIN,
            np.eye(2),
            steps=steps,
            burn_in=100,
            rng=np.random.default_rng(0),
        )
        for batch, steps in ((1, 400), (500, 50))
    )
    exact = max(np.log(np.abs(1 + sign * rate * y)).mean() for sign in (1, -1))
    assert abs(found - exact) < 5 * found.error < 0.1
    assert (exact < 0) == (found < 0)
    assert abs(exact) > 5 * found.error
    assert averaged > 5 * averaged.error  # without noise a saddle repels, whatever its examples


def test_momentum_is_that_of_two_by_two_matrices() -> None:
    y = np.array([2.0])
    found = transverse_exponent(
        product(y),
        SGD(0.2, 1, momentum=0.5, sampling=WithReplacement()),
        ORIGIN,
        np.eye(2),
        steps=200,
        burn_in=100,
        rng=np.random.default_rng(0),
    )
    step = np.array([[1 + 0.4, 0.5], [0.4, 0.5]])
    assert found == pytest.approx(np.log(np.abs(np.linalg.eigvals(step)).max()), abs=1e-6)


def test_it_is_the_growth_of_distances_of_real_walkers() -> None:
    rng = np.random.default_rng(1)
    x = rng.standard_normal((50, 2))
    model = two_layer_network(x, np.tanh(x[:, 0]) + rng.standard_normal(50), 2)
    sgd = SGD(0.1, 2, sampling=WithReplacement())
    dead = np.eye(6)[[1, 4, 5]]  # the second unit: its output and its two inputs
    start = np.zeros((60, 6))
    start[:, [0, 2, 3]] = rng.standard_normal((60, 3))
    found = transverse_exponent(model, sgd, start, dead, steps=300, burn_in=100, rng=rng)
    near = run_sgd(model, sgd, start, steps=100, rng=rng).final
    near[:, [1, 4, 5]] = 1e-9 * rng.standard_normal((60, 3))
    run = run_sgd(model, sgd, near, steps=400, rng=rng, save_every=100)
    logs = np.log(np.linalg.norm(run.positions[..., [1, 4, 5]], axis=-1))
    growth = (logs[4] - logs[1]) / 300
    error = np.hypot(found.error, growth.std() / np.sqrt(60))
    assert abs(found - growth.mean()) < 5 * error < 0.02


def test_what_is_no_invariant_set_is_refused() -> None:
    sgd = SGD(0.1, 1, sampling=WithReplacement())
    options = {"steps": 2, "burn_in": 0, "rng": np.random.default_rng(0)}
    model = product(np.ones(3))
    with pytest.raises(InputError, match="leads across"):
        transverse_exponent(model, sgd, np.tile([0.0, 1.0], (40, 1)), np.eye(2)[:1], **options)
    with pytest.raises(InputError, match="turns along"):
        transverse_exponent(model, sgd, ORIGIN, np.eye(2)[:1], **options)
    with pytest.raises(InputError, match="a walker is 1 away"):
        transverse_exponent(model, sgd, ORIGIN + 1, np.eye(2)[:1], **options)
    with pytest.raises(InputError, match="must be orthonormal"):
        transverse_exponent(model, sgd, ORIGIN, np.ones((1, 2)), **options)
    with pytest.raises(InputError, match="WithReplacement"):
        transverse_exponent(model, SGD(0.1, 1), ORIGIN, np.eye(2), **options)
