"""Options and shapes that do not fit are refused by name, not taken for something else."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from repository import ROOT

from compare.job import run_study
from compare.study import load_study
from simulate import SGD, run_sgd
from theory import (
    CallableLandscape,
    Constant,
    Density,
    Grid,
    HessianProportional,
    Histogram,
    InputError,
    Isotropic,
    Ito,
    Langevin,
    Minibatch,
    ProductModel,
    Sdeint,
    Stratonovich,
    SymbolicLandscape,
    SymbolicTensor,
    gaussian,
    langevin_limit,
    sample_paths,
)

PARABOLA, PLANE = SymbolicLandscape("w**2/2"), SymbolicLandscape("x**2 + y**2")


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: Langevin(Isotropic(0.1, 1), PARABOLA), "`landscape` must be a Landscape"),
        (lambda: Langevin(PARABOLA, 0.1), "`diffusion` must be a TensorField, got 0.1"),
        (lambda: Langevin(PARABOLA, Isotropic(1, 1), "ito"), "`interpretation` must be"),
        (lambda: HessianProportional(PARABOLA, 1, "absolute"), "`indefinite` must be"),
        (lambda: Minibatch(PARABOLA, 0.1, 5), "must know the covariance"),
        (lambda: langevin_limit(PLANE, SGD(0.1, 2)), "must know the covariance"),
        (lambda: Minibatch(ProductModel("w"), 0.1, 1.5), "whole number"),
        (lambda: gaussian([0, 0], np.eye(2), Grid(0, 1, 5)), "mean of 1 and a covariance of 1 x 1"),
        (lambda: PLANE.value(np.zeros((4, 3))), r"last axis of length 2, got shape \(4, 3\)"),
        (lambda: PARABOLA.value(1.0), r"last axis of length 1, got shape \(\)"),
    ],
)
def test_refused_by_name(call, reason) -> None:
    with pytest.raises(InputError, match=reason):
        call()


def test_a_reading_is_its_type() -> None:
    with pytest.raises(TypeError):
        Ito(0.5)


def test_a_computed_matrix_may_be_asymmetric_by_rounding() -> None:
    tensor = Constant([[1.0, 0.3 + 1e-16], [0.3, 2.0]])
    assert np.array_equal(tensor.matrix, tensor.matrix.T)
    with pytest.raises(InputError, match="symmetric"):
        Constant([[1.0, 0.3 + 1e-9], [0.3, 2.0]])


def test_stratonovich_in_the_plane_is_not_sdeints() -> None:
    pytest.importorskip("sdeint")
    x, y = PLANE.variables
    half = SymbolicTensor(sympy.Matrix([y / 2, x / 2]), (x, y))
    sde = Langevin(PLANE, half, Stratonovich())
    with pytest.raises(InputError, match="needs one dimension, got 2"):
        sample_paths(
            sde, np.ones((1, 2)), dt=0.1, steps=1, rng=np.random.default_rng(1), scheme=Sdeint("stratHeun")
        )


def test_momentum_stretches_time_alike_on_both_sides() -> None:
    model, sgd = ProductModel("w", noise_std=0.1), SGD(0.01, 10, momentum=0.9)
    start = np.full((200, 1), 2.0)
    walkers = run_sgd(model, sgd, start, steps=20, rng=np.random.default_rng(1))
    assert walkers.times[-1] == pytest.approx(20 * 0.1)
    paths = sample_paths(langevin_limit(model, sgd), start, dt=0.01, steps=200, rng=np.random.default_rng(1))
    assert paths.times[-1] == pytest.approx(walkers.times[-1])
    assert paths.final.mean() == pytest.approx(2 * np.exp(-2.0), rel=0.05)


def test_slow_motion_shows_in_the_moments_where_the_histogram_is_too_noisy() -> None:
    study = load_study("two-temperatures").resized(seed=None, walkers=3000, steps=60)
    check = run_study(study).checks["sgd_last_half"]
    assert check["low"] == 0  # total variation alone sees nothing
    assert check["still_moving"]
    settled = run_study(study.resized(seed=None, walkers=None, steps=1500)).checks["sgd_last_half"]
    assert not settled["still_moving"]  # control


def test_a_wrong_shape_of_a_function_is_refused() -> None:
    with pytest.raises(InputError, match="vectorise it"):
        CallableLandscape(lambda w: w, dim=2).value(np.zeros((5, 2)))


def test_points_on_a_line_may_come_without_their_axis() -> None:
    grid, points = Grid(0, 1, 4), np.array([0.1, 0.3, 0.9])
    assert np.array_equal(
        Density.from_samples(points, grid).values, Density.from_samples(points[:, None], grid).values
    )
    assert Histogram.from_samples([0.1, np.nan, 2.0], grid).diverged == 1
    with pytest.raises(InputError, match="last axis of length 2"):
        Density.from_samples(points, Grid((0, 0), (1, 1), (2, 2)))


def test_a_study_may_be_a_path() -> None:
    shipped = ROOT / "compare" / "studies" / "regular.toml"
    assert load_study(shipped).name == load_study("regular").name
