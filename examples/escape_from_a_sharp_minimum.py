"""SGD leaves a sharp minimum at a rate that belongs to the data set: published rates against the spread of ours.

q = (w + w0)(w - w0)^2 with the plain mean square, one fixed data set, one epoch without replacement. The rates of
Corlouer & Mace (2024), Degeneracies are sticky for SGD, figures 1 and 7, were read off to about .005; each holds
for one data set of theirs. Here every setting is run on many data sets: the mean, the spread between data sets,
and by how many spreads the published rate is off.

Expected: all within about two spreads; with 1000 examples at w0 = 1.8 and rate .01 the mean is .12 to .13 and the
spread .03 a step. The product of rate and curvature is 3.36 there, above 2: the minimum is linearly unstable, and
no barrier is crossed by noise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from simulate import SGD, WithoutReplacement, draw_data, run_sgd, survival
from theory import Grid, ProductModel

Rates = dict[str, dict[float, float]]
PUBLISHED: Rates = {
    "sharpness": {1.65: 0.005, 1.7: 0.025, 1.75: 0.070, 1.8: 0.137, 1.85: 0.198, 1.9: 0.292},
    "learning rate": {
        0.006: 0.0,
        0.007: 0.005,
        0.008: 0.026,
        0.009: 0.077,
        0.01: 0.136,
        0.011: 0.19,
        0.012: 0.256,
    },
    "batch size": {10: 0.172, 30: 0.153, 50: 0.16, 70: 0.15, 90: 0.153, 130: 0.145, 170: 0.115, 210: 0.09},
    "figure 1": {20: 0.163},
}
SETTINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "sharpness": ("w0", {"batch_size": 25, "examples": 500}),
    "learning rate": ("learning_rate", {"batch_size": 25, "examples": 500, "reach": 4.0}),
    "batch size": ("batch_size", {"examples": 1000, "reach": 4.0}),
    "figure 1": ("batch_size", {"examples": 1000}),
}


READING_ERROR = 0.005


@dataclass(frozen=True)
class Spread:
    """Escape rates a step over data sets, with the share of walkers that diverged."""

    rates: tuple[float, ...]
    diverged: float

    @property
    def mean(self) -> float:
        """Mean over data sets."""
        return float(np.mean(self.rates))

    @property
    def std(self) -> float:
        """Standard deviation between data sets."""
        return float(np.std(self.rates, ddof=1))

    def off(self, published: float) -> float:
        """By how many spreads, the error of reading included, a rate of one data set is off the mean."""
        return (published - self.mean) / math.hypot(self.std, READING_ERROR)


def escape(
    seed: np.random.SeedSequence, walkers: int, *, batch_size: int, examples: int, w0: float = 1.8,
    learning_rate: float = 0.01, reach: float = 3.6,
) -> tuple[float, float]:  # fmt: skip
    """Rate a step at which walkers leave the left basin on one data set, and the share that diverges."""
    model = ProductModel(f"(w + {w0})*(w - {w0})**2", loss_scale=1.0)
    data, start, noise = (np.random.default_rng(child) for child in seed.spawn(3))
    sgd = SGD(learning_rate, int(batch_size), sampling=WithoutReplacement())
    ensemble = run_sgd(
        model, sgd, start.uniform(-reach, reach, (walkers, 1)), steps=math.ceil(examples / batch_size), rng=noise,
        data=draw_data(model, examples, data), save_every=1, grid=Grid(-1e6, -w0 / 3, 1),
    )  # fmt: skip
    seen = survival(ensemble)
    rate = seen.rate()[0]
    return (0.0 if math.isnan(rate) else rate), ensemble.diverged / walkers


def main(sets: int = 30, walkers: int = 2000, published: Rates = PUBLISHED) -> dict[str, dict[float, Spread]]:
    """Rates over `sets` data sets for each published setting."""
    found: dict[str, dict[float, Spread]] = {}
    for name, rates_of in published.items():
        varied, settings = SETTINGS[name]
        found[name] = {}
        for value in rates_of:
            seeds = np.random.SeedSequence(1).spawn(sets)
            results = [escape(seed, walkers, **settings, **{varied: value}) for seed in seeds]
            rates, diverged = zip(*results, strict=True)
            found[name][value] = Spread(rates, float(np.mean(diverged)))
    return found


def draw(found: dict[str, dict[float, Spread]]) -> Figure:
    """The three sweeps: mean and two spreads, and the published rates."""
    figure, panels = plt.subplots(1, 3, figsize=(7, 2.2), sharey=True, layout="constrained")
    for axes, name in zip(panels, ("sharpness", "learning rate", "batch size"), strict=True):
        x = list(found[name])
        mean, std = (np.array([getattr(s, part) for s in found[name].values()]) for part in ("mean", "std"))
        axes.fill_between(x, mean - 2 * std, mean + 2 * std, color="#0072B2", alpha=0.2, lw=0, label="two spreads")
        axes.plot(x, mean, color="#0072B2", label="mean over data sets")
        axes.plot(x, list(PUBLISHED[name].values()), "k.", label="published, one data set")
        axes.set_xlabel({"sharpness": "w0"}.get(name, name))
        axes.locator_params(axis="x", nbins=4)
        axes.set_ylim(0, 0.4)
    panels[0].set_ylabel("escape rate a step")
    panels[0].legend(fontsize=6)
    return figure


if __name__ == "__main__":
    spreads = main()
    for name, values in spreads.items():
        for value, spread in values.items():
            published = PUBLISHED[name][value]
            print(
                f"{name:14} {value:<7g} {spread.mean:.3f} +- {spread.std:.3f}  published {published:.3f}, "
                f"{spread.off(published):+.1f} spreads, {spread.diverged:.0%} diverged"
            )
    draw(spreads).savefig("escape_from_a_sharp_minimum.png", dpi=200)
