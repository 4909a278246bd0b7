"""Directions of the largest curvatures."""

from __future__ import annotations

import numpy as np
import pytest

from theory import CallableLandscape, InputError, sharpest_directions, two_layer_network
from theory.landscapes import sharpest


def quadratic(matrix: np.ndarray) -> CallableLandscape:
    return CallableLandscape(
        lambda w: np.einsum("...i,ij,...j->...", w, matrix, w) / 2,
        lambda w: w @ matrix,
        lambda w: np.broadcast_to(matrix, (*np.shape(w), len(matrix))),
        dim=len(matrix),
    )


def test_directions_are_those_of_the_hessian() -> None:
    turn = np.linalg.qr(np.random.default_rng(1).standard_normal((5, 5)))[0]
    found = sharpest_directions(quadratic(turn * [1.0, 9.0, 4.0, 2.0, -20.0] @ turn.T), np.ones(5))
    np.testing.assert_allclose(found.curvatures, [9.0, 4.0])
    np.testing.assert_allclose(np.abs(found.vectors @ turn[:, [1, 2]]), np.eye(2), atol=1e-12)
    assert (found.vectors[np.arange(2), np.abs(found.vectors).argmax(axis=1)] > 0).all()
    np.testing.assert_allclose(found(np.ones(5)), 0.0)


def test_products_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    model = two_layer_network(rng.standard_normal((30, 3)), rng.standard_normal(30), 4)
    place = rng.standard_normal(model.dim)
    dense = sharpest_directions(model, place, 3)
    monkeypatch.setattr(sharpest, "MOST_DENSE", 5)
    searched = sharpest_directions(model, place, 3)
    np.testing.assert_allclose(searched.curvatures, dense.curvatures, rtol=1e-6)
    np.testing.assert_allclose(searched.vectors, dense.vectors, atol=1e-5)


def test_equal_curvatures_have_no_directions() -> None:
    with pytest.raises(InputError, match="curvatures must differ"):
        sharpest_directions(quadratic(np.diag([3.0, 2.0, 2.0])), np.zeros(3))
    assert sharpest_directions(quadratic(np.diag([3.0, 2.0, 2.0])), np.zeros(3), 1).curvatures.tolist() == [3.0]
