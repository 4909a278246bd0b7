"""The command in a browser: a slider that moves, two browsers, a wrong formula, and an end that leaves nothing."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
from processes import PATIENCE, started

sync_api = pytest.importorskip("playwright.sync_api")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason="there is no Chromium on this machine"),
    pytest.mark.skipif(find_spec("panel") is None, reason="the explorer needs panel"),  # the command imports it
]
COMMAND = [sys.executable, "-c", "from compare.command_line import main; main()", "explore"]
LONG = 1000 * PATIENCE
STUDY = """
name = "small & <b>bold</b>"
model = { q = "w - 1/2", noise_std = 2.0 }
sgd = { learning_rate = 0.1, batch_size = 20, steps = 60, walkers = 500 }
start = { uniform = [[-1.0, 2.0]] }
grid = { lower = [-1.5], upper = [2.5], cells = [120] }
posterior = { examples = 100 }
"""
ROW = "#fokker_planck td.number >> nth=0"


class Served:
    """The command in a process of its own."""

    def __init__(self, folder: Path) -> None:
        (folder / "small.toml").write_text(STUDY, encoding="utf-8")
        self.process = started(
            [*COMMAND, "small.toml", "--no-browser"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, start_new_session=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "gibbsgap: exploring small.toml\n"
        self.address = self.process.stdout.readline().partition(" ")[0]
        self.port = int(self.address.rstrip("/").rpartition(":")[2])

    def children(self) -> list[int]:
        """The processes of its session."""
        found = []
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                words = path.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(words[3]) == self.process.pid and words[0] != "Z":
                found.append(int(path.parent.name))
        return found


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    one = Served(tmp_path_factory.mktemp("explored"))
    with one.process:  # closes its pipes
        yield one
        if one.process.poll() is None:
            one.process.kill()


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield found
        found.close()


class Opened:
    """The page with what went wrong on it and what it asked for."""

    def __init__(self, browser, address, **options):
        self.page = browser.new_context(**options).new_page()
        self.page.set_default_timeout(LONG)
        self.wrong, self.requests = [], []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", lambda told: self.wrong.append(told.text) if told.type == "error" else None)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))
        self.page.goto(address)
        self.distance()

    def distance(self):
        return float(self.page.inner_text(ROW))

    def press(self, slider, key):
        handle = self.page.locator(f".{slider} .noUi-handle")
        handle.focus()
        handle.press(key)

    def changed(self, before):
        """The distance once it is not `before` any more."""
        sync_api.expect(self.page.locator(ROW)).not_to_have_text(f"{before:.4g}", timeout=LONG)
        return self.distance()


def test_a_slider_that_moves_changes_a_distance(served, browser):
    opened, other = (
        Opened(browser, served.address),
        Opened(browser, served.address, viewport={"width": 360, "height": 740}),
    )
    first = opened.distance()
    assert 0 < first < 0.1
    opened.press("learning_rate", "ArrowRight")
    assert opened.changed(first) > first
    for _ in range(6):  # of moves on the way the last is shown in the end
        opened.press("learning_rate", "ArrowRight")
    said = re.compile("^minimum at 0.5: curvature h = 1, eta h = 0.224 < 2")
    sync_api.expect(opened.page.locator("#stability")).to_have_text(said, timeout=LONG)
    last = opened.distance()
    assert other.distance() == first  # another browser keeps its own point
    opened.page.fill(".formula input", "w**")
    opened.page.press(".formula input", "Enter")
    opened.page.wait_for_selector("[role=alert]")
    assert opened.page.inner_text("[role=alert]").startswith("formula 'w**' does not parse")
    opened.page.fill(".formula input", "w - 1/2")
    opened.page.press(".formula input", "Enter")
    opened.page.wait_for_selector("#laws")
    assert opened.distance() == last
    with opened.page.expect_download() as download:
        opened.page.click(".save a, .save button")
    saved = tomllib.loads(Path(download.value.path()).read_text("utf-8"))
    assert download.value.suggested_filename == "small-explored.toml"
    assert saved["sgd"]["learning_rate"] == 0.224
    assert other.page.evaluate("document.documentElement.scrollWidth") <= 360
    for one in (opened, other):
        assert one.wrong == []
        asked = [url for url in one.requests if not url.startswith(("data:", "blob:"))]
        assert [url for url in asked if not re.match(rf"(http|ws)://127\.0\.0\.1:{served.port}/", url)] == []


def test_a_signal_ends_it_and_leaves_no_process(served):
    assert len(served.children()) >= 2
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(PATIENCE) == 0
    assert served.process.stderr.read() == ""
    until = time.monotonic() + PATIENCE  # the tracker of resources ends after it, by itself
    while served.children() and time.monotonic() < until:
        time.sleep(0.05)
    assert served.children() == []
