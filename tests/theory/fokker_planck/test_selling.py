"""Selling's decomposition gives the tensor back with weights >= 0, and says where it cannot."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.base.errors import InputError
from theory.fokker_planck.generator.selling import longest_offsets, selling_decomposition, widening
from theory.laws.grid import Grid


def decompose(matrix, spacing=None):
    dim = len(matrix)
    spacing = np.ones(dim) if spacing is None else np.array(spacing)
    grid = Grid(np.zeros(dim), spacing, (1,) * dim)
    weights, offsets = selling_decomposition(np.reshape(matrix, (*grid.shape, dim, dim)), grid)
    return weights.ravel(), offsets.reshape(-1, dim)


def rebuilt(weights, offsets, spacing):
    steps = offsets * np.array(spacing)
    return np.einsum("k,ki,kj->ij", weights, steps, steps)


@st.composite
def tensors(draw, dim):
    entries = st.floats(-3, 3, allow_nan=False)
    factor = np.array(draw(st.lists(entries, min_size=dim * dim, max_size=dim * dim))).reshape(dim, dim)
    return factor @ factor.T + draw(st.floats(1e-3, 2)) * np.eye(dim)


@pytest.mark.parametrize("dim", [1, 2, 3])
@settings(max_examples=60)
@given(data=st.data())
def test_rebuilds_the_tensor_with_weights_that_are_not_negative(dim, data):
    matrix = data.draw(tensors(dim))
    spacing = data.draw(st.lists(st.floats(0.1, 3), min_size=dim, max_size=dim))
    weights, offsets = decompose(matrix, spacing)
    assert (weights >= 0).all()
    np.testing.assert_allclose(
        rebuilt(weights, offsets, spacing), matrix, rtol=0, atol=1e-8 * np.abs(matrix).max()
    )


@settings(max_examples=60)
@given(matrix=tensors(2), factor=st.floats(0.01, 100))
def test_scales_with_the_tensor_and_swaps_with_the_axes(matrix, factor):
    def stencil(matrix):  # offsets up to sign, in an order of their own
        return {
            tuple(e * np.sign(e[np.argmax(e != 0)])): weight
            for weight, e in zip(*decompose(matrix), strict=True)
            if weight > 1e-9 * np.trace(matrix)
        }

    plain, scaled, swapped = stencil(matrix), stencil(factor * matrix), stencil(matrix[::-1, ::-1])
    back = {tuple(np.array(e[::-1]) * np.sign(e[1] if e[1] else e[0])): weight for e, weight in swapped.items()}
    assert scaled == pytest.approx({e: factor * weight for e, weight in plain.items()}, rel=1e-6)
    assert back == pytest.approx(plain, rel=1e-6)


def test_known_stencils():
    weights, offsets = decompose(np.diag([2.0, 3.0]))
    assert {tuple(abs(e)): w for e, w in zip(offsets, weights, strict=True) if w} == {(1, 0): 2.0, (0, 1): 3.0}
    weights, offsets = decompose([[1.0, -0.25], [-0.25, 1.0]])
    assert sorted(weights) == pytest.approx([0.25, 0.75, 0.75])
    assert tuple(offsets[np.argmin(weights)]) in {(1, -1), (-1, 1)}


def test_offsets_grow_with_the_square_root_of_the_anisotropy():
    angle = 0.3
    along = np.array([np.cos(angle), np.sin(angle)])
    for ratio in (10, 1000, 1e5):
        matrix = np.outer(along, along) + (np.eye(2) - np.outer(along, along)) / ratio
        weights, offsets = decompose(matrix)
        assert np.abs(offsets).max() <= 2 * np.sqrt(ratio)
        assert np.abs(rebuilt(weights, offsets, [1, 1]) - matrix).max() < 1e-9


def test_no_noise_has_no_weight():
    weights, _ = decompose(np.zeros((2, 2)))
    assert not weights.any()


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (
            [[1, 0.2], [0.3, 1]],
            r"must be symmetric.*\[\[1, 0\.2\], \[0\.3, 1\]\] at cell \(0, 1\), w = \(0\.5, 1\.5\)",
        ),
        ([[1, 2], [2, 1]], r"must be positive.*\[-1, 3\].*cell \(0, 1\)"),
        ([[1e-15, 2e-15], [2e-15, 1e-15]], r"must be positive.*\[-1e-15, 3e-15\]"),
        ([[1, np.nan], [np.nan, 1]], r"must be finite.*one of 1 such"),
        (np.full((2, 2), np.inf), "must be finite"),
    ],
)
def test_says_where_the_tensor_is_wrong(matrix, message):
    grid = Grid([0, 0], [3, 2], [3, 2])
    tensor = np.broadcast_to(np.eye(2), (3, 2, 2, 2)).copy()
    tensor[0, 1] = matrix
    with pytest.raises(InputError, match=message):
        selling_decomposition(tensor, grid)


def test_refuses_a_wrong_shape_and_spacings_that_no_stencil_spans():
    with pytest.raises(InputError, match="must have shape"):
        selling_decomposition(np.eye(2), Grid([0, 0], [1, 1], [2, 2]))
    slope = np.array([1.0, 0.3])
    with pytest.raises(InputError, match="definite enough for a stencil"):
        decompose(np.outer(slope, slope) + 1e-3 * np.eye(2), [1e-5, 1e-13])


def across(slope, dim, n):
    """Noise along one direction on a grid of n cells an axis."""
    along = np.array(slope, dtype=float)[:dim] / np.linalg.norm(slope[:dim])
    grid = Grid([0] * dim, [1] * dim, [n] * dim)
    return np.broadcast_to(np.outer(along, along), (*grid.shape, dim, dim)), grid


@pytest.mark.parametrize(("dim", "n"), [(2, 8), (2, 64), (3, 8), (3, 14)])
@pytest.mark.parametrize("slope", [(1, 0.3, -0.77), (1, -np.sqrt(2), 0.1), (1e-6, 1, 1e-3)])
def test_noise_along_one_direction_gets_short_offsets_and_says_what_was_added(dim, n, slope):
    tensor, grid = across(slope, dim, n)
    weights, offsets = selling_decomposition(tensor, grid)
    added = widening(tensor, grid)
    longest = longest_offsets(grid)
    assert (np.abs(offsets) * (weights > 0)[..., None] <= longest).all()
    assert (longest <= np.ceil(n ** (1 / 3)) + 1).all()
    steps = offsets * grid.spacing
    carried = np.einsum("...k,...ki,...kj->...ij", weights, steps, steps)
    np.testing.assert_allclose(carried, tensor + added[..., None] * np.eye(dim), rtol=0, atol=1e-12)
    assert 0 < added.max() < 0.02


def test_what_is_added_vanishes_under_refinement_and_is_the_least():
    slopes = np.linspace(-0.95, 0.93, 11)
    largest = [max(widening(*across((1, slope), 2, n)).max() for slope in slopes) for n in (27, 125)]
    assert largest[1] < largest[0] / 2
    tensor, grid = across((1, 0.3, 0), 2, 27)
    least = widening(tensor, grid)[0, 0, 0]
    for factor, fits in ((1.0, True), (0.8, False)):
        weights, offsets = decompose(tensor[0, 0] + factor * least * np.eye(2), grid.spacing)
        assert (np.abs(offsets[weights > 1e-9]).max() <= 3) == fits


@pytest.mark.parametrize("slope", [(1, 0, 0), (1, 1, 0), (1, -2, 3), (2, 3, 1)])
def test_nothing_is_added_along_short_offsets(slope):
    tensor, grid = across(slope, 3, 9)
    assert not widening(tensor, grid).any()


@pytest.mark.parametrize("ratio", [10, 1e4, 1e6])
def test_full_rank_is_never_changed(ratio):
    tensor, grid = across((1, 0.3, 0), 2, 16)
    tensor = tensor + np.eye(2) / ratio
    weights, offsets = selling_decomposition(tensor, grid)
    assert not widening(tensor, grid).any()
    assert np.abs(rebuilt(weights[0, 0], offsets[0, 0], grid.spacing) - tensor[0, 0]).max() < 1e-9


def test_the_range_of_a_tensor_of_rank_two_in_space_is_kept():
    normal = np.array([1, 0.3, -0.77]) / np.linalg.norm([1, 0.3, -0.77])
    grid = Grid([0] * 3, [1] * 3, [9] * 3)
    tensor = np.broadcast_to(np.eye(3) - np.outer(normal, normal), (*grid.shape, 3, 3))
    weights, offsets = selling_decomposition(tensor, grid)
    added = widening(tensor, grid)[0, 0, 0]
    carried = rebuilt(weights[0, 0, 0], offsets[0, 0, 0], grid.spacing)
    assert normal @ carried @ normal == pytest.approx(added[0], rel=1e-9)
    assert 0 < added[0] < 0.05
    assert np.abs(offsets[weights > 0]).max() <= longest_offsets(grid).max()
