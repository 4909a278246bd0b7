"""Units do not matter: w -> a w and L -> b L change results as they must, and nothing else."""

from __future__ import annotations

import math

import numpy as np
import pytest

from compare.slope import ByFormula, loss_slope
from simulate import SGD
from theory import (
    CallableLandscape,
    Constant,
    Grid,
    InputError,
    Isotropic,
    Langevin,
    NoisyGradient,
    ProductModel,
    SymbolicLandscape,
    Underdamped,
    find_minima,
    free_energy,
    kramers_rate,
    langevin_escape_rate,
    mean_energy,
    posterior_mass,
    saddle_passage_time,
    underdamped_escape_rate,
    volume,
)
from theory.manifold import gradient_flow_limit, slow_drift, transverse_covariance
from theory.points import locate_minimum
from theory.points.collapse import collapse_rate

LENGTHS, LOSSES = (1e-12, 1e-8, 1.0, 1e8, 1e12), (1e-20, 1e-6, 1.0, 1e6, 1e12)
WELLS = "(x**2 - 1)**2*(x**2 - 1/10)**2 + (y**2 - 1)**2 + x*y/100 + y**4*(x - y)**2/50"
BENT = "(x**2 - 1)**2/4 + (y - x/2)**2 + x**3/20"


def scaled(formula, length=1.0, loss=1.0):
    """The landscape loss * L(w / length)."""
    plain = SymbolicLandscape(formula)
    shrunk = plain.expression.xreplace({v: v / length for v in plain.variables})
    return SymbolicLandscape(loss * shrunk, [str(v) for v in plain.variables])


@pytest.mark.parametrize("length", LENGTHS)
def test_minima_scale_with_the_landscape(length):
    """With steps and gradients in units of their own some were off by .7 % or lost."""
    plain = find_minima(scaled(WELLS), Grid((-2, -2), (2, 2), (40, 40)))
    tilted = find_minima(scaled("(w**2 - 1)**2 + w/5"), Grid(-2, 2, 50))
    assert len(plain) == 8
    for loss in LOSSES:
        found = find_minima(scaled(WELLS, length, loss), Grid((-2 * length,) * 2, (2 * length,) * 2, (40, 40)))
        places = np.array([m.position for m in found]) / length
        np.testing.assert_allclose(places, [m.position for m in plain], rtol=1e-9)
        np.testing.assert_allclose([m.loss / loss for m in found], [m.loss for m in plain], rtol=1e-9)
        line = find_minima(scaled("(w**2 - 1)**2 + w/5", length, loss), Grid(-2 * length, 2 * length, 50))
        got = [m.position[0] / length for m in line]
        np.testing.assert_allclose(got, [m.position[0] for m in tilted], rtol=1e-12)


def test_minima_along_a_fine_axis_beside_a_coarse_one_are_two():
    found = find_minima(SymbolicLandscape("x**2 + (y**2*10**16 - 1)**2"), Grid((-2, -2e-8), (2, 2e-8), (9, 40)))
    assert sorted(m.position[1] for m in found) == pytest.approx([-1e-8, 1e-8])


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("loss", [1e-20, 1.0, 1e12])
def test_rates_of_escape_scale_with_the_landscape(length, loss):
    def ask(length, loss):
        landscape = scaled(BENT, length, loss)
        ends = (length * np.array([-1.0, -0.5]), np.zeros(2))
        slow = Underdamped(landscape, 3 * math.sqrt(loss) / length, 0.02 * loss)
        noise = Langevin(landscape, Constant(0.02 * loss * np.eye(2)), extra_drift=lambda w: 0 * np.asarray(w))
        found = [
            kramers_rate(landscape, 0.02 * loss, *ends),
            langevin_escape_rate(noise, *ends),
            underdamped_escape_rate(slow, *ends),
        ]
        units = [math.log(loss / length**2)] * 2 + [math.log(loss) / 2 - math.log(length)]
        return [(r.log_value - u, r.relative_error) for r, u in zip(found, units, strict=True)]

    for (value, error), (plain, plain_error) in zip(ask(length, loss), ask(1.0, 1.0), strict=True):
        assert value == pytest.approx(plain, abs=1e-7)
        assert error == pytest.approx(plain_error, rel=1e-3)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("loss", [1e-20, 1.0, 1e12])
def test_passages_from_a_saddle_scale_with_the_landscape(length, loss):
    def ask(length, loss):
        sde = Langevin(scaled(BENT, length, loss), Isotropic(1e-4 * loss, 2))
        found = saddle_passage_time(sde, length * np.array([0.01, 0.01]), length / 5)
        return found.time * loss / length**2, found.time.error * loss / length**2

    assert ask(length, loss) == pytest.approx(ask(1.0, 1.0), rel=1e-7)


@pytest.mark.parametrize("length", [1e-12, 1e8])
@pytest.mark.parametrize("formula", ["w**4", "x**2*y**2"])
def test_integrals_scale_with_the_landscape_the_box_and_the_prior(length, formula):
    """The prior is uniform on the box, or normalised there, so that all that scales together is one problem."""

    def ask(length):
        landscape = scaled(formula, length)
        box = Grid(*(length * np.array([end] * landscape.dim) for end in (-2, 2)), (8,) * landscape.dim)

        def prior(w):
            return -((np.asarray(w) / length) ** 2).sum(axis=-1) / 2

        def right(w):
            return np.asarray(w)[..., 0] > 0

        size = volume(landscape, box, [0.3])[0]
        found = [free_energy(landscape, 50, box), free_energy(landscape, 50, box, prior)]
        found += [mean_energy(landscape, 50, box), posterior_mass(landscape, 50, box, right)]
        return [*found, size / length**landscape.dim], free_energy(landscape, 50, box, lambda w: prior(w * 0.9))

    found, plain = ask(length)[0], ask(1.0)[0]
    assert found == pytest.approx(plain, rel=1e-6)
    assert ask(length)[1] != pytest.approx(plain[1], abs=1e-3)  # control: the prior in other units than the box


@pytest.mark.parametrize("length", [1e-8, 1e8])
def test_functions_without_derivatives_take_the_scale_of_the_question(length):
    """Differences with a step of max(1, |w|) saw nothing of a well of 1e-8."""

    def value(w):
        x, y = np.moveaxis(np.asarray(w) / length, -1, 0)
        return (x**2 - 1) ** 2 / 4 + (y - x / 2) ** 2 + x**3 / 20

    plain, formula = CallableLandscape(value, dim=2), scaled(BENT, length)
    box = Grid((-2 * length,) * 2, (2 * length,) * 2, (20, 20))
    places = [np.array([m.position for m in find_minima(one, box)]) / length for one in (plain, formula)]
    np.testing.assert_allclose(*places, atol=1e-7)
    ends = (length * np.array([-1.0, -0.5]), np.zeros(2))
    rates = [kramers_rate(one, 0.02, *ends).log_value for one in (plain, formula)]
    assert rates[0] == pytest.approx(rates[1], abs=1e-5)
    given = CallableLandscape(value, dim=2, scale=length)
    np.testing.assert_allclose(given.hessian(ends[0]), formula.hessian(ends[0]), rtol=1e-6)
    with pytest.raises(InputError, match="`scale` must be positive and finite, one number or 2"):
        CallableLandscape(value, dim=2, scale=(1.0, 2.0, 3.0))


@pytest.mark.parametrize("length", [1e-12, 1e-8, 1e-4, 1e8])
@pytest.mark.parametrize("loss", [1e-12, 1e12])
def test_motion_along_a_manifold_scales_with_the_landscape(length, loss):
    """A circle of minima, whose curvature changes along it; with tolerances of 1 nothing below was a valley."""

    def ask(length, loss):
        landscape = scaled("(x**2 + y**2 - 1)**2*(1 + x/3)/4", length, loss)
        noisy = NoisyGradient(landscape, Isotropic((loss / length) ** 2, 2))
        rate, place = 0.1 * length**2 / loss, length * np.array([0.6, 0.8])
        return [
            gradient_flow_limit(landscape, length * np.array([0.6, 1.0])) / length,
            slow_drift(noisy, place, rate, 4) * length / loss,
            transverse_covariance(noisy, place, rate, 4) / length**2,
        ]

    for found, plain in zip(ask(length, loss), ask(1.0, 1.0), strict=True):
        np.testing.assert_allclose(found, plain, rtol=1e-8)


@pytest.mark.parametrize("length", [1e-12, 1e-8, 1e8, 1e12])
@pytest.mark.parametrize("loss", [1e-12, 1.0])
def test_slopes_of_the_loss_and_collapse_scale_with_the_landscape(length, loss):
    """With neighbours one unit away noise at minima of 1e-12 counted as none, and others were lost or invented."""

    def ask(length, loss):
        time = length**2 / loss
        noisy = NoisyGradient(scaled("(w**2 - 1)**2/4 + w/20", length, loss), Isotropic((loss / length) ** 2, 1))
        wells = locate_minimum(noisy, None, Grid(-2 * length, 2 * length, 50))
        flat = NoisyGradient(scaled("(w - 1/3)**4", length, loss), Isotropic((loss / length) ** 2, 1))
        place = locate_minimum(flat, [length / 3])
        assert (wells.regular, place.regular, len(wells.others)) == (True, False, 1)
        with pytest.raises(InputError, match="`minimum` must be a minimum"):  # control
            locate_minimum(noisy, [length / 2])
        model = model_of("w - 1/2", length, loss)
        rates = np.array([0.02, 0.04, 0.08]) * time
        slope = loss_slope(model, SGD(0.1 * time, 4), rates, method=ByFormula())
        assert slope.verdict == "agrees"
        found = [wells.position[0] / length, wells.others[0][0] / length, slope.slope * time / loss]
        for q, at in (("(w + 9/5)*(w - 9/5)**2", [1.8]), ("x**2*(1 + y**2)", [0.0, 1.0]), ("w**2 + w**3", [0.0])):
            point = length * np.array(at)
            found.append(collapse_rate(model_of(q, length, loss), point, 0.01 * time, 20) * time)
        return found

    def model_of(q, length, loss):
        formula = scaled(q, length, math.sqrt(loss))
        names = [str(v) for v in formula.variables]
        return ProductModel(formula.expression, names, noise_std=math.sqrt(loss))

    assert ask(length, loss) == pytest.approx(ask(1.0, 1.0), rel=1e-8)
