"""Figures: drawn from result files; the only place that imports matplotlib.

Never computes a number: what is drawn is in the files.
"""

from __future__ import annotations

import io
from pathlib import Path

from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from compare.figures.line import draw_line
from compare.figures.noises import draw_noises
from compare.figures.plane import draw_plane
from compare.figures.slope import draw_slope
from compare.figures.style import use_style
from compare.figures.survival import draw_survival
from compare.results import Results, read_results, write_whole

__all__ = ["draw_files", "draw_line", "draw_noises", "draw_plane", "draw_results", "draw_slope", "draw_survival"]


def draw_results(folder: Path) -> list[Path]:
    """Draw what the result files in `folder` hold, as PNG and PDF beside them; returns the files.

    Raises
    ------
    InputError
        If the files are not as they were written.
    """
    drawn = draw_files(read_results(folder))
    for name, content in drawn.items():
        write_whole(folder / name, content)
    return [folder / name for name in drawn]


def draw_files(results: Results) -> dict[str, bytes]:
    """The contents of the figures of a result, by file name."""
    use_style()
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
    if results.slopes is not None and bool((results.slopes.status == "ok").any()):
        figures["slope"] = draw_slope(results.slopes)
    drawn = {}
    for name, figure in figures.items():
        for suffix in ("png", "pdf"):
            content = io.BytesIO()
            figure.savefig(content, format=suffix)
            drawn[f"{name}.{suffix}"] = content.getvalue()
        plt.close(figure)
    return drawn
