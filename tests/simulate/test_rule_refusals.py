"""What step rules refuse, each in one line with the value found and the remedy, and what they say of stability."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from own_parts import Averaged
from sgd_models import QUADRATIC, C, seeded

from compare import loss_slope
from simulate import (
    SGD,
    Adam,
    AdamW,
    ClipByNorm,
    ClipByValue,
    InverseNoise,
    Lion,
    Nesterov,
    PreconditionedLangevin,
    RMSprop,
    Sign,
    StochasticHamiltonian,
    StochasticLangevin,
    WeightDecay,
    run_sgd,
    step_stability,
    transition_operator,
)
from simulate.stationary import Valley, Window, stationary_loss
from theory import Constant, Grid, InputError, LinearRegression, NoisyGradient, langevin_limit

NOISY = NoisyGradient(QUADRATIC, Constant(C))
CIRCLE = Grid((-1, -1), (1, 1), (4, 4), periodic=(True, False))
WINDOW = Window(20, 4, 2, 2)


def sgd(rule, **options):
    return SGD(0.1, 4, rule=rule, **options)


def attempt(rule, **options):
    return run_sgd(NOISY, sgd(rule), np.zeros((2, 2)), steps=2, rng=seeded(0), **options)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (
            lambda: sgd("adam"),
            r"`rule` must be a ShippedRule or a StepRule .*, got 'adam'; take a step rule such as",
        ),
        (lambda: sgd([Adam(), 3]), r"`rule` must be .* got \[Adam\(\), 3\]"),
        (lambda: sgd(Adam), r"got the class Adam; give one of its instances, Adam\(...\)"),
        (lambda: ClipByValue(0.0), "`limit` must be positive and finite, got 0"),
        (lambda: ClipByNorm(math.inf), "`limit` must be positive and finite, got inf"),
        (lambda: WeightDecay(-0.1), "`rate` must be finite and not negative, got -0.1"),
        (lambda: RMSprop(1.0), r"`beta` must lie in \[0, 1\), got 1.0"),
        (lambda: RMSprop(epsilon=0), "`epsilon` must be positive and finite, got 0"),
        (lambda: Adam(-0.1), r"`beta1` must lie in \[0, 1\), got -0.1"),
        (
            lambda: Adam(0.9, 0.5),
            "`beta1` squared must be below `beta2`, .* have no bound, got 0.9 and 0.5; raise",
        ),
        (lambda: AdamW(0.9, 0.81), "`beta1` squared must be below `beta2`"),
        (lambda: AdamW(weight_decay=-1), "`weight_decay` must be finite and not negative, got -1"),
        (lambda: Lion(0.9, math.nan), "`beta2` must"),
        (lambda: StochasticLangevin(-1.0), "`temperature` must be finite and not negative, got -1.0"),
        (lambda: PreconditionedLangevin(0.1, 2.0), r"`beta` must lie in \[0, 1\), got 2.0"),
        (lambda: StochasticHamiltonian(0.0, 0.1), r"`friction` must lie in \(0, 1\], got 0"),
        (
            lambda: sgd(Adam(), momentum=0.9),
            r"`momentum` must be 0 with Adam\(\), which has its own, got 0.9; leave",
        ),
        (lambda: sgd(Lion(), momentum=Nesterov(0.9)), "`momentum` must be 0 with Lion"),
        (
            lambda: sgd(StochasticLangevin(0.1), momentum=0.9),
            r"whose temperature it would change, got 0.9; take StochasticHamiltonian\(friction=0.1, temperature\)",
        ),
        (lambda: sgd(StochasticHamiltonian(0.1, 0.1), momentum=0.9), "`momentum` must be 0 with StochasticHam"),
        (lambda: sgd((StochasticLangevin(0.1), Sign())), "`rule` must end with StochasticLangevin.* put it last"),
        (lambda: sgd((StochasticLangevin(0.1), StochasticLangevin(0.1))), "`rule` must end with"),
        (lambda: sgd((Adam(), StochasticLangevin(0.1))), r"got Adam\(\) before it; take PreconditionedLangevin"),
        (lambda: sgd(StochasticLangevin(0.1), preconditioner=2.0), "`preconditioner` must be None with Stoch"),
        (lambda: sgd(Sign(), preconditioner=InverseNoise()), "must not follow the batches' noise, which a rule"),
        (
            lambda: attempt(AdamW(), domain=CIRCLE),
            "weight decay pulls to 0, of which a circle has many",
        ),
        (lambda: langevin_limit(NOISY, sgd(Adam(), sampling=object())), "`sampling` must"),
        (lambda: sgd(Adam()).time_step, r"is that of SGD without rule Adam\(.*\); take it of plain SGD"),
        (lambda: loss_slope(LinearRegression(1.0), sgd(Sign()), [0.1, 0.2, 0.3]), r"rule Sign\(\);"),
        (lambda: transition_operator(NOISY, sgd(Averaged()), Grid((-1, -1), (1, 1), (9, 9))), "got .*rule"),
        (
            lambda: stationary_loss(NOISY, sgd(Sign()), Valley(np.zeros(2), 0.0, np.eye(2)), WINDOW, seeded(0)),
            r"control variates need the law of a plain step, got Sign\(\); leave that out",
        ),
        (
            lambda: step_stability(NOISY, sgd(Adam()), [0, 0]),
            r"leave small gradients as they are, got Adam\(\); run walkers",
        ),
        (lambda: step_stability(NOISY, sgd(Averaged()), [0, 0]), "leave small gradients as they are, got <"),
        (
            lambda: step_stability(NOISY, sgd(ClipByNorm(0.1)), [3, 0]),
            r"ClipByNorm\(limit=0.1\) lets the mean gradient pass, got one of size 6.1.* at w = \[3.0, 0.0\]",
        ),
    ],
)
def test_refuses(make, reason):
    with pytest.raises(InputError, match=reason) as found:
        make()
    assert "\n" not in str(found.value)


def test_what_is_next_to_a_refusal_runs():
    for rule in (
        Adam(0.0, 0.0),
        AdamW(0.9, 0.82, weight_decay=0),
        (ClipByNorm(1.0), WeightDecay(0.1), StochasticLangevin(0.1)),
        (Averaged(), StochasticHamiltonian(1.0, 0.0)),
    ):
        assert attempt(rule).diverged == 0
    assert attempt((Adam(), AdamW(weight_decay=0.0)), domain=CIRCLE).diverged == 0


def test_weight_decay_of_nothing_on_a_circle_is_nothing():
    np.testing.assert_array_equal(attempt(WeightDecay(0.0), domain=CIRCLE).final, attempt((), domain=CIRCLE).final)


def test_stability_of_rules_that_leave_small_gradients():
    plain, decayed = (step_stability(NOISY, sgd(rule), [0, 0]) for rule in ((), WeightDecay(0.5)))
    assert decayed.curvature == pytest.approx(plain.curvature + 0.5)
    assert step_stability(NOISY, sgd((ClipByValue(1.0), StochasticLangevin(0.1))), [0, 0]) == plain
    kept = step_stability(NOISY, sgd(StochasticHamiltonian(0.25, 0.1)), [0, 0])
    assert kept == step_stability(NOISY, SGD(0.1, 4, 0.75), [0, 0])
    assert kept.limit == pytest.approx(3.5)


def test_rules_are_told_and_kept():
    several = SGD(0.1, 4, rule=[ClipByNorm(1), Adam(0.8)])
    assert repr(several) == "SGD(learning_rate=0.1, batch_size=4, rule=(ClipByNorm(limit=1.0), Adam(beta1=0.8)))"
    assert several == SGD(0.1, 4, rule=(ClipByNorm(1.0), Adam(0.8)))
    assert hash(several) == hash(pickle.loads(pickle.dumps(several)))
    assert several != SGD(0.1, 4, rule=(Adam(0.8), ClipByNorm(1.0)))
    assert several.variants == ("rule",)
    assert SGD(0.1, 4, rule=None) == SGD(0.1, 4) == SGD(0.1, 4, rule=())


def test_averages_go_on_under_their_own_rules():
    start = np.zeros((20, 2))
    first = run_sgd(NOISY, sgd(RMSprop()), start, steps=3, rng=seeded(0))
    with pytest.raises(InputError, match=r"a checkpoint must come from the same rules, .* those that made it"):
        run_sgd(NOISY, sgd(Lion()), first.checkpoint, steps=3)
    with pytest.raises(InputError, match="a checkpoint must remember what the run keeps"):
        run_sgd(NOISY, sgd(Adam()), first.checkpoint, steps=3)
    assert run_sgd(NOISY, sgd(RMSprop(0.5)), first.checkpoint, steps=3).diverged == 0  # with another number
