"""The slow equation along a manifold of minima: against derivatives of gradient flow, formulas and exact laws."""

from __future__ import annotations

import numpy as np
import pytest
from checks import assert_near
from hypothesis import given, settings
from hypothesis import strategies as st

from simulate import SGD
from theory import (
    CallableLandscape,
    Constant,
    HessianProportional,
    InputError,
    Isotropic,
    NoisyGradient,
    ProductModel,
    SymbolicLandscape,
    on_data,
)
from theory.manifold import (
    SlowDynamics,
    gradient_flow_limit,
    label_noise_drift,
    manifold_point,
    projection,
    slow_diffusion,
    slow_drift,
    slow_limit,
    slow_path,
    transverse_covariance,
)
from theory.manifold.derivatives import third_derivatives
from theory.manifold.drift import flow_curvature

CIRCLE = SymbolicLandscape("(x**2 + y**2 - 1)**2/4", ["x", "y"])


VALLEY = SymbolicLandscape("(2 + x**2)*(y - x**2/2)**2/2", ["x", "y"])


SPACE = SymbolicLandscape("(x*y - 1)**2 + (z - x*x*y)**2*(1 + x**2)", ["x", "y", "z"])


SADDLE = SymbolicLandscape("(a*b + c*d - 1)**2", ["a", "b", "c", "d"])


LINE = ProductModel("(w1**2 + w2**2)**2*w1", loss_scale=1.0)


def numerical(landscape):
    return CallableLandscape(landscape.value, dim=landscape.dim)


def second_derivatives(landscape, w, matrix, step=3e-3):
    """sum_jk d_j d_k Phi M_jk by fourth-order differences of the flow's limit along the eigenvectors of M."""
    total = np.zeros(len(w))
    weights, ways = np.linalg.eigh(matrix)
    for weight, way in zip(weights, ways.T, strict=True):
        ends = gradient_flow_limit(landscape, w + step * np.arange(-2, 3)[:, None] * way)
        total += weight * np.array([-1, 16, -30, 16, -1]) @ ends / (12 * step**2)
    return total


@pytest.mark.parametrize(
    ("landscape", "start"),
    [
        (CIRCLE, [1.3, 0.4]),
        (VALLEY, [0.5, 0.3]),
        (SPACE, [1.2, 0.7, 1.0]),
        (SADDLE, [1.2, 0.7, 0.4, 0.3]),
    ],
)
def test_the_drift_is_the_second_derivative_of_the_limit_of_gradient_flow(landscape, start):
    w = gradient_flow_limit(landscape, start)
    factor = np.random.default_rng(7).normal(size=(landscape.dim, landscape.dim))
    matrix = factor @ factor.T
    expected = second_derivatives(landscape, w, matrix)
    frame = manifold_point(landscape, w)
    assert_near(flow_curvature(landscape, frame, matrix[None])[0], expected, 1e-6)
    jacobian = [gradient_flow_limit(landscape, w + s) for s in (*1e-4 * np.eye(len(w)), *-1e-4 * np.eye(len(w)))]
    columns = np.array(jacobian[: len(w)]) - np.array(jacobian[len(w) :])
    assert_near(projection(landscape, w), columns.T / 2e-4, 1e-6)
    # Controls: without the noise that is shared by both directions, and without that along the manifold.
    tangent = frame.tangent[0]
    normal = np.eye(len(w)) - tangent
    split = tangent @ matrix @ tangent + normal @ matrix @ normal
    for part in (split, normal @ matrix @ normal):
        error = np.abs(flow_curvature(landscape, frame, part[None])[0] - expected).max()
        assert landscape is CIRCLE or error > 0.05 * np.abs(expected).max()


def test_third_derivatives_of_functions_are_those_of_the_formula():
    points = np.array([[0.5, 0.3], [-1.1, 0.8], [2.0, -0.4]])
    expected = third_derivatives(VALLEY, points)
    assert_near(expected, np.moveaxis(expected, -1, -2), 1e-14)
    # L = (2 + x^2)(y - x^2/2)^2/2, so L_yyx = 2 x and L_yyy = 0.
    assert_near(expected[:, 1, 1], np.stack([2 * points[:, 0], 0 * points[:, 0]], axis=-1), 1e-14)
    for functions, tolerance in (
        ((VALLEY.gradient, VALLEY.hessian), 1e-11),
        ((VALLEY.gradient, None), 1e-11),
        ((None, None), 4e-9),
    ):
        landscape = CallableLandscape(VALLEY.value, *functions, dim=2)
        assert_near(third_derivatives(landscape, points), expected, tolerance)
    noisy = NoisyGradient(NoisyGradient(VALLEY, Isotropic(1.0, 2)), Isotropic(1.0, 2))
    np.testing.assert_array_equal(third_derivatives(noisy, points), expected)


def test_a_landscape_of_functions_and_a_data_set_have_the_same_drift_as_the_formula():
    noise = Isotropic(1.0, 2)
    w = np.array([0.5, 0.125])
    expected = slow_drift(NoisyGradient(VALLEY, noise), w, 0.1, 2)
    assert_near(slow_drift(NoisyGradient(numerical(VALLEY), noise), w, 0.1, 2), expected, 1e-6)
    rng = np.random.default_rng(3)
    x = rng.choice([-1.0, 1.0], size=400)  # x^2 = 1: the loss is that of the population but for the mean of x y
    y = np.repeat([1.0, -1.0], 200) * rng.permutation(np.repeat([1.0, -1.0], 200))
    y -= x * (x @ y) / 400  # no residual correlation, so that q = 0 remains the manifold
    data = on_data(ProductModel("a*b - 1 + c", loss_scale=0.5), x, y)
    place = np.array([0.8, 0.7, 0.44])
    assert data.gradient(place) == pytest.approx(0, abs=1e-14)
    spread = float(np.mean(y**2))
    population = ProductModel("a*b - 1 + c", noise_std=np.sqrt(spread))
    assert_near(slow_drift(data, place, 0.1, 4), slow_drift(population, place, 0.1, 4), 1e-7)


@pytest.mark.parametrize("momentum", [0.0, 0.5])
@pytest.mark.parametrize(
    ("model", "power", "number"), [(LINE, 6, 48), (ProductModel("w1*(w1**2 + w2**2)", loss_scale=1.0), 2, 8)]
)
def test_label_noise_moves_along_the_degenerate_line_by_the_closed_law(model, power, number, momentum):
    steps, sgd = 5000, SGD(0.01, 20, momentum)
    eta = 0.01 / (1 - momentum)
    for start in (0.6, 0.8, 1.0, 1.2):
        path = slow_path(slow_limit(model, sgd, [0.0, start]), [0.0, start], eta * np.array([0, 500, steps]))
        law = (start**-power + number * eta**2 * np.array([0, 500, steps]) / 20) ** (-1 / power)
        np.testing.assert_allclose(path.positions[:, 1], law, rtol=1e-9)
        np.testing.assert_allclose(path.positions[:, 0], 0, atol=1e-12)
        assert (path.solver_error < 1e-8).all()
        half = (start**-power + number / 2 * eta**2 * steps / 20) ** (-1 / power)  # control
        assert abs(half / law[-1] - 1) > 1e-3


def test_the_law_of_the_degenerate_line_has_the_known_numbers():
    dynamics = slow_limit(LINE, SGD(0.01, 20), [0.0, 1.0])
    for start, end in ((0.6, 0.5946), (0.8, 0.7644), (1.0, 0.8769), (1.2, 0.9311)):
        found = slow_path(dynamics, [0.0, start], [50.0]).positions[0, 1]
        assert round(found, 4) == pytest.approx(end, abs=1.01e-4)


@pytest.mark.parametrize("loss_scale", [0.5, 1.0, 0.3])
def test_label_noise_descends_the_trace_of_the_hessian(loss_scale):
    rate, batch, std = 0.02, 5, 1.7
    model = ProductModel(["a*b - 1", "(c - a)*(1 + b**2)"], noise_std=std, loss_scale=loss_scale)
    w = np.array([[0.8, 1.25, 0.8], [2.0, 0.5, 2.0]])
    general = slow_drift(model, w, rate, batch)
    assert_near(label_noise_drift(model, w, rate, batch), general, 1e-12)
    step = 1e-3
    shifts = step * np.eye(3)
    traces = [np.trace(model.hessian(w + e) - model.hessian(w - e), axis1=1, axis2=2) for e in shifts]
    slope = np.stack(traces, axis=-1) / (2 * step)
    along = (projection(model, w) @ slope[..., None])[..., 0]
    formula = -rate * 2 * loss_scale * std**2 / (4 * batch) * along  # in time eta k
    assert np.linalg.norm(formula - general) < 1e-4 * np.linalg.norm(general)
    assert np.linalg.norm(2 * formula - general) > 0.5 * np.linalg.norm(general)  # control
    equation = SlowDynamics(model, HessianProportional(model, rate * 2 * loss_scale * std**2 / (2 * batch)), w[0])
    assert_near(equation.drift(w), general, 1e-12)
    assert_near(slow_diffusion(model, w, rate, batch), np.zeros((2, 3, 3)), 1e-15)


def test_noise_that_is_not_proportional_to_the_hessian_follows_another_law():
    noisy = NoisyGradient(LINE, Constant(np.eye(2)))
    general = slow_drift(noisy, [0.0, 1.0], 0.01, 20)
    # entropic: -T/2 d log h with h = 2 w2^8
    assert general == pytest.approx([0, -0.01 / 40 / 2 * 8], abs=1e-12)
    with pytest.raises(
        InputError, match=r"needs C proportional to H, got a part of 1 that is not; take slow_drift"
    ):
        label_noise_drift(noisy, [0.0, 1.0], 0.01, 20)
    assert abs(general[1] / slow_drift(LINE, [0.0, 1.0], 0.01, 20)[1] - 1) > 0.5


def test_the_spread_across_the_manifold_solves_its_lyapunov_equation():
    for momentum in (0.0, 0.8):
        found = transverse_covariance(LINE, [0.0, 0.7], 0.01, 20, momentum)
        assert_near(found, np.diag([0.01 / (20 * (1 - momentum)), 0.0]), 1e-15)
    matrix = np.array([[2.0, 0.4, 0.1], [0.4, 1.0, -0.3], [0.1, -0.3, 0.5]])
    model = NoisyGradient(SPACE, Constant(matrix))
    w = np.array([[1.25, 0.8, 1.25]])
    spread, hessian, tangent = transverse_covariance(model, w, 0.01, 4), SPACE.hessian(w), projection(SPACE, w)
    normal = np.eye(3) - tangent
    assert_near(hessian @ spread + spread @ hessian, 0.01 / 4 * normal @ matrix @ normal, 1e-12)
    assert_near(tangent @ spread, np.zeros((1, 3, 3)), 1e-12)


@settings(max_examples=30)
@given(seed=st.integers(0, 10**6), dim=st.integers(2, 4))
def test_the_drift_keeps_the_walker_on_an_ellipsoid_and_turns_with_it(seed, dim):
    # Of g = w'Aw - 1 on M: dg = 2 A w . b dt + 2 tr(A P D P) dt = 0.
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.normal(size=(dim, dim)))[0]
    shape = turn @ np.diag(rng.uniform(0.5, 2.0, dim)) @ turn.T
    factor = rng.normal(size=(dim, dim))
    noise = factor @ factor.T

    def landscape(a):
        def bulge(w):
            return np.einsum("...i,ij,...j->...", w, a, w) - 1

        return CallableLandscape(
            lambda w: bulge(w) ** 2 / 4,
            lambda w: bulge(w)[..., None] * (w @ a),
            lambda w: bulge(w)[..., None, None] * a + 2 * (w @ a)[..., :, None] * (w @ a)[..., None, :],
            dim=dim,
        )

    w = rng.normal(size=dim)
    w /= np.sqrt(w @ shape @ w)
    equation = SlowDynamics(landscape(shape), Constant(noise), w)
    drift, tensor = equation.drift(w), equation.tensor(w)
    size = np.linalg.norm(noise)
    assert abs((shape @ w) @ drift + np.trace(shape @ tensor)) < 1e-6 * size
    assert np.linalg.norm(tensor @ shape @ w) < 1e-8 * size
    other = SlowDynamics(landscape(turn.T @ shape @ turn), Constant(turn.T @ noise @ turn), turn.T @ w)
    assert np.linalg.norm(turn @ other.drift(turn.T @ w) - drift) < 1e-6 * size
    assert abs(np.trace(shape @ tensor)) > 1e-9  # control: there is something to balance
