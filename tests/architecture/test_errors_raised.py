"""What a public function raises is what it says it raises, both read from its source.

Public is what the faces of all folders show, with the public methods of classes. What is seen: `raise` and
`require` in a body, and the errors of a function that is handed a parameter on as it is, or called on `self` or a
parameter of a known class without arguments: of a public one those that it documents, of a private one those that
its source shows. What is caught on the way is not raised. Not seen: arguments that were computed first, functions
of the user, functions inside functions, and the checks of arguments by their annotations, which the docstring of
`theory` says once for all.
"""

from __future__ import annotations

import ast

import pytest
import sources
from definitions import Defined, inside, public
from raised import documented, errors, raised_by, undocumented, unreachable, unsaid


def test_public_functions_were_found():
    assert len(public()) > 500
    assert {"InputError", "NoStationaryDensity", "UndecidedCoefficient", "RangeExceeded"} <= errors().keys()
    assert "MomentWarning" not in errors()


def test_what_is_raised_is_documented():
    assert {str(one): found for one in public() if (found := undocumented(one))} == {}


def test_what_is_documented_can_be_raised():
    named = {*public(), *inside()}
    assert {str(one): found for one in named if (found := unreachable(one))} == {}


def test_functions_inside_say_what_they_raise_themselves():
    assert {str(one): found for one in inside() if (found := unsaid(one))} == {}


MADE_UP = '''
from contextlib import suppress

from theory.base.errors import InputError, require
from theory.laws import Grid, NoStationaryDensity


def direct(x):
    """A number."""
    require(x > 0, "no")


def said(x):
    """A number.

    Raises
    ------
    InputError
        If it is not positive.
    """
    require(x > 0, "no")


def handed(x):
    """A number."""
    return said(x)


def by_a_private_one(x):
    """A number."""
    return _private(x)


def _private(x):
    raise NoStationaryDensity(x)


def by_a_method(grid: Grid, w):
    """Points."""
    return grid.wrap(w)


def computed(x):
    """A number."""
    return said(x * x + 1)


def caught(x):
    """A number."""
    try:
        return said(x)
    except ValueError:
        return None


def suppressed(x):
    """A number."""
    with suppress(InputError):
        return said(x)


def raised_again(x):
    """A number."""
    try:
        return said(x)
    except InputError as error:
        raise error


def idle(x):
    """A number.

    Raises
    ------
    InputError
        If it is not positive.
    NoStationaryDensity
        Never.
    """
    return require(x > 0, "no")


class Made:
    """Something, made in one way."""

    def __init__(self, x):
        self.x = said(x)

    def method(self):
        """A number. Raises `InputError`, as it may."""
        return said(self)
'''


@pytest.fixture(scope="module")
def made_up():
    """The definitions of a made-up module."""
    tree = ast.parse(MADE_UP)
    sources.TREES["made_up"], sources.SOURCES["made_up"] = tree, MADE_UP
    yield {n.name: Defined("made_up", n) for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    del sources.TREES["made_up"], sources.SOURCES["made_up"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("direct", {"InputError"}),
        ("said", set()),
        ("handed", {"InputError"}),
        ("by_a_private_one", {"NoStationaryDensity"}),
        ("by_a_method", {"InputError"}),
        ("computed", set()),
        ("caught", set()),
        ("suppressed", set()),
        ("raised_again", {"InputError"}),
        ("Made", {"InputError"}),
    ],
)
def test_an_error_that_is_not_said_is_seen(made_up, name, found):
    assert undocumented(made_up[name]) == found
    assert unsaid(made_up[name]) == (found if name in {"direct"} else set())


def test_an_error_that_nothing_raises_is_seen(made_up):
    assert unreachable(made_up["idle"]) == {"NoStationaryDensity"}
    assert unreachable(made_up["said"]) == set()


def test_an_error_in_a_sentence_is_said(made_up):
    body = made_up["Made"].node.body
    method = next(Defined("made_up", n, made_up["Made"]) for n in body if getattr(n, "name", "") == "method")
    assert documented(method) == {"InputError"}
    assert not undocumented(method)
    assert raised_by(made_up["direct"]) == {"InputError"}
