"""How long SGD stays in a basin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from compare.figures.style import COLOURS, PAGE_WIDTH


def draw_survival(found: Mapping[str, Any]) -> Figure:
    """The fraction of the walkers inside, with the fitted exponential, and the fraction diverged."""
    steps, inside = np.array(found["steps"]), np.array(found["fraction_inside"])
    diverged = np.array(found["fraction_diverged"])
    figure, axes = plt.subplots(figsize=(PAGE_WIDTH * 0.6, 2.6))
    axes.plot(steps, np.where(inside > 0, inside, np.nan), ".", ms=3, color=COLOURS["sgd"], label="inside")
    axes.plot(steps, np.where(diverged > 0, diverged, np.nan), color=COLOURS["gibbs"], label="diverged")
    rate, error = float(found["escape_rate_per_step"]), float(found["escape_rate_standard_error"])
    fitted = steps[steps >= 3]
    if np.isfinite(rate) and len(fitted):
        begin = inside[np.searchsorted(steps, fitted[0])]
        axes.plot(
            fitted, begin * np.exp(-rate * (fitted - fitted[0])), color=COLOURS["fokker_planck"],
            label=f"exp(−{rate:.3f}({error * 1e3:.0f}) k)",
        )  # fmt: skip
    low, high = found["basin"]
    axes.set(yscale="log", xlabel="step $k$", ylabel=f"fraction of SGD walkers in ({low:g}, {high:g})")
    positive = inside[inside > 0]
    axes.set_ylim(float(positive.min()) / 2 if len(positive) else 1e-4, 1.5)
    axes.legend()
    return figure
