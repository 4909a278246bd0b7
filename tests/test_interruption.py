"""Signals that end a run: one line, exit status 2; what was finished is kept, earlier results are not harmed."""

from __future__ import annotations

import json
import os
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

from compare import folder as folders
from compare.files import save_report
from compare.folder import ResultFolder, claim_folder, write_whole
from compare.interruption import interruptions, interruptions_held
from compare.job import Interrupted, run_study
from compare.results import read_results, seal
from compare.study import load_study
from theory.errors import InputError
from theory.walkers import run_walkers

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
    study = (Path(__file__).parents[1] / "compare" / "studies" / "regular.toml").read_text("utf-8")
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
        assert laws.density.sum("w0").to_numpy() * 3 / 1200 == pytest.approx(np.ones(2))


@pytest.mark.parametrize("delay", [0.0, 0.5])
def test_before_anything_was_begun(tmp_path: Path, delay: float) -> None:
    status, err = interrupt(tmp_path, "comparing", delay, "regular", "--walkers", "5000000")
    assert status == 2
    assert re.fullmatch(r"gibbsgap: error: interrupted [^\n]+\n", err)
    assert not (tmp_path / "out").exists() or (tmp_path / "out" / "comparison.json").exists()


def test_an_interruption_carries_what_was_finished(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("compare.job.run_static_stage", stop)
    study = load_study("regular").resized(seed=1, walkers=500, steps=20)
    with pytest.raises(Interrupted) as caught:
        run_study(study, threads=1)
    assert list(caught.value.report.laws) == ["sgd", "sgd_exact", "langevin", "fokker_planck"]
    for name in ("laws.png", "laws.pdf", "survival.png", "notes.txt"):
        (tmp_path / name).write_text("of an earlier run")
    save_report(caught.value.report, tmp_path)
    # Figures of an earlier run would show other laws; what is not ours stays.
    assert {path.name for path in tmp_path.iterdir()} == {"comparison.json", "laws.nc", "notes.txt"}


def result(number: int, *, complete: bool = True) -> dict[str, bytes]:
    laws = f"laws {number}".encode()
    numbers = {"complete": complete, "number": number}
    return {"comparison.json": seal(numbers, laws), "laws.nc": laws, "laws.png": f"figure {number}".encode()}


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


STEPS = ["write_whole", "_exchange", "_link"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("call", [1, 2, 3])
@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_a_folder_holds_the_whole_old_result_or_the_whole_new_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, step: str, call: int, error: type[BaseException]
) -> None:
    out = tmp_path / "out"
    with claim_folder(out, overwrite=False) as folder:
        assert folder.publish(result(1)) == out
    (out / "notes.txt").write_text("mine")
    (out / "more").mkdir()
    (out / "more" / "of.txt").write_text("mine too")
    calls = []
    plain = getattr(folders, step)

    def failing(*arguments: Any, **options: Any) -> Any:
        calls.append(arguments)
        if len(calls) == call:
            raise error
        return plain(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(folders, step, failing)
        try:
            with claim_folder(out, overwrite=True) as folder:
                folder.publish(result(2))
        except error:
            expected = result(1)
        else:
            expected = result(2)
    assert (expected == result(1)) == (len(calls) >= call)
    (out / "more" / "of.txt").unlink()
    (out / "more").rmdir()
    assert held(out) == {**expected, "notes.txt": b"mine"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("reason", ["a mount point", "no such call", "the working folder"])
def test_where_folders_cannot_be_exchanged_the_files_are_written_in_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, reason: str
) -> None:
    out = tmp_path / "out"
    ResultFolder(out, overwrite=False).publish(result(1))
    (out / "notes.txt").write_text("mine")

    def refuse(*_: Any) -> None:
        raise OSError(reason)

    if reason == "the working folder":
        monkeypatch.chdir(out)
    else:
        monkeypatch.setattr(folders, "_exchange", refuse)
    with claim_folder(Path.cwd() if reason == "the working folder" else out, overwrite=True) as folder:
        folder.publish(result(2))
    assert held(out) == {**result(2), "notes.txt": b"mine"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("call", range(1, 7))
@pytest.mark.parametrize("swaps", [True, False])
def test_a_full_disk_leaves_the_earlier_result(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, call: int, swaps: bool
) -> None:
    out = tmp_path / "out"
    ResultFolder(out, overwrite=False).publish(result(1))
    plain, calls = folders.write_whole, []

    def full(path: Path, content: bytes) -> None:
        calls.append(path)
        if len(calls) >= call:
            raise OSError(28, "No space left on device")
        plain(path, content)

    def refuse(*_: Any) -> None:
        raise OSError("no such call")

    monkeypatch.setattr(folders, "write_whole", full)
    if not swaps:
        monkeypatch.setattr(folders, "_exchange", refuse)
    new = result(2)
    if swaps and call > len(new):
        ResultFolder(out, overwrite=True).publish(new)
        assert held(out) == new  # the control
        return
    with pytest.raises(OSError, match="No space left"):
        ResultFolder(out, overwrite=True).publish(new)
    assert held(out) == result(1)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "comparison.json")
    (tmp_path / "laws.nc").symlink_to("/dev/zero")
    with pytest.raises(InputError, match="must be a regular file, it is a pipe or a device"):
        read_results(tmp_path)
    (tmp_path / "circle").symlink_to("circle")
    with pytest.raises(InputError, match="must be writable"), claim_folder(tmp_path / "circle", overwrite=True):
        pass


def test_a_part_never_takes_the_place_of_a_finished_result(tmp_path: Path) -> None:
    out = tmp_path / "out"
    folder = ResultFolder(out, overwrite=True)
    assert folder.keep_part(part := {k: v for k, v in result(1, complete=False).items() if k != "laws.png"})
    assert held(out) == part
    with claim_folder(out, overwrite=False) as again:  # what a part left is no reason to refuse the rest
        again.publish(result(2))
    assert held(out) == result(2)
    assert not folder.keep_part(part)
    assert held(out) == result(2)
    (out / "comparison.json").write_text("{}")  # of another version, or damaged: it may be precious
    assert not folder.keep_part(part)
    with pytest.raises(InputError, match="add --overwrite"), claim_folder(out, overwrite=False):
        pass


def test_a_folder_that_appeared_meanwhile_is_left_alone(tmp_path: Path) -> None:
    with claim_folder(tmp_path / "out", overwrite=False) as folder:
        ResultFolder(tmp_path / "out", overwrite=False).publish(result(1))
        assert folder.publish(result(2)) == tmp_path / "out-2"
    assert held(tmp_path / "out") == result(1)
    assert held(tmp_path / "out-2") == result(2)


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with claim_folder(tmp_path / "out", overwrite=True):
        with (
            pytest.raises(InputError, match="another run is to fill"),
            claim_folder(tmp_path / "out", overwrite=True),
        ):
            pass
        with claim_folder(tmp_path / "other", overwrite=True):
            pass
    with claim_folder(tmp_path / "out", overwrite=True):
        pass


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


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError, MemoryError])
def test_a_file_is_whole_or_as_it_was(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: type[BaseException]
) -> None:
    path = tmp_path / "comparison.json"
    path.write_text("before")

    def fail(*_: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail)
        with pytest.raises(error):
            write_whole(path, b"after")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
    write_whole(path, b"after")
    assert path.read_text() == "after"
    assert path.stat().st_mode & 0o777 == 0o644


DAMAGE = [
    ("comparison.json", None, "it is missing"),
    ("comparison.json", lambda b: b[: len(b) // 2], "damaged or truncated"),
    ("comparison.json", lambda b: b"[]", "format 3, got None: another version"),
    ("comparison.json", lambda b: b.replace(b'"format": 3', b'"format": 2'), "format 3, got 2: another version"),
    ("comparison.json", lambda b: b.replace(b'"walkers": 200', b'"walkers": 201'), "it was changed"),
    ("laws.nc", None, "which is missing"),
    ("laws.nc", lambda b: b[:-1], "truncated"),
    ("laws.nc", lambda b: b[:4000] + bytes([b[4000] ^ 1]) + b[4001:], "it was changed"),
    ("laws.nc", lambda b: b"", "it was changed"),
    ("timings.json", lambda b: b[:-9], "timings.json must be the one that comparison.json was written with"),
    ("timings.json", lambda b: b.replace(b'"SGD": ', b'"SGD": 1'), "it was changed"),
    ("timings.json", lambda b: b"{}", "timings.json must be the one that comparison.json was written with"),
]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("written")
    save_report(run_study(load_study("regular").resized(seed=1, walkers=200, steps=5), threads=1), folder)
    assert read_results(folder).complete  # control: it is read as it was written
    return held(folder)


@pytest.mark.parametrize(("name", "change", "words"), DAMAGE)
def test_a_damaged_result_is_refused_in_one_line(
    tmp_path: Path, written: dict[str, bytes], name: str, change: Any, words: str
) -> None:
    for other, content in written.items():
        if other != name:
            (tmp_path / other).write_bytes(content)
        elif change is not None:
            assert change(content) != content
            (tmp_path / other).write_bytes(change(content))
    with pytest.raises(InputError, match=words) as refused:
        read_results(tmp_path)
    assert "\n" not in str(refused.value)


def test_other_blocks_stop_where_one_fails() -> None:
    begun = []

    def begin(w: np.ndarray, stream: np.random.Generator) -> Any:
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
