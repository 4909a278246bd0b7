"""Laws of noise by the Hessian beside closed forms: on lines, and in planes beside products of lines.

With D = scale f(L'') the law between two gates, where D vanishes, is D^(share - 1) exp(-G / scale), with
G = int L' / f(L''), in closed form for every landscape here. A miss is the total variation of the masses of the
cells. True masses are integrals by Gauss's rule on pieces that halve towards the gates, as functions of the
distance from them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sweep import print_rows

from theory import (
    AbsoluteEigenvalues,
    AntiIto,
    Density,
    FokkerPlanck,
    Grid,
    HessianProportional,
    Ito,
    Langevin,
    NoStationaryDensity,
    PositivePart,
    SmoothAbsolute,
    Stratonovich,
    SymbolicLandscape,
    gaussian,
)
from theory.base.arrays import Array
from theory.equations.langevin import Interpretation
from theory.tensors.indefinite import Indefinite

Pairs = Sequence[tuple[float, float]]
Form = Callable[[Array], tuple[Array, Array]]
Shape = Callable[[np.random.Generator, float, Indefinite], "Line"]
READINGS = (Ito(), Stratonovich(), AntiIto())
SIDES = (16, 24, 36)
NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)
PARTS = 8  # pieces of a cell


@dataclass(frozen=True)
class Line:
    """A landscape of one coordinate, its noise, and D / scale and G as functions of the distance from the ends.

    Parameters
    ----------
    formula
        L, where {0} stands for the variable.
    kind
        What replaces the Hessian.
    ends
        The ends of the piece that holds the law: gates, or sides of the box.
    forms
        (f(L''), G) at the distance u from the lower and from the upper end.
    box
        Ends of the grid.
    period
        Whether the box is a circle.
    wells
        Whether the piece is one of several, so that the law is a class of the limit law.
    """

    formula: str
    kind: Indefinite
    ends: tuple[float, float]
    forms: tuple[Form, Form]
    box: tuple[float, float]
    period: bool = False
    wells: bool = False

    def masses(self, cells: int, scale: float, share: float) -> Array:
        """Masses of the cells of the box, of sum 1."""
        faces = np.linspace(*self.box, cells + 1)
        first, last = self.ends
        middle, found = (first + last) / 2, []
        for end, form, sign in ((first, self.forms[0], 1), (last, self.forms[1], -1)):
            reach = abs(middle - end)
            marks = sign * (faces - end)
            marks = np.concatenate([marks[(marks > 1e-12) & (marks < reach)], reach * 2.0 ** -np.arange(900)])
            cuts = np.unique(marks)
            cuts = np.unique(np.append(cuts[:-1, None] + np.diff(cuts)[:, None] * np.arange(PARTS) / PARTS, reach))
            half = np.diff(cuts) / 2
            u = (cuts[:-1] + half)[:, None] + half[:, None] * NODES
            with np.errstate(all="ignore"):
                curvature, energy = form(u)
                logs = (share - 1) * np.log(curvature) - energy / scale
            inside = end + sign * np.maximum(u.mean(axis=1), 1e-9)  # a face that is the end bounds nothing
            home = np.clip(np.searchsorted(faces, inside, side="right") - 1, 0, cells - 1)
            found.append((logs, half, home))
        top = max(float(np.nanmax(logs)) for logs, _, _ in found)
        sizes = [np.bincount(home, np.exp(logs - top) @ WEIGHTS * half, cells) for logs, half, home in found]
        return np.asarray(sum(sizes) / np.sum(sizes))


def _between(lower: float, upper: float, form: Form) -> tuple[Form, Form]:
    """The two forms of what is given as a function of the place."""
    return (lambda u: form(lower + u)), (lambda u: form(upper - u))


def behind_gates(rng: np.random.Generator, scale: float, kind: Indefinite) -> Line:
    """Two wells a (x^2 - c^2)^2 / 4 under |H| or its positive part: the law of the right one."""
    a, c = np.round(rng.uniform(0.3, 2), 3), np.round(rng.uniform(0.7, 1.5), 3)
    gate, top = c / np.sqrt(3), np.sqrt(c**2 + 18 * 1.2 * scale + 9 * np.sqrt(scale) * c)

    def form(v: Array) -> tuple[Array, Array]:
        return a * v, (v - 2 * c**2 * np.log(v)) / 18

    forms = (lambda u: form(3 * u * (2 * gate + u))), (lambda u: form(3 * (top - u) ** 2 - c**2))
    low = -top * rng.uniform(0.9, 1.1)
    return Line(f"{a}*({{0}}**2 - {c}**2)**2/4", kind, (gate, top), forms, (low, top), wells=True)


def circle(rng: np.random.Generator, scale: float, kind: Indefinite) -> Line:
    """1 - cos(k x) round a circle: gates at both sides of the minimum, which the drift crosses inwards."""
    k = np.round(rng.uniform(0.7, 2), 3)
    gate = np.pi / 2 / k

    def form(u: Array) -> tuple[Array, Array]:
        return k**2 * np.sin(k * u), -np.log(np.sin(k * u)) / k**2

    turn = rng.choice([0.0, rng.uniform(-0.5, 0.5)])  # without it gates may meet centres and faces
    box = (turn - np.pi) / k, (turn + np.pi) / k
    return Line(f"1 - cos({k}*{{0}})", kind, (-gate, gate), (form, form), box, period=True)


def bump(rng: np.random.Generator, scale: float, kind: Indefinite) -> Line:
    """-a exp(-x^2 / 2 w^2) in a box: gates at +-w, which the drift crosses inwards."""
    a, w = np.round(rng.uniform(0.5, 2), 3), np.round(rng.uniform(0.7, 1.5), 3)

    def form(u: Array) -> tuple[Array, Array]:
        t = u / w
        return a / w**2 * t * (2 - t) * np.exp(-((1 - t) ** 2) / 2), -(w**2) / 2 * np.log(t * (2 - t))

    box = -w * rng.uniform(1.2, 2.2), w * rng.uniform(1.2, 2.2)
    return Line(f"-{a}*exp(-{{0}}**2/(2*{w}**2))", kind, (-w, w), (form, form), box)


def curved(rng: np.random.Generator, scale: float, kind: Indefinite) -> Line:
    """Convex ones, whose H no kind changes: b x^2 / 2 + a x^4 / 4, cosh(k x) and log cosh(k x)."""
    which, k, a, b = rng.integers(3), *np.round(rng.uniform(0.4, 1.5, 3), 3)
    if which == 0:

        def form(x: Array) -> tuple[Array, Array]:
            v = b + 3 * a * x**2
            return v, (v + 2 * b * np.log(v)) / (18 * a)

        formula, reach = f"{b}*{{0}}**2/2 + {a}*{{0}}**4/4", 2.5 * np.sqrt(6 * scale)
    elif which == 1:

        def form(x: Array) -> tuple[Array, Array]:
            return k**2 * np.cosh(k * x), np.log(np.cosh(k * x)) / k**2

        formula, reach = f"cosh({k}*{{0}})", 6 * np.sqrt(scale) + 12 * k * scale
    else:

        def form(x: Array) -> tuple[Array, Array]:
            return np.cosh(k * x) ** -2, np.sinh(k * x) ** 2 / (2 * k**2)

        formula, reach = f"log(cosh({k}*{{0}}))/{k}**2", np.arcsinh(k * 6 * np.sqrt(scale)) / k
    lower, upper = -reach * rng.uniform(0.9, 1.2), reach * rng.uniform(0.9, 1.2)
    return Line(formula, kind, (lower, upper), _between(lower, upper, form), (lower, upper))


def smooth(rng: np.random.Generator, scale: float, kind: Indefinite) -> Line:
    """sqrt(H^2 + delta^2) on two wells, a circle and a quartic: noise everywhere."""
    delta, which = kind.parts[2], rng.integers(3)
    a, c, k = np.round(rng.uniform(0.7, 1.4, 3), 3)
    if which == 0:

        def form(x: Array) -> tuple[Array, Array]:
            v, width = 3 * x**2 - c**2, delta / a
            return np.hypot(v, width), (np.hypot(v, width) - 2 * c**2 * np.arcsinh(v / width)) / 18

        formula, reach = f"{a}*({{0}}**2 - {c}**2)**2/4", np.sqrt(c**2 + 18 * 1.2 * scale + 9 * np.sqrt(scale) * c)
    elif which == 1:

        def form(x: Array) -> tuple[Array, Array]:
            width = delta / k**2
            return np.hypot(np.cos(k * x), width), -np.arcsinh(np.cos(k * x) / width) / k**2

        formula, reach = f"1 - cos({k}*{{0}})", np.pi / k
    else:

        def form(x: Array) -> tuple[Array, Array]:
            size = np.hypot(3 * a * x**2, delta)
            return size, size / (18 * a)

        formula, reach = f"{a}*{{0}}**4/4", np.sqrt(6 * 18 * scale) + (18 * scale * delta / a) ** 0.25
    box = (-reach, reach)
    return Line(formula, kind, box, _between(*box, form), box, period=which == 1)


def kind_for(shape: Shape, rng: np.random.Generator) -> Indefinite:
    """|H| or its positive part, or a smooth |H|."""
    if shape is smooth:
        return SmoothAbsolute(float(np.round(rng.uniform(0.2, 1), 3)))
    return (AbsoluteEigenvalues(), PositivePart())[rng.integers(2)]


def equation(lines: Sequence[Line], scale: float, reading: Interpretation) -> Langevin:
    """The equation of the sum of the landscapes, each of its own coordinate."""
    names = ("x", "y")[: len(lines)]
    loss = SymbolicLandscape(" + ".join(one.formula.format(n) for one, n in zip(lines, names, strict=True)), names)
    return Langevin(loss, HessianProportional(loss, scale, lines[0].kind), reading)


def found_law(lines: Sequence[Line], cells: Sequence[int], scale: float, reading: Interpretation) -> Density:
    """The law on a grid: the only one, or the class that a start at its minimum ends in."""
    grid = Grid(*np.transpose([one.box for one in lines]), list(cells), [one.period for one in lines])
    here = FokkerPlanck(equation(lines, scale, reading), grid)
    if not any(one.wells for one in lines):
        return here.stationary()
    means = [sum(one.ends) / 2 if one.wells else 0.0 for one in lines]
    start = gaussian(means, np.diag(np.square([(one.ends[1] - one.ends[0]) / 16 for one in lines])), grid)
    classes = here.limit_law(start).classes
    laws = [one.law for one in classes if hasattr(one, "law")]
    inside = np.all(grid.centers > np.array([one.ends[0] if one.wells else one.box[0] for one in lines]), axis=-1)
    return max(laws, key=lambda law: float(law.probabilities[inside].sum()))


def on_line(shape: Shape) -> Callable[[np.random.Generator], Pairs]:
    """Laws on a line of 20 to 600 cells; powers of the mass next to a gate from .03 on."""

    def member(rng: np.random.Generator) -> Pairs:
        reading = READINGS[rng.integers(3)]
        scale = float(np.exp(rng.uniform(np.log(0.02), np.log(1.5))))
        line = shape(rng, scale, kind_for(shape, rng))
        cells = int(np.exp(rng.uniform(np.log(20), np.log(600))))
        law = found_law([line], [cells], scale, reading)
        masses = line.masses(cells, scale, reading.share)
        assert law.error is not None
        return [(float(np.abs(law.probabilities - masses).sum() / 2), law.error)]

    return member


def in_plane(*shapes: Shape) -> tuple[Callable[[np.random.Generator], Pairs], int]:
    """Products of two laws on 16, 24 and 36 cells a side."""

    def member(rng: np.random.Generator) -> Pairs:
        reading = READINGS[rng.integers(3)]
        scale = float(np.exp(rng.uniform(np.log(0.03), np.log(0.5))))
        chosen = rng.permutation(len(shapes)) if len(shapes) > 1 else [0, 0]
        kind = kind_for(shapes[0], rng)
        lines = [shapes[k](rng, scale, kind) for k in chosen]
        pairs = []
        for n in SIDES:
            truth = np.multiply.outer(*(one.masses(n, scale, reading.share) for one in lines))
            try:
                law = found_law(lines, [n, n], scale, reading)
            except NoStationaryDensity:
                continue
            if law.error is not None:
                pairs.append((float(np.abs(law.probabilities - truth).sum() / 2), law.error))
        if not pairs:
            raise NoStationaryDensity("refused on every grid")
        return pairs

    return member, 70  # on three grids each


KINDS = {
    "Hessian noise on a line: wells behind gates": on_line(behind_gates),
    "Hessian noise on a line: circles with gates": on_line(circle),
    "Hessian noise on a line: gates in a box": on_line(bump),
    "Hessian noise on a line: convex": on_line(curved),
    "Hessian noise on a line: smooth |H|": on_line(smooth),
    "Hessian noise in a plane: convex": in_plane(curved),
    "Hessian noise in a plane: smooth |H|": in_plane(smooth),
    "Hessian noise in a plane: gates on a torus": in_plane(circle),
    "Hessian noise in a plane: gates in a box": in_plane(bump),
    "Hessian noise in a plane: gates and convex": in_plane(bump, curved),
    "Hessian noise in a plane: wells behind gates": in_plane(behind_gates, curved),
}

if __name__ == "__main__":
    print_rows(KINDS)
