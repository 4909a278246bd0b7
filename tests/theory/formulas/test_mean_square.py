"""The edge of mean-square stability, the tail index on both sides of it, and the covariance of inertia."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import (
    Grid,
    InputError,
    Langevin,
    LinearRegression,
    Minibatch,
    ProductModel,
    linear_regression_covariance,
    sgd_covariance,
    tail_index,
)
from theory.formulas.mean_square import mean_square_stability_edge
from theory.formulas.quadratic import underdamped_covariance
from theory.formulas.stationary_laws import stationary_law

H = np.array([[2, 0.5], [0.5, 1]])
D = np.array([[1, 0.3], [0.3, 2]])
BATCHES = [1, 2, 5, 40]


def growth(covariance, rate, batch):
    """Spectral radius of S -> E[(1 - eta H_B) S (1 - eta H_B)], from Isserlis' moments of the batch covariance."""
    dim = len(covariance)
    kept = np.eye(dim) - rate * covariance
    spread = np.kron(covariance, covariance) + np.outer(covariance.ravel(), covariance.ravel())
    return np.abs(np.linalg.eigvals(np.kron(kept, kept) + rate**2 / batch * spread)).max()


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize(("a", "scale"), [(1.0, 0.5), (2.5, 0.5), (1.0, 1.0)])
def test_in_one_dimension_the_edge_is_the_formula(batch, a, scale):
    edge = mean_square_stability_edge(ProductModel("3 - w", input_std=np.sqrt(a), loss_scale=scale), batch)
    assert edge * 2 * scale * a * (1 + 2 / batch) == pytest.approx(2, rel=1e-12)


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("a", [0.5, 1.0, 3.0])
def test_at_the_edge_the_tail_index_is_two(batch, a):
    edge = mean_square_stability_edge(LinearRegression(a), batch)
    assert tail_index(edge, batch, a) == pytest.approx(2, abs=1e-7)
    assert tail_index(0.95 * edge, batch, a) > 2.05
    assert tail_index(1.05 * edge, batch, a) < 1.95  # a law without a variance


@settings(max_examples=60)
@given(
    curvatures=st.lists(st.floats(1e-3, 10), min_size=1, max_size=5),
    entries=st.lists(st.floats(-1, 1), min_size=25, max_size=25),
    batch=st.integers(1, 200),
)
def test_at_the_edge_second_moments_neither_grow_nor_shrink(curvatures, entries, batch):
    dim = len(curvatures)
    turn = np.linalg.qr(np.reshape(entries, (5, 5))[:dim, :dim] + 2 * np.eye(dim))[0]
    covariance = turn @ np.diag(curvatures) @ turn.T
    covariance = (covariance + covariance.T) / 2
    edge = mean_square_stability_edge(LinearRegression(covariance), batch)
    assert growth(covariance, edge, batch) == pytest.approx(1, abs=1e-9)
    assert growth(covariance, 1.001 * edge, batch) > 1
    assert edge < 2 / (max(curvatures) * (1 + 1 / batch))


def test_equal_curvatures_in_many_dimensions():
    """All directions share the noise: eta a (1 + (d + 1)/B) = 2, not eta a (1 + 2/B)."""
    for dim in (2, 5, 30):
        for batch in (1, 8):
            edge = mean_square_stability_edge(LinearRegression(1.5 * np.eye(dim)), batch)
            assert edge * 1.5 * (1 + (dim + 1) / batch) == pytest.approx(2, rel=1e-12)


@pytest.mark.parametrize("batch", [1, 3])
def test_the_covariance_of_regression_ends_at_the_edge(batch):
    model = ProductModel(["x", "x - 2*y"], noise_std=0.5)
    edge = mean_square_stability_edge(model, batch)
    sizes = [np.trace(linear_regression_covariance(model, (1 - gap) * edge, batch)) for gap in (1e-2, 1e-3, 1e-4)]
    np.testing.assert_allclose(np.divide(sizes[1:], sizes[:-1]), 10, rtol=0.1)  # a simple pole
    with pytest.raises(InputError, match="stable in mean square"):
        linear_regression_covariance(model, (1 + 1e-6) * edge, batch)


def test_flat_directions_have_no_part_in_the_edge():
    assert mean_square_stability_edge(ProductModel("x + y"), 4) == pytest.approx(2 / (2 * 1.5), rel=1e-12)


@pytest.mark.parametrize(("rate", "batch"), [(0.1, 1), (0.3, 1), (0.5, 4), (1.0, 10)])
def test_continuous_time_has_the_tail_index_one_plus_batch_over_rate_and_curvature(rate, batch):
    a, noise = 1.3, 0.7
    model = ProductModel("w", noise_std=noise, input_std=np.sqrt(a))
    sde = Langevin(model, Minibatch(model, rate, batch))
    density = stationary_law(sde, Grid(-40, 40, 4000))
    (w,) = density.grid.axes
    student = (noise**2 + 2 * a * w**2) ** -(1 + batch / (2 * rate * a))
    inner = np.abs(w) < 10
    ratio = density.values[inner] / student[inner]
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-8)
    # P(|w| > u) ~ u^-alpha from the slope -(alpha + 1) of the density, far out
    far = [np.argmin(np.abs(w - u)) for u in (15, 30)]
    slope = np.log(student[far[1]] / student[far[0]]) / np.log(w[far[1]] / w[far[0]])
    assert -slope - 1 == pytest.approx(1 + batch / (rate * a), rel=2e-3)
    discrete = tail_index(rate, batch, a)
    assert abs(discrete / (1 + batch / (rate * a)) - 1) > 0.02  # SGD itself has another


@pytest.mark.parametrize(
    ("rate", "batch", "expected"),
    [
        (0.1, 1, 17.28),
        (0.3, 1, 5.306),
        (0.5, 1, 2.904),
        (0.5, 4, 9.978),
        (1, 1, 1.091),
        (1, 4, 3.505),
        (1, 10, 7.513),
    ],
)
def test_tail_indices_of_reference(rate, batch, expected):
    index = tail_index(rate, batch)
    assert index == pytest.approx(expected, rel=3e-4)
    assert tail_index(rate / 2, batch, 2.0) == pytest.approx(expected, rel=3e-4)
    assert index != pytest.approx(1 + batch / rate, rel=0.03)  # continuous time
    z = np.random.default_rng(1).chisquare(batch, 400_000) / batch
    moments = np.abs(1 - rate * z) ** min(index / 2, 2.0)  # half the index, to have a variance
    assert moments.mean() < 1  # log-convex, 1 at both 0 and the index


def test_inertia_with_a_bath_is_gibbs():
    temperature, friction = 0.3, np.array([[0.7, 0.2], [0.2, 1.1]])
    for drag in (0.7, friction):
        bath = temperature * (drag * np.eye(2) if np.ndim(drag) == 0 else drag)
        found = underdamped_covariance(H, drag, bath)
        np.testing.assert_allclose(found[:2, :2], temperature * np.linalg.inv(H), atol=1e-14)
        np.testing.assert_allclose(found[2:, 2:], temperature * np.eye(2), atol=1e-14)
        np.testing.assert_allclose(found[:2, 2:], 0, atol=1e-14)


def test_inertia_in_one_dimension_and_without_a_bath():
    h, drag, noise = 1.7, 0.4, 0.9
    found = underdamped_covariance(h, drag, noise)
    np.testing.assert_allclose(found, np.diag([noise / (drag * h), noise / drag]), atol=1e-14)
    current = underdamped_covariance(H, 0.7, D)
    np.testing.assert_allclose(current[:2, 2:], -current[2:, :2], atol=1e-14)  # E[q p'] is antisymmetric
    assert abs(current[0, 3]) > 0.01  # a current: not Gibbs


def test_sgd_with_momentum_tends_to_inertia():
    """V <- mu v - rate g with rate h^2 and mu = 1 - friction h, p = v / h: first order in h."""
    friction, limit, errors = 0.7, underdamped_covariance(H, 0.7, D)[:2, :2], []
    for h in (2e-3, 1e-3, 5e-4):
        errors.append(np.abs(sgd_covariance(H, 2 * D / h, h**2, 1 - friction * h) - limit).max())
    np.testing.assert_allclose(np.divide(errors[:-1], errors[1:]), 2, rtol=0.05)
    assert errors[0] < 0.01 * np.abs(limit).max()


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: mean_square_stability_edge(ProductModel("w**2"), 1), "needs q affine in w"),
        (lambda: mean_square_stability_edge(ProductModel("0*w + 1", variables=["w"]), 1), "needs curvature"),
        (lambda: mean_square_stability_edge(LinearRegression(1.0), 0), "`batch_size` must be a whole number"),
        (lambda: mean_square_stability_edge(LinearRegression(1.0), 1.5), "`batch_size` must be a whole number"),
        (lambda: underdamped_covariance(np.diag([1, -1]), 1, D), "needs a positive definite Hessian"),
        (lambda: underdamped_covariance(np.diag([1, 0]), 1, D), "needs a positive definite Hessian"),
        (lambda: underdamped_covariance(H, 0, D), "friction in every direction"),
        (lambda: underdamped_covariance(H, np.eye(3), D), "square of one size"),
        (lambda: underdamped_covariance(H, 1, 1.0), "square of one size"),
        (lambda: underdamped_covariance(H, 1, [[1, 2], [2, 1]]), "without negative eigenvalues"),
        (lambda: underdamped_covariance(H, 1, [[1, 2], [0, 1]]), "symmetric"),
    ],
)
def test_refuses(make, reason):
    with pytest.raises(InputError, match=reason):
        make()
