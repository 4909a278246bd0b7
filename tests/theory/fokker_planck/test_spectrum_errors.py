"""Errors of eigenvalues: ends, jumps, meshes that agree by chance, rates below floating-point numbers."""

from __future__ import annotations

import numpy as np
import pytest
from doubles_plane import linear
from scipy.optimize import brentq

from theory import (
    Absorbing,
    Constant,
    FokkerPlanck,
    Grid,
    HessianProportional,
    Isotropic,
    Langevin,
    SymbolicLandscape,
)
from theory.base.errors import InputError
from theory.fokker_planck.passages.walk import walk_until
from theory.fokker_planck.spectrum.centred_spectrum import centred_spectrum
from theory.fokker_planck.spectrum.eigenvalues import relaxation_spectrum
from theory.markov.slow_modes import spectrum

PLANE = np.zeros((2, 2), dtype=bool)


def on_a_line(text, temperature, grid):
    return FokkerPlanck(Langevin(SymbolicLandscape(text), Isotropic(temperature, 1)), grid)


@pytest.mark.parametrize("drift", [0.5, 60.0, -2000.0])
def test_a_drift_between_absorbing_ends(drift):
    """Rates v^2/4D + D (n pi/L)^2; where drift ruled the cells they were .24 off."""
    flat, diffusion, length, cells = SymbolicLandscape("0*x", ("x",)), 0.7, 1.3, 40
    equation = Langevin(flat, Isotropic(diffusion, 1), extra_drift=lambda w: np.full_like(w, drift))
    found = FokkerPlanck(equation, Grid(0.0, length, cells), Absorbing()).spectrum(3)
    exact = -(drift**2) / (4 * diffusion) - diffusion * (np.arange(1, 4) * np.pi / length) ** 2
    assert (np.abs(found.eigenvalues - exact) <= found.error).all()
    assert (found.error < 1e-4 * np.abs(exact)).all()
    fall = drift * length / cells / diffusion  # control: on the cells themselves
    plain = -diffusion * (cells / length) ** 2 * abs(fall * np.tanh(fall / 4))
    if abs(drift) > 1:
        assert abs(plain - exact[0]) > 30 * found.error[0]


def test_a_drift_that_jumps_in_an_absorbing_interval():
    """D = 1 and drift -a sign(x) on (-1, 1): odd modes a^2/4 + (n pi)^2, even ones tan k = 2k/a."""
    pull = 1.0
    equation = Langevin(SymbolicLandscape("abs(x)", ("x",)), Isotropic(1.0, 1))
    found = FokkerPlanck(equation, Grid(-1.0, 1.0, 41), Absorbing()).spectrum(2)
    root = brentq(lambda k: np.sin(k) - 2 * k / pull * np.cos(k), 1.0, 1.5)
    exact = -np.array([pull**2 / 4 + root**2, pull**2 / 4 + np.pi**2])
    assert (np.abs(found.eigenvalues - exact) <= found.error).all()
    assert (found.error < 1e-3).all()
    smooth = -np.array([np.pi**2 / 4, np.pi**2])  # control: without drift
    assert (np.abs(found.eigenvalues - smooth) > 100 * found.error).all()


def test_a_strong_drift_in_an_absorbing_rectangle_tells_its_error():
    """Of 25 x 23 cells meshes agreed by chance: .019 off beside .008."""
    lengths, drift = np.array([1.0, 1.2]), np.array([12.0, -9.0])
    equation = Langevin(
        SymbolicLandscape("0*x + 0*y", ("x", "y")),
        Isotropic(1.0, 2),
        extra_drift=lambda w: np.broadcast_to(drift, w.shape).copy(),
    )
    found = FokkerPlanck(equation, Grid([0, 0], lengths, [25, 23]), Absorbing()).spectrum(2)
    exact = -(drift @ drift) / 4 - np.pi**2 * (np.array([[1, 1], [1, 4]]) / lengths**2).sum(axis=1)
    assert (np.abs(found.eigenvalues - exact) <= found.error).all()
    assert (found.error < 0.2 * np.abs(exact)).all()


def test_a_chance_agreement_of_meshes_far_from_normal_is_no_error():
    """Two meshes of an upwinding flux agreed: .155 off beside a stated .040."""
    pull = np.array([[1.6641775176, -0.1505835327], [-0.1600079504, 1.9297361735]])
    tensor = np.array([[1.326802983, -0.7148732491], [-0.7148732491, 0.5010534653]])
    grid = Grid([-8.305, -4.556], [8.305, 4.556], [60, 60])
    answer = relaxation_spectrum(linear(pull, tensor), grid, PLANE, 4)
    own = np.sort(np.linalg.eigvals(pull))
    exact = -np.array([0, own[0], own[1], 2 * own[0]])
    assert (np.abs(answer.eigenvalues - exact) <= answer.error + 1e-12).all()


def drawn_out(pull, tensor):
    """A linear equation in the plane whose law is narrow across the cells."""
    flat = SymbolicLandscape("0*x + 0*y", ("x", "y"))
    return Langevin(flat, Constant(np.array(tensor)), extra_drift=lambda w: -w @ np.array(pull).T)


def test_corners_that_rates_below_floating_point_numbers_close_are_no_exact_zeros():
    equation = drawn_out([[0.534, 1.556], [-1.556, 0.534]], [[0.4615, 1.0018], [1.0018, 2.1877]])
    grid = Grid([-12.0, -16.4], [12.0, 16.4], [25, 25])
    walk = walk_until(equation, grid, PLANE)
    zeros = np.count_nonzero(spectrum(walk.generator, walk.positions, 3).eigenvalues == 0)
    assert zeros == 2  # control: as the rates stand, two corners are never left
    assert walk.closed_classes == 1
    found = FokkerPlanck(equation, grid).spectrum(3)
    assert (np.abs(found.eigenvalues - [0, -0.534 - 1.556j, -0.534 + 1.556j]) <= found.error).all()
    assert found.error[0] == 0
    assert found.gap.error == np.inf


def test_classes_that_walkers_never_leave_are_exact_zeros():
    """Control: noise that vanishes between the wells."""
    equation = Langevin(
        SymbolicLandscape("(w**2 - 1)**2/4"), HessianProportional(SymbolicLandscape("w**4/12"), 1.0)
    )
    found = FokkerPlanck(equation, Grid(-2.0, 2.0, 60)).spectrum(3)
    assert (found.eigenvalues[:2] == 0).all()
    assert found.gap > 0.1


def test_a_gap_below_floating_point_numbers_is_refused_on_a_line():
    assert on_a_line("(w**2 - 1)**2/4", 2e-3, Grid(-2.0, 2.0, 30)).spectrum(2).gap < 1e-50
    with pytest.raises(InputError, match="barriers must stay under about 600 temperatures"):
        on_a_line("(w**2 - 1)**2/4", 3e-4, Grid(-2.0, 2.0, 30)).spectrum(2)


def test_wells_of_a_line_between_which_rates_underflow_are_one_class():
    equation = on_a_line("(w**2 - 1)**2/4", 1e-5, Grid(-2.0, 2.0, 20))
    walk = walk_until(equation.sde, equation.grid, np.zeros((1, 2), dtype=bool))
    assert np.count_nonzero(spectrum(walk.generator, walk.positions, 3).eigenvalues == 0) == 2
    assert walk.closed_classes == 1


def test_frames_beyond_floating_point_numbers_are_unresolved_in_silence(capfd):
    """A Jordan block: LAPACK speaks to standard error itself of what is not finite."""
    equation = drawn_out([[0.718, 0.283], [-0.36, 1.356]], [[0.627, -1.182], [-1.182, 2.319]])
    with pytest.raises(InputError, match="factors to be finite"), np.errstate(over="ignore", invalid="ignore"):
        centred_spectrum(equation, Grid([-5.755, -11.986], [5.755, 11.986], [76, 76]), 7, 1.0, damped=False)
    assert capfd.readouterr().err == ""
