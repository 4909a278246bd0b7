"""When there is no stationary law in the plane, or no grid that shows it: each refusal with its figures."""

from __future__ import annotations

import numpy as np
import pytest
from doubles_plane import PlaneEquation, constant, isotropic
from plane_laws import ROTATED, across_the_weak_direction, distance

from theory.base.errors import InputError
from theory.fokker_planck.generator.fluxes import Centred
from theory.fokker_planck.lattice.refusals import remedy
from theory.fokker_planck.lattice.stationary import solve_stationary, stationary_lattice
from theory.laws.density import Density
from theory.laws.grid import Grid
from theory.laws.limit_law import NoStationaryDensity


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
        stationary_lattice(equation, Grid([-2, -2], [2, 2], [40, 40]))
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
        stationary_lattice(kept, grid)
    straight = PlaneEquation(lambda w: -w @ np.ones((2, 2)), constant(np.ones((2, 2))))
    with pytest.raises(NoStationaryDensity, match="stay on the integral curves"):
        stationary_lattice(straight, grid)
    carried = PlaneEquation(lambda w: -w, constant(np.ones((2, 2))))
    with pytest.raises(NoStationaryDensity, match="wider than the cells"):  # all fall onto the diagonal
        stationary_lattice(carried, grid)


def test_refuses_noise_that_is_missing_in_a_part_of_the_plane():
    def tensor(w):
        return (w[..., 0] > 0.5)[..., None, None] * np.eye(2)

    grid = Grid([-1, -1], [1, 1], [20, 20])
    with pytest.raises(NoStationaryDensity, match="moves with the mesh"):  # empty beyond an edge that meshes move
        stationary_lattice(PlaneEquation(lambda w: -w, lambda w: np.eye(2) - tensor(w)), grid)
    with pytest.raises(NoStationaryDensity, match=r"rank 0 of 2 on 25% of the cells.*stay on"):
        stationary_lattice(PlaneEquation(lambda w: -w * (w[..., :1] < 0.5), lambda w: np.eye(2) - tensor(w)), grid)


@pytest.mark.parametrize("cells", [40, 41])
@pytest.mark.parametrize("pull", [0.0, 1.0, 2.0])
def test_refuses_collapse_onto_a_point_without_noise_and_accepts_an_integrable_one(cells, pull):
    grid = Grid([-1, -1], [1, 1], [cells, cells])
    tensor, divergence = square((lambda s: s, lambda s: 1.0))
    with pytest.raises(NoStationaryDensity, match="moves with the mesh") as caught:  # p ~ r^-(2 + pull)
        stationary_lattice(PlaneEquation(lambda w: -pull * w, tensor, divergence), grid)
    assert caught.value.density is not None
    law = stationary_lattice(PlaneEquation(lambda w: w, tensor, divergence), grid)  # p ~ 1 / r
    outside = law.grid.centers[(law.grid.centers**2).sum(axis=-1) > 0.1]
    density = law.values[(law.grid.centers**2).sum(axis=-1) > 0.1] * np.linalg.norm(outside, axis=-1)
    assert np.ptp(density) < 0.01 * density.mean()


def test_refuses_a_law_that_the_walls_hold_up_and_not_a_flat_one():
    grid = Grid([-1, -1], [1, 1], [20, 20])
    with pytest.raises(
        NoStationaryDensity, match=r"reflecting wall, at w = \(0\.95, .*hold 0\.2.*widen the grid"
    ) as caught:
        stationary_lattice(isotropic(lambda w: -w[..., 0]), grid)
    assert caught.value.density.values[-1, 0] == pytest.approx(caught.value.density.values.max())
    flat = stationary_lattice(isotropic(lambda w: 0 * w[..., 0]), grid)
    np.testing.assert_allclose(flat.values, 0.25, rtol=1e-12)


def test_refuses_a_law_that_the_grid_does_not_resolve():
    needle = isotropic(lambda w: 4000 * ((w - 0.03) ** 2).sum(axis=-1))
    with pytest.raises(NoStationaryDensity, match=r"does not resolve the density: 32 x 32 cells leave 0\.7"):
        stationary_lattice(needle, Grid([-1, -1], [1, 1], [32, 32]))


def turning(noise):
    """A spiral into 0 at three times the rate at which it contracts."""
    return PlaneEquation(lambda w: w @ np.array([[-1.0, 3], [-3, -1]]), noise)


def test_a_law_that_follows_the_mesh_is_refused_with_the_true_cause():
    grid = Grid([-2, -2], [2, 2], [40, 40])
    with pytest.raises(NoStationaryDensity, match="vanishes nowhere, but drift rules over cells") as caught:
        stationary_lattice(turning(constant(1e-4 * np.eye(2))), grid)
    assert "look for a point" not in caught.value.reason


def test_what_to_do_follows_the_noise():
    grid = Grid([-2, -2], [2, 2], [20, 20])
    law, corner = (Density.normalised(grid, np.exp(-((grid.centers - c) ** 2).sum(axis=-1) * 4)) for c in (0, 2))
    faint = turning(lambda w: (w**2).sum(axis=-1)[..., None, None] * np.eye(2))
    assert "point or curve where the noise vanishes: where the law has mass it is weakest at w = (" in remedy(
        faint, law, 3.0
    )
    assert "vanishes nowhere that the law has mass, the Peclet" in remedy(faint, corner, 3.0)
    assert "misses a direction" in remedy(turning(constant(np.diag([0.0, 1]))), law, 3.0)
    assert "the Peclet number of cells is 3:" in remedy(turning(constant(np.eye(2))), law, 3.0)


def test_a_grid_too_small_to_halve_has_no_error():
    assert stationary_lattice(ROTATED, Grid([-3, -2], [3, 2], [5, 7])).error is None


@pytest.mark.parametrize(
    ("matrix", "message"),
    [([[1, 0.5], [0, 1]], "symmetric"), ([[1, 2], [2, 1]], "positive"), ([[1, np.nan], [0, 1]], "finite")],
)
def test_says_where_a_tensor_is_wrong(matrix, message):
    def tensor(w):
        good = constant(np.eye(2))(w)
        return np.where((np.linalg.norm(w - [0.5, -0.5], axis=-1) < 0.1)[..., None, None], matrix, good)

    with pytest.raises(InputError, match=rf"must be {message}.*cell \(7, 2\), w = \(0\.5, -0\.5\), one of 1 such"):
        stationary_lattice(PlaneEquation(lambda w: -w, tensor), Grid([-1, -1], [1, 1], [10, 10]))


def test_says_where_a_drift_or_potential_is_not_finite():
    grid = Grid([-1, -1], [1, 1], [4, 4])

    def broken(w):
        return np.where(w[..., :1] > 0.5, np.nan, -w)

    with pytest.raises(InputError, match=r"drift must be finite.*4 cells.*w = \(0\.75, -0\.75\)"):
        stationary_lattice(PlaneEquation(broken, constant(np.eye(2))), grid)
    with pytest.raises(InputError, match="potential must be finite"):
        stationary_lattice(isotropic(lambda w: broken(w)[..., 0]), grid)
    with pytest.raises(InputError, match="one dimension, at most 3, got 2 and 1"):
        stationary_lattice(ROTATED, Grid(-1.0, 1.0, 4))


def test_refuses_a_centred_law_that_is_too_negative_and_says_which_flux_helps():
    equation, grid, log_law = across_the_weak_direction(100)
    with pytest.raises(NoStationaryDensity, match=r"negative mass of 0\.\d+, more than .* refine it"):
        solve_stationary(equation, grid(30), Centred())
    assert distance(stationary_lattice(equation, grid(100), Centred()), log_law) < 1e-3
    with pytest.raises(InputError, match=r"between 0 and 0\.01, got 0\.5"):
        Centred(largest_negative_mass=0.5)
    with pytest.raises(InputError, match="at least 1 cell, got 0"):
        Centred(longest_step=0)


def test_refuses_what_two_fluxes_do_not_agree_on():
    equation, grid, log_law = across_the_weak_direction(100)
    with pytest.raises(NoStationaryDensity, match=r"two fluxes differ by 0\.\d+ .*refine the grid") as caught:
        stationary_lattice(equation, grid(22))
    assert distance(caught.value.density, log_law) > 0.5
    assert distance(stationary_lattice(equation, grid(44)), log_law) < 0.01


def test_centred_flux_is_refused_where_lu_loses_the_weights_of_wells():
    def drift(w):  # wells 45 temperatures deep, one lower by 1; not given as a potential
        return -np.stack([4 * 45 * w[..., 0] * (w[..., 0] ** 2 - 1) + 0.5, 90 * w[..., 1]], axis=-1)

    grid = Grid([-1.7, -1], [1.7, 1], [96, 48])
    equation = PlaneEquation(drift, constant(np.eye(2)))
    with pytest.raises(NoStationaryDensity, match="two starts differ by"):
        stationary_lattice(equation, grid, Centred())
    found = solve_stationary(equation, grid)
    phi = 45 * (grid.centers[..., 0] ** 2 - 1) ** 2 + 0.5 * grid.centers[..., 0] + 45 * grid.centers[..., 1] ** 2
    assert distance(found.density, lambda w: -phi) < 2 * found.density.error < 0.01
    assert "refused" in found.reason
