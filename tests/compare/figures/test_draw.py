"""Every result draws itself: what is drawn is what it holds, with its errors, and can be read."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import drawable
import figures
import matplotlib as mpl
import numpy as np
import pytest
from drawable import RESULTS, result
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection, QuadMesh

import compare
import theory
from compare import draw
from compare.figures.legends import hides_data
from compare.figures.observables import draw_observables
from compare.results import views_as_xarray
from theory import InputError

PACKAGES = ("theory", "simulate", "compare")
WIDTH = 3.4  # inches of the narrowest figure


@pytest.fixture
def axes() -> Iterator[Axes]:
    """Empty axes in a column of a journal, with letters as of its captions."""
    with plt.rc_context({"font.size": 7, "figure.constrained_layout.use": True, "legend.fontsize": 6.5}):
        figure, empty = plt.subplots(figsize=(WIDTH, 2.4))
        yield empty
    plt.close(figure)


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    plt.close("all")


def band(axes: Axes, index: int = 0) -> Any:
    """Corners of a band."""
    bands = [one for one in axes.collections if isinstance(one, PolyCollection)]
    return bands[index].get_paths()[0].vertices


def mesh(axes: Axes) -> Any:
    (image,) = [one for one in axes.collections if isinstance(one, QuadMesh)]
    return np.ma.filled(image.get_array(), np.nan).T


@pytest.mark.parametrize("name", RESULTS)
def test_every_result_is_drawn_and_can_be_read(name: str, axes: Axes) -> None:
    assert draw(result(name), axes) is axes
    figures.check_figure(axes.figure)


@pytest.mark.parametrize("name", RESULTS)
def test_no_legend_hides_what_is_drawn(name: str) -> None:
    legend = draw(result(name)).get_legend()
    assert legend is None or not hides_data(legend)


def test_there_is_a_result_for_every_class_that_can_be_drawn() -> None:
    drawn = {one.__name__: one for one in draw.registry if one.__module__.startswith(PACKAGES)}
    assert drawn.keys() == {name.partition(" ")[0] for name in RESULTS}
    assert all(isinstance(result(name), drawn[name.partition(" ")[0]]) for name in RESULTS)


def test_a_study_of_a_network_is_the_figure_of_the_command() -> None:
    """On a new figure of pyplot all panels, with the same lines; on given axes the first of them."""
    report = result("NetworkReport")
    panels = [one for one in draw(report, title="small").figure.axes if one.axison]
    told = [line.get_xydata().tolist() for panel in panels for line in panel.lines]
    command = draw_observables(views_as_xarray(report)).axes
    assert told == [line.get_xydata().tolist() for panel in command for line in panel.lines]
    assert len(panels) == len(report.views) > 1
    assert panels[0].get_title(loc="left") == "small"
    (one,) = draw(report, plt.figure().add_subplot()).figure.axes
    assert [line.get_xydata().tolist() for line in one.lines] == told[: len(one.lines)]
    before = plt.get_fignums()
    with pytest.raises(InputError, match="once it has a law that was looked at"):
        draw(compare.NetworkReport(report.study, report.minimum))
    assert plt.get_fignums() == before


def test_a_line_is_the_density() -> None:
    law = result("Density")
    (line,) = draw(law, label="limit").lines
    np.testing.assert_array_equal(line.get_xydata().T, [law.grid.axes[0], law.values])
    assert line.get_label().startswith("limit, TV error")


def test_samples_have_standard_errors() -> None:
    law = result("Density of samples")
    axes = draw(law)
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), law.values)
    share = law.probabilities
    error = np.sqrt(share * (1 - share) / law.samples) / law.grid.cell_volume
    assert band(axes)[:, 1].max() == pytest.approx((law.values + error).max())


def test_maps_are_the_values_and_show_the_landscape() -> None:
    law = result("Density of the plane")
    axes = draw(law, landscape=drawable.BOWL, names=("x", "y"))
    np.testing.assert_array_equal(mesh(axes), law.values)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("$x$", "$y$")
    assert len(axes.collections) == 1 + len(draw(law).collections)


def test_nobody_is_white_as_paper_unless_the_user_has_a_map(axes: Axes) -> None:
    def lowest(where: Axes) -> Any:
        image = next(one for one in draw(result("Density of the plane"), where).collections)
        return image.cmap(image.norm(0.0))[:3]

    assert lowest(axes) == (1, 1, 1)
    with plt.rc_context({"image.cmap": "magma"}):
        assert max(lowest(axes.figure.add_subplot())) < 0.1


def test_marginals_of_space() -> None:
    law = result("Density of space")
    for axis, line in enumerate(draw(law).lines):
        np.testing.assert_array_equal(line.get_ydata(), law.marginal(axis).values)


def test_walkers_off_the_grid_are_counted() -> None:
    counts = result("Histogram")
    axes = draw(counts)
    assert counts.lost > 0
    assert f"{100 * counts.lost:.3g} % off the grid" in axes.lines[0].get_label()
    mass = np.sum(axes.lines[0].get_ydata()) * counts.grid.cell_volume
    assert mass == pytest.approx(1 - counts.lost)


def test_point_masses_are_stems_as_high_as_they_weigh() -> None:
    axes = draw(result("LimitLaw"))
    (stems,) = [one for one in axes.figure.axes if one is not axes]
    np.testing.assert_array_equal(stems.lines[0].get_xydata(), [[1.2, 0.0], [1.2, 0.3]])
    assert stems.texts[0].get_text() == "0.3 at 1.2"
    np.testing.assert_allclose(axes.lines[0].get_ydata(), 0.7 * drawable.start().values)


def test_survival_and_its_error() -> None:
    curve = result("SurvivalCurve")
    axes = draw(curve)
    np.testing.assert_array_equal(axes.lines[0].get_xydata().T, [curve.times, curve.share])
    assert axes.get_yscale() == "log"
    wide = theory.SurvivalCurve(curve.times, curve.share, np.full(len(curve.times), 0.1))
    assert band(draw(wide))[:, 1].max() == pytest.approx(curve.share.max() + 0.1)


def test_the_rate_of_survival_is_told_with_its_error() -> None:
    found = result("Survival")
    axes = draw(found)
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), found.fraction)
    assert f"r = {float(found.rate()):.3g} ± {found.rate().error:.1g}" in axes.lines[1].get_label()


def test_intervals_and_floors_of_a_comparison() -> None:
    found = result("Comparison")
    axes = draw(found)
    ends = np.array([bar.vertices[:, 0] for bar in axes.containers[0].lines[2][0].get_paths()])
    distances = [found.distances[name]["total_variation"] for name in found.names]
    np.testing.assert_allclose(ends, [[one.low, one.high] for one in distances])
    floors = next(line for line in axes.lines if line.get_label() == "noise floor")
    np.testing.assert_array_equal(floors.get_xdata(), list(found.noise_floor.values()))
    assert [text.get_text() for text in axes.get_yticklabels()] == ["fokker planck:\ndiffers", "gibbs:\nagrees"]


def test_the_mean_of_walkers_and_their_paths() -> None:
    found = drawable.walkers()
    axes = draw(found)
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), found.moments.mean[:, 0])
    assert band(axes)[:, 1].max() >= (found.moments.mean + found.moments.mean_error).max() - 1e-12
    np.testing.assert_array_equal(axes.lines[1].get_ydata(), found.positions[:, 0, 0])


def test_a_current_knows_its_density_and_is_drawn_where_it_is_known() -> None:
    found = result("Current of the plane")
    axes = draw(found)
    np.testing.assert_array_equal(mesh(axes), found.density.values)
    streams = len(axes.collections)
    unknown = type(found)(np.asarray(found), np.full(found.shape, np.inf), found.density)
    assert len(draw(unknown).collections) < streams
    with pytest.raises(InputError, match="needs its density"):
        draw(type(found)(np.asarray(found), found.error))


def test_losses_and_what_is_predicted() -> None:
    found = result("LossSlope")
    axes = draw(found)
    np.testing.assert_allclose(
        axes.containers[0].lines[0].get_ydata(), [float(one.excess) for one in found.losses]
    )
    predicted = next(line for line in axes.lines if line.get_label() == "predicted slope").get_xydata()
    assert predicted[1, 1] / predicted[1, 0] == pytest.approx(found.prediction.value)


def test_the_interval_of_a_learning_coefficient() -> None:
    found = result("LocalLearningCoefficient")
    axes = draw(found)
    bars = axes.containers[0].lines[2][0].get_paths()
    np.testing.assert_allclose(bars[2].vertices[:, 0], found.interval())


def test_errors_of_eigenvalues() -> None:
    found = result("Spectrum of the plane")
    bars = draw(found).containers[0].lines[2][0].get_paths()
    half = [np.ptp(bar.vertices[:, 1]) / 2 for bar in bars]
    np.testing.assert_allclose(half, found.error, atol=1e-15)


def test_results_lie_over_each_other_in_colours_of_their_own() -> None:
    axes = draw(result("Density of samples"), label="SGD")
    assert draw(result("Density"), axes, label="Gibbs", colour="red") is axes
    assert [line.get_label().partition(",")[0] for line in axes.lines] == ["SGD", "Gibbs"]
    assert axes.lines[1].get_color() == "red"
    assert axes.lines[0].get_color() != "red"
    assert len({text.get_fontsize() for text in axes.get_legend().get_texts()}) == 1


def test_the_settings_of_the_user_come_first_and_stay() -> None:
    with plt.rc_context({"lines.linewidth": 3.5}):
        before = dict(mpl.rcParams)
        figure, given = plt.subplots()
        plt.figure()
        current = plt.gcf()
        draw(result("Density"), given)
        assert given.lines[0].get_linewidth() == 3.5
        assert plt.gcf() is current
        assert draw(result("Density")).lines[0].get_linewidth() == 3.5
        assert dict(mpl.rcParams) == before
        assert given.figure is figure


def test_a_new_figure_has_our_style() -> None:
    axes = draw(result("Density"))
    assert not axes.spines["right"].get_visible()
    assert axes.xaxis.label.get_fontsize() == 8
    assert axes.lines[0].get_color() == "#0072B2"


def test_a_title_stands_only_where_it_is_asked_for() -> None:
    assert draw(result("Density")).get_title() == ""
    axes = draw(result("Density"), title="what is left")
    assert axes.get_title() == "what is left"
    figures.check_figure(axes.figure)


@dataclass
class Mine:
    """A result of a user's own."""

    law: theory.Density


def test_a_class_of_ones_own_draws_itself() -> None:
    @draw.register(Mine)
    def _(mine: Mine, /, axes: Axes | None = None, **options: Any) -> Axes:
        return draw(mine.law, axes, **options)

    axes = draw(Mine(result("Density")), label="mine")
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), result("Density").values)


@pytest.mark.parametrize("value", [3, "law", theory.LearningCoefficient(0.5), None])
def test_what_has_no_picture_is_refused_in_one_line(value: Any) -> None:
    with pytest.raises(InputError, match=f"got {type(value).__name__}; those are Arrivals, Comparison") as caught:
        draw(value)
    assert "\n" not in str(caught.value)


def test_mistakes_are_refused_in_one_line() -> None:
    law = result("Density")
    with pytest.raises(InputError, match="did you mean `colour`"):
        draw(law, color="red")
    with pytest.raises(InputError, match="`axes` must be"):
        draw(law, 3)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="`names` must be one for each of 1 coordinates"):
        draw(law, names=("x", "y"))
    with pytest.raises(InputError, match="one or two dimensions"):
        draw(theory.Field(drawable.SPACE, np.ones(drawable.SPACE.shape), np.ones(drawable.SPACE.shape)))
    assert plt.get_fignums() == []


def test_compare_comes_without_matplotlib() -> None:
    code = "import sys, compare; compare.total_variation; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert compare.draw.__module__ == "compare"
