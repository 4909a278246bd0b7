"""Plane curves by blowing up, against Newton polyhedra, Puiseux pairs and changes of coordinates."""

from __future__ import annotations

from fractions import Fraction as F

import numpy as np
import pytest
import sympy

from theory import LearningCoefficient, ProductModel, learning_coefficient
from theory.learning.hypersurface import of_hypersurface
from theory.learning.plane import PlaneResolution, resolve_plane

x, y = sympy.symbols("x y", real=True)


def resolved(q: sympy.Expr, power: int = 2) -> PlaneResolution:
    factors = sympy.Poly(q, x, y).factor_list()[1]
    return resolve_plane([(f, power * n) for f, n in factors if f.eval({x: 0, y: 0}) == 0])


@pytest.mark.parametrize(
    ("q", "value", "multiplicity"),
    [
        (x, F(1, 2), 1),
        (x * y, F(1, 2), 2),
        (x**2 + y**2, F(1, 2), 1),
        (x**2 - y**3, F(5, 12), 1),
        (x * y * (x + y), F(1, 3), 1),
        (x**2 - y**5, F(7, 20), 1),  # A4: (1/2 + 1/5)/2
        (x**3 - y**4, F(7, 24), 1),  # E6
        (x**3 - x * y**3, F(5, 18), 1),  # E7
        (x**3 - y**5, F(4, 15), 1),  # E8
        (x**2 * y - y**4, F(5, 16), 1),  # D5
        ((y**2 - x**3) ** 2 - 4 * x**5 * y - x**7, F(5, 24), 1),  # a branch of two pairs: (1/4 + 1/6)/2
        ((x**2 - y**3) * (x**3 - y**2), F(1, 4), 2),
        ((x**2 - 2 * y**2) ** 2 - y**5, F(1, 4), 2),  # branches along irrational slopes
        ((x**3 - 2 * y**3) ** 2 + x * y**8, F(1, 6), 1),
        ((x**2 + y**2) ** 2 - x**5, F(1, 4), 1),  # slopes that are not real
    ],
)
def test_published_and_hand_made_curves(q, value, multiplicity):
    assert resolved(q).coefficient == LearningCoefficient(value, multiplicity)


def test_branches_over_irrational_slopes_meet_more_curves():
    found = resolved((x**2 - 2 * y**2) ** 2 + x**8, power=1)
    assert found.coefficient == LearningCoefficient(F(1, 2), 2)
    assert not found.changes_sign
    assert resolved((x**2 - 2 * y**2) ** 2 - x**7 * y, power=1).changes_sign


def random_polynomial(rng: np.random.Generator) -> sympy.Poly:
    exponents = {(int(a), int(b)) for a, b in rng.integers(0, 7, (int(rng.integers(2, 5)), 2)) if a + b > 1}
    return sympy.Poly(
        {m: int(rng.choice([-3, -2, -1, 1, 2, 3])) for m in exponents} or {(2, 0): 1, (0, 3): 1}, x, y
    )


def test_two_routes_and_all_coordinates_agree():
    answered = 0
    for rng in np.random.default_rng(1).spawn(60):
        q = random_polynomial(rng)
        if not q.gcd(q.diff(x)).gcd(q.diff(y)).is_ground or q.degree(x) < 1 or q.degree(y) < 1:
            continue
        found = resolved(q.as_expr()).coefficient
        by_polyhedron = of_hypersurface(q, 2)
        if by_polyhedron is not None:
            answered += 1
            assert by_polyhedron == found, q
        turned = q.as_expr().subs({x: x + 2 * y + y**2, y: y - x**2}, simultaneous=True)
        assert resolved(sympy.expand(turned)).coefficient == found, q
    assert answered > 10


def test_what_is_cut_off_is_seen_to_matter():
    cusp = resolved(x**2 - y**3, power=1)
    assert cusp.is_determined_by(3)
    assert not cusp.is_determined_by(2)
    assert not resolved(x**2, power=1).is_determined_by(16)  # control: any higher term changes a double line


@pytest.mark.parametrize(
    ("q", "value"),
    [
        ("x*y*(x - y)", F(1, 3)),
        ("x**4 - y**4", F(1, 4)),
        ("(x - y)*(x + 2*y)*(x + 3*y)", F(1, 3)),
        ("(x - 2*y)*(x - 3*y)**2", F(1, 4)),
    ],
)
def test_lines_through_places_where_a_sign_could_be_read(q, value):
    assert learning_coefficient(ProductModel(q), (0, 0)).value == value
