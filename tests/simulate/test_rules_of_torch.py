"""Step rules against the optimisers of PyTorch, from equal gradients; left out where PyTorch is not installed."""

from __future__ import annotations

import numpy as np
import pytest
from frameworks import Framework
from sgd_models import QUADRATIC, C, H, seeded

from simulate import SGD, Adam, AdamW, ClipByNorm, ClipByValue, Nesterov, RMSprop, WeightDecay, run_sgd
from theory import CallableLandscape, Constant, NoisyGradient

torch = Framework("torch")
HIDDEN = NoisyGradient(CallableLandscape(QUADRATIC.value, QUADRATIC.gradient, dim=2), Constant(C))
START, STEPS, RATE, BATCH = seeded(3).normal(size=(200, 2)), 25, 0.05, 4

OPTIMISERS = {
    "heavy ball and decay": (
        SGD(RATE, BATCH, 0.8, rule=WeightDecay(0.3)),
        lambda w: torch.optim.SGD([w], RATE, momentum=0.8, weight_decay=0.3),
    ),
    "rmsprop": (SGD(RATE, BATCH, rule=RMSprop()), lambda w: torch.optim.RMSprop([w], RATE)),
    "rmsprop and momentum": (
        SGD(RATE, BATCH, 0.5, rule=(WeightDecay(0.2), RMSprop(0.9, 1e-3))),
        lambda w: torch.optim.RMSprop([w], RATE, alpha=0.9, eps=1e-3, momentum=0.5, weight_decay=0.2),
    ),
    "adam": (SGD(RATE, BATCH, rule=Adam()), lambda w: torch.optim.Adam([w], RATE)),
    "adam and decay": (
        SGD(RATE, BATCH, rule=(WeightDecay(0.2), Adam(0.8, 0.9, 1e-3))),
        lambda w: torch.optim.Adam([w], RATE, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.2),
    ),
    "adamw": (
        SGD(RATE, BATCH, rule=AdamW(weight_decay=0.2)),
        lambda w: torch.optim.AdamW([w], RATE, weight_decay=0.2),
    ),
    "clip by value": (SGD(RATE, BATCH, rule=ClipByValue(0.5)), lambda w: torch.optim.SGD([w], RATE)),
    "clip by norm": (SGD(RATE, BATCH, rule=ClipByNorm(0.5)), lambda w: torch.optim.SGD([w], RATE)),
}


def theirs(sgd, optimiser_of):
    """The same walk by PyTorch, on the random numbers of one block; clipping row by row, each row a walker."""
    stream = np.random.Generator(np.random.SFC64(seeded(4).bit_generator.seed_seq.spawn(1)[0]))
    root, walkers = np.linalg.cholesky(C), [torch.tensor(row, requires_grad=True) for row in START[:3]]
    optimisers = [optimiser_of(w) for w in walkers]
    for _ in range(STEPS):
        noise = stream.standard_normal((2, len(START))).T / np.sqrt(BATCH) @ root.T
        for w, optimiser, extra in zip(walkers, optimisers, noise[:3], strict=True):
            w.grad = w.detach() @ torch.tensor(H) + torch.tensor(extra)
            for rule in sgd.rules:
                if isinstance(rule, ClipByValue):
                    torch.nn.utils.clip_grad_value_([w], rule.limit)
                if isinstance(rule, ClipByNorm):
                    torch.nn.utils.clip_grad_norm_([w], rule.limit)
            optimiser.step()
    return np.array([w.detach().numpy() for w in walkers])


@pytest.mark.parametrize("name", OPTIMISERS)
def test_rules_are_those_of_torch(name):
    sgd, optimiser = OPTIMISERS[name]
    found = run_sgd(HIDDEN, sgd, START, steps=STEPS, rng=seeded(4)).final[:3]
    within = 1e-4 if name == "clip by norm" else 1e-11  # PyTorch divides by the norm + 1e-6
    np.testing.assert_allclose(found, theirs(sgd, optimiser), atol=within)
    bare = run_sgd(HIDDEN, SGD(RATE, BATCH), START, steps=STEPS, rng=seeded(4)).final[:3]
    assert np.abs(found - bare).max() > 1e-2  # control


def test_torch_keeps_the_place_ahead_of_nesterov():
    sgd = SGD(RATE, BATCH, Nesterov(0.8), rule=WeightDecay(0.3))
    run = run_sgd(HIDDEN, sgd, START, steps=STEPS, rng=seeded(4))
    velocity = run.checkpoint.memory[0][0].T
    found = theirs(sgd, lambda w: torch.optim.SGD([w], RATE, momentum=0.8, weight_decay=0.3, nesterov=True))
    np.testing.assert_allclose((run.final + 0.8 * velocity)[:3], found, atol=1e-11)
