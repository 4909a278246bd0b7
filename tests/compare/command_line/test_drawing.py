"""`gibbsgap draw`: figures of any results folder anew, in another width, format or style, without computing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from drawn_studies import REGULAR, SOLID

from compare.command_line import main
from compare.job import run_study
from compare.results import save_report
from compare.study import read_study


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("result")
    save_report(run_study(read_study(REGULAR), threads=1), folder)
    return folder


@pytest.fixture
def folder(result: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(result, tmp_path / "regular"))


def draw(*arguments: object) -> None:
    with pytest.raises(SystemExit) as end:
        main(["draw", *map(str, arguments)])
    assert not end.value.code


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """What a mistake is answered with: one line on stderr, nothing else."""
    with pytest.raises(SystemExit) as end:
        main(["draw", *map(str, arguments)])
    said = capsys.readouterr()
    assert end.value.code == 2
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


def test_a_folder_is_drawn_in_another_width_and_format(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    draw(folder, "--width", "neurips", "--format", "svg,pdf")
    assert capsys.readouterr().out == f"figures in {folder}: laws.svg, laws.pdf\n"
    written = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert written.keys() - before.keys() == {"laws.svg", "laws.pdf"}
    assert {name: written[name] for name in before} == before
    assert b'width="396pt"' in written["laws.svg"]  # 5.5 inches


def test_figures_go_elsewhere_and_replace_nothing_unasked(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "figures"
    draw(folder, "--out", out, "--format", "png", "--width", "3.4")
    assert [path.name for path in out.iterdir()] == ["laws.png"]
    capsys.readouterr()
    again = (folder, "--out", out, "--format", "png")
    assert "`--out` must not hold laws.png" in refused(capsys, *again)
    first = (out / "laws.png").read_bytes()
    draw(*again, "--overwrite")
    assert (out / "laws.png").read_bytes() != first
    assert not (folder / "laws.png").exists()


def test_a_sheet_of_ones_own(folder: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "own.mplstyle"
    sheet.write_text("figure.figsize: 4, 3\n")
    draw(folder, "--style", sheet, "--format", "svg")
    assert b'width="288pt"' in (folder / "laws.svg").read_bytes()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--width", "neurip"], "did you mean 'neurips'?"),
        (["--width", "0"], "between 1.5 and 40 inches, got 0"),
        (["--format", "pfd"], "`format` must be one of png, pdf, svg, eps, pgf, got 'pfd'"),
        (["--format", ""], "`format` must be one of"),
        (["--style", "nowhere.mplstyle"], "'nowhere.mplstyle' is not: No such file"),
        (["--out", "/dev/null"], "`--out` must be a folder"),
    ],
)
def test_wrong_options_are_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    assert words in refused(capsys, folder, *options)
    assert not list(folder.glob("laws.p*"))


def test_folders_without_a_result_of_ours_are_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "must be a folder with a result" in refused(capsys, tmp_path / "nowhere")
    assert "has neither comparison.json nor slope.json" in refused(capsys, tmp_path)
    numbers, laws = folder / "comparison.json", folder / "laws.nc"
    whole = numbers.read_bytes()
    numbers.write_bytes(whole.replace(b'"format": 4', b'"format": 3'))
    assert "must have format 4, got 3: another version's; run the study again" in refused(capsys, folder)
    numbers.write_text('{"title": "somebody else\'s"}')
    assert "format 4, got None" in refused(capsys, folder)
    numbers.write_bytes(whole[:100])
    assert "damaged or truncated" in refused(capsys, folder)
    numbers.write_bytes(whole)
    laws.write_bytes(laws.read_bytes()[:-1])
    assert "laws.nc must be the one" in refused(capsys, folder)


def test_a_result_without_figures_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_report(run_study(read_study(SOLID), threads=1), tmp_path)
    assert "has no figure: its laws have more than two variables" in refused(capsys, tmp_path)


def test_a_folder_of_a_map_names_what_draws_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "journal.sqlite").touch()
    assert "a map is drawn again by its own gibbsgap map with --width" in refused(capsys, tmp_path)
    (tmp_path / "journal.sqlite").unlink()
    assert "run gibbsgap compare first" in refused(capsys, tmp_path)
