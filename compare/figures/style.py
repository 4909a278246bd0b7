"""How every figure looks: the style sheet, the width of a page, a colour and a name for each law."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import xarray as xr
from matplotlib import pyplot as plt

PAGE_WIDTH = 6.3  # inches
NAMES = {
    "sgd": "SGD",
    "sgd_exact": "SGD, exact",
    "langevin": "Langevin paths",
    "fokker_planck": "Fokker–Planck",
    "gibbs": "nearest Gibbs",
    "posterior": "posterior",
}
COLOURS = {  # Okabe & Ito: told apart by all eyes
    "sgd": "#555555",
    "sgd_exact": "#000000",
    "langevin": "#56B4E9",
    "fokker_planck": "#0072B2",
    "gibbs": "#D55E00",
    "posterior": "#009E73",
}
DASHES = {
    "sgd_exact": (0, (6, 2, 1, 2)),
    "langevin": (0, (1, 1)),
    "gibbs": (0, (5, 2)),
    "posterior": (0, (3, 1, 1, 1)),
}


def use_style() -> None:
    """Take the package's style sheet; the figures need no screen and no LaTeX."""
    plt.switch_backend("Agg")
    with resources.as_file(resources.files("compare.figures") / "gibbsgap.mplstyle") as sheet:
        plt.style.use(Path(sheet))


def axis_name(coordinate: xr.DataArray) -> str:
    """The study's own name of a coordinate, as mathematics: w1 is w with the index 1."""
    return "$" + re.sub(r"_?(\d+)$", r"_{\1}", str(coordinate.attrs["long_name"])) + "$"
