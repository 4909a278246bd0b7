"""Maps: refined along borders alone, lines where theory has them, nothing shown but what was measured."""

import json

import numpy as np
import pytest

from compare import draw, read_study, study_at, validity_map
from compare.maps.borders import borders
from compare.maps.refinement import shown
from compare.sweeps.laws.reason import Code
from simulate import run_sgd
from theory import InputError, LinearRegression, mean_square_stability_edge
from theory.points import step_factor

WELL = {
    "name": "a well",
    "seed": 1,
    "model": {"landscape": "w**2/2"},
    "sgd": {"learning_rate": 0.1, "batch_size": 4, "steps": 200, "walkers": 10_000},
    "start": {"normal": {"mean": [0.0], "std": [0.2]}},
    "noise": {"kind": "gradient", "std": 1.0},
    "grid": {"lower": [-3.0], "upper": [3.0], "cells": [120]},
}
REGRESSION = WELL | {"model": {"q": "w"}, "noise": {"kind": "minibatch"}}
RATES = [0.1 * 1.15**k for k in range(27)]  # to 3.8
BATCHES = [2, 4]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    store = tmp_path_factory.mktemp("map")
    return validity_map(
        read_study(WELL), settled=True, refine=1, workers=1, store=store, learning_rate=RATES, batch_size=BATCHES
    )


def test_cells_are_cut_where_a_law_ends_and_not_between(found):
    large = [cell for cell in found.cells if not cell.whole]
    assert 0 < len(found.cells) < found.data.cell.size
    assert all(not RATES[cell.x.begin] < 2 < RATES[cell.x.end - 1] for cell in large)
    assert any(0.3 < RATES[cell.at[0]] < 1.2 for cell in large)


def test_numbers_stand_at_measured_places_alone(found):
    there = found.data["measured"].to_numpy()
    value = found.data["fokker_planck_total_variation"].to_numpy()
    assert there.sum() == len(found.cells)
    assert np.isnan(value[~there]).all()


def test_the_law_ends_at_the_line(found):
    """SGD's variance is eta / (B (2 - eta)): there is none beyond eta h = 2, as walkers say too."""
    for cell in found.cells:
        kind = shown(found.data, "fokker_planck", cell.at).kind
        assert (kind == Code.DIVERGES.value or kind == Code.WALLS.value) == (RATES[cell.at[0]] > 2), cell
    (line,) = [one for one in found.borders if one.name == "descent_0"]
    np.testing.assert_allclose(np.concatenate(line.pieces)[:, 0], 2.0, rtol=1e-9)


def test_total_variation_is_that_of_two_normal_laws(found):
    """Variances eta / (B (2 - eta)) and eta / (2 B): the distance is known, and is another at the next rate."""
    from scipy.special import erf

    def apart(rate):
        wide, narrow = (rate / (2 - rate)) ** 0.5, (rate / 2) ** 0.5
        cross = (2 * np.log(wide / narrow) / (narrow**-2 - wide**-2)) ** 0.5
        return erf(cross / narrow / 2**0.5) - erf(cross / wide / 2**0.5)

    for cell in found.cells:
        rate = RATES[cell.at[0]]
        if rate < 1.8:
            at = cell.at
            value = float(found.data["fokker_planck_total_variation"].to_numpy()[at])
            error = float(found.data["fokker_planck_error"].to_numpy()[at])
            assert abs(value - apart(rate)) <= error + 1e-9, (rate, value, apart(rate), error)
            assert abs(value - apart(1.1 * rate)) > error


def test_the_picture_has_a_panel_a_law_and_no_hole(found):
    picture = found.picture()
    assert [panel.title for panel in picture.panels] == ["Fokker–Planck", "Langevin", "nearest Gibbs"]
    for panel in picture.panels:
        assert (np.isfinite(panel.values) == (panel.reasons < 0)).all()
        assert {curve.label for curve in panel.curves} >= {r"$\eta h = 2$"}
    told = json.loads(found.to_xarray().attrs["borders"])
    assert told[0]["name"] == "descent_0"
    axes = draw(found)
    assert axes.get_xscale() == "log"


def test_lines_of_regression_are_those_of_theory():
    study = read_study(REGRESSION)
    x, y = np.geomspace(0.05, 4, 17), np.geomspace(1, 16, 9).round()
    lines = {
        one.name: np.concatenate(one.pieces)
        for one in borders(
            lambda i, j: study_at(study, learning_rate=x[i], batch_size=int(y[j])), x, y, (True, True)
        )
    }
    rates, batches = lines["mean_square_0"].T
    at_batch = {b: r for r, b in zip(rates, batches, strict=True) if b in y}
    for batch, rate in at_batch.items():
        edge = mean_square_stability_edge(LinearRegression(1.0), int(batch))
        assert rate == pytest.approx(edge, rel=0.05)
        assert rate != pytest.approx(2.0, rel=0.05)  # the line of descent is another
    rates, batches = lines["variance_0"].T
    np.testing.assert_allclose(rates[rates < 3], batches[rates < 3], rtol=0.02)  # eta h = B


def test_walkers_grow_in_mean_square_beyond_the_line_alone():
    """At B = 1 the edge is 2/3: a step shrinks the mean square of far walkers before, and grows it beyond."""
    for rate in (0.6, 0.73):
        study = study_at(read_study(REGRESSION), learning_rate=rate, batch_size=1)
        far = run_sgd(
            study.model, study.sgd, np.full((200_000, 1), 1e6), steps=1, rng=np.random.default_rng(1)
        ).final[:, 0]
        square = (far / 1e6) ** 2
        error = square.std() / len(square) ** 0.5
        assert (square.mean() - 1) * (rate - 2 / 3) > 0
        assert abs(square.mean() - 1) > 3 * error
        assert square.mean() == pytest.approx(step_factor(study.model, 0.0).mean_square(rate, 1), abs=5 * error)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"learning_rate": [0.1, 0.2]}, "a map needs two ranges, got 1"),
        ({"learning_rate": [0.1, 0.2], "batch_size": [2, 1]}, "must rise"),
        ({"learning_rate": [0.1, float("inf")], "batch_size": [1, 2]}, "finite"),
        ({"learning_rate": [], "batch_size": [1, 2]}, "at least one value"),
        ({"learning_rate": [0.1], "batch_size": [1], "refine": 7}, "`refine` must lie between 0 and 6, got 7"),
    ],
)
def test_what_is_no_map_is_refused(options, words):
    with pytest.raises(InputError, match=words):
        validity_map(read_study(WELL), **options)
