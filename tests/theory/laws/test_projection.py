"""Observables of ensembles and draws, and the grid of samples."""

from __future__ import annotations

import numpy as np
import pytest

from theory import (
    Directions,
    DistanceTo,
    Draws,
    Ensemble,
    Grid,
    InputError,
    SymbolicLandscape,
    project,
    sample_grid,
)

RNG = np.random.default_rng(1)
WALKERS = Ensemble.from_samples(RNG.standard_normal((3, 50, 4)), [0.0, 1.0, 2.0])
BOWL = SymbolicLandscape("(a**2 + b**2 + c**2 + 2*d**2)/2")


def test_directions_are_products() -> None:
    vectors, origin = RNG.standard_normal((2, 4)), RNG.standard_normal(4)
    found = project(WALKERS, Directions(vectors, origin))
    assert isinstance(found, Ensemble)
    np.testing.assert_allclose(found.positions, (WALKERS.positions - origin) @ vectors.T)
    assert found.times.tolist() == [0.0, 1.0, 2.0]
    np.testing.assert_array_equal(project(WALKERS, vectors).final, WALKERS.final @ vectors.T)
    assert project(WALKERS, vectors[0]).dim == 1


def test_functions_stand_side_by_side() -> None:
    centre = np.ones(4)
    found = project(WALKERS, (BOWL.value, DistanceTo([centre, -centre]))).final
    np.testing.assert_allclose(found[:, 0], BOWL.value(WALKERS.final))
    ways = [np.linalg.norm(WALKERS.final - side * centre, axis=1) for side in (1, -1)]
    np.testing.assert_allclose(found[:, 1], np.minimum(*ways))


def test_diverged_walkers_stay_and_so_does_an_observable_that_is_not_finite() -> None:
    positions = WALKERS.final.copy()
    positions[3] = np.nan
    positions[5, 0] = -4.0
    seen = project(Ensemble.from_samples(positions), lambda w: np.where(w[:, 0] < -3, np.inf, w[:, 0]))
    assert seen.walkers == 50
    assert np.flatnonzero(np.isnan(seen.final[:, 0])).tolist() == [3, 5]
    assert seen.histogram(Grid(-5.0, 5.0, 10)).diverged == 2


def test_draws_stay_chains() -> None:
    draws = Draws(RNG.standard_normal((40, 6, 3)), 0.7, 0.2)
    found = project(draws, [[0.0, 0.0, 2.0]])
    assert isinstance(found, Draws)
    np.testing.assert_array_equal(found.positions[..., 0], 2 * draws.positions[..., 2])
    assert (found.acceptance, found.step_size) == (0.7, 0.2)


@pytest.mark.parametrize(
    ("onto", "words"),
    [
        ([[1.0, 2.0]], "dimension 4, got"),
        (np.zeros((1, 4)), "must not be 0"),
        (lambda w: 1.0, r"must map w \(150, 4\)"),
        (lambda w: w[:3, 0], r"\(150,\) or"),
        ("loss", "`onto` must be"),
        ([], "`vectors` must"),
    ],
)
def test_what_is_no_observable_is_refused(onto: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        project(WALKERS, onto)  # type: ignore[arg-type]


def test_a_run_that_kept_its_end_alone_is_projected_there() -> None:
    counted = Ensemble(np.array([0.0, 1.0]), RNG.standard_normal((1, 9, 2)))
    assert project(counted, [[1.0, 0.0]]).times.tolist() == [1.0]


def test_the_grid_of_samples_follows_scott_and_all_of_them() -> None:
    points = RNG.standard_normal((4000, 1))
    grid = sample_grid([Ensemble.from_samples(points[:2000]), Ensemble.from_samples(points[2000:])])
    assert float(grid.spacing[0]) == pytest.approx(3.49 * 2000 ** (-1 / 3), rel=0.08)
    assert grid.lower[0] < points.min()
    assert grid.upper[0] > points.max()
    turned = sample_grid([Ensemble.from_samples(points[::2]), Ensemble.from_samples(points[1::2])])
    assert turned == grid  # who is of which sample is not asked
    fewer = sample_grid([Ensemble.from_samples(points), Ensemble.from_samples(points[:20])])
    assert fewer.size < grid.size


def test_a_walker_far_out_is_off_the_grid_and_heavy_tails_make_no_endless_one() -> None:
    points = np.append(RNG.standard_normal(999), 1e9)
    sample = Ensemble.from_samples(points)
    grid = sample_grid([sample])
    assert grid.size < 60
    assert sample.histogram(grid).outside == 1


def test_a_grid_of_samples_is_refused_where_there_is_none() -> None:
    with pytest.raises(InputError, match="1 or 2 dimensions, got 4"):
        sample_grid([WALKERS])
    with pytest.raises(InputError, match="along axis 1 all are at 0"):
        sample_grid([Ensemble.from_samples(np.array([[1.0, 0.0], [2.0, 0.0]]))])
