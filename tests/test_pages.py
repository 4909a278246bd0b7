"""Every block of Python in the documents runs and prints what its page says."""

from __future__ import annotations

import os
import re
import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from matplotlib import pyplot as plt
from pages import blocks_of, printed
from repository import ROOT

from compare import Study, load_study, read_study

DOCS = ROOT / "docs"
ELSEWHERE = {"claims.md"}  # judged in test_documents.py
SWEEPING = {"sweeps.md", "maps.md"}
MADE = {"notebooks", "gallery"}  # from examples, by the build of the site
PAGES = [
    path.relative_to(DOCS).as_posix()
    for path in sorted(DOCS.rglob("*.md"))
    if path.name not in ELSEWHERE and path.parent.name not in MADE and blocks_of(path.read_text("utf-8"))
]


def smaller(name: str) -> Study:
    """The study with less to compute at each point of a sweep."""
    table = deepcopy(dict(load_study(name).source))
    table["sgd"] |= {"steps": 20, "walkers": 100}
    table["grid"]["cells"] = [100]
    return read_study(table)


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_says_runs(page: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # figures are saved
    if page in SWEEPING:
        monkeypatch.setattr(os, "cpu_count", lambda: 1)  # they run here, in a moment
        monkeypatch.setattr("compare.load_study", smaller)
    for extra in re.findall(r"^import (torch)$", (DOCS / page).read_text("utf-8"), re.MULTILINE):
        pytest.importorskip(extra)
    for block, lines in printed(blocks_of((DOCS / page).read_text("utf-8")), page):
        assert not block.said or lines == block.said, block.code
    plt.close("all")


def test_the_assertions_of_the_documents_hold() -> None:
    *_, block = blocks_of((DOCS / "testing.md").read_text("utf-8"))
    names: dict[str, Any] = {}
    exec(compile(block.code, "testing.md", "exec"), names)
    tests = [names[name] for name in names if name.startswith("test_")]
    assert len(tests) == 2
    for test in tests:
        test(lambda calls=1: 1e-3 / calls)


def test_the_study_of_the_documents_is_one() -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", (DOCS / "how-to" / "study.md").read_text("utf-8"), re.DOTALL)
    study = read_study(tomllib.loads(text))
    assert (study.name, study.walkers) == ("a funnel of my own", 5000)


def test_what_is_printed_otherwise_is_seen() -> None:
    page = "```python\nx = 1\nprint(x)  # 1\n```\n\n```python\nprint(x, 'a')\n```\n\n```text\n1 b\n```\n"
    (first, said), (second, other) = printed(blocks_of(page), "page")
    assert said == first.said == ("1",)
    assert other == ("1 a",)
    assert second.said == ("1 b",)
