"""Copies under the symmetries of networks: the nearest one is found, and has the same loss."""

from __future__ import annotations

import numpy as np
import pytest

from theory import InputError, diagonal_linear_network, logistic_regression, two_layer_network, with_weight_decay
from theory.models import nearest_copy

RNG = np.random.default_rng(4)
X = RNG.standard_normal((20, 2))
LAYERED = with_weight_decay(two_layer_network(X, X[:, 0], 3), 0.1)
PLACE = RNG.standard_normal(LAYERED.dim)


def shuffled(place: np.ndarray) -> np.ndarray:
    """The units of a point in another order, two of them with the other sign."""
    order, signs = [2, 0, 1], np.array([-1.0, 1.0, -1.0])
    inner = place[3:].reshape(3, 2)[order] * signs[:, None]
    return np.concatenate([place[:3][order] * signs, inner.ravel()])


def test_units_that_changed_place_and_sign_come_back() -> None:
    other = shuffled(PLACE)
    assert np.linalg.norm(other - PLACE) > 1  # control: it was far
    np.testing.assert_allclose(nearest_copy(LAYERED, other, PLACE), PLACE, atol=1e-15)


def test_copies_have_the_same_loss_and_none_is_nearer() -> None:
    points = RNG.standard_normal((2, 30, LAYERED.dim))
    found = nearest_copy(LAYERED, points, PLACE)
    assert found.shape == points.shape
    np.testing.assert_allclose(LAYERED.value(found), LAYERED.value(points), rtol=1e-12)
    far, near = (np.linalg.norm(one - PLACE, axis=-1) for one in (points, found))
    assert (near <= far + 1e-12).all()
    assert (near < 0.9 * far).any()
    tried = nearest_copy(LAYERED, np.array([shuffled(one) for one in points[0]]), PLACE)
    np.testing.assert_allclose(tried, found[0], atol=1e-12)  # whichever copy it came from


def test_weights_of_a_diagonal_network_change_signs_and_others_stay() -> None:
    model = diagonal_linear_network(X, X[:, 0])
    assert nearest_copy(model, [1.0, -2.0, -3.0, 4.0], [-1.0, -1.0, 1.0, 0.0]).tolist() == [-1.0, -2.0, 3.0, 4.0]
    rigid = logistic_regression(X, (X[:, 0] > 0) * 1.0)
    assert nearest_copy(rigid, [-1.0, 1.0], [1.0, 1.0]).tolist() == [-1.0, 1.0]  # control: no symmetry


@pytest.mark.parametrize(
    ("w", "to", "words"),
    [
        (PLACE, PLACE[:3], "last axis"),
        (PLACE, np.tile(PLACE, (2, 1)), r"`to` must be one point of 9 numbers, got shape \(2, 9\)"),
        (PLACE * np.nan, PLACE, "`w` must be finite"),
    ],
)
def test_points_that_do_not_fit_are_refused(w, to, words: str) -> None:
    with pytest.raises(InputError, match=words):
        nearest_copy(LAYERED, w, to)
