"""SGD of a two-layer tanh network beside Langevin, surrogate noise, Gibbs and posterior, through a few numbers.

``python benchmarks/two_layer_network.py [FIGURE.png]`` prints the tables of docs/how-to/many-dimensions.md and
draws its figure. Teacher of two units, student of four with decay of weights: 24 weights, 200 points; two units of
the student have nothing to do, so that the minimum is degenerate but for the decay.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from matplotlib import pyplot as plt
from scipy.optimize import minimize

from compare import compare_laws, two_sample_test
from simulate import SGD, SubsampledNoise, WithoutReplacement, WithReplacement, run_sgd
from theory import (
    DatasetModel,
    Draws,
    ExampleDiffusion,
    Grid,
    Langevin,
    project,
    sample_gibbs,
    sample_paths,
    sample_posterior,
    sharpest_directions,
    two_layer_network,
)

POINTS, INPUTS, TEACHER, STUDENT, NOISE, DECAY = 200, 5, 2, 4, 0.3, 0.03
RATE, BATCH, WALKERS = 0.5, 10, 48
BURN, STEPS, EVERY, FINER = 400, 1200, 20, 6
COLOURS = {
    "SGD": "#000000",
    "Langevin": "#0072B2",
    "surrogate noise": "#56B4E9",
    "Gibbs": "#D55E00",
    "posterior": "#009E73",
}
STYLES = {
    "SGD": "-", "Langevin": "--", "surrogate noise": ":", "Gibbs": "-.", "posterior": (0, (5, 1, 1, 1, 1, 1))
}  # fmt: skip


def student(rng: np.random.Generator) -> DatasetModel:
    """The network with its decay, on the labels of a teacher."""
    x = rng.standard_normal((POINTS, INPUTS))
    inner = rng.standard_normal((TEACHER, INPUTS))
    y = np.tanh(x @ inner.T) @ [1.5, -1.5] + NOISE * rng.standard_normal(POINTS)
    bare = two_layer_network(x, y, STUDENT)
    return DatasetModel(
        x,
        y,
        lambda w, x, y: bare.loss(w, x, y) + DECAY / 2 * (w**2).sum(axis=-1),
        lambda w, x, y: bare.example_gradient(w, x, y) + DECAY * w,
        bare.dim,
    )


def lowest(model: DatasetModel, rng: np.random.Generator) -> np.ndarray:
    """The lowest of ten minima."""
    found = (
        minimize(lambda w: float(model.value(w)), start, jac=model.gradient, options={"gtol": 1e-8})
        for start in 0.7 * rng.standard_normal((10, model.dim))
    )
    return min(found, key=lambda one: one.fun).x


def laws(model: DatasetModel, at: np.ndarray, observables: list, rng: np.random.Generator) -> dict[str, Draws]:
    """Five laws, each as draws of a few dozen chains."""
    start, after = np.tile(at, (WALKERS, 1)), BURN * RATE
    batches = SGD(RATE, BATCH, sampling=WithReplacement())
    normal = SGD(RATE, POINTS, sampling=WithoutReplacement(), noise=SubsampledNoise(BATCH**-0.5))
    runs = {"steps": BURN + STEPS, "save_every": EVERY, "rng": rng}
    finer = {name: FINER * runs[name] for name in ("steps", "save_every")} | {"dt": RATE / FINER, "rng": rng}
    temperature = RATE * np.trace(model.gradient_covariance(at)) / (2 * BATCH * model.dim)
    chains = {"rng": rng, "chains": 24, "steps": 500, "burn_in": 300, "save_every": 2, "observables": observables}
    print(f"temperature of Gibbs {temperature:.3g}, of the posterior {NOISE**2 / POINTS:.3g}")
    makers = {
        "SGD": lambda: Draws.of(run_sgd(model, batches, start, **runs), after),
        "Langevin": lambda: Draws.of(
            sample_paths(Langevin(model, ExampleDiffusion(model, RATE, BATCH)), start, **finer), after
        ),
        "surrogate noise": lambda: Draws.of(run_sgd(model, normal, start, **runs), after),
        "Gibbs": lambda: sample_gibbs(model, temperature, at, **chains),
        "posterior": lambda: sample_posterior(model, at, beta=NOISE**-2, **chains),
    }
    found = {}
    for name, make in makers.items():
        begin = time.perf_counter()
        found[name] = make()
        print(f"{name}: {time.perf_counter() - begin:.0f} s, {found[name].positions.shape}", flush=True)
    return found


def drawn(loss: dict[str, Draws], plane: dict[str, Draws], path: str) -> None:
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3), layout="constrained")
    grid = Grid(-3.2, -0.6, 52)
    for name, one in loss.items():
        law = project(one, np.log10).histogram(grid).survivors
        left.plot(10 ** grid.axes[0], law.values, color=COLOURS[name], ls=STYLES[name], lw=1.3, label=name)
    left.set(xlabel="loss above its minimum", ylabel="density of its logarithm", xscale="log", ylim=(0, None))
    names = left.get_legend_handles_labels()
    figure.legend(*names, loc="outside upper center", ncols=5, frameon=False, fontsize=7, handlelength=3.2)
    right.plot(*plane["SGD"].all[::7].T, ".", ms=1.5, color="0.65")
    angle = np.linspace(0, 2 * np.pi, 200)
    for name, one in plane.items():
        root = np.linalg.cholesky(np.cov(one.all.T))
        ring = one.all.mean(axis=0)[:, None] + 2 * root @ [np.cos(angle), np.sin(angle)]
        right.plot(*ring, color=COLOURS[name], ls=STYLES[name], lw=1.3)
    right.set(
        xlabel="along the sharpest direction", ylabel="along the second", xlim=(-0.3, 0.3), ylim=(-0.26, 0.26)
    )
    figure.savefig(path, dpi=160)


def main(path: str) -> None:
    rng = np.random.default_rng(1)
    model = student(rng)
    at = lowest(model, rng)
    directions = sharpest_directions(model, at)
    print(f"loss {float(model.value(at)):.4g}, curvatures {directions.curvatures.round(3)}, gradient "
          f"{np.abs(model.gradient(at)).max():.1g}")  # fmt: skip
    least = float(model.value(at))

    def loss(w: np.ndarray) -> np.ndarray:
        return model.value(w) - least

    found = laws(model, at, [model.value, directions], rng)
    seen = {name: project(one, loss) for name, one in found.items()}
    plane = {name: project(one, directions) for name, one in found.items()}
    for name in found:
        mean, parts = seen[name].all.mean(), plane[name].all.std(axis=0)
        print(f"| {name} | {mean:.3g} | {parts[0]:.3g} | {parts[1]:.3g} | {seen[name].effective_size:.0f} | "
              f"{plane[name].effective_size:.0f} |")  # fmt: skip
    others = [name for name in found if name != "SGD"]
    for kind, views in (("loss", seen), ("directions", plane)):
        print(kind)
        print(compare_laws(views["SGD"], {name: views[name] for name in others}).table())
    for name in others:
        print(name, two_sample_test(plane["SGD"], plane[name], rng=rng))
    if path:
        drawn(seen, plane, path)


if __name__ == "__main__":
    main((sys.argv[1:] or [""])[0])
