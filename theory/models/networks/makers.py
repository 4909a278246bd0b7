"""Networks from modules of PyTorch and losses of JAX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from theory.models.networks.entry import admitted, some_examples
from theory.models.networks.examples import frozen_numbers, precision_of, require_pairs
from theory.models.networks.jax_network import JaxNetwork, with_form
from theory.models.networks.network import Network
from theory.models.networks.torch_network import TorchNetwork


def from_torch(
    module: Any,
    loss: Callable[[Any, Any], Any],
    x: Any,
    y: Any,
    *,
    dtype: Any = "float64",
    device: str = "cpu",
) -> Network:
    """The mean loss of a module of PyTorch over N examples, as a `DatasetModel` of its parameters in one vector.

    Of a copy of the module, by `torch.func`: `grad` and `vmap` over walkers and examples, each as a batch of one.
    `start` are the parameters that the module has, those without gradient are constants.

    Parameters
    ----------
    module
        A `torch.nn.Module` that takes batches and is deterministic: of one that has dropout or batch normalisation
        give `module.eval()`.
    loss
        Of outputs and labels of a batch, such as `torch.nn.functional.cross_entropy`: their mean, their sum or one
        number for each example.
    x, y
        Inputs (N, ...) and labels (N, ...). Whole numbers stay whole, as classes and tokens must.
    dtype
        The precision in which the network computes: float64, or float32.
    device
        Where: cpu, or a device of PyTorch such as cuda.

    Raises
    ------
    InputError
        If PyTorch is not installed (`pip install '.[torch]'` in a checkout), or the module or its loss does not
        keep the above: at the start its loss must be finite, its gradient that of differences; its examples
        independent.
    """
    precision = precision_of(dtype)
    network = TorchNetwork.of(module, loss, precision, device)
    inputs, labels = frozen_numbers(x, "x", precision), frozen_numbers(y, "y", precision)
    require_pairs(inputs, labels)
    network.refuse_state(*some_examples(inputs, labels))
    return admitted(network, inputs, labels)


def from_jax(
    loss: Callable[[Any, Any, Any], Any],
    parameters: Any,
    x: Any,
    y: Any,
    *,
    dtype: Any = "float64",
    device: str = "cpu",
) -> Network:
    """The mean loss over N examples of a function of JAX, as a `DatasetModel` of its parameters in one vector.

    By `jax.grad`, `jax.vmap` over walkers and examples and `jax.jit`, in a precision of its own: the setting
    `jax_enable_x64` is left alone. `start` are the parameters that were given.

    Parameters
    ----------
    loss
        Of parameters, inputs and labels: of one example a number, or of a batch its mean, its sum or one number
        for each example.
    parameters
        Any tree of arrays of floats: of Flax, an Equinox module, dictionaries, lists. Leaves that are no arrays
        are kept as they are.
    x, y
        Inputs (N, ...) and labels (N, ...). Whole numbers stay whole, as classes and tokens must.
    dtype
        The precision in which the network computes: float64, or float32.
    device
        Where: cpu, or a device of JAX such as gpu.

    Raises
    ------
    InputError
        If JAX is not installed (`pip install '.[jax]'` in a checkout), or the loss does not keep the above: at the
        start it must be finite, its gradient that of differences; its examples independent.
    """
    precision = precision_of(dtype)
    network = JaxNetwork.of(loss, parameters, precision, device)
    inputs, labels = frozen_numbers(x, "x", precision), frozen_numbers(y, "y", precision)
    require_pairs(inputs, labels)
    return admitted(with_form(network, *some_examples(inputs, labels)), inputs, labels)
