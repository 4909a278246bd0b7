"""Claims that ship are found by their names, and those of a file by what it holds."""

import sys
from pathlib import Path

import numpy as np
import pytest
from repository import ROOT

import compare
import simulate
import theory
from compare.claims import claims_of_file, shipped_claim, shipped_claims, shipped_modules
from compare.claims.fingerprint import fingerprint
from compare.claims.shipped import SOURCES, text_of
from compare.tasks import forget, imported_by
from theory import Estimate, InputError

OWN = """
from compare.claims import *
from compare.pictures import *
from theory import Estimate

@claim("M1", source=Source("A", 2020, "T"), statement="It is one.", prediction="1")
def one(*, rng):
    found = Finding("one", Computed(Estimate(1.0, 0.0)), equal_to(1.0, margin=0.1))
    far = Control(Finding("two", Computed(Estimate(2.0, 0.0)), equal_to(1.0, margin=0.1)))
    return Evidence([found], [far], Picture([Panel(Axis("x"), Axis("y"), [Series.measured("a", 1.0, 1.0)])]))
"""


def test_every_claim_is_in_its_file():
    claims = shipped_claims()
    assert list(claims) == list(shipped_modules())
    for one in claims.values():
        assert one.source.authors
        assert one.where or one.source.link


def test_files_of_claims_are_named_after_them():
    names = {path.name for source in SOURCES for path in (ROOT / "compare/claims" / source).glob("[a-z][0-9]*.py")}
    assert names == {f"{module}.py" for _, module in shipped_modules().values()}


def test_an_unknown_claim_is_refused_with_the_nearest():
    with pytest.raises(InputError, match=r"there is none; did you mean 'L5'\?"):
        shipped_claim("LL5")
    with pytest.raises(InputError, match="see gibbsgap claims --list"):
        shipped_claim("?")


def test_small_letters_will_do():
    assert shipped_claim("l5").identifier == "L5"


def test_claims_of_a_file(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(OWN)
    assert list(claims_of_file(path)) == ["M1"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1", "it holds none; write one"),
        ("1/0", "it raises ZeroDivisionError"),
        ("def", "it raises SyntaxError"),
        (OWN + OWN.replace("def one", "def two"), "M1 comes twice; rename one"),
        (OWN + OWN.replace("def one", "def two").replace("M1", "m1"), "M1, m1 comes twice"),
        (OWN.replace("M1", "s2"), "must not use identifiers of claims that ship, got s2"),
        ("raise SystemExit(0)", "it raises SystemExit"),
        ("from compare.claims.sticky.s2_barrier import *", "it holds none; write one"),
    ],
)
def test_a_file_that_holds_no_claims_is_refused(tmp_path, text, words):
    path = tmp_path / "mine.py"
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        claims_of_file(path)


def test_no_file_is_refused():
    with pytest.raises(InputError, match="readable Python file"):
        claims_of_file(Path("/nowhere/mine.py"))


def test_the_fingerprint_follows_everything():
    base = fingerprint(b"text", "quick", {"walkers": 1}, 1)
    assert base == fingerprint(b"text", "quick", {"walkers": 1}, 1)
    others = {
        fingerprint(b"text ", "quick", {"walkers": 1}, 1),
        fingerprint(b"text", "full", {"walkers": 1}, 1),
        fingerprint(b"text", "quick", {"walkers": 2}, 1),
        fingerprint(b"text", "quick", {"walkers": 1}, 2),
    }
    assert len(others | {base}) == 5


class Hidden:
    def __init__(self, value):
        self.value = value

    def __repr__(self):
        return "Hidden()"


def test_the_fingerprint_follows_parameters_that_repr_does_not_show():
    long, longer = np.arange(2000.0), np.arange(2000.0)
    longer[1000] += 1e-12
    assert repr(long) == repr(longer)
    pairs = [(long, longer), (Hidden(1), Hidden(2)), (Estimate(1.0, 0.1), Estimate(1 + 1e-14, 0.1))]
    pairs += [({"a": [Hidden(long)]}, {"a": [Hidden(longer)]}), ((1,), [1]), (0.0, -0.0), (1, 1.0)]
    for one, other in pairs:
        first, second, again = (fingerprint(b"", "quick", {"x": value}, 1) for value in (one, other, one))
        assert first == again
        assert first != second


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("theory/laws/grid.py", True),
        ("simulate/sgd.py", True),
        ("compare/claims/verdict.py", True),
        ("compare/claims/sticky/cubic.py", True),
        ("compare/claims/sticky/s2_barrier.py", False),  # counts for S2 alone, by its own text
        ("compare/figures/line.py", False),
        ("compare/command_line/command.py", False),
    ],
)
def test_the_fingerprint_follows_the_sources(tmp_path, monkeypatch, name, counts):
    for package in (theory, simulate, compare):
        (tmp_path / package.__name__).mkdir()
        monkeypatch.setattr(package, "__file__", str(tmp_path / package.__name__ / "__init__.py"))
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    found = []
    for text in ("x = 1\n", "x = 2\n"):
        (tmp_path / name).write_text(text)
        forget()
        found.append(fingerprint(b"", "quick", {}, 1))
    forget()
    assert (found[0] != found[1]) is counts


def test_no_claim_uses_another():
    modules = {module for _, module in shipped_modules().values()}
    for source, module in shipped_modules().values():
        text = (ROOT / "compare/claims" / source / f"{module}.py").read_text()
        others = {one for one in modules if f".{one} import" in text or f"import {one}" in text}
        assert not others, f"{module} uses {others}, which its fingerprint does not follow"


def test_what_a_file_imports_counts(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("import os, near\nfrom theory import Grid\ndef f():\n    import far.away, numpy, nowhere\n")
    (tmp_path / "near.py").write_text("import nearer\n")
    (tmp_path / "nearer.py").write_text("")
    (tmp_path / "far").mkdir()
    for name in ("__init__", "away"):
        (tmp_path / "far" / f"{name}.py").write_text("")
    sys.path.append(str(tmp_path))
    try:
        found = imported_by(path)
    finally:
        sys.path.remove(str(tmp_path))
    names = {str(Path(name).relative_to(tmp_path)) for name in found if name.startswith(str(tmp_path))}
    assert names == {"near.py", "nearer.py", "far/__init__.py", "far/away.py"}
    assert {name for name in found if not name.startswith(str(tmp_path))} == {"numpy"}


def test_the_text_of_a_claim():
    assert b'"L5"' in text_of("L5")
