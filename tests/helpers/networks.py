"""The two-layer network in JAX and in PyTorch, beside `two_layer_network`, and what goes wrong with networks."""

from __future__ import annotations

from typing import Any

import numpy as np

from theory import from_jax, from_torch
from theory.base.arrays import Array
from theory.models import Network

HIDDEN, INPUTS = 3, 2
X = np.random.default_rng(1).normal(size=(30, INPUTS))
Y = np.tanh(X @ [1.0, -0.5]) + 0.3 * np.random.default_rng(2).normal(size=30)
OUTER = np.random.default_rng(3).normal(size=HIDDEN)
INNER = np.random.default_rng(4).normal(size=(HIDDEN, INPUTS))


def loss_in_jax(parameters: Any, x: Any, y: Any) -> Any:
    """Half the square of the residual of one example."""
    import jax.numpy as jnp

    return (parameters["a"] @ jnp.tanh(parameters["b"] @ x) - y) ** 2 / 2


def batch_loss_in_jax(parameters: Any, x: Any, y: Any) -> Any:
    """Its mean over a batch."""
    import jax.numpy as jnp

    return ((jnp.tanh(x @ parameters["b"].T) @ parameters["a"] - y) ** 2 / 2).mean()


def half_square(outputs: Any, y: Any) -> Any:
    """The loss of a batch in PyTorch."""
    return ((outputs[:, 0] - y) ** 2 / 2).mean()


def two_layers_in_jax(**options: Any) -> Network:
    """The network with its parameters in the order of `two_layer_network`."""
    return from_jax(loss_in_jax, {"a": OUTER, "b": INNER}, X, Y, **options)


def module_of_two_layers() -> Any:
    """The module, whose inner weights come first."""
    import torch

    inner = torch.nn.Linear(INPUTS, HIDDEN, bias=False, dtype=torch.float64)
    outer = torch.nn.Linear(HIDDEN, 1, bias=False, dtype=torch.float64)
    module = torch.nn.Sequential(inner, torch.nn.Tanh(), outer)
    module.load_state_dict({"0.weight": torch.tensor(INNER), "2.weight": torch.tensor(OUTER[None])})
    return module


def two_layers_in_torch(**options: Any) -> Network:
    """The network of that module."""
    return from_torch(module_of_two_layers(), half_square, X, Y, **options)


def inner_first(w: Array) -> Array:
    """Points of `two_layer_network` in the order of the module."""
    return np.concatenate([w[..., HIDDEN:], w[..., :HIDDEN]], axis=-1)


def outer_first(w: Array) -> Array:
    """Points of the module in the order of `two_layer_network`."""
    return np.concatenate([w[..., -HIDDEN:], w[..., :-HIDDEN]], axis=-1)
