"""Closed stationary laws of noise that follows loss or curvature, against grids and integrals."""

from __future__ import annotations

import numpy as np
import pytest
from line_laws import distance
from scipy.integrate import quad

from simulate import SGD, Sign
from theory import (
    AbsoluteEigenvalues,
    AntiIto,
    CallableLandscape,
    Constant,
    FokkerPlanck,
    Grid,
    HessianProportional,
    InputError,
    Ito,
    Langevin,
    LinearRegression,
    LossProportional,
    NoisyGradient,
    NoStationaryDensity,
    PositivePart,
    ProductModel,
    Refuse,
    Stratonovich,
    SymbolicLandscape,
    find_degenerate_points,
    gibbs,
    langevin_limit,
    stationary_covariance,
)
from theory.formulas.loss_power import LossPowerLaw, loss_power_law
from theory.formulas.stationary_laws import stationary_law

DOUBLE_WELL = SymbolicLandscape("1/20 + (w**2 - 1)**2/4")
WELL = SymbolicLandscape("w**2/2 + w**4/4 - w/5")
PLANE = SymbolicLandscape("1/10 + x**2 + x*y/2 + y**2/2 + x**4/4")
BOWL = SymbolicLandscape("x**2 + x*y/2 + y**2/2 - x/3")
ITO = Ito()
READINGS = [ITO, Stratonovich(), AntiIto()]
LINE, BOX = Grid(-2, 2, 400), Grid((-2, -2), (2, 2), (61, 61))


@pytest.mark.parametrize("reading", READINGS, ids=["ito", "stratonovich", "anti-ito"])
def test_noise_like_the_loss_on_a_line(reading):
    sde = Langevin(DOUBLE_WELL, LossProportional(DOUBLE_WELL, 0.2), reading)
    law = stationary_law(sde, LINE)
    grid = FokkerPlanck(sde, LINE).stationary()
    assert distance(law, grid) <= 1e-10
    exponent = 1 + 1 / 0.2 - reading.share
    np.testing.assert_allclose(
        np.ptp(np.log(law.values) + exponent * np.log(DOUBLE_WELL.value(LINE.centers))), 0, atol=1e-11
    )
    wrong = gibbs(CallableLandscape(lambda w: np.log(DOUBLE_WELL.value(w)), dim=1), 1 / (exponent + 0.5), LINE)
    assert distance(wrong, grid) > 0.01


@pytest.mark.parametrize("reading", READINGS, ids=["ito", "stratonovich", "anti-ito"])
def test_noise_like_the_loss_in_a_plane(reading):
    sde = Langevin(PLANE, LossProportional(PLANE, 0.25), reading)
    law, grid = stationary_law(sde, BOX), FokkerPlanck(sde, BOX).stationary()
    assert distance(law, grid) <= 2 * grid.error + 1e-9
    wrong = LossPowerLaw(PLANE, loss_power_law(sde).exponent + 0.5).on(BOX)
    assert distance(wrong, grid) > 10 * grid.error


@pytest.mark.parametrize("reading", READINGS, ids=["ito", "stratonovich", "anti-ito"])
@pytest.mark.parametrize("scale", [0.1, 0.6])
def test_noise_like_the_curvature_on_a_line(reading, scale):
    sde = Langevin(WELL, HessianProportional(WELL, scale), reading)
    law = stationary_law(sde, LINE)
    assert distance(law, FokkerPlanck(sde, LINE).stationary()) < 1e-6
    # p ~ D^(share - 1) exp(-integral of L' / D)
    w = LINE.axes[0]
    weight = [quad(lambda v: -(v + v**3 - 0.2) / (scale * (1 + 3 * v**2)), 0, x, epsabs=1e-13)[0] for x in w]
    density = (1 + 3 * w**2) ** (reading.share - 1) * np.exp(weight)
    np.testing.assert_allclose(law.values, density / (density.sum() * LINE.cell_volume), rtol=1e-9)
    other = Langevin(WELL, HessianProportional(WELL, scale), AntiIto() if reading.share < 1 else Ito())
    assert distance(stationary_law(other, LINE), law) > 0.01  # the reading matters


def test_noise_like_the_curvature_of_a_bowl_is_isotropic():
    sde = Langevin(BOWL, HessianProportional(BOWL, 0.05))
    law = stationary_law(sde, BOX)
    assert distance(law, FokkerPlanck(sde, BOX).stationary()) < 1e-9
    np.testing.assert_allclose(law.covariance, 0.05 * np.eye(2), atol=1e-6)
    np.testing.assert_allclose(law.mean, -np.linalg.solve([[2, 0.5], [0.5, 1]], [-1 / 3, 0]), atol=1e-6)
    hessian = BOWL.hessian([0, 0])
    np.testing.assert_allclose(stationary_covariance(hessian, 0.05 * hessian), 0.05 * np.eye(2), atol=1e-14)
    assert distance(law, gibbs(BOWL, 0.05, BOX)) > 0.1  # Gibbs has the inverse curvature
    regression = LinearRegression([[2, 0.5], [0.5, 1]])
    again = stationary_law(Langevin(regression, HessianProportional(regression, 0.05)), BOX)
    np.testing.assert_allclose(again.covariance, 0.05 * np.eye(2), atol=1e-6)


def test_any_noise_on_a_line_has_its_integral():
    sde = Langevin(WELL, Constant(0.3), extra_drift=lambda w: -0.4 * w)
    shifted = SymbolicLandscape("w**2/2 + w**4/4 - w/5 + w**2/5")
    assert distance(stationary_law(sde, LINE), gibbs(shifted, 0.3, LINE)) < 1e-13
    assert distance(stationary_law(sde, LINE), gibbs(WELL, 0.3, LINE)) > 0.01
    model = NoisyGradient(WELL, Constant(1.0))  # the wrapped landscape is the same
    wrapped = Langevin(model, LossProportional(DOUBLE_WELL, 0.3))  # of another loss: by the integral
    assert distance(stationary_law(wrapped, LINE), FokkerPlanck(wrapped, LINE).stationary()) < 1e-6


def test_the_error_of_the_law_is_that_of_its_cells():
    sde = Langevin(DOUBLE_WELL, LossProportional(DOUBLE_WELL, 0.2))
    coarse, fine = stationary_law(sde, Grid(-2, 2, 80)), stationary_law(sde, Grid(-2, 2, 4000)).coarsen(50)
    miss = np.abs(coarse.probabilities - fine.probabilities).sum() / 2
    assert 0.7 < miss / coarse.error < 1.4
    assert distance(coarse, fine) > 100 * miss  # control: values at the centres are no averages


@pytest.mark.parametrize("kind", [AbsoluteEigenvalues(), PositivePart(), Refuse()])
def test_noise_that_vanishes_inside_is_refused(kind):
    grid = Grid(-1.5, 1.5, 300)
    sde = Langevin(DOUBLE_WELL, HessianProportional(DOUBLE_WELL, 0.2, kind))
    with pytest.raises(InputError, match="changes its sign in the box and noise vanishes there"):
        stationary_law(sde, grid)
    beside, well = Langevin(DOUBLE_WELL, HessianProportional(DOUBLE_WELL, 0.01, kind)), Grid(0.7, 1.5, 300)
    assert distance(stationary_law(beside, well), FokkerPlanck(beside, well).stationary()) < 1e-6


def test_kinks_of_replaced_curvature_are_found_as_zeros_of_the_noise():
    sde = Langevin(DOUBLE_WELL, HessianProportional(DOUBLE_WELL, 0.2, AbsoluteEigenvalues()))
    points = find_degenerate_points(sde, -1.5, 1.5)
    np.testing.assert_allclose([p.position for p in points], [-(3**-0.5), 3**-0.5], atol=1e-9)
    assert [p.noise_exponent for p in points] == [1, 1]
    w = np.array([[-1.2], [-0.5772], [-0.3], [0.4], [0.577349], [0.9]])
    kept = np.sign(3 * w**2 - 1)
    np.testing.assert_allclose(sde.divergence(w), 0.2 * kept * 6 * w, rtol=1e-13)
    part = HessianProportional(DOUBLE_WELL, 0.2, PositivePart())
    np.testing.assert_allclose(part.divergence(w), 0.2 * (kept > 0) * 6 * w, rtol=1e-13)


def bowl(dim, power=2):
    names = "xyzuvst"[:dim]
    return SymbolicLandscape(" + ".join(f"{n}**{power}" for n in names))


QUARTIC = SymbolicLandscape("w**4/4")


@pytest.mark.parametrize(
    ("make", "error", "reason"),
    [
        (
            lambda: stationary_law(Langevin(WELL, LossProportional(WELL, 1.0)), LINE),
            InputError,
            "needs L >= 0, got -",
        ),
        (
            lambda: stationary_law(Langevin(QUARTIC, LossProportional(QUARTIC, 1.0)), LINE),
            NoStationaryDensity,
            "walkers collapse onto the point; add the loss of the label noise",
        ),
        (
            lambda: stationary_law(Langevin(bowl(2), LossProportional(bowl(2), 9.0)), BOX),
            NoStationaryDensity,
            "infinite mass there",
        ),
        (
            lambda: stationary_law(Langevin(bowl(2), LossProportional(bowl(2), 9.0), AntiIto()), BOX),
            InputError,
            "is infinite there: no grid shows it",
        ),
        (
            lambda: stationary_law(Langevin(QUARTIC, HessianProportional(QUARTIC, 1.0)), LINE),
            InputError,
            "noise vanishes at w = 0 .* a closed form needs noise everywhere",
        ),
        (
            lambda: stationary_law(Langevin(PLANE, HessianProportional(PLANE, 1.0)), BOX),
            InputError,
            "no closed form is known for HessianProportional noise in 2 dimensions",
        ),
        (lambda: stationary_law(Langevin(PLANE, LossProportional(BOWL, 1.0)), BOX), InputError, "no closed form"),
        (
            lambda: stationary_law(
                Langevin(BOWL, HessianProportional(SymbolicLandscape("x**2 - y**2"), 1.0, AbsoluteEigenvalues())),
                BOX,
            ),
            InputError,
            "no closed form",
        ),
        (
            lambda: stationary_law(
                Langevin(
                    *(lambda s: (s, HessianProportional(s, 1.0, PositivePart())))(SymbolicLandscape("x**2 - y**2"))
                ),
                BOX,
            ),
            InputError,
            "`hessian` must be positive definite",
        ),
        (lambda: stationary_law(Langevin(PLANE, LossProportional(PLANE, 1.0)), LINE), InputError, "dimension 1"),
        (lambda: stationary_law(PLANE, BOX), InputError, "needs a Langevin equation"),
        (
            lambda: stationary_law(Langevin(WELL, Constant(1.0)), Grid(-2, 2, 40, periodic=True)),
            InputError,
            "reflecting walls, the grid is periodic",
        ),
        (
            lambda: stationary_law(Langevin(SymbolicLandscape("1000*sin(40*w)"), Constant(0.01)), Grid(-2, 2, 5)),
            InputError,
            "refine the grid",
        ),
    ],
)
def test_refuses(make, error, reason):
    with pytest.raises(error, match=reason):
        make()


def test_noise_that_vanishes_at_one_point_alone_names_the_point_and_the_remedy():
    """Signs of batches are sure where the predictor is flat: D is 0 there and not near it."""
    model, sgd = ProductModel("w**2", noise_std=1.0), SGD(0.1, 4, rule=Sign())
    sde = langevin_limit(model, sgd)
    with pytest.raises(InputError, match=r"noise vanishes at w = 0; .* or FokkerPlanck\(sde, grid\)"):
        stationary_law(sde, Grid(-2.0, 2.0, 100))
    half = stationary_law(sde, Grid(1e-9, 2.0, 100))
    whole = FokkerPlanck(sde, Grid(-2.0, 2.0, 200)).stationary()  # the remedy
    assert np.abs(2 * whole.values[100:] - half.values).max() < 1e-4 * half.values.max()
