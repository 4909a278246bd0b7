"""Figures: drawn from result files; the only place that imports matplotlib.

Never computes a number: what is drawn is in the files.
"""

from compare.figures.drawing import DrawOptions, draw
from compare.figures.explored import draw_explored
from compare.figures.formats import FORMATS, check_format, image
from compare.figures.line import draw_line
from compare.figures.noises import draw_noises
from compare.figures.of_results import draw_files, draw_results, figures_of
from compare.figures.pictures import draw_picture
from compare.figures.plane import draw_plane
from compare.figures.slope import draw_slope
from compare.figures.style import Style, figure_width, new_figure
from compare.figures.survival import draw_survival
from compare.figures.width import WIDTHS, Width

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
