"""Colours, dashes and words of the laws, the same in every figure."""

from __future__ import annotations

from matplotlib import colormaps, rcParams, rcParamsDefault
from matplotlib.colors import Colormap, LinearSegmentedColormap, to_hex

NAMES = {
    "sgd": "SGD",
    "sgd_exact": "SGD, exact",
    "langevin": "Langevin paths",
    "fokker_planck": "Fokker–Planck",
    "gibbs": "nearest Gibbs",
    "posterior": "posterior",
    "normal_noise": "normal noise",
}
COLOURS = {  # Okabe & Ito: told apart by all eyes
    "sgd": "#555555",
    "sgd_exact": "#000000",
    "langevin": "#56B4E9",
    "fokker_planck": "#0072B2",
    "gibbs": "#D55E00",
    "posterior": "#009E73",
    "normal_noise": "#CC79A7",
}
CYCLE = (*COLOURS.values(), "#E69F00")  # with the rest of theirs
DASHES = {
    "sgd_exact": (0, (6, 2, 1, 2)),
    "langevin": (0, (1, 1)),
    "gibbs": (0, (5, 2)),
    "posterior": (0, (3, 1, 1, 1)),
    "normal_noise": (0, (3, 2)),
}
DENSITY, DIFFERENCE, DISTANCE = "gibbsgap.density", "gibbsgap.difference", "gibbsgap.distance"
PAPER = "#FFFFFF"  # of zero in both
SHADES = 257  # an odd number has a middle
LIGHT_TO_DARK = (PAPER, "#DCE9F6", "#A9CCE9", "#6BA6D6", "#3478B8", "#154C8C", "#08264F")
# dark for less and lighter for more, which a copy without colours tells apart
LESS_TO_MORE = ("#04182F", "#2A6DA8", "#8FBFE0", PAPER, "#F7C6A3", "#EA8F4E", "#D55E00")
NEAR_TO_FAR = LIGHT_TO_DARK[1:]  # the nearest is no paper: a cell without a colour would be a hole
for _name, _steps in ((DENSITY, LIGHT_TO_DARK), (DIFFERENCE, LESS_TO_MORE), (DISTANCE, NEAR_TO_FAR)):
    if _name not in colormaps:
        colormaps.register(LinearSegmentedColormap.from_list(_name, _steps, N=SHADES))


def colour_of(law: str) -> str:
    """The colour of a law: the same in all figures, or that of its place in the user's own cycle of colours."""
    cycle = rcParams["axes.prop_cycle"].by_key().get("color", list(COLOURS.values()))
    found = cycle[list(COLOURS).index(law) % len(cycle)]
    return found if isinstance(found, str) else str(to_hex(found))


def density_map() -> Colormap:
    """From white, where nobody is, to dark; the user's own map, where one is set."""
    name = rcParams["image.cmap"]
    return colormaps[DENSITY if name == rcParamsDefault["image.cmap"] else name]


def difference_map() -> Colormap:
    """From less to more, with no difference as white."""
    return colormaps[DIFFERENCE]
