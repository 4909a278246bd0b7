"""What a grid cannot carry: sides that do not close, tensors that do not fit. One line says what to do."""

from __future__ import annotations

import numpy as np
import pytest
from doubles_plane import PlaneEquation, constant

from theory.base.errors import InputError
from theory.equations.langevin import Langevin
from theory.fokker_planck.generator.coefficients import check_periodic, transport
from theory.fokker_planck.generator.stencil_fit import check_stencils
from theory.landscapes.symbolic import SymbolicLandscape
from theory.laws.grid import Grid
from theory.tensors.constant import Constant

CIRCLE = Grid(-1, 1, 20, True)
TORUS = Grid([-1, -1], [1, 1], [20, 20], True)


def langevin(formula, variables, diffusion=None):
    matrix = np.eye(len(variables)) if diffusion is None else diffusion
    return Langevin(SymbolicLandscape(formula, variables), Constant(matrix))


def field(drift, dim, tensor=None, potential=None):
    return PlaneEquation(drift, tensor or constant(np.eye(dim)), np.zeros_like, potential or (lambda w: None), dim)


@pytest.mark.parametrize(
    ("equation", "grid"),
    [
        (langevin("sin(pi*x)", ("x",)), CIRCLE),
        (langevin("1000000 + sin(pi*x)", ("x",)), CIRCLE),
        (langevin("sin(pi*x)*cos(7*pi*y)", ("x", "y"), [[2, 1], [1, 2]]), TORUS),
        (langevin("sin(pi*x) + y**2", ("x", "y")), Grid([-1, -1], [1, 1], [9, 8], (True, False))),
        (langevin("sin(pi*x + pi*y) + cos(pi*z)", ("x", "y", "z")), Grid([-1] * 3, [1] * 3, [7, 6, 5], True)),
        (langevin("x**2", ("x",)), Grid(-1, 1, 20)),
        (langevin("0*x", ("x",)), CIRCLE),
        (field(lambda w: -np.sign(w), 1, None, lambda w: np.abs(w[..., 0])), CIRCLE),
    ],
)
def test_a_circle_carries_what_closes_and_kinks_as_inside(equation, grid):
    check_periodic(equation, grid)


def test_the_cross_of_two_valleys_lives_on_a_torus():
    def drift(w):
        least = np.argmin(np.abs(w), axis=-1)[..., None]
        return np.where(np.arange(2) == least, -2 * w, 0.0)

    check_periodic(field(drift, 2, None, lambda w: (w**2).min(axis=-1)), TORUS)
    check_periodic(field(drift, 2), TORUS)


@pytest.mark.parametrize(
    ("equation", "grid", "message"),
    [
        (
            langevin("x**2", ("x",)),
            CIRCLE,
            r"axis 0 the drift jumps by 4 \(its size is 1\.9\) between w0 = -1 and",
        ),
        (langevin("x**3", ("x",)), CIRCLE, r"axis 0 the potential jumps by 2 .* or take reflecting sides"),
        (langevin("sin(pi*x) + y**2", ("x", "y")), TORUS, r"axis 1 the drift jumps by 4 .*between w1 = -1 and"),
        (langevin("sin(pi*x)*y", ("x", "y"), [[2, 1], [1, 2]]), TORUS, r"axis 1 the drift jumps by .*w = \("),
        (
            langevin("cos(pi*x) + y*z", ("x", "y", "z")),
            Grid([-1] * 3, [1] * 3, [7, 6, 5], (True, False, True)),
            r"axis 2 the potential jumps by 1\.67 .*w = \(-0\.857143, -0\.833333, 1\)",
        ),
        (
            field(lambda w: 0 * w, 2, lambda w: np.exp(w[..., 0])[..., None, None] * np.eye(2)),
            TORUS,
            r"axis 0 the tensor jumps by 2\.35 \(its size is 2\.59\)",
        ),
        (field(lambda w: np.where(w == 1, np.nan, 0.0), 1), CIRCLE, "the drift jumps by nan"),
        (field(lambda w: np.sin(np.pi * w) + 1e-4 * w, 1), CIRCLE, "the drift jumps by 0.0002"),
    ],
)
def test_a_circle_refuses_what_does_not_close(equation, grid, message):
    with pytest.raises(InputError, match=message) as caught:
        check_periodic(equation, grid)
    assert "\n" not in str(caught.value)


def turned(ratio):
    """Noise along a direction near an axis, whose stencil is of length 0.4 sqrt(ratio)."""
    along = np.array([1, 2 / np.sqrt(ratio)]) / np.hypot(1, 2 / np.sqrt(ratio))
    return np.outer(along, along) + (np.eye(2) - np.outer(along, along)) / ratio


def on(matrix, grid):
    return np.broadcast_to(matrix, (*grid.shape, grid.dim, grid.dim))


@pytest.mark.parametrize(("ratio", "cells"), [(1e4, 10), (1e5, 60), (1e5, 20)])
def test_says_how_many_cells_carry_a_stencil(ratio, cells):
    grid = Grid([0, 0], [1, 1], [cells, cells])
    with pytest.raises(InputError, match=r"ratio 1e\+0\d, and stencils too long on 100% of the cells") as caught:
        check_stencils(on(turned(ratio), grid), grid)
    text = str(caught.value)
    needed = int(text.split("take at least ")[1].split(" x ")[0])
    carried = float(text.split("the ratio below about ")[1])
    assert cells < needed <= 2 * np.sqrt(ratio)
    enough, fewer = (Grid([0, 0], [1, 1], [n, n]) for n in (needed, needed - 1))
    check_stencils(on(turned(ratio), enough), enough)
    with pytest.raises(InputError):
        check_stencils(on(turned(ratio), fewer), fewer)
    low, high = np.linalg.eigvalsh(turned(ratio))
    for factor, fits in ((0.99, True), (1.3, False)):
        widened = turned(ratio) + (high - low * factor * carried) / (factor * carried - 1) * np.eye(2)
        assert np.linalg.cond(widened) == pytest.approx(factor * carried)
        if fits:
            check_stencils(on(widened, grid), grid)
        else:
            with pytest.raises(InputError):
                check_stencils(on(widened, grid), grid)


def test_a_few_long_stencils_and_lines_of_cells_are_left_to_the_mesh():
    grid = Grid([0, 0], [1, 1], [20, 20])
    few = on(np.eye(2), grid).copy()
    few[3, :] = turned(1e5)
    check_stencils(few, grid)
    few[:6] = turned(1e5)
    with pytest.raises(InputError, match="30% of the cells"):
        check_stencils(few, grid)
    line = Grid([0, 0], [1, 1], [1, 20])
    check_stencils(on(np.eye(2), line), line)


def test_says_where_a_tensor_is_not_finite():
    def tensor(w):
        return np.where((w[..., 0] > 0.5)[..., None, None], np.nan, np.eye(2))

    with pytest.raises(InputError, match=r"diffusion tensor must be finite.*8 cells.*w = \(0\.75, -0\.875\)"):
        transport(PlaneEquation(lambda w: -w, tensor), Grid([-1, -1], [1, 1], [4, 8]))


def test_more_cells_than_memory_holds_are_refused_at_once():
    with pytest.raises(InputError, match=r"at most 1e\+08 cells in all, got 1000000000 x 1000000000"):
        Grid((0, 0), (1, 1), (10**9, 10**9))
    assert Grid((0, 0), (1, 1), (10_000, 10_000)).size == 10**8
    with pytest.raises(InputError, match="at most"):
        Grid((0, 0), (1, 1), (10_000, 10_000)).refined(3)
