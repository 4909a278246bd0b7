"""The command `gibbsgap claims`: verdicts, evidence, statements, and one line for each mistake."""

import json

import pytest

from compare.command_line import main

OWN = """
from compare.claims import *
from compare.pictures import *
from theory import Estimate

def evidence(value):
    found = Finding("the number", Computed(Estimate(value, 0.0)), equal_to(1.0, margin=0.1))
    far = Control(Finding("far", Computed(Estimate(2.0, 0.0)), equal_to(1.0, margin=0.1)))
    return Evidence([found], [far], Picture([Panel(Axis("x"), Axis("y"), [Series.measured("a", 1.0, 1.0)])]))

@claim("M1", source=Source("A", 2020, "T"), statement="It is one.", prediction="1")
def one(*, rng):
    return evidence(1.0)

@claim("M2", source=Source("A", 2020, "T"), statement="It is one as well.", prediction="1")
def two(*, rng):
    return evidence(5.0)
"""
RAISES = """
@claim("M3", source=Source("A", 2020, "T"), statement="It is.", prediction="1")
def three(*, rng):
    raise KeyError("lost")
"""


def run(*arguments):
    """The command, which ends by leaving Python with status 0."""
    with pytest.raises(SystemExit) as ended:
        main(["claims", *arguments])
    assert ended.value.code == 0


@pytest.fixture
def own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(OWN)
    return tmp_path


def test_claims_of_a_file_of_ones_own(own, capsys):
    run("mine.py", "--workers", "1")
    out = capsys.readouterr().out
    assert "M1  holds\n" in out
    assert "M2  fails: the number: 5 in [5, 5], predicted 1 within 0.1" in out
    table = json.loads((own / "results/claims/claims-quick.json").read_text())
    assert [one["verdict"] for one in table["claims"].values()] == ["holds", "fails"]


def test_the_evidence_on_one(own, capsys):
    (own / "mine.py").write_text(OWN.partition('@claim("M2"')[0])
    run("mine.py", "--full")
    out = capsys.readouterr().out
    for words in ("M1, full, seed 1", "statement: It is one.", "verdict: holds", "far", "(must: fails)"):
        assert words in out


def test_statements(capsys):
    run("--list", "l5")
    out = capsys.readouterr().out
    assert "McAllester (2017)" in out
    assert "\nL5    The derivative" in out


def test_one_that_raises_is_told_after_all_others(own, capsys):
    (own / "mine.py").write_text(OWN + RAISES)
    with pytest.raises(SystemExit) as ended:
        main(["claims", "mine.py", "--workers", "1"])
    assert ended.value.code == 2
    shown = capsys.readouterr()
    assert "M3  error: KeyError: 'lost'" in shown.out
    assert "M2  fails" in shown.out
    assert shown.err.endswith("gibbsgap: error: no verdict on M3: see the errors above, correct them, run again\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["L55"], "there must be a claim 'L55', there is none; did you mean 'L5'?"),
        (["nothing.py"], "must be a readable Python file, 'nothing.py' is not one; check its name"),
        (["mine.py", "L5"], "a file of claims must come alone, got mine.py, L5; judge it by itself"),
        (["L5", "--seed", "-1"], "`seed` must not be negative, got -1"),
        (["L5", "--seed", "1.5"], "must be a whole number"),
        (["L5", "--workers", "0"], "`workers` must be at least 1, got 0"),
        (["L5", "--fast"], "; see gibbsgap claims --help"),
    ],
)
def test_mistakes_are_one_line(own, arguments, words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["claims", *arguments])
    assert ended.value.code == 2
    err = capsys.readouterr().err
    assert err.startswith("gibbsgap: error: ")
    assert words in err
    assert err.count("\n") == 1
