"""A module of PyTorch with a loss of its outputs."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from theory.base.arguments.words import shown
from theory.base.arrays import Array
from theory.base.errors import InputError, require
from theory.base.packages import optional_package
from theory.base.threads import one_thread_of_openmp
from theory.models.networks.attempts import attempt
from theory.models.networks.examples import ExampleBatch
from theory.models.networks.framework import Descent, for_walkers, functions_of
from theory.models.networks.names import component_names
from theory.models.networks.room import numbers_at_once
from theory.models.networks.traces import TracedFunctions


def torch_package() -> Any:
    """PyTorch.

    Raises
    ------
    InputError
        If it is not installed.
    """
    return optional_package("torch", "a module of PyTorch")


@dataclass(frozen=True, eq=False)
class TorchNetwork:
    """A `Framework`: `loss` (outputs, labels) of the outputs of a copy of the user's module, in its precision.

    Parameters that ask for no gradient are no components of w.
    """

    module: Any
    loss: Callable[..., Any]
    precision: str
    device: str

    @staticmethod
    def of(module: Any, loss: Callable[..., Any], precision: str, device: str) -> TorchNetwork:
        """The network of a module, which is copied.

        Raises
        ------
        InputError
            If PyTorch or the device is missing, it is no module, or it has no parameter, or one that is not float.
        """
        torch = torch_package()
        require(isinstance(module, torch.nn.Module), f"`module` must be a torch.nn.Module, got {shown(module)}")
        for name, parameter in module.named_parameters():
            require(
                not torch.nn.parameter.is_lazy(parameter),
                f"`module` must know its shapes, {name} has none yet; run it on a batch once",
            )
            require(
                parameter.is_floating_point(),
                f"parameters must be floats, got {parameter.dtype} in {name}; make it a buffer",
            )
        require(
            any(parameter.requires_grad for parameter in module.parameters()),
            "`module` must have a parameter that asks for its gradient, got none; see `requires_grad_`",
        )
        kind = getattr(torch, precision)
        try:
            torch.zeros(1, device=device, dtype=kind)
        except (RuntimeError, AssertionError, NotImplementedError, TypeError):
            found = "cpu or cuda" if torch.cuda.is_available() else "cpu"
            raise InputError(
                f"`device` must be one that PyTorch has for {precision}, {found}, got {device!r}"
            ) from None
        return TorchNetwork(copy.deepcopy(module).to(device=device, dtype=kind), loss, precision, device)

    def __getstate__(self) -> dict[str, Any]:
        return {name: vars(self)[name] for name in self.__dataclass_fields__}

    @cached_property
    def start(self) -> Array:
        """See `Framework`."""
        parts = [one.detach().cpu().numpy().ravel() for _, one in self._parameters]
        found = np.concatenate(parts).astype(np.float64)
        found.setflags(write=False)
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """See `Framework`."""
        return component_names((name, tuple(one.shape)) for name, one in self._parameters)

    @property
    def numbers_at_once(self) -> int:
        """See `Framework`."""
        return numbers_at_once(on_host=self.device == "cpu")

    def activations(self, x: Any, y: Any) -> int:
        """See `Framework`: the sizes of what PyTorch keeps for the gradient."""
        torch = torch_package()
        kept: list[int] = []
        own = {one.untyped_storage().data_ptr() for one in self.module.parameters()}

        def keep(tensor: Any) -> Any:
            if tensor.untyped_storage().data_ptr() not in own:
                kept.append(tensor.numel())
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            self.loss(self.module(self._tensor(x)[None]), self._tensor(y)[None])
        return sum(kept)

    def parameters(self, w: Array) -> Any:
        """See `Framework`: a dictionary for `load_state_dict(..., strict=False)`."""
        return {name: part.clone() for name, part in self._parts(self._tensor(w, floats=True)).items()}

    def placed(self, examples: ExampleBatch) -> ExampleBatch:
        """See `Framework`."""
        return ExampleBatch(self._tensor(examples.x), self._tensor(examples.y), examples.shared)

    def evaluate(self, name: str, w: Array, examples: ExampleBatch, *rest: Array) -> Array:
        """See `Framework`."""
        torch = torch_package()
        points, *others = (self._tensor(one, floats=True) for one in (w, *rest))
        x, y, _ = self.placed(examples)
        torch.get_num_threads()  # sets those of this thread, if it is new
        with torch.no_grad(), one_thread_of_openmp():  # of no gradients the derivatives inside know nothing
            found = self._traces.call((name, examples.shared), points, x, y, *others)
        return np.asarray(found.cpu().numpy(), dtype=np.float64)

    @property
    def descends(self) -> bool:
        """See `Framework`."""
        return True

    def descend(self, w: Array, v: Array, examples: ExampleBatch, steps: Descent) -> tuple[Array, Array]:
        """See `Framework`: batches are gathered where the network computes."""
        torch = torch_package()

        def numbers(one: Any) -> Any:
            return torch.tensor(one, dtype=torch.float64, device=self.device)

        torch.get_num_threads()  # sets those of this thread, if it is new
        with torch.no_grad(), one_thread_of_openmp():
            state = numbers(np.ascontiguousarray(np.concatenate([w, v], axis=1)))  # bits follow the layout
            rates, momentum, look_ahead = map(numbers, (steps.rates, steps.momentum, steps.look_ahead))
            chosen = torch.tensor(steps.numbers, dtype=torch.int64, device=self.device)
            for k in range(len(rates)):
                state = self._traces.call(
                    ("step", False), state, examples.x, examples.y, chosen[k], rates[k], momentum, look_ahead
                )
        found = state.cpu().numpy()
        return found[:, : w.shape[1]], found[:, w.shape[1] :]

    def plainly(self, x: Any, y: Any, w: Array | None = None) -> Any:
        """See `Framework`."""
        torch, given = torch_package(), {} if w is None else self.parameters(w)
        with torch.no_grad():
            outputs = torch.func.functional_call(self.module, given, (self._tensor(x),))
            return self.loss(outputs, self._tensor(y)).cpu().numpy()

    def refuse_state(self, x: Any, y: Any) -> None:
        """Refuse a module that draws random numbers or changes its buffers on a batch x (B, ...).

        Raises
        ------
        InputError
            If it does.
        """
        torch = torch_package()
        trial = TorchNetwork(copy.deepcopy(self.module), self.loss, self.precision, self.device)
        before = {name: buffer.clone() for name, buffer in trial.module.named_buffers()}
        stream = torch.get_rng_state()
        try:
            attempt(f"a batch of {len(x)} examples", lambda: trial.plainly(x, y))
            drew = not torch.equal(stream, torch.get_rng_state())
        finally:
            torch.set_rng_state(stream)  # the user's stream goes on as if nothing had been tried
        random = [type(one).__name__ for one in self.module.modules() if "Dropout" in type(one).__name__]
        require(
            not drew,
            f"`module` must be deterministic, got random numbers{' from ' + random[0] if random else ''}; call "
            "module.eval(), or leave the randomness out",
        )
        changed = [
            name for name, buffer in trial.module.named_buffers() if not torch.equal(before[name], buffer)
        ]  # NaN in a buffer counts as a change
        require(
            not changed,
            f"`module` must keep its buffers, got a change of {', '.join(changed[:2])}, as batch normalisation "
            "makes; call module.eval(), or take LayerNorm or GroupNorm",
        )

    @cached_property
    def _parameters(self) -> list[tuple[str, Any]]:
        return [(name, one) for name, one in self.module.named_parameters() if one.requires_grad]

    @cached_property
    def _traces(self) -> TracedFunctions:
        torch = torch_package()

        def one(w: Any, x: Any, y: Any) -> Any:
            outputs = torch.func.functional_call(self.module, self._parts(w), (x[None],))
            return self.loss(outputs, y[None]).reshape(())

        functions = for_walkers(functions_of(one, torch.func.vmap, torch.func.grad), torch.func.vmap)
        kind, gradient = getattr(torch, self.precision), functions["gradient", False]

        def step(state: Any, x: Any, y: Any, chosen: Any, rate: Any, momentum: Any, look_ahead: Any) -> Any:
            w, v = state.chunk(2, 1)
            inputs, labels = (
                data.index_select(0, chosen.reshape(-1)).reshape(*chosen.shape, *data.shape[1:]) for data in (x, y)
            )
            even = torch.full(chosen.shape, 1 / chosen.shape[1], dtype=kind, device=self.device)
            found = gradient((w + look_ahead * v).to(kind), inputs, labels, even)
            v = momentum * v - rate * found.to(torch.float64)
            return torch.cat([w + v, v], 1)

        return TracedFunctions(functions | {("step", False): step})

    def _parts(self, w: Any) -> dict[str, Any]:
        """The parameters that w (d,) holds."""
        parts, end = {}, 0
        for name, one in self._parameters:
            size = math.prod(one.shape)
            parts[name] = w[end : end + size].reshape(one.shape)
            end += size
        return parts

    def _tensor(self, values: Any, *, floats: bool = False) -> Any:
        """Numbers where the network computes, in its precision; whole ones stay whole unless `floats`."""
        torch = torch_package()
        if isinstance(values, torch.Tensor):
            return values
        array = np.asarray(values)
        kind = self.precision if floats or array.dtype.kind == "f" else array.dtype
        plain = np.asarray(array, dtype=kind, order="C")
        return torch.from_numpy(plain if plain.flags.writeable else plain.copy()).to(self.device)
