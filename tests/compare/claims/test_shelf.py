"""Judgements come back from files as they were, or are refused."""

import hashlib
import json
import os

import numpy as np
import pytest
from claims import claim_of, evidence, finding

from compare.claims import Shelf, judge_claim
from theory import InputError


@pytest.fixture
def kept(tmp_path):
    shelf = Shelf(tmp_path / "quick")
    judgement = judge_claim(claim_of(evidence(finding(1.0), finding(9.0, condition="at noon"))), key="abc")
    shelf.put(judgement)
    return shelf, judgement


def test_a_judgement_comes_back(kept):
    shelf, before = kept
    after = shelf.get("M1")
    assert after.verdict == before.verdict
    assert after.rows == before.rows
    assert (after.statement, after.source, after.key, after.seed) == (
        before.statement,
        before.source,
        "abc",
        1,
    )
    old, new = (one.picture.panels[0].series[0] for one in (before, after))
    np.testing.assert_array_equal(old.y, new.y)
    assert shelf.names() == ["M1"]


def test_only_the_same_key_is_held(kept):
    shelf, _ = kept
    assert shelf.holds("M1", "abc")
    assert not shelf.holds("M1", "abd")
    assert not shelf.holds("M2", "abc")


def test_an_error_is_judged_again(tmp_path):
    shelf = Shelf(tmp_path)
    shelf.put(judge_claim(claim_of(ValueError("no")), key="abc"))
    assert not shelf.holds("M1", "abc")
    assert shelf.get("M1").verdict.words == "error: ValueError: no"


def test_infinite_ends_come_back(tmp_path):
    shelf = Shelf(tmp_path)
    one = judge_claim(claim_of(evidence(finding(1.0))))
    row = one.rows[0].__class__("a", 1.0, float("-inf"), float("inf"), "1", "not settled", "statement")
    shelf.put(one.__class__(**{**vars(one), "rows": (row,)}))
    assert shelf.get("M1").rows == (row,)


def changed(path):
    content = json.loads(path.read_text())
    content["verdict"]["words"] = "holds, surely"
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("file", "damage", "words"),
    [
        ("M1.json", lambda p: p.unlink(), "there is none"),
        ("M1.json", lambda p: p.write_text("{"), "damaged"),
        ("M1.json", lambda p: p.write_text('{"format": 99}'), "another version's"),
        ("M1.json", lambda p: p.write_text("[1]"), "another version's"),
        ("M1.json", changed, "it was changed"),
        ("M1.nc", lambda p: p.write_bytes(b"x"), "it was changed"),
        ("M1.nc", lambda p: p.unlink(), "must hold the picture"),
    ],
)
def test_what_is_damaged_is_refused_and_not_held(kept, file, damage, words):
    shelf, _ = kept
    damage(shelf.folder / file)
    with pytest.raises(InputError, match=words):
        shelf.get("M1")
    assert not shelf.holds("M1", "abc")


def test_other_fields_under_a_right_seal_are_refused(kept):
    shelf, before = kept
    path = shelf.folder / "M1.json"
    content = json.loads(path.read_text())
    for change in ({"verdict": None}, {"rows": [{}]}, {"more": 1}, {"picture": 5}):
        sealed = {k: v for k, v in (content | change).items() if k != "checksum"}
        text = json.dumps(sealed, sort_keys=True).encode()
        path.write_text(json.dumps(sealed | {"checksum": hashlib.sha256(text).hexdigest()}))
        with pytest.raises(InputError):
            shelf.get("M1")
        assert shelf.kept("M1", before.key) is None


def test_what_a_killed_run_has_half_written_is_no_judgement(kept):
    shelf, _ = kept
    (shelf.folder / ".M2-x1y2.json").write_text("{")
    assert shelf.names() == ["M1"]


def test_a_pipe_is_not_waited_for(kept):
    shelf, _ = kept
    os.mkfifo(shelf.folder / "M2.json")
    with pytest.raises(InputError, match="must be a regular file"):
        shelf.get("M2")


def test_another_size_is_refused_where_one_is_asked_for(kept):
    shelf, _ = kept
    assert shelf.get("M1", "quick").size == "quick"
    with pytest.raises(InputError, match="must be of the size 'full', got 'quick'"):
        shelf.get("M1", "full")


def test_a_judgement_under_another_name_is_refused(kept):
    shelf, _ = kept
    (shelf.folder / "M1.json").rename(shelf.folder / "M2.json")
    with pytest.raises(InputError, match="it was changed"):
        shelf.get("M2")
