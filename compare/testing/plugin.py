"""The plugin of pytest that shares the false alarms of a session out over its tests.

`pytest_plugins = ["compare.testing.plugin"]` in a `conftest.py`, or `-p compare.testing.plugin`, gives the fixture
`alpha_budget`. (PYTEST_DONT_REWRITE: nothing here asserts.)
"""

from __future__ import annotations

from typing import Any

import pytest

from compare.testing.budget import AlphaBudget, AlphaShare

KEY = pytest.StashKey[AlphaBudget]()
REPORTS = pytest.StashKey[dict[str, float]]()  # of the workers of pytest-xdist
SENT = "alpha_budget"
USUAL = "0.01"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The settings `alpha_budget` and `alpha_budget_tests`."""
    parser.addini("alpha_budget", "Chance of a false alarm in the session, shared by its tests.", default=USUAL)
    parser.addini("alpha_budget_tests", "Number of tests that share it; by default those collected.", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Reads the settings."""
    given, tests = str(config.getini("alpha_budget")), str(config.getini("alpha_budget_tests"))
    try:
        budget = float(given)
    except ValueError:
        budget = 0.0
    if not 0 < budget < 1:
        raise pytest.UsageError(f"`alpha_budget` must be a number between 0 and 1, got {given!r}")
    if tests and not (tests.isdecimal() and int(tests) > 0):
        raise pytest.UsageError(f"`alpha_budget_tests` must be a whole number above 0, got {tests!r}")
    config.stash[KEY] = AlphaBudget(budget, int(tests) if tests else None)
    config.stash[REPORTS] = {}


def pytest_itemcollected(item: pytest.Item) -> None:
    """Counts the tests that share the budget, before any is deselected: alphas do not depend on `-k`."""
    if "alpha_budget" in getattr(item, "fixturenames", ()):
        item.config.stash[KEY].collected.add(item.nodeid)


@pytest.fixture
def alpha_budget(request: pytest.FixtureRequest) -> AlphaShare:
    """What this test may take of the false alarms of the session: `alpha=alpha_budget()`."""
    return request.config.stash[KEY].share_of(request.node.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tells what a worker of pytest-xdist spent."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[SENT] = session.config.stash[KEY].spent


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Takes what a worker of pytest-xdist spent."""
    node.config.stash[REPORTS].update(getattr(node, "workeroutput", {}).get(SENT, {}))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """One line: what was spent, if anything was."""
    whole = config.stash[KEY]
    spent = whole.spent | config.stash[REPORTS]
    if spent:
        tests = f"{len(spent)} test{'s' * (len(spent) > 1)}"
        terminalreporter.write_line(
            f"false alarms: {sum(spent.values()):.3g} of the budget of {whole.budget:g} spent by {tests}"
        )
