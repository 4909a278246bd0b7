"""Every scheme has the orders that it states, on equations whose solution is known; the wrong scheme has not."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from checks import observed_order
from schemes import COMMUTING, CROSSED, WIENER, A, X, geometric, linear, seeded, strong_order, weak_order
from scipy.integrate import quad

from simulate import SGD
from theory import (
    BAOAB,
    EulerMaruyama,
    Grid,
    Heun,
    Isotropic,
    Ito,
    Langevin,
    LeimkuhlerMatthews,
    Milstein,
    Platen,
    ProductModel,
    Stratonovich,
    SymbolicLandscape,
    SymbolicTensor,
    TamedEuler,
    Underdamped,
    langevin_limit,
    sample_paths,
)

STRONG, WEAK = 0.15, 0.25


def orders(scheme):
    return type(scheme).strong_order, type(scheme).weak_order


# Strong orders


@pytest.mark.parametrize(
    ("scheme", "reading", "order"),
    [
        (EulerMaruyama(), Ito(), 0.5),
        (TamedEuler(3.0), Ito(), 0.5),
        (Milstein(), Ito(), 1.0),
        (Milstein(), Stratonovich(), 1.0),
        (Heun(), Stratonovich(), 1.0),
    ],
    ids=str,
)
def test_geometric_brownian_motion(scheme, reading, order):
    """The solution is x exp(s W - (1/2 - share) s^2 t); Milstein without its correction is Euler-Maruyama."""
    s = 0.7

    def exact(_, brownian):
        return np.exp(s * brownian - (0.5 - reading.share) * s**2)

    found = strong_order(geometric(s, reading), [1.0], exact, scheme, steps=(16, 32, 64, 128), walkers=8000)
    assert found == pytest.approx(order, abs=STRONG)
    assert orders(scheme)[0] <= order


def test_an_ito_scheme_misses_the_stratonovich_solution():
    def exact(_, brownian):
        return np.exp(0.7 * brownian)

    assert abs(strong_order(geometric(0.7), [1.0], exact, Milstein())) < STRONG


@pytest.mark.parametrize(("scheme", "order"), [(EulerMaruyama(), 0.5), (Milstein(), 1.0)], ids=str)
def test_commuting_noise_in_the_plane(scheme, order):
    """With matrices that commute the solution is exp((A - sum B^2 / 2) t + B_1 W_1 + B_2 W_2) x.

    All have the eigenvectors (1, 1) and (1, -1).
    """

    def exact(final, _):
        turned = np.array([[1, 1], [1, -1]])
        power = A - sum(b @ b for b in COMMUTING) / 2
        exponents = [turned[k] @ power[0] for k in (0, 1)] + sum(
            np.outer(final[:, 2 + j], [turned[k] @ b[0] for k in (0, 1)]) for j, b in enumerate(COMMUTING)
        )
        modes = np.exp(exponents) * (turned @ [1, 0.5])
        return np.column_stack([modes @ turned / 2, final[:, 2:]])

    found = strong_order(linear(COMMUTING), [1, 0.5, 0, 0], exact, scheme, steps=(16, 32, 64, 128), walkers=1500)
    assert found == pytest.approx(order, abs=STRONG)


def test_crossed_noise_leaves_euler_its_half_order():
    """dx_1 = dW_1, dx_2 = x_1 dW_2: what is missed is Levy's area, and nothing else."""
    x, y = sympy.symbols("x y", real=True)
    noise = SymbolicTensor(sympy.Matrix([[1, 0], [0, x]]) / sympy.sqrt(2), (x, y))
    equation = Langevin(SymbolicLandscape("0*x + 0*y", ["x", "y"]), noise)
    found = strong_order(equation, [0.0, 0.0], None, EulerMaruyama(), walkers=2000)
    assert found == pytest.approx(0.5, abs=STRONG)


@pytest.mark.parametrize(("scheme", "order"), [(EulerMaruyama(), 1.0), (BAOAB(), 1.0)], ids=str)
def test_inertia_makes_the_noise_additive(scheme, order):
    equation = Underdamped(SymbolicLandscape("w**2/2 + w**4/8"), 1.0, 1.0)
    found = strong_order(equation, [1.0, 1.0], None, scheme, walkers=1000, steps=(16, 32, 64))
    assert found == pytest.approx(order, abs=STRONG)


def test_tamed_euler_keeps_its_order_where_euler_diverges():
    """For dx = -x^3 dt + .4 x^2 dW, whose drift and noise outgrow x."""
    noise = SymbolicTensor(sympy.Matrix([[0.4 * X**2 / sympy.sqrt(2)]]), (X,))
    equation = Langevin(SymbolicLandscape("x**4/4"), noise)
    found = strong_order(equation, [1.0], None, TamedEuler(4.0), steps=(32, 64, 128, 256), walkers=2000)
    assert found > TamedEuler.strong_order - STRONG  # the drift's share of the error is of first order
    options = {"dt": 1 / 16, "steps": 160}
    plain, tamed = (
        sample_paths(equation, np.linspace(1, 8, 2000), rng=seeded(1), scheme=scheme, **options)
        for scheme in (EulerMaruyama(), TamedEuler(4.0))
    )
    assert plain.diverged > 200
    assert tamed.diverged == 0
    assert np.abs(tamed.final).max() < 2


def test_no_tamed_path_diverges_where_one_euler_path_in_a_hundred_does():
    limit = langevin_limit(ProductModel("(w + 9/5)*(w - 9/5)**2", loss_scale=1.0), SGD(0.01, 20))
    options = {"dt": 0.01 / 128, "steps": 50 * 128}
    plain, tamed = (
        sample_paths(limit, seeded(0).uniform(-3, -1, 4000), rng=seeded(1), scheme=scheme, **options)
        for scheme in (EulerMaruyama(), TamedEuler())
    )
    assert plain.diverged > 20
    assert tamed.diverged == 0
    assert np.abs(tamed.final).max() < 3


# Weak orders


@pytest.mark.parametrize("scheme", [EulerMaruyama(), Milstein(), Platen()], ids=str)
def test_weak_order_with_commuting_noise(scheme):
    expected = orders(scheme)[1]
    assert weak_order(scheme, COMMUTING) == pytest.approx(expected, abs=STRONG if expected == 1 else WEAK)


@pytest.mark.parametrize("scheme", [EulerMaruyama(), Platen()], ids=str)
def test_weak_order_with_crossed_noise(scheme):
    expected = orders(scheme)[1]
    assert weak_order(scheme, CROSSED) == pytest.approx(expected, abs=STRONG if expected == 1 else WEAK)


@pytest.mark.parametrize(("scheme", "reading"), [(Heun(), Stratonovich()), (TamedEuler(2.0), Ito())], ids=str)
def test_weak_order_by_the_solution_on_the_same_path(scheme, reading):
    """Geometric Brownian motion: the mean difference from the solution, whose own noise drops out."""
    s, steps, errors = 0.5, (4, 8, 16), []
    for k in steps:
        final, brownian = (
            sample_paths(e, start, dt=1 / k, steps=k, rng=seeded(3), scheme=f).final
            for e, start, f in (
                (geometric(s, reading), np.ones(100_000), scheme),
                (WIENER, np.zeros(100_000), EulerMaruyama()),
            )
        )
        solution = np.exp(s * brownian - (0.5 - reading.share) * s**2)
        errors.append(abs((final**2 - solution**2).mean()))
    assert observed_order(1 / np.array(steps), errors) == pytest.approx(1, abs=STRONG)


def test_the_bath_on_a_circle_is_right_to_second_order():
    """L = cos w + sin(2 w) / 2 at T = 1."""
    w = np.linspace(-np.pi, np.pi, 2001)[:-1]
    law = np.exp(-np.cos(w) - np.sin(2 * w) / 2)
    circle = Grid(-np.pi, np.pi, 1, periodic=True)
    equation = Langevin(SymbolicLandscape("cos(w) + sin(2*w)/2"), Isotropic(1.0, 1))
    cases = [(EulerMaruyama(), (0.2, 0.1, 0.05), STRONG), (LeimkuhlerMatthews(), (0.6, 0.45, 0.34), WEAK)]
    for (scheme, steps, tolerance), order in zip(cases, (1, LeimkuhlerMatthews.stationary_order), strict=True):
        errors = []
        for dt in steps:
            start = seeded(4).choice(w, 200_000, p=law / law.sum())
            run = sample_paths(
                equation, start, dt=dt, steps=round(3 / dt), rng=seeded(5), scheme=scheme, domain=circle
            )
            errors.append(abs(np.sin(2 * run.final).mean() - np.sin(2 * w) @ law / law.sum()))
        assert observed_order(steps, errors) == pytest.approx(order, abs=tolerance)


def test_baoab_is_right_to_second_order_and_its_positions_to_more():
    landscape = SymbolicLandscape("w**2/2 + w**4/4")
    weights = [quad(lambda q, k=k: q**k * np.exp(-(q**2) / 2 - q**4 / 4), -9, 9)[0] for k in (0, 2)]
    steps, errors = (0.5, 0.35, 0.25), []
    start = seeded(0).normal(size=(200_000, 2)) * [0.68, 1]
    for dt in steps:
        run = sample_paths(
            Underdamped(landscape, 1.0, 1.0), start, dt=dt, steps=round(6 / dt), rng=seeded(2), scheme=BAOAB()
        )
        squares = (run.final**2).mean(axis=0)
        errors.append(abs(squares[1] - 1))
        assert abs(squares[0] - weights[1] / weights[0]) < 0.008
    assert observed_order(steps, errors) == pytest.approx(BAOAB.weak_order, abs=WEAK)
