"""Stationary laws with a full diffusion tensor, against formulas; each refusal, and controls that must fail."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import sympy as sp
from doubles_plane import PlaneEquation, constant, isotropic, linear, manufactured, turning_tensor

from theory.density import Density
from theory.errors import InputError
from theory.fokker_planck.generator import bernoulli, build_generator, recurrent_classes
from theory.fokker_planck.laws import NoStationaryDensity
from theory.fokker_planck.plane import stationary_plane
from theory.grid import Grid


def distance(law: Density, log_density) -> float:
    """L1 distance to exp(log_density)."""
    exact = Density.from_log(law.grid, log_density(law.grid.centers))
    return float(np.abs(law.probabilities - exact.probabilities).sum())


def gaussian(covariance):
    precision = np.linalg.inv(covariance)
    return lambda w: -np.einsum("...i,ij,...j->...", w, precision, w) / 2


def slope(cells, errors) -> float:
    return -np.polyfit(np.log(cells), np.log(errors), 1)[0]


ROTATED = linear(np.diag([1, 3]), [[1, 0.6], [0.6, 1]])
ROTATED_COVARIANCE = [[1, 0.3], [0.3, 1 / 3]]


def rotated_grid(n: int) -> Grid:
    return Grid([-6, -3.5], [6, 3.5], [n, n])


def deep(w):
    """Two wells 300 temperatures deep, one lower by two."""
    return 300 * (w[..., 0] ** 2 - 1) ** 2 + w[..., 0] + 300 * w[..., 1] ** 2


def bowl(w):
    return np.cosh(w).sum(axis=-1) + 0.4 * w[..., 0] * w[..., 1] + (w[..., 0] > 0) * w[..., 0] ** 3


def cross(w):
    return 100 * np.minimum(w[..., 0] ** 2, w[..., 1] ** 2)


EVERY_CELL = [
    (bowl, Grid([-3, -4], [3, 3], [33, 52])),
    (deep, Grid([-1.6, -1.2], [1.6, 1.2], [80, 60])),
    (cross, Grid([-1, -1], [1, 1], [60, 60], True)),
    (lambda w: bowl(w[..., :2]) + w[..., 2] ** 2, Grid([-3, -3, -2], [3, 3, 2], [12, 14, 10])),
]


@pytest.mark.parametrize(("potential", "grid"), EVERY_CELL)
def test_isotropic_noise_gives_the_gibbs_law_in_every_cell(potential, grid):
    law = stationary_plane(isotropic(potential, grid.dim), grid)
    exact = Density.from_log(grid, -potential(grid.centers)).values
    kept = exact > 1e-280 * exact.max()
    np.testing.assert_allclose(law.values[kept], exact[kept], rtol=1e-12)
    assert (law.values[~kept] <= 1e-279 * exact.max()).all()
    hotter = Density.from_log(grid, -potential(grid.centers) / 1.1).values
    assert np.abs(law.values - hotter).sum() * grid.cell_volume > 0.01


def test_the_known_potential_holds_for_a_skew_tensor_too_in_corners_as_well():
    tensor = np.array([[3.0, 4.4], [4.4, 7.0]])
    equation = PlaneEquation(np.zeros_like, constant(tensor), np.zeros_like, lambda w: (w**2).sum(axis=-1))
    grid = Grid([-3, -3], [3, 3], [20, 13])
    law = stationary_plane(equation, grid)
    np.testing.assert_allclose(
        law.values, Density.from_log(grid, -(grid.centers**2).sum(axis=-1)).values, rtol=1e-12
    )


def test_rotated_noise_gives_the_irreversible_gaussian_and_not_gibbs():
    cells = [40, 80, 160]
    laws = [stationary_plane(ROTATED, rotated_grid(n)) for n in cells]
    errors = [distance(law, gaussian(ROTATED_COVARIANCE)) for law in laws]
    assert slope(cells, errors) >= 1.9
    assert errors[-1] < 1e-4
    np.testing.assert_allclose(laws[-1].covariance, ROTATED_COVARIANCE, rtol=1e-3)
    assert distance(laws[-1], gaussian(np.diag([1, 1 / 3]))) > 0.1


def test_the_mesh_error_is_the_error():
    law = stationary_plane(ROTATED, rotated_grid(80))
    truth = distance(law, gaussian(ROTATED_COVARIANCE)) / 2
    assert truth / 2 < law.error < 2 * truth


def test_separable_loss_with_diagonal_noise_has_two_temperatures():
    equation = linear(np.diag([2, 1]), np.diag([0.5, 3]))
    cells = [30, 60, 120]
    laws = [stationary_plane(equation, Grid([-4, -12], [4, 12], [n, n])) for n in cells]
    for law in laws:  # a linear force: the trapezoidal rule is exact, and so is the law
        assert distance(law, gaussian(np.diag([0.25, 3]))) < 1e-11
    assert distance(laws[-1], gaussian(np.diag([0.5, 1]))) > 0.5


def valley(x, y):
    return x**2 / 2 + y**4 / 4 + sp.Rational(3, 10) * x * y


def test_turning_tensor_with_a_current_is_of_second_order_and_needs_the_right_reading():
    equation, phi = manufactured(valley, turning_tensor, lambda x, y: sp.sin(x + y) + x)
    grids = [Grid([-4.5, -3], [4.5, 3], [n, n]) for n in (40, 80, 160)]
    errors = [distance(stationary_plane(equation, grid), lambda w: -phi(w)) for grid in grids]
    assert slope([40, 80, 160], errors) >= 1.9
    assert errors[-1] < 2e-3
    wrong, _ = manufactured(valley, turning_tensor, lambda x, y: sp.sin(x + y) + x, reading=0)
    assert distance(stationary_plane(wrong, grids[1]), lambda w: -phi(w)) > 0.1


def test_a_current_along_skew_walls_keeps_second_order():
    # the current is e^Phi curl(psi) with psi = 0 on the walls; a fifth of the mass lies within 1/10 of them
    tensor = np.array([[0.85, 0.28], [0.28, 0.48]])

    def phi(w):
        return -np.cos(np.pi * w[..., 0] / 2) * np.cos(np.pi * w[..., 1] / 2) / 2

    def drift(w):
        (x, y), (u, v) = np.moveaxis(w, -1, 0), np.moveaxis(np.pi * w / 2, -1, 0)
        rise = np.pi / 4 * np.stack([np.sin(u) * np.cos(v), np.cos(u) * np.sin(v)], axis=-1)
        turn = np.stack([-2 * y * (1 - x**2), 2 * x * (1 - y**2)], axis=-1)
        return -rise @ tensor + 2 * np.exp(phi(w))[..., None] * turn

    cells = [25, 50, 100]
    equation = PlaneEquation(drift, constant(tensor))
    laws = [stationary_plane(equation, Grid([-1, -1], [1, 1], [n, n])) for n in cells]
    assert slope(cells, [distance(law, lambda w: -phi(w)) for law in laws]) >= 1.9


def law_and_refusal(equation, grid):
    try:
        return stationary_plane(equation, grid), ""
    except NoStationaryDensity as refusal:
        return refusal.density, refusal.reason


COARSE = [(cells, ratio) for cells in [(1, 1), (5, 5), (8, 3), (12, 40)] for ratio in (1, 30, 1000)]


@pytest.mark.parametrize(("cells", "anisotropy"), [*COARSE, ((1, 9), 1), ((1, 9), 30)])
@pytest.mark.parametrize("periodic", [False, (True, False)])
def test_never_negative_with_mass_one_on_the_coarsest_grids(cells, anisotropy, periodic):
    along = np.array([np.cos(0.4), np.sin(0.4)])
    tensor = (np.outer(along, along) * (anisotropy - 1) + np.eye(2)) / anisotropy
    equation = linear([[2, 1], [-1, 2]], tensor)
    grid = Grid([-2, -2], [2, 2], cells, periodic)
    generator = build_generator(equation, grid)
    off = generator.toarray()
    np.fill_diagonal(off, 0)
    assert (off >= 0).all()
    assert np.abs(generator.sum(axis=0)).max() <= 1e-13 * np.abs(generator.toarray()).max()
    assert len(recurrent_classes(generator)) == 1
    law, reason = law_and_refusal(equation, grid)
    assert not reason or "moves with the mesh" in reason or "wall" in reason
    assert (law.values >= 0).all()
    assert law.probabilities.sum() == pytest.approx(1, rel=1e-12)


def test_follows_swapped_axes_shifts_and_units():
    plain = stationary_plane(ROTATED, Grid([-5, -3], [5, 3], [36, 30]))
    swapped = stationary_plane(linear(np.diag([3, 1]), [[1, 0.6], [0.6, 1]]), Grid([-3, -5], [3, 5], [30, 36]))
    np.testing.assert_allclose(swapped.values.T, plain.values, rtol=1e-10)
    centre, unit = np.array([2.0, -1.0]), 10.0
    moved = PlaneEquation(
        lambda w: unit * ROTATED.drift((w - centre) / unit), constant(unit**2 * ROTATED.tensor(centre))
    )
    law = stationary_plane(moved, Grid([-48, -31], [52, 29], [36, 30]))
    np.testing.assert_allclose(law.values * unit**2, plain.values, rtol=1e-9)
    faster = PlaneEquation(lambda w: 7 * ROTATED.drift(w), lambda w: 7 * ROTATED.tensor(w))
    np.testing.assert_allclose(stationary_plane(faster, plain.grid).values, plain.values, rtol=1e-10)


def test_bernoulli_function_is_exact_everywhere():
    z = np.array([-1000, -30, -1e-3, -1e-12, 1e-12, 1e-3, 30, 700])
    with mpmath.workdps(40):
        expected = [float(mpmath.mpf(x) / mpmath.expm1(mpmath.mpf(x))) for x in z]
    np.testing.assert_allclose(bernoulli(z), expected, rtol=1e-15)
    assert bernoulli(np.array([0.0, 1000.0])).tolist() == [1, 0]


def square(scale):
    """D = `scale`(w) I for a function of the distance squared, with its divergence."""
    size, derivative = scale

    def along(w):
        return (w**2).sum(axis=-1)[..., None]

    return (
        lambda w: (size(along(w)))[..., None] * np.eye(2),
        lambda w: 2 * derivative(along(w)) * w,
    )


def test_refuses_two_disconnected_wells():
    wall = 1e6  # per temperature: no rate passes
    equation = isotropic(lambda w: wall * (np.abs(w[..., 0]) < 0.3) + 3 * (w**2).sum(axis=-1))
    with pytest.raises(NoStationaryDensity, match=r"not unique: 2 recurrent classes.*\(-2, -0\.3\)") as caught:
        stationary_plane(equation, Grid([-2, -2], [2, 2], [40, 40]))
    masses = [found.law.probabilities.sum() for found in caught.value.classes]
    assert masses == pytest.approx([1, 1])


def test_refuses_noise_along_one_direction_and_says_whether_the_drift_stays_in_it():
    def along(w):
        return np.stack([2 * w[..., 0], w[..., 0] ** 0 * 1.0], axis=-1)  # grad(x^2 + y)

    def tensor(w):
        return along(w)[..., :, None] * along(w)[..., None, :]

    def divergence(w):  # d_x (4 x^2), d_x (2 x)
        return np.stack([8 * w[..., 0], 0 * w[..., 0] + 2], axis=-1)

    grid = Grid([-1, -1], [1, 1], [20, 20])
    kept = PlaneEquation(lambda w: divergence(w) - 3 * along(w), tensor, divergence)
    with pytest.raises(
        NoStationaryDensity, match=r"rank 1 of 2 on 100% of the cells.*stay on the integral curves"
    ):
        stationary_plane(kept, grid)
    straight = PlaneEquation(lambda w: -w @ np.ones((2, 2)), constant(np.ones((2, 2))))
    with pytest.raises(NoStationaryDensity, match="stay on the integral curves"):
        stationary_plane(straight, grid)
    carried = PlaneEquation(lambda w: -w, constant(np.ones((2, 2))))
    with pytest.raises(NoStationaryDensity, match=r"leaves its range on 9.% of these"):
        stationary_plane(carried, grid)


def test_refuses_noise_that_is_missing_in_a_part_of_the_plane():
    def tensor(w):
        return (w[..., 0] > 0.5)[..., None, None] * np.eye(2)

    with pytest.raises(NoStationaryDensity, match="rank 0 of 2 on 25% of the cells") as caught:
        stationary_plane(
            PlaneEquation(lambda w: -w, lambda w: np.eye(2) - tensor(w)), Grid([-1, -1], [1, 1], [20, 20])
        )
    assert "leaves its range on 100%" in caught.value.reason


@pytest.mark.parametrize("cells", [40, 41])
@pytest.mark.parametrize("pull", [0.0, 1.0, 2.0])
def test_refuses_collapse_onto_a_point_without_noise_and_accepts_an_integrable_one(cells, pull):
    grid = Grid([-1, -1], [1, 1], [cells, cells])
    tensor, divergence = square((lambda s: s, lambda s: 1.0))
    with pytest.raises(NoStationaryDensity, match="moves with the mesh") as caught:  # p ~ r^-(2 + pull)
        stationary_plane(PlaneEquation(lambda w: -pull * w, tensor, divergence), grid)
    assert caught.value.density is not None
    law = stationary_plane(PlaneEquation(lambda w: w, tensor, divergence), grid)  # p ~ 1 / r
    outside = law.grid.centers[(law.grid.centers**2).sum(axis=-1) > 0.1]
    density = law.values[(law.grid.centers**2).sum(axis=-1) > 0.1] * np.linalg.norm(outside, axis=-1)
    assert np.ptp(density) < 0.01 * density.mean()


def test_refuses_a_law_that_the_walls_hold_up_and_not_a_flat_one():
    grid = Grid([-1, -1], [1, 1], [20, 20])
    with pytest.raises(
        NoStationaryDensity, match=r"reflecting wall, at w = \(0\.95, .*hold 0\.2.*widen the grid"
    ) as caught:
        stationary_plane(isotropic(lambda w: -w[..., 0]), grid)
    assert caught.value.density.values[-1, 0] == pytest.approx(caught.value.density.values.max())
    flat = stationary_plane(isotropic(lambda w: 0 * w[..., 0]), grid)
    np.testing.assert_allclose(flat.values, 0.25, rtol=1e-12)


def test_refuses_a_law_that_the_grid_does_not_resolve():
    needle = isotropic(lambda w: 4000 * ((w - 0.03) ** 2).sum(axis=-1))
    with pytest.raises(NoStationaryDensity, match="moves with the mesh"):
        stationary_plane(needle, Grid([-1, -1], [1, 1], [32, 32]))


def test_a_grid_too_small_to_halve_has_no_error():
    assert stationary_plane(ROTATED, Grid([-3, -2], [3, 2], [5, 7])).error is None


@pytest.mark.parametrize(
    ("matrix", "message"),
    [([[1, 0.5], [0, 1]], "symmetric"), ([[1, 2], [2, 1]], "positive"), ([[1, np.nan], [0, 1]], "finite")],
)
def test_says_where_a_tensor_is_wrong(matrix, message):
    def tensor(w):
        good = constant(np.eye(2))(w)
        return np.where((np.linalg.norm(w - [0.5, -0.5], axis=-1) < 0.1)[..., None, None], matrix, good)

    with pytest.raises(InputError, match=rf"must be {message}.*cell \(7, 2\), w = \(0\.5, -0\.5\), one of 1 such"):
        stationary_plane(PlaneEquation(lambda w: -w, tensor), Grid([-1, -1], [1, 1], [10, 10]))


def test_says_where_a_drift_or_potential_is_not_finite():
    grid = Grid([-1, -1], [1, 1], [4, 4])

    def broken(w):
        return np.where(w[..., :1] > 0.5, np.nan, -w)

    with pytest.raises(InputError, match=r"drift must be finite.*4 cells.*w = \(0\.75, -0\.75\)"):
        stationary_plane(PlaneEquation(broken, constant(np.eye(2))), grid)
    with pytest.raises(InputError, match="potential must be finite"):
        stationary_plane(isotropic(lambda w: broken(w)[..., 0]), grid)
    with pytest.raises(InputError, match="one dimension, at most 3, got 2 and 1"):
        stationary_plane(ROTATED, Grid(-1.0, 1.0, 4))
