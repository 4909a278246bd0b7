"""A loss of JAX over any tree of parameters."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from theory.base.arguments.words import shown
from theory.base.arrays import Array
from theory.base.errors import InputError, require
from theory.base.packages import optional_package
from theory.base.traced import Traced
from theory.models.networks.examples import ExampleBatch
from theory.models.networks.framework import Descent, for_walkers, functions_of
from theory.models.networks.names import component_names
from theory.models.networks.room import capacity, numbers_at_once

ATTRIBUTE = "GetAttrKey"  # how JAX calls the place of a leaf that is an attribute of an object


def jax_package() -> Any:
    """JAX.

    Raises
    ------
    InputError
        If it is not installed.
    """
    return optional_package("jax", "a network of JAX")


@dataclass(frozen=True, eq=False)
class JaxNetwork:
    """A `Framework`: `loss` (tree, x, y) of one example, or of a batch where it takes batches.

    Parameters
    ----------
    tree
        The parameters with whatever stands among them, whose arrays are NumPy's.
    moving
        Which leaves are parameters.
    of_batches
        Whether the loss takes batches.
    """

    loss: Callable[..., Any]
    tree: Any
    moving: tuple[bool, ...]
    precision: str
    device: str
    of_batches: bool = True

    @staticmethod
    def of(loss: Callable[..., Any], parameters: Any, precision: str, device: str) -> JaxNetwork:
        """The network with the parameters in its precision.

        Raises
        ------
        InputError
            If JAX or the device is missing, or there is no parameter, or one that is not float.
        """
        jax = jax_package()
        _device(jax, device)
        places, form = jax.tree_util.tree_flatten_with_path(parameters)
        moving = tuple(_moves(jax, path, leaf) for path, leaf in places)
        require(any(moving), f"`parameters` must hold an array of floats, got {shown(parameters)}")
        leaves = [
            np.array(leaf, dtype=precision) if moves else leaf
            for (_, leaf), moves in zip(places, moving, strict=True)
        ]
        return JaxNetwork(loss, jax.tree_util.tree_unflatten(form, leaves), moving, precision, device)

    def __getstate__(self) -> dict[str, Any]:
        return {name: vars(self)[name] for name in self.__dataclass_fields__}

    @cached_property
    def start(self) -> Array:
        """See `Framework`."""
        found = np.concatenate([np.ravel(leaf) for _, leaf in self._parameters]).astype(np.float64)
        found.setflags(write=False)
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """See `Framework`."""
        told = jax_package().tree_util.keystr
        return component_names(
            (told(path, simple=True, separator=".") or "w", leaf.shape) for path, leaf in self._parameters
        )

    @property
    def numbers_at_once(self) -> int:
        """See `Framework`."""
        return numbers_at_once(on_host=_device(jax_package(), self.device).platform == "cpu")

    def activations(self, x: Any, y: Any) -> int:
        """See `Framework`: the sizes of all that the loss computes on the way."""
        jax = jax_package()
        with self.setting():
            made = jax.make_jaxpr(self._of_one)(self._arrays(), x, y)
        return int(sum(one.aval.size for equation in made.jaxpr.eqns for one in equation.outvars))

    def parameters(self, w: Array) -> Any:
        """See `Framework`: a tree like the one that was given."""
        with self.setting():
            return self._tree(self._parts(jax_package().numpy.asarray(w, dtype=self.precision)))

    def placed(self, examples: ExampleBatch) -> ExampleBatch:
        """See `Framework`."""
        put = jax_package().numpy.asarray
        with self.setting():
            return ExampleBatch(put(examples.x), put(examples.y), examples.shared)

    def evaluate(self, name: str, w: Array, examples: ExampleBatch, *rest: Array) -> Array:
        """See `Framework`."""
        points, *others = (np.asarray(one, dtype=self.precision) for one in (w, *rest))
        with self.setting():
            x, y = (self._in_kind(one) for one in (examples.x, examples.y))
            return np.asarray(self._compiled[name, examples.shared](points, x, y, *others), dtype=np.float64)

    def traced(self, x: Array, y: Array) -> Traced:
        """The mean loss of one point, for JAX."""
        losses = jax_package().vmap(self._of_one, (None, 0, 0))
        return Traced(lambda w: losses(self._parts(w), self._in_kind(x), self._in_kind(y)).mean(), self.setting)

    @property
    def descends(self) -> bool:
        """See `Framework`: positions are float64, which JAX has in that setting alone."""
        return self.precision == "float64"

    def descend(self, w: Array, v: Array, examples: ExampleBatch, steps: Descent) -> tuple[Array, Array]:
        """See `Framework`: a loop in the compiled program, whose body does not know how many steps there are."""
        made, room = len(steps.rates), capacity(len(steps.rates), steps.numbers[0].size)
        numbers, rates = np.zeros((room, *steps.numbers.shape[1:]), dtype=np.int32), np.zeros(room)
        numbers[:made], rates[:made] = steps.numbers, steps.rates
        with self.setting():
            start = np.ascontiguousarray(w), np.ascontiguousarray(v)
            plan = numbers, rates, made, float(steps.momentum), float(steps.look_ahead)
            ended = self._compiled["steps", False](start, (examples.x, examples.y), plan)
            return np.asarray(ended[0]), np.asarray(ended[1])

    def plainly(self, x: Any, y: Any, w: Array | None = None) -> Any:
        """See `Framework`."""
        jnp = jax_package().numpy
        tree = self.parameters(self.start if w is None else w)
        with self.setting():
            inputs, labels = jnp.asarray(x), jnp.asarray(y)
            if self.of_batches:
                return np.asarray(self.loss(tree, inputs, labels))
            return np.array([self.loss(tree, *example) for example in zip(inputs, labels, strict=True)])

    @cached_property
    def _parameters(self) -> list[tuple[Any, Array]]:
        """The leaves that are parameters, with their paths."""
        leaves = jax_package().tree_util.tree_flatten_with_path(self.tree)[0]
        return [one for one, moves in zip(leaves, self.moving, strict=True) if moves]

    @cached_property
    def _compiled(self) -> dict[tuple[str, bool], Any]:
        jax = jax_package()

        def one(w: Any, x: Any, y: Any) -> Any:
            return self._of_one(self._parts(w), x, y)

        functions = for_walkers(functions_of(one, jax.vmap, jax.grad), jax.vmap)
        gradient = functions["gradient", False]

        def steps(start: Any, data: Any, plan: Any) -> Any:
            (x, y), (numbers, rates, made, momentum, look_ahead) = data, plan
            even = jax.numpy.full(numbers.shape[1:], 1 / numbers.shape[2])

            def step(k: Any, state: tuple[Any, Any]) -> tuple[Any, Any]:
                w, v = state
                chosen = numbers[k]
                v = momentum * v - rates[k] * gradient(w + look_ahead * v, x[chosen], y[chosen], even)
                return w + v, v

            return jax.lax.fori_loop(0, made, step, start)

        functions["steps", False] = steps
        return {key: jax.jit(function) for key, function in functions.items()}

    def _of_one(self, parts: list[Any], x: Any, y: Any) -> Any:
        """The loss of one example, a number."""
        jnp = jax_package().numpy
        given = (jnp.asarray(x)[None], jnp.asarray(y)[None]) if self.of_batches else (x, y)
        return jnp.reshape(self.loss(self._tree(parts), *given), ())

    def _arrays(self) -> list[Any]:
        return [jax_package().numpy.asarray(leaf) for _, leaf in self._parameters]

    def _parts(self, w: Any) -> list[Any]:
        """The parameters that w (d,) holds."""
        shapes = [leaf.shape for _, leaf in self._parameters]
        ends = np.cumsum([math.prod(shape) for shape in shapes])
        return [
            w[end - math.prod(shape) : end].reshape(shape)
            for end, shape in zip(ends.tolist(), shapes, strict=True)
        ]

    def _tree(self, parts: list[Any]) -> Any:
        """The tree with other parameters."""
        tree_util = jax_package().tree_util
        leaves, form = tree_util.tree_flatten(self.tree)
        rest = iter(parts)
        mixed = [next(rest) if moves else leaf for leaf, moves in zip(leaves, self.moving, strict=True)]
        return tree_util.tree_unflatten(form, mixed)

    def _in_kind(self, values: Any) -> Any:
        """Numbers in the network's precision; whole ones stay whole."""
        same = values.dtype.kind != "f" or values.dtype == self.precision
        return values if same else values.astype(self.precision)

    def setting(self) -> AbstractContextManager[Any]:
        """Where and in which precision this thread computes, for a time: the user's setting is left alone."""
        jax, stack = jax_package(), ExitStack()
        stack.enter_context(jax.default_device(_device(jax, self.device)))
        if self.precision == "float64":
            stack.enter_context(jax.enable_x64(True))
        return stack


def with_form(network: JaxNetwork, x: Any, y: Any) -> JaxNetwork:
    """The network with its loss taken as one of batches, or of one example where it takes no batches.

    Raises
    ------
    InputError
        If it takes neither.
    """
    single = replace(network, of_batches=False)
    try:
        sizes = [np.size(network.plainly(x[:many], y[:many])) for many in (1, len(x))]
        if sizes[0] == 1 and sizes[1] in (1, len(x)):
            return network
        failure: Exception | str = f"gave {sizes[1]} numbers for {len(x)} examples"
    except Exception as error:  # whatever the user's loss raises
        failure = error
    try:
        if single.plainly(x, y).shape == (len(x),):
            return single
    except Exception as error:
        alone: Exception | str = error
    else:
        alone = "gave no number"
    said = f"{_said(alone)} for one, and {_said(failure)} for a batch"
    raise InputError(
        f"`loss` must map parameters, x {x.shape[1:]} and y {y.shape[1:]} to a number, or batches of them to "
        f"their mean or one number each, it {said}; write it for one example"
    )


def _said(failure: Exception | str) -> str:
    return failure if isinstance(failure, str) else f"raised {type(failure).__name__}({shown(str(failure))})"


def _device(jax: Any, name: str) -> Any:
    """The device of a name such as cpu, gpu or cuda:1.

    Raises
    ------
    InputError
        If JAX has none of that name.
    """
    kind, _, number = name.partition(":")
    try:
        return jax.devices(kind)[int(number or 0)]
    except (RuntimeError, ValueError, IndexError):
        have = sorted({one.platform for one in (*jax.devices(), *jax.devices("cpu"))})
        raise InputError(f"`device` must be one that JAX has, {' or '.join(have)}, got {name!r}") from None


def _moves(jax: Any, path: Any, leaf: Any) -> bool:
    """Whether a leaf is a parameter: an array of floats, or a float in a plain container.

    Floats that are attributes, such as the rate of a dropout, are settings, as in Equinox.

    Raises
    ------
    InputError
        If it is an array of another kind.
    """
    if isinstance(leaf, float):
        return not any(type(place).__name__ == ATTRIBUTE for place in path)
    if not isinstance(leaf, np.ndarray | np.generic | jax.Array):
        return False
    name = jax.tree_util.keystr(path, simple=True, separator=".") or "w"
    require(
        jax.numpy.issubdtype(leaf.dtype, jax.numpy.floating),
        f"`parameters` must be floats, got {leaf.dtype} in {name}; keep it in the loss",
    )
    return True
