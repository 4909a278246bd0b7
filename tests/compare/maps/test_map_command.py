"""The command `gibbsgap map`: what it writes, and mistakes in a line."""

from pathlib import Path

import pytest
import xarray as xr

from compare.command_line import main

STUDY = """\
name = "a well"
seed = 1
[model]
landscape = "w**2/2"
[sgd]
learning_rate = 0.1
batch_size = 4
steps = 200
walkers = 10000
[start]
normal = { mean = [0.0], std = [0.2] }
[noise]
kind = "gradient"
std = 1.0
[grid]
lower = [-3.0]
upper = [3.0]
cells = [120]
"""


@pytest.fixture
def study(tmp_path: Path) -> str:
    path = tmp_path / "well.toml"
    path.write_text(STUDY)
    return str(path)


def test_the_map_is_written_with_its_lines_and_its_figure(study: str, tmp_path: Path) -> None:
    ranges = [
        "--learning-rate",
        "0.5:3:3",
        "--batch-size",
        "2:8:2",
        "--refine",
        "0",
        "--settled",
        "--workers",
        "1",
    ]
    with pytest.raises(SystemExit, match="0"):
        main(["map", study, *ranges, "--format", "svg", "--out", str(tmp_path / "map")])
    with xr.open_dataset(tmp_path / "map" / "map.nc") as data:
        assert dict(data.cell.sizes) == {"learning_rate": 3, "batch_size": 2}
        assert "descent_0" in data.attrs["borders"]
        assert data["fokker_planck_total_variation"].isnull().sum() == 2  # at 3, beyond eta h = 2
    assert {"map.svg", "map-panel0.csv"} <= {path.name for path in (tmp_path / "map").iterdir()}


def test_a_map_of_one_range_is_refused(study: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["map", study, "--learning-rate", "0.5:3", "--out", str(tmp_path / "map")])
    assert "a map needs two ranges, got 1: learning_rate" in capsys.readouterr().err
