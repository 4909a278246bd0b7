"""What is a point of a manifold of minima: the ends of gradient flow, refusals, and lines without a valley."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from checks import assert_near

from simulate import SGD
from theory import InputError, Isotropic, NoisyGradient, ProductModel, SymbolicLandscape, SymbolicTensor
from theory.manifold import (
    SlowDynamics,
    gradient_flow_limit,
    manifold_point,
    projection,
    slow_drift,
    slow_limit,
    slow_path,
)
from theory.points.collapse import collapse_rate

CIRCLE = SymbolicLandscape("(x**2 + y**2 - 1)**2/4", ["x", "y"])

LINE = ProductModel("(w1**2 + w2**2)**2*w1", loss_scale=1.0)

FLAT_LINE = ProductModel("(w1**2 + w2**2)**2*w1**2", loss_scale=1.0)


def test_gradient_flow_ends_where_its_invariants_say():
    points = np.array([[1.3, 0.4], [0.2, -0.1], [-2.0, 3.0]])
    assert_near(gradient_flow_limit(CIRCLE, points), points / np.linalg.norm(points, axis=-1)[:, None], 1e-9)
    end = gradient_flow_limit(SymbolicLandscape("(x*y - 1)**2/2"), [1.5, 0.2])
    assert end[0] * end[1] == pytest.approx(1, abs=1e-12)
    assert end[0] ** 2 - end[1] ** 2 == pytest.approx(1.5**2 - 0.2**2, abs=1e-9)  # both fall by 2 (xy - 1) xy
    assert end[0] + end[1] != pytest.approx(1.7, abs=1e-2)  # control
    assert_near(gradient_flow_limit(SymbolicLandscape("x**2 + 1e-3*y**2"), [1.0, 1.0]), np.zeros(2), 1e-9)
    for formula, reason in (
        ("x**4*(1 + y**2)", "must reach a valley that is quadratic across, .* as a power of time"),
        ("x**2 + y**4", "must belong to a manifold of minima: .* got rank 2 instead of 1"),
        ("x**2 - y**2", "must end at a minimum"),
    ):
        with pytest.raises(InputError, match=reason):
            gradient_flow_limit(SymbolicLandscape(formula, ["x", "y"]), [0.3, 0.5])
    with pytest.raises(InputError, match="`w` must be finite with a last axis of length 2"):
        gradient_flow_limit(CIRCLE, [1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("formula", "at", "reason"),
    [
        (
            "x**2*(1 + y**2)",
            [0.1, 0.0],
            r"the gradient must vanish .* got \|grad L\| = 0.2 .* take theory.manifold.gradient_flow_l",
        ),
        ("x**2*(1 + y**2)", [5e-7, 0.0], None),
        ("x**2*(1/1000 + y**2)", [1.05e-7, 0.0], r"got one that is 1\.05e-07 away"),
        ("x**2*(1/1000 + y**2)", [5e-6, 0.0], r"the gradient must vanish .* got \|grad L\| = 1e-08"),
        ("x**2 - y**2", [0.0, 0.0], "got a saddle or a maximum at"),
        ("x**2 + y**2", [0.0, 0.0], "got an isolated minimum at .* take stationary_covariance"),
        ("x**4*(1 + y**2)", [0.0, 1.0], "quadratic across the manifold, got zero curvature at"),
        ("x**2*y**2", [0.0, 0.0], "quadratic across the manifold, got zero curvature at"),
        ("x**2*y**2", [0.0, 1.0], None),
        ("x**2 + y**4", [0.0, 0.0], "must belong to a manifold of minima: .* got rank 2 instead of 1"),
        ("x**2 + y**6", [0.0, 0.0], "must belong to a manifold of minima: .* got rank 2 instead of 1"),
        ("0*x + 0*y", [0.0, 1.0], "needs a loss that is not flat"),
        ("x**2*(1 + y**2)", [0.0, np.nan], "must have 2 finite numbers"),
    ],
)
def test_what_is_no_manifold_with_a_quadratic_valley_is_refused(formula, at, reason):
    model = NoisyGradient(SymbolicLandscape(formula, ["x", "y"]), Isotropic(1.0, 2))
    if reason is None:
        assert slow_drift(model, at, 0.01, 1).shape == (2,)
        return
    with pytest.raises(InputError, match=reason):
        slow_drift(model, at, 0.01, 1)
    with pytest.raises(InputError, match=reason):
        slow_limit(model, SGD(0.01, 1), at)


def test_a_rank_that_changes_and_a_rate_beyond_stability_are_refused():
    crossing = SymbolicLandscape("z**2 + x**2*y**2", ["x", "y", "z"])
    with pytest.raises(InputError, match=r"a manifold of minima: .* got rank 2 instead of 1"):
        manifold_point(crossing, [0.0, 0.0, 0.0])
    equation = SlowDynamics(crossing, Isotropic(0.1, 3), [1.0, 0.0, 0.0])
    with pytest.raises(InputError, match="of one rank along the manifold of minima, got rank 1 instead of 2 at"):
        equation.drift([1e-4, 0.0, 0.0])
    with pytest.raises(InputError, match=r"curvature below 2 \(1 \+ momentum\) / learning_rate = 0.9, got 2"):
        slow_limit(LINE, SGD(0.5 / 0.225, 20), [0.0, 1.0])
    steep = SGD(0.01, 20)
    # h = 2, limit 200, spread eta/B, three third derivatives 16
    assert slow_limit(LINE, steep, [0.0, 1.0]).neglected([0.0, 1.0]) == pytest.approx(0.01 + 5e-4 * 3 * 64)
    assert slow_limit(LINE, steep, [0.0, 1.2]).steepest == pytest.approx(200)
    with pytest.raises(InputError, match=r"SGD must stay in the valley, .* = 200, got 512"):
        slow_limit(LINE, steep, [0.0, 2.0])
    with pytest.raises(InputError, match=r"SGD must stay in the valley, .* = 200, got 512"):
        slow_limit(LINE, steep, [0.0, 1.0]).drift([0.0, 2.0])
    assert slow_limit(LINE, SGD(0.01, 20, 0.9), [0.0, 1.2]).steepest == pytest.approx(380)  # heavy ball
    with pytest.raises(InputError, match=r"SGD must stay in the valley, learning_rate \* curvature < 2, got 5.12"):
        slow_drift(LINE, [0.0, 2.0], 0.01, 20)
    with pytest.raises(InputError, match=r"`momentum` must lie in \[0, 1\), got 1"):
        slow_drift(LINE, [0.0, 1.0], 0.01, 20, 1.0)
    with pytest.raises(InputError, match="must lie on manifolds of one codimension, got"):
        projection(SymbolicLandscape("(x**2 + y**2)*(x - 3)**2 + 0*z"), [[0, 0, 0], [3, 0, 0]])
    with pytest.raises(InputError, match="`times` must be finite, increasing and not negative"):
        slow_path(slow_limit(LINE, steep, [0.0, 1.0]), [0.0, 1.0], [1.0, 0.5])


def test_on_the_fully_degenerate_line_there_is_no_drift_but_a_rate_of_collapse():
    with pytest.raises(InputError, match=r"got zero curvature at .* too see theory.collapse.collapse_rate"):
        slow_drift(FLAT_LINE, [0.0, 1.0], 0.01, 20)
    for w2, momentum in ((1.0, 0.0), (1.2, 0.0), (1.0, 0.5)):
        expected = 8 * w2**8 * 0.01 / (20 * (1 - momentum))  # 8 c^2 eta / B with q = c u^2
        assert collapse_rate(FLAT_LINE, [0.0, w2], 0.01, 20, momentum) == pytest.approx(expected, rel=1e-8)
    quiet = ProductModel("w1*(1 + w2**2)", noise_std=0.0)  # h = g^2 and m^2 = 2 h^2 with g = 1 + w2^2
    assert collapse_rate(quiet, [0.0, 0.5], 0.01, 4) == pytest.approx(1.25**2 + 0.01 / 4 * 1.25**4, rel=1e-8)
    quartic = SymbolicLandscape("x**4 + 0*y", ["x", "y"])
    sideways = NoisyGradient(quartic, SymbolicTensor(sympy.Matrix([0, quartic.variables[0]]), quartic.variables))
    for model, at, reason in (
        (LINE, [0.0, 1.0], "needs noise that vanishes as the distance from w, got tr C = 4 at"),
        (sideways, [0.0, 1.0], "a rate of its own for one normal direction"),
        (FLAT_LINE, [0.3, 1.0], "needs a point where the gradient vanishes"),
        (ProductModel("w1**2 + w2**2", loss_scale=1.0), [0.0, 0.0], "a rate of its own for one normal direction"),
        (FLAT_LINE, [0.0], "must be a point of 2 finite numbers"),
    ):
        with pytest.raises(InputError, match=reason):
            collapse_rate(model, at, 0.01, 20)
