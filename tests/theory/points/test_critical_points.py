"""All critical points of polynomials with their kinds: by hand, by construction, and seen on small spheres."""

from __future__ import annotations

from fractions import Fraction as F

import numpy as np
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from theory import CallableLandscape, InputError, ProductModel, SymbolicLandscape
from theory.points.critical import Kind, critical_points, solve

MIN, MAX, SADDLE = Kind.MINIMUM, Kind.MAXIMUM, Kind.SADDLE


def of(formula, **options):
    return critical_points(SymbolicLandscape(formula), **options)


def seen(landscape, position, radius=1e-2):
    """The kind that samples on a small sphere show, or None where they are all equal."""
    rng = np.random.default_rng(0)
    directions = rng.standard_normal((4000, landscape.dim))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    change = landscape.value(np.asarray(position) + radius * directions) - landscape.value(np.asarray(position))
    scale = 1e-13 * (1 + abs(landscape.value(np.asarray(position))))
    below, above = bool((change < -scale).any()), bool((change > scale).any())
    return {(True, True): SADDLE, (False, True): MIN, (True, False): MAX}.get((below, above))


def test_the_cubic_of_a_singular_model():
    found = critical_points(ProductModel("(w + 9/5)*(w - 9/5)**2", noise_std=0.0, loss_scale=1.0))
    assert [(p.exact, p.kind, p.nullity) for p in found.points] == [
        ((F(-9, 5),), MIN, 0),
        ((F(9, 5),), MIN, 1),
        ((F(-3, 5),), MAX, 0),
    ]
    assert found.points[0].sharpness == pytest.approx(2 * 3.6**4, rel=1e-14)
    assert found.points[2].value == pytest.approx((1.2 * 2.4**2) ** 2, rel=1e-14)
    assert found.sets == ()


def test_the_double_well_and_a_box():
    found = of("(w**2 - 1)**2/4")
    assert [p.position for p in found.minima] == [(-1.0,), (1.0,)]
    assert [p.exact for p in found.maxima] == [(F(0),)]
    assert [p.position for p in of("(w**2 - 1)**2/4", box=[(0.5, 2)]).points] == [(1.0,)]


def test_himmelblau():
    landscape = SymbolicLandscape("(x**2 + y - 11)**2 + (x + y**2 - 7)**2")
    found = critical_points(landscape)
    assert (len(found.minima), len(found.saddles), len(found.maxima)) == (4, 4, 1)
    assert len(found.points) == 9
    known = [(3, 2), (-2.805118, 3.131312), (-3.779310, -3.283186), (3.584428, -1.848126)]
    for place in known:
        assert min(np.abs(np.subtract(p.position, place)).max() for p in found.minima) < 1e-6
    assert found.maxima[0].position == pytest.approx((-0.270845, -0.923039), abs=1e-6)
    for p in found.points:
        assert np.abs(landscape.gradient(p.position)).max() < 1e-11
        assert seen(landscape, p.position) is p.kind
    assert all(p.index == 1 for p in found.saddles)


DEGENERATE = [
    ("w**4", MIN),
    ("-w**6", MAX),
    ("w**3", SADDLE),
    ("x**2 + y**3", SADDLE),
    ("x**3 - 3*x*y**2", SADDLE),
    ("x**4 + y**6", MIN),
    ("x**2 - y**6", SADDLE),
    ("-x**2 - y**6", MAX),
    ("x**4 - 3*x**2*y**2 + y**4", SADDLE),
    ("x**4 - x**2*y**2 + y**4", MIN),
    ("(x - y**2)**2 + y**6", MIN),
    ("(x - y**2)**2 - y**6", SADDLE),
    ("(y - x**2)*(y - 2*x**2)", SADDLE),  # Peano: a minimum along every line
    ("(x**2 + y**2)**2", MIN),
    ("x**2 + x*y + y**2/4 + x**4", MIN),
    ("(x + 2*y)**2 - x**4", SADDLE),
    ("(x**2 + y**2 + z**2)**2", MIN),
    ("x**2 - y**2 + z**4", SADDLE),
    ("z**2 + x**4 + y**4 + x**2*y**2", MIN),
]


@pytest.mark.parametrize(("formula", "kind"), DEGENERATE)
def test_kinds_of_degenerate_points(formula, kind):
    landscape = SymbolicLandscape(formula)
    found = critical_points(landscape)
    point = next(p for p in found.points if p.position == (0.0,) * landscape.dim)
    assert (point.kind, point.reason) == (kind, "")
    assert point.degenerate
    assert point.isolated


@pytest.mark.parametrize(("formula", "kind"), [case for case in DEGENERATE if "6" not in case[0]])
def test_small_spheres_show_the_same_kinds(formula, kind):
    landscape = SymbolicLandscape(formula)
    if formula == "(y - x**2)*(y - 2*x**2)":
        assert landscape.value([0.1, 0.015]) < 0
        return
    radius = 0.3 if "3*x*y" not in formula else 0.1
    observed = seen(landscape, np.zeros(landscape.dim), radius)
    assert observed is kind
    assert seen(SymbolicLandscape(f"-({formula})"), np.zeros(landscape.dim), radius) is not kind or kind is SADDLE


def test_the_cross_and_its_worse_crossing():
    found = of("x**2*y**2")
    assert found.points == ()
    assert sorted(str(s.equations[0]) for s in found.sets) == ["x", "y"]
    for line in found.sets:
        assert (line.dimension, line.complete) == (1, True)
        assert {(p.kind, p.nullity, p.isolated) for p in line.samples} == {(MIN, 1, False)}
        along = [p.position[0] + p.position[1] for p in line.samples]
        assert min(along) < 0 < max(along)  # both arms
        assert [(p.exact, p.kind, p.nullity) for p in line.special] == [((F(0), F(0)), MIN, 2)]


def test_a_line_of_minima_through_a_worse_point():
    (line,) = of("x**2*(x**2 + y**2)**2").sets
    assert line.equations == (sympy.Symbol("x", real=True),)
    assert [(p.exact, p.nullity) for p in line.special] == [((F(0), F(0)), 2)]
    assert line.kinds == {MIN}


@pytest.mark.parametrize("power", [2, 4])
def test_a_line_that_turns_from_maxima_to_minima(power):
    (line,) = of(f"x**{power}*y").sets
    assert {(p.position[1] > 0, p.kind) for p in line.samples} == {(True, MIN), (False, MAX)}
    assert [p.kind for p in line.special] == [SADDLE]


def test_curves():
    hyperbola = of("(x*y - 1)**2")
    assert [(p.exact, p.kind, p.index) for p in hyperbola.points] == [((F(0), F(0)), SADDLE, 1)]
    assert {p.position[0] > 0 for p in hyperbola.sets[0].samples} == {True, False}  # both branches
    for formula, nullity in [("(x**2 + y**2 - 1)**2", 1), ("(x**2 + y**2 - 1)**4", 2)]:
        circle = of(formula)
        assert [(p.exact, p.kind) for p in circle.points] == [((F(0), F(0)), MAX)]
        assert {(p.kind, p.nullity) for p in circle.sets[0].samples} == {(MIN, nullity)}
        assert {p.position[0] > 0 for p in circle.sets[0].samples} == {True, False}  # both halves
    (cusp,) = of("(x**2 - y**3)**2").sets
    assert [(p.exact, p.nullity) for p in cusp.special] == [((F(0), F(0)), 2)]
    # An oval and an unbounded branch are two components: both are met.
    (cubic,) = of("(y**2 - x*(x**2 - 1))**2").sets
    assert {p.position[0] > 0.5 for p in cubic.samples} == {True, False}
    # y^2 = x^2 (x - 1) has a real point off its branch.
    (nodal,) = of("(y**2 - x**2*(x - 1))**2").sets
    assert (0.0, 0.0) in [p.position for p in nodal.special]
    assert all(p.position[0] >= 1 for p in nodal.samples)


def test_no_set_of_dimension_one_where_only_a_point_is_real():
    found = of("(x**2 + x*y + y**2)**2")
    assert found.sets == ()
    assert [(p.exact, p.kind) for p in found.points] == [((F(0), F(0)), MIN)]


def test_three_variables():
    found = of("(a*b*c - 1)**2")
    surface = next(s for s in found.sets if s.dimension == 2)
    assert surface.kinds == {MIN}
    lines = [s for s in found.sets if s.dimension == 1]
    assert len(lines) == 3
    assert all(s.kinds == {SADDLE} and [p.nullity for p in s.special] == [3] for s in lines)
    planes = of("x**2*y**2*z**2").sets
    assert sorted((s.dimension, s.within) for s in planes) == [(1, True)] * 3 + [(2, False)] * 3


roots = st.lists(
    st.tuples(st.integers(-4, 4), st.integers(1, 3)), min_size=1, max_size=3, unique_by=lambda r: r[0]
)


def from_roots(variable, chosen):
    """A polynomial whose derivative has these roots, and the kind of each: by its sign changes."""
    slope = sympy.prod([(variable - r) ** m for r, m in chosen]) * (variable**2 + 1)
    kinds = {}
    for r, m in chosen:
        after = np.prod([float(r - s) ** n for s, n in chosen if s != r]) if len(chosen) > 1 else 1.0
        kinds[r] = SADDLE if m % 2 == 0 else MIN if after > 0 else MAX
    return sympy.integrate(sympy.expand(slope), variable), kinds


@settings(max_examples=12)
@given(roots)
def test_polynomials_on_a_line_with_roots_by_construction(chosen):
    w = sympy.Symbol("w", real=True)
    polynomial, kinds = from_roots(w, chosen)
    found = critical_points(SymbolicLandscape(polynomial, variables=("w",)))
    assert {int(p.exact[0]): p.kind for p in found.points} == kinds
    assert len(found.points) == len(kinds)


@settings(max_examples=25)
@given(st.lists(st.integers(-9, 9), min_size=3, max_size=8))
def test_polynomials_on_a_line_against_numerical_roots(coefficients):
    assume(any(coefficients[:-2]))
    polynomial = np.polynomial.Polynomial(coefficients[::-1])
    slope = polynomial.deriv()
    numerical = np.roots(np.trim_zeros(slope.coef[::-1], "f"))
    gaps = np.abs(numerical[:, None] - numerical[None, :]) + 9 * np.eye(numerical.size)
    assume(numerical.size and gaps.min() > 1e-3)
    expected = np.sort(numerical[np.abs(numerical.imag) < 1e-7].real)
    w = sympy.Symbol("w", real=True)
    found = critical_points(SymbolicLandscape(sympy.Poly(coefficients, w).as_expr(), variables=("w",)))
    positions = sorted(p.position[0] for p in found.points)
    assert len(positions) == expected.size
    np.testing.assert_allclose(positions, expected, rtol=1e-7, atol=1e-7)
    for p in found.points:
        assert p.kind is (MIN if slope.deriv()(p.position[0]) > 0 else MAX)


@settings(max_examples=5)
@given(first=roots, second=roots, shear=st.sampled_from([0, 1, F(-1, 2)]))
def test_sums_in_sheared_coordinates(first, second, shear):
    """L = f(x) + g(y + c x): the points are all pairs, a minimum only where both are."""
    first, second = first[:2], second[:2]
    x, y = sympy.symbols("x y", real=True)
    f, kinds_f = from_roots(x, first)
    g, kinds_g = from_roots(y, second)
    formula = f + g.subs(y, y + sympy.Rational(shear) * x)
    found = critical_points(SymbolicLandscape(sympy.expand(formula), variables=("x", "y")))
    expected = {
        (F(a), F(b) - shear * a): (kind if kind is other else SADDLE)
        for a, kind in kinds_f.items()
        for b, other in kinds_g.items()
    }
    assert {p.exact: p.kind for p in found.points} == expected
    assert found.sets == ()


def test_irrational_points_are_decided_exactly():
    points = of("(x**3 - 2)**4").points
    assert [(p.kind, p.exact) for p in points] == [(MIN, None), (SADDLE, (F(0),))]
    assert points[0].position == (2 ** (1 / 3),)
    two = of("((x**2 - 2)**2 + y**2)*(y**2 + 1)")
    assert [p.kind for p in two.points] == [MIN, MIN, SADDLE]
    (line,) = of("y**4 + y**2*(x**2 - 2)**2").sets
    assert sorted(p.position for p in line.special) == [(-(2**0.5), 0.0), (2**0.5, 0.0)]
    assert {(p.kind, p.nullity) for p in line.special} == {(MIN, 2)}
    # A residual over the field of the point: x^3 beside a well at y = +-sqrt 2.
    cusps = of("(y**2 - 2)**2 + x**3*(y + 3)")
    assert {(p.kind, p.nullity) for p in cusps.points if p.exact is None and abs(p.position[0]) == 0} == {
        (SADDLE, 1)
    }


def test_what_is_not_decided_says_so():
    # The form (x - y)^4 + (x - y)^2 z^2 vanishes along a plane curve of the cone; what follows decides.
    point = next(p for p in of("(x - y)**4 + x**5 + y**6 + z**2").points if p.exact == (0, 0, 0))
    assert point.kind is Kind.UNDECIDED
    assert "may vanish off the axes" in point.reason


@pytest.mark.parametrize(
    ("landscape", "message"),
    [
        (SymbolicLandscape("min(x**2, y**2)"), "need a polynomial, got Min"),
        (SymbolicLandscape("exp(-x**2) + y**2"), "for which no method is complete; take find_minima"),
        (SymbolicLandscape("1/x + x"), "need a polynomial"),
        (SymbolicLandscape("pi*x**2"), "coefficients must be rational, got"),
        (SymbolicLandscape("3", variables=("x",)), "the landscape is constant"),
        (CallableLandscape(lambda w: w[..., 0] ** 2, dim=1), "need a SymbolicLandscape or a ProductModel"),
    ],
)
def test_refused_landscapes(landscape, message):
    with pytest.raises(InputError, match=message):
        critical_points(landscape)


@pytest.mark.parametrize("box", [[(0, 1)], [(1, 0), (0, 1)], 3, [("a", "b"), (0, 1)]])
def test_refused_boxes(box):
    with pytest.raises(InputError, match="`box` must be"):
        of("x**2 + y**2", box=box)


@pytest.mark.parametrize("formula", ["(x - y**2)**2", "(x**2 - y)**2", "(x - y**3)**2"])
def test_a_curved_valley_is_one_curve_of_minima(formula):
    found = of(formula)
    (curve,) = found.sets
    assert (curve.dimension, curve.kinds, found.points) == (1, {MIN}, ())


def test_algebra_that_takes_too_long_is_ended(monkeypatch):
    def endless(*arguments):
        while True:
            pass

    assert len(of("(x**2 - 1)**2 + y**2", seconds=None).points) == 3
    monkeypatch.setattr(solve, "branches", endless)
    with pytest.raises(InputError, match=r"more than 0\.01 s; allow it more `seconds`, or take find_minima"):
        of("(x**2 - 1)**2 + y**2", seconds=0.01)
