"""Exact learning coefficients against hand-derived and published values, and what is refused."""

from __future__ import annotations

from fractions import Fraction as F

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import (
    CallableLandscape,
    Grid,
    InputError,
    LearningCoefficient,
    ProductModel,
    SymbolicLandscape,
    UndecidedCoefficient,
    learning_coefficient,
    product_of,
    sum_of,
    volume_coefficient,
)
from theory.learning.polyhedron import NewtonPolyhedron
from theory.learning.undecided import algebra_within


def monomial(*powers):
    """The coefficient of prod w_i^(2 k_i), w_i with k_i = 0 left out: products of 1/(2k)."""
    parts = [LearningCoefficient(F(1, 2 * k)) for k in powers if k]
    result = parts[0]
    for part in parts[1:]:
        result = product_of(result, part)
    return result


def of(formula, at):
    found = learning_coefficient(SymbolicLandscape(formula), at)
    return found.value, found.multiplicity


@pytest.mark.parametrize(
    ("powers", "value", "multiplicity"),
    [((1,), F(1, 2), 1), ((3,), F(1, 6), 1), ((1, 1), F(1, 2), 2), ((1, 2), F(1, 4), 1), ((2, 1, 2), F(1, 4), 2)],
)
def test_monomials(powers, value, multiplicity):
    formula = "*".join(f"w{i}**{2 * k}" for i, k in enumerate(powers))
    assert of(formula, [0] * len(powers)) == (value, multiplicity)
    assert monomial(*powers) == LearningCoefficient(value, multiplicity)


@pytest.mark.parametrize("powers", [(1,), (1, 1), (2, 3), (1, 2, 3), (1, 1, 2, 2, 3, 3)])
def test_sums_of_powers(powers):
    formula = "+".join(f"w{i}**{2 * k}" for i, k in enumerate(powers))
    assert of(formula, [0] * len(powers)) == (sum(F(1, 2 * k) for k in powers), 1)


@pytest.mark.parametrize(
    ("radial", "power", "at_zero", "on_the_line"),
    [
        (4, 1, (F(1, 5), 1), (F(1, 2), 1)),
        (4, 2, (F(1, 6), 1), (F(1, 4), 1)),
        (2, 1, (F(1, 3), 1), (F(1, 2), 1)),
        (2, 2, (F(1, 4), 2), (F(1, 4), 1)),
    ],
)
def test_a_line_of_minima_through_a_worse_point(radial, power, at_zero, on_the_line):
    formula = f"(w1**2 + w2**2)**{radial}*w1**{2 * power}"
    assert of(formula, (0, 0)) == at_zero
    assert of(formula, (0, 1.3)) == on_the_line
    model = ProductModel(f"(w1**2 + w2**2)**{radial // 2}*w1**{power}", noise_std=0.3, input_std=2.0)
    found = learning_coefficient(model, (0, -0.7))
    assert (found.value, found.multiplicity) == on_the_line


@pytest.mark.parametrize(
    ("formula", "value", "multiplicity"),
    [
        ("x**2 + y**4", F(3, 4), 1),  # 1/2 + 1/4
        ("x**4 + x**2*y**2 + y**6", F(1, 2), 2),  # t = 2 at the vertex (2, 2)
        ("x**6 + x**2*y**4", F(1, 3), 1),  # t = 3 on the edge a + b = 6 from (2, 4) to (6, 0)
        ("x**2*y**2 + z**4", F(3, 4), 2),  # (1/2, 2) + (1/4, 1)
        ("x**2*y**2*z**2", F(1, 2), 3),
        ("(x*y)**2 + (x*z)**2 + (y*z)**2", F(3, 4), 1),  # 3t = 4, inside the triangle of a + b + c = 4
        ("x**2*(y**4 + z**4)", F(1, 2), 2),  # (1/2, 1) times (1/2, 1)
        ("x**2*y**4 + x**4*y**2", F(1, 3), 1),  # x^2 y^2 (x^2 + y^2): t = 3, on the edge a + b = 6
        ("x**8 + x**2*y**2 + y**8", F(1, 2), 2),
        ("x**4*y**2 + z**6", F(5, 12), 1),  # (1/4, 1) + (1/6, 1)
        ("x**2 + x*y + y**2", F(1), 1),  # positive definite: d/2
        ("x**2 + x*y + x*z + y**2 + y*z/2 + z**2", F(3, 2), 1),
        ("x**4 + x**3*y + x**2*y**2 + x*y**3 + y**4", F(1, 2), 1),  # no real line of zeros; homogeneous: 2/4
        ("(x**2 - y**2)**2", F(1, 2), 2),  # u^2 v^2 in u = x - y, v = x + y
        ("(x + y)**2", F(1, 2), 1),
        ("(x - y**2)**4*(1 + x)", F(1, 4), 1),  # u^4 in u = x - y^2
        ("(x - y**2)**2*(y + x**3)**4", F(1, 4), 1),
        ("x**2*(x**2 + y**2)*(x**2 + 2*y**2)", F(1, 3), 1),  # homogeneous of degree 6, and 1/2 on x = 0
        ("tanh(x)**2*sin(y)**4*exp(z)", F(1, 4), 1),
        ("1 - cos(x) + y**6", F(2, 3), 1),
        ("pi*x**2", F(1, 2), 1),
        ("sin(x + y)**2*(exp(x) - 1)**4", F(1, 4), 1),  # u^2 v^4 in u = sin(x + y), v = exp(x) - 1
    ],
)
def test_polynomials_by_hand(formula, value, multiplicity):
    dim = len(SymbolicLandscape(formula).variables)
    assert of(formula, [0] * dim) == (value, multiplicity)


@pytest.mark.parametrize(
    ("q", "at", "value", "multiplicity"),
    [
        (["a*b", "a*c"], (0, 0, 0), F(1, 2), 1),  # a^2 (b^2 + c^2): 1/2 against 1
        (["x*y", "z"], (0, 0, 0), F(1), 2),  # (1/2, 2) + (1/2, 1)
        (["x", "x + y**2"], (0, 0), F(3, 4), 1),  # 2x^2 + 2xy^2 + y^4 ~ x^2 + y^4
        (["x*y", "z*exp(x)"], (0, 0, 0), F(1), 2),
        ("a*tanh(b)", (0, 0), F(1, 2), 2),  # the smallest network (Watanabe 2009, example 1.3)
        ("a*tanh(b)", (0, 2), F(1, 2), 1),
        ("(w + 2)*(w - 2)**2", (2,), F(1, 4), 1),
        ("(w + 2)*(w - 2)**2", (-2,), F(1, 2), 1),
        ("a*b - 1", (2, F(1, 2)), F(1, 2), 1),
    ],
)
def test_models(q, at, value, multiplicity):
    assert learning_coefficient(ProductModel(q, noise_std=0.0), at) == LearningCoefficient(value, multiplicity)


@pytest.mark.parametrize(
    ("q", "at", "value", "multiplicity"),
    [
        ("a1*b1 + a2*b2 + a3*b3", (0,) * 6, F(1, 2), 1),  # q = 0 is a cone, smooth off its tip
        (["a*b1 - 1", "a*b2"], (1, 1, 0), F(1), 1),  # two coordinates
        (["x + y - 2", "x*z - 1"], (1, 1, 1), F(1), 1),
        (["x**2 + y**2 + z**2 - 1", "x - y"], (0, 0, 1), F(1), 1),
        (["x**2 + y**2 - 1", "z*(x - 1)"], (1, 0, 0), F(3, 4), 1),  # x - 1 ~ y^2: 1/2 + (z y^2)^2
        (["x**2 - y**3", "z**2"], (0, 0, 0), F(2, 3), 1),  # 5/12 + 1/4
        ("(x**2 - y**3)*z", (0, 0, 0), F(5, 12), 1),  # against 1/2
        ("x**2 + y**2 + z**2", (0, 0, 0), F(3, 4), 1),  # no real zeros beside the point: 3/4, not 1/2
        ("x**2 + y**2 - z**2", (0, 0, 0), F(1, 2), 1),  # and with them
        ("x**2 + y**4 + z**4 - 3*y**2*z**2", (0, 0, 0), F(1, 2), 2),  # t = 1, and real zeros there
        ("x**2 + y**3 + z**7", (0, 0, 0), F(41, 84), 1),  # 1/2 + 1/3 + 1/7 < 1
        ("exp(x**2 - y**3) - 1", (0, 0), F(5, 12), 1),  # up to a unit
        ("1 - cos(x**2 - y**3)", (0, 0), F(5, 24), 1),  # its square
        (["a1*b1", "a1*b2", "a2*b1", "a2*b2"], (0,) * 4, F(1), 2),  # a linear network of widths 2, 1, 2
    ],
)
def test_zeros_beside_the_point(q, at, value, multiplicity):
    assert learning_coefficient(ProductModel(q), at) == LearningCoefficient(value, multiplicity)


def test_what_is_known_is_told_when_the_time_is_up():
    def endless():
        with algebra_within(0.01):
            while True:
                pass

    with pytest.raises(UndecidedCoefficient, match=r"takes more than 0\.01 s"):
        endless()
    with algebra_within(60.0):  # control: what ends in time is left alone
        pass
    with pytest.raises(UndecidedCoefficient, match="between 1/4 and 13/24") as undecided:
        of("(x**2 + y**3 + z**4)**2 + (x + y)**8", (0, 0, 0))
    assert (undecided.value.low, undecided.value.high) == (F(1, 4), F(13, 24))


def test_a_coordinate_that_does_not_matter_and_one_side_of_a_kink():
    unused = SymbolicLandscape("x**2*y**2", variables=("x", "y", "z"))
    assert learning_coefficient(unused, (0, 0, 5)) == LearningCoefficient(F(1, 2), 2)
    assert of("min(x**2, y**2)", (0, 1)) == (F(1, 2), 1)
    assert of("abs(x - 1)*y**4 + 3", (0, 0)) == (F(1, 4), 1)


def test_decimals_are_exact():
    assert of("(10*x - 3)**4", 0.3) == of("(3*x - 1)**4", F(1, 3)) == (F(1, 4), 1)


def test_the_polyhedron_of_a_triangle():
    polyhedron = NewtonPolyhedron.of([(2, 2, 0), (2, 0, 2), (0, 2, 2), (2, 2, 2)])
    assert polyhedron.points == ((0, 2, 2), (2, 0, 2), (2, 2, 0))
    assert (polyhedron.distance, polyhedron.codimension) == (F(4, 3), 1)
    assert len(polyhedron.compact_faces) == 3 + 3 + 1
    # by x + y + z >= 4, two at a time >= 2, and each >= 0
    normals = {(f.normal, f.level) for f in polyhedron.facets}
    pairs = {((1, 1, 0), 2), ((1, 0, 1), 2), ((0, 1, 1), 2)}
    assert normals == {((1, 1, 1), 4), *pairs, ((1, 0, 0), 0), ((0, 1, 0), 0), ((0, 0, 1), 0)}


def test_rules():
    half, quarter = LearningCoefficient(F(1, 2), 2), LearningCoefficient(F(1, 4), 3)
    assert sum_of(half, quarter) == LearningCoefficient(F(3, 4), 4)
    assert product_of(half, quarter) == quarter
    assert product_of(half, half) == LearningCoefficient(F(1, 2), 4)


SPARSE = st.lists(
    st.tuples(st.integers(1, 5), *[st.integers(0, 3)] * 3).filter(lambda t: any(t[1:])), min_size=1, max_size=5
)


@settings(max_examples=40)
@given(SPARSE, st.permutations(range(3)), st.integers(1, 9))
def test_order_and_scale_of_coordinates_change_nothing(terms, order, scale):
    def formula(names):
        return "+".join(
            f"{c}*" + "*".join(f"{n}**{2 * k}" for n, k in zip(names, ks, strict=True)) for c, *ks in terms
        )

    plain = learning_coefficient(SymbolicLandscape(formula("xyz"), variables="xyz"), (0, 0, 0))
    permuted = formula(["xyz"[i] for i in order])
    scaled = SymbolicLandscape(f"({permuted})*{scale}/7 + 2", variables="xyz")
    assert learning_coefficient(scaled, (0, 0, 0)) == plain
    assert 0 < plain.value <= F(3, 2)
    assert 1 <= plain.multiplicity <= 3


@settings(max_examples=4)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)).filter(any), min_size=1, max_size=3))
def test_the_polyhedron_agrees_with_volumes(powers):
    landscape = SymbolicLandscape("+".join(f"x**{2 * a}*y**{2 * b}" for a, b in powers), variables="xy")
    exact = learning_coefficient(landscape, (0, 0))
    measured = volume_coefficient(landscape, Grid((-1, -1), (1, 1), (8, 8)), 1e-4)
    assert abs(measured - exact.value) <= measured.error < 0.3


@pytest.mark.parametrize(
    ("formula", "at", "reason"),
    [
        ("1 - cos(x - y) + y**6", (0, 0), "degenerate: on a face"),  # begins like a square, and is none
        ("cosh(x - y) - 1 + y**6", (0, 0), "degenerate: on a face"),
        ("(x - y)**2*(x - sin(y))**2", (0, 0), "degenerate: on a face"),  # two factors that begin alike: 1/3
        ("(sin(x) - y)**2*(x - y)**2", (0, 0), "degenerate: on a face"),
        ("(x - y)*(x - sin(y))", (0, 0), "degenerate: on a face"),
        (
            "(x**2 + y**3 + z**4)**2 + (x + y)**8",
            (0, 0, 0),
            r"degenerate: on a face .* zero at .*; take learning_coefficient_by_splitting.* between 1/4 and 13/24",
        ),
        ("x**4 - x*y*z*(x + y + z)/2 + y**4 + z**4", (0, 0, 0), "could not be shown to be non-degenerate"),
        ("x**2 - y**4 + x**4*y**4", (0, 0), "must be a minimum, K changes its sign"),
        ("x**4 - 3*x**2*y**2 + y**4 + x**8", (0, 0), "must be a minimum, K changes its sign"),
        ("x**2*y", (0, 0), "must be a minimum, the factor y"),
        ("-x**2", 0, "it is a maximum"),
        ("x**2 + x", 1, "changes sign"),
        ("abs(x)", 0, r"not analytic at the point, because of Abs\(x\)"),
        ("min(x**2, y**2)", (0, 0), "not analytic at the point, because of Min"),
        ("sqrt(x**2 + y**2)", (0, 0), "not analytic at the point, because of sqrt"),
        ("log(x)", 0, "must be finite at the point"),
        ("sin(x)/x", 0, "must be finite at the point"),
        ("x**2*y**2 + sin(x*y)**4", (0, 0), "no pure power of each variable"),
        ("x**2 + sin(1)*x*y + y**2", (0, 0), "coefficients must be rational"),
        ("x**2*y**2", (0,), "must have 2 coordinates, got 1"),
        ("x**2", float("nan"), "must be finite numbers, got nan"),
        ("x**2", "0", "must be .* numbers .* got '0'"),
    ],
)
def test_refuses(formula, at, reason):
    with pytest.raises(InputError, match=reason):
        of(formula, at)


def test_refuses_what_is_no_formula_or_constant_or_no_coefficient():
    with pytest.raises(InputError, match="got CallableLandscape; take volume_coefficient"):
        learning_coefficient(CallableLandscape(lambda w: w[..., 0] ** 2, dim=1), 0)
    with pytest.raises(InputError, match="constant around the point"):
        learning_coefficient(SymbolicLandscape("3", variables=("x",)), 0)
    with pytest.raises(InputError, match="constant around the point"):
        learning_coefficient(ProductModel("0", variables=("x",)), 0)
    with pytest.raises(InputError, match=r"zero at a = -1, b = 1, c = 1, d = 1"):
        learning_coefficient(ProductModel(["a*b + c*d", "a*b*c"]), (0, 0, 0, 0))
    for value, multiplicity in ((0, 1), (F(1, 2), 0), (F(1, 2), 1.5)):
        with pytest.raises(InputError, match="must be"):
            LearningCoefficient(value, multiplicity)


def test_a_corner_where_many_facets_meet_has_the_codimension_of_their_span():
    """Six facets meet in (2, 2, 2), where the diagonal enters: the multiplicity is 3, their rank, not 6."""
    powers = [(0, 5, 5), (2, 2, 2), (3, 6, 1), (5, 1, 0), (6, 0, 3)]
    corner = NewtonPolyhedron.of(powers)
    assert sum(face.holds((corner.distance,) * 3) for face in corner.facets) == 6
    assert (corner.distance, corner.codimension) == (2, 3)
    formula = " + ".join(f"x**{2 * a}*y**{2 * b}*z**{2 * c}" for a, b, c in powers)
    found = learning_coefficient(SymbolicLandscape(formula), (0, 0, 0))
    assert (found.value, found.multiplicity) == (F(1, 4), 3)
