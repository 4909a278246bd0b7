"""The verdict follows from the numbers."""

import numpy as np
import pytest
from claims import claim_of, control, evidence, finding

from compare.claims import (
    Control,
    Difference,
    Evidence,
    Finding,
    Kind,
    MeanOf,
    Outcome,
    Power,
    equal_to,
    judge,
    judge_claim,
)
from theory import InputError


def words(*findings, **more):
    return judge(evidence(*findings, **more))[0].words


def test_all_parts_hold():
    assert words(finding(1.0), finding(1.0)) == "holds"


def test_a_part_that_fails_is_told_with_its_number():
    found = words(finding(1.0, about="one"), finding(5.0, about="the other"))
    assert found == "fails: the other: 5 in [4.99, 5.01], predicted 1 within 0.1 (one); what holds: one"


def test_a_reason_is_told_if_it_holds():
    reasons = (finding(1.0, about="eta h exceeds 2"), finding(5.0, about="the moon is full"))
    assert words(finding(5.0), reasons=reasons) == "fails because eta h exceeds 2"


def test_words_that_stand_for_several_numbers_are_told_if_all_hold():
    same = finding(1.0, about="eta h exceeds 2", condition="here"), finding(5.0, about="eta h exceeds 2")
    assert words(finding(5.0, about="it"), reasons=same).startswith("fails: it: 5 in")
    more = finding(1.0, about="more", condition="a"), finding(5.0, about="more", condition="b")
    assert "what holds" not in words(finding(5.0, about="it"), *more)


def test_conditions():
    parts = finding(1.0, condition="at zeros"), finding(5.0, condition="at barriers")
    assert words(*parts) == "holds when at zeros; fails when at barriers"
    assert words(parts[1]).startswith("fails")  # under no condition it holds
    both = finding(5.0, condition="at zeros"), parts[0], parts[1]
    assert words(*both).startswith("fails: ")  # what fails in part under a condition does not hold under it


def test_several_conditions_are_told_one_by_one():
    parts = [finding(1.0, condition=name) for name in "ab"] + [finding(5.0, condition=name) for name in "cd"]
    because = tuple(finding(1.0, about=name) for name in ("it rains", "it pours"))
    assert words(*parts) == "holds when a, or when b; fails when c, or when d"
    told = words(*parts, reasons=because)
    assert told.endswith("fails when c, or when d, because it rains, and because it pours")


def test_what_must_hold_whatever_else_holds_but_under_a_condition():
    assert words(finding(1.0), finding(5.0, condition="at noon")) == "holds when not at noon; fails when at noon"


@pytest.mark.parametrize("value", [float("nan"), None, np.ones(2)])
def test_what_is_no_number_is_an_error(value):
    class Odd:
        def interval(self, confidence):
            return 0.99, 1.01

    Odd.value = value
    found = judge_claim(claim_of(evidence(Finding("odd", Odd(), equal_to(1.0, margin=0.1)))))
    assert found.verdict.kind is Kind.ERROR


@pytest.mark.parametrize("shape", [lambda one: one, lambda one: Difference(one, one), lambda one: Power(one, one)])
def test_repeats_that_never_vary_decide_nothing(shape):
    none = MeanOf(np.zeros(5))  # of five trials none succeeded: that is no 0 +- 0
    found = judge_claim(claim_of(evidence(Finding("the share", shape(none), equal_to(0.0, margin=0.01)))))
    assert found.verdict.words.startswith("error: the share: repeats must differ to be judged")


@pytest.mark.parametrize("ends", [(1.05, 0.95), (None, None), (0.9,), "ab"])
def test_an_interval_that_is_none_is_an_error(ends):
    class Odd:
        value = 1.0

        def interval(self, confidence):
            return ends

    found = judge_claim(claim_of(evidence(Finding("odd", Odd(), equal_to(1.0, margin=0.1)))))
    assert found.verdict.kind is Kind.ERROR


def test_what_does_not_decide_is_not_settled():
    assert words(finding(1.0, margin=0.005)).startswith("not settled by these data: the number: 1 in")
    assert judge(evidence(finding(1.0, margin=0.005), finding(5.0)))[0].kind is Kind.FAILS  # refuted all the same


def test_a_control_that_holds_withholds_the_verdict():
    verdict, rows = judge(evidence(finding(1.0), controls=(control(fails=False),)))
    assert verdict.kind is Kind.WITHHELD
    assert "the control must come out as 'fails', it is 'holds'" in verdict.words
    assert rows[-1].must == "fails"
    must_hold = Control(control(fails=False).finding, Outcome.HOLDS)
    assert judge(evidence(finding(1.0), controls=(must_hold,)))[0].kind is Kind.HOLDS


def test_a_control_that_decides_nothing_withholds_it_too():
    open_ = Control(finding(1.0, margin=0.005))
    assert judge(evidence(finding(1.0), controls=(open_,)))[0].kind is Kind.WITHHELD


@pytest.mark.parametrize(
    ("parts", "message"), [(((), (control(),)), "`findings`"), (((finding(1.0),), ()), "`controls`")]
)
def test_evidence_without_a_part_is_refused(parts, message):
    with pytest.raises(InputError, match=message):
        Evidence(*parts, evidence(finding(1.0)).picture)


REPEATS, RISK = 2000, 0.1


def verdicts(truths, rng, *, sets=6, margin=2.0):
    """Verdicts on the claim that all of these means are 0, each from the noise of `sets` data sets."""
    found = []
    for _ in range(REPEATS):
        parts = [
            Finding("a mean", MeanOf(rng.normal(truth, 1.0, sets)), equal_to(0.0, margin=margin))
            for truth in truths
        ]
        far = Control(Finding("far", MeanOf(rng.normal(50.0, 1.0, sets)), equal_to(0.0, margin=margin)))
        found.append(judge(Evidence(parts, [far], evidence(finding(1.0)).picture), risk=RISK)[0].kind)
    return found


@pytest.mark.parametrize("looks", [1, 4])
def test_predictions_that_are_just_true_are_rejected_at_the_stated_rate(looks):
    found = verdicts([2.0] * looks, np.random.default_rng(3))  # off by all that counts as the same
    stated = 1 - (1 - RISK / (looks + 1) / 2) ** looks  # the control is a look too; one side of each interval
    rate = found.count(Kind.FAILS) / REPEATS
    assert abs(rate - stated) < 5 * (stated * (1 - stated) / REPEATS) ** 0.5


def test_predictions_that_are_true_are_seldom_rejected():
    assert verdicts([0.0], np.random.default_rng(3)).count(Kind.FAILS) < 0.1 * RISK * REPEATS


def test_without_the_correction_many_looks_would_reject_too_often():
    rng = np.random.default_rng(3)
    missed = 0
    for _ in range(REPEATS):
        ends = [MeanOf(rng.normal(0.0, 1.0, 6)).interval(1 - RISK) for _ in range(4)]
        missed += any(low > 0 or high < 0 for low, high in ends)
    assert missed / REPEATS > 2 * RISK


def test_one_that_is_off_is_caught():
    found = verdicts([5.0], np.random.default_rng(4))  # 7 standard errors of the mean beyond the margin
    assert found.count(Kind.FAILS) > 0.95 * REPEATS
    assert found.count(Kind.HOLDS) == 0


def test_one_that_is_off_by_more_than_the_margin_is_seldom_said_to_hold():
    found = verdicts([2.01], np.random.default_rng(5))
    assert found.count(Kind.HOLDS) <= RISK * REPEATS
