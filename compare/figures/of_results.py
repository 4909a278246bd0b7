"""All figures of a result, and their files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from compare.figures.formats import USUAL, image
from compare.figures.line import draw_line
from compare.figures.noises import draw_noises
from compare.figures.observables import draw_observables
from compare.figures.plane import draw_plane
from compare.figures.slope import draw_slope
from compare.figures.style import Style
from compare.figures.survival import draw_survival
from compare.results import Results, read_results, write_whole

PAGE_STYLE = Style()


def figures_of(results: Results) -> dict[str, Figure]:
    """The figures of a result by name, under the style that holds."""
    found, laws = results.numbers, results.laws
    figures: dict[str, Figure] = {}
    if laws is not None and laws.density.ndim == 2:
        figures["laws"] = draw_line(laws)
    elif laws is not None and laws.density.ndim == 3:
        pairs = {name: pair["total_variation"] for name, pair in found["comparisons"].items()}
        figures["laws"] = draw_plane(laws, {n: (p["value"], p["noise_floor"]) for n, p in pairs.items()})
    if "survival" in found:
        figures["survival"] = draw_survival(found["survival"])
    if results.noises is not None:
        drawn_noises = draw_noises(results.noises)
        figures |= {} if drawn_noises is None else {"noises": drawn_noises}
    if results.observables is not None:
        figures["observables"] = draw_observables(results.observables)
    if results.slopes is not None and bool((results.slopes.status == "ok").any()):
        figures["slope"] = draw_slope(results.slopes)
    return figures


def draw_files(results: Results, style: Style = PAGE_STYLE, formats: Sequence[str] = USUAL) -> dict[str, bytes]:
    """The contents of the figures of a result, by file name.

    Raises
    ------
    InputError
        If a format cannot be written.
    """
    with style.applied():
        title = str(results.numbers["name"])
        return {
            f"{name}.{suffix}": image(figure, suffix, title)
            for name, figure in figures_of(results).items()
            for suffix in formats
        }


def draw_results(folder: Path, style: Style = PAGE_STYLE, formats: Sequence[str] = USUAL) -> list[Path]:
    """Draw what the result files in `folder` hold, in `formats` beside them; returns the files.

    Raises
    ------
    InputError
        If the files are not as they were written, or a format cannot be written.
    """
    drawn = draw_files(read_results(folder), style, formats)
    for name, content in drawn.items():
        write_whole(folder / name, content)
    return [folder / name for name in drawn]
