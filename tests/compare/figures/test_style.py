"""Styles: widths and formats by name, the user's own settings first, nothing global changed."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.colors import to_rgb

from compare.figures import FORMATS, WIDTHS, Style, check_format, image, new_figure
from compare.figures.palette import COLOURS, DENSITY, DIFFERENCE, colour_of
from compare.figures.style import latex_engine
from theory import InputError

LEAST_LETTERS = 6.0
GREY = np.array([0.2126, 0.7152, 0.0722])


def drawn(style: Style) -> tuple[float, float, float]:
    """Inches across, points of a label and of a number of a figure in a style."""
    with style.applied():
        figure = new_figure(2.0)
        axes = figure.subplots()
        return (
            float(figure.get_size_inches()[0]),
            float(axes.xaxis.label.get_size()),
            float(axes.get_xticklabels()[0].get_size()),
        )


@pytest.mark.parametrize("name", WIDTHS)
def test_a_width_has_its_inches_and_letters_that_can_be_read(name: str) -> None:
    inches, text, numbers = drawn(Style.of(name))
    assert inches == pytest.approx(WIDTHS[name].inches)
    assert text >= numbers >= LEAST_LETTERS


def test_widths_are_those_of_the_journals() -> None:
    known = {"neurips": 5.5, "icml": 3.25, "jmlr": 6.0, "prl": 3.39, "single": 3.4, "double": 7.0, "page": 6.3}
    assert {name: round(WIDTHS[name].inches, 2) for name in known} == known
    assert drawn(Style.of(4.2))[0] == drawn(Style.of("4.2"))[0] == 4.2


def test_what_the_user_has_set_is_kept() -> None:
    with mpl.rc_context({"axes.labelsize": 13.0, "lines.linewidth": 3.0, "figure.figsize": (4.0, 3.0)}):
        assert drawn(Style()) == (4.0, 13.0, 7.0)
        assert drawn(Style.of("single")) == (3.4, 13.0, 6.5)  # a width that is asked for comes first
        with Style().applied(), Style.of("single").applied():  # an outer style is no setting of the user
            assert mpl.rcParams["xtick.labelsize"] == 6.5
            assert mpl.rcParams["lines.linewidth"] == 3.0
    assert drawn(Style())[1] == 8.0  # control


def test_a_sheet_comes_first_but_sets_no_session(tmp_path: Path) -> None:
    sheet = tmp_path / "own.mplstyle"
    sheet.write_text("axes.labelsize: 11\nimage.cmap: viridis\nbackend: svg\n# a comment: 3\n")
    backend = mpl.rcParams["backend"]
    with mpl.rc_context({"axes.labelsize": 13.0}):
        assert drawn(Style.of("neurips", sheet=sheet))[1] == 11.0
        with Style(sheet=sheet).applied():
            assert mpl.rcParams["image.cmap"] == "viridis"
            assert mpl.rcParams["backend"] == backend


def test_colours_follow_the_cycle_of_the_user() -> None:
    with Style().applied():
        assert [to_rgb(colour_of(law)) for law in COLOURS] == [to_rgb(colour) for colour in COLOURS.values()]
    with mpl.rc_context({"axes.prop_cycle": mpl.cycler(color=["r", "g", "b"])}), Style().applied():
        assert [colour_of(law) for law in ("sgd", "sgd_exact", "langevin", "fokker_planck")] == [
            "r",
            "g",
            "b",
            "r",
        ]


def test_nothing_is_changed_for_good() -> None:
    before = dict(mpl.rcParams)
    with pytest.raises(ZeroDivisionError), Style.of("beamer").applied():
        _ = 1 / (dict(mpl.rcParams) == before)
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("name", ["pdf", "png", "svg"])
def test_a_figure_is_the_same_file_again(name: str) -> None:
    with Style().applied():
        figure = new_figure(1.5)
        figure.subplots().set_xlabel(r"η – $w_{1}$")
        content = image(figure, name, "a title")
        assert content == image(figure, name, "a title")
    assert content.startswith({"pdf": b"%PDF", "png": b"\x89PNG", "svg": b"<?xml"}[name])
    assert b"<text" not in content  # letters travel as outlines
    assert (b"/Type3" in content) is False


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: Style.of("neurip"), "got 'neurip'; did you mean 'neurips'?"),
        (lambda: Style.of(0.1), "`width` must lie between 1.5 and 40 inches, got 0.1"),
        (lambda: check_format("pngg"), "got 'pngg'; did you mean 'png'?"),
        (lambda: Style.of(sheet=Path("/nowhere")), "'/nowhere' is not: No such file"),
    ],
)
def test_wrong_names_are_refused_in_one_line(wrong: object, words: str) -> None:
    with pytest.raises(InputError, match=r".") as caught:
        wrong()  # type: ignore[operator]
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_key_of_a_sheet_is_named(tmp_path: Path) -> None:
    sheet = tmp_path / "own.mplstyle"
    sheet.write_text("font.sise: 11\n")
    with pytest.raises(InputError, match=r"sets 'font.sise', no key of matplotlib; did you mean 'font.size'"):
        Style.of(sheet=sheet)


def test_latex_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compare.figures.style.shutil.which", lambda name: None)
    with pytest.raises(InputError, match="`latex` needs LaTeX, this machine has none"):
        Style.of(latex=True)
    with pytest.raises(InputError, match="the format pgf needs one of xelatex, lualatex, pdflatex"):
        check_format("pgf")
    monkeypatch.setattr("compare.figures.style.shutil.which", lambda name: f"/usr/bin/{name}")
    assert Style.of(latex=True).settings()["text.usetex"] is True
    assert [check_format(name) for name in FORMATS] == list(FORMATS)


@pytest.mark.skipif(latex_engine() is None, reason="needs LaTeX")
def test_lines_are_written_as_pgf_that_needs_no_preamble() -> None:
    with Style().applied():
        figure = new_figure(1.5)
        figure.subplots().plot([1, 2], [3, 4])
        text = image(figure, "pgf").decode()
    assert text.startswith(r"\providecommand{\mathdefault}")
    assert r"\end{pgfpicture}" in text


def test_a_map_is_no_pgf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compare.figures.style.shutil.which", lambda name: f"/usr/bin/{name}")
    figure = new_figure(1.5)
    figure.subplots().pcolormesh(np.eye(3), rasterized=True)
    with pytest.raises(InputError, match="the format pgf holds lines and letters only, this figure has a map"):
        image(figure, "pgf")


def test_shades_grow_darker_and_zero_is_paper() -> None:
    grey = colormaps[DENSITY](np.linspace(0, 1, 50))[:, :3] @ GREY
    assert grey[0] == pytest.approx(1.0)
    assert (np.diff(grey) < 0).all()
    less, more = (colormaps[DIFFERENCE](0.5 + sign * np.linspace(0, 0.5, 20))[:, :3] @ GREY for sign in (-1, 1))
    assert less[0] == more[0] == pytest.approx(1.0)
    assert (np.diff(less) < 0).all()
    assert (np.diff(more) < 0).all()
    assert less[-1] < 0.15 < 0.4 < more[-1]  # a copy without colours tells less from more
