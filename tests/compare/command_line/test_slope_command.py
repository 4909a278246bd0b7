"""`gibbsgap slope`: what it prints and writes, and what its files and figure hold."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from matplotlib import pyplot as plt
from processes import end, started
from result_folders import held, result

from compare.command_line import main
from compare.figures import draw_results, draw_slope
from compare.results import ResultFolder, read_results
from theory.base.errors import InputError

STUDY = """
name = "own"
[model]
q = "w - 1/2"
[sgd]
learning_rate = 0.1
batch_size = 4
[loss_slope]
rates = [0.1, 0.2, 0.4]
methods = {methods}
"""
LAWS = """
steps = 20
walkers = 300
[start]
point = [0.5]
[grid]
lower = [-1.0]
upper = [2.0]
cells = [60]
[loss_slope]
"""
FILES = {"slope.json", "slope.nc", "slope.png", "slope.pdf", "timings.json"}


def write(folder: Path, methods: str = '["formula", "fokker planck"]') -> str:
    (folder / "own.toml").write_text(STUDY.format(methods=methods), "utf-8")
    return str(folder / "own.toml")


def run(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert not caught.value.code


def refused(capsys: Any, *arguments: object) -> str:
    with pytest.raises(SystemExit) as caught:
        main([str(argument) for argument in arguments])
    assert caught.value.code == 2
    err = str(capsys.readouterr().err)
    assert re.fullmatch(r"gibbsgap: error: [^\n]+\n", err)
    return err


def test_it_prints_and_writes_what_it_finds(monkeypatch: Any, capsys: Any, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    study = write(tmp_path)
    run(["slope", study])
    out = capsys.readouterr().out
    assert "prediction: 0.0625 = tr C / (4 B)" in out
    assert "edge of stability, eta h = 2 (1 + momentum): learning rate 2" in out
    assert "fokker planck: stationary loss" in out
    assert out.count("slope at 0: ") == 2
    assert "verdict: agrees" in out
    folder = tmp_path / "results" / "own"
    assert {path.name for path in folder.iterdir()} == FILES
    found = read_results(folder)
    assert found.complete
    assert found.laws is None
    assert found.slopes is not None
    assert found.slopes.learning_rate.to_numpy().tolist() == [0.1, 0.2, 0.4]
    numbers = found.numbers["methods"]["formula"]
    assert numbers["slope"] == pytest.approx(0.0625, rel=0.02)
    assert numbers["interval"][0] < 0.0625 < numbers["interval"][1]
    assert numbers["losses"][0]["excess_loss"] == float(found.slopes.excess_loss.sel(found_by="formula")[0])
    assert found.numbers["edge_of_stability"] == 2.0
    before = held(folder)
    assert "must be a new folder" in refused(capsys, "slope", study)
    run(["slope", study, "--overwrite", "--threads", "2"])
    after = held(folder)
    assert all(before[name] == after[name] for name in ("slope.json", "slope.nc"))
    (folder / "slope.nc").write_bytes(before["slope.nc"] + b"x")
    with pytest.raises(InputError, match=r"slope.nc must be the one that slope.json was written with"):
        read_results(folder)


def test_a_comparison_holds_the_slope_and_a_slope_replaces_no_comparison(capsys: Any, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(STUDY.format(methods='["formula"]').replace("[loss_slope]\n", LAWS), "utf-8")
    out = tmp_path / "out"
    run(["compare", str(path), "--out", str(out)])
    printed = capsys.readouterr().out
    assert "loss slope by formula, 3 rates" in printed
    assert "verdict: agrees" in printed
    laws = {"comparison.json", "laws.nc", "laws.png", "laws.pdf"}
    assert {one.name for one in out.iterdir()} == laws | FILES - {"slope.json"}
    found = read_results(out)
    assert found.numbers["loss_slope"]["methods"]["formula"]["verdict"] == "agrees"
    assert found.slopes is not None
    before = held(out)
    assert "must not hold comparison.json" in refused(capsys, "slope", path, "--out", out, "--overwrite")
    assert held(out) == before
    (out / "slope.nc").unlink()
    with pytest.raises(InputError, match=r"belongs to slope\.nc, which is missing"):
        read_results(out)


def test_what_a_slope_needs_is_refused_in_one_line(capsys: Any, tmp_path: Path) -> None:
    assert "needs [loss_slope] in the study" in refused(capsys, "slope", "regular", "--out", tmp_path / "a")
    assert "holds 'operatr', which is unknown" in refused(
        capsys, "slope", write(tmp_path, '["operatr"]'), "--out", tmp_path / "a"
    )
    assert "is for gibbsgap slope" in refused(capsys, "compare", write(tmp_path), "--out", tmp_path / "a")
    assert "`seed` must lie between" in refused(capsys, "slope", write(tmp_path), "--seed", "-1")
    assert not (tmp_path / "a").exists()


def test_the_figure_is_drawn_from_the_file(tmp_path: Path, capsys: Any) -> None:
    run(["slope", write(tmp_path), "--out", str(tmp_path / "out")])
    slopes = read_results(tmp_path / "out").slopes
    assert slopes is not None
    figure = draw_slope(slopes)
    left, _ = figure.axes
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "predicted slope", "formula", "Fokker–Planck", "tangent at 0, 95 % band",
    ]  # fmt: skip
    assert any("edge" in text.get_text() and "at 2" in text.get_text() for text in left.texts)
    assert any("= 0.0625." in text.get_text() for text in figure.texts)
    plt.close(figure)
    near = draw_slope(slopes.assign_attrs(edge=0.45))
    assert all(any(line.get_xdata()[0] == 0.45 for line in axes.lines) for axes in near.axes)  # type: ignore[index]
    plt.close(near)
    (tmp_path / "out" / "slope.png").unlink()
    assert [path.name for path in draw_results(tmp_path / "out")] == ["slope.png", "slope.pdf"]
    assert (tmp_path / "out" / "slope.png").stat().st_size > 10_000


def test_an_interrupted_run_keeps_what_it_has(tmp_path: Path) -> None:
    out = tmp_path / "out"
    study = write(tmp_path, '["formula", "sampling"]\nburn_in = 100000000')
    command = [sys.executable, "-c", "from compare.command_line import main; main()", "slope", study]
    call = [*command, "--out", str(out), "--threads", "1"]
    with started(call, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            while "sampling" not in process.stdout.readline():
                assert process.poll() is None
            end(process, signal.SIGTERM)
            err = process.stderr.read() if process.stderr else ""
        finally:
            process.kill()
    assert process.returncode == 2
    assert re.fullmatch(r"gibbsgap: error: interrupted with 1 methods finished \(formula\), [^\n]+\n", err)
    found = json.loads((out / "slope.json").read_text("utf-8"))
    assert not found["complete"]
    assert found["methods"]["formula"]["status"] == "ok"
    assert {path.name for path in out.iterdir()} == {"slope.json", "slope.nc"}
    part = held(out)
    run(["slope", write(tmp_path), "--out", str(out)])  # what a part left is no reason to refuse the rest
    assert {path.name for path in out.iterdir()} == FILES
    before = held(out)
    assert not ResultFolder(out, overwrite=True).keep_part(part)  # a part does not replace a whole
    assert held(out) == before


def test_a_folder_with_another_result_is_left(tmp_path: Path, capsys: Any) -> None:
    ResultFolder(tmp_path / "out", overwrite=False).publish(result(1))
    assert "must not hold" in refused(capsys, "slope", write(tmp_path), "--out", tmp_path / "out", "--overwrite")
    assert held(tmp_path / "out") == result(1)
