"""Other equations on the landscape of figure 1: which noise carries walkers over its barrier."""

from __future__ import annotations

from collections.abc import Mapping
from math import gamma, pi, sin
from typing import TypedDict

import numpy as np

from compare.claims import Computed, Control, Evidence, Finding, Share, at_least, claim, equal_to
from compare.claims.sticky import STICKY
from compare.claims.sticky.cubic import W0, cubic
from compare.pictures import Axis, Panel, Picture, Series
from simulate import SGD, StableNoise, run_sgd
from theory import (
    AlphaStable,
    Constant,
    Density,
    Ensemble,
    Estimate,
    FokkerPlanck,
    Grid,
    Langevin,
    SymbolicLandscape,
    Underdamped,
    langevin_limit,
    sample_paths,
)

ORIGINAL, STABLE_RATE = SGD(0.01, 20), 0.0025
STEPS, TIME, CELLS = 50, 0.5, 400  # of an epoch, and of the grid
SOME = 0.005  # of the walkers: what counts as passing
ALPHA = 1.5
MORE, SAME = 8, 0.25  # times the walkers where one in fifty passes, and what counts as the same share
FRICTION = 10.0
SUBSTEPS, JUMP_STEPS = 64, 8  # a learning rate: with few, Euler's steps leave the minimum as SGD's do
LEVEL = 0.95


class StepOptions(TypedDict):
    """How long and how finely a path is followed."""

    dt: float
    steps: int
    save_every: int


@claim(
    "S10",
    source=STICKY,
    where="future work",
    statement="Langevin equations with anisotropic noise, their Fokker-Planck equation, underdamped ones or "
    "heavy-tailed noise may say how SGD passes the barrier.",
    prediction="Nobody passes with SGD's own noise, which vanishes at the top, nor with Gaussian noise of its "
    "size at the sharp minimum, for which the barrier is 284 temperatures high. Heavy tails pass in single jumps, "
    "a share t s^alpha Γ(alpha) sin(pi alpha/2)/(pi r^alpha) over the distance r to the top in a time t.",
    quick={"walkers": 9000},
    full={"walkers": 40_000},
)
def other_noise(*, walkers: int, rng: np.random.Generator) -> Evidence:
    """Shares that pass in the time of an epoch from the sharp minimum under each equation, and under SGD."""
    sde, grid = langevin_limit(cubic(), ORIGINAL), Grid(-2 * W0, 2 * W0, CELLS)
    bare = SymbolicLandscape(f"((w + {W0})*(w - {W0})**2)**2")
    power = float(sde.diffusion.tensor(np.array([-W0]))[0, 0])
    jumps = Langevin(bare, Constant(np.zeros((1, 1))))
    at_minimum = np.full((walkers, 1), -W0)
    moving = np.concatenate([at_minimum, power**0.5 * rng.standard_normal((walkers, 1))], axis=1)
    gaussian = sample_paths(sde, at_minimum, **_in_steps(SUBSTEPS), rng=rng)
    inertial = sample_paths(Underdamped(bare, FRICTION, power), moving, **_in_steps(SUBSTEPS), rng=rng)
    tails, sgd, many = {}, {}, np.repeat(at_minimum, MORE, axis=0)
    for alpha in (ALPHA, 2.0):
        scheme, noisy = AlphaStable(alpha, power**0.5), _noisy(alpha, power)
        tails[alpha] = sample_paths(jumps, many, **_in_steps(JUMP_STEPS), rng=rng, scheme=scheme)
        steps = round(TIME / noisy.learning_rate)
        sgd[alpha] = run_sgd(cubic(), noisy, at_minimum, steps=steps, rng=rng, save_every=1)
    left = Density.normalised(grid, np.where(np.abs(grid.axes[0] + W0) < W0 / 3, 1.0, 0.0))
    law = FokkerPlanck(sde, grid).limit_law(left)
    over = sum(weight for _, weight in law.point_masses)
    some = at_least(SOME)
    gaussian_words = "noise is SGD's own, anisotropic and Gaussian"
    findings = [
        Finding("paths that pass", _passed(gaussian), some, gaussian_words),
        Finding("mass that passes by Fokker-Planck", Computed(Estimate(over, 0.0)), some, gaussian_words),
        Finding("paths that pass", _passed(inertial), some, "the equation is underdamped, with Gaussian noise"),
        Finding("paths that pass", _passed(tails[ALPHA]), some, "noise has heavy tails"),
        Finding("walkers of SGD that pass at eta h = 0.84", _passed(sgd[ALPHA]), some, "noise has heavy tails"),
    ]
    single = _single_jumps(power**0.5, 2 * W0 / 3)
    reasons = [
        Finding(
            "only heavy tails carry walkers over in single jumps",
            _passed(tails[ALPHA]),
            equal_to(single, margin=SAME * single, formula="single jumps to the top"),
        )
    ]
    controls = [
        Control(Finding("walkers that pass by the same equation with alpha = 2", _passed(tails[2.0]), some)),
        Control(Finding("walkers that pass by SGD with Gaussian noise of that size", _passed(sgd[2.0]), some)),
        Control(
            Finding(
                "the share of single jumps half as far again",
                _passed(tails[ALPHA]),
                equal_to(_single_jumps(power**0.5, W0), margin=SAME * single),
            )
        ),
    ]
    shown = {
        "SGD at $\\eta h = 0.84$, heavy tails": sgd[ALPHA],
        f"heavy tails, $\\alpha = {ALPHA}$": tails[ALPHA],
        "Langevin, SGD's noise": gaussian,
        "underdamped": inertial,
        r"$\alpha = 2$": tails[2.0],
    }
    notes = [
        f"SGD's steps pass {_passed(sgd[ALPHA]).value / single:.1f} times as often as single jumps to the top: "
        "from far out the steep loss throws a walker over the barrier in the next step."
    ]
    return Evidence(findings, controls, _picture(shown), reasons, notes)


def _single_jumps(scale: float, far: float) -> float:
    """Of walkers in the time of an epoch, those that make a jump of `far` and more to one side."""
    return float(TIME * (scale / far) ** ALPHA) * gamma(ALPHA) * sin(pi * ALPHA / 2) / pi


def _in_steps(part: int) -> StepOptions:
    """An epoch of original learning rates, each in so many steps."""
    return {"dt": TIME / STEPS / part, "steps": STEPS * part, "save_every": part}


def _noisy(alpha: float, power: float) -> SGD:
    """SGD that is stable at the sharp minimum, with noise that adds as much in an epoch as `power` does."""
    scale = power**0.5 * STABLE_RATE ** (1 / alpha - 1)
    return SGD(STABLE_RATE, ORIGINAL.batch_size, noise=StableNoise(alpha, scale))


def _passed(run: Ensemble) -> Share:
    """Of all walkers, those beyond the barrier at the end; diverged ones are not counted as passed."""
    return Share(int((run.final[:, 0] > -W0 / 3).sum()), run.walkers)


def _picture(shown: Mapping[str, Ensemble]) -> Picture:
    series = []
    for label, run in shown.items():
        counts = (run.positions[..., 0] > -W0 / 3).sum(axis=1)
        low, high = np.array([Share(int(count), run.walkers).interval(LEVEL) for count in counts]).T
        series.append(Series(label, run.times, counts / run.walkers, low=low, high=high))
    panel = Panel(Axis(r"time $\eta k$"), Axis("share beyond the barrier"), series)
    return Picture([panel], "Noise of several kinds at the barrier of figure 1.")
