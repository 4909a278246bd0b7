"""README and documents say what runs."""

from __future__ import annotations

import importlib
import importlib.util
import re
import tomllib

import pytest
from repository import ROOT

from compare.claims import judge_claim
from theory.base.moved import MOVED

README = (ROOT / "README.md").read_text("utf-8")


def test_the_python_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    code, predictions = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len([line for line in code.splitlines() if line.strip()]) <= 25
    assert "100_000" in code
    exec(compile(code.replace("100_000", "2_000").replace("128", "32"), "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "point mass at 1.8" in printed
    assert printed.count("differs") == 4
    exec(compile(predictions, "README.md", "exec"), {})
    lines = capsys.readouterr().out.splitlines()
    said = [line.rpartition("# ")[2] for line in predictions.splitlines() if "# " in line]
    assert len(said) == len(lines) == 4
    assert all(one in line for one, line in zip(said, lines, strict=True))


def test_the_claim_of_the_documents_is_judged() -> None:
    (block,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "claims.md").read_text("utf-8"), re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(block, "claims.md", "exec"), names)
    found = judge_claim(names["width"])
    assert found.verdict.words == "fails because the step adds to it"


def test_every_door_of_extending_is_told_once() -> None:
    text = (ROOT / "docs" / "extending.md").read_text("utf-8")
    for face, name in re.findall(r"`(theory|simulate|compare)\.(\w+)`", text):
        assert hasattr(importlib.import_module(face), name), f"{face}.{name}"
    doors = re.findall(r"\*\*([A-Z][a-z ]+)\*\*", text)
    assert len(doors) == len(set(doors)) == 12


def missing_names(text: str) -> set[str]:
    """Dotted names of ours that a text quotes and that lead nowhere, or to a place that has moved."""
    found = set()
    for quoted in re.findall(r"`((?:theory|simulate|compare)(?:\.\w+)+)`", text):
        package, *parts = quoted.split(".")
        value = importlib.import_module(package)
        for k, part in enumerate(parts):
            module = ".".join([package, *parts[: k + 1]])
            if (not hasattr(value, part) and importlib.util.find_spec(module) is None) or module in MOVED:
                found.add(quoted)
                break
            value = getattr(value, part) if hasattr(value, part) else importlib.import_module(module)
    paths = re.findall(
        r"\b(?:theory|simulate|compare|tests|benchmarks|examples|docs)/[\w/]+\.(?:py|md|toml)\b", text
    )
    return found | {path for path in paths if not (ROOT / path).exists()}


def test_names_in_the_documents_lead_somewhere() -> None:
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    found = {path.name: missing_names(path.read_text("utf-8")) for path in documents}
    assert {name: names for name, names in found.items() if names} == {
        "coverage.md": {"benchmarks/sweeps/KIND.py"}
    }


def test_a_name_that_leads_nowhere_is_seen() -> None:
    assert missing_names("`theory.escape` and `theory.tails`") == {"theory.escape", "theory.tails"}
    assert missing_names("tests/test_nothing.py") == {"tests/test_nothing.py"}
    assert not missing_names("`theory.paths.Scheme`, `theory.base.kernels.kernel`, tests/conftest.py")


def test_the_commands_of_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    assert "gibbsgap" in scripts


def test_links_of_the_documents_lead_somewhere() -> None:
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text("utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_decisions_are_short_and_in_their_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text("utf-8")
    pages = {path.name: path.read_text("utf-8") for path in folder.glob("*.md") if path.name != "README.md"}
    assert set(re.findall(r"\]\((\w+\.md)\)", index)) == pages.keys()
    for name, text in pages.items():
        parts = re.findall(r"^\*\*(\w+)\.?\*\*", text, re.MULTILINE)
        assert parts == ["Context", "Decision", "Measured", "Consequences"], name
        assert 15 <= len(text.splitlines()) <= 30, name


def test_every_key_of_a_study_is_documented() -> None:
    text = (ROOT / "docs" / "studies.md").read_text("utf-8")
    keys = set()
    for study in (ROOT / "compare" / "studies").glob("*.toml"):
        for key, value in tomllib.loads(study.read_text("utf-8")).items():
            keys |= {key} | (set(value) if isinstance(value, dict) else set())
    assert {key for key in keys if f"`{key}`" not in text and f"[{key}]" not in text} == set()


def test_constraints_pin_every_dependency_and_name_no_registry() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    wanted = {re.split(r"[\[><=]", line)[0].lower().replace("_", "-") for group in groups for line in group}
    text = (ROOT / "constraints.txt").read_text("utf-8")
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in text.splitlines()}
    assert wanted - {"gibbsgap"} <= pinned
    assert "://" not in text
