"""Signals that end a run: one line, exit status 2; what was finished is kept, earlier results are not harmed."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from processes import end, started
from repository import ROOT
from result_folders import held, result

from compare.command_line.interruption import interruptions, interruptions_held
from compare.job import Interrupted, run_study
from compare.results import ResultFolder, save_report
from compare.study import load_study
from theory.laws.walkers import run_walkers

COMMAND = [sys.executable, "-c", "from compare.command_line import main; main()", "compare"]
UNFINISHED = "none: interrupted before it was computed"


def interrupt(
    folder: Path, stage: str, delay: float, *arguments: str, by: signal.Signals = signal.SIGINT
) -> tuple[int, str]:
    """Exit status and errors of a run that is asked to stop `delay` seconds into `stage`."""
    call = [*COMMAND, *arguments, "--threads", "2", "--out", "out"]
    with started(call, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            while stage not in process.stdout.readline():
                assert process.poll() is None
            time.sleep(delay)
            end(process, by)
            err = process.stderr.read() if process.stderr else ""
        finally:
            process.kill()  # a run that does not stop must not outlive its test
    return process.returncode, err


def strict(path: Path) -> dict[str, Any]:
    def refuse(name: str) -> None:
        raise AssertionError(name)

    return json.loads(path.read_text("utf-8"), parse_constant=refuse)


@pytest.mark.parametrize("extra", [["--walkers", "5000000"], ["--walkers", "1000", "--steps", "1000000000"]])
def test_in_the_middle_of_sgd(tmp_path: Path, extra: list[str]) -> None:
    status, err = interrupt(tmp_path, "SGD, ", 1.0, "regular", *extra)
    assert status == 2
    assert re.fullmatch(r"gibbsgap: error: interrupted with 0 laws finished \(none\), kept in out; [^\n]+\n", err)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["comparison.json"]
    found = strict(tmp_path / "out" / "comparison.json")
    assert not found["complete"]
    assert {law["status"] for law in found["laws"].values()} == {UNFINISHED}


def test_in_the_middle_of_langevin_the_law_of_sgd_is_kept(tmp_path: Path) -> None:
    study = (ROOT / "compare" / "studies" / "regular.toml").read_text("utf-8")
    (tmp_path / "slow.toml").write_text(study + "[langevin]\nsubsteps = 100000\n", encoding="utf-8")
    status, err = interrupt(tmp_path, "Langevin", 0.5, "slow.toml", "--walkers", "2000", "--steps", "200")
    assert status == 2
    assert re.fullmatch(r"gibbsgap: error: interrupted with 2 laws finished \(sgd, sgd_exact\), [^\n]+\n", err)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"comparison.json", "laws.nc"}
    found = strict(tmp_path / "out" / "comparison.json")
    statuses = {name: law["status"] for name, law in found["laws"].items()}
    assert statuses.pop("sgd") == statuses.pop("sgd_exact") == "ok"
    assert set(statuses) == {"langevin", "fokker_planck", "gibbs", "posterior"}
    assert set(statuses.values()) == {UNFINISHED}
    assert found["comparisons"] == {}
    with xr.open_dataset(tmp_path / "out" / "laws.nc", engine="h5netcdf") as laws:
        assert laws.law.to_numpy().tolist() == ["sgd", "sgd_exact"]
        assert laws.density.sum("w").to_numpy() * 3 / 1200 == pytest.approx(np.ones(2))


@pytest.mark.parametrize("delay", [0.0, 0.5])
def test_before_anything_was_begun(tmp_path: Path, delay: float) -> None:
    status, err = interrupt(tmp_path, "comparing", delay, "regular", "--walkers", "5000000")
    assert status == 2
    assert re.fullmatch(r"gibbsgap: error: interrupted [^\n]+\n", err)
    assert not (tmp_path / "out").exists() or (tmp_path / "out" / "comparison.json").exists()


def test_an_interruption_carries_what_was_finished(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("compare.job.study_job.run_static_stage", stop)
    study = load_study("regular").resized(seed=1, walkers=500, steps=20)
    with pytest.raises(Interrupted) as caught:
        run_study(study, threads=1)
    assert list(caught.value.report.laws) == ["sgd", "sgd_exact", "langevin", "fokker_planck"]
    for name in ("laws.png", "laws.pdf", "survival.png", "notes.txt"):
        (tmp_path / name).write_text("of an earlier run")
    save_report(caught.value.report, tmp_path)
    # Figures of an earlier run would show other laws; what is not ours stays.
    assert {path.name for path in tmp_path.iterdir()} == {"comparison.json", "laws.nc", "notes.txt"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_interrupts_and_is_held_while_a_result_is_put_in_place(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_DFL)  # a job in the background inherits that it is ignored
    try:
        with pytest.raises(KeyboardInterrupt), interruptions():
            signal.raise_signal(number)
        with interruptions(), interruptions_held() as asked:
            signal.raise_signal(number)
            assert asked == [number]
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(number)
        signal.signal(number, signal.SIG_IGN)
        with interruptions(), interruptions_held() as asked:
            signal.raise_signal(number)
        assert asked == []
    finally:
        signal.signal(number, before)


def test_a_job_that_is_terminated_leaves_the_earlier_result(tmp_path: Path) -> None:
    ResultFolder(tmp_path / "out", overwrite=False).publish(result(1))
    status, err = interrupt(
        tmp_path, "SGD, ", 0.2, "regular", "--steps", "100000000", "--overwrite", by=signal.SIGTERM
    )
    assert status == 2
    assert re.fullmatch(
        r"gibbsgap: error: interrupted with 0 laws finished [^\n]+ is left as it was; [^\n]+\n", err
    )
    assert held(tmp_path / "out") == result(1)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_other_blocks_stop_where_one_fails() -> None:
    begun = []

    def begin(w: np.ndarray, stream: np.random.Generator, block: int) -> Any:
        begun.append(len(begun))
        if len(begun) == 3:
            raise KeyboardInterrupt
        return lambda steps: time.sleep(0.01)

    start = np.zeros((512 * 400, 1))
    with pytest.raises(KeyboardInterrupt):
        run_walkers(
            begin, start, dim=1, steps=10, time_step=1.0, rng=np.random.default_rng(1), threads=2
        )  # fmt: skip
    assert len(begun) < 40
