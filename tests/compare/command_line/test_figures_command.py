"""The command `gibbsgap figures`: pictures of judged claims with their data, and one line for each mistake."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from compare.claims import Judgement, Kind, Shelf, Verdict
from compare.command_line import main
from compare.pictures import Axis, Panel, Picture, Series, picture_from_xarray

X = np.array([1.0, 2.0, 3.0])
SERIES = Series.measured("SGD", X, X / 3, 0.1)
PICTURE = Picture([Panel(Axis("step $k$"), Axis("share"), [SERIES])], "what is left")
JUDGED = Judgement(
    "S2",
    "a paper",
    "fig. 1",
    "it is so",
    "1",
    "quick",
    1,
    {},
    "key",
    Verdict(Kind.HOLDS, "holds"),
    picture=PICTURE,
)


@pytest.fixture
def claims(tmp_path: Path) -> Path:
    """A folder of judgements: one with a picture, one without, one from a file of the user's own."""
    shelf = Shelf(tmp_path / "claims" / "quick")
    for name, picture in (("S2", PICTURE), ("L1", None), ("mine", PICTURE)):
        shelf.put(replace(JUDGED, identifier=name, picture=picture))
    return tmp_path / "claims"


def run(claims: Path, *more: str) -> Path:
    out = claims.parent / "figures"
    with pytest.raises(SystemExit) as ended:
        main(["figures", "--claims", str(claims), "--out", str(out), *more])
    assert ended.value.code == 0
    return out


def refused(capsys: pytest.CaptureFixture[str], claims: Path, *more: str) -> str:
    out = claims.parent / "figures"
    with pytest.raises(SystemExit) as ended:
        main(["figures", "--claims", str(claims), "--out", str(out), *more])
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    return line


def test_a_picture_comes_in_every_format_with_its_data(claims: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = run(claims, "S2", "--format", "pdf,svg", "--width", "neurips")
    assert {path.name for path in out.iterdir()} == {"S2.pdf", "S2.svg", "S2.nc", "S2-panel0.csv"}
    with xr.open_dataset(out / "S2.nc", engine="h5netcdf") as data:
        saved = picture_from_xarray(data.load()).panels[0]
    assert isinstance(saved, Panel)
    np.testing.assert_array_equal(saved.series[0].y, SERIES.y)
    rows = list(csv.DictReader((out / "S2-panel0.csv").read_text("utf-8").splitlines()))
    np.testing.assert_array_equal([float(row["share"]) for row in rows], SERIES.y)
    assert b"/FontFile2" in (out / "S2.pdf").read_bytes()
    assert "figures of S2" in capsys.readouterr().out


def test_all_that_were_judged_are_drawn_again_alike(claims: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = run(claims, "--width", "3.25")
    assert {path.name for path in out.glob("*.pdf")} == {"S2.pdf", "mine.pdf"}
    assert "no picture: L1" in capsys.readouterr().out
    first = (out / "S2.pdf").read_bytes()
    assert (run(claims, "--width", "3.25") / "S2.pdf").read_bytes() == first
    assert (run(claims, "--width", "5.5") / "S2.pdf").read_bytes() != first  # control


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["S22"], "no claim is called 'S22'; did you mean 'S2'?"),
        (["L5"], "L5 must be judged before its picture is drawn, it was not; run gibbsgap claims L5 first"),
        (["S2", "--format", "pdff"], "did you mean 'pdf'?"),
        (["S2", "--width", "neurps"], "did you mean 'neurips'?"),
        (["S2", "--width", "900"], "must lie between 1.5 and 40 inches"),
        (["--full"], "holds none; run gibbsgap claims --full first"),
    ],
)
def test_mistakes_are_one_line(
    claims: Path, capsys: pytest.CaptureFixture[str], more: list[str], told: str
) -> None:
    assert told in refused(capsys, claims, *more)


def test_a_damaged_judgement_stops_no_other(claims: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (claims / "quick" / "mine.nc").write_bytes(b"nothing")
    assert "it was changed; judge the claim again" in refused(capsys, claims)
    assert (claims.parent / "figures" / "S2.pdf").exists()


def test_a_file_in_the_way_is_told(claims: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (claims.parent / "figures").write_text("in the way")
    assert "`--out` must be writable" in refused(capsys, claims)


@pytest.mark.parametrize("command", ["figures", "report"])
def test_a_folder_that_is_none(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--claims", str(tmp_path / "none")])
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert f"`--claims` must be a folder of judgements, '{tmp_path / 'none'}' is none; give" in line
