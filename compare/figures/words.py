"""What stands above and below the laws of a study: its formula, and the line with its parameters."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr
from matplotlib import rcParams

from compare.figures.lines_of_text import in_lines, text_width
from compare.figures.mathematics import formula_in_mathematics, in_mathematics, percent, plain, scientific
from compare.figures.palette import NAMES
from compare.figures.style import small_letters

USED = 0.92  # of the width by a line of text
MOST_MINIMA = 2  # whose stability is told one by one
LEAST_LOST = 1e-3  # of the walkers, below which nobody is told
FLAT = 1e-9  # eta h of a minimum without curvature


def title(laws: xr.Dataset, width: float) -> str:
    """The formula of a study in as many lines as `width` inches need; its name where one term is longer."""
    told = json.loads(laws.attrs["formula"])
    size = float(rcParams["figure.titlesize"])
    variables = ", ".join(in_mathematics(str(name)).strip("$") for name in laws.coordinate.to_numpy())
    parts = [formula_in_mathematics(text) for text in told["parts"]]
    terms = [term for part in parts for term in part]
    if len(parts) > 1:
        terms = [
            f"({' '.join(parts[0])},",
            *(f"{' '.join(part)}," for part in parts[1:-1]),
            f"{' '.join(parts[-1])})",
        ]
    if terms and terms[0]:
        terms[0] = f"{told['letter']}({variables}) = {terms[0]}"
        whole = f"${' '.join(terms)}$"
        if text_width(whole, size) <= USED * width:
            return whole
        pieces = [f"${term}$" for term in terms]
        if max(text_width(piece, size) for piece in pieces) <= USED * width:
            return in_lines(pieces, size, USED * width, " ")
    return in_lines(plain(str(laws.attrs["name"])).split(), size, USED * width, " ")


def caption(laws: xr.Dataset, width: float, more: list[str]) -> str:
    """The parameters of a study and how many walkers there are and are not shown, in lines of `width` inches."""
    told: dict[str, Any] = json.loads(laws.attrs["parameters"])
    parts = [rf"$\eta = {scientific(told['learning_rate'])}$,", f"$B = {told['batch_size']}$,"]
    if told["momentum"]:
        parts.append(rf"$\mu = {scientific(told['momentum'])}$,")
    rules = told.get("rule", ())  # with which a step is another than that of learning rate times curvature
    parts += [f"{rule}," for rule in rules] if rules else _stability(laws)
    parts.append(f"{told['steps']} steps,")
    parts.append(f"{told['walkers'].get('sgd', 0)} walkers.")
    return in_lines([*parts, *_points(laws), *_not_shown(laws), *more], small_letters(), USED * width, " ")


def _stability(laws: xr.Dataset) -> list[str]:
    """Learning rate times curvature at the minima, which is 2 where descent leaves them."""
    products, places = laws.instability.to_numpy(), laws.minimum.to_numpy()
    if not len(products):
        return []
    if len(products) > MOST_MINIMA or places.shape[1] > 1:
        low, high = (scientific(_seen(float(bound)), 2) for bound in (products.min(), products.max()))
        return [rf"$\eta h = {low}$ to ${high}$ at the minima,"] if low != high else [rf"$\eta h = {low}$,"]
    if len(products) == 1:
        return [rf"$\eta h = {scientific(_seen(float(products[0])))}$,"]
    name = in_mathematics(str(laws.coordinate.to_numpy()[0])).strip("$")
    each = [
        rf"${scientific(_seen(float(product)))}$ at ${name} = {scientific(float(place[0]))}$"
        for product, place in zip(products, places, strict=True)
    ]
    return [rf"$\eta h =$ {' and '.join(each)},"]


def _seen(product: float) -> float:
    return 0.0 if abs(product) < FLAT else product


def _points(laws: xr.Dataset) -> list[str]:
    """Where a law has mass in single points."""
    found = []
    for law, masses in json.loads(laws.attrs["point_masses"]).items():
        for *position, weight in masses:
            place = ", ".join(scientific(float(x)) for x in position)
            name = in_mathematics(str(laws.coordinate.to_numpy()[0])).strip("$")
            where = f"${name} = {place}$" if len(position) == 1 else f"$({place})$"
            found.append(f"{NAMES[law]} has {percent(weight)} in the point {where}.")
    return found


def _not_shown(laws: xr.Dataset) -> list[str]:
    """What was lost, and what lies on the grid beyond the axes."""
    names, sizes = [str(name) for name in laws.law.to_numpy()], laws.density.sizes
    cell = np.prod([float(laws[dim][1] - laws[dim][0]) for dim in sizes if dim != "law"])
    found = []
    for name in names:
        lost = 1 - float(laws.density.sel(law=name).sum()) * float(cell)
        if lost > LEAST_LOST and len(sizes) > 2:  # the legend of a line says it
            found.append(f"{NAMES[name]}: {percent(lost)} lost.")
    outside = laws.outside_window.to_numpy()
    most = int(np.argmax(outside))
    if outside[most] > 0:
        found.append(f"Beyond the axes lies up to {percent(float(outside[most]))} ({NAMES[names[most]]}).")
    return found
