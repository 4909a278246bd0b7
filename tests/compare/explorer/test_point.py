"""The laws at one point: what is exact, what is counted, what has a reason in its place; the study of it."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import numpy as np
import pytest
from network_studies import law_studies

from compare.distances import total_variation
from compare.explorer import PointSettings, explore_point, explored_table
from compare.explorer.answer import answer
from compare.explorer.opened import opened
from compare.explorer.picture import with_picture
from compare.explorer.ranges import stops
from compare.explorer.reduced import reduced_study
from compare.explorer.saved import command_line, file_name, study_toml
from compare.explorer.told import law_rows, sgd_line, stability_of, verdict_line
from compare.stages.exact import _laws
from compare.study import read_study
from compare.study.source import study_table
from theory import FokkerPlanck, InputError, posterior

SMALL = {
    "name": "small",
    "seed": 1,
    "model": {"q": "w - 1/2", "noise_std": 2.0},
    "sgd": {"learning_rate": 0.1, "batch_size": 20, "steps": 60, "walkers": 4000},
    "start": {"uniform": [[-1.0, 2.0]]},
    "grid": {"lower": [-1.5], "upper": [2.5], "cells": [160]},
    "posterior": {"examples": 100},
}


@pytest.fixture(scope="module")
def study():
    return read_study(SMALL)


@pytest.fixture(scope="module")
def point(study):
    return explore_point(study)


def moved(study, **numbers):
    return replace(PointSettings.of(study.source), **numbers)


def distance(point, name):
    return next(row.distance for row in law_rows(point) if row.name == name)


def test_laws_are_those_of_the_parts(study, point):
    ((exact, outside),) = _laws(study, None, [study.steps])
    assert point.exact
    assert point.notes == ()
    assert outside < 1e-3
    np.testing.assert_array_equal(point.report.laws["sgd"].law.values, exact.values)
    own = FokkerPlanck(study.equation, study.grid.refined(3)).stationary().coarsen(3)
    np.testing.assert_array_equal(point.report.laws["fokker_planck"].law.values, own.values)
    beside = posterior(study.model, 100, study.grid.refined(3)).coarsen(3)
    found = total_variation(exact, beside)
    assert distance(point, "posterior").value == found.value
    assert distance(point, "posterior").noise_floor == 0
    assert abs(distance(point, "gibbs").value - distance(point, "posterior").value) > 0.1


def test_what_the_last_half_moves_is_that_of_the_law_at_half_of_the_steps():
    still = read_study({**SMALL, "sgd": {**SMALL["sgd"], "steps": 9}, "start": {"uniform": [[0.5, 2.0]]}})
    movement = explore_point(still).report.last_half
    ((half, _),), ((last, _),) = (_laws(still, None, [step]) for step in (5, 9))
    assert (movement.half, movement.steps) == (5, 9)
    assert movement.distance.value == pytest.approx(total_variation(last, half).value, abs=1e-12)
    assert movement.distance.value > 0.1  # control: the law moves


def test_words_of_a_point(point):
    assert sgd_line(point).startswith("SGD's law after 60 steps is exact, by its transition operator, error ")
    assert stability_of(point) == ("minimum at 0.5: curvature h = 1, eta h = 0.1 < 2",)
    assert verdict_line(point).startswith("The Gibbs measure fitted to SGD is nearest to SGD's, ")
    assert "SGD's exact law lies" in verdict_line(point)


def test_a_larger_rate_is_farther_from_its_limit(study, point):
    other = explore_point(study, moved(study, learning_rate=0.4))
    assert distance(other, "fokker_planck").low > 2 * distance(point, "fokker_planck").high
    assert stability_of(other) == ("minimum at 0.5: curvature h = 1, eta h = 0.4 < 2",)


def test_of_an_earlier_point_only_the_posterior_is_made_anew(study, point):
    other = explore_point(study, moved(study, examples=10.0), earlier=point)
    alone = explore_point(study, moved(study, examples=10.0))
    assert other.report.laws["fokker_planck"] is point.report.laws["fokker_planck"]
    assert distance(other, "posterior") == distance(alone, "posterior") != distance(point, "posterior")
    assert verdict_line(other) == verdict_line(alone)
    again = explore_point(study, moved(study, learning_rate=0.11), earlier=point)
    assert again.report.laws["fokker_planck"] is not point.report.laws["fokker_planck"]


def test_with_momentum_sgd_is_counted_with_a_floor(study):
    found = explore_point(study, moved(study, momentum=0.5))
    assert not found.exact
    assert "with momentum" in sgd_line(found)
    assert "is that of 4000 walkers" in sgd_line(found)
    assert 0 < distance(found, "gibbs").noise_floor < 0.1
    assert distance(explore_point(study, moved(study, momentum=0.5)), "gibbs") == distance(found, "gibbs")


def test_where_a_law_does_not_exist_its_reason_is_told(study):
    found = explore_point(study, moved(study, learning_rate=2.2))
    reasons = {row.name: row.reason for row in law_rows(found)}
    assert "SGD's law must fit into [grid]" in sgd_line(found)
    assert "no law of SGD" in reasons["gibbs"]
    assert found.report.comparison is None
    assert reasons["posterior"] == reasons["fokker_planck"] == ""
    assert "unstable" in stability_of(found)[0]
    page, _ = answer(study, moved(study, learning_rate=2.2), None)
    assert "none: there is no law of SGD" in page.html
    assert page.problem == ""


def test_a_limit_law_says_what_it_stands_for():
    table = study_table("sharp-and-flat")
    found = explore_point(read_study(table), replace(PointSettings.of(table), learning_rate=0.001))
    (row,) = [row for row in law_rows(found) if row.name == "fokker_planck"]
    assert row.numbers
    assert "point mass at 1.8" in row.reason
    assert "20000 walkers of the study's 100000" in found.notes


def test_a_plane_is_computed_on_fewer_cells_and_says_so():
    found = reduced_study(study_table("rotated-noise"))
    assert found.study.grid.cells == (32, 32)
    assert found.notes == ("32 x 32 cells of the study's 60 x 60",)
    many = {**SMALL, "sgd": {**SMALL["sgd"], "steps": 10**6}}
    assert reduced_study(many).study.steps == 20_000
    assert reduced_study(many).notes == ("20000 steps of the study's 1000000",)


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("__import__('os').system('true')", "a variable must be a plain name"),
        ("w**", "does not parse"),
        ("", "must not be empty"),
        ("w; ", "must not be empty"),
        ("w + v", "[grid] must have as many axes as the model has variables"),
        ("7", "variable"),
        ("log(w)", "must be finite on [grid]"),
        ("<script>alert(1)</script>", "does not parse"),
    ],
)
def test_a_formula_is_data_and_a_wrong_one_a_line(study, formula, said):
    found, none = answer(study, moved(study, formula=formula), None)
    assert said in found.problem
    assert "\n" not in found.problem
    assert "<script" not in found.html
    assert none is None


def test_a_fault_of_ours_is_a_line_too(study, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("of ours\nin two lines")

    monkeypatch.setattr("compare.explorer.answer.explore_point", broken)
    found, _ = answer(study, moved(study), None)
    assert found.problem == "this point cannot be computed: ZeroDivisionError: of ours in two lines"


@pytest.mark.parametrize("name", law_studies())
def test_every_shipped_study_can_be_saved_at_another_point(name):
    study, opening = opened(name)
    own = opening.settings
    assert (len(opening.stops["momentum"]) > 1) == (name != "adam")
    assert explored_table(study.source, own) == study.source
    momentum = 0.0 if study.sgd.rules else 0.3  # Adam has its own
    there = PointSettings(own.formula, own.learning_rate / 3, 7, momentum, own.noise / 3, 0.25, 50.0)
    table = explored_table(study.source, there)
    assert tomllib.loads(study_toml(table)) == table
    again = read_study(tomllib.loads(study_toml(table)))
    assert again.sgd.learning_rate == own.learning_rate / 3
    assert again.sgd.momentum == momentum
    assert again.posterior_examples == 50.0
    assert again.walkers == study.walkers
    found = PointSettings.of(table)
    assert found == replace(there, noise=1.0 if "matrix" in study.source.get("noise", {}) else there.noise)
    assert set(opening.stops) == {"learning_rate", "batch_size", "momentum", "noise", "added_noise", "examples"}
    for number, values in opening.stops.items():
        assert getattr(own, number) in values.values()


def test_added_noise_joins_what_is_there():
    noisy = {
        **SMALL,
        "sgd": {**SMALL["sgd"], "noise": [{"kind": "label", "std": 1.0}, {"kind": "gaussian", "std": 0.5}]},
    }
    own = PointSettings.of(noisy)
    assert own.added_noise == 0.5
    assert explored_table(noisy, replace(own, added_noise=2.0))["sgd"]["noise"][1] == {
        "kind": "gaussian",
        "std": 2.0,
    }
    assert explored_table(noisy, replace(own, added_noise=0.0))["sgd"]["noise"] == [{"kind": "label", "std": 1.0}]
    assert noisy["sgd"]["noise"][1]["std"] == 0.5
    assert "noise" not in explored_table(SMALL, replace(PointSettings.of(SMALL), learning_rate=0.2))["sgd"]


def test_batches_stay_in_the_data_and_bare_landscapes_keep_noise():
    own = PointSettings.of(SMALL)
    assert max(stops(own, 100, has_labels=True)["batch_size"].values()) == 100
    assert min(stops(own, None, has_labels=True)["noise"].values()) == 0
    assert min(stops(own, None, has_labels=False)["noise"].values()) > 0


def test_names_of_files_are_those_of_a_shell():
    assert file_name("regular") == "regular-explored.toml"
    assert file_name("some where/my study's.toml") == "my-study-s-explored.toml"
    assert file_name("regular-explored.toml") == "regular-explored.toml"
    assert command_line("regular-explored.toml") == "gibbsgap compare regular-explored.toml"


def test_three_variables_are_refused():
    table = {
        **SMALL, "model": {"q": "x*y*z"}, "start": {"uniform": [[-1.0, 1.0]] * 3},
        "grid": {"lower": [-1.0] * 3, "upper": [1.0] * 3, "cells": [8] * 3},
    }  # fmt: skip
    with pytest.raises(InputError, match="one or two variables to be explored, this one has 3"):
        reduced_study(table)


def test_every_law_is_drawn_that_there_is(study):
    found, _ = answer(study, moved(study), None)
    assert tomllib.loads(found.toml) == study.source
    wide, phone = (with_picture(found, narrow=narrow).html for narrow in (False, True))
    assert 'src="data:image/svg+xml;base64,' in wide
    assert len(wide) != len(phone)
    assert "about:blank" not in wide + phone


def test_what_cannot_be_drawn_is_a_line(study, monkeypatch):
    def broken(_):
        raise OverflowError("of ours\nin two lines")

    found, _ = answer(study, moved(study), None)
    monkeypatch.setattr("compare.explorer.picture.draw_explored", broken)
    told = with_picture(found, narrow=False)
    assert told.problem == "this point cannot be drawn: OverflowError: of ours in two lines"
    assert told.html == ""  # the page says the line itself
