"""Folders of results: the whole old one or the whole new one, one writer at a time, read as they were written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from result_folders import held, result

from compare.job import run_study
from compare.results import ResultFolder, claim_folder, read_results, save_report, write_whole
from compare.results import folder as folders
from compare.study import load_study
from theory.base.errors import InputError

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
    ("comparison.json", lambda b: b"[]", "format 4, got None: another version"),
    ("comparison.json", lambda b: b.replace(b'"format": 4', b'"format": 3'), "format 4, got 3: another version"),
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
