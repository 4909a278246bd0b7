"""Minima at a point and along sets are told apart."""

import pytest

from theory import InputError, SymbolicLandscape
from theory.learning import zero_is_isolated


@pytest.mark.parametrize(
    ("loss", "isolated"),
    [
        ("x**2 + y**4", True),
        ("(x**2 + y**2)**2", True),
        ("(x**2 - 2*x*y + 2*y**2)**2", True),
        ("x**4 + x**3*y**2 + y**6", True),
        ("x**2*y**2", False),
        ("(x*y*(x + y))**2", False),
        ("(x**2 - y**3)**2", False),
        ("y**2*(x**2 + y**2)", False),  # one of its two points on the circle has no finite parameter
        ("(x**3 + y**2)**2", False),
        ("(x - 2*y)**2", False),
    ],
)
def test_in_the_plane(loss, isolated):
    landscape = SymbolicLandscape(loss, variables=["x", "y"])
    assert zero_is_isolated(landscape, (0, 0)) is isolated


def test_away_from_the_origin():
    landscape = SymbolicLandscape("(x - 1)**2*(y - 1/2)**2")
    assert zero_is_isolated(landscape, (1, 0.5)) is False


@pytest.mark.parametrize(
    ("loss", "isolated"),
    [
        ("(x**2 + y**2 + z**2)**2", True),
        ("x**4 + y**4 + z**4", True),
        ("(x**2 - y*z)**2", False),
        ("x**2*y**2*z**2", False),
        ("x**2 + y**4 + z**2", None),  # of several degrees
    ],
)
def test_in_space(loss, isolated):
    assert zero_is_isolated(SymbolicLandscape(loss), (0, 0, 0)) is isolated


def test_on_a_line():
    assert zero_is_isolated(SymbolicLandscape("x**6"), 0) is True


def test_a_point_of_another_dimension_is_refused():
    with pytest.raises(InputError, match="`at` must have 2 coordinates"):
        zero_is_isolated(SymbolicLandscape("x**2*y**2"), (0, 0, 0))
