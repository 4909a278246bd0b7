"""Samplers of a tempered posterior: exact with acceptance, and stochastic gradients with a step bias."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import InputError, require
from theory.base.progress import progress_bar
from theory.learning.chains import Chains
from theory.learning.free_walk import FreeWalk
from theory.learning.large_target import LargeTarget
from theory.learning.steps import (
    ACCEPTED,
    ADAPT,
    BURN,
    COUNT,
    LOG_STEP,
    ChainBlock,
    batch_loop,
    mala_loop,
    sgld_loop,
)
from theory.learning.target import Target
from theory.models import DatasetModel

LONGEST_CALL = 1_000  # steps between two looks at the keyboard and the progress


def _walk(target: Target, chains: int, step_size: float | None, limit: float, kept: int) -> ChainBlock:
    """The arrays of chains at w*; without a step their coordinates are in units of the target's widths."""
    log_step = math.log(1.0 if step_size is None else step_size)
    return blank_walk(target, chains, target.frame(scaled=step_size is None), log_step, limit, kept)


def blank_walk(
    target: Target, chains: int, frame: tuple[Array, Array, Array], log_step: float, limit: float, kept: int
) -> ChainBlock:
    """The arrays of chains at w*, in coordinates along the axes of a frame as `Target.frame` has it."""
    shape = (target.landscape.dim, chains)
    axes, lengths, bends = frame
    points = np.ascontiguousarray(np.repeat(target.centre[:, None], chains, axis=1))
    raw = np.empty((1 + shape[0], chains))
    target.evaluate(points, raw)
    field = np.concatenate([raw[:1], axes.T @ raw[1:]])
    holds = target.strengths * lengths**2
    strength = float(holds.max())
    radius = target.localization.radius
    numbers = np.array([target.sharpness, strength, radius, log_step, limit, 0.0, 0.0])
    holds = holds / strength if strength else holds
    losses, tethers = np.empty((2, kept, chains))
    return ChainBlock(
        np.zeros(shape), np.zeros(shape), field, field.copy(), points, raw, target.centre,
        np.ascontiguousarray(axes), bends, lengths**2, holds, numbers, losses, tethers,
    )  # fmt: skip


def _check_step(step_size: float) -> None:
    require(
        math.isfinite(step_size) and step_size > 0, f"`step_size` must be positive and finite, got {step_size}"
    )


@dataclass(frozen=True)
class MALA:
    """Langevin proposals accepted by Metropolis and Hastings: the target is invariant, exactly, at any step.

    A drift (h/2) grad log density longer than sqrt(d h) is shortened to that, so that chains do not freeze in the
    light tails of w^4, where it would overshoot (the truncated MALA of Roberts & Tweedie).

    Parameters
    ----------
    step_size
        h of w + (h/2) grad log density + sqrt(h) z. By default w is measured along the eigenvectors of the Hessian
        in units of the widths of the density, and the step is adapted during the burn-in to the acceptance 0.574,
        and frozen then: adaptation while counting would change the law.

    Raises
    ------
    InputError
        If the step is not positive.

    References
    ----------
    Roberts & Tweedie (1996), Exponential convergence of Langevin distributions and their discrete
    approximations; Roberts & Rosenthal (1998), Optimal scaling of discrete approximations to Langevin diffusions.
    """

    step_size: float | None = None

    def __post_init__(self) -> None:
        if self.step_size is not None:
            _check_step(self.step_size)

    def run(
        self,
        target: Target,
        stream: np.random.Generator,
        *,
        chains: int,
        steps: int,
        burn_in: int,
        save_every: int,
        progress: bool | None = None,
    ) -> Chains:
        """Chains from w*, kept every so many steps after the burn-in.

        Raises
        ------
        InputError
            If the chains diverge.
        """
        if isinstance(target, LargeTarget):
            log_step = math.log(self.step_size or 1 / target.stiffest)
            free = FreeWalk(target, chains, steps, burn_in, save_every, log_step)
            with progress_bar(burn_in + steps, progress) as count:
                return free.metropolis(stream, self.step_size is None, count)
        limit = math.sqrt(target.landscape.dim)
        walk = _walk(target, chains, self.step_size, limit, steps // save_every)
        kernel, is_compiled = target.kernel
        loop = mala_loop if is_compiled else mala_loop.py_func
        with progress_bar(burn_in + steps, progress) as count:
            run_loop(loop, kernel, stream, walk, burn_in, 1, BURN if self.step_size else ADAPT, count)
            run_loop(loop, kernel, stream, walk, steps, save_every, COUNT, count)
        return as_chains(target, walk, float(walk.numbers[ACCEPTED]) / steps, save_every, burn_in)


@dataclass(frozen=True)
class SGLD:
    """Langevin steps without acceptance: the law is wrong by a bias of first order in the step.

    The estimate is therefore made twice, with h and h/2, and extrapolated; what it moved is reported.

    Parameters
    ----------
    step_size
        h of w - (h/2) (n beta grad L + strength (w - w*)) + sqrt(h) z: well below 1 / (n beta times the largest
        curvature).
    batch_size
        Examples in the gradient of a step, drawn with replacement, of a `DatasetModel`; by default all. Their
        noise heats the chains by about 1 + h (n beta)^2 c / (4 batch_size), c the variance of one gradient.

    Raises
    ------
    InputError
        If a number is not positive.

    References
    ----------
    Welling & Teh (2011), Bayesian learning via stochastic gradient Langevin dynamics; Vollmer, Zygalakis & Teh
    (2016), Exploration of the (non-)asymptotic bias and variance of stochastic gradient Langevin dynamics.
    """

    step_size: float
    batch_size: int | None = None

    def __post_init__(self) -> None:
        _check_step(self.step_size)
        require(
            self.batch_size is None or (self.batch_size >= 1 and self.batch_size % 1 == 0),
            f"`batch_size` must be a whole number, at least 1, got {self.batch_size}",
        )

    def halved(self) -> SGLD:
        """The same with half the step."""
        return replace(self, step_size=self.step_size / 2)

    def run(
        self,
        target: Target,
        stream: np.random.Generator,
        *,
        chains: int,
        steps: int,
        burn_in: int,
        save_every: int,
        progress: bool | None = None,
    ) -> Chains:
        """Chains from w*, kept every so many steps after the burn-in.

        Raises
        ------
        InputError
            If the batch does not fit the model, or the chains diverge.
        """
        self.refuse_walls(target)
        if isinstance(target, LargeTarget):
            free = FreeWalk(target, chains, steps, burn_in, save_every, math.log(self.step_size))
            ask = target.ask if self.batch_size is None else self.batches(target, stream)
            with np.errstate(over="ignore", invalid="ignore"), progress_bar(burn_in + steps, progress) as count:
                ended = free.plain(stream, ask, count)
            self.refuse_lost(ended, free.losses)
            return free.chains_kept()
        walk = _walk(target, chains, self.step_size, math.inf, steps // save_every)
        loop, kernel = self.ways(target, stream)
        with np.errstate(over="ignore", invalid="ignore"), progress_bar(burn_in + steps, progress) as count:
            run_loop(loop, kernel, stream, walk, burn_in, 1, BURN, count)
            run_loop(loop, kernel, stream, walk, steps, save_every, COUNT, count)
        self.refuse_lost(walk.w, walk.losses)
        return as_chains(target, walk, None, save_every, burn_in)

    def refuse_walls(self, target: Target) -> None:
        """Refuse a localization with a wall.

        Raises
        ------
        InputError
            If there is one.
        """
        require(
            math.isinf(target.localization.radius),
            "SGLD knows no wall; take MALA(), or a localization without radius",
        )

    def ways(self, target: Target, stream: np.random.Generator) -> tuple[Any, Any]:
        """The loop over steps and what it asks for gradients.

        Raises
        ------
        InputError
            If a batch is asked of what is no data set.
        """
        if self.batch_size is not None:
            return batch_loop, self.batches(target, stream)
        kernel, is_compiled = target.kernel
        return sgld_loop if is_compiled else sgld_loop.py_func, kernel

    def refuse_lost(self, w: Array, losses: Array) -> None:
        """Refuse chains that have diverged, by where they end (d, n) and their losses (times, n).

        Raises
        ------
        InputError
            If one has.
        """
        lost = np.count_nonzero(~np.isfinite(losses[-1]) | ~np.isfinite(w).all(axis=0))
        require(lost == 0, f"{lost} of {w.shape[1]} chains diverged; reduce `step_size` (now {self.step_size:g})")

    def batches(self, target: Target, stream: np.random.Generator) -> Any:
        """A function (w, out, with the loss?) that fills in the gradient of a fresh batch for each chain.

        Raises
        ------
        InputError
            If the landscape is no data set.
        """
        model = target.landscape
        if not isinstance(model, DatasetModel):
            raise InputError(f"`batch_size` needs a DatasetModel, got {type(model).__name__}; leave it out")
        size = int(self.batch_size or len(model))

        def evaluate(w: Array, out: Array, with_loss: bool) -> None:
            points = w.T
            chosen = stream.integers(0, len(model), (w.shape[1], size))
            out[1:] = model.batch_gradient(points, model.x[chosen], model.y[chosen]).T
            if with_loss:
                out[0] = model.value(points)

        return evaluate


def run_loop(
    loop: Any,
    kernel: Any,
    stream: np.random.Generator,
    walk: ChainBlock,
    steps: int,
    save_every: int,
    mode: int,
    count: Callable[[int], None],
) -> None:
    """So many steps of a loop, with looks at the keyboard and the progress."""
    for first in range(0, steps, LONGEST_CALL):
        last = min(first + LONGEST_CALL, steps)
        loop(kernel, stream, walk, first, last, save_every, mode)
        count(last - first)


def as_chains(target: Target, walk: ChainBlock, acceptance: float | None, save_every: int, burn_in: int) -> Chains:
    """What the chains of a walk have kept."""
    return Chains(
        target.scaled(walk.losses),
        walk.tethers,
        acceptance,
        math.exp(walk.numbers[LOG_STEP]),
        save_every,
        burn_in,
    )
