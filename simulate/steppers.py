"""Which loop runs which SGD: plain ones have loops of their own, the variants share two."""

from __future__ import annotations

import numpy as np

from simulate import kernels, variants
from simulate.block import Changes, Walkers
from simulate.chunks import many_at_once, require_finite
from simulate.momentum import Nesterov
from simulate.noise import added_rows, second_batch, subsampled_scale
from simulate.own import own_noise, own_preconditioner
from simulate.preconditioner import matrix_of
from simulate.problem import Problem
from simulate.rules.followed import Followed, ShippedRows
from simulate.sources import CompiledSource, compiled_source, python_source, subsampled
from theory.base.arrays import Array
from theory.laws.walkers import Remembering, Stepper
from theory.models import NoisyGradient

PLAIN = {
    variants.SCALAR: kernels.fresh_scalar,
    variants.VECTOR: kernels.fresh_vector,
    variants.DATA: kernels.data_set,
    variants.GAUSSIAN: kernels.gaussian,
}


def stepper(problem: Problem, walkers: Walkers) -> Stepper:
    """What advances a block by any SGD: compiled where nothing needs Python, the same steps through NumPy else."""
    at_once = many_at_once(problem, walkers)
    if at_once is not None:
        return at_once
    source, watch = compiled_source(problem, walkers), walkers.watch
    if source is None or problem.needs_python or (watch is not None and watch.region.margin is None):
        return _by_python(problem, walkers, source)
    if watch is None and not problem.sgd.variants:
        return _plain(problem, walkers, source)
    return _by_variants(problem, walkers, source)


def _plain(problem: Problem, walkers: Walkers, source: CompiledSource) -> Stepper:
    """Without variants: the loop that draws the batches makes the steps."""
    loop, block, sgd = PLAIN[source.kind], source.block, problem.sgd

    def advance(steps: int) -> None:
        loop(
            source.field, walkers.stream, block, source.law, steps, sgd.learning_rate, sgd.momentum, sgd.batch_size
        )
        block.place[1] += steps

    return Remembering(advance, (block.v, block.order, block.place))


def _by_variants(problem: Problem, walkers: Walkers, source: CompiledSource) -> Stepper:
    """With variants that need no Python, or with a formula for the region that is watched."""
    sgd, watch, block = problem.sgd, walkers.watch, source.block
    followed = Followed.of(sgd.rules, block.w)
    changes = _changes(problem, _inverse(problem) if problem.is_steady else _matrix(problem), *followed.compiled)
    region, leaving = (source.field, False) if watch is None else (watch.kernel, watch.leaving)

    def advance(steps: int) -> None:
        followed.require_same()
        done = int(block.place[1])
        if watch is not None and done == 0:
            watch.note(block.w, 0)
        if watch is None or (watch.settled < 0).any():
            rates, batches = sgd.plan(done, steps)
            variants.variant_steps(
                source.kind, source.field, walkers.stream, block, source.law, changes,
                rates * batches if problem.is_steady else rates, batches, watch is not None, region, leaving,
            )  # fmt: skip
        block.place[1] = done + steps

    return Remembering(advance, (block.v, block.order, block.place, *followed.memory))


def _changes(problem: Problem, matrix: Array, rules: Array, memory: Array) -> Changes:
    sgd = problem.sgd
    ahead = float(sgd.momentum) if isinstance(sgd.momentum, Nesterov) else 0.0
    return Changes(float(sgd.kept_velocity), ahead, added_rows(sgd.noises), matrix, rules, memory)


def _matrix(problem: Problem) -> Array:
    return matrix_of(problem.sgd.preconditioner, problem.model.dim)


def _inverse(problem: Problem) -> Array:
    """The inverse of a noise that is the same everywhere, of batches of one."""
    model = problem.model
    assert problem.inverse is not None
    assert isinstance(model, NoisyGradient)
    origin = np.zeros((model.dim, model.dim))
    return problem.inverse.applied(model.gradient_covariance(origin), np.eye(model.dim), 1, origin).copy()


def _by_python(problem: Problem, walkers: Walkers, compiled: CompiledSource | None) -> Stepper:
    """With anything that only Python knows: a model, a region, or a preconditioner that follows the noise."""
    sgd, watch, stream = problem.sgd, walkers.watch, walkers.stream
    source = compiled or python_source(problem, walkers)
    block, draw = source.block, source.draw(stream)
    followed, buffer = Followed.of(sgd.rules, block.w), np.empty(len(walkers.w))
    changes = _changes(problem, _matrix(problem), *ShippedRows.of((), *block.w.shape))
    inverse, scale, weight = problem.inverse, subsampled_scale(sgd.noises), second_batch(sgd.noises)
    noise = subsampled(problem, stream) if scale else None
    own, turn = own_noise(problem, stream), own_preconditioner(problem)

    def step(rate: float, batch: int, number: int) -> None:
        points = (block.w + changes.look_ahead * block.v if changes.look_ahead else block.w).T
        gradient = draw(points, batch)
        if weight:
            gradient = gradient + weight * (draw(points, batch) - gradient)
        if compiled is None:
            require_finite(gradient, points, walkers.first, number)
        if noise is not None:
            gradient = gradient + scale * noise(points)
        if own is not None:
            gradient = gradient + own(points)
        down = np.array(-gradient.T, order="C")
        variants.add_noise(stream, down, changes.rows)
        if sgd.rules:
            followed.apply(stream, down, block.w, block.v, changes.look_ahead, rate, number)
        if inverse is not None:
            turned = inverse.applied(problem.covariance(points), down.T, batch, points)
            down = np.array(turned.T, order="C")
        elif turn is not None:
            down = np.array(turn(points, down.T).T, order="C")
        variants.update(block, down, changes.matrix, buffer, rate, changes.momentum)

    def advance(steps: int) -> None:
        followed.require_same()
        done = int(block.place[1])
        if watch is not None and done == 0:
            watch.note(block.w, 0)
        rates, batches = sgd.plan(done, steps)
        with np.errstate(all="ignore"):  # diverged walkers are counted, not hidden
            for k, (rate, batch) in enumerate(zip(rates.tolist(), batches.tolist(), strict=True)):
                if watch is not None and not (watch.settled < 0).any():
                    break
                block.place[1] = done + k
                step(rate, batch, done + k)
                if watch is not None:
                    watch.note(block.w, done + k + 1)
        block.place[1] = done + steps

    return Remembering(advance, (block.v, block.order, block.place, *followed.memory))
