"""Sweeps: points at their places, with seeds of their own, found once and kept."""

import numpy as np
import pytest
import xarray as xr
from measures import dies_once, fails_on_two, ratio

from compare import load_study, measure_point, open_sweep, read_study, study_at, sweep
from theory import InputError

STUDY = load_study("regular")
RATES, BATCHES = [0.01, 0.02, 0.04], [1, 2]


def small(**options):
    return sweep(STUDY, workers=1, measure=ratio, learning_rate=RATES, batch_size=BATCHES, **options)


def test_points_stand_at_their_places():
    data = small()
    assert data["ratio"].dims == ("learning_rate", "batch_size")
    np.testing.assert_allclose(data["ratio"], np.divide.outer(RATES, BATCHES), rtol=1e-15)
    assert data["learning_rate"].values.tolist() == RATES
    assert set(data["failure"].values.flat) == {""}
    assert data["learning_rate"].attrs == {"long_name": "learning rate", "units": "1"}


def test_a_point_is_the_same_in_every_grid():
    one = small()
    other = sweep(STUDY, workers=1, measure=ratio, batch_size=[2, 3], learning_rate=[0.005, 0.02])
    assert other["luck"].sel(learning_rate=0.02, batch_size=2) == one["luck"].sel(learning_rate=0.02, batch_size=2)
    assert len(set(one["luck"].values.flat)) > 3
    assert study_at(STUDY, learning_rate=0.02, batch_size=2).seed % 1009 == int(
        one["luck"].sel(learning_rate=0.02, batch_size=2)
    )


def test_another_seed_is_another_point():
    seeds = sweep(STUDY, workers=1, measure=ratio, seed=[1, 2])["luck"].values
    assert seeds[0] != seeds[1]


def test_processes_find_the_same_though_one_is_killed(tmp_path, monkeypatch):
    monkeypatch.setenv("SWEEP_TEST_FILE", str(tmp_path / "file"))
    options = {"learning_rate": RATES, "batch_size": BATCHES, "measure": dies_once}
    data = sweep(STUDY, workers=2, store=tmp_path / "a", **options)
    assert (tmp_path / "file").exists()
    xr.testing.assert_identical(data, sweep(STUDY, workers=1, **options))
    xr.testing.assert_identical(open_sweep(tmp_path / "a"), data)
    with xr.open_dataset(tmp_path / "a" / "sweep.nc") as written:
        xr.testing.assert_equal(written.load(), data)
    xr.testing.assert_equal(data, small())


def test_what_is_there_is_not_run_again(tmp_path):
    told = []
    small(store=tmp_path)
    data = sweep(
        STUDY, workers=1, measure=ratio, learning_rate=[0.01, 0.03], batch_size=[2, 1024], store=tmp_path,
        tell=told.append,
    )  # fmt: skip
    assert told == ["1 of 4 points are there already"]
    assert data.sizes == {"learning_rate": 2, "batch_size": 2}
    whole = open_sweep(tmp_path)
    assert whole.sizes == {"learning_rate": 4, "batch_size": 3}
    assert whole["failure"].sel(learning_rate=0.03, batch_size=1) == "not run yet"
    assert np.isnan(whole["ratio"].sel(learning_rate=0.03, batch_size=1))


def test_failures_are_kept_and_tried_again_when_asked(tmp_path, monkeypatch):
    file = tmp_path / "file"
    monkeypatch.setenv("SWEEP_TEST_FILE", str(file))
    ranges = {"measure": fails_on_two, "batch_size": [1, 2], "store": tmp_path / "store", "workers": 1}
    assert sweep(STUDY, **ranges)["failure"].values.tolist() == ["", "RuntimeError: not now sorry"]
    file.touch()
    assert sweep(STUDY, **ranges)["failure"].values.tolist() == ["", "RuntimeError: not now sorry"]
    assert sweep(STUDY, retry=True, **ranges)["failure"].values.tolist() == ["", ""]


def test_numbers_go_together_and_to_paths():
    data = sweep(STUDY, workers=1, measure=ratio, **{"learning_rate+model.noise_std": [(0.1, 1), (0.2, 3)]})
    assert data["ratio"].dims == ("learning_rate",)
    assert data["noise_std"].values.tolist() == [1, 3]


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        ({}, "a sweep needs a range"),
        ({"learning_rate": []}, "must have at least one value"),
        ({"learning_rate": [0.2, 0.1]}, "must rise, got 0.1 after 0.2"),
        ({"learning_rate": [0.1, 0.1]}, "must rise"),
        ({"learning_rate": [0.1, np.inf]}, "must be finite numbers, got inf"),
        ({"learning_rate": [float("nan")]}, "must be finite numbers, got nan"),
        ({"learning_rate": 0.1}, "must be a list of values"),
        ({"learning_rat": [0.1]}, "did you mean 'learning_rate'"),
        ({"sgd.learning_rat": [0.1]}, "did you mean 'learning_rate'"),
        ({"learning_rate": [0.1], "sgd.learning_rate": [0.1]}, "has several"),
        ({"learning_rate": [-0.1, 0.1]}, "at learning_rate = -0.1: `learning_rate` in"),
        ({"start.uniform": [1]}, "name one, such as start.uniform.0"),
        ({"start.uniform.0.2": [1]}, "must name a component from 0 to 1"),
        ({"seed.a": [1]}, "a study has no number `seed.a`"),
        ({"learning_rate+batch_size": [0.1]}, "must have 2 parts"),
    ],
)
def test_ranges_that_are_none_are_refused(ranges, message):
    with pytest.raises(InputError, match=message):
        sweep(STUDY, workers=1, measure=ratio, **ranges)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"study": STUDY.resized(seed=2, walkers=None, steps=None)}, "the study's seed is 1 there and 2 here"),
        (
            {"study": STUDY.resized(seed=None, walkers=None, steps=9)},
            "sgd.steps is 1000 there and 9 here",
        ),
        ({"measure": fails_on_two}, "its measure is measures.ratio, not measures.fails_on_two"),
        ({"momentum": [0.1]}, "its ranges are batch_size, not batch_size x momentum"),
    ],
)
def test_a_store_of_another_sweep_is_refused_with_what_differs(tmp_path, other, message):
    asked = {"study": STUDY, "measure": ratio, "batch_size": [1], "store": tmp_path, "workers": 1}
    sweep(**asked)
    with pytest.raises(InputError, match=message):
        sweep(**asked | other)


def test_the_base_value_of_a_range_does_not_count(tmp_path):
    table = {**STUDY.source, "sgd": {**STUDY.source["sgd"], "batch_size": 7}}
    asked = {"measure": ratio, "batch_size": [1], "store": tmp_path, "workers": 1}
    sweep(STUDY, **asked)
    told = []
    sweep(read_study(table), tell=told.append, **asked)
    assert told == ["1 of 1 points are there already"]


def test_labels_of_what_is_measured_are_words():
    labels = measure_point.__labels__
    assert labels["fokker_planck_total_variation"] == "total variation between SGD and Fokker-Planck"
