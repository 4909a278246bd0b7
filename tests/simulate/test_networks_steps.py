"""Many steps of a network in one call are the steps that it makes one by one."""

from __future__ import annotations

import networks
import numpy as np
import pytest
from sgd_models import seeded

from simulate import SGD, Cosine, Nesterov, WithoutReplacement, WithReplacement, run_sgd
from theory import InputError, from_jax, from_torch

FRAMEWORKS = {"jax": networks.two_layers_in_jax, "torch": networks.two_layers_in_torch}
PLAIN = SGD(0.1, 7, sampling=WithReplacement())
EPOCHS = SGD(0.1, 7, 0.5, sampling=WithoutReplacement(), schedule=Cosine(30, 0.1))  # 30 examples: the last has 2
AHEAD = SGD(0.1, 7, Nesterov(0.5), sampling=WithReplacement())


@pytest.fixture(params=FRAMEWORKS)
def model(request):
    pytest.importorskip(request.param)
    return FRAMEWORKS[request.param]()


def start_of(model):
    return np.tile(model.start, (5, 1)) + seeded(1).normal(size=(5, model.dim)) / 4


@pytest.mark.parametrize("sgd", [PLAIN, EPOCHS, AHEAD])
def test_many_steps_are_single_ones(model, sgd, monkeypatch):
    start = start_of(model)
    found = run_sgd(model, sgd, start, steps=30, rng=seeded(2)).final
    monkeypatch.setattr(type(model), "steps_at_once", lambda *sizes: 0)
    wanted = run_sgd(model, sgd, start, steps=30, rng=seeded(2)).final
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12)
    assert np.abs(found - start).max() > 0.1


@pytest.mark.parametrize("sgd", [PLAIN, EPOCHS])
def test_how_steps_share_calls_changes_no_bit(model, sgd, monkeypatch):
    start = start_of(model)
    whole = run_sgd(model, sgd, start, steps=30, rng=seeded(2)).final
    seen = run_sgd(model, sgd, start, steps=30, rng=seeded(2), save_every=1).final
    np.testing.assert_array_equal(seen, whole)
    half = run_sgd(model, sgd, start, steps=13, rng=seeded(2))
    np.testing.assert_array_equal(run_sgd(model, sgd, half.checkpoint, steps=17).final, whole)
    monkeypatch.setattr("theory.models.networks.room.MOST_STEPS", 9)
    np.testing.assert_array_equal(run_sgd(model, sgd, start, steps=30, rng=seeded(2)).final, whole)


def wide_in_torch():
    """A fresh network whose sums are long enough for their order to show."""
    torch, rng = pytest.importorskip("torch"), seeded(4)
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(12, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1)).double()
    x, y = rng.normal(size=(40, 12)), rng.normal(size=(40, 1))
    return from_torch(module, lambda out, y: ((out - y) ** 2).sum(), x, y)


def test_threads_and_calls_change_no_bit_of_a_wide_network():
    model, sgd = wide_in_torch(), SGD(0.05, 9, sampling=WithReplacement())
    start = np.tile(model.start, (5, 1)) + seeded(1).normal(size=(5, model.dim)) / 4
    whole, seen = (run_sgd(model, sgd, start, steps=20, rng=seeded(2), save_every=k).final for k in (20, 5))
    np.testing.assert_array_equal(seen, whole)
    many = np.tile(model.start, (1024, 1))
    for _ in range(2):
        one, two = (run_sgd(wide_in_torch(), sgd, many, steps=6, rng=seeded(3), threads=n).final for n in (1, 2))
        np.testing.assert_array_equal(one, two)


def test_blocks_that_the_memory_does_not_hold_are_made_smaller(model, monkeypatch):
    """Down to single examples in the middle of a run; what is summed in parts is the same to rounding."""
    start, need = start_of(model), model.evaluation.need
    wanted = run_sgd(model, PLAIN, start, steps=3, rng=seeded(2)).final
    monkeypatch.setattr(model.evaluation.room, "numbers", 10**6)
    single, refused = type(model.framework).descend, []

    def narrow(framework, w, v, examples, steps):
        if len(w) > 1 or len(refused) < 3:
            refused.append(len(w))
            raise MemoryError
        return single(framework, w, v, examples, steps)

    monkeypatch.setattr(type(model.framework), "descend", narrow)
    with pytest.warns(RuntimeWarning) as said:
        found = run_sgd(model, PLAIN, start, steps=3, rng=seeded(2)).final
    assert "no memory for 7 examples of 5 walkers at once; it gets 7 of 2" in str(said[0].message)
    assert refused[:3] == [5, 2, 1]
    assert model.evaluation.room.numbers < need.walker + 7 * need.example
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12)
    np.testing.assert_allclose(run_sgd(model, PLAIN, start, steps=3, rng=seeded(2)).final, wanted, atol=1e-12)


def test_a_gradient_that_is_not_finite_is_refused_where_it_is():
    pytest.importorskip("jax")
    import jax.numpy as jnp

    model = from_jax(lambda w, x, y: jnp.sqrt(w["w"]) + 0 * x[0], {"w": 1.0}, networks.X, networks.Y)
    sgd = SGD(0.3, 2, sampling=WithReplacement())  # 1, .85, .687, .506, .295, .0192, < 0
    with pytest.raises(InputError, match=r"must be finite, got \[nan\] for walker 1 at step 6"):
        run_sgd(model, sgd, [[50.0], [1.0]], steps=20, rng=seeded(3))
    with pytest.raises(InputError, match=r"steps need w and v \(n, 1\)"):
        model.descend(np.ones((2, 1)), np.ones((2, 1)), np.zeros((3, 1, 2), dtype=np.int64), np.ones(3))


def test_diverged_walkers_are_counted():
    pytest.importorskip("jax")
    model = from_jax(lambda w, x, y: w["w"] ** 4 + 0 * x[0], {"w": 1.0}, networks.X, networks.Y)
    ended = run_sgd(model, SGD(0.1, 2, sampling=WithReplacement()), [[9.0], [0.5]], steps=20, rng=seeded(3))
    assert (ended.diverged, ended.walkers) == (1, 2)
