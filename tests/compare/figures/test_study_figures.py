"""The figures of studies: they show what files hold, hide no mass, and can be read in a column of a journal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from drawn_studies import shipped, small
from figures import check_figure, overlaps, pixels, texts
from matplotlib.axes import Axes
from matplotlib.collections import FillBetweenPolyCollection, LineCollection, QuadMesh
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch

from compare.figures import Style, figures_of
from compare.figures.palette import NAMES
from compare.figures.plane import SATURATED
from compare.results import Results


def figure_of(results: Results, name: str = "laws", width: str = "page") -> Figure:
    with Style.of(width).applied():
        return figures_of(results)[name]


def meshes(figure: Figure) -> tuple[list[QuadMesh], list[QuadMesh]]:
    """The shaded panels, densities and differences; not the colour bars."""
    panels = [axes for axes in figure.axes if axes.get_aspect() == 1.0]
    shaded = [(axes, one) for axes in panels for one in axes.collections if isinstance(one, QuadMesh)]
    above = [one for axes, one in shaded if axes.get_title() in NAMES.values()]
    return above, [one for _, one in shaded if one not in above]


def shades(mesh: QuadMesh) -> Any:
    return np.asarray(mesh.get_array()).T


def named(figure: Figure, label: str) -> Axes:
    """The panel whose vertical axis has this name."""
    return next(axes for axes in figure.axes if axes.get_ylabel() == label)


@pytest.fixture(scope="module")
def all_results() -> dict[str, Results]:
    return {
        "line": shipped("sharp-and-flat"),
        "exact": small("regular"),
        "plane": small("turning"),
        "torus": small("torus"),
    }


@pytest.mark.parametrize(
    ("name", "width"),
    [
        ("line", "single"),
        ("line", "page"),
        ("exact", "icml"),
        ("plane", "single"),
        ("plane", "page"),
        ("torus", "prl"),
    ],
)
def test_every_figure_can_be_read_at_its_width(all_results: dict[str, Results], name: str, width: str) -> None:
    with Style.of(width).applied():
        for figure in figures_of(all_results[name]).values():
            check_figure(figure)
            assert figure.get_size_inches()[1] < 9.5


def test_two_labels_over_each_other_are_seen(all_results: dict[str, Results]) -> None:
    figure = figure_of(all_results["line"])
    pixels(figure)  # the layout is made as it is drawn
    assert not overlaps(figure)
    figure.text(0.05, 0.03, "over the caption")
    assert overlaps(figure)


def test_the_plane_shows_the_densities_of_the_file(all_results: dict[str, Results]) -> None:
    results = all_results["plane"]
    assert results.laws is not None
    laws, (above, below) = results.laws, meshes(figure_of(results))
    names = [str(name) for name in laws.law.to_numpy()]
    for name, over in zip(names, above, strict=True):
        np.testing.assert_array_equal(shades(over), laws.density.sel(law=name))
        assert over.norm.vmax == above[0].norm.vmax  # one scale
    for name, under in zip(names[1:], below, strict=True):
        expected = laws.difference.sel(law=name) / laws.difference_error.sel(law=name)
        np.testing.assert_allclose(shades(under), expected)
        assert (under.norm.vmin, under.norm.vmax) == (-SATURATED, SATURATED)


def test_zero_is_white_in_samples_densities_and_differences(all_results: dict[str, Results]) -> None:
    above, below = meshes(figure_of(all_results["plane"]))
    for mesh in [*above, *below]:
        assert mesh.to_rgba(np.zeros(1))[0] == pytest.approx([1, 1, 1, 1])
        assert mesh.to_rgba(np.full(1, mesh.norm.vmax))[0] != pytest.approx([1, 1, 1, 1])  # control


def test_panels_are_where_the_laws_are_and_say_what_is_not_shown(all_results: dict[str, Results]) -> None:
    results = all_results["plane"]
    assert results.laws is not None
    laws, figure = results.laws, figure_of(results)
    (left, below), (right, above) = laws.window.to_numpy()
    assert right - left < 5 < 8  # of the grid
    assert figure.axes[0].get_xlim() == (left, right)
    assert figure.axes[0].get_ylim() == (below, above)
    inside = laws.density.where((laws.x > left) & (laws.x < right) & (laws.y > below) & (laws.y < above), 0.0)
    cell = float((laws.x[1] - laws.x[0]) * (laws.y[1] - laws.y[0]))
    missing = (laws.density - inside).sum(["x", "y"]) * cell
    np.testing.assert_allclose(laws.outside_window, missing, atol=1e-12)
    assert float(missing.max()) < 2e-3
    told = figure.get_supxlabel()
    assert ("Beyond the axes" in told) == bool((missing > 0).any())
    assert r"\eta = 0.05" in told
    assert "B = 10" in told


def test_lines_of_equal_loss_minima_and_streams(all_results: dict[str, Results]) -> None:
    results = all_results["plane"]
    assert results.laws is not None
    figure = figure_of(results)
    panels = [axes for axes in figure.axes if axes.get_aspect() == 1.0]
    for axes in panels:
        np.testing.assert_allclose(np.array(axes.lines[0].get_xydata()), results.laws.minimum)
        assert len(axes.lines[0].get_xydata()) == 2
    streams = {axes.get_title() for axes in panels if any(isinstance(c, LineCollection) for c in axes.collections)}
    assert streams == {"Fokker–Planck"}
    torus = figure_of(all_results["torus"])  # control: in detailed balance nothing flows
    assert not any(isinstance(one, LineCollection) for axes in torus.axes[:10] for one in axes.collections)
    assert "No current flows" in torus.get_supxlabel()


def test_titles_are_formulas(all_results: dict[str, Results]) -> None:
    assert figure_of(all_results["line"]).get_suptitle() == "$q(w) = (w + 1.8)(w - 1.8)^{2}$"
    assert figure_of(all_results["torus"]).get_suptitle() == r"$L(x, y) = 100\,\min(x^{2}, y^{2})$"


def test_coordinates_have_the_names_of_the_study(all_results: dict[str, Results]) -> None:
    assert all_results["plane"].laws is not None
    assert all_results["plane"].laws.density.dims == ("law", "x", "y")
    assert figure_of(all_results["plane"]).axes[1].get_xlabel() in ("", "$x$")
    laws = small("law").laws
    assert laws is not None
    assert set(laws.density.dims) == {"law", "law_", "density_"}
    assert laws.law_.attrs["long_name"] == "law"
    check_figure(figure_of(small("law")))


def test_the_line_shows_densities_ratios_and_distributions_of_the_file(all_results: dict[str, Results]) -> None:
    results = all_results["exact"]
    assert results.laws is not None
    laws, figure = results.laws, figure_of(results)
    top, middle, bottom = (named(figure, label) for label in ("density", "ratio to SGD", "distribution"))
    sgd, paths = (one for one in top.patches if isinstance(one, StepPatch))
    np.testing.assert_array_equal(sgd.get_data().values, laws.joined_density.sel(law="sgd"))
    np.testing.assert_array_equal(sgd.get_data().edges, laws.edges)
    seen = laws.joined_density.sel(law="langevin").to_numpy()
    np.testing.assert_array_equal(np.nan_to_num(paths.get_data().values), seen)
    computed = [str(name) for name in laws.law.to_numpy() if name not in ("sgd", "langevin")]
    for name, line in zip(computed, top.lines, strict=True):
        np.testing.assert_array_equal(np.nan_to_num(line.get_ydata()), laws.density.sel(law=name))
    others = [str(name) for name in laws.law.to_numpy() if name != "sgd"]
    for name, line in zip(others, middle.lines, strict=False):
        ratio = laws.ratio.sel(law=name).to_numpy()
        np.testing.assert_array_equal(np.nan_to_num(line.get_ydata()), np.nan_to_num(ratio))
    for name, line in zip(laws.law.to_numpy(), bottom.lines, strict=True):
        spacing = float(laws.w[1] - laws.w[0])
        np.testing.assert_array_equal(line.get_ydata(), np.cumsum(laws.density.sel(law=name)) * spacing)
    (band,) = (one for one in middle.collections if isinstance(one, FillBetweenPolyCollection))
    error = laws.joined_density_error.sel(law="sgd") / laws.joined_density.sel(law="sgd")
    assert np.nanmax(band.get_paths()[0].vertices[:, 1]) == pytest.approx(float(np.exp(error.max())))


def test_bars_of_single_walkers_do_not_rule_the_axis(all_results: dict[str, Results]) -> None:
    results = all_results["line"]
    assert results.laws is not None
    laws = results.laws
    low, high = named(figure_of(results), "density").get_ylim()
    one_walker = 1 / 1500 / float(laws.w[1] - laws.w[0])  # in a cell
    joined = laws.joined_density.sel(law="sgd").to_numpy()
    assert joined[joined > 0].min() < 0.3 * one_walker  # joined cells reach below a bar of one walker
    assert low < joined[joined > 0].min()
    assert high / low < 10**8
    assert laws.sizes["part"] < 0.3 * laws.sizes["w"]


def test_the_legend_is_outside_the_data(all_results: dict[str, Results]) -> None:
    figure = figure_of(all_results["line"])
    figure.draw_without_rendering()
    (head,) = (axes for axes in figure.axes if axes.get_legend() is not None)
    assert not head.axison
    box = head.get_legend().get_window_extent()
    assert all(not box.overlaps(axes.bbox) for axes in figure.axes if axes is not head)


def test_a_point_mass_is_told_and_drawn(all_results: dict[str, Results]) -> None:
    figure = figure_of(all_results["line"])
    assert "in the point $w = 1.8$" in figure.get_supxlabel()
    stems = [line for line in named(figure, "density").lines if line.get_marker() == "o"]
    assert [list(line.get_xdata()) for line in stems] == [[1.8, 1.8]]


def test_the_survival_shows_its_interval_and_what_bends() -> None:
    results = shipped("sharp-and-flat")
    found = dict(results.numbers["survival"])
    (axes,) = (figure := figure_of(results, "survival")).axes
    band, points = axes.collections[0].get_paths()[0].vertices, axes.lines[0]
    inside = np.array(found["fraction_inside"])
    assert np.array_equal(np.nan_to_num(points.get_ydata()), inside)
    assert band[:, 1].max() == max(found["fraction_inside_high"])
    assert all(low <= value <= high for low, value, high in zip(
        found["fraction_inside_low"], inside, found["fraction_inside_high"], strict=True
    ))  # fmt: skip
    assert "end of the epoch, step 50" in figure.get_supxlabel()
    halves = [{"value": 0.07, "error": 0.001}, {"value": 0.09, "error": 0.001}]
    results.numbers["survival"]["escape_rate_halves"] = halves  # type: ignore[index]
    try:
        told = figure_of(results, "survival").get_supxlabel().replace("\n", " ")
    finally:
        results.numbers["survival"]["escape_rate_halves"] = found["escape_rate_halves"]
    assert "the rate rises from 0.0700(10) to 0.0900(10) towards the end of the epoch" in told
    assert any("95 %" in text.get_text() for text in texts(figure))
