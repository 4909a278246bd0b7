"""Step rules against the optimisers of optax, from equal gradients; left out where optax is not installed."""

from __future__ import annotations

import numpy as np
import pytest
from frameworks import Framework
from sgd_models import QUADRATIC, C, H, seeded

from simulate import SGD, Adam, AdamW, ClipByNorm, ClipByValue, Lion, RMSprop, WeightDecay, run_sgd
from theory import CallableLandscape, Constant, NoisyGradient

optax, jax = Framework("optax"), Framework("jax")
HIDDEN = NoisyGradient(CallableLandscape(QUADRATIC.value, QUADRATIC.gradient, dim=2), Constant(C))
START, STEPS, RATE, BATCH = seeded(3).normal(size=(200, 2)), 25, 0.05, 4

OPTIMISERS = {
    "heavy ball": (SGD(RATE, BATCH, 0.8), lambda: optax.sgd(RATE, momentum=0.8)),
    "rmsprop": (
        SGD(RATE, BATCH, rule=RMSprop(0.9, 1e-3)),
        lambda: optax.rmsprop(RATE, decay=0.9, eps=1e-3, eps_in_sqrt=False),
    ),
    "adam": (SGD(RATE, BATCH, rule=Adam(0.8, 0.9, 1e-3)), lambda: optax.adam(RATE, 0.8, 0.9, 1e-3)),
    "adamw": (SGD(RATE, BATCH, rule=AdamW(weight_decay=0.2)), lambda: optax.adamw(RATE, weight_decay=0.2)),
    "lion": (
        SGD(RATE, BATCH, rule=(Lion(0.9, 0.99), WeightDecay(0.2))),
        lambda: optax.lion(RATE, 0.9, 0.99, weight_decay=0.2),
    ),
    "clip by value": (
        SGD(RATE, BATCH, rule=ClipByValue(0.5)),
        lambda: optax.chain(optax.clip(0.5), optax.sgd(RATE)),
    ),
    "clip by norm": (
        SGD(RATE, BATCH, rule=ClipByNorm(0.5)),
        lambda: optax.chain(optax.clip_by_global_norm(0.5), optax.sgd(RATE)),
    ),
}


def theirs(optimiser):
    """The same walk by optax, on the random numbers of one block; each row is a walker."""
    stream = np.random.Generator(np.random.SFC64(seeded(4).bit_generator.seed_seq.spawn(1)[0]))
    root, w = np.linalg.cholesky(C), jax.numpy.asarray(START[:3])
    state, update = jax.vmap(optimiser.init)(w), jax.jit(jax.vmap(optimiser.update))
    for _ in range(STEPS):
        noise = stream.standard_normal((2, len(START))).T / np.sqrt(BATCH) @ root.T
        step, state = update(w @ H + noise[:3], state, w)
        w = w + step
    return np.asarray(w)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_rules_are_those_of_optax(name):
    sgd, optimiser = OPTIMISERS[name]
    with jax.enable_x64(True):
        wanted = theirs(optimiser())
    found = run_sgd(HIDDEN, sgd, START, steps=STEPS, rng=seeded(4)).final[:3]
    np.testing.assert_allclose(found, wanted, atol=1e-11)
    bare = run_sgd(HIDDEN, SGD(RATE, BATCH), START, steps=STEPS, rng=seeded(4)).final[:3]
    assert np.abs(found - bare).max() > 1e-2  # control
