"""Formulas of escape against quadrature and the Fokker-Planck equation, and where they do not apply."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from chains import double_well
from escape_laws import (
    CRITICAL,
    READINGS,
    SHARP,
    SLANTED,
    TEMPERATURES,
    VALLEY,
    WELL,
    W,
    log_time,
    right,
    slope_of,
    solved,
    state_noise,
)

from theory import (
    AbsoluteEigenvalues,
    AntiIto,
    Constant,
    FokkerPlanck,
    Grid,
    HessianProportional,
    InputError,
    Isotropic,
    Ito,
    Langevin,
    LossProportional,
    NoisyGradient,
    Stratonovich,
    SymbolicLandscape,
    SymbolicTensor,
    kramers_rate,
    langevin_escape_rate,
    mori_rate,
    xie_rate,
)
from theory.formulas.escape.laplace import first_term, laplace_terms


def test_kramers_with_its_correction_misses_the_passage_time_by_the_square_of_the_temperature():
    assert solved(WELL, 0.1) == pytest.approx(66.269, rel=1e-4)
    misses, plain = [], []
    for temperature in TEMPERATURES:
        rate, exact = kramers_rate(WELL, temperature, -0.9, 0.1), solved(WELL, temperature)
        assert abs(rate.time - exact) < rate.time.error
        assert rate.minimum == pytest.approx((-1,), abs=1e-12)
        assert rate.saddle == pytest.approx((0,), abs=1e-12)
        assert rate.barrier == pytest.approx(0.25 / temperature)
        assert rate.correction == pytest.approx(np.expm1(-1.5 * temperature), rel=1e-7)
        bare = np.sqrt(2) * np.pi * np.exp(0.25 / temperature)
        assert rate.time * (1 + rate.correction) == pytest.approx(bare, rel=1e-9)
        misses.append(rate.time / exact - 1)
        plain.append(bare / exact - 1)
    assert 1.8 < slope_of(misses[2:], TEMPERATURES[2:]) < 2.4
    assert abs(misses[-1]) < 2e-4
    assert rate.relative_error < 2e-3
    assert 0.9 < slope_of(plain[2:], TEMPERATURES[2:]) < 1.2  # control: without the correction


def test_rates_below_the_smallest_float_keep_their_logarithm():
    rate = kramers_rate(WELL, 2e-4, -1, 0)
    assert rate.log_value == pytest.approx(-1250 - np.log(np.sqrt(2) * np.pi) - 3e-4, abs=1e-9)
    assert rate.value == 0
    assert rate.time == np.inf
    assert rate.relative_error < 1e-5


@pytest.mark.parametrize("mirror", [1, -1])
def test_both_wells_of_an_asymmetric_landscape(mirror):
    landscape = SymbolicLandscape(f"(w**2 - 1)**2/4 + ({mirror})*(w/8 + w**3/9)")
    low, top, high = np.sort(mirror * CRITICAL)
    misses, plain = [], []
    for temperature in (0.03, 0.02, 0.01, 0.003):
        rate = kramers_rate(landscape, temperature, low, top + 0.03)
        exact = log_time(Langevin(landscape, Isotropic(temperature, 1)), low, high)
        misses.append(np.expm1(rate.log_value + exact))
        plain.append(np.expm1(rate.log_value - np.log1p(rate.correction) + exact))
        if rate.barrier > 3:
            assert abs(misses[-1]) < rate.relative_error
    assert rate.barrier == pytest.approx((landscape.value([top]) - landscape.value([low])) / 0.003)
    assert abs(misses[-1]) < 3e-3
    assert abs(plain[-1]) > 5 * abs(misses[-1])  # control: no correction


@pytest.mark.parametrize("reading", READINGS)
def test_noise_that_depends_on_the_state_in_each_reading(reading):
    scales = (0.01, 0.006, 0.004, 0.0025)
    misses = []
    for scale in scales:
        sde = Langevin(SLANTED, state_noise(scale), reading)
        low, top, high = np.sort(CRITICAL)
        rate, exact = langevin_escape_rate(sde, low, top), log_time(sde, low, high)
        misses.append(np.expm1(rate.log_value + exact))
        assert abs(misses[-1]) < rate.relative_error
        others = [Langevin(SLANTED, state_noise(scale), r) for r in READINGS if r != reading]
        for other in others:  # control: the formula of another reading
            wrong = langevin_escape_rate(other, low, top)
            assert abs(np.expm1(wrong.log_value + exact)) > 2 * wrong.relative_error or scale > 0.005
    assert 1.8 < slope_of(misses, scales) < 2.4
    assert abs(misses[-1]) < 5e-4


def test_the_solver_agrees_on_noise_of_the_state():
    sde = Langevin(WELL, state_noise(0.02), Stratonovich())
    exact = FokkerPlanck(sde, Grid(-2.5, 2.5, 400)).mean_first_passage_time(right).mean.at(-1.0)
    rate = langevin_escape_rate(sde, -1, 0)
    assert exact == pytest.approx(np.exp(log_time(sde, -1, 1)), rel=1e-5)
    assert abs(rate.time / exact - 1) < rate.relative_error < 0.05


def test_an_extra_drift_moves_the_points():
    def tilt(w):
        return -(1 / 8 + np.asarray(w) ** 2 / 3)

    sde = Langevin(WELL, Isotropic(0.02, 1), extra_drift=tilt)
    rate, same = langevin_escape_rate(sde, -1.2, 0.1), kramers_rate(SLANTED, 0.02, -1.2, 0.1)
    assert rate.log_value == pytest.approx(same.log_value, abs=1e-8)
    assert rate.minimum == pytest.approx(same.minimum)


def test_a_valley_that_widens_at_the_saddle():
    # det H_a = 2 * 3 and |det H_b| = 1 * 1.
    ratios = {}
    for temperature in (0.1, 0.05, 0.03, 0.02, 0.01):
        side = max(6.5 * np.sqrt(temperature), 0.8)
        grid = Grid([-2.0, -side], [2.0, side], [100, 100])
        time = FokkerPlanck(Langevin(VALLEY, Isotropic(temperature, 2)), grid).mean_first_passage_time(right).mean
        exact = float(time.at([-1.0, 0.0]))
        rate = kramers_rate(VALLEY, temperature, [-0.95, 0.02], [0.03, 0.01])
        assert rate.time == pytest.approx(2 * np.pi / np.sqrt(6) * np.exp(0.25 / temperature), rel=1e-12)
        assert rate.correction is None
        assert abs(rate.time - exact) < rate.time.error + time.error.max()
        assert rate.relative_error < 10 * temperature or temperature > 0.05
        ratios[temperature] = exact / rate.time - 1
    assert 0.7 < slope_of([ratios[t] for t in (0.05, 0.03, 0.02)], (0.05, 0.03, 0.02)) < 1.5
    assert abs(exact / (rate.time * np.sqrt(3)) - 1) > 0.3  # control: the prefactor of one dimension


@pytest.mark.parametrize("temperature", [0.1, 0.05, 0.03, 0.02])
def test_a_valley_that_bends_on_the_way(temperature):
    # Stiffness across does not change, so that the line's prefactor holds; the path does not follow the chord.
    bent = SymbolicLandscape("(x**2 - 1)**2/4 + (y - x**2)**2")
    rate = kramers_rate(bent, temperature, [-1, 1], [0.05, 0.1])
    line = kramers_rate(WELL, temperature, -1, 0)
    assert rate.log_value == pytest.approx(line.log_value - np.log1p(line.correction), abs=1e-9)
    equation = FokkerPlanck(Langevin(bent, Isotropic(temperature, 2)), Grid([-1.9, -1.6], [1.9, 3.4], [100, 100]))
    time = equation.mean_first_passage_time(right).mean
    assert abs(rate.time - time.at([-1.0, 1.0])) < rate.time.error + time.error.max()
    assert rate.relative_error < 9 * temperature or temperature > 0.03


def test_constant_noise_of_two_temperatures_is_the_line_times_a_factor():
    separable = SymbolicLandscape("(x**2 - 1)**2/4 + y**2/2 + y**4/4")
    sde = Langevin(separable, Constant(np.diag([0.02, 0.1])))
    rate, line = langevin_escape_rate(sde, [-1, 0], [0, 0]), kramers_rate(WELL, 0.02, -1, 0)
    assert rate.log_value == pytest.approx(line.log_value - np.log1p(line.correction), abs=1e-9)
    turn = np.array([[0.8, -0.6], [0.6, 0.8]])
    x, y = "(0.8*x + 0.6*y)", "(0.8*y - 0.6*x)"
    turned = SymbolicLandscape(f"({x}**2 - 1)**2/4 + {y}**2/2 + {y}**4/4")
    rotated = Langevin(turned, Constant(turn @ np.diag([0.02, 0.1]) @ turn.T))
    same = langevin_escape_rate(rotated, [-0.8, -0.6], [0, 0])
    assert same.log_value == pytest.approx(rate.log_value, abs=1e-8)
    equation = FokkerPlanck(sde, Grid([-1.8, -1.7], [1.8, 1.7], [80, 80]))
    exact = equation.mean_first_passage_time(right).mean.at([-1.0, 0.0])
    assert abs(rate.time / exact - 1) < rate.relative_error
    assert abs(rate.time / exact - 1) < 0.05
    hot = kramers_rate(separable, 0.1, [-1, 0], [0, 0])  # control: the other temperature
    assert exact > 100 * hot.time


def test_noise_proportional_to_the_loss_in_a_plane():
    landscape = SymbolicLandscape("0.05 + (x**2 - 1)**2/4 + (1 + 2*x**2)*y**2/2")
    sde = Langevin(landscape, LossProportional(landscape, 0.1))
    rate = langevin_escape_rate(sde, [-1, 0], [0, 0])
    equation = FokkerPlanck(sde, Grid([-2.5, -2], [2.5, 2], [96, 96]))
    exact = equation.mean_first_passage_time(right).mean.at([-1.0, 0.0])
    assert abs(rate.time / exact - 1) < 0.03 < rate.relative_error
    anti = langevin_escape_rate(Langevin(landscape, sde.diffusion, AntiIto()), [-1, 0], [0, 0])
    assert abs(anti.time / exact - 1) > 0.5  # control: another reading


@pytest.mark.parametrize(
    ("floor", "heat", "table", "formula"), [(0.05, 0.2, 1.2341e-5, 1.1817e-5), (0.1, 0.15, None, None)]
)
def test_the_power_law_of_mori(floor, heat, table, formula):
    landscape = SymbolicLandscape(f"{floor} + (w**2 - 1)**2/4")
    sde = Langevin(landscape, LossProportional(landscape, heat))
    exact = np.exp(-log_time(sde, -1, 1, lower=-4.0))
    rate = mori_rate(landscape, 2 * heat, 4, -1, 0)  # h = 2
    assert rate.value == pytest.approx(
        np.sqrt(2) / (2 * np.pi) * ((floor + 0.25) / floor) ** -(0.5 + 1 / heat), rel=1e-10
    )
    assert abs(rate.value - exact) < rate.value.error < 0.08 * exact
    better = langevin_escape_rate(sde, -1, 0)
    assert better.log_value - np.log1p(better.correction) == pytest.approx(rate.log_value, abs=1e-9)
    assert abs(better.value - exact) < better.value.error < 0.01 * exact
    assert abs(rate.value - exact) > 3 * abs(better.value - exact)
    if table:
        assert exact == pytest.approx(table, rel=1e-4)
        assert rate.value == pytest.approx(formula, rel=1e-4)
    gibbs = kramers_rate(landscape, heat * floor, -1, 0)  # control: noise of the minimum everywhere
    assert not 0.5 < gibbs.value / exact < 2


def test_the_range_of_xie_is_that_of_piecewise_constant_noise():
    # H is 2 at the minimum and -1 at the top; the noise changes at w = -0.6 within .01.
    learning_rate, batch_size, turn = 0.1, 3, -0.6
    found = xie_rate(WELL, learning_rate, batch_size, -1, 0)
    assert found.slowest.barrier == pytest.approx(2 * 3 * 0.25 / 0.1)
    assert found.fastest.barrier == pytest.approx(found.slowest.barrier / 2)
    assert found.slowest.log_value == pytest.approx(-15 - np.log(2 * np.pi), abs=1e-12)
    covariance = 1.5 - sympy.tanh((W - turn) / 0.01) / 2
    scale = learning_rate / (2 * batch_size)
    noise = SymbolicTensor(sympy.Matrix([sympy.sqrt(scale * covariance)]), (W,))
    share = double_well(np.array(turn)) / 0.25
    expected = found.slowest.log_value + 7.5 * share
    exact = {type(r): -log_time(Langevin(WELL, noise, r), -1, 1) for r in (Ito(), AntiIto())}
    assert found.slowest.log_value < exact[AntiIto] < found.fastest.log_value
    assert exact[AntiIto] == pytest.approx(expected, abs=0.25)
    assert exact[Ito] - exact[AntiIto] == pytest.approx(np.log(2), abs=0.1)  # h_a for |h_b| in the prefactor
    assert found.slowest.relative_error > 1  # covers the factor of two


def test_models_whose_noise_does_not_fit():
    flat = NoisyGradient(WELL, Constant([[2.0]]))
    with pytest.raises(InputError, match=r"C = c \|H\| across the saddle too, got 2 instead of 1"):
        xie_rate(flat, 0.1, 3, -1, 0)
    fit = NoisyGradient(WELL, HessianProportional(WELL, 4.0, AbsoluteEigenvalues()))
    assert xie_rate(fit, 0.1, 12, -1, 0) == xie_rate(WELL, 0.1, 3, -1, 0)
    with pytest.raises(InputError, match=r"C = c H at the minimum, got C = \[\[2.0, 0.0\], \[0.0, 2.0\]\]"):
        xie_rate(NoisyGradient(VALLEY, Constant(2 * np.eye(2))), 0.1, 3, [-1, 0], [0, 0])
    loss = SymbolicLandscape("0.05 + (w**2 - 1)**2/4")
    with pytest.raises(InputError, match=r"C = 2 h L, got 1 instead of 0.2 at \[-1"):
        mori_rate(NoisyGradient(loss, Constant([[1.0]])), 0.1, 1, -1, 0)
    fits = NoisyGradient(loss, LossProportional(loss, 4.0))
    assert mori_rate(fits, 0.1, 1, -1, 0) == mori_rate(loss, 0.1, 1, -1, 0)
    with pytest.raises(InputError, match=r"got .*e-.* instead of 3.28e\+04 at \[-0.6"):
        mori_rate(SHARP, 0.005, 20, -1.8, -0.6)


def test_laplace_terms_are_those_of_stirling_and_of_the_quartic():
    # Gamma(n + 1) = n^n e^-n sqrt(2 pi n) (1 + 1/12n + 1/288n^2), of exp(-n (x - 1 - log x)) at x = 1.
    n = 7.0
    slopes = n * np.array([0, 1, -2, 6, -24, 120])
    assert laplace_terms(slopes, np.zeros(5)) == pytest.approx((1 / (12 * n), 1 / (288 * n**2)))
    # By parts int x^(n-1) e^-nx = int x^n e^-nx: the weight 1/x changes nothing.
    assert laplace_terms(slopes, [0, -1, 1, -2, 6]) == pytest.approx((1 / (12 * n), 1 / (288 * n**2)))
    assert laplace_terms(slopes, [0, 1, -1, 2, -6]) != pytest.approx((1 / (12 * n), 1 / (288 * n**2)), rel=0.1)
    # E exp(l) for a linear weight of slope b under a normal law of variance v is exp(b^2 v / 2).
    assert laplace_terms([0, 4.0, 0, 0, 0, 0], [0, 0.6, 0, 0, 0]) == pytest.approx((0.045, 0.045**2 / 2))


def test_the_first_term_in_a_plane_is_that_of_each_line_in_any_coordinates():
    n, mix = 7.0, np.array([[0.8, -0.3], [0.5, 1.1]])

    def slope(w):
        return n * (1 - 1 / (1 + w @ mix.T)) @ mix

    assert first_term(slope, np.zeros(2), 1.0) == pytest.approx(2 / (12 * n), rel=1e-3)
    # exp(-u^2/2 - n (v - u^2)^2 / 2) is Gaussian in coordinates of Jacobian one.
    banana = SymbolicLandscape("x**2/2 + 7*(y - x**2)**2/2")
    assert first_term(banana.gradient, np.zeros(2), 1.0) == pytest.approx(0, abs=1e-3)
