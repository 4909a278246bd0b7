"""Step rules against loops of the published formulas on the same batches, and what they compose with."""

from __future__ import annotations

import numpy as np
import pytest
from sgd_models import CUBIC, QUADRATIC, VECTOR, C, H, data_for, seeded

from simulate import (
    SGD,
    Adam,
    AdamW,
    ClipByNorm,
    ClipByValue,
    Cosine,
    Fresh,
    GaussianNoise,
    LabelNoise,
    Lion,
    Nesterov,
    PreconditionedLangevin,
    RMSprop,
    Sign,
    Step,
    StochasticHamiltonian,
    StochasticLangevin,
    WeightDecay,
    WithoutReplacement,
    run_sgd,
)
from theory import CallableLandscape, Constant, NoisyGradient

NOISY = NoisyGradient(QUADRATIC, Constant(C))
HIDDEN = NoisyGradient(CallableLandscape(QUADRATIC.value, QUADRATIC.gradient, dim=2), Constant(C))
WALKERS = 300
START = seeded(3).normal(size=(WALKERS, 2))


class Published:
    """The formulas of the sources, with the averages of all walkers; `skew` is a fault, for controls."""

    def __init__(self, rule, stream, skew=0):
        self.rule, self.stream, self.skew = rule, stream, skew
        self.m, self.v = np.zeros((WALKERS, 2)), np.zeros((WALKERS, 2))

    def normal(self):
        return self.stream.standard_normal((2, WALKERS)).T

    def __call__(self, g, w, rate, k):
        rule, t = self.rule, k + 1 + self.skew
        match rule:
            case ClipByValue():
                return np.clip(g, -rule.limit, rule.limit)
            case ClipByNorm():
                return g * np.minimum(1, rule.limit / np.linalg.norm(g, axis=1, keepdims=True))
            case WeightDecay():
                return g + rule.rate * w
            case Sign():
                return np.sign(g)
            case RMSprop():
                self.v = rule.beta * self.v + (1 - rule.beta) * g**2
                return g / (np.sqrt(self.v) + rule.epsilon)
            case Adam() | AdamW():
                self.m = rule.beta1 * self.m + (1 - rule.beta1) * g
                self.v = rule.beta2 * self.v + (1 - rule.beta2) * g**2
                m, v = self.m / (1 - rule.beta1**t), self.v / (1 - rule.beta2**t)
                return m / (np.sqrt(v) + rule.epsilon) + getattr(rule, "weight_decay", 0) * w
            case Lion():
                step = np.sign(rule.beta1 * self.m + (1 - rule.beta1) * g)
                self.m = rule.beta2 * self.m + (1 - rule.beta2) * g
                return step
            case StochasticLangevin():
                return g - np.sqrt(2 * rule.temperature / rate) * self.normal()
            case PreconditionedLangevin():
                self.v = rule.beta * self.v + (1 - rule.beta) * g**2
                scale = 1 / (np.sqrt(self.v) + rule.epsilon)
                return scale * g - np.sqrt(2 * rule.temperature * scale / rate) * self.normal()
            case StochasticHamiltonian():
                return g - np.sqrt(2 * rule.friction * rule.temperature / rate) * self.normal()
        raise AssertionError(rule)


def twin(sgd, steps, seed, skew=0):
    """SGD with rules on the quadratic in NumPy, with the random numbers of one block."""
    stream = np.random.Generator(np.random.SFC64(seeded(seed).bit_generator.seed_seq.spawn(1)[0]))
    root, w, v = np.linalg.cholesky(C), START.copy(), np.zeros_like(START)
    rules = [Published(rule, stream, skew) for rule in sgd.rules]
    hamiltonian = next((rule for rule in sgd.rules if isinstance(rule, StochasticHamiltonian)), None)
    kept = 1 - hamiltonian.friction if hamiltonian else float(sgd.momentum)
    matrix = np.diag(np.broadcast_to(1.0 if sgd.preconditioner is None else sgd.preconditioner, (2,)))
    for k in range(steps):
        rate = sgd.learning_rate
        for schedule in sgd.schedules:
            rate = rate * schedule.rate(np.array([k]))[0]
        at = w + sgd.momentum * v if isinstance(sgd.momentum, Nesterov) else w
        g = at @ H + stream.standard_normal((2, len(w))).T / np.sqrt(sgd.batch_size) @ root.T
        for noise in sgd.noises:
            g = g + noise.std * stream.standard_normal((2, len(w))).T
        for rule in rules:
            g = rule(g, at, rate, k)
        v = kept * v - rate * g @ matrix
        w = w + v
    return w


RULES = {
    "clip by value": SGD(0.1, 4, rule=ClipByValue(0.5)),
    "clip by norm": SGD(0.1, 4, rule=ClipByNorm(0.5)),
    "decay": SGD(0.1, 4, rule=WeightDecay(0.3)),
    "sign": SGD(0.1, 4, rule=Sign()),
    "rmsprop": SGD(0.1, 4, rule=RMSprop(0.9)),
    "adam": SGD(0.1, 4, rule=Adam(0.8, 0.95, 1e-3)),
    "adamw": SGD(0.1, 4, rule=AdamW(weight_decay=0.4)),
    "lion": SGD(0.1, 4, rule=Lion()),
    "langevin": SGD(0.1, 4, rule=StochasticLangevin(0.2)),
    "preconditioned": SGD(0.1, 4, rule=PreconditionedLangevin(0.2, 0.9)),
    "hamiltonian": SGD(0.1, 4, rule=StochasticHamiltonian(0.3, 0.2)),
    "several": SGD(
        0.1, 4, rule=(WeightDecay(0.3), ClipByNorm(0.5), RMSprop(0.5), Adam(), Sign(), WeightDecay(0.1))
    ),
    "momentum": SGD(0.1, 4, 0.7, rule=(ClipByValue(0.5), WeightDecay(0.3))),
    "nesterov": SGD(0.1, 4, Nesterov(0.7), (2.0, 0.5), rule=(RMSprop(0.5), WeightDecay(0.3))),
    "schedule and noise": SGD(0.1, 4, schedule=Cosine(20, 0.1), noise=GaussianNoise(0.3), rule=Adam()),
    "annealed": SGD(0.1, 4, schedule=Step(20, 0.25), rule=(ClipByNorm(1.0), StochasticHamiltonian(1.0, 0.2))),
}


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("model", [NOISY, HIDDEN], ids=["compiled", "numpy"])
def test_rules_are_the_published_formulas(name, model):
    sgd = RULES[name]
    found = run_sgd(model, sgd, START, steps=31, rng=seeded(4)).final
    np.testing.assert_allclose(found, twin(sgd, 31, 4), rtol=1e-12, atol=1e-12)
    assert np.abs(found - twin(SGD(0.1, 4), 31, 4)).max() > 0.05  # control: plain SGD


@pytest.mark.parametrize("rule", [Adam(), AdamW(0.5, 0.9)])
def test_a_wrong_bias_correction_is_seen(rule):
    """Control: counted from 0 or from 2 the loop is another."""
    sgd = SGD(0.1, 4, rule=rule)
    found = run_sgd(NOISY, sgd, START, steps=31, rng=seeded(4)).final
    np.testing.assert_allclose(found, twin(sgd, 31, 4), rtol=1e-12, atol=1e-12)
    assert np.abs(found - twin(sgd, 31, 4, skew=1)).max() > 1e-3


class OwnAdam:
    """Adam as a user would write it."""

    def start(self, w):
        return np.zeros((len(w), 2, w.shape[1]))

    def update(self, gradient, state, w, rate, step, rng):
        m = 0.9 * state[:, 0] + (1.0 - 0.9) * gradient
        v = 0.99 * state[:, 1] + (1.0 - 0.99) * (gradient * gradient)
        m_hat, v_hat = m / (1.0 - 0.9 ** (step + 1)), v / (1.0 - 0.99 ** (step + 1))
        return m_hat / (np.sqrt(v_hat) + 1e-8), np.stack([m, v], axis=1)


class OwnLangevin:
    """SGLD as a user would write it, without a state; it draws as the compiled loop does."""

    def update(self, gradient, state, w, rate, step, rng):
        noise = rng.standard_normal(w.shape[::-1]).T
        return gradient - np.sqrt(2.0 * 0.2 / rate) * noise, state


SOURCES = {
    "scalar": (CUBIC, {}, None),
    "heavy-tailed data": (VECTOR, {"sampling": Fresh(input_degrees=5.0)}, None),
    "data": (VECTOR, {"sampling": WithoutReplacement(), "noise": LabelNoise(0.3)}, data_for(VECTOR, 10)),
    "gaussian": (NOISY, {"momentum": Nesterov(0.5), "schedule": Cosine(20, 0.1)}, None),
    "numpy": (HIDDEN, {"momentum": 0.5}, None),
}


@pytest.mark.parametrize("name", SOURCES)
def test_a_rule_of_ones_own_makes_the_steps_of_the_one_that_ships(name):
    model, options, data = SOURCES[name]
    start = seeded(5).normal(size=(520, model.dim)) / 4
    plain = {key: value for key, value in options.items() if key != "momentum"}
    for ours, own, allowed in (
        (Adam(beta2=0.99), OwnAdam(), plain),
        ((WeightDecay(0.1), Adam(beta2=0.99), Sign()), (WeightDecay(0.1), OwnAdam(), Sign()), plain),
        (StochasticLangevin(0.2), OwnLangevin(), plain),
        ((ClipByNorm(0.5), RMSprop()), (ClipByNorm(0.5), RMSprop(), Unchanged()), options),
    ):
        first, second = (
            run_sgd(model, SGD(0.02, 3, rule=rule, **allowed), start, steps=9, rng=seeded(2), data=data).final
            for rule in (ours, own)
        )
        np.testing.assert_array_equal(first, second)


class Unchanged:
    def update(self, gradient, state, w, rate, step, rng):
        return gradient, state
