"""Public functions and classes say the shapes of arrays and what numbers mean.

An array that is taken, given or held needs a shape in the docstring, such as (..., d), `grid.shape` or "of length
d"; a number needs its name there, unless the docstring of `theory` explains the scale for all. What is said is not
judged.
"""

from __future__ import annotations

import ast

import pytest
from definitions import Defined, public
from described import scales, shapeless, unexplained
from sources import SOURCES


def test_arrays_have_shapes():
    assert {str(one): found for one in public() if (found := shapeless(one))} == {}


def test_numbers_are_named():
    assert {str(one): found for one in public() if (found := unexplained(one))} == {}


def test_everything_public_has_a_docstring():
    assert [str(one) for one in public() if not one.docstring] == []


def test_scales_are_explained_once():
    assert {"learning_rate", "momentum", "batch_size", "temperature", "confidence"} <= scales()


@pytest.fixture
def defined(monkeypatch):
    """Reads the first function or class of a source."""

    def read(source):
        monkeypatch.setitem(SOURCES, "made_up", source)
        return Defined("made_up", ast.parse(source).body[0])

    return read


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('def f(w: ArrayLike) -> Array:\n    """The loss."""', {"w", "return"}),
        ('def f(w: ArrayLike) -> Array:\n    """The loss at w (..., d), shape (...)."""', set()),
        ('def f(n: int) -> tuple[Array, int]:\n    """Points and their number."""', {"return"}),
        ('def f(n: int) -> Array:\n    """Points (n, 2 d)."""', set()),
        ('def f(n: int) -> Array:\n    """Points (these)."""', {"return"}),
        ('class A:\n    """Points."""\n    w: Array', {"w"}),
        ('class A:\n    """Points."""\n    w: Array  # shape (n, d)', set()),
    ],
)
def test_an_array_without_a_shape_is_seen(defined, source, found):
    assert shapeless(defined(source)) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('def f(width: float, learning_rate: float) -> float:\n    """The rate."""', {"width"}),
        ('def f(width: float | None = None) -> float:\n    """The rate at `width`, in units of w."""', set()),
        ('class A:\n    """A well."""\n    depth: float\n    width: float  # of w', {"depth"}),
    ],
)
def test_a_number_that_nobody_names_is_seen(defined, source, found):
    assert unexplained(defined(source)) == found
