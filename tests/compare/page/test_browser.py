"""The page in a browser: nothing is missing, no script fails, nothing is fetched, on a phone and in print."""

import shutil

import pytest
from claims import claim_of, evidence, finding

from compare.claims import Shelf, judge_claim
from compare.page import entries_of, page_of

sync_api = pytest.importorskip("playwright.sync_api")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="there is no Chromium on this machine")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("claims")
    shelf = Shelf(folder / "quick")
    for name, value in (("M1", 1.0), ("M2", 5.0), ("M3", 1.0)):
        shelf.put(judge_claim(claim_of(evidence(finding(value)), name)))
    path = folder / "page.html"
    path.write_text(page_of(entries_of(folder)))
    return path.as_uri()


class Opened:
    """A page with what went wrong on it and what it asked for."""

    def __init__(self, browser, address, **options):
        self.page = browser.new_page(**options)
        self.wrong, self.requests = [], []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on(
            "console", lambda message: self.wrong.append(message.text) if message.type == "error" else None
        )
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(address)

    def shown(self):
        return self.page.locator("#claims > details:visible").evaluate_all("all => all.map(one => one.id)")


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield found
        found.close()


def fetched(opened, address):
    return [url for url in opened.requests if url != address and not url.startswith("data:")]


def test_nothing_is_missing_fails_or_is_fetched(browser, address):
    opened = Opened(browser, address)
    opened.page.evaluate("for (const one of claims) one.open = true")
    decoded = "all => Promise.all(all.map(async one => { await one.decode(); return one.naturalWidth; }))"
    widths = opened.page.locator("img").evaluate_all(decoded)
    assert len(widths) == 3
    assert min(widths) > 100
    assert opened.wrong == []
    assert fetched(opened, address) == []


def test_a_script_that_fails_and_a_file_that_is_fetched_are_seen(browser, tmp_path):
    path = tmp_path / "bad.html"
    path.write_text('<img src="other.png"><script>nothing.here()</script>')
    opened = Opened(browser, path.as_uri())
    assert any("nothing is not defined" in one for one in opened.wrong)
    assert [url.rpartition("/")[2] for url in fetched(opened, path.as_uri())] == ["other.png"]


def test_filters(browser, address):
    opened = Opened(browser, address)
    every = opened.shown()
    opened.page.click('button[data-kind="holds"]')
    assert opened.shown() == ["M1", "M3"]
    assert opened.page.inner_text("#shown") == f"2 of {len(every)} shown"
    opened.page.select_option("#source", index=1)
    assert "M1" not in opened.shown()
    opened.page.select_option("#source", "")
    opened.page.click('button[data-kind=""]')
    assert opened.shown() == every
    assert opened.wrong == []


def test_on_a_phone_nothing_is_wider_than_the_screen(browser, address):
    opened = Opened(browser, address, viewport={"width": 360, "height": 740})
    opened.page.evaluate("for (const one of claims) one.open = true")
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_in_print_all_evidence_is_unfolded(browser, address):
    opened = Opened(browser, address)
    opened.page.emulate_media(media="print")
    opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert opened.page.locator("details:not([open])").count() == 0
    opened.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert opened.page.locator("details[open]").count() == 0
    assert len(opened.page.pdf()) > 10_000
