"""Pictures drawn at the width of a column and of a page: the numbers are those of the picture, and can be read."""

from __future__ import annotations

from typing import Any

import figures
import matplotlib as mpl
import numpy as np
import pytest
from claim_pictures import PICTURES
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection, QuadMesh
from matplotlib.colors import to_rgb

from compare.figures import Style, draw_picture
from compare.figures.looks import colours
from compare.pictures import (
    Axis,
    Mark,
    Panel,
    Picture,
    Plane,
    Role,
    Series,
    picture_from_xarray,
    picture_to_xarray,
)

COLUMN, PAGE = 3.25, 5.5  # inches
X = np.arange(1.0, 6.0)


@pytest.fixture(scope="module")
def pictures() -> dict[str, Picture]:
    """One of every kind, as they come back from files."""
    return {name: picture_from_xarray(picture_to_xarray(make())) for name, make in PICTURES.items()}


def drawn(picture: Picture, width: float = PAGE) -> Any:
    with Style.of(width).applied():
        return draw_picture(picture)


_figures: dict[tuple[str, float], Any] = {}


def figure_of(pictures: dict[str, Picture], name: str, width: float) -> Any:
    """The picture of this name, drawn once."""
    if (name, width) not in _figures:
        _figures[name, width] = drawn(pictures[name], width)
    return _figures[name, width]


def panel(*series: Series, x: Axis = Axis("$x$"), y: Axis = Axis("$y$"), **more: Any) -> Picture:  # noqa: B008
    return Picture([Panel(x, y, series, **more)])


def curve(axes: Axes, label: str) -> Any:
    return next(line for line in axes.lines if line.get_label() == label)


@pytest.mark.parametrize("width", [COLUMN, PAGE])
@pytest.mark.parametrize("name", PICTURES)
def test_every_kind_of_picture_can_be_read(name: str, width: float, pictures: dict[str, Picture]) -> None:
    figure = figure_of(pictures, name, width)
    with Style.of(width).applied():
        figures.check_figure(figure)
        assert figure.get_figwidth() <= width + 1e-9
        for legend in figure.legends:
            boxes = [axes.get_window_extent() for axes in figure.axes]
            assert not any(legend.get_window_extent().overlaps(box) for box in boxes)


@pytest.mark.parametrize("name", PICTURES)
def test_what_is_drawn_is_what_is_saved(name: str, pictures: dict[str, Picture]) -> None:
    figure = figure_of(pictures, name, COLUMN)
    for axes, one in zip(figure.axes, pictures[name].panels, strict=False):
        if isinstance(one, Plane):
            (image,) = [part for part in axes.collections if isinstance(part, QuadMesh)]
            known = np.isfinite(one.values) & (one.decades is None or one.values > 0)
            cells = np.ma.filled(image.get_array(), np.nan).T
            np.testing.assert_array_equal(cells[known], one.values[known])
            continue
        for series in one.series:
            points = [box.lines[0] for box in axes.containers if box.get_label() == series.label]
            line = points[0] if points else curve(axes, series.label)
            np.testing.assert_array_equal(line.get_xydata().T, [series.x, series.y])


def test_measured_is_dots_or_steps_predicted_lines_and_controls_are_grey() -> None:
    series = [
        Series.measured("dots", X, X, 0.1),
        Series.measured("steps", X, X, 0.1, joined=True),
        Series.predicted("line", X, X, 0.2),
        Series.control("control", X, X, joined=True),
        Series.control("open", X, X, 0.1),
    ]
    (axes,) = drawn(panel(*series)).axes
    dots, opened = axes.containers
    assert dots.lines[0].get_linestyle() == "None"
    ends = [bar.vertices[:, 1] for bar in dots.lines[2][0].get_paths()]
    np.testing.assert_allclose(ends, np.stack([X - 0.1, X + 0.1], axis=-1))
    assert curve(axes, "steps").get_drawstyle() == "steps-mid"
    assert curve(axes, "line").get_drawstyle() == "default"
    assert curve(axes, "control").is_dashed()
    assert not curve(axes, "steps").is_dashed()
    assert opened.lines[0].get_markerfacecolor() == "white"
    for grey in (curve(axes, "control").get_color(), opened.lines[0].get_color()):
        assert np.ptp(to_rgb(grey)) == 0
    bands = [one for one in axes.collections if isinstance(one, PolyCollection)]
    assert [one.get_paths()[0].vertices[:, 1].max() for one in bands] == pytest.approx([5.1, 5.2])


def test_one_label_has_one_colour_in_all_panels_and_stands_once_in_the_legend() -> None:
    first = Panel(Axis("$x$"), Axis("$y$"), [Series.measured("a", X, X), Series.predicted("b", X, X)])
    second = Panel(Axis("$x$"), Axis("$y$"), [Series.predicted("b", X, X**2), Series.predicted("a", X, X)])
    figure = drawn(Picture([first, second]))
    left, right = figure.axes
    assert curve(left, "b").get_color() == curve(right, "b").get_color()
    assert left.containers[0].lines[0].get_color() == curve(right, "a").get_color()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "b"]


def test_maps_of_one_quantity_share_a_scale_and_differences_have_white_in_the_middle() -> None:
    cells = np.outer(X, X)
    low, high = (Plane(Axis("$x$"), Axis("$y$"), X, X, factor * cells) for factor in (1.0, 3.0))
    off = Plane(Axis("$x$"), Axis("$y$"), X, X, cells - 9, "difference", signed=True, saturated=5.0)
    figure = drawn(Picture([low, high, off]))
    images = [one for axes in figure.axes for one in axes.collections if isinstance(one, QuadMesh)]
    assert images[0].get_clim() == images[1].get_clim() == (0.0, 75.0)
    assert images[2].get_clim() == (-5.0, 5.0)
    assert to_rgb(images[2].cmap(images[2].norm(0.0))) == pytest.approx((1, 1, 1), abs=0.02)
    assert to_rgb(images[0].cmap(images[0].norm(0.0))) == (1, 1, 1)


def test_bars_do_not_rule_a_logarithmic_axis() -> None:
    low = Series("few", X, 10.0**-X, Role.MEASURED, np.full(5, 1e-300), 2 * 10.0**-X, joined=False)
    far = Series.predicted("far", X, np.exp(-40 * X))
    (axes,) = drawn(panel(low, far, y=Axis("$y$", logarithmic=True))).axes
    assert axes.get_ylim()[0] > 1e-6
    (free,) = drawn(panel(far, y=Axis("$y$", logarithmic=True))).axes  # control
    assert free.get_ylim()[0] < 1e-60


def test_marks_stand_at_the_edge_or_in_the_legend() -> None:
    marks = [Mark(2.0, "$\\eta h = 2$"), Mark(3.0, "here", vertical=False), Mark(4.0, "a long word for a line")]
    figure = drawn(panel(Series.measured("a", X, X), marks=marks, title="title"), COLUMN)
    figures.check_figure(figure)
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.texts] == ["$\\eta h = 2$", "here"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "a long word for a line"]


def test_many_long_labels_stay_on_the_paper() -> None:
    series = [Series.predicted(f"{name} of a law that has a very long name indeed", X, X) for name in "abcdefg"]
    figure = drawn(panel(*series), COLUMN)
    figures.check_figure(figure)
    assert figure.get_figheight() > drawn(panel(series[0]), COLUMN).get_figheight()


def test_long_names_are_broken_and_numbers_at_short_logarithmic_axes_apart() -> None:
    long = Axis("learning rate, in the units of a rather long name", logarithmic=True)
    series = Series.measured("a", [0.025, 0.05, 0.1, 0.2], [1.0, 2.0, 3.0, 4.0])
    one = Panel(long, Axis("the mean of something that takes many words"), [series], "a title in very many words")
    figure = drawn(Picture([one, one]), COLUMN)
    figures.check_figure(figure)
    axes = figure.axes[0]
    assert all("\n" in text for text in (axes.get_title(), axes.get_xlabel(), axes.get_ylabel()))
    assert [text.get_text() for text in axes.get_xticklabels()] == ["0.05", "0.1", "0.2"]


def test_the_users_colours_come_first() -> None:
    before = dict(mpl.rcParams)
    with mpl.rc_context({"axes.prop_cycle": mpl.cycler(color=["red", "lime"])}):
        (axes,) = drawn(panel(Series.predicted("a", X, X), Series.predicted("b", X, X))).axes
        assert [line.get_color() for line in axes.lines] == ["red", "lime"]
    with Style.of(COLUMN).applied():
        assert colours()[0] == "#0072B2"
    assert dict(mpl.rcParams) == before


def test_what_overlaps_is_cut_off_or_has_no_name_is_seen() -> None:
    figure = drawn(panel(Series.measured("a", X, X)))
    figures.check_figure(figure)
    (axes,) = figure.axes
    axes.set_xlabel("")
    axes.text(3, 3, "one", ha="center")
    axes.text(3, 3, "two", ha="center")
    axes.text(1e9, 3, "gone", clip_on=False)
    assert figures.overlaps(figure) == [("one", "two")]
    assert "gone" in figures.cut_off(figure)
    assert figures.unlabelled(figure) == [axes]
    axes.set_title("small", fontsize=3)
    assert figures.smallest_letters(figure) == 3


def test_references_that_are_not_joined_are_points_in_front_and_curves_of_one_point_are_seen() -> None:
    """A line through read-off numbers would claim more, and a line through one point shows nothing."""
    read = Series("read", X, X, Role.REFERENCE, joined=False)
    alone = Series("alone", X[:1], X[:1], Role.REFERENCE)
    axes = drawn(panel(Series.measured("SGD", X, X), read, alone)).axes[0]
    points = {one.get_label(): one.lines[0] for one in axes.containers}
    assert points["read"].get_linestyle() == points["alone"].get_linestyle() == "None"
    assert points["read"].get_marker() == "x"
    assert points["read"].get_zorder() > points["SGD"].get_zorder()


def test_names_stand_in_place_of_numbers_and_come_back_from_files() -> None:
    named = panel(Series.measured("S", [0, 1], [1.0, 2.0]), x=Axis("", names=("full", "diagonal")))
    back = picture_from_xarray(picture_to_xarray(named))
    assert back.panels[0].x == named.panels[0].x
    assert [one.get_text() for one in drawn(back).axes[0].get_xticklabels()] == ["full", "diagonal"]


def test_dots_at_the_ends_of_a_long_logarithmic_axis_are_whole() -> None:
    axes = drawn(panel(Series.measured("SGD", X, 10.0 ** (-4 * X)), y=Axis("rate", True))).axes[0]
    low, high = np.log10(axes.get_ylim())
    assert -20 - low > 0.04 * (high - low) < high + 4


def test_a_panel_beside_maps_keeps_its_height() -> None:
    """The bar below maps takes its room from the paper, not from the panel in the same row."""
    x = np.linspace(-1, 1, 12)
    plane = Plane(Axis("$x$"), Axis("$y$"), x, x[:7], np.outer(x**2, x[:7] ** 2))
    lines = Panel(Axis("$w$"), Axis("density"), [Series.predicted("law", X, X)])
    figure = drawn(Picture([plane, plane, lines]))
    figure.draw_without_rendering()
    box = next(one for one in figure.axes if one.get_xlabel() == "$w$").get_window_extent()
    assert box.height / figure.dpi > 0.8


@pytest.mark.parametrize(("values", "limits"), [([0.0, -1.0], (1.0, 10.0)), ([np.nan, 0.0], (1.0, 10.0))])
def test_a_logarithmic_axis_without_a_positive_number_is_an_empty_decade(
    values: list[float], limits: tuple[float, float], recwarn: pytest.WarningsRecorder
) -> None:
    axis = Axis("$y$", logarithmic=True)
    (axes,) = drawn(panel(Series.measured("a", [1.0, 2.0], values), y=axis)).axes
    assert axes.get_ylim() == limits
    (axes,) = drawn(panel(Series.measured("a", values, [1.0, 2.0]), x=axis)).axes
    assert axes.get_xlim() == limits
    (axes,) = drawn(panel(Series.measured("a", [1.0, 2.0], [*values[:1], 300.0]), y=axis)).axes  # control
    assert axes.get_ylim()[0] > limits[1]
    assert not recwarn.list
