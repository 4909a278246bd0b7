"""Along which curvatures noise points, and what a Newton step lowers the loss by, against whole matrices."""

import numpy as np
import pytest
from scipy.sparse.linalg import aslinearoperator

from theory import InputError, logistic_regression, two_layer_network, with_weight_decay
from theory.models import covariance_traces
from theory.noise import newton_decrement, noise_spectrum
from theory.points import locate_large_minimum, lowest_minimum


def seeded(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


X = seeded(1).standard_normal((90, 3))
MODEL = two_layer_network(X, np.tanh(X @ [1.0, -0.5, 0.2]) + 0.3 * seeded(2).standard_normal(90), 8)
PLACE = seeded(3).standard_normal(MODEL.dim) / 2


def soft(h):
    return np.exp(-6 * np.maximum(h, 0))


def test_means_over_the_noise_are_bounded_as_often_as_it_says() -> None:
    """Of 100 repeats; the controls are the bound at even odds, and what all curvatures have alike."""
    x = seeded(7).standard_normal((60, 6)) * np.geomspace(0.3, 5, 6)
    model = with_weight_decay(logistic_regression(x, (x[:, -1] > seeded(8).standard_normal(60)) * 1.0), 0.01)
    place = np.array(lowest_minimum(model, 1, rng=seeded(0)).position)
    values, vectors = np.linalg.eigh(model.hessian(place))
    covariance = model.gradient_covariance(place)
    exact = np.trace(covariance @ (vectors * soft(values)) @ vectors.T) / np.trace(covariance)
    above, even, bounds = 0, 0, []
    for seed in range(100):
        found = noise_spectrum(model, place, 4, 6, rng=seeded(seed))
        bounds.append(found.mean_at_most(soft))
        above += bounds[-1] < exact
        even += found.mean_at_most(soft, 0.4) < exact
    assert found.trace == pytest.approx(np.trace(covariance), rel=1e-9)
    assert above <= 5  # 99.9 % of a binomial law of 1 in 100
    assert even > 5
    assert np.median(bounds) < 20 * exact
    many = noise_spectrum(model, place, 300, 6, rng=seeded(0)).mean_at_most(soft)
    assert exact < many < 1.4 * exact < 0.6 * float(soft(values).mean())


def test_traces_are_those_of_the_matrices_at_many_points() -> None:
    points = seeded(4).standard_normal((2, 3, MODEL.dim))
    exact = np.trace(MODEL.gradient_covariance(points), axis1=-2, axis2=-1)
    assert covariance_traces(MODEL, points) == pytest.approx(exact, rel=1e-12)


def test_what_a_newton_step_lowers_the_loss_by() -> None:
    turn = np.linalg.qr(seeded(5).standard_normal((40, 40)))[0]
    matrix, slope = turn * np.linspace(0.1, 4, 40) @ turn.T, seeded(6).standard_normal(40)
    for shift in (0.0, 0.5):
        exact = slope @ np.linalg.solve(matrix + shift * np.eye(40), slope) / 2
        assert newton_decrement(aslinearoperator(matrix), slope, shift) == pytest.approx(exact, rel=1e-3)


def test_what_has_no_noise_or_is_no_minimum_is_refused() -> None:
    zero = two_layer_network(X, np.zeros(90), 8)
    with pytest.raises(InputError, match="all examples are one"):
        noise_spectrum(zero, np.zeros(zero.dim), rng=seeded(0))
    with pytest.raises(InputError, match="`minimum` must be a minimum, the Hessian has an eigenvalue of -"):
        locate_large_minimum(MODEL, PLACE, rng=seeded(0))
    with pytest.raises(InputError, match=r"lowest_minimum\(model, 1, rng=rng\) finds one"):
        locate_large_minimum(MODEL, rng=seeded(0))
