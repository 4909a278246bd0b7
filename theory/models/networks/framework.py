"""What a network needs of the framework it is written in, and what follows from two transforms of one loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from theory.base.arrays import Array, Integers
from theory.models.networks.examples import ExampleBatch


class Descent(NamedTuple):
    """Steps of SGD: v <- momentum v - rate g at w + look_ahead v, and w <- w + v.

    Parameters
    ----------
    numbers
        Those of the examples of each batch, shape (steps, n, B).
    rates
        Shape (steps,).
    momentum, look_ahead
        The share of v that a step keeps, and how far along v its gradient is taken.
    """

    numbers: Integers
    rates: Array
    momentum: float
    look_ahead: float

    def cut(self, walkers: slice) -> Descent:
        """Those of some walkers."""
        return self._replace(numbers=self.numbers[:, walkers])


class Framework(Protocol):
    """A network in its framework: everything in NumPy's arrays of float64 outside, in its precision inside."""

    @property
    def precision(self) -> str:
        """The name of its numbers: float64 or float32."""
        ...

    @property
    def start(self) -> Array:
        """The parameters that it was given with, shape (d,)."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """Of the components of w."""
        ...

    @property
    def numbers_at_once(self) -> int:
        """How many numbers a block of walkers and examples may need."""
        ...

    def activations(self, x: Any, y: Any) -> int:
        """Numbers that the gradient of one example needs, beside parameters and input; an estimate."""
        ...

    def parameters(self, w: Array) -> Any:
        """The framework's own form of w (d,)."""
        ...

    def placed(self, examples: ExampleBatch) -> ExampleBatch:
        """ExampleBatch where the framework computes."""
        ...

    def evaluate(self, name: str, w: Array, examples: ExampleBatch, *rest: Array) -> Array:
        """A function of `Functions` for walkers w (n, d), each with its own part of the `rest`."""
        ...

    @property
    def descends(self) -> bool:
        """Whether it makes many steps in one call."""
        ...

    def descend(self, w: Array, v: Array, examples: ExampleBatch, steps: Descent) -> tuple[Array, Array]:
        """New positions and velocities (n, d) after some steps, with batches of all examples, placed."""
        ...

    def plainly(self, x: Any, y: Any, w: Array | None = None) -> Any:
        """The loss of a batch at w (d,), or at the start, by the user's code: no transform, nothing compiled."""
        ...


class Functions(NamedTuple):
    """Of one walker w (d,) with examples x (B, ...), y (B, ...).

    Parameters
    ----------
    losses
        (w, x, y) to (B,).
    examples
        Gradients: (w, x, y) to (B, d).
    gradient
        Sum of weights times gradients: (w, x, y, weights) to (d,).
    bend
        Sum of weights times Hessians times v: (w, x, y, weights, v) to (d,).
    slopes
        Gradients times v: (w, x, y, any weights, v) to (B,).
    """

    losses: Callable[..., Any]
    examples: Callable[..., Any]
    gradient: Callable[..., Any]
    bend: Callable[..., Any]
    slopes: Callable[..., Any]


def functions_of(one: Callable[..., Any], vmap: Callable[..., Any], grad: Callable[..., Any]) -> Functions:
    """All of them from the loss `one` (w, x, y) of one example, by the transforms of PyTorch or JAX.

    In reverse mode throughout, which more operations have than the forward one.
    """
    losses = vmap(one, (None, 0, 0))

    def total(w: Any, x: Any, y: Any, weights: Any) -> Any:
        return (weights * losses(w, x, y)).sum()

    gradient = grad(total)

    def along(w: Any, x: Any, y: Any, weights: Any, v: Any) -> Any:
        return (gradient(w, x, y, weights) * v).sum()

    return Functions(losses, vmap(grad(one), (None, 0, 0)), gradient, grad(along), grad(along, 3))


def for_walkers(functions: Functions, vmap: Callable[..., Any]) -> dict[tuple[str, bool], Callable[..., Any]]:
    """Each of `functions` for many walkers, by its name and by whether they share their examples."""
    rest = dict(zip(Functions._fields, (0, 0, 1, 2, 2), strict=True))
    return {
        (name, shared): vmap(getattr(functions, name), (0, *(None if shared else 0,) * 2, *(0,) * rest[name]))
        for name in Functions._fields
        for shared in (True, False)
    }
