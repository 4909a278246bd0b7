"""The command: what it takes, what it refuses in one line, and how it behaves in a pipe."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from processes import end, started

from compare.command_line import main

COMMAND = [sys.executable, "-c", "from compare.command_line import main; main()"]
SMALL = ["--walkers", "300", "--steps", "20", "--threads", "1"]
STUDY = """
name = "own"
[model]
q = "{q}"
[sgd]
learning_rate = {rate}
batch_size = 20
steps = 50
walkers = 300
[start]
uniform = [[-1.0, 2.0]]
[grid]
lower = [-1.0]
upper = [2.0]
cells = [{cells}]
"""


class Said(NamedTuple):
    status: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """The command inside an empty working folder, in this process."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> Said:
        status = 0
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as end:
            status = int(end.code or 0)
        return Said(status, *capsys.readouterr())

    return call


def write_study(folder: Path, q: str = "w - 1/2", rate: float = 0.02, cells: int = 60) -> Path:
    path = folder / "own.toml"
    path.write_text(STUDY.format(q=q, rate=rate, cells=cells), encoding="utf-8")
    return path


def assert_refused(said: Said, words: str) -> None:
    assert said.status == 2
    assert re.fullmatch(r"gibbsgap: error: [^\n]+\n", said.err), said.err
    assert re.search(words, said.err), said.err


def test_it_lists_the_studies_and_tells_its_version(run: Run) -> None:
    listed = run("studies")
    assert listed.status == 0
    assert "sharp-and-flat         sharp and flat minimum" in listed.out
    rows = listed.out.splitlines()
    assert {row[: len("hessian-and-minibatch")].strip() for row in rows} == {row.split()[0] for row in rows}
    assert re.fullmatch(r"0\.\d+\.\d+\n", run("--version").out)
    assert run("--version").out != "0.0.0\n"
    assert "compare" in run("--help").out


def test_a_run_prints_its_stages_and_its_table_and_writes_where_it_says(run: Run, tmp_path: Path) -> None:
    said = run("compare", write_study(tmp_path), *SMALL)
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("gibbsgap: comparing SGD with theory on ")
    assert "prediction" in said.out
    assert "results in results/own: comparison.json, laws.nc, laws.png, laws.pdf" in said.out
    written = {path.name for path in (tmp_path / "results" / "own").iterdir()}
    assert written == {"comparison.json", "laws.nc", "timings.json", "laws.png", "laws.pdf"}
    assert_refused(run("compare", tmp_path / "own.toml", *SMALL), "'results/own' exists; choose another or add")
    assert run("compare", tmp_path / "own.toml", *SMALL, "--overwrite").status == 0


OPTIONS = [
    (["compar", "regular"], 'Did you mean "compare"'),
    (["compare"], "STUDY requires an argument"),
    (["compare", "regular", "extra"], "extra"),
    (["compare", "regulr"], "did you mean 'regular'"),
    (["compare", "regular", "--walker", "3"], "Did you mean --walkers"),
    (["compare", "regular", "--walkers"], "requires an argument"),
    (["compare", "regular", "--walkers", "many"], "must be a whole number, got 'many'"),
    (["compare", "regular", "--walkers", "1e3"], "must be a whole number, got '1e3'"),
    (["compare", "regular", "--walkers", "0"], "`walkers` must be at least 1, got 0"),
    (["compare", "regular", "--walkers", "-5"], "`walkers` must be at least 1, got -5"),
    (["compare", "regular", "--walkers", "100000000000"], "`walkers` must be at most"),
    (["compare", "regular", "--steps", "0"], "`steps` must be at least 1, got 0"),
    (["compare", "regular", "--steps", "9" * 30], "`steps` must be .* at most"),
    (["compare", "regular", "--seed", "-1"], "`seed` must be at least 0, got -1"),
    (["compare", "regular", "--seed", "1.5"], "must be a whole number, got '1.5'"),
    (["compare", "regular", "--seed", "9" * 5000], "must be a whole number"),
    (["compare", "regular", "--seed", "9" * 40], "`seed` must be .* at most"),
    (["compare", "regular", "--threads", "0"], "`threads` must be at least 1, got 0"),
    (["compare", "regular", "--threads", "-1"], "`threads` must be at least 1, got -1"),
    (["compare", "no\nsuch"], "no"),
    (["compare", "no\nsuch.toml"], "No such file"),
    (["no\nsuch"], "no"),
]


@pytest.mark.parametrize(("arguments", "words"), OPTIONS)
def test_a_wrong_option_is_one_line(run: Run, tmp_path: Path, arguments: list[str], words: str) -> None:
    assert_refused(run(*arguments), words)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("out", "extra", "words"),
    [
        ("folder", [], "must be a new folder, 'folder' exists; choose another or add --overwrite"),
        ("file", [], "'file' exists"),
        ("file", ["--overwrite"], "must be writable, 'file' is not: File exists"),
        ("file/below", [], "must be writable, 'file/below' is not: Not a directory"),
        ("/proc/below", [], "must be writable"),
        ("n" * 300, [], "File name too long"),
    ],
)
def test_a_folder_that_cannot_be_written_is_refused_before_the_work(
    run: Run, tmp_path: Path, out: str, extra: list[str], words: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("precious")
    said = run("compare", "regular", *SMALL, "--out", out, *extra)
    assert_refused(said, words)
    assert "SGD, " not in said.out
    assert (tmp_path / "file").read_text() == "precious"


@pytest.mark.parametrize(
    ("q", "rate", "words"),
    [
        ("exp(4*w)", 0.02, r"of 300 walkers ended outside \[-1.0\] to \[2.0\]; widen \[grid\]"),
        ("w", 2.2, "ended outside"),
        ("w**3", 1e3, r"all 300 walkers diverged within 50 steps; reduce `learning_rate` \(now 1000\)"),
        ("2", 0.02, "a formula needs at least one variable"),
        ("__import__('os').getcwd()", 0.02, "__import__"),
    ],
)
def test_a_study_that_cannot_be_is_one_line_and_leaves_no_folder(
    run: Run, tmp_path: Path, q: str, rate: float, words: str
) -> None:
    path = write_study(tmp_path, q, rate)
    assert_refused(run("compare", path, "--out", "out", "--threads", "1"), words)
    assert [one.name for one in tmp_path.iterdir()] == ["own.toml"]


def test_a_study_that_was_mended_finds_its_folder_free(run: Run, tmp_path: Path) -> None:
    path = write_study(tmp_path, "w", 2.2)
    assert_refused(run("compare", path, "--out", "out", "--threads", "1"), "ended outside")
    path = write_study(tmp_path)
    assert run("compare", path, "--out", "out", *SMALL).status == 0


def test_too_little_memory_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def greedy(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("compare.command_line.console.run_study", greedy)
    assert_refused(run("compare", "regular", "--out", "out"), "more memory than there is; reduce")
    assert not (tmp_path / "out").exists()


def start(*arguments: str, folder: Path) -> subprocess.Popen[bytes]:
    return started([*COMMAND, *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_the_first_line_does_not_wait_for_the_heavy_imports_and_transport_for_frameworks(tmp_path: Path) -> None:
    look = """
import builtins, sys
def told(*words, **options):
    heavy = {"numpy", "scipy", "sympy"} & set(sys.modules)
    sys.__stdout__.write(f"{words[0]} {sorted(heavy)}\\n")
builtins.print = told
from compare.command_line import main
try:
    main(["compare", "regulr"])
except SystemExit:
    import ot
    sys.__stdout__.write(f"{sorted({'jax', 'ot', 'torch'} & set(sys.modules))}\\n")
"""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("POT_")}
    done = subprocess.run(
        [sys.executable, "-c", look], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    first, second, transport = done.stdout.splitlines()
    assert first == "gibbsgap: comparing SGD with theory on regulr []"
    assert "numpy" in second  # the control: the error comes after the imports
    assert transport == "['ot']"  # which loads jax and torch where they are installed, for seconds


def test_bars_and_control_codes_are_for_terminals_only(tmp_path: Path) -> None:
    near, far = os.openpty()
    termios.tcsetwinsize(far, (40, 100))
    call = [*COMMAND, "compare", "regular", "--walkers", "10000000", "--threads", "1"]
    folders = [tmp_path / "terminal", tmp_path / "pipe"]
    for folder in folders:
        folder.mkdir()
    with (
        started(call, cwd=folders[0], stdout=subprocess.PIPE, stderr=far) as terminal,
        started(call, cwd=folders[1], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as pipe,
    ):
        for process in (terminal, pipe):
            assert process.stdout is not None
            process.stdout.readline()
            assert b"SGD, " in process.stdout.readline()
        err, until = b"", time.monotonic() + 3
        while b"step" not in err:  # a bar shows itself after two seconds, on a busy machine later
            err += os.read(near, 100_000)
        time.sleep(max(0.0, until - time.monotonic()))  # where there is a pipe it had as long
        for process in (terminal, pipe):
            end(process)
        outs = [process.stdout.read() for process in (terminal, pipe) if process.stdout]
        assert pipe.stderr is not None
        told = pipe.stderr.read()
    while b"interrupted" not in err:
        err += os.read(near, 100_000)
    os.close(near)
    os.close(far)
    assert len(outs) == 2
    assert [re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", out) for out in outs] == [None, None]
    assert b"\r" in err
    assert_refused(Said(pipe.returncode, "", told.decode()), "interrupted")


def test_a_pipe_that_closes_ends_the_run_in_one_line_and_keeps_what_was_finished(tmp_path: Path) -> None:
    with start("compare", "regular", *SMALL, "--out", "out", folder=tmp_path) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read().decode()
    assert_refused(Said(process.returncode, "", err), "interrupted with 0 laws finished")
    assert os.listdir(tmp_path / "out") == ["comparison.json"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_an_output_that_is_full_is_one_line() -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run([*COMMAND, "studies"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert_refused(Said(ended.returncode, "", ended.stderr.decode()), "No space left")
