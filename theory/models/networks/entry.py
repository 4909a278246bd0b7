"""What a network must keep, tried when it comes in, at the parameters that it comes with and a few examples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from theory.base.arguments.words import shown
from theory.base.arrays import Array, Integers
from theory.base.errors import require
from theory.base.trials import SEED
from theory.landscapes.differences import slopes_with_error
from theory.landscapes.function import central_differences
from theory.models.networks.attempts import LOSS, attempt
from theory.models.networks.examples import ExampleBatch
from theory.models.networks.framework import Framework
from theory.models.networks.network import Network

TRIED: Final = 4  # examples
FEW: Final = 100  # examples, of which all are differentiated, and labels of which each is tried
DIRECTIONS: Final = 3  # along which the gradient is compared with differences: its own, and random ones
SAME: Final = {"float64": 1e-9, "float32": 1e-4}  # relative difference that another order of a sum may make
SMALL: Final = 1e-2  # a loss below may be rounding of larger numbers
APART: Final = {"float64": 1e-5, "float32": 1e-2}  # of a derivative from differences, beyond their own error
NOISE: Final = 10  # times the error of differences
IN_SINGLE: Final = (56.0, 95.0)  # scales of steps that are as wide as 24 bits in place of 53 ask, and wider ones


def some_examples(x: Any, y: Any) -> tuple[Any, Any]:
    """A few of the examples, spread over them; some again where there are less."""
    chosen = _places(len(x))
    return x[chosen], y[chosen]


def _places(examples: int) -> Integers:
    return np.resize(np.unique(np.linspace(0, examples - 1, TRIED).astype(np.int64)), TRIED)


def _every_label(y: Any) -> Integers:
    """Examples among which is each label, or `FEW` of them: what weighs classes shows where they meet."""
    _, first = np.unique(y, return_index=True)
    chosen = np.unique(first // (y.size // len(y)))
    return np.asarray(chosen[np.linspace(0, len(chosen) - 1, min(len(chosen), FEW)).astype(np.int64)])


def admitted(framework: Framework, x: Any, y: Any) -> Network:
    """The network on its data, after its trial.

    Raises
    ------
    InputError
        If its loss does not run, is no number of its precision, is not finite at the start, differs from call to
        call, mixes examples, or has other derivatives than differences tell.
    """
    inputs, labels = some_examples(x, y)
    alone = np.array([_of_one(framework, inputs[k : k + 1], labels[k : k + 1]) for k in range(TRIED)])
    same = SAME[framework.precision] * float(np.abs(alone).max(initial=SMALL, where=np.isfinite(alone)))
    again = np.array([_of_one(framework, inputs[k : k + 1], labels[k : k + 1]) for k in range(TRIED)])
    require(
        np.allclose(alone, again, rtol=0, atol=same, equal_nan=True),
        f"the {LOSS} must be the same from call to call, got {alone[0]:.6g} and {again[0]:.6g}; take the "
        "randomness out",
    )
    _require_finite(alone)
    _refuse_mixing(framework, inputs, labels, alone, same)
    network = attempt("torch.func or jax.jit", lambda: Network(x, y, framework))
    losses = attempt("vmap", lambda: network.evaluation.losses(network.start[None], network.everything)[0])
    mapped = losses[_places(len(x))]
    require(
        np.allclose(mapped, alone, rtol=0, atol=same),
        f"the {LOSS} must be the same for many walkers at once, got {mapped[0]:.6g} and {alone[0]:.6g} alone; "
        "take out what it draws or keeps from call to call",
    )
    _require_finite(losses)
    chosen = _every_label(y)
    _refuse_mixing(framework, x[chosen], y[chosen], losses[chosen], same)
    elsewhere = network.start + np.random.default_rng(SEED).normal(size=network.dim)
    losses = network.evaluation.losses(elsewhere[None], network.everything)[0, chosen]
    if np.isfinite(losses).all():  # classes that weigh apart may cost the same at the start
        same = SAME[framework.precision] * float(np.abs(losses).max(initial=SMALL))
        _refuse_mixing(framework, x[chosen], y[chosen], losses, same, elsewhere)
    _refuse_slopes(network, network.everything if len(x) <= FEW else ExampleBatch(inputs, labels, True))
    return network


def _of_one(framework: Framework, x: Any, y: Any) -> float:
    """The loss of a batch of one, as the user's code gives it."""
    found = attempt("a batch of one example", lambda: framework.plainly(x, y))
    numbers = np.asarray(found)
    require(
        numbers.size == 1 and numbers.dtype.kind == "f",
        f"the {LOSS} must be one float for a batch of one, got {numbers.dtype} of shape {numbers.shape}; take the "
        "mean",
    )
    require(
        numbers.dtype == framework.precision,
        f"the {LOSS} must be computed in {framework.precision}, got {numbers.dtype}; leave the "
        f"type of numbers in it open, or give dtype={str(numbers.dtype)!r}",
    )
    return float(numbers.reshape(()))


def _refuse_mixing(
    framework: Framework, x: Any, y: Any, alone: Array, same: float, w: Array | None = None
) -> None:
    """Refuse a loss of a batch that is not made of the losses of its examples, at w (d,) or at the start."""
    together = np.asarray(
        attempt(f"a batch of {len(alone)} examples", lambda: framework.plainly(x, y, w)), dtype=np.float64
    )
    wanted = [(alone, TRIED)] if together.size > 1 else [(alone.mean(), TRIED), (alone.sum(), len(alone))]
    fits = together.shape in ((), (1,), alone.shape) and any(
        np.allclose(together, one, rtol=0, atol=times * same) for one, times in wanted
    )
    require(
        fits,
        f"the {LOSS} must take examples independently, the mean of {len(alone)} is {alone.mean():.6g} alone and "
        f"{shown(together.tolist())} in a batch; batch normalisation, class weights, losses of pairs and labels "
        "of another shape than the outputs mix them",
    )


def _refuse_slopes(network: Network, few: ExampleBatch) -> None:
    """Refuse a gradient that differences of the loss contradict, at the start along a few directions."""
    even = np.full((1, len(few.y)), 1 / len(few.y))
    gradient = network.evaluation.gradients(network.start[None], few, even)[0]
    require(
        bool(np.isfinite(gradient).all()),
        f"the gradient must be finite at the start, got {np.count_nonzero(~np.isfinite(gradient))} numbers that "
        f"are not, as of {network.parameter_names[int(np.argmin(np.isfinite(gradient)))]}; start elsewhere",
    )
    precision = network.framework.precision
    directions = np.random.default_rng(SEED).normal(size=(DIRECTIONS, network.dim))
    directions[0] = gradient if gradient.any() else directions[0]
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    for direction in directions:

        def along(t: Array, direction: Array = direction) -> Array:
            points = (network.start + t * direction).reshape(-1, network.dim)
            return np.asarray(network.evaluation.losses(points, few).mean(axis=1)).reshape(t.shape[:-1])

        found, error = _slope(along, precision)
        told, size = float(gradient @ direction), float(np.abs(gradient @ directions.T).max())
        require(
            abs(told - found) <= APART[precision] * size + NOISE * error,
            f"the gradient must be that of the loss, got the slope {told:.6g} where differences give "
            f"{found:.6g} +- {error:.1g}; see what is detached, rounded or custom in it",
        )


def _slope(function: Callable[[Array], Array], precision: str) -> tuple[float, float]:
    """Slope of a function of numbers (1, 1) at 0 by differences, with its error."""
    at = np.zeros((1, 1))
    if precision == "float64":
        found, error = slopes_with_error(function, at)
        return float(found[0, 0]), float(error[0, 0])
    near, far = (float(central_differences(function, at, scale=scale)[0, 0]) for scale in IN_SINGLE)
    return near, abs(near - far)


def _require_finite(losses: Array) -> None:
    bad = np.flatnonzero(~np.isfinite(losses))
    require(
        len(bad) == 0,
        f"the {LOSS} must be finite at the start, got {len(bad)} of {len(losses)} losses that are not; start "
        "elsewhere, or mend the loss or the data",
    )
