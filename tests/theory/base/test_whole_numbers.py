"""Counts never hang on the last digit of a root or a logarithm, which differs from processor to processor."""

from __future__ import annotations

import ast
from fractions import Fraction

import numpy as np
import pytest
from sources import TREES

from simulate import SGD, BatchGrowth
from theory import Grid, InputError
from theory.base.whole_numbers import decade, doublings, powers, root_above
from theory.fokker_planck.generator.selling import longest_offsets

WHOLE = {"ceil", "floor", "round", "rint", "trunc", "int", "astype"}
ROUNDED = {"cbrt", "log", "log2", "log10", "exp", "exp2", "expm1", "log1p", "sin", "cos", "tan", "power", "pow"}


def one_ulp(function, way):
    """`function` as another processor computes it."""
    return lambda *arguments: np.nextafter(function(*arguments), way)


@pytest.mark.parametrize("way", [-np.inf, np.inf])
def test_stencils_are_the_same_where_roots_differ_by_an_ulp(monkeypatch, way):
    expected = [3, 3, 3, 4, 5, 5, 6, 10, 11]
    cells = [1, 8, 27, 28, 65, 125, 126, 1000, 1001]
    monkeypatch.setattr(np, "cbrt", one_ulp(np.cbrt, way))
    monkeypatch.setattr(np, "log2", one_ulp(np.log2, way))
    assert [int(longest_offsets(Grid(0.0, 1.0, n))[0]) for n in cells] == expected
    wrong = [int(np.ceil(np.cbrt(n))) for n in cells]
    assert wrong != expected or way < 0  # the control: what the cube root itself gives there


def test_roots_are_whole():
    for degree in (1, 2, 3, 5):
        for root in (1, 2, 3, 10, 97, 4096, 10**6):
            power = root**degree
            assert root_above(power, degree) == root
            assert root_above(power + 1, degree) == root + 1
            assert root == 1 or root_above((root - 1) ** degree + 1, degree) == root


def test_doublings_are_exact_at_powers_of_two():
    for k in (-1022, -60, -1, 0, 1, 3, 29, 1023):
        assert doublings(2.0**k) == k
        assert doublings(np.nextafter(2.0**k, np.inf)) == k + 1
    for ratio in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(InputError):
            doublings(ratio)


def test_powers_are_exact_at_powers():
    for k in (-30, -5, -1, 0, 1, 2, 5, 33):
        reached = float(Fraction(3) ** k)
        assert powers(3.0, reached) == k + (Fraction(reached) > Fraction(3) ** k)
        assert powers(3.0, reached * (1 + 1e-15)) == k + 1
        assert powers(3.0, reached * (1 - 1e-15)) == k
    for base, ratio in ((1.0, 2.0), (np.inf, 2.0), (3.0, 0.0), (3.0, np.inf)):
        with pytest.raises(InputError):
            powers(base, ratio)


def test_decades_are_exact_at_powers_of_ten():
    for k in (-300, -23, -5, 0, 1, 15, 22, 300):
        ten = float(f"1e{k}")
        assert decade(ten * (1 + 1e-15)) == k
        assert decade(ten * (1 - 1e-15)) == k - 1
    for number in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(InputError):
            decade(number)


def test_a_batch_between_two_whole_numbers_is_rounded_alike(monkeypatch):
    schedule = BatchGrowth(every=1, factor=2.5)
    for way in (-np.inf, np.inf):
        monkeypatch.setattr(np, "exp", one_ulp(np.exp, way))
        sgd = SGD(learning_rate=0.1, batch_size=1, schedule=schedule)
        assert sgd.plan(0, 4)[1].tolist() == [1, 2, 6, 16]  # 2.5 to the even 2, 6.25, 15.625
    later = SGD(learning_rate=0.1, batch_size=1, schedule=schedule).plan(2, 2)[1]
    assert later.tolist() == [6, 16]
    assert np.isfinite(BatchGrowth(every=1, factor=10.0).batch(np.arange(1000))).all()


def unsteady(tree):
    """Lines where a whole number is made of a function whose last digit is the processor's."""
    found = []
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name not in WHOLE:
            continue
        inside = [*call.args[:1], *([call.func.value] if name == "astype" else [])]
        if name == "astype" and not any("int" in ast.unparse(argument) for argument in call.args):
            continue
        for node in (node for part in inside for node in ast.walk(part)):
            called = (
                isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ROUNDED
            )
            power = (
                isinstance(node, ast.BinOp)
                and isinstance(node.op, ast.Pow)
                and not isinstance(node.right, ast.Constant | ast.Name)
            )
            if called or power:
                found.append(call.lineno)
    return found


def test_no_count_hangs_on_a_rounded_function():
    others = {name: tree for name, tree in TREES.items() if name != "theory.base.whole_numbers"}
    assert {name: lines for name, tree in others.items() if (lines := unsteady(tree))} == {}


@pytest.mark.parametrize(
    "source",
    ["int(np.ceil(np.cbrt(n)))", "math.ceil(math.log2(x))", "np.log2(x).astype(int)", "round(n ** (1 / 3))"],
)
def test_such_a_count_is_seen(source):
    assert unsteady(ast.parse(source))
