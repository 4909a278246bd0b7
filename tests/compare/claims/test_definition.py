"""A claim is refused where it cannot be put to the test."""

import numpy as np
import pytest
from claims import SOURCE, claim_of, evidence, finding

from compare.claims import Claim, Computed, Finding, Source, at_most, claim, judge_claim
from theory import Estimate, InputError
from theory.base.absent import Absent


def made(identifier="M1", function=lambda *, rng: None, **more):
    told = {"source": SOURCE, "statement": "It is.", "prediction": "It is seen."} | more
    return claim(identifier, **told)(function)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"identifier": "../x"}, "`identifier` must be a letter"),
        ({"identifier": ""}, "`identifier` must be a letter"),
        ({"statement": " "}, "`statement` must not be empty"),
        ({"function": lambda walkers: None}, "must take `rng`"),
        ({"quick": {"walkers": 3}}, "`quick` must give"),
        ({"function": lambda *, rng, walkers: None, "quick": {"walkers": 3}, "full": {}}, "`full` must give"),
    ],
)
def test_refused(options, words):
    with pytest.raises(InputError, match=words):
        made(**options)


def test_without_full_sizes_both_are_the_same():
    one = made(function=lambda *, rng, walkers: None, quick={"walkers": 3})
    assert one.sizes["full"] == {"walkers": 3}
    assert isinstance(one, Claim)


def test_a_source_in_words():
    assert str(Source("A & B", 2020, "Title", "arXiv:1")) == "A & B (2020), Title, arXiv:1"


def test_the_verdict_of_a_claim():
    found = judge_claim(claim_of(evidence(finding(1.0))))
    assert (found.verdict.words, found.size, found.parameters) == ("holds", "quick", {"walkers": 10})


def test_an_exception_is_an_error_and_never_a_verdict():
    found = judge_claim(claim_of(ZeroDivisionError("float division")))
    assert found.verdict.words == "error: ZeroDivisionError: float division"
    assert not found.verdict.kind.judged
    assert "in function" in found.trace
    assert "compare/claims" not in found.trace.replace("tests/compare/claims", "")  # what called it helps nobody


def test_a_number_alone_is_no_measurement():
    with pytest.raises(InputError, match="`measured` must have an interval, got float; make it a `MeanOf`"):
        Finding("the number", 0.5, at_most(1.0))
    assert Finding("the number", Computed(Estimate(0.5, 0.0)), at_most(1.0)).measured.value == 0.5


def test_no_evidence_is_an_error():
    found = judge_claim(made())
    assert found.verdict.words == "error: the function of claim M1 must return Evidence, got NoneType"


def test_not_yet():
    found = judge_claim(made(function=lambda *, rng: Absent("there is no such rule")))
    assert found.verdict.words == "not yet: there is no such rule"


def test_random_numbers_depend_on_seed_and_identifier_alone():
    drawn = []

    def function(*, rng):
        drawn.append(rng.random())
        return evidence(finding(1.0))

    for identifier, seed in (("A", 1), ("A", 1), ("A", 2), ("B", 1)):
        judge_claim(made(identifier, function), seed=seed)
    assert drawn[0] == drawn[1]
    assert len(set(drawn)) == 3


def test_a_size_that_is_none_is_refused():
    with pytest.raises(InputError, match="`size` must be one of quick, full, got 'huge'"):
        claim_of(evidence(finding(1.0))).evidence("huge", np.random.default_rng(1))
    with pytest.raises(InputError, match="`size` must be one of"):
        judge_claim(claim_of(evidence(finding(1.0))), size="huge")
