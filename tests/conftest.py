"""What all tests share: random examples that are the same in every run, and no promise on time."""

from __future__ import annotations

import gc
import os
import sys
from collections import Counter
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "steady", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")

# POT loads every framework that is installed, for seconds in each process; no test takes it for that.
for framework in ("PYTORCH", "JAX", "TENSORFLOW", "CUPY"):
    os.environ.setdefault(f"POT_BACKEND_DISABLE_{framework}", "1")

# Modules, formulas and machine code stay to the end: to look through them for garbage took a fiftieth of the time.
gc.set_threshold(100_000, 20, 100)

# Files of most seconds first: with two at work none is left alone at the end. What compiles little begins beside
# what compiles most, so that few loops are compiled twice.
LONG = (
    "test_examples",
    "test_architecture",
    "test_documents",
    "test_site",
    "test_shipped_studies",
    "test_explorer_page",
    "test_sweep",
    "test_transition",
    "test_command_line",
    "test_showing",
    "test_threads",
    "test_pages",
    "test_output",
    "test_interruption",
    "test_study_limits",
    "test_study_figures",
    "test_draw",
    "test_validity_map",
    "test_loss_slope",
    "test_figures",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files in the order in which they are given to workers, the tests of each as they stand."""
    rank = {name: k for k, name in enumerate(LONG)}
    tests = Counter(item.path for item in items)
    items.sort(key=lambda item: (rank.get(item.path.stem, len(LONG)), -tests[item.path], str(item.path)))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, pytest.CollectReport, object]:
    """Every other worker collects from the end: each finds compiled what the others have met, and kept."""
    report = yield
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    if isinstance(collector, pytest.Directory) and int(worker.removeprefix("gw")) % 2:
        report.result.reverse()
    return report


def pytest_collection_finish() -> None:
    """Modules and tests are no garbage: to look through them again took seconds, most of them at the end.

    What a test writes and imports is not kept compiled: of two texts within a second the first would be read
    twice.
    """
    gc.freeze()
    sys.dont_write_bytecode = True
