"""Laws of noise by |H| in a plane against products of those on lines; gates that nobody passes back."""

from __future__ import annotations

import numpy as np
import pytest

from theory import (
    AbsoluteEigenvalues,
    AntiIto,
    FokkerPlanck,
    Grid,
    HessianProportional,
    InputError,
    Ito,
    Langevin,
    NoStationaryDensity,
    PositivePart,
    SmoothAbsolute,
    Stratonovich,
    SymbolicLandscape,
    gaussian,
)
from theory.fokker_planck.lattice import stationary

READINGS = [Ito(), Stratonovich(), AntiIto()]
BOTH = [(Ito(), AbsoluteEigenvalues()), (Stratonovich(), PositivePart()), (AntiIto(), AbsoluteEigenvalues())]
WELLS = "(x**2 - 1)**2/4 + x/20"


def equation(formula, scale, kind, reading=Ito()):  # noqa: B008 - frozen
    landscape = SymbolicLandscape(formula)
    return Langevin(landscape, HessianProportional(landscape, scale, kind), reading)


def missed(law, first, second):
    return np.abs(law.probabilities - np.outer(first.probabilities, second.probabilities)).sum() / 2


@pytest.mark.parametrize(("reading", "kind"), BOTH, ids=lambda one: type(one).__name__)
def test_products_on_a_torus_with_kinks_that_the_drift_crosses(reading, kind):
    misses = []
    for n in (12, 20):
        grid, line = Grid([-np.pi] * 2, [np.pi] * 2, [n, n], periodic=True), Grid(-np.pi, np.pi, n, periodic=True)
        law = FokkerPlanck(equation("2 - cos(x) - cos(y)", 0.1, kind, reading), grid).stationary()
        one = FokkerPlanck(equation("1 - cos(x)", 0.1, kind, reading), line).stationary()
        misses.append(missed(law, one, one))
        assert misses[-1] <= law.error < 0.01
        assert law.mass(lambda w: (np.abs(w) > np.pi / 2 + 0.3).any(axis=-1)) == 0
        if n == 20:  # control: another reading
            other = AntiIto() if reading == Ito() else Ito()
            wrong = FokkerPlanck(equation("1 - cos(x)", 0.1, kind, other), line).stationary()
            assert missed(law, wrong, wrong) > 100 * law.error
    assert misses[0] > (20 / 12) ** 4 * misses[1]  # of fourth order at least


@pytest.mark.parametrize("kind", [AbsoluteEigenvalues(), PositivePart()], ids=lambda one: type(one).__name__)
@pytest.mark.parametrize(
    ("formula", "grid"),
    [
        ("2 - cos(x) - cos(y)", Grid([-np.pi] * 2, [np.pi] * 2, [14, 14], periodic=True)),
        ("-exp(-x**2/2) + y**2", Grid([-2.25, -1.7], [2.25, 1.7], [15, 15])),
    ],
)
@pytest.mark.parametrize("scale", [0.1, 0.5])
def test_centres_may_lie_on_lines_without_noise(formula, grid, scale, kind):
    law = FokkerPlanck(equation(formula, scale, kind, AntiIto()), grid).stationary()
    lines = [Grid(*ends) for ends in zip(grid.lower, grid.upper, grid.cells, grid.periodic, strict=True)]
    parts = ("1 - cos(x)",) * 2 if grid.periodic[0] else ("-exp(-x**2/2)", "x**2")
    first, second = (
        FokkerPlanck(equation(part, scale, kind, AntiIto()), line).stationary()
        for part, line in zip(parts, lines, strict=True)
    )
    assert missed(law, first, second) <= law.error < 0.02


@pytest.mark.parametrize("reading", READINGS, ids=lambda one: type(one).__name__)
def test_products_of_wells_without_kinks(reading):
    misses, kind = [], SmoothAbsolute(0.5)
    for n in ((22, 16), (33, 24), (44, 32)):
        grid = Grid((-2.2, -1.6), (2.2, 1.6), n)
        law = FokkerPlanck(equation(f"{WELLS} + 2*y**2", 0.1, kind, reading), grid).stationary()
        first = FokkerPlanck(equation(WELLS, 0.1, kind, reading), Grid(-2.2, 2.2, n[0])).stationary()
        second = FokkerPlanck(equation("2*x**2", 0.1, kind, reading), Grid(-1.6, 1.6, n[1])).stationary()
        misses.append(missed(law, first, second))
        assert misses[-1] <= law.error
    assert misses[2] < misses[0] / 3


@pytest.mark.parametrize(("reading", "kind"), BOTH, ids=lambda one: type(one).__name__)
def test_wells_behind_gates_keep_what_the_start_gives_them(reading, kind):
    here = equation(f"{WELLS} + 2*y**2", 0.05, kind, reading)
    misses = []
    for n in ((16, 10), (32, 20)):
        grid, line = Grid((-2.2, -1.6), (2.2, 1.6), n), Grid(-2.2, 2.2, n[0])
        start = gaussian([0.1, 0.0], [[0.1, 0.0], [0.0, 0.1]], grid)
        found = FokkerPlanck(here, grid).limit_law(start)
        first = FokkerPlanck(equation(WELLS, 0.05, kind, reading), line).limit_law(gaussian([0.1], [[0.1]], line))
        assert found.weights == pytest.approx(first.weights, abs=1 / n[0])  # of first order
        second = FokkerPlanck(equation("2*x**2", 0.05, kind, reading), Grid(-1.6, 1.6, n[1])).stationary()
        for one, other in zip(found.classes, first.classes, strict=True):
            misses.append(missed(one.law, other.law, second))
            assert misses[-1] <= one.law.error < 0.02
        with pytest.raises(NoStationaryDensity, match=r"2 recurrent classes.*walkers never come back"):
            FokkerPlanck(here, grid).stationary()
    assert sum(misses[:2]) > 4 * sum(misses[2:])


def test_nobody_passes_back_through_a_gate_at_any_time():
    grid = Grid((-2.2, -1.6), (2.2, 1.6), (44, 32))
    start = gaussian([1.0, 0.0], [[0.005, 0.0], [0.0, 0.05]], grid)
    gated = FokkerPlanck(equation(f"{WELLS} + 2*y**2", 0.05, AbsoluteEigenvalues()), grid)
    (law,) = gated.evolve(start, [5.0])
    assert law.mass(lambda w: w[..., 0] < 0) < 1e-6
    with pytest.raises(InputError, match="never reach"):
        gated.mean_first_passage_time(lambda w: w[..., 0] < -0.7)
    smooth = FokkerPlanck(equation(f"{WELLS} + 2*y**2", 0.05, SmoothAbsolute(0.5)), grid)  # control
    assert smooth.evolve(start, [5.0])[0].mass(lambda w: w[..., 0] < 0) > 1e-3


def test_a_curve_that_noise_crosses_elsewhere_is_no_gate():
    here = equation(f"{WELLS} + 2*y**2*(1 + x**2/2)", 0.05, AbsoluteEigenvalues())
    law = FokkerPlanck(here, Grid((-2.2, -1.6), (2.2, 1.6), (44, 32))).stationary()
    assert 0.9 < law.mass(lambda w: w[..., 0] < 0) < 1


def test_a_law_with_a_cusp_is_known_where_coarser_grids_resolve_nothing():
    here = equation("(x**2 - 1)**2/4 + 2*y**2*(1 + x**2/2)", 0.05, AbsoluteEigenvalues())
    found = FokkerPlanck(here, Grid((-2.2, -1.6), (2.2, 1.6), (88, 64)))
    law, mesh = found.stationary(), found.solution.density.error
    fine = FokkerPlanck(here, Grid((-2.2, -1.6), (2.2, 1.6), (264, 192))).stationary().coarsen(3)
    assert 0.01 < np.abs(law.probabilities - fine.probabilities).sum() / 2 <= mesh < 0.03 < law.error
    with pytest.raises(NoStationaryDensity, match=r"where the law has mass it is weakest at w = \(0\.5667, "):
        FokkerPlanck(here, Grid((-2.2, -1.6), (2.2, 1.6), (66, 48))).stationary()


def test_errors_cover_where_the_noise_changes_by_powers_of_ten(monkeypatch):
    """A mesh of half the spacing sees the miss; what coarser meshes say alone, the control, is less."""
    parts, box = ("cosh(1.452*x)", "0.917*y**2/2 + 0.847*y**4/4"), ((-5.917, 5.585), (-2.606, 2.24))
    lines = []
    for part, ends in zip(parts, box, strict=True):
        form = SymbolicLandscape(part)
        noise = HessianProportional(form, 0.16, AbsoluteEigenvalues())
        lines.append(FokkerPlanck(Langevin(form, noise, AntiIto()), Grid(*ends, 24)).stationary().probabilities)
    form = SymbolicLandscape(" + ".join(parts))
    noise = HessianProportional(form, 0.16, AbsoluteEigenvalues())
    grid = Grid([box[0][0], box[1][0]], [box[0][1], box[1][1]], [24, 24])
    law = FokkerPlanck(Langevin(form, noise, AntiIto()), grid).stationary()
    miss = np.abs(law.probabilities - np.outer(*lines)).sum() / 2
    assert miss <= law.error < 3 * miss
    monkeypatch.setattr(stationary, "MOST_CHECKED", 0)
    monkeypatch.setattr(stationary, "SAFETY", 1.0)
    assert FokkerPlanck(Langevin(form, noise, AntiIto()), grid).stationary().error < miss
