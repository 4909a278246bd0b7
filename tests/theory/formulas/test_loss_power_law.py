"""When the power of the loss is a law: zeros and learning coefficients, tails, and what walkers do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from theory import (
    AntiIto,
    CallableLandscape,
    Grid,
    InputError,
    Isotropic,
    Ito,
    Langevin,
    LossProportional,
    NoStationaryDensity,
    Stratonovich,
    SymbolicLandscape,
)
from theory.formulas.loss_power import LossPowerLaw, loss_power_law

WELL = SymbolicLandscape("w**2/2 + w**4/4 - w/5")
PLANE = SymbolicLandscape("1/10 + x**2 + x*y/2 + y**2/2 + x**4/4")
BOWL = SymbolicLandscape("x**2 + x*y/2 + y**2/2 - x/3")
FUNCTION = CallableLandscape(lambda w: 1 + (w**2).sum(axis=-1), dim=2)
LINE = Grid(-2, 2, 400)
ITO = Ito()
READINGS = [ITO, Stratonovich(), AntiIto()]


@settings(max_examples=25)
@given(
    scale=st.floats(0.05, 4),
    floor=st.floats(0.05, 1),
    stiffness=st.floats(0.3, 3),
    share=st.sampled_from(READINGS),
)
def test_zero_flux_at_every_point(scale, floor, stiffness, share):
    loss = SymbolicLandscape(f"{floor:.6f} + {stiffness:.6f}*x**2 + x*y/4 + y**2 + y**4")
    sde = Langevin(loss, LossProportional(loss, scale), share)
    w = np.random.default_rng(3).uniform(-1, 1, (20, 2))
    slope = -loss_power_law(sde).exponent * loss.gradient(w) / loss.value(w)[:, None]  # of log p
    flux = sde.drift(w) - sde.divergence(w) - np.einsum("nij,nj->ni", sde.tensor(w), slope)
    np.testing.assert_allclose(flux, 0, atol=1e-12 * (1 + scale) * np.abs(loss.gradient(w)).max())


def bowl(dim, power=2):
    names = "xyzuvst"[:dim]
    return SymbolicLandscape(" + ".join(f"{n}**{power}" for n in names))


def power_of(formula, scale, reading=ITO):
    loss = SymbolicLandscape(formula)
    return loss_power_law(Langevin(loss, LossProportional(loss, scale), reading))


@pytest.mark.parametrize(("dim", "power"), [(3, 2), (4, 2), (5, 2), (6, 4)])
def test_near_a_zero_the_law_exists_below_the_learning_coefficient(dim, power):
    """The radial integral of r^(d - 1 - m k) decides: lambda = d/m."""
    loss = bowl(dim, power)
    for scale in (0.4, 0.9, 1.4, 2.1, 3.0, 6.0):
        law = loss_power_law(Langevin(loss, LossProportional(loss, scale)))
        assert law.normalisable_near(np.zeros(dim)) is (power * (1 + 1 / scale) < dim)
        assert law.normalisable_near(np.full(dim, 0.1))


def test_in_two_dimensions_no_zero_is_integrable_in_itos_reading():
    for formula in ("x**2 + y**2", "x**2*y**2", "x**4 + y**2"):
        assert not power_of(formula, 50.0).normalisable_near([0, 0])
    assert power_of("x**2 + y**2", 2.0, AntiIto()).normalisable_near([0, 0])  # exponent 1/2 below 1
    assert not power_of("x**2*y**2", 2.0, AntiIto()).normalisable_near([0, 0])  # and not below 1/2
    assert power_of("x**2*y**2", 2.5, AntiIto()).normalisable_near([0, 0])
    bare = CallableLandscape(lambda w: (w**2).sum(axis=-1), dim=2)
    assert not LossPowerLaw(bare, 1.0).normalisable_near([0, 0])  # no formula is needed for that


def test_collapse_is_seen_in_paths_of_the_radius():
    """D log r = (s (d-2)/2 - 1) h dt + noise: the drift changes its sign where the law begins to exist."""
    rng = np.random.default_rng(2)
    for dim, scale, exists in ((5, 0.4, False), (5, 1.2, True)):
        loss = SymbolicLandscape(" + ".join(f"{n}**2/2" for n in "xyzuv"[:dim]))
        sde = Langevin(loss, LossProportional(loss, scale))
        assert loss_power_law(sde).normalisable_near(np.zeros(dim)) is exists
        w, dt = np.tile(np.eye(dim)[0], (20_000, 1)), 1e-3
        for _ in range(200):
            noise = rng.normal(size=w.shape) * np.sqrt(scale * (w**2).sum(axis=1, keepdims=True) * dt)
            w = w + sde.drift(w) * dt + noise
        growth = np.log((w**2).sum(axis=1)) / 2
        rate = (scale * (dim - 2) / 2 - 1) * 0.2
        assert bool(growth.mean() > 0) is exists
        assert abs(growth.mean() - rate) < 5 * growth.std() / np.sqrt(len(w)) + 0.002


@pytest.mark.parametrize(("formula", "growth"), [("1 + w**2", 2), ("1 + w**4 - w", 4)])
@pytest.mark.parametrize("scale", [0.3, 2.0])
def test_tails_on_the_whole_line(formula, growth, scale):
    loss = SymbolicLandscape(formula)
    law = power_of(formula, scale)
    index = law.tail_index()
    assert index == growth * (1 + 1 / scale) - 1
    value = lambda w: float(loss.value([w])) ** -law.exponent  # noqa: E731
    tails = [quad(value, u, np.inf, epsabs=0)[0] for u in (200.0, 400.0)]
    assert np.log(tails[0] / tails[1]) / np.log(2) == pytest.approx(index, rel=1e-2)


def test_tails_in_more_dimensions():
    assert power_of("1 + x**2 + x*y + y**2 + z**2", 0.5).tail_index() == 3
    assert power_of("1 + x**4 + x**2*y**2 + y**4 - x**3", 2.0).tail_index() == 4
    with pytest.raises(InputError, match="not known for certain; give `growth`"):
        power_of("1 + x**2 + y**4", 0.5).tail_index()  # grows as a square along one axis
    with pytest.raises(InputError, match="not known for certain"):
        power_of("1 + (x - y)**4", 0.5).tail_index()
    assert power_of("1 + x**2 + y**4", 0.5).tail_index(growth=2) == 4
    with pytest.raises(NoStationaryDensity, match="infinite mass far away; reduce the noise"):
        power_of("1 + x**2 + y**2 + z**2", 4.0).tail_index()
    with pytest.raises(NoStationaryDensity, match="infinite mass far away"):
        power_of("1 + x**2", 2.0, AntiIto()).tail_index()


@pytest.mark.parametrize(
    ("make", "error", "reason"),
    [
        (
            lambda: loss_power_law(Langevin(WELL, Isotropic(1.0, 1))),
            InputError,
            "needs LossProportional noise, got Iso",
        ),
        (
            lambda: loss_power_law(Langevin(PLANE, LossProportional(BOWL, 1.0))),
            InputError,
            "the loss of the drift",
        ),
        (lambda: LossPowerLaw(PLANE, 2.0).normalisable_near([0.0]), InputError, "must have 2 components, got 1"),
        (lambda: LossPowerLaw(WELL, 2.0).normalisable_near([0.2]), InputError, "needs L >= 0, got -0.01"),
        (lambda: LossPowerLaw(PLANE, 2.0).on(LINE), InputError, "one dimension, got 2 and 1"),
        (lambda: LossPowerLaw(FUNCTION, 2.0).tail_index(), InputError, "give `growth`"),
        (lambda: LossPowerLaw(FUNCTION, 2.0).tail_index(growth=-1), InputError, "`growth` must be positive"),
    ],
)
def test_refuses(make, error, reason):
    with pytest.raises(error, match=reason):
        make()
