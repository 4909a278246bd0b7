"""One picture of every kind that claims have, from small results that are really computed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from drawable import BOWL, LINE, NOISY, PLANE, WELLS, left, result, turning

import compare
import simulate
import theory
from compare.pictures import Axis, Mark, Panel, Picture, Plane, Series
from simulate import SGD
from theory import Estimate, Grid, ProductModel, SymbolicLandscape

W1, W2 = Axis("$w_1$"), Axis("$w_2$")


def laws() -> Picture:
    """Laws side by side on one scale, and their difference from the walkers in standard errors."""
    grid = PLANE.coarsened(2)
    paths = theory.sample_paths(
        turning().sde, np.zeros((4000, 2)), dt=0.02, steps=200, rng=np.random.default_rng(1), threads=1
    )
    counts = paths.histogram(grid)
    stationary = turning().stationary().coarsen(2)
    others = {"Fokker–Planck": stationary, "Gibbs": theory.gibbs(BOWL, 0.2, PLANE).coarsen(2)}
    x, y = grid.axes
    loss = BOWL.value(grid.centers)
    seen = counts.probabilities / grid.cell_volume
    minima = np.array([[-1.0, 0.0], [1.0, 0.0]])
    density: dict[str, Any] = {"decades": 3, "contours": loss, "points": minima}
    panels = [Plane(W1, W2, x, y, seen, title="paths", **density)]
    panels += [Plane(W1, W2, x, y, law.values, title=name, **density) for name, law in others.items()]
    for name, law in others.items():
        share = law.probabilities
        error = np.sqrt(np.maximum(share * (1 - share), 1e-12) / counts.walkers)
        off = (share - counts.probabilities) / error
        panels.append(Plane(W1, W2, x, y, off, "difference / s.e.", f"{name} − paths", True, None, 5.0, loss))
    return Picture(panels, "Laws beside each other.", 3, True, True)


def current() -> Picture:
    """The current of a stationary law as streamlines over it."""
    law = turning().stationary()
    flow = np.moveaxis(np.asarray(turning().current(law)), -1, 0)
    return Picture(
        [Plane(W1, W2, PLANE.axes[0], PLANE.axes[1], law.values, contours=BOWL.value(PLANE.centers), arrows=flow)]
    )


def survival() -> Picture:
    """Survival with intervals, and the rates of three theories."""
    found = result("Survival")
    inside, steps = found.fraction, found.steps
    error = 2 * np.sqrt(inside * (1 - inside) / found.walkers)
    sgd = SGD(0.4, 1)
    operator = simulate.transition_operator(NOISY, sgd, LINE)
    limit = theory.FokkerPlanck(theory.langevin_limit(NOISY, sgd), LINE)
    minima = theory.find_minima(WELLS, LINE)
    saddle = next(p for p in theory.critical_points(WELLS).points if p.kind.name == "MAXIMUM")
    rates = {
        "exact operator": float(operator.escape_rate(left)),
        "Fokker–Planck": 0.4 * float(limit.escape_rate(left)),
        "Kramers": 0.4
        * float(np.exp(theory.kramers_rate(WELLS, 0.2, minima[0].position, saddle.position).log_value)),
    }
    series = [Series.measured("SGD", steps, inside, error, joined=True)]
    series += [Series.predicted(name, steps, np.exp(-rate * steps)) for name, rate in rates.items()]
    series.append(Series.control("full batch", steps, np.ones(len(steps)), joined=True))
    panel = Panel(Axis("step $k$"), Axis("fraction inside", True), series, "", [Mark(30, "end of an epoch")])
    return Picture([panel], "Survival in the left well.")


def collapse() -> Picture:
    """Collapse onto an invariant set: the distance falls where its exponent is negative."""
    model = ProductModel("w**2")
    panels = []
    for rate in (0.2, 0.4):
        start = np.full((300, 1), 0.01)
        sgd = SGD(rate, 1)
        run = simulate.run_sgd(model, sgd, start, steps=24, rng=np.random.default_rng(2), save_every=2, threads=1)
        assert run.steps is not None
        logs = np.log(np.abs(run.positions[..., 0]))
        mean, error = logs.mean(axis=1), 2 * logs.std(axis=1) / np.sqrt(logs.shape[1])
        exponent = theory.collapse_exponent(model, (0,), learning_rate=rate, batch_size=1)
        line = mean[0] + float(exponent.discrete) * run.steps
        flow = mean[0] + exponent.continuous * run.steps
        series = [
            Series.measured("mean of $\\log|w|$", run.steps, mean, error),
            Series.predicted("Lyapunov exponent", run.steps, line),
            Series.control("of the Itô limit", run.steps, flow, joined=True),
        ]
        panels.append(Panel(Axis("step $k$"), Axis("$\\log|w|$"), series, f"$\\eta = {rate}$"))
    return Picture(panels, "Collapse.", share_y=True)


def drift() -> Picture:
    """Slow drift along a line of minima, beside its law."""
    eta, batch, steps = 0.1, 4, 1000
    model = ProductModel("(x**2 + y**2)**2*x")
    start = np.tile([0.0, 0.6], (400, 1))
    run = simulate.run_sgd(
        model, SGD(eta, batch), start, steps=steps, rng=np.random.default_rng(3), save_every=100, threads=1
    )
    assert run.steps is not None
    assert run.moments is not None
    k = run.steps
    law = (0.6**-6 + 12 * eta**2 * k / batch) ** (-1 / 6)
    series = [
        Series.measured("SGD", k, run.moments.mean[:, 1], 2 * run.moments.mean_error[:, 1]),
        Series.predicted("$(w_2(0)^{-6} + 12\\,\\eta^2 k / B)^{-1/6}$", k, law),
        Series.control("gradient flow", k, np.full(len(k), 0.6), joined=True),
    ]
    return Picture([Panel(Axis("step $k$"), Axis("$w_2$"), series, marks=[Mark(0.6, "start", vertical=False)])])


def slopes() -> Picture:
    """The slope of the loss against the learning coefficient."""
    grid, warm = Grid(-3.0, 3.0, 1200), 0.01
    powers = np.array([1, 2, 3, 4])
    found = []
    for k in powers:
        landscape = SymbolicLandscape(f"w**{2 * k}/{2 * k}")
        law = theory.gibbs(landscape, warm, grid)
        found.append(law.expect(landscape.value) / warm)
    coefficients = 1 / (2 * powers)
    series = [
        Series.measured("slope / ($s^2/2B$)", coefficients, found, 0.01),
        Series.predicted("$\\lambda$", [0, 0.5], [0, 0.5]),
        Series.control("$d/2$, as if regular", coefficients, np.full(4, 0.5)),
    ]
    return Picture([Panel(Axis("learning coefficient $\\lambda$"), Axis("slope of the loss"), series)])


def coefficients() -> Picture:
    """Measured learning coefficients against the number of examples."""
    grid, sizes = Grid((-1.0, -1.0), (1.0, 1.0), (100, 100)), np.array([30, 100, 300, 1000])
    landscape = SymbolicLandscape("x**2*y**4/2")
    found = [Estimate(n * theory.posterior(landscape, int(n), grid).expect(landscape.value), 0.01) for n in sizes]
    exact = float(theory.learning_coefficient(landscape, (0, 0)).value)
    series = [
        Series.measured("$n\\beta\\,E[L]$", sizes, np.array(found), 0.01),
        Series.predicted("$\\lambda$", sizes, np.full(4, exact)),
        Series.control("$d/2$", sizes, np.ones(4)),
    ]
    marks = [Mark(exact, "$1/4$", vertical=False)]
    return Picture([Panel(Axis("examples $n$", True), Axis("learning coefficient"), series, marks=marks)])


def validity() -> Picture:
    """Where in the plane of learning rate and curvature the limit describes SGD; white where no law exists."""
    rates, curvatures = np.geomspace(0.02, 2.0, 16), np.geomspace(0.2, 20.0, 12)
    grid = Grid(-8.0, 8.0, 400)
    values = np.full((len(rates), len(curvatures)), np.nan)
    for i, rate in enumerate(rates):
        for j, curvature in enumerate(curvatures):
            if rate * curvature < 1.9:  # variances in units of that of the limit
                own = theory.gaussian([0.0], [[2 / (2 - rate * curvature)]], grid)
                values[i, j] = compare.total_variation(own, theory.gaussian([0.0], [[1.0]], grid)).value
    axes = Axis("learning rate $\\eta$", True), Axis("curvature $h$", True)
    return Picture(
        [Plane(axes[0], axes[1], rates, curvatures, values, "total variation from the limit", contours=values)]
    )


PICTURES: dict[str, Callable[[], Picture]] = {
    one.__name__: one for one in (laws, current, survival, collapse, drift, slopes, coefficients, validity)
}
