"""What the command on calibrations keeps and prints."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from compare.calibration import CoefficientScore, Score
from compare.command_line import calibration_console, main
from compare.command_line.calibration_console import (
    _kept,
    _key,
    _told,
    calibrate_sampler,
    coefficient_table,
    score_table,
)
from theory import InputError


def test_a_table_says_what_is_bad_and_what_failed():
    good = Score("a", "x", 1.0, 1.01, 0.02, 1.0, 19, 20, 5)
    bad = Score("b", "x", 1.0, 1.5, 0.02, 1.0, 2, 20, 5)
    none = Score("c", "x", 1.0, failure="3 of 4 chains diverged")
    lines = score_table([good, bad, none], 2.0).splitlines()
    assert "19/20" in lines[1]
    assert "bad" not in lines[1]
    assert lines[2].endswith("bad")
    assert lines[3].endswith("3 of 4 chains diverged")
    assert lines[4] == "1 of 3 good; 2 s of processor time"


def test_scores_come_back_as_they_were_kept_and_of_the_same_run_only(tmp_path):
    import json

    from compare.results import plain

    path = tmp_path / "a.json"
    for one in (Score("a", "x", 1.0, 1.01, 0.02, 1.0, 19, 20, 5), Score("c", "x", 1.0, failure="lost")):
        path.write_text(json.dumps(plain({"key": "k", **_told((one, 2.0))})))
        assert repr(_kept(path, "k")) == repr((one, 2.0))
        assert _kept(path, "other") is None
    path.write_text("{")
    assert _kept(path, "k") is None


def test_scores_are_those_of_the_file_what_it_imports_and_the_code(tmp_path, monkeypatch):
    own, beside = tmp_path / "mine.py", tmp_path / "steps_of_mine.py"
    own.write_text("import steps_of_mine\n")
    beside.write_text("STEP = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    def key(seed=1, size="quick"):
        return _key(str(own), "", size, seed)

    first = key()
    assert key() == first
    assert len({first, key(seed=2), key(size="full")}) == 3
    beside.write_text("STEP = 2\n")
    second = key()
    monkeypatch.setattr(calibration_console, "sources_digest", lambda spared: "other code")
    third = key()
    monkeypatch.setattr(calibration_console, "versions", lambda: {"numpy": "0"})
    assert len({first, second, third, key()}) == 4


class StopsAt(ThreadPoolExecutor):
    """Processes that are interrupted at the fourth call."""

    def __init__(self, workers):
        super().__init__(1)
        self.asked = 0

    def submit(self, function, *given):
        self.asked += 1
        if self.asked > 3:
            found = Future()
            found.set_exception(KeyboardInterrupt())
            return found
        return super().submit(function, *given)


def test_an_interrupted_run_goes_on_where_it_stopped_with_the_same_numbers(tmp_path, monkeypatch, capsys):
    called = []

    def score_one(name, target, steps, repeats, seed):
        called.append(target)
        return Score(target, "x", 1.0, 1.01 + len(target) / 100, 0.02, 1.0, 19, repeats, 5), 0.5

    monkeypatch.setattr(calibration_console, "score_named", score_one)

    def run(folder):
        calibrate_sampler("hmc", quick=True, out=tmp_path / folder, seed=1, workers=1)

    monkeypatch.setattr(calibration_console, "as_completed", list)  # in their order
    monkeypatch.setattr(calibration_console, "Processes", StopsAt)
    for there in (3, 6):
        with pytest.raises(InputError, match=f"interrupted with {there} of 40 targets scored"):
            run("out")
    assert not (tmp_path / "out" / "calibration.json").exists()
    monkeypatch.setattr(calibration_console, "Processes", lambda workers: ThreadPoolExecutor(1))
    called.clear()
    run("out")
    assert len(called) == 40 - 6
    first = capsys.readouterr().out
    run("whole")
    assert capsys.readouterr().out.replace("whole", "out") == first
    for name in ("calibration.json", "calibration.nc"):
        assert (tmp_path / "out" / name).exists()
    one, other = ((tmp_path / folder / "calibration.json").read_bytes() for folder in ("out", "whole"))
    assert one == other


def test_estimators_have_a_table_of_their_own_and_are_kept(tmp_path, capsys, monkeypatch):
    own = tmp_path / "mine.py"
    own.write_text("def estimator(problem, stream):\n    return 0.5, 0.4, 0.6\n")
    monkeypatch.setattr(calibration_console, "Processes", lambda workers: ThreadPoolExecutor(1))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="0"):
        main(["calibrate", str(own), "--coefficients", "--quick"])
    first = capsys.readouterr().out
    lines = first.splitlines()
    assert next(line for line in lines if line.startswith("regular-1")).split()[1:] == [
        "0.5000", "0.5000", "0.0%", "20.0%", "6/6", "0", "0",
    ]  # fmt: skip
    assert next(line for line in lines if line.startswith("regular-3 ")).endswith("bad")
    assert "13 of 26 good; 78 of 156 intervals cover" in first
    monkeypatch.setattr(calibration_console, "Processes", None)  # nothing is left to score
    with pytest.raises(SystemExit, match="0"):
        main(["calibrate", str(own), "--coefficients", "--quick"])
    assert capsys.readouterr().out == first


def test_what_is_refused_stands_in_the_table_with_its_reason():
    lost = CoefficientScore("a", "x", 0.5, repeats=10, failure="the chains must mix")
    lines = coefficient_table([lost], 1.0).splitlines()
    assert lines[1] == f"{'a':24}  0.5000 refused: the chains must mix"
    assert lines[2].startswith("0 of 1 good; 0 of 0 intervals cover")
