"""Networks that are no models, each refused in one line with the reason."""

from __future__ import annotations

import sys

import networks
import numpy as np
import pytest
from networks import X, Y
from sgd_models import seeded

from theory import InputError, from_jax, from_torch

TREE = {"a": networks.OUTER, "b": networks.INNER}


def of_jax(loss=networks.batch_loss_in_jax, parameters=TREE, x=X, y=Y, **options):
    pytest.importorskip("jax")
    return from_jax(loss, parameters, x, y, **options)


def of_torch(*layers, loss=networks.half_square, x=X, y=Y, change=None, **options):
    torch = pytest.importorskip("torch")
    torch.manual_seed(1)
    module = torch.nn.Sequential(*(layer(torch) for layer in layers))
    if change:
        change(module)
    return from_torch(module, loss, x, y, **options)


def linear(torch):
    return torch.nn.Linear(2, 1)


def dropout(torch):
    return torch.nn.Dropout(0.01)


def batch_norm(torch):
    return torch.nn.BatchNorm1d(2)


def statistics_of_the_batch(torch):
    return torch.nn.BatchNorm1d(2, track_running_stats=False)


def normalised(parameters, x, y):
    """The mean over a batch, of inputs less their mean over it."""
    return networks.batch_loss_in_jax(parameters, x - x.mean(axis=0), y)


def detached(parameters, x, y):
    import jax

    return networks.batch_loss_in_jax({**parameters, "a": jax.lax.stop_gradient(parameters["a"])}, x, y)


def detached_in_torch(outputs, y):
    return ((outputs[:, 0].detach() - y) * outputs[:, 0]).mean()


def random(parameters, x, y):
    return networks.batch_loss_in_jax(parameters, x, y) + STREAM.normal()


def logarithm(parameters, x, y):
    import jax.numpy as jnp

    return jnp.log(y)


def single(parameters, x, y):
    return networks.batch_loss_in_jax(parameters, x, y).astype("float32")


def vector(parameters, x, y):
    return parameters["b"] @ x


def pairs(outputs, y):
    return ((outputs[:, 0] - y)[:, None] * (outputs[:, 0] - y)).mean()


def whole_parameter(module):
    import torch

    module.register_parameter("steps", torch.nn.Parameter(torch.arange(3), requires_grad=False))


def weighs_a_rare_class():
    """Labels of which the few examples that are looked at first are all of one class."""
    torch = pytest.importorskip("torch")
    x, rare = seeded(1).normal(size=(100, 2)), np.isin(np.arange(100), (10, 50)).astype(int)
    loss = torch.nn.CrossEntropyLoss(weight=torch.tensor([1.0, 10.0], dtype=torch.float64))
    return of_torch(lambda torch: torch.nn.Linear(2, 2), loss=loss, x=x, y=rare)


def weighs_classes_that_cost_the_same_at_first():
    """Outputs that begin at 0, where every class costs log 2."""
    torch = pytest.importorskip("torch")
    loss = torch.nn.CrossEntropyLoss(weight=torch.tensor([1.0, 10.0], dtype=torch.float64))

    def silent(torch):
        module = torch.nn.Linear(2, 2)
        torch.nn.init.zeros_(module.weight)
        torch.nn.init.zeros_(module.bias)
        return module

    return of_torch(silent, loss=loss, x=X, y=(Y > 0).astype(int))


STREAM = seeded(1)
REFUSED = {
    "mixing": (lambda: of_jax(normalised), "must take examples independently, .* batch normalisation"),
    "detached": (lambda: of_jax(detached), r"the gradient must be that of the loss, got the slope .* differences"),
    "random": (lambda: of_jax(random), "must be the same from call to call"),
    "not finite": (lambda: of_jax(logarithm), "must be finite at the start, got . of 4 losses"),
    "precision": (lambda: of_jax(single), "must be computed in float64, got float32"),
    "vector": (
        lambda: of_jax(vector),
        "`loss` must map parameters, .* gave no number for one, and raised TypeError.* for a batch",
    ),
    "whole": (lambda: of_jax(parameters={**TREE, "k": np.arange(3)}), "must be floats, got int64 in k; keep it"),
    "empty": (lambda: of_jax(parameters={"k": "text"}), "`parameters` must hold an array of floats"),
    "device": (lambda: of_jax(device="gpu"), "`device` must be one that JAX has, cpu, got 'gpu'"),
    "type": (lambda: of_jax(dtype="float16"), "`dtype` must be float64 or float32, got 'float16'"),
    "lengths": (lambda: of_jax(y=Y[:3]), "as many examples, got 30 and 3"),
    "data": (lambda: of_jax(x=X * np.nan), "`x` must be finite, got 60 of 60"),
    "text": (lambda: of_jax(y=["a"] * 30), "`y` must be an array of numbers"),
    "shape": (lambda: of_jax(y=Y[:, None]), "must take examples independently|must map parameters"),
    "dropout": (lambda: of_torch(dropout, linear), "must be deterministic, got random numbers from Dropout; call"),
    "buffers": (lambda: of_torch(batch_norm, linear), "must keep its buffers, got a change of 0.running_mean"),
    "statistics": (lambda: of_torch(statistics_of_the_batch, linear), "must run on a batch of one example"),
    "torch gradient": (lambda: of_torch(linear, loss=detached_in_torch), "the gradient must be that of the loss"),
    "torch rare class": (
        weighs_a_rare_class,
        "must take examples independently, the mean of 2 is .* class weights",
    ),
    "torch equal classes": (weighs_classes_that_cost_the_same_at_first, "independently, .* class weights"),
    "torch pairs": (lambda: of_torch(linear, loss=pairs), "must take examples independently"),
    "torch whole": (
        lambda: of_torch(linear, change=whole_parameter),
        "parameters must be floats, got torch.int64",
    ),
    "frozen": (
        lambda: of_torch(linear, change=lambda module: module.requires_grad_(False)),
        "must have a parameter that asks for its gradient, got none",
    ),
    "torch labels": (lambda: of_torch(linear, loss="mse"), "`loss` must be a function, got 'mse'"),
    "torch shape": (lambda: of_torch(linear, x=X[:, :1]), r"must run on .*, it raised RuntimeError"),
    "torch device": (
        lambda: of_torch(linear, device="cuda"),
        "`device` must be one that PyTorch has for float64, .* got 'cuda'",
    ),
    "module": (
        lambda: (pytest.importorskip("torch"), from_torch(3, networks.half_square, X, Y)),
        "a torch.nn.Module",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.filterwarnings("ignore:Using a target size")
def test_refused(name):
    make, reason = REFUSED[name]
    with pytest.raises(InputError, match=reason) as refusal:
        make()
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("jax", lambda: from_jax(networks.batch_loss_in_jax, TREE, X, Y)),
        ("torch", lambda: from_torch(3, networks.half_square, X, Y)),
    ],
)
def test_an_extra_that_is_missing_is_named(name, make, monkeypatch):
    pytest.importorskip(name)
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(InputError, match=rf"needs the package {name}; `pip install '\.\[{name}\]'` in a checkout"):
        make()


def test_what_is_evaluated_is_taken():
    """Dropout and batch normalisation that are switched off are functions; the user's module stays as it is."""
    torch = pytest.importorskip("torch")
    module = torch.nn.Sequential(batch_norm(torch), dropout(torch), linear(torch)).eval()
    stream = torch.get_rng_state()
    model = from_torch(module, networks.half_square, X, Y)
    assert torch.equal(stream, torch.get_rng_state())
    assert model.dim == 7
    assert module[2].weight.dtype == torch.float32
