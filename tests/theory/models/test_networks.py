"""The same network by hand, in JAX and in PyTorch; and networks that are refused."""

from __future__ import annotations

import pickle
from functools import cache

import networks
import numpy as np
import pytest
from networks import X, Y
from sgd_models import seeded

from simulate import SGD, LabelNoise, SubsampledNoise, WithoutReplacement, WithReplacement, run_sgd
from theory import InputError, from_jax, from_torch, two_layer_network
from theory.models.networks.examples import along_axes

FRAMEWORKS = ("jax", "torch")
BY_HAND = two_layer_network(X, Y, networks.HIDDEN)
W, V = seeded(5).normal(size=(2, 4, BY_HAND.dim))


def same(w):
    return w


def times(matrices, vectors):
    return (matrices @ vectors[..., None])[..., 0]


@pytest.fixture
def often(monkeypatch):
    """What comes twice is traced."""
    pytest.importorskip("torch")
    monkeypatch.setattr("theory.models.networks.traces.OFTEN", 2)
    return networks.two_layers_in_torch()


@cache
def network_in(framework, dtype="float64"):
    """The network, and the orders of its parameters: that of a point by hand, and back."""
    pytest.importorskip(framework)
    if framework == "jax":
        return networks.two_layers_in_jax(dtype=dtype), same, same
    return networks.two_layers_in_torch(dtype=dtype), networks.inner_first, networks.outer_first


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_all_of_a_network_is_what_it_is_by_hand(framework):
    model, to, back = network_in(framework)
    gradients = {
        "gradient": (back(model.gradient(to(W))), BY_HAND.gradient(W)),
        "examples": (back(model.examples(to(W)[:, None])), BY_HAND.examples(W[:, None])),
        "batch": (back(model.batch_gradient(to(W), X[:12].reshape(4, 3, 2), Y[:12].reshape(4, 3))),
                  BY_HAND.batch_gradient(W, X[:12].reshape(4, 3, 2), Y[:12].reshape(4, 3))),
        "sum": (back(model.weighted_gradient(to(W), V[:, :1] * Y)), BY_HAND.weighted_gradient(W, V[:, :1] * Y)),
        "value": (model.value(to(W)), BY_HAND.value(W)),
    }  # fmt: skip
    products = {
        "noise": (back(model.covariance_product(to(W), to(V))), BY_HAND.covariance_product(W, V), 1e-12),
        "at one": (back(model.covariance_product(to(W[0]), to(V))), BY_HAND.covariance_product(W[0], V), 1e-12),
        "curvature": (back(model.hessian_product(to(W), to(V))), BY_HAND.hessian_product(W, V), 1e-9),
        "hessian": (back(times(model.hessian(to(W[0])), to(V[0]))), BY_HAND.hessian_product(W[0], V[0]), 1e-9),
        "matrix": (back(times(model.gradient_covariance(to(W)), to(V))), BY_HAND.covariance_product(W, V), 1e-12),
    }  # fmt: skip
    for name, (found, wanted) in gradients.items():
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12, err_msg=name)
    for name, (found, wanted, off) in products.items():
        np.testing.assert_allclose(found, wanted, rtol=0, atol=off, err_msg=name)
    np.testing.assert_array_equal(back(model.start), np.concatenate([networks.OUTER, networks.INNER.ravel()]))
    assert model.parameter_names[3] == {"jax": "b[0, 0]", "torch": "0.weight[1, 1]"}[framework]


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("sampling", [WithReplacement(), WithoutReplacement()])
def test_walkers_make_the_same_steps(framework, sampling):
    """To rounding: sums over examples and units are taken in another order, and tanh is another one."""
    model, to, back = network_in(framework)
    start = BY_HAND.gradient(W) + seeded(6).normal(size=(40, 1, BY_HAND.dim)).repeat(4, axis=1)
    start = start.reshape(-1, BY_HAND.dim)
    sgd = SGD(0.05, 7, 0.5, sampling=sampling, noise=(LabelNoise(0.1), SubsampledNoise(1.0)))
    by_hand = run_sgd(BY_HAND, sgd, start, steps=20, rng=seeded(7)).final
    found = run_sgd(model, sgd, to(start), steps=20, rng=seeded(7))
    np.testing.assert_allclose(back(found.final), by_hand, rtol=0, atol=1e-11)
    assert np.abs(by_hand - start).max() > 0.1
    again = run_sgd(model, sgd, to(start), steps=20, rng=seeded(7), threads=2).final
    np.testing.assert_array_equal(again, found.final)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_in_single_precision_it_is_near(framework):
    model, to, back = network_in(framework, "float32")
    off = np.abs(back(model.gradient(to(W))) - BY_HAND.gradient(W)).max()
    assert 1e-9 < off < 1e-5
    assert model.x.dtype == np.float32
    assert model.gradient(to(W)).dtype == np.float64


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_networks_go_to_other_processes(framework):
    model, to, _ = network_in(framework)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.gradient(to(W)), model.gradient(to(W)))  # and after it was used
    again = pickle.loads(pickle.dumps(again))
    np.testing.assert_array_equal(again.start, model.start)


def test_blocks_change_nothing_but_the_order_of_sums(monkeypatch):
    model, _, _ = network_in("jax")
    whole = model.gradient(W), model.covariance_product(W, V)
    monkeypatch.setattr(model.evaluation.room, "numbers", 100)
    np.testing.assert_allclose(model.gradient(W), whole[0], rtol=1e-12)
    np.testing.assert_allclose(model.covariance_product(W, V), whole[1], rtol=1e-12)
    assert model.walkers_at_once(7) == 1


@pytest.mark.parametrize(
    ("w", "x", "y"),
    [((), (), ()), ((), (5,), (5,)), ((4, 1), (5,), (5,)), ((4, 1), (4, 5), (4, 5)), ((4,), (4,), (4,)),
     ((3, 4), (4,), (3, 4)), ((3, 4, 1), (5,), (5,)), ((1,), (5,), (5,)), ((4, 1), (4, 5), (5,)),
     ((1, 1), (), ())],
)  # fmt: skip
def test_leading_axes_broadcast(w, x, y):
    points, inputs, labels = (
        seeded(8).normal(size=(*w, 2)),
        seeded(9).normal(size=(*x, 2, 3)),
        seeded(10).normal(size=y),
    )
    flat, examples, lead = along_axes(points, inputs, labels, (2, 0))
    of_each = examples if not examples.shared else examples._replace(
        x=np.broadcast_to(examples.x, (len(flat), *examples.x.shape)),
        y=np.broadcast_to(examples.y, (len(flat), *examples.y.shape)))  # fmt: skip
    found = np.einsum("ni,nbij->nbj", flat, of_each.x).sum(axis=-1) * of_each.y
    wanted = np.einsum("...i,...ij->...j", points, inputs).sum(axis=-1) * labels
    np.testing.assert_allclose(found.reshape(lead), wanted, rtol=1e-12)


def loss_of_classes(parameters, x, y):
    """The cross entropy of one picture."""
    import jax

    return -jax.nn.log_softmax(parameters["w"] @ x.ravel() + parameters["b"])[y]


PICTURES, CLASSES = seeded(11).normal(size=(9, 1, 4, 3)), np.arange(9) % 3


def test_classes_and_pictures_are_taken():
    pytest.importorskip("jax")
    tree = {"b": np.zeros(3), "w": seeded(12).normal(size=(3, 12))}
    in_jax = from_jax(loss_of_classes, tree, PICTURES, CLASSES)
    assert (in_jax.y.dtype, in_jax.x.shape) == (np.int64, (9, 1, 4, 3))
    sgd = SGD(0.1, 4, sampling=WithReplacement())
    ended = run_sgd(in_jax, sgd, in_jax.start[None], steps=3, rng=seeded(13)).final
    with pytest.raises(InputError, match="label noise needs labels that are floats, got int64"):
        run_sgd(
            in_jax, SGD(0.1, 4, sampling=WithReplacement(), noise=LabelNoise(0.1)), in_jax.start[None], steps=1
        )
    torch = pytest.importorskip("torch")
    module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 3))
    module.load_state_dict({"1.weight": torch.tensor(tree["w"]), "1.bias": torch.tensor(tree["b"])})
    in_torch = from_torch(module, torch.nn.functional.cross_entropy, torch.tensor(PICTURES), torch.tensor(CLASSES))
    np.testing.assert_allclose(in_torch.value(in_torch.start), in_jax.value(in_jax.start), rtol=1e-6)
    start = np.concatenate([in_jax.start[3:], in_jax.start[:3]])
    also = run_sgd(in_torch, sgd, start[None], steps=3, rng=seeded(13)).final
    np.testing.assert_allclose(np.roll(also, 3), ended, rtol=0, atol=1e-12)
    module.load_state_dict(in_torch.parameters(also[0]))
    np.testing.assert_allclose(module[1].bias.detach(), ended[0, :3], atol=1e-6)


def test_a_tree_comes_back_as_it_was():
    pytest.importorskip("jax")

    def loss(tree, x, y):
        return (tree["layers"][0] * x[0] + tree["shift"] - y) ** tree["power"]

    model = from_jax(loss, {"layers": [np.float32(2.0)], "shift": 0.5, "power": 2}, X, Y)
    assert model.parameter_names == ("layers.0", "shift")
    tree = model.parameters([3.0, 4.0])
    assert (float(tree["layers"][0]), float(tree["shift"]), tree["power"]) == (3.0, 4.0, 2)
    assert model.value([0.0, 0.0]) == pytest.approx((Y**2).mean(), rel=1e-12)


def traced_gradient(model):
    """What the sum over all examples for as many walkers as W has runs as."""
    (found,) = (
        one for key, one in model.framework._traces._traced.items() if key[:2] == (("gradient", True), W.shape)
    )
    return found


def test_what_comes_often_is_traced_and_gives_the_same_bits(often):
    import torch

    threads = torch.get_num_threads()
    first, second, third = (often.gradient(W) for _ in range(3))
    np.testing.assert_array_equal(second, first)
    np.testing.assert_array_equal(third, first)
    assert isinstance(traced_gradient(often), torch.jit.ScriptModule)
    moved = often.gradient(W + 1)
    np.testing.assert_array_equal(moved, networks.two_layers_in_torch().gradient(W + 1))
    assert torch.get_num_threads() == threads


def test_what_cannot_be_traced_goes_on_as_it_is(often, monkeypatch):
    import torch

    first = often.gradient(W)
    monkeypatch.setattr(torch, "allclose", lambda *numbers, **options: False)  # as if a trace gave other numbers
    found = [often.gradient(W) for _ in range(3)]
    assert not isinstance(traced_gradient(often), torch.jit.ScriptModule | torch.fx.GraphModule)
    np.testing.assert_array_equal(found[2], first)


def test_what_runs_in_python_alone_is_traced_no_further(often, monkeypatch):
    import torch

    first = often.gradient(W)
    monkeypatch.setattr(torch, "equal", lambda *numbers: False)  # as if the program gave other bits
    found = [often.gradient(W) for _ in range(3)]
    assert isinstance(traced_gradient(often), torch.fx.GraphModule)
    np.testing.assert_array_equal(found[2], first)
