"""Figures: drawn from the files alone, not blank, with fonts that travel."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn_studies import SOLID
from matplotlib import colors
from matplotlib import pyplot as plt
from matplotlib.image import imread

from compare.figures import draw_results
from compare.figures.palette import COLOURS
from compare.job import run_study
from compare.results import save_report
from compare.results.sealed import seal
from compare.study import Study, load_study, read_study

Drawn = dict[str, list[Path]]
LEAVING = {
    "name": "nobody in the basin",
    "model": {"q": "w"},
    "sgd": {"learning_rate": 0.1, "batch_size": 10, "steps": 20, "walkers": 300},
    "start": {"point": [0.0]},
    "grid": {"lower": [-1.0], "upper": [1.0], "cells": [20]},
    "survival": {"basin": [0.8, 0.9]},
}


def shipped(name: str, steps: int | None = None) -> Study:
    return load_study(name).resized(seed=None, walkers=1500, steps=steps)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Result files, moved away from where they were written."""
    folders = {}
    for name, steps in (("sharp-and-flat", None), ("rotated-noise", 300)):
        written = tmp_path_factory.mktemp(name)
        save_report(run_study(shipped(name, steps)), written)
        folders[name] = written.with_name(f"moved-{name}")
        shutil.move(written, folders[name])
    return folders


def pixels(path: Path) -> Any:
    return (imread(path)[..., :3] * 255).round().astype(int).reshape(-1, 3)


def colours_of(path: Path) -> int:
    return len(np.unique(pixels(path) @ np.array([65536, 256, 1])))


def amount(path: Path, colour: str) -> int:
    """Pixels of the figure in this colour, give or take rounding."""
    wanted = (np.array(colors.to_rgb(colour)) * 255).round().astype(int)
    return int((np.abs(pixels(path) - wanted).max(axis=1) <= 2).sum())


@pytest.fixture(scope="module")
def drawn(results: dict[str, Path]) -> Drawn:
    plt.close("all")  # what other tests have left
    return {name: draw_results(folder) for name, folder in results.items()}


def test_figures_are_drawn_from_the_two_files_alone(results: dict[str, Path], drawn: Drawn) -> None:
    names = {name: [path.name for path in paths] for name, paths in drawn.items()}
    assert names["sharp-and-flat"] == ["laws.png", "laws.pdf", "survival.png", "survival.pdf"]
    assert names["rotated-noise"] == ["laws.png", "laws.pdf"]
    for name, folder in results.items():
        assert {path.name for path in folder.iterdir()} == {
            *names[name],
            "comparison.json",
            "laws.nc",
            "timings.json",
        }
    assert plt.get_fignums() == []


def test_no_figure_is_blank(drawn: Drawn, tmp_path: Path) -> None:
    for path in (path for paths in drawn.values() for path in paths if path.suffix == ".png"):
        found = pixels(path)
        assert colours_of(path) > 100, path
        assert (found.min(axis=1) < 250).mean() > 0.01, path
    figure, _ = plt.subplots()
    figure.clear()
    figure.savefig(tmp_path / "blank.png")
    plt.close(figure)
    assert colours_of(tmp_path / "blank.png") == 1  # control


def test_every_law_has_its_colour(drawn: Drawn) -> None:
    laws, _, survival, _ = drawn["sharp-and-flat"]
    for name, colour in COLOURS.items():
        assert (amount(laws, colour) > 100) == (name != "normal_noise"), name  # which studies of networks have
    assert amount(survival, COLOURS["sgd"]) > 20
    assert amount(survival, COLOURS["fokker_planck"]) > 20
    assert amount(survival, COLOURS["posterior"]) == 0  # control: it is not there


def test_the_fonts_of_a_pdf_are_embedded_as_outlines(drawn: Drawn, tmp_path: Path) -> None:
    def is_portable(content: bytes) -> bool:
        return b"/Type3" not in content and b"/FontFile2" in content

    for path in (path for paths in drawn.values() for path in paths if path.suffix == ".pdf"):
        content = path.read_bytes()
        assert content.startswith(b"%PDF")
        assert is_portable(content), path
    with plt.rc_context({"pdf.fonttype": 3}):  # control
        figure, axes = plt.subplots()
        axes.set_title("x")
        figure.savefig(tmp_path / "other.pdf")
        plt.close(figure)
    assert not is_portable((tmp_path / "other.pdf").read_bytes())


def test_a_figure_shows_the_files_and_not_the_run(results: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    folder.mkdir()
    for name in ("comparison.json", "laws.nc"):
        shutil.copy(results["sharp-and-flat"] / name, folder / name)
    found = json.loads((folder / "comparison.json").read_text("utf-8"))
    found.pop("survival")
    (folder / "comparison.json").write_bytes(seal(found, (folder / "laws.nc").read_bytes()))
    assert [path.name for path in draw_results(folder)] == ["laws.png", "laws.pdf"]


def test_three_dimensions_have_numbers_and_no_figure(tmp_path: Path) -> None:
    save_report(run_study(read_study(SOLID)), tmp_path)
    assert draw_results(tmp_path) == []


def test_a_basin_that_nobody_visits_is_drawn_all_the_same(tmp_path: Path) -> None:
    save_report(run_study(read_study(LEAVING)), tmp_path)
    found = json.loads((tmp_path / "comparison.json").read_text("utf-8"))
    assert found["survival"]["escape_rate_per_step"] == "nan"
    assert len(draw_results(tmp_path)) == 4
    assert amount(tmp_path / "survival.png", COLOURS["fokker_planck"]) == 0  # no exponential is made up
