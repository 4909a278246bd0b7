"""README, examples and documents say what runs."""

from __future__ import annotations

import re
import tomllib

import pytest
from example_files import load
from matplotlib import pyplot as plt
from repository import ROOT

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


def test_the_commands_of_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    assert "gibbsgap" in scripts


def test_links_of_the_documents_lead_somewhere() -> None:
    for document in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text("utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_anisotropic_noise_breaks_gibbs() -> None:
    example = load("anisotropic_noise_breaks_gibbs")
    comparison = example.main(walkers=20_000)
    assert comparison.agrees("gaussian")
    assert comparison.agrees("fokker_planck")
    assert comparison.verdict("gibbs") == "differs"
    distance = comparison.distances["gibbs"]["total_variation"]
    assert distance.low < 0.19 < distance.high
    figure = example.draw(comparison)
    assert figure.axes
    plt.close(figure)


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


def test_kramers_is_late() -> None:
    example = load("kramers_is_late")
    found = example.main((0.1, 0.005))
    (exact, kramers), (deep, deep_kramers) = found.values()
    assert exact == pytest.approx(66.269, rel=1e-4)
    assert 1 - kramers / exact == pytest.approx(0.18, abs=0.005)
    assert deep > 1e22
    assert 1 - deep_kramers / deep == pytest.approx(0.0076, abs=0.0005)
    figure = example.draw(found)
    assert figure.axes
    plt.close(figure)
