"""[loss_slope] in a study: read, run by every method, and refused in one line."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from slope_studies import FEW, ISOTROPIC, RATES, power, regression, slope_table, slopes

import compare
from compare.job import SlopesInterrupted, run_slopes, run_study
from compare.report import summary
from compare.slope import LossSlope, LossSlopes
from compare.slope.fitted import fitted_grid, settling_steps
from compare.study import load_study, read_slope_study, read_study, shipped_studies
from simulate import SGD
from theory import InputError, Isotropic, NoisyGradient, SymbolicLandscape
from theory.base.absent import Absent
from theory.points import locate_minimum

Table = dict[str, Any]
BOX = {"lower": [-1.0], "upper": [1.0], "cells": [100]}
CIRCLE = {"lower": [-3.0], "upper": [3.0], "cells": [60], "periodic": True}


def run(table: Table) -> LossSlopes:
    return run_slopes(read_slope_study(table), threads=1)


@pytest.mark.parametrize(
    ("dim", "trace", "methods"),
    [
        (1, 1.0, {"sampling", "operator", "fokker planck", "formula"}),
        (2, 1.5, {"sampling", "formula"}),
        (5, 4.71361, {"sampling", "formula"}),
    ],
)
def test_linear_regression_has_the_slope_tr_c_over_4_b(dim: int, trace: float, methods: set[str]) -> None:
    found = slopes(regression(dim, "all" if dim == 1 else sorted(methods), **FEW))
    assert set(found) == methods
    for name, one in found.items():
        low, high = one.interval()
        assert one.prediction.value == pytest.approx(trace / 16, rel=1e-5), name
        assert abs(one.slope / (trace / 16) - 1) < 0.01, name
        assert low <= one.prediction.value <= high, name  # a formula knows it beyond the digits of `trace`
        assert not low <= trace / 8 <= high, name  # control: the loss of one step
        assert one.verdict == "agrees", name


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_powers_have_their_learning_coefficient(k: int) -> None:
    """By SGD's own law and by Fokker-Planck, on grids that nobody gave."""
    found = run(power(k, ["operator", "fokker planck"]))
    for name in ("operator", "fokker planck"):
        one = found.methods[name]
        assert isinstance(one, LossSlope), one
        assert abs(one.slope / (1 / (2 * k) / 8) - 1) < 0.01, name
        assert one.verdict == "agrees", name
    assert found.verdict == "agrees"
    assert np.isinf(found.edge) == (k > 1)


def test_rates_must_increase_and_a_seed_counts() -> None:
    one = run(regression(1, ["formula", "sampling"], **FEW))
    assert one.rates == tuple(RATES)
    assert list(one.found) == ["formula", "sampling"]
    with pytest.raises(InputError, match=r"must increase, got \[0.16, 0.08, 0.04, 0.02\]; write \[0.02, "):
        run(regression(1, ["formula"], rates=RATES[::-1]))
    seeded = run_slopes(read_slope_study(power(2, ["sampling"], **FEW)).reseeded(5))
    plain = run(power(2, ["sampling"], **FEW))
    assert seeded.methods["sampling"].slope != plain.methods["sampling"].slope  # type: ignore[union-attr]


def test_noise_of_a_quadratic_loss_that_follows_its_hessian_is_constant() -> None:
    noise = {"kind": "hessian", "scale": 0.0125}  # C = c H with c = 2 B scale / learning rate = 1
    found = run(slope_table({"landscape": "w**2 + 2*v**2 + w*v"}, ["formula", "fokker planck"], noise=noise))
    assert found.prediction.value == pytest.approx(6 / 16)  # tr C / (4 B)
    assert {found.verdict_of(name) for name in found.asked} == {"agrees"}
    quartic = slope_table({"landscape": "w**2 + w**4"}, ["formula"], noise=noise)
    with pytest.raises(InputError, match="a formula needs a quadratic loss with constant noise"):
        run(quartic)


def test_all_lists_what_a_model_does_not_allow_with_the_reason() -> None:
    found = run(regression(2, sgd={"momentum": 0.5}, **FEW) | {"seed": 3})
    assert found.methods["operator"] == Absent("the transition operator of positions alone needs no momentum")
    assert found.methods["formula"] == Absent("the formula of minibatch noise needs no momentum")
    assert "operator: none: the transition operator" in found.table()
    assert found.verdict == "agrees"
    assert found.verdict_of("formula") == "none"
    data = found.to_xarray()
    assert data.sel(found_by="sampling").slope == pytest.approx(1.5 / 8, rel=0.01)
    assert np.isnan(data.sel(found_by="formula").slope)
    assert str(data.sel(found_by="formula").status.item()).startswith("none: ")


@pytest.mark.parametrize("table", [slope_table({"q": "w**2"}, **FEW), slope_table({"q": "w**2"}, grid=BOX, **FEW)])
def test_noise_that_vanishes_at_a_degenerate_minimum_has_no_prediction(table: Table) -> None:
    found = run(table)
    assert found.verdict == "no prediction"
    assert found.prediction.value is None
    assert "no prediction: the noise of the gradient vanishes at the minimum" in found.table()
    assert found.table().endswith(f"verdict: no prediction (0 of {len(found.asked)} methods found a slope)")
    assert {found.verdict_of(name) for name in found.asked} == {"no prediction"}
    assert all(str(one).startswith("none: ") for one in found.methods.values())


def test_several_minima_are_seen_by_every_method() -> None:
    wells = slope_table(
        {"landscape": "(w**2 - 1)**2/4"}, ["fokker planck", "sampling"], noise=ISOTROPIC,
        grid={"lower": [-3.0], "upper": [3.0], "cells": [120]}, walkers=20, steps=10, burn_in=400,
    )  # fmt: skip
    found = run(wells)
    assert found.verdict == "no prediction"
    assert "several minima" in found.prediction.reason
    for one in found.found.values():
        assert "several minima" in one.prediction.reason
    assert (
        "a grid of 120 cells from [-3] to [3]" in found.found["fokker planck"].method
    )  # the whole one, where all wells are


def test_a_crossing_takes_the_grid_of_the_study() -> None:
    box = {"lower": [-1.0, -1.0], "upper": [1.0, 1.0], "cells": [60, 60]}
    table = slope_table({"landscape": "x**2*y**2"}, ["fokker planck"], noise=ISOTROPIC, grid=box)
    assert run(table).found["fokker planck"].prediction.multiplicity == 2
    table.pop("grid")
    with pytest.raises(InputError, match=r"no method finds .* width of the law is not known .* give \[grid\]"):
        run(table)


def test_a_fitted_grid_follows_the_law_and_a_burn_in_its_pace() -> None:
    quartic = NoisyGradient(SymbolicLandscape("w**4/4"), Isotropic(1.0, 1))
    bowl = NoisyGradient(SymbolicLandscape("w**2"), Isotropic(1.0, 1))
    sgd = SGD(0.1, 4)
    for model, exponent in ((quartic, 0.25), (bowl, 0.5)):
        minimum = locate_minimum(model)
        grid = fitted_grid(model, sgd, minimum, np.array([1e-5, 1e-3]))
        ratio = grid(1e-3).upper[0] / grid(1e-5).upper[0]
        assert ratio == pytest.approx(100**exponent, rel=0.05)
        pace = [settling_steps(model, SGD(rate, 4), minimum) for rate in (1e-5, 1e-3)]
        assert pace[0] / pace[1] == pytest.approx(100 ** (2 - 2 * exponent), rel=0.05)
    assert pace[0] == pytest.approx(1 / (1e-5 * 2))


def test_a_comparison_has_the_slope_as_its_last_stage() -> None:
    table = {
        **regression(1, ["formula"]),
        "sgd": {"learning_rate": 0.1, "batch_size": 4, "steps": 30, "walkers": 300},
        "start": {"point": [0.5]},
        "grid": {"lower": [-1.0], "upper": [2.0], "cells": [60]},
    }
    study = read_study(table)
    report = run_study(study, threads=1)
    assert report.complete
    assert report.slopes is not None
    assert list(report.timings)[-2:] == ["loss slope", "verdict"]
    assert report.slopes.table() in summary(report)
    alone = run_slopes(study)
    assert alone.to_xarray().identical(report.slopes.to_xarray())
    report.slopes.methods.clear()
    assert not report.complete
    table.pop("loss_slope")
    assert run_study(read_study(table), threads=1).slopes is None
    with pytest.raises(InputError, match=r"needs \[loss_slope\] in the study, it is missing"):
        run_slopes(read_study(table))


def test_an_interruption_carries_the_methods_that_were_finished() -> None:
    def tell(line: str) -> None:
        if "fokker planck" in line:
            raise KeyboardInterrupt

    with pytest.raises(SlopesInterrupted) as caught:
        run_slopes(read_slope_study(power(1, ["fokker planck", "formula"])), tell=tell)
    assert list(caught.value.slopes.found) == ["formula"]
    assert not caught.value.slopes.complete
    assert "fokker planck: none: interrupted before it was run" in caught.value.slopes.table()


@pytest.mark.parametrize("name", ["loss-slope", "loss-slope-quartic"])
def test_the_studies_that_ship_agree(name: str) -> None:
    assert name in shipped_studies()
    found = run_slopes(load_study(name))
    assert {found.verdict_of(method) for method in found.asked} == {"agrees"}
    for one in found.found.values():
        assert abs(one.slope / one.prediction.value - 1) < 0.01


BAD = [
    (
        regression(rates=[0.1, 0.2]),
        r"`rates` in \[loss_slope\] must have 3 to 100 numbers, got 2",
    ),
    (regression(rates=[0.1, 0.2, 0.2]), "at least 3 different learning rates"),
    (regression(rates=[0.1, 0.2, -0.2]), r"`rates` in \[loss_slope\] must be positive"),
    (regression(rates=[0.1, 0.2, float("nan")]), "`rates` in \\[loss_slope\\] must be a list of finite numbers"),
    (regression(rates=[0.1, 0.2, 2.5]), r"must be below 2 .* got 2.5 at the rate 2.5; take rates below 2"),
    (regression(rates=[0.1, 0.2, 1.9]), "stable in mean square"),
    (regression(1, ["formla"]), "holds 'formla', which is unknown; did you mean 'formula'"),
    (regression(1, []), "`methods` in \\[loss_slope\\] must be a list among"),
    (regression(1, ["all", "formula"]), "must be 'all' alone or a list"),
    (regression(1, ["formula", "formula"]), "must be different"),
    (regression(2, ["operator"]), "holds 'operator', but .* one formula `q`, this model has 2; take sampling"),
    (regression(5, ["fokker planck"]), "holds 'fokker planck', but a grid is for 1 or 2 variables"),
    (power(2, ["formula"]), "holds 'formula', but a formula needs a quadratic loss .*; take sampling"),
    (slope_table({"q": "w + w**2"}, ["formula"]), "needs `q` affine in its variables; take sampling"),
    (regression(1, ["operator"], sgd={"momentum": 0.5}), "needs no momentum; take sampling"),
    (slope_table({"landscape": "1 - cos(w)"}, ["sampling"], noise=ISOTROPIC, grid=CIRCLE), "take operator"),
    (regression(1, minimum=[0.0, 1.0]), "`minimum` in \\[loss_slope\\] must have as many numbers"),
    (
        slope_table({"landscape": "w**4 - w**2"}, minimum=[0.0], noise=ISOTROPIC),
        "`minimum` must be a minimum, the Hessian at .* has the eigenvalue -2",
    ),
    (
        slope_table({"landscape": "sqrt(1 + (w - 9)**2)"}, minimum=[2.0], noise=ISOTROPIC),
        "`minimum` must be a minimum, the gradient at",
    ),
    (slope_table({"landscape": "1 + exp(-w)"}, noise=ISOTROPIC), "Newton's method does not come to rest"),
    (
        slope_table({"landscape": "exp(-w)"}, noise=ISOTROPIC, grid=BOX),
        "must have a minimum on the grid, got none",
    ),
    (regression(1, ["formula"], walkers=100), "`walkers` .* is of the method sampling, which is not run"),
    (regression(1, walkers=5), "`walkers` in \\[loss_slope\\] must be a whole number, at least 20, got 5"),
    (regression(1, confidence=95), "`confidence` in \\[loss_slope\\] must lie between 0 and 1, got 95"),
    (regression(1, burnin=10), "no key `burnin` in \\[loss_slope\\]; did you mean 'burn_in'"),
    (regression(sgd={"preconditioner": 2.0}), "\\[loss_slope\\] does not fit: .* plain SGD, got preconditioner"),
    (regression(sgd={"sampling": "with replacement"}), "needs fresh data"),
    (
        regression(sgd={"sampling": "with replacement"}) | {"data": {"examples": 100}},
        r"needs fresh data, this study has a fixed data set; leave out \[data\] and `sampling`",
    ),
    (regression(rates=[0.1, 0.2, 0.2 + 2e-10]), "must differ by a thousandth .* got 0.2 and 0.2000000002"),
    (
        slope_table({"landscape": "1", "variables": ["w"]}, noise=ISOTROPIC),
        "must have a minimum, it is flat",
    ),
    (slope_table({"landscape": "abs(w) + w**2/2"}, minimum=[0.0], noise=ISOTROPIC), "the loss has a kink at"),
    (slope_table({"landscape": "w**3"}, noise=ISOTROPIC), "must be a minimum, the loss falls to -1 at"),
    (
        slope_table({"landscape": "w**2"}, noise={"kind": "minibatch"}),
        "isotropic, constant, hessian or loss",
    ),
    (
        slope_table({"landscape": "log(w)**2/2"}, ["operator"], minimum=[1.0], noise=ISOTROPIC),
        r"at the rate 0.08, from \[-0.\d+\] to .*, leaves the domain .*; take lower rates or give \[grid\]",
    ),
    (regression(sgd={"steps": 20}), "`steps` in \\[sgd\\] is of a study with \\[start\\]"),
    (
        regression(1) | {"posterior": {"examples": 10}},
        r"\[posterior\] is of a study that compares laws and has \[start\]",
    ),
    (power(2, ["sampling"], rates=[0.2, 0.3, 2.0], **FEW), "no method finds .* sampling: .* walkers diverged"),
]


@pytest.mark.parametrize(("table", "words"), BAD)
def test_what_has_no_slope_is_refused_in_one_line(table: Table, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        run(table)
    assert "\n" not in str(caught.value)


def test_a_study_of_a_slope_alone_has_no_laws_to_compare() -> None:
    with pytest.raises(InputError, match="no \\[start\\] is for gibbsgap slope"):
        read_study(regression())
    assert compare.read_slope_study is read_slope_study
