"""Samplers scored on laws with exact means: right ones are good, wrong ones bad, and broken ones refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from compare.calibration import calibration_targets, sampler_named, score, source_of
from theory import HMC, InputError
from theory.learning import UnadjustedLangevin

TARGETS = calibration_targets()
QUICK = [
    "normal-1",
    "quartic",
    "well-warm",
    "well-mild",
    "well-even",
    "logistic-mean",
    "wall-normal",
    "wall-quartic",
]


def scored(sampler, target="normal-2", steps=200, repeats=20):
    return score(sampler, TARGETS[target], steps=steps, repeats=repeats, seed=1)[0]


def test_there_are_forty_targets():
    assert len(TARGETS) == 40
    assert all(math.isfinite(one.exact) for one in TARGETS.values())


@pytest.mark.parametrize("name", QUICK)
def test_exact_means_are_those_of_quadrature(name):
    """A second route, by the project's own Gibbs law on grids."""
    target = TARGETS[name]
    found = target.by_quadrature()
    assert abs(found - target.exact) < 2 * found.error + 1e-6
    assert found.error < 1e-2


def test_exact_samplers_are_good_and_wrong_ones_bad():
    for target in ("normal-2", "well-warm"):
        good = scored(HMC(), target)
        assert good.good
        assert good.gradients > 0
    assert not scored(UnadjustedLangevin(1.5)).good  # steps too long, nothing refused
    assert scored(UnadjustedLangevin(1.5)).bias > 0.1

    class TooWarm:
        def run(self, potential, start, stream, **numbers):
            return HMC().run(lambda w: tuple(part / 1.1 for part in potential(w)), start, stream, **numbers)

    assert not scored(TooWarm(), "normal-20", steps=400).good  # ten per cent off in temperature


def test_broken_samplers_are_told_in_one_line(tmp_path):
    class Wrong:
        def __init__(self, answer):
            self.answer = answer

        def run(self, potential, start, stream, *, steps, burn_in, save_every, progress):
            return self.answer(steps, start)

    with pytest.raises(
        InputError, match=r"draws of shape \(200, 160, 2\), got \(3,\) on normal-2; keep every step"
    ):
        scored(Wrong(lambda steps, start: np.zeros(3)))
    with pytest.raises(InputError, match="it raised ZeroDivisionError: division by zero; correct it"):
        scored(Wrong(lambda steps, start: 1 / 0))
    lost = scored(Wrong(lambda steps, start: np.full((steps, *start.shape), np.nan)))
    assert lost.failure == "160 of 160 chains diverged"
    assert not lost.good
    with pytest.raises(InputError, match="a sampler must be hmc, mala, nuts, sgld, psgld, unadjusted, "):
        sampler_named("gibbs")
    own = tmp_path / "own.py"
    own.write_text("sampler = 3\n")
    with pytest.raises(InputError, match="must hold `sampler` with a method"):
        sampler_named(str(own))
    own.write_text("from theory import HMC\nsampler = HMC(2)\n")
    assert sampler_named(str(own)) == HMC(2)


def test_samplers_of_ones_own_are_objects_or_functions_of_files_and_modules(tmp_path, monkeypatch):
    own = tmp_path / "samplers_of_mine.py"
    own.write_text("from theory import HMC\nsampler = HMC(2).run\nother = HMC(3)\nKind = HMC\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    by_file, by_name = sampler_named(str(own)), sampler_named("samplers_of_mine:sampler")
    expected = scored(HMC(2), steps=20, repeats=2)
    assert scored(by_file, steps=20, repeats=2) == scored(by_name, steps=20, repeats=2) == expected
    assert sampler_named("samplers_of_mine:other") == HMC(3)
    assert source_of(str(own)) == source_of("samplers_of_mine:sampler") == own
    assert source_of("hmc") is source_of("no_such_module:sampler") is None
    for wrong in ("samplers_of_mine:none", "no_such_module:sampler"):
        with pytest.raises(InputError, match=f"'{wrong}' must be Python that runs, it raises "):
            sampler_named(wrong)
    with pytest.raises(InputError, match="must hold `sampler` with a method"):
        sampler_named("samplers_of_mine:Kind")


class Gives:
    """A sampler that gives what `make(start, steps)` makes."""

    def __init__(self, make):
        self.make = make

    def run(self, potential, start, stream, *, steps, burn_in, save_every, progress):
        return self.make(start, steps)


def leaves(*_):
    raise SystemExit(0)


@pytest.mark.parametrize("make", [leaves, lambda *_: (), lambda *_: [[1.0, 2.0], [3.0]], lambda *_: None])
def test_a_sampler_that_gives_no_draws_is_a_line(make):
    with pytest.raises(InputError, match="a sampler must ") as told:
        scored(Gives(make), steps=20, repeats=2)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("value", [0.0, 1e200])
def test_draws_that_stand_still_or_are_beyond_numbers_are_a_failure(value):
    found = scored(Gives(lambda start, steps: np.full((steps, *start.shape), value)), steps=20, repeats=2)
    assert not found.good
    assert "must vary" in found.failure
