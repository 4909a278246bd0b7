"""The command writes what it can, wherever it is started, and never more than a line of complaint."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from repository import ROOT

STUDY = """
name = "é – small"
seed = 1
[model]
q = "w - 1/2"
[sgd]
learning_rate = 0.1
batch_size = 4
steps = 10
walkers = 200
[start]
uniform = [[-1.0, 1.0]]
[noise]
kind = "minibatch"
[grid]
lower = [-2.0]
upper = [2.0]
cells = [60]
[posterior]
examples = 10
"""
COMMAND = [sys.executable, "-c", "from compare.command_line import main; main()"]
ASCII = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
NO_HOME = {"HOME": "/dev/null", "XDG_CACHE_HOME": "/dev/null", "XDG_CONFIG_HOME": "/dev/null"}


def shell(line, *arguments, **environment):
    """`line` in a shell, where $@ is the command with `arguments`."""
    return subprocess.run(
        ["/bin/sh", "-c", line, "sh", *COMMAND, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_a_study_runs_without_letters_home_and_numbers(tmp_path):
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    run = shell(
        '"$@"',
        "compare",
        str(tmp_path / "study.toml"),
        "--out",
        str(tmp_path / "out"),
        **ASCII,
        **NO_HOME,
        NUMBA_NUM_THREADS="x",
        MPLBACKEND="no-such-display",
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert r"\xe9 \u2013 small" in run.stdout
    assert (tmp_path / "out" / "comparison.json").exists()


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", ">&- 2>&- <&-"])
def test_closed_streams_swallow(closed):
    run = shell(f'"$@" {closed}', "studies")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_a_mistake_is_told_where_the_output_is_closed():
    run = shell('"$@" >&-', "compare", "no-such-study")
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1


def test_nobody_reads():
    run = shell('"$@" | true; exit 0', "studies")
    assert run.stderr.count("\n") <= 1
    assert "Traceback" not in run.stderr


def test_a_number_of_threads_that_cannot_be():
    run = shell('"$@"', "compare", "regular", NUMBA_NUM_THREADS="0")
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1
    assert "NUMBA" in run.stderr
