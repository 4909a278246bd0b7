"""[noise_against_hessian] in a study: read, run at every place, kept in files and drawn, refused in one line."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt

from compare.comparison import NoiseAgainstHessian
from compare.figures import draw_files, draw_noises
from compare.job import run_study
from compare.report import Report, summary
from compare.results import open_results, result_files
from compare.results.study_files import report_as_json
from compare.study import load_study, read_slope_study, read_study
from theory import AbsoluteEigenvalues, InputError, PositivePart, SmoothAbsolute

Table = dict[str, Any]
BOWL: Table = {
    "name": "C = c H",
    "model": {"landscape": "x**2/2 + 2*y**2"},
    "sgd": {"learning_rate": 0.02, "batch_size": 4, "steps": 300, "walkers": 6000},
    "start": {"normal": {"mean": [0.0, 0.0], "std": [0.1, 0.1]}},
    "noise": {"kind": "hessian", "scale": 0.01},
    "langevin": {"substeps": 2},
    "grid": {"lower": [-0.5, -0.5], "upper": [0.5, 0.5], "cells": [20, 20]},
    "noise_against_hessian": {},
}
LINE: Table = {
    "name": "two wells of one variable",
    "model": {"q": "w**2 - 1", "noise_std": 0.3},
    "sgd": {"learning_rate": 0.01, "batch_size": 2, "steps": 200, "walkers": 2000},
    "start": {"point": [1.0]},
    "langevin": {"substeps": 2},
    "grid": {"lower": [0.7], "upper": [1.3], "cells": [60]},
    "noise_against_hessian": [
        {"name": "right"},
        {"name": "left", "start": {"point": [-1.0]}, "grid": {"lower": [-1.3], "upper": [-0.7], "cells": [60]}},
        {"name": "far", "start": {"point": [1.2]}, "grid": {"lower": [1.19], "upper": [1.3], "cells": [60]}},
    ],
}
OWN, HESSIAN, ISOTROPIC = "own noise C(w)", "noise c H", "isotropic noise"


def changed(table: Table, **entries: Any) -> Table:
    return copy.deepcopy(table) | entries


def place(report: Report, name: str) -> NoiseAgainstHessian:
    found = report.noises[name]
    assert isinstance(found, NoiseAgainstHessian), found
    return found


def test_noise_c_h_has_one_covariance_whatever_the_curvature_and_is_not_gibbs() -> None:
    """On a quadratic bowl: learning_rate c / 2B = scale along both axes of curvatures 1 and 4."""
    report = run_study(read_study(BOWL), threads=1)
    laws = report.laws
    np.testing.assert_allclose(laws["fokker_planck"].numbers["covariance"], 0.01 * np.eye(2), atol=2e-5)
    expected = np.diag([0.01 / (1 - 0.02 / 2), 0.01 / (1 - 0.08 / 2)])
    np.testing.assert_allclose(laws["sgd_exact"].numbers["stationary_covariance"], expected, rtol=1e-10)
    assert report.comparison is not None
    assert report.comparison.verdict("fokker_planck") == "agrees"
    assert report.comparison.verdict("gibbs") == "differs"  # whose variances are as 4 to 1
    found = place(report, "place 1")
    assert float(found.constant) == pytest.approx(2 * 4 * 0.01 / 0.02, rel=1e-10)
    assert [found.verdict(name) for name in (OWN, HESSIAN, ISOTROPIC)] == ["agrees", "agrees", "differs"]
    assert "noise against the Hessian at place 1" in summary(report)


def test_places_have_their_own_walkers_and_laws_and_a_failing_one_says_why() -> None:
    report = run_study(read_study(LINE), threads=1)
    assert report.complete
    right, left = place(report, "right"), place(report, "left")
    assert float(right.constant) == pytest.approx(0.3**2, rel=0.05)  # 2 s sigma^2, and more off the zeros of q
    assert left.laws[OWN].mean[0] == pytest.approx(-right.laws[OWN].mean[0], abs=1e-6)
    assert not np.array_equal(left.observed.probabilities, right.observed.probabilities[::-1])
    assert str(report.noises["far"]).startswith("none: the walkers must stay on the grid, ")
    assert "none: the walkers must stay on the grid" in summary(report)
    numbers = report_as_json(report)["noise_against_hessian"]
    assert numbers["right"]["status"] == "ok"
    assert numbers["right"]["constant"]["value"] == float(right.constant)
    assert numbers["right"]["comparisons"][HESSIAN]["verdict"] == right.verdict(HESSIAN)
    assert numbers["far"] == {"status": str(report.noises["far"])}


def test_files_hold_the_laws_and_figures_come_from_them() -> None:
    study = read_study(LINE)
    files = result_files(run_study(study, threads=1))
    assert files == {**result_files(run_study(study, threads=2)), "timings.json": files["timings.json"]}
    results = open_results(files)
    noises = results.noises
    assert noises is not None
    assert list(noises.law0.to_numpy()) == ["SGD", OWN, HESSIAN, ISOTROPIC]
    np.testing.assert_allclose(noises.density1.sum("w_1") * (noises.w_1[1] - noises.w_1[0]), 1, atol=2e-3)
    assert "density2" not in noises
    assert json.loads(noises.attrs["failed"])["far"].startswith("none: the walkers must stay on the grid")
    drawn = draw_files(results)
    assert drawn["noises.png"].startswith(b"\x89PNG")
    assert drawn["noises.pdf"].startswith(b"%PDF")
    with pytest.raises(InputError, match=r"noises\.nc must be the one that comparison\.json was written with"):
        open_results({**files, "noises.nc": files["laws.nc"]})


def test_an_interrupted_study_is_no_complete_one() -> None:
    report = Report(read_study(LINE))
    assert not report.complete
    missing = report_as_json(report)["noise_against_hessian"]["left"]
    assert missing == {"status": "none: interrupted before it was run"}


def test_what_replaces_the_hessian_is_absolute_unless_it_is_said() -> None:
    tables: list[Table] = [
        {},
        {"name": "b", "indefinite": "positive part"},
        {"name": "c", "indefinite": "smooth", "width": 0.1},
    ]
    plans = read_study(changed(BOWL, noise_against_hessian=tables)).noises
    assert [plan.name for plan in plans] == ["place 1", "b", "c"]
    assert [plan.indefinite for plan in plans] == [AbsoluteEigenvalues(), PositivePart(), SmoothAbsolute(0.1)]
    assert plans[0].grid == read_study(BOWL).grid


SQUARE = {"lower": [-1.0, -1.0], "upper": [1.0, 1.0], "cells": [20, 20]}
SGD: Table = BOWL["sgd"]


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"noise_against_hessian": 3}, r"\[noise_against_hessian\] of a study must be a table, got 3"),
        ({"noise_against_hessian": []}, "must be a table or up to 20, got 0"),
        ({"noise_against_hessian": {"nane": "a"}}, "no key `nane` in .*; did you mean 'name'"),
        ({"noise_against_hessian": [{"name": "a"}, {"name": "a"}]}, "`name` in .* must be different"),
        ({"noise_against_hessian": {"grid": SQUARE}}, "with a `grid` of its own needs `start` too"),
        ({"noise_against_hessian": {"start": {"point": [0.0]}}}, "must have 2 components"),
        ({"noise_against_hessian": {"start": {"point": [3.0, 0.0]}}}, "the start must lie in the grid"),
        ({"noise_against_hessian": {"name": " "}}, r"`name` in \[noise_against_hessian\] must be a line of text"),
        (
            {"noise_against_hessian": {"start": {"point": [0.0, 0.0]}, "grid": SQUARE | {"lower": [2.0, -1.0]}}},
            r"\[noise_against_hessian.grid\] does not fit: axis 0",
        ),
        (
            {"noise_against_hessian": [{}, {"start": {"point": [2.0, 0.0]}, "grid": SQUARE}]},
            r"^table 2 of \[\[noise_against_hessian\]\]: .* widen \[noise_against_hessian.grid\] or move "
            r"\[noise_against_hessian.start\]",
        ),
        (
            {"noise_against_hessian": {"start": {"normal": {"mean": [0.0, 0.0], "sdt": [0.1, 0.1]}}}},
            r"`std` in \[noise_against_hessian.start.normal\], it is missing; is 'sdt' misspelt",
        ),
        ({"noise_against_hessian": {"indefinite": "absolut"}}, "did you mean 'absolute'"),
        ({"noise_against_hessian": {"width": 0.1}}, "no key `width`"),
        (
            {
                "noise_against_hessian": {
                    "start": {"point": [0.0]},
                    "grid": {"lower": [-1.0], "upper": [1.0], "cells": [20]},
                }
            },
            "must have the 2 axes of",
        ),
        (
            {"sgd": SGD | {"preconditioner": 2.0}},
            r"\[noise_against_hessian\] does not fit: whether the noise .*preconditioner",
        ),
        ({"sgd": SGD | {"momentum": 0.5, "nesterov": True}}, r"\[noise_against_hessian\] does not fit: .*esterov"),
    ],
)
def test_what_is_refused(entries: Table, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_study(changed(BOWL, **entries))
    assert "\n" not in str(caught.value)


def test_fixed_data_and_studies_of_slopes_alone_are_refused() -> None:
    fixed = changed(LINE, sgd=LINE["sgd"] | {"sampling": "with replacement"}, data={"examples": 100})
    with pytest.raises(InputError, match=r"\[noise_against_hessian\] needs fresh data"):
        read_study(fixed)
    slope = changed(LINE, loss_slope={"rates": [0.01, 0.02, 0.03], "methods": "sampling"})
    del slope["start"]
    with pytest.raises(InputError, match="start"):
        read_slope_study(slope)


def test_the_shipped_study_names_a_place_with_a_fit_and_one_without() -> None:
    plans = load_study("hessian-and-minibatch").noises
    assert [plan.name for plan in plans] == ["a zero of q", "a minimum without a fit"]
    assert load_study("hessian-noise").noises == ()


WELLS: Table = {
    "name": "two wells whose noise |H| vanishes between them",
    "model": {"landscape": "(x**2 - 1)**2/4"},
    "sgd": {"learning_rate": 0.02, "batch_size": 4, "steps": 100, "walkers": 1000},
    "start": {"uniform": [[-1.2, 0.8]]},
    "noise": {"kind": "hessian", "scale": 0.02, "indefinite": "absolute"},
    "langevin": {"substeps": 2},
    "grid": {"lower": [-2.0], "upper": [2.0], "cells": [80]},
    "noise_against_hessian": [{}, {"name": "right", "start": {"point": [1.0]}}],
}


def test_a_place_has_the_limit_law_from_its_own_start_and_says_whether_walkers_settle() -> None:
    """Gates at -+ 1/sqrt(3): the first place shares its mass as the main table, the second is all to the right."""
    report = run_study(read_study(WELLS), threads=1)
    main = report.laws["fokker_planck"].numbers["limit_law"]
    found, right = place(report, "place 1"), place(report, "right")
    assert not found.reasons
    for name in (OWN, HESSIAN):
        weights = found.limits[name].weights
        np.testing.assert_allclose(weights, [part["weight"] for part in main], atol=1e-6)
        assert right.limits[name].weights == pytest.approx([1.0])
        assert "no unique stationary density" in found.not_unique[name]
    assert weights[0] == pytest.approx(0.6, abs=1e-6)  # of [-1.2, 0.8] what lies to the left of 0
    assert right.verdict(OWN) == "agrees"
    text, numbers = summary(report), report_as_json(report)["noise_against_hessian"]
    assert f"{HESSIAN}: limit law: 0.6 x density on (-2, -0.57735)" in text
    assert numbers["place 1"]["laws"][HESSIAN]["limit_law"][0]["weight"] == pytest.approx(0.6, abs=1e-6)
    assert numbers["place 1"]["checks"]["sgd_last_half"]["still_moving"]
    assert not numbers["right"]["checks"]["sgd_last_half"]["still_moving"]
    assert text.count("SGD's law still moves") == 3  # of the study, of the first place, and in the verdict
    assert "the laws of the three noises are of infinite time" in text
    assert "ranks of C: 1 everywhere; of H: 1 everywhere" in text
    assert " radians\n" in text
    assert numbers["right"]["hessian_ranks"] == {"1": 1.0}
    assert numbers["right"]["angle"]["unit"] == "radians"


FLAT: Table = {
    "name": "a slope whose law is that of the wall",
    "model": {"landscape": "x**2/2000"},
    "sgd": {"learning_rate": 0.01, "batch_size": 2, "steps": 50, "walkers": 500},
    "start": {"point": [0.5]},
    "noise": {"kind": "isotropic", "temperature": 1e-4},
    "langevin": {"substeps": 2},
    "grid": {"lower": [0.2], "upper": [0.8], "cells": [60]},
    "noise_against_hessian": [{"name": "no laws"}],
}


def test_a_place_without_any_law_is_drawn_with_its_reasons() -> None:
    report = run_study(read_study(FLAT), threads=1)
    found = place(report, "no laws")
    assert not found.laws
    results = open_results(result_files(report))
    assert results.noises is not None
    assert list(results.noises.law0.to_numpy()) == ["SGD"]
    assert json.loads(results.noises.attrs["reasons"]) == {"no laws": dict(found.reasons)}
    assert list(found.reasons) == [OWN, HESSIAN, ISOTROPIC]
    figure = draw_noises(results.noises)
    assert figure is not None
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == [
        "SGD",
        *(f"{name}: no law" for name in ("own noise $C(w)$", "noise $cH$", "isotropic noise")),
    ]
    plt.close(figure)


def test_a_refused_hessian_names_the_key_of_its_table() -> None:
    places = [{"indefinite": "refuse", "grid": WELLS["grid"] | {"cells": [40]}, "start": {"point": [1.0]}}]
    report = run_study(read_study(changed(WELLS, noise_against_hessian=places)), threads=1)
    reason = place(report, "place 1").reasons[HESSIAN]
    assert reason.endswith(
        'write `indefinite = "absolute"`, "positive part" or "smooth" in [noise_against_hessian]'
    )
