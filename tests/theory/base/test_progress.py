"""Long runs say how far they are."""

from __future__ import annotations

import numpy as np
import pytest
from call_objects import MODEL, SDE, SGD, START, WELL, rng
from tqdm import tqdm
from tqdm.std import TqdmDefaultWriteLock

from compare import BySampling, loss_slope
from simulate import coupled_sensitivity, first_exit, first_hit, run_sgd
from theory import HalfSpace, ProductModel, first_passage_times, local_learning_coefficient, sample_paths
from theory.base.progress import _Bar, only_asked_for

RATES = (0.05, 0.1, 0.2)
MANY = np.linspace(-1, 1, 1100)[:, None]


def slopes(**options):
    found = loss_slope(ProductModel("w"), SGD, RATES, rng=rng(), method=BySampling(50, 40, 40, 4, **options))
    return [float(one.excess) for one in found.losses]


RUNS = {
    "run_sgd": lambda **options: run_sgd(MODEL, SGD, MANY, steps=4, rng=rng(), **options).final,
    "sample_paths": lambda **options: sample_paths(SDE, MANY, dt=0.01, steps=4, rng=rng(), **options).final,
    "first_exit": lambda **options: first_exit(MODEL, SGD, START, "w < 2", steps=4, rng=rng(), **options).event,
    "first_hit": lambda **options: first_hit(MODEL, SGD, START, "w > 2", steps=4, rng=rng(), **options).event,
    "first_passage_times": lambda **options: (
        first_passage_times(SDE, START, HalfSpace(0.5), dt=0.01, steps=4, rng=rng(), **options).times
    ),
    "coupled_sensitivity": lambda **options: (
        coupled_sensitivity(
            MODEL, SGD, WELL.value, np.zeros((24, 1)), burn_in=30, steps=4, rng=rng(), **options
        ).value
    ),
    "loss_slope": slopes,
    "local_learning_coefficient": lambda **options: (
        local_learning_coefficient(
            WELL, [0.0], 100.0, rng=rng(), chains=8, steps=200, burn_in=100, **options
        ).value
    ),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_bar_appears_where_it_is_asked_for_and_changes_nothing(name, capfd):
    quiet = RUNS[name]()
    assert capfd.readouterr().err == ""  # no terminal
    assert np.array_equal(RUNS[name](progress=True), quiet, equal_nan=True)
    shown = capfd.readouterr().err
    assert "%|" in shown
    assert "step" in shown
    RUNS[name](progress=False)
    assert capfd.readouterr().err == ""


def test_one_bar_at_a_time(capfd):
    RUNS["coupled_sensitivity"](progress=True)
    assert capfd.readouterr().err.count("  0%") == 1


class Terminal:
    """A stream that takes itself for a terminal."""

    encoding = "utf-8"

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text

    def flush(self):
        pass

    def isatty(self):
        return True


def test_in_a_terminal_a_bar_waits(monkeypatch):
    seen = {}
    for name, wait in (("at once", 0.0), ("never so long", 1e9)):
        stream = Terminal()
        monkeypatch.setattr("sys.stderr", stream)
        monkeypatch.setattr("theory.base.progress.QUIET", wait)
        RUNS["run_sgd"]()
        seen[name] = stream.text
    assert "0%" in seen["at once"]
    assert "0%" not in seen["never so long"]


def test_inside_a_larger_run_only_a_bar_that_is_asked_for_appears(monkeypatch):
    monkeypatch.setattr("theory.base.progress.QUIET", 0.0)
    seen = []
    for options in ({}, {"progress": True}):
        stream = Terminal()
        monkeypatch.setattr("sys.stderr", stream)
        with only_asked_for():
            RUNS["run_sgd"](**options)
        seen.append("0%" in stream.text)
    assert seen == [False, True]


def test_bars_take_no_semaphore_that_a_killed_process_leaves_behind():
    assert not isinstance(_Bar.get_lock(), TqdmDefaultWriteLock)
    assert isinstance(tqdm.get_lock(), TqdmDefaultWriteLock)  # the control
