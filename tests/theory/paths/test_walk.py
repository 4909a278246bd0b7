"""The walk until an end: where steps are cut, and how exact it is."""

from __future__ import annotations

import numpy as np
import pytest
from doubles import LineEquation
from doubles_plane import PlaneEquation, constant, linear
from plane_laws import slope
from scipy.interpolate import make_interp_spline

from theory.base.errors import InputError
from theory.fokker_planck.generator.matrix import build_generator
from theory.fokker_planck.passages.walk import walk_until
from theory.laws.grid import Grid
from theory.laws.region import Region

CLOSED = np.zeros((2, 2), dtype=bool)


def rotated(anisotropy: float, angle: float = 0.5) -> np.ndarray:
    frame = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return frame @ np.diag([1, 1 / anisotropy]) @ frame.T


def mean_time(walk):
    return walk.elimination.solve(np.ones(len(walk.cells)))


@pytest.mark.parametrize("anisotropy", [1, 10, 50])
def test_an_ellipse_anywhere_between_the_cells_is_left_in_the_time_of_the_formula(anisotropy):
    tensor = rotated(anisotropy)
    inverse = np.linalg.inv(tensor)
    side = 1.2 * np.sqrt(np.diag(tensor))
    grid = Grid(-side, side, [71, 64])
    equation = PlaneEquation(np.zeros_like, constant(tensor))

    def square(w):
        return np.einsum("...i,ij,...j->...", w, inverse, w)

    outside = Region(grid, lambda w: square(w) > 1, "target")
    walk = walk_until(equation, grid, CLOSED, [outside])
    exact = (1 - square(grid.centers.reshape(-1, 2)[walk.cells])) / 4
    assert np.abs(mean_time(walk) - exact).max() < 1e-13
    cells = walk_until(equation, grid, CLOSED, [Region(grid, square(grid.centers) > 1, "target")])
    assert 1e-4 < np.abs(mean_time(cells) - exact).max() < 0.05  # control: the boundary at the faces of cells


def test_an_absorbing_side_and_a_region_at_the_same_place_are_the_same():
    equation = PlaneEquation(lambda w: np.zeros_like(w) + np.array([0.3, 0.2]), constant(rotated(10)))
    grid = Grid([-1, -1], [1, 1], [24, 24], [False, True])
    open_sides = np.array([[False, True], [False, False]])
    side = walk_until(equation, grid, open_sides)
    wider = Grid([-1, -1], [1.5, 1], [30, 24], [False, True])
    region = walk_until(equation, wider, CLOSED, [Region(wider, lambda w: w[..., 0] > 1, "target")])
    assert mean_time(side) == pytest.approx(mean_time(region), rel=1e-12)
    assert side.exits[-1].sum() > 0
    assert region.exits[-1].sum() == 0


GROWING = LineEquation(lambda w: w, lambda w: (1 + w / 2) ** 2, lambda w: 1 + w / 2)


def exact_time(start: float, end: float) -> float:
    """For D = (1 + w / 2)^2 and b = w, reflected at -1: the double integral, by fine sums."""
    w = np.linspace(-1, end, 400_001)
    step, middle = w[1] - w[0], (w[1:] + w[:-1]) / 2
    exponent = np.append(0, np.cumsum(step * middle / (1 + middle / 2) ** 2))
    speed = np.exp(exponent) / (1 + w / 2) ** 2
    below = np.append(0, np.cumsum(step * (speed[1:] + speed[:-1]) / 2))
    rise = np.exp(-exponent) * below
    return float(np.where(middle > start, step * (rise[1:] + rise[:-1]) / 2, 0).sum())


@pytest.mark.parametrize("at_side", [True, False])
def test_varying_noise_and_drift_are_of_second_order_up_to_the_end(at_side):
    start, end = -0.9, 1.0 if at_side else 0.777
    cells, errors = [50, 110, 210, 430], []
    for n in cells:
        grid = Grid(-1.0, 1.0, n)
        region = Region(grid, lambda w: w[..., 0] > 0.777, "target")
        walk = walk_until(GROWING, grid, np.array([[False, at_side]]), [] if at_side else [region])
        w = grid.axes[0][walk.cells]
        errors.append(abs(make_interp_spline(w, mean_time(walk))(start) - exact_time(start, end)))
    assert slope(cells, errors) > 1.9
    assert errors[-1] < 1e-4


def test_no_step_jumps_over_a_small_target():
    grid = Grid([-1, -1], [1, 1], [41, 41])  # a centre at 0
    equation = PlaneEquation(np.zeros_like, constant(rotated(60, angle=0.3)))

    def dot(w):
        return (np.abs(w) < 0.04).all(axis=-1)

    def crossing(chain, cells):
        """Whether some step passes well inside the dot; it may graze a corner."""
        moves = chain.tocoo()
        starts, ends = (grid.centers.reshape(-1, 2)[cells[index]] for index in (moves.col, moves.row))
        outside = ~dot(starts) & ~dot(ends)
        return any(dot((starts + k / 12 * (ends - starts)) * 1.5)[outside].any() for k in range(1, 12))

    walk = walk_until(equation, grid, CLOSED, [Region(grid, dot, "target")])
    assert not crossing(walk.generator, walk.cells)
    assert crossing(build_generator(equation, grid), np.arange(grid.size))  # control: they do without a target


def test_without_an_end_it_is_the_generator_and_with_one_nothing_is_lost():
    equation = linear([[1, 0.4], [-0.4, 1]], rotated(20))
    grid = Grid([-1, -1], [1, 1], [18, 15], [True, False])
    free = walk_until(equation, grid, CLOSED)
    assert abs(free.generator - build_generator(equation, grid)).max() < 1e-12 * abs(free.generator).max()
    walk = walk_until(
        equation,
        grid,
        np.array([[False, False], [True, False]]),
        [Region(grid, lambda w: (w**2).sum(axis=-1) < 0.1, "target")],
    )
    rates = walk.generator - np.diag(walk.generator.diagonal())
    assert rates.min() >= 0
    assert (walk.exits >= 0).all()
    total = np.asarray(walk.generator.sum(axis=0)).ravel() + walk.exits.sum(axis=0)
    assert np.abs(total).max() < 1e-12 * abs(walk.generator).max()
    assert (walk.shares <= 1).all()
    assert walk.shares.min() < 1


def test_drift_without_noise_carries_walkers_out():
    # w0 moves at speed 1 without noise, w1 diffuses: the time to the side is its distance, to first order.
    tensor = np.diag([0.0, 1.0])
    equation = PlaneEquation(lambda w: np.stack([np.ones(w.shape[:-1]), 0 * w[..., 1]], axis=-1), constant(tensor))
    for n in (20, 80):
        grid = Grid([0, 0], [1, 1], [n, 8])
        walk = walk_until(equation, grid, np.array([[False, True], [False, False]]))
        late = np.abs(mean_time(walk) - (1 - grid.centers.reshape(-1, 2)[walk.cells, 0])).max()
        assert late == pytest.approx(0.5 / n, rel=1e-9)


def test_regions_are_checked():
    grid = Grid(0.0, 1.0, 10)
    with pytest.raises(
        InputError, match=r"`basin` must be a function of points or flags .* got int64 of shape \(10,\)"
    ):
        Region(grid, np.arange(10), "basin")
    with pytest.raises(InputError, match=r"must map points .* to flags"):
        Region(grid, lambda w: w > 0.5, "basin").cells(grid)
    with pytest.raises(InputError, match="got 0 of 10"):
        Region(grid, lambda w: w[..., 0] > 2, "basin").require_part(grid)
    with pytest.raises(InputError, match="got 10 of 10"):
        Region(grid, lambda w: w[..., 0] < 2, "basin", complement=True).require_part(grid)
    mask = grid.axes[0] > 0.45
    inside = Region(grid, mask, "basin")
    assert inside.holds(np.array([[0.39], [0.41], [0.99]])).tolist() == [False, False, True]
    assert (Region(grid, mask, "basin", complement=True).cells(grid) == ~mask).all()
