"""The files of a study of a network, its figure, and the command that writes them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from network_studies import SMALL

from compare.command_line import main
from compare.figures import draw_files, figures_of
from compare.job import run_network_study
from compare.report import NetworkReport
from compare.results import network_files, open_results
from theory.base.errors import InputError

TEXT = """
name = "from a file"
seed = 2
[network]
kind = "diagonal linear"
examples = 30
inputs = 3
teacher = 1
label_noise = 0.3
weight_decay = 0.2
[sgd]
learning_rate = 0.2
batch_size = 5
steps = 200
walkers = 16
[observables]
names = ["loss", "log loss"]
burn_in = 60
every = 5
[chains]
number = 6
steps = 100
burn_in = 40
"""


@cache
def report() -> NetworkReport:
    return run_network_study(SMALL, threads=1)


@cache
def files() -> dict[str, bytes]:
    return network_files(report())


def test_files_hold_what_was_found() -> None:
    found = open_results(files())
    assert found.complete
    assert set(files()) == {"comparison.json", "observables.nc", "timings.json"}
    numbers, laws = found.numbers, found.observables
    assert laws is not None
    assert numbers["verdict"]["sentences"] == list(report().sentences)
    assert numbers["laws"]["posterior"]["status"] == "none: the study has no [posterior]"
    names = json.loads(laws.attrs["observables"])
    for k, name in enumerate(names):
        view = report().views[name].found
        assert list(laws[f"law_{k}"].to_numpy()) == list(view)
        cell = np.prod([np.diff(laws[f"{axis}_{k}"].to_numpy()[:2])[0] for axis in "xy" if f"{axis}_{k}" in laws])
        mass = laws[f"density_{k}"].to_numpy().reshape(len(view), -1).sum(axis=1) * cell
        assert (mass <= 1 + 1e-9).all()
        assert (mass > 0.9).all()
        for mean, law in zip(laws[f"mean_{k}"].to_numpy(), view.values(), strict=True):
            np.testing.assert_allclose(mean, law.all.mean(axis=0))
    assert "points_3" in laws
    assert names[3] == "sharpest"


def test_a_file_that_was_changed_is_refused() -> None:
    other = {**files(), "observables.nc": files()["observables.nc"] + b" "}
    with pytest.raises(InputError, match=r"observables\.nc"):
        open_results(other)


def test_the_figure_has_a_panel_for_each_observable_and_a_name_for_each_law() -> None:
    (figure,) = figures_of(open_results(files())).values()
    shown = [panel for panel in figure.axes if panel.axison]
    assert [panel.get_xlabel() for panel in shown][2:] == ["distance from the minimum", "sharpest direction"]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["SGD", "Langevin paths", "Gibbs", "normal noise"]
    assert set(draw_files(open_results(files()), formats=("png",))) == {"observables.png"}


def test_an_interrupted_study_keeps_its_part() -> None:
    part = open_results(network_files(NetworkReport(SMALL, report().minimum)))
    assert not part.complete
    assert part.observables is None
    assert part.numbers["laws"]["sgd"]["status"] == "none: interrupted before it was computed"


def test_the_command_runs_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "own.toml", tmp_path / "found"
    path.write_text(TEXT)
    with pytest.raises(SystemExit) as ended:
        main(["compare", str(path), "--out", str(out), "--threads", "1", "--walkers", "18"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert "distance of SGD's law from each, through log loss" in told
    assert "18 chains of" in told
    assert "\nverdict\nNormal noise: " in told
    assert {one.name for one in out.iterdir()} >= {"comparison.json", "observables.nc", "observables.png"}
    for command in (["sweep", str(path), "--learning-rate", "0.1,0.2"], ["slope", str(path)]):
        with pytest.raises(SystemExit) as ended:
            main([*command, "--out", str(tmp_path / "other")])
        assert ended.value.code == 2
        assert "a study with [network] is for gibbsgap compare" in capsys.readouterr().err
