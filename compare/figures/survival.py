"""How long SGD stays in a basin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib import rcParams
from matplotlib.figure import Figure

from compare.figures.lines_of_text import in_lines, put_below, text_height
from compare.figures.palette import colour_of
from compare.figures.style import figure_width, in_style, is_narrow, new_figure, small_letters
from theory.base.whole_numbers import decade

FITTED_FROM = 3  # the step from which the rate is taken
MOST_ENDS = 8  # of epochs that are drawn
BENT = 3.0  # standard errors between the rates of two halves, from which on a curve is no exponential


@in_style
def draw_survival(found: Mapping[str, Any]) -> Figure:
    """The fraction of the walkers inside with its interval, the fitted exponential, and the fraction diverged.

    Where the rates of the two halves differ, words below say so; a line shows where the data have been seen once.
    """
    steps = np.array(found["steps"])
    inside, low, high = (np.array(found[f"fraction_inside{end}"]) for end in ("", "_low", "_high"))
    diverged = np.array(found["fraction_diverged"])
    width = figure_width() * (1.0 if is_narrow() else 0.62)
    told = in_lines(_words(found), small_letters(), 0.92 * width, " ")
    figure = new_figure(2.5 + text_height(told), width / figure_width())
    axes = figure.subplots()
    axes.fill_between(steps, np.maximum(low, 1e-300), high, color=colour_of("sgd"), alpha=0.3, lw=0)
    axes.plot(steps, np.where(inside > 0, inside, np.nan), ".", ms=2.5, color=colour_of("sgd"), label="inside")
    if diverged.any():
        axes.plot(
            steps, np.where(diverged > 0, diverged, np.nan), color=colour_of("gibbs"), ls="--", label="diverged"
        )
    rate, error = float(found["escape_rate_per_step"]), float(found["escape_rate_standard_error"])
    fitted = steps[steps >= FITTED_FROM]
    if np.isfinite(rate) and len(fitted):
        begin = inside[np.searchsorted(steps, fitted[0])]
        exponential = begin * np.exp(-rate * (fitted - fitted[0]))
        label = f"$\\exp(-{in_brackets(rate, error)}\\,k)$"
        axes.plot(fitted, exponential, color=colour_of("fokker_planck"), label=label)
    left, right = found["basin"]
    axes.set(yscale="log", xlabel="step $k$", ylabel=f"fraction of SGD in $({left:g}, {right:g})$")
    positive = inside[inside > 0]
    axes.set_ylim(float(positive.min()) / 2 if len(positive) else 1e-4, 1.5)
    for end in _ends(found):
        axes.axvline(end, color="0.5", lw=0.6 * rcParams["lines.linewidth"], linestyle=(0, (4, 2)), zorder=0)
    figure.legend(loc="outside upper center", ncols=3)
    put_below(figure, told)
    return figure


def in_brackets(value: float, error: float) -> str:
    """A number with the error of its last digit in brackets: 0.0742(11)."""
    if not np.isfinite(error) or error <= 0:
        return f"{value:.3g}"
    digits = max(0, 1 - decade(error))
    return f"{value:.{digits}f}({round(error * 10**digits)})"


def _ends(found: Mapping[str, Any]) -> list[int]:
    """The steps that end a pass through the data set, unless they are too many to see."""
    epoch, last = found["steps_of_an_epoch"], found["steps"][-1]
    ends = [] if epoch is None else list(range(epoch, last + 1, epoch))
    return ends if len(ends) <= MOST_ENDS else []


def _words(found: Mapping[str, Any]) -> list[str]:
    """What the band is, and what bends the curve."""
    words = [f"Band: {100 * found['confidence']:.4g} % interval at each step."]
    ends = _ends(found)
    if ends:
        words.append(f"Dashed: end of the epoch, step {ends[0]}." if len(ends) == 1 else "Dashed: ends of epochs.")
    (early, early_error), (late, late_error) = (
        (float(half["value"]), float(half["error"])) for half in found["escape_rate_halves"]
    )
    if not abs(late - early) > BENT * np.hypot(early_error, late_error):
        return words
    more = "rises" if late > early else "falls"
    rates = f"from {in_brackets(early, early_error)} to {in_brackets(late, late_error)}"
    where = "towards the end of the epoch." if ends else "from the first half to the second."
    return [*words, "No exponential:", f"the rate {more} {rates}", where]
