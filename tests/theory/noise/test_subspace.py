"""Gradient noise at the top of the Hessian: equal by construction, beside dense matrices, and apart."""

import numpy as np
import pytest

from theory import DatasetModel, InputError, two_layer_network
from theory.noise import compare_in_subspace

RNG = np.random.default_rng(1)
X = RNG.standard_normal((40, 6)) * [5, 3, 2, 1, 0.5, 0.2]


def pairs(scales: np.ndarray) -> DatasetModel:
    """Each input twice, with the labels +-scale: at 0 the mean gradient is 0 and C the mean of scale^2 x x'."""
    x, y = np.concatenate([X, X]), np.concatenate([scales, -scales])
    return DatasetModel(
        x,
        y,
        lambda w, x, y: ((w * x).sum(-1) - y) ** 2 / 2,
        lambda w, x, y: ((w * x).sum(-1) - y)[..., None] * x,
        6,
        lambda w, x, y: x[..., :, None] * x[..., None, :] + 0 * w[..., None],
    )


def test_proportional_noise_is_seen():
    found = compare_in_subspace(pairs(np.full(40, 3.0)), np.zeros(6), 2, rng=np.random.default_rng(0))
    exact = np.linalg.eigvalsh(X.T @ X / 40)[::-1]
    assert np.allclose(found.curvatures, exact[:2])
    assert abs(found.cosine - 1) <= found.cosine.error + 1e-12
    assert abs(found.constant - 9) <= found.constant.error + 1e-10
    assert abs(found.overlap - 1) <= found.overlap.error + 1e-12
    assert abs(found.share - exact[:2].sum() / exact.sum()) <= found.share.error + 1e-12
    assert found.tilt < 1e-8


def test_noise_that_is_not_proportional_is_seen_too():
    scales = np.where(np.abs(X[:, 0]) > 4, 0.1, 3.0)  # little of it where the inputs are largest
    model = pairs(scales)
    found = compare_in_subspace(model, np.zeros(6), 2, rng=np.random.default_rng(0))
    values, vectors = np.linalg.eigh(model.hessian(np.zeros(6)))
    span = vectors[:, ::-1][:, :2]
    inside = span.T @ model.gradient_covariance(np.zeros(6)) @ span
    cosine = (np.diag(inside) @ values[::-1][:2]) / np.linalg.norm(inside) / np.linalg.norm(values[::-1][:2])
    assert abs(found.cosine - cosine) <= found.cosine.error + 1e-10
    assert found.cosine < 0.95


def test_a_network_in_many_dimensions_makes_no_matrix():
    model = two_layer_network(RNG.standard_normal((30, 4)), RNG.standard_normal(30), 40)
    at = RNG.standard_normal(model.dim) / 3
    found = compare_in_subspace(model, at, 3, rng=np.random.default_rng(0))
    vectors = np.linalg.eigh(model.hessian(at))[1][:, ::-1][:, :3]
    covariance = model.gradient_covariance(at)
    share = np.trace(vectors.T @ covariance @ vectors) / np.trace(covariance)
    assert abs(found.share - share) <= found.share.error + 1e-8
    assert found.share > 5 * 3 / model.dim


def test_a_span_that_no_gap_ends_is_refused():
    model = pairs(np.ones(40))
    object.__setattr__(model, "x", np.tile(np.eye(6), (14, 1))[:80])
    with pytest.raises(InputError, match="lie apart from the next"):
        compare_in_subspace(model, np.zeros(6), 1, rng=np.random.default_rng(0))
