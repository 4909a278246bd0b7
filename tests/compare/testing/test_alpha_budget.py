"""The fixture that shares the false alarms of a session out over its tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from compare.testing.budget import AlphaBudget
from theory.base import InputError

CONFTEST = 'pytest_plugins = ["compare.testing.plugin"]\n'
SUITE = """
import pytest

def test_one(alpha_budget):
    assert alpha_budget() == pytest.approx(0.005)

def test_three(alpha_budget):
    assert alpha_budget(calls=3) == pytest.approx(0.005 / 3)

@pytest.mark.parametrize("k", range(2))
def test_two(alpha_budget, k):
    alpha_budget()

def test_none():
    pass
"""


def run(folder: Path, suite: str, *options: str, settings: str = "") -> tuple[int, str]:
    """The exit status and the output of a session of its own, with warnings as errors."""
    folder.joinpath("conftest.py").write_text(CONFTEST)
    folder.joinpath("test_suite.py").write_text(suite)
    folder.joinpath("pytest.ini").write_text(f"[pytest]\nfilterwarnings = error\n{settings}")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    found = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return found.returncode, found.stdout + found.stderr


def test_tests_share_the_budget(tmp_path: Path) -> None:
    status, text = run(tmp_path, SUITE, settings="alpha_budget = 0.02")
    assert status == 0, text
    assert "false alarms: 0.02 of the budget of 0.02 spent by 4 tests" in text


def test_workers_share_it_too_and_a_choice_of_tests_keeps_their_alphas(tmp_path: Path) -> None:
    status, text = run(tmp_path, SUITE, "-n", "2", "-k", "one or three", settings="alpha_budget = 0.02")
    assert status == 0, text
    assert "false alarms: 0.01 of the budget of 0.02 spent by 2 tests" in text


def test_a_session_without_it_says_nothing_and_loads_nothing(tmp_path: Path) -> None:
    suite = (
        "import sys\n\n\ndef test_it():\n"
        "    assert 'compare.testing.plugin' in sys.modules\n"
        "    assert not {'numpy', 'scipy', 'theory', 'sympy'} & set(sys.modules)\n"
    )
    status, text = run(tmp_path, suite)
    assert status == 0, text
    assert "false alarms" not in text


@pytest.mark.parametrize("setting", ["alpha_budget = much", "alpha_budget = 1", "alpha_budget_tests = -3"])
def test_wrong_settings_are_refused(tmp_path: Path, setting: str) -> None:
    status, text = run(tmp_path, SUITE, settings=setting)
    assert status == pytest.ExitCode.USAGE_ERROR
    assert "must be a" in text


def test_a_share_is_spent_once() -> None:
    whole = AlphaBudget(0.02, collected={"one", "two"})
    assert whole.share_of("one")(4) == pytest.approx(0.0025)
    assert whole.total == pytest.approx(0.01)
    with pytest.raises(InputError, match="is spent; ask once"):
        whole.share_of("one")()
    with pytest.raises(InputError, match="at least 1, got 0"):
        whole.share_of("two")(0)
    with pytest.raises(InputError, match="among its arguments"):
        whole.share_of("other")()


def test_a_number_of_tests_that_is_given_is_not_exceeded() -> None:
    whole = AlphaBudget(0.02, 1, {"one", "two"})
    assert whole.share_of("one")() == pytest.approx(0.02)
    with pytest.raises(InputError, match="for 1 tests; raise"):
        whole.share_of("two")()
