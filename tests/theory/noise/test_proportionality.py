"""Gradient noise against curvature: constants at degenerate zeros, and why proportionality fails elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import (
    CallableLandscape,
    Constant,
    HessianProportional,
    InputError,
    LinearRegression,
    NoisyGradient,
    PositivePart,
    ProductModel,
    SymbolicLandscape,
    logistic_regression,
)
from theory.noise.proportionality import Reason, compare_covariance, judge_proportionality, line

CROSSING = ProductModel("x*y")


def numerically(model):
    """The same covariance and Hessian without formulas, so that no series is exact."""
    bare = CallableLandscape(model.value, model.gradient, model.hessian, dim=model.dim)
    return NoisyGradient(bare, model.example_covariance)


@pytest.mark.parametrize(("power", "expected"), [(1, "1"), (2, "2/3"), (3, "3/5"), (4, "4/7")])
def test_constants_along_a_degenerate_zero(power, expected):
    model = ProductModel(f"u**{power}")
    exact = judge_proportionality(model, ["u"])
    assert exact.holds
    assert exact.exact == sympy.Rational(expected)
    assert (exact.covariance_order, exact.hessian_order) == (2 * power - 2, 2 * power - 2)
    found = judge_proportionality(numerically(model), ["u"])
    assert found.holds
    assert found.exact is None
    assert found.constant == pytest.approx(float(exact.exact), abs=1e-6)
    assert abs(found.constant - float(exact.exact)) <= found.constant.error < 1e-9


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("power", [1, 2, 3])
def test_the_constant_scales_with_loss_and_noise_from_both_sides(power, side):
    scale, noise = 1.5, 0.4
    model = ProductModel(f"(w - 1.8)**{power}*(w + 1.8)", noise_std=noise, loss_scale=scale, input_std=1.3)
    expected = 2 * scale * noise**2 * power / (2 * power - 1)
    exact = judge_proportionality(model, line(1.8, side))
    assert exact.exact is not None
    assert exact.constant == pytest.approx(expected, rel=1e-14)
    found = judge_proportionality(numerically(model), lambda u: 1.8 + side * u[:, None])
    assert abs(found.constant - expected) <= 5 * found.constant.error
    assert found.constant.error < 1e-9
    assert (
        abs(found.constant - 2 * scale * noise**2) > 0.01 or power == 1
    )  # the constant is not that of a regular zero


def test_far_from_the_zero_the_ratio_is_another():
    model = ProductModel("u**2")
    ratio = compare_covariance(model, [[0.3], [0.1], [0.01]]).constant
    u = np.array([0.3, 0.1, 0.01])
    np.testing.assert_allclose(ratio, (1 + 2 * u**4) * 4 * u**2 / (4 * u**2 + 2 * u**2), rtol=1e-12)
    assert np.all(np.diff(np.abs(ratio - 2 / 3)) < 0)


@pytest.mark.parametrize("power", [1, 2, 3])
def test_zeros_that_are_no_polynomials_are_extrapolated_with_an_honest_error(power):
    model = ProductModel(f"sin(w)**{power}*exp(w)")
    found = judge_proportionality(model, ["u"])
    expected = power / (2 * power - 1)
    assert found.exact is None
    assert found.holds
    assert abs(found.constant - expected) <= 5 * found.constant.error
    assert found.constant.error < 1e-7


def test_at_a_barrier_top_the_covariance_vanishes_and_the_curvature_does_not():
    model = ProductModel("(w + 1.8)*(w - 1.8)**2", loss_scale=1.0)  # q' = 0 at -0.6
    exact = judge_proportionality(model, line(-0.6, 1))
    assert not exact.holds
    assert exact.reason is Reason.COVARIANCE_VANISHES
    assert (exact.constant, exact.covariance_order, exact.hessian_order) == (0, 2, 0)
    rounded = ProductModel("w*(w**2 - 1)")  # its top is at a number that no decimal spells
    for path in (line(3**-0.5, 1), [-sympy.sqrt(3) / 3 + sympy.Symbol("u")]):
        found = judge_proportionality(rounded, path)
        assert found.reason is Reason.COVARIANCE_VANISHES
        assert found.covariance_order == pytest.approx(2, abs=1e-6)
        assert str(found).startswith("fails: C vanishes beside H; c = 0")
    assert compare_covariance(rounded, [[3**-0.5]]).hessian_rank[0] == 1


def test_at_a_normal_crossing_the_ranks_differ():
    found = judge_proportionality(CROSSING, ["u", "u"])
    assert not found.holds
    assert found.reason is Reason.RANK
    assert (found.covariance_rank, found.hessian_rank) == (1, 2)
    # C = (1, 1)(1, 1)' u^2 and H = [[1, 2], [2, 1]] u^2: c = 6/10, sine^2 = 1 - 36/40
    assert found.exact == sympy.Rational(3, 5)
    assert found.misfit == pytest.approx(np.sqrt(0.1), rel=1e-14)
    again = judge_proportionality(numerically(CROSSING), ["u", "u"])
    assert again.reason is Reason.RANK
    assert abs(again.misfit - found.misfit) <= 5 * again.misfit.error
    assert (again.covariance_rank, again.hessian_rank) == (1, 2)
    higher = judge_proportionality(ProductModel("x**2*y**3"), ["u", "2*u"])
    assert higher.reason is Reason.RANK


@pytest.mark.parametrize("path", [["u", "0"], ["u", "u**2"], ["u**2", "-u"]])
def test_into_the_crossing_along_a_branch_it_holds(path):
    for model in (CROSSING, numerically(CROSSING)):
        found = judge_proportionality(model, path)
        assert found.holds
        assert found.constant == pytest.approx(1, abs=1e-9)


def test_at_regular_zeros_it_holds_in_two_dimensions():
    for at in ([0.7, 0.0], [0.0, -1.2]):
        assert judge_proportionality(CROSSING, line(at, [0.3, 1.0])).exact == 1
    found = compare_covariance(CROSSING, [[0.7, 0.0]])
    assert (found.constant[0], found.misfit[0], found.angle[0], found.commutator[0]) == (1, 0, 0, 0)
    outputs = ProductModel(["x + y", "x*y", "x - y"], noise_std=0.6)
    assert judge_proportionality(outputs, line([0, 0], [1, 2])).constant == pytest.approx(0.36, rel=1e-14)


def test_regression_is_proportional_at_its_minimum_only():
    model = LinearRegression([[2, 0.5], [0.5, 1]], noise_std=0.5)
    assert judge_proportionality(model, ["u", "-u"]).constant == pytest.approx(0.25, rel=1e-12)
    away = compare_covariance(model, [[1.0, -1.0]])
    assert away.misfit[0] > 0.1
    assert (away.covariance_rank[0], away.hessian_rank[0]) == (2, 2)
    assert judge_proportionality(model, ["1 + u", "-1"]).reason is Reason.DIRECTION


def test_noise_that_is_made_proportional_is_found_so_and_other_noise_is_not():
    bowl = SymbolicLandscape("x**2 + x*y/2 + y**2 + x**4")
    found = compare_covariance(NoisyGradient(bowl, HessianProportional(bowl, 0.3)), [[0.4, 0.1], [1.0, -2.0]])
    np.testing.assert_allclose(found.constant, 0.3, rtol=1e-12)
    np.testing.assert_allclose(found.misfit, 0, atol=1e-12)
    np.testing.assert_allclose(found.commutator, 0, atol=1e-12)
    np.testing.assert_allclose(found.overlaps, np.broadcast_to(np.eye(2), (2, 2, 2)), atol=1e-12)
    apart = SymbolicLandscape("2*x**2 + 2*x*y + 2*y**2")
    root = Constant(np.array([[5.0, 2.0], [2.0, 2.0]]))  # eigenvectors (1, -2) and (2, 1), eigenvalues 1 and 6
    tilted = compare_covariance(NoisyGradient(apart, root), [[0.0, 0.0]])  # H: (1, -1) and (1, 1)
    np.testing.assert_allclose(tilted.overlaps[0], [[0.9, 0.1], [0.1, 0.9]], atol=1e-12)
    cubic = NoisyGradient(SymbolicLandscape("x**2 + 2*y**2 + 3*z**2"), Constant(np.diag([2.0, 3.0, 1.0])))
    ordered = compare_covariance(cubic, np.zeros((1, 3))).overlaps[0]  # C rises along z, x, y
    np.testing.assert_allclose(ordered, [[0, 0, 1], [1, 0, 0], [0, 1, 0]], atol=1e-12)
    turned = NoisyGradient(SymbolicLandscape("x**2 + 2*y**2"), Constant([[2, 1], [1, 2]]))  # C at 45 degrees to H
    found = compare_covariance(turned, [[0.0, 0.0]])
    np.testing.assert_allclose(found.overlaps[0], 0.5, atol=1e-12)
    assert found.constant[0] == pytest.approx((4 + 8) / (4 + 16))
    assert np.cos(found.angle[0]) == pytest.approx(12 / np.sqrt(10 * 20))
    assert found.commutator[0] == pytest.approx(np.sqrt(8) / (np.sqrt(2) * np.sqrt(10 * 20)))


def test_other_reasons():
    quartic, hill = SymbolicLandscape("w**4"), SymbolicLandscape("-w**2")
    unit, none = Constant(1.0), Constant(np.zeros((1, 1)))
    assert judge_proportionality(NoisyGradient(quartic, unit), ["u"]).reason is Reason.HESSIAN_VANISHES
    assert judge_proportionality(NoisyGradient(quartic, unit), ["u"]).constant == np.inf
    assert judge_proportionality(NoisyGradient(hill, unit), ["u"]).reason is Reason.SIGN
    assert judge_proportionality(NoisyGradient(hill, none), ["u"]).reason is Reason.COVARIANCE_VANISHES
    well = SymbolicLandscape("w**2 - w**4/4")
    held = judge_proportionality(NoisyGradient(well, HessianProportional(well, 0.2, PositivePart())), ["u"])
    assert held.holds
    assert held.constant == pytest.approx(0.2, rel=1e-9)


def test_data_have_a_best_constant_and_a_misfit():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(400, 2))
    model = logistic_regression(x, rng.random(400) < 1 / (1 + np.exp(-x[:, 0])))
    found = judge_proportionality(model, line([1.0, 0.0], [0.0, 1.0]), tolerance=0.3)
    assert found.holds
    assert found.constant == pytest.approx(1, abs=0.2)
    assert not judge_proportionality(model, line([1.0, 0.0], [0.0, 1.0])).holds


@settings(max_examples=40)
@given(
    factor=st.floats(0.01, 100),
    entries=st.lists(st.floats(-2, 2), min_size=9, max_size=9),
    others=st.lists(st.floats(-2, 2), min_size=9, max_size=9),
)
def test_no_other_constant_fits_better(factor, entries, others):
    root, hessian = np.reshape(entries, (3, 3)), np.reshape(others, (3, 3))
    hessian = factor * (hessian + hessian.T + np.eye(3))
    covariance = root @ root.T + 0.01 * np.eye(3)
    bare = CallableLandscape(
        lambda w: 0 * w[..., 0],
        lambda w: 0 * w,
        lambda w: np.broadcast_to(hessian, (*w.shape, 3)),
        dim=3,
    )
    found = compare_covariance(NoisyGradient(bare, Constant(covariance)), np.zeros((1, 3)))
    if not hessian.any():
        return
    best = np.linalg.norm(covariance - found.constant[0] * hessian)
    for shift in (-1e-3, 1e-3):
        assert np.linalg.norm(covariance - found.constant[0] * (1 + shift) * hessian) >= best * (1 - 1e-12)
    assert found.misfit[0] == pytest.approx(best / np.linalg.norm(covariance), abs=1e-12)
    assert 0 <= found.commutator[0] <= 1 + 1e-12
    assert np.sin(found.angle[0]) == pytest.approx(found.misfit[0], abs=1e-12)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: compare_covariance(CROSSING, [0.1, 0.2]), r"shape \(n, 2\), got \(2,\)"),
        (lambda: compare_covariance(CROSSING, np.zeros((0, 2))), r"shape \(n, 2\), got \(0, 2\)"),
        (lambda: compare_covariance(CROSSING, [[np.nan, 1]]), "covariance of the gradient must be finite"),
        (lambda: judge_proportionality(CROSSING, ["u"]), "one formula in u for each of 2 components"),
        (lambda: judge_proportionality(CROSSING, "u"), "`path` must be a list of text or Exprs"),
        (lambda: judge_proportionality(CROSSING, ["u", "v"]), "v"),
        (
            lambda: judge_proportionality(CROSSING, lambda u: u),
            r"map distances of shape \(11,\) to points \(11, 2\)",
        ),
        (lambda: judge_proportionality(CROSSING, ["0", "0"]), "both vanish all along the path"),
        (lambda: judge_proportionality(CROSSING, ["u", "u"], distance=0), "`distance` must be positive"),
        (lambda: judge_proportionality(CROSSING, ["u", "u"], tolerance=np.inf), "`tolerance` must be positive"),
        (lambda: judge_proportionality(ProductModel("w"), ["log(u - 1)"]), "path must be finite"),
        (lambda: judge_proportionality(ProductModel("w"), ["exp(-1/u)"]), None),
        (lambda: judge_proportionality(ProductModel("w**2"), ["exp(-1/u)"]), "powers of the distance|nowhere on"),
        (lambda: line([0, 0], [0, 0]), "direction other than 0"),
        (lambda: line([0, 0], [1]), "of one length, got shapes"),
    ],
)
def test_refuses(make, reason):
    if reason is None:
        assert make().holds  # a path may be as flat as it likes where C and H are regular
        return
    with pytest.raises(InputError, match=reason):
        make()
