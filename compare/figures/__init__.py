"""Figures: drawn from result files; the only place that imports matplotlib.

The public names are loaded when they are first used: one who draws one figure loads no other.

Never computes a number: what is drawn is in the files.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compare.figures.drawing import DrawOptions, draw
    from compare.figures.explored import draw_explored
    from compare.figures.formats import check_format, image
    from compare.figures.line import draw_line
    from compare.figures.noises import draw_noises
    from compare.figures.observables import draw_observables
    from compare.figures.of_results import draw_files, draw_results, figures_of
    from compare.figures.pictures import draw_picture
    from compare.figures.plane import draw_plane
    from compare.figures.slope import draw_slope
    from compare.figures.style import Style, figure_width, new_figure
    from compare.figures.survival import draw_survival
    from compare.figures.width import WIDTHS, Width
    from compare.results import FORMATS

_HOMES = {
    "DrawOptions": "compare.figures.drawing",
    "FORMATS": "compare.results",
    "Style": "compare.figures.style",
    "WIDTHS": "compare.figures.width",
    "Width": "compare.figures.width",
    "check_format": "compare.figures.formats",
    "draw": "compare.figures.drawing",
    "draw_explored": "compare.figures.explored",
    "draw_files": "compare.figures.of_results",
    "draw_line": "compare.figures.line",
    "draw_noises": "compare.figures.noises",
    "draw_observables": "compare.figures.observables",
    "draw_picture": "compare.figures.pictures",
    "draw_plane": "compare.figures.plane",
    "draw_results": "compare.figures.of_results",
    "draw_slope": "compare.figures.slope",
    "draw_survival": "compare.figures.survival",
    "figure_width": "compare.figures.style",
    "figures_of": "compare.figures.of_results",
    "image": "compare.figures.formats",
    "new_figure": "compare.figures.style",
}

__all__ = [
    "FORMATS",
    "WIDTHS",
    "DrawOptions",
    "Style",
    "Width",
    "check_format",
    "draw",
    "draw_explored",
    "draw_files",
    "draw_line",
    "draw_noises",
    "draw_observables",
    "draw_picture",
    "draw_plane",
    "draw_results",
    "draw_slope",
    "draw_survival",
    "figure_width",
    "figures_of",
    "image",
    "new_figure",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        globals()[name] = getattr(import_module(_HOMES[name]), name)
        return globals()[name]
    raise AttributeError(f"module 'compare.figures' has no attribute {name!r}")


def __dir__() -> list[str]:
    """All public names, those too that are not loaded yet."""
    return sorted({*globals(), *__all__})
