"""Noise made of the gradients of examples: the law of the matrix that is never made."""

from __future__ import annotations

import numpy as np
import pytest

from theory import ExampleDiffusion, InputError, Langevin, Minibatch, sample_paths, two_layer_network
from theory.tensors import check_tensor_field

RNG = np.random.default_rng
DATA = RNG(1)
MODEL = two_layer_network(DATA.standard_normal((12, 2)), DATA.standard_normal(12), 2)
FIELD = ExampleDiffusion(MODEL, 0.1, 4)
PLACE = DATA.standard_normal(6)


def test_the_field_is_that_of_minibatches() -> None:
    exact = Minibatch(MODEL, 0.1, 4)
    points = DATA.standard_normal((5, 6))
    np.testing.assert_allclose(FIELD.tensor(points), exact.tensor(points), rtol=1e-12)
    root = FIELD.root(points)
    assert root.shape == (5, 6, 12)
    np.testing.assert_allclose(root @ root.swapaxes(1, 2), exact.tensor(points), atol=1e-14)
    normals = DATA.standard_normal((5, 12))
    np.testing.assert_allclose(FIELD.push(points, normals), np.einsum("nik,nk->ni", root, normals), atol=1e-14)
    whole = -0.01 * MODEL.gradient(points) + 0.3 * FIELD.push(points, normals)
    np.testing.assert_allclose(FIELD.stride(points, normals, 0.01, 0.3), whole, atol=1e-14)
    check_tensor_field(FIELD)


def test_paths_have_its_covariance() -> None:
    start = np.tile(PLACE, (20_000, 1))
    run = sample_paths(Langevin(MODEL, FIELD), start, dt=1e-4, steps=1, rng=RNG(2))
    step = (run.final - start) / np.sqrt(2e-4)
    exact = Minibatch(MODEL, 0.1, 4).tensor(PLACE)
    error = np.sqrt((np.outer(np.diag(exact), np.diag(exact)) + exact**2) / 20_000)
    assert (np.abs(np.cov(step.T) - exact) < 5 * error).all()
    assert not (np.abs(np.cov(step.T) - 1.1 * exact) < 5 * error).all()  # the control


def test_joined_steps_follow_one_motion() -> None:
    sde, start = Langevin(MODEL, FIELD), np.tile(PLACE, (4, 1))
    fine = sample_paths(sde, start, dt=1e-4, steps=8, rng=RNG(3)).final
    coarse = sample_paths(sde, start, dt=4e-4, steps=2, join=4, rng=RNG(3)).final
    other = sample_paths(sde, start, dt=4e-4, steps=2, join=4, rng=RNG(4)).final
    assert np.abs(fine - coarse).max() < 0.05 * np.abs(fine - other).max()


def test_refusals() -> None:
    with pytest.raises(InputError, match="`batch_size` must be"):
        ExampleDiffusion(MODEL, 0.1, 0)
    with pytest.raises(InputError, match="`learning_rate` must be"):
        ExampleDiffusion(MODEL, 0.0, 4)
