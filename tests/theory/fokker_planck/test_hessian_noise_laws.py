"""Laws of noise by the Hessian against closed forms: D = scale f(H), in three readings, with kinks and zeros."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from numpy.polynomial import Polynomial
from numpy.polynomial.legendre import leggauss
from scipy.integrate import quad

from theory import (
    AbsoluteEigenvalues,
    AntiIto,
    FokkerPlanck,
    Grid,
    HessianProportional,
    Ito,
    Langevin,
    NoStationaryDensity,
    PositivePart,
    SmoothAbsolute,
    Stratonovich,
    SymbolicLandscape,
    gaussian,
)
from theory.points.degenerate import find_degenerate_points

READINGS = [Ito(), Stratonovich(), AntiIto()]
WIDTH = 0.3
W = Polynomial([0, 1])
DOUBLE, TILTED = (W**2 - 1) ** 2 / 4, (W**2 - 1) ** 2 / 4 + W / 5
SINGLE = W**4 / 4 + W**2 / 2


@dataclass(frozen=True)
class Case:
    """A landscape with its slope and curvature as functions, its grid, and the zeros of H."""

    formula: str
    slope: object
    curvature: object
    grid: Grid
    zeros: tuple[float, ...] = ()


def polynomial(one, lower, upper, *zeros):
    formula = " + ".join(f"({c!r})*x**{k}" for k, c in enumerate(one.coef.tolist()))
    return Case(formula, one.deriv(), one.deriv(2), Grid(lower, upper, 240), zeros)


ROOT = 3**-0.5
NODES, WEIGHTS = leggauss(12)
PARTS = np.linspace(-1, 1, 33)  # between two centres, one of which may lie close to a zero of D
PANELS = ((PARTS[:-1, None] + (NODES + 1) / 32).ravel(), np.tile(WEIGHTS / 32, 32))
CIRCLE = Grid(-np.pi, np.pi, 240, periodic=True)
CASES = {
    "double": polynomial(DOUBLE, -2.2, 2.2, -ROOT, ROOT),
    "tilted": polynomial(TILTED, -2.4, 2.2, -ROOT, ROOT),
    "single": polynomial(SINGLE, -3.0, 3.0),
    "quartic": polynomial(W**4 / 4, -3.0, 3.0, 0.0),
    "cosine": Case("1 - cos(x)", np.sin, np.cos, CIRCLE, (-np.pi / 2, np.pi / 2)),
    "tilted cosine": Case("1 - cos(x) + x/10", lambda w: np.sin(w) + 0.1, np.cos, CIRCLE, (-np.pi / 2, np.pi / 2)),
}


def equation(case, scale, kind, reading):
    landscape = SymbolicLandscape(case.formula)
    return Langevin(landscape, HessianProportional(landscape, scale, kind), reading)


def noise_of(case, scale, kind, w):
    slope, bend, width = kind.parts
    curvature = case.curvature(w)
    return scale * (slope * curvature + bend * np.hypot(curvature, width))


def closed_form(case, scale, kind, reading, lower, upper):
    """D^(share - 1) exp(int h / D) at the centres between two zeros, normalised over them; 0 elsewhere."""
    w = case.grid.axes[0]
    inside = np.flatnonzero((w > lower) & (w < upper))
    nodes, weights = PANELS

    def fall(left, right):
        points = (left + right)[:, None] / 2 + (right - left)[:, None] / 2 * nodes
        return (right - left) / 2 * (-case.slope(points) / noise_of(case, scale, kind, points) @ weights)

    logs = np.concatenate([[0.0], np.cumsum(fall(w[inside][:-1], w[inside][1:]))])
    logs += (reading.share - 1) * np.log(noise_of(case, scale, kind, w[inside]))
    values = np.zeros(w.size)
    values[inside] = np.exp(logs - logs.max())
    return values / (values.sum() * case.grid.cell_volume)


def missed(found, expected, grid):
    return np.abs(found - expected).sum() * grid.cell_volume / 2


@pytest.mark.parametrize("reading", READINGS, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("name", ["double", "tilted", "single", "quartic"])
def test_laws_without_zeros_of_noise_are_the_closed_form(name, reading):
    case, kind = CASES[name], SmoothAbsolute(WIDTH)
    law = FokkerPlanck(equation(case, 0.5, kind, reading), case.grid).stationary()
    right = closed_form(case, 0.5, kind, reading, *case.grid.lower, *case.grid.upper)
    assert missed(law.values, right, case.grid) < 1e-8
    assert law.error < 1e-8
    for other in READINGS:  # controls: the other readings, and |H| as it is
        if other != reading:
            wrong = closed_form(case, 0.5, kind, other, *case.grid.lower, *case.grid.upper)
            assert missed(law.values, wrong, case.grid) > 0.01
    if name == "single":
        for same in (AbsoluteEigenvalues(), PositivePart()):
            bare = FokkerPlanck(equation(case, 0.5, same, reading), case.grid).stationary()
            expected = closed_form(case, 0.5, same, reading, *case.grid.lower, *case.grid.upper)
            assert missed(bare.values, expected, case.grid) < 1e-8


@pytest.mark.parametrize("scale", [0.05, 0.5])
@pytest.mark.parametrize("reading", READINGS, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("name", ["double", "tilted"])
def test_two_wells_are_parted_by_gates_that_lead_outward(name, reading, scale):
    case, kind = CASES[name], AbsoluteEigenvalues()
    here = equation(case, scale, kind, reading)
    fokker_planck = FokkerPlanck(here, case.grid)
    points = find_degenerate_points(here, *case.grid.lower, *case.grid.upper)
    assert [point.position for point in points] == pytest.approx(case.zeros, abs=1e-9)
    assert [point.direction for point in points] == [-1, 1]
    with pytest.raises(NoStationaryDensity, match=r"recurrent classes: 2 \(a density on .*, a density on "):
        fokker_planck.stationary()
    left, right = fokker_planck.limit_law(gaussian([0.1], [[0.4]], case.grid)).classes
    ends = [*case.grid.lower, *case.zeros, *case.grid.upper]
    for found, lower, upper in ((left, ends[0], ends[1]), (right, ends[2], ends[3])):
        expected = closed_form(case, scale, kind, reading, lower, upper)
        if found.law.cell_averages:  # infinite at a gate
            assert scale == 0.5
            continue
        likely = expected > 1e-12 * expected.max()
        ratio = np.log(found.law.values[likely] / expected[likely])
        assert np.ptp(ratio) < 1e-8
        assert not np.any(found.law.values[expected == 0])


@pytest.mark.parametrize("scale", [0.05, 0.5, 2.0])
@pytest.mark.parametrize("reading", READINGS, ids=lambda one: type(one).__name__)
def test_masses_beyond_a_gate_also_where_the_density_is_infinite(reading, scale):
    # With v = 3 w^2 - 1: p ~ v^(share - 1 + 1/9 scale) exp(-w^2 / 6 scale), in t = v^(share + 1/9 scale) finite.
    case, kind = CASES["double"], AbsoluteEigenvalues()
    limit = FokkerPlanck(equation(case, scale, kind, reading), case.grid).limit_law(
        gaussian([0.0], [[0.4]], case.grid)
    )
    assert limit.weights == pytest.approx((0.5, 0.5), abs=1e-9)

    def masses(share):
        power = share + 1 / (9 * scale)
        faces = np.maximum(np.linspace(-2.2, 2.2, 241)[120:], ROOT)
        faces = np.maximum(3 * faces**2 - 1, 0) ** power

        def weight(t):
            square = (t ** (1 / power) + 1) / 3
            return np.exp((ROOT**2 - square) / (6 * scale)) / np.sqrt(square)

        found = np.array([quad(weight, a, b, epsabs=1e-13, epsrel=1e-12)[0] for a, b in pairwise(faces)])
        return found / found.sum()

    law = limit.classes[1].law
    found = law.probabilities[120:]
    assert np.abs(found - masses(reading.share)).sum() / 2 < 1e-8
    for other in READINGS:
        if other != reading:
            assert np.abs(found - masses(other.share)).sum() / 2 > max(100 * law.error, 1e-3)


@pytest.mark.parametrize("reading", READINGS, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("scale", [0.05, 0.5, 4.0])
@pytest.mark.parametrize("name", ["cosine", "tilted cosine"])
def test_a_circle_with_gates_towards_its_minimum_has_one_law(name, scale, reading):
    case, kind = CASES[name], AbsoluteEigenvalues()
    law = FokkerPlanck(equation(case, scale, kind, reading), case.grid).stationary()
    assert law.mass(lambda w: np.abs(w[..., 0]) > np.pi / 2 + 0.03) == 0
    expected = closed_form(case, scale, kind, reading, -np.pi / 2, np.pi / 2)
    likely = expected > 1e-12 * expected.max()
    if not law.cell_averages:
        assert np.ptp(np.log(law.values[likely] / expected[likely])) < 1e-8
        for other in READINGS:  # control
            if other != reading:
                wrong = closed_form(case, scale, kind, other, -np.pi / 2, np.pi / 2)
                assert np.ptp(np.log(law.values[likely] / wrong[likely])) > 0.1


def test_over_a_rounded_kink_the_odds_against_the_drift_fall_with_its_width():
    case, scale = CASES["cosine"], 4.0  # h = 1 and D ~ 4 u at the kinks: width^(2/4)
    outside = []
    for width in (1e-2, 1e-4, 1e-6):
        law = FokkerPlanck(equation(case, scale, SmoothAbsolute(width), AntiIto()), case.grid).stationary()
        outside.append(law.mass(lambda w: np.abs(w[..., 0]) > np.pi / 2))
    assert outside[0] / outside[1] == pytest.approx(10, rel=0.2)
    assert outside[1] / outside[2] == pytest.approx(10, rel=0.2)


@pytest.mark.parametrize(
    ("reading", "reason"),
    [
        (Ito(), r"a point mass at 0\); never crossed: 0"),
        (Stratonovich(), r"infinite mass on \(-3, 0\), infinite mass on \(0, 3\)"),
        (AntiIto(), r"a density on \(-3, 0\), a density on \(0, 3\)\); never crossed: 0"),
    ],
)
def test_a_quartic_sticks_or_spreads_or_is_never_crossed_at_its_minimum(reading, reason):
    case = CASES["quartic"]
    for kind in (AbsoluteEigenvalues(), PositivePart()):
        with pytest.raises(NoStationaryDensity, match=reason):
            FokkerPlanck(equation(case, 0.5, kind, reading), case.grid).stationary()
    if reading == AntiIto():  # p ~ exp(-w^2 / 6 scale) on either side, with the mass that began there
        start = gaussian([0.3], [[0.2]], case.grid)
        limit = FokkerPlanck(equation(case, 0.5, AbsoluteEigenvalues(), reading), case.grid).limit_law(start)
        assert limit.weights[1] == pytest.approx(start.values[120:].sum() * case.grid.cell_volume, abs=1e-12)
        expected = closed_form(case, 0.5, AbsoluteEigenvalues(), reading, 0.0, 3.0)
        assert missed(limit.classes[1].law.values, expected, case.grid) < 1e-8
