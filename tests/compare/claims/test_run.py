"""Many claims: errors stay with their own, killed processes too, and what is finished is not done again."""

import signal
import subprocess
import sys
import time

import pytest
from processes import end, started

from compare.claims import Order, Shelf, judge_claims
from theory import InputError

CLAIM = """
@claim("{name}", source=Source("A", 2020, "T"), statement="It is one.", prediction="1")
def {name}(*, rng):
    {first}
    found = Finding("one", Sampled(Estimate(rng.normal(1.0, 0.01), 0.01)), equal_to(1.0, margin=0.2))
    far = Control(Finding("two", Computed(Estimate(2.0, 0.0)), equal_to(1.0, margin=0.1)))
    return Evidence([found], [far], Picture([Panel(Axis("x"), Axis("y"), [Series.measured("a", 1.0, 1.0)])]))
"""
HEAD = (
    "import os, signal, time\nfrom compare.claims import *\nfrom compare.pictures import *\nfrom theory import *\n"
)


def order(tmp_path, **first):
    path = tmp_path / "mine.py"
    path.write_text(HEAD + "".join(CLAIM.format(name=name, first=text) for name, text in first.items()))
    return Order(tuple(first), file=path)


def test_one_that_raises_leaves_the_others_alone(tmp_path):
    asked = order(tmp_path, a="pass", b="raise RuntimeError('no')", c="pass")
    found = judge_claims(asked, Shelf(tmp_path / "out"))
    assert [one.verdict.words for one in found.values()] == ["holds", "error: RuntimeError: no", "holds"]


def test_what_is_judged_is_kept_until_its_claim_changes(tmp_path):
    told = []
    shelf = Shelf(tmp_path / "out")

    def tell(judgement, kept):
        told.append((judgement.identifier, kept))

    judge_claims(order(tmp_path, a="pass", b="pass"), shelf, tell=tell)
    judge_claims(order(tmp_path, a="pass", b="pass"), shelf, tell=tell)
    judge_claims(order(tmp_path, a="pass", b="x = 1"), shelf, tell=tell)
    assert told == [(n, k) for k in (False, True, False) for n in "ab"]  # both are of the file that changed


def test_processes_find_the_same_and_one_that_dies_is_an_error(tmp_path):
    asked = order(tmp_path, a="pass", b="os.kill(os.getpid(), 9)", c="pass")
    found = judge_claims(asked, Shelf(tmp_path / "many"), workers=2)
    assert found["b"].verdict.words.startswith("error: its process was killed twice")
    alone = judge_claims(order(tmp_path, a="pass", c="pass"), Shelf(tmp_path / "one"))
    assert {name: found[name].rows for name in alone} == {name: one.rows for name, one in alone.items()}


def test_a_run_that_is_killed_goes_on_from_there(tmp_path):
    asked = order(tmp_path, a="pass", b="pass", c=f"open({str(tmp_path / 'there')!r}, 'w'); time.sleep(600)")
    command = [sys.executable, "-c", "from compare.command_line import main; main()", "claims", str(asked.file)]
    command += ["--workers", "1", "--out", str(tmp_path / "out")]
    with started(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while not (tmp_path / "there").exists():
            assert process.poll() is None
            time.sleep(0.05)
        end(process, signal.SIGKILL)
    told = {}
    shelf = Shelf(tmp_path / "out" / "quick")
    judge_claims(
        Order(("a", "b"), file=asked.file), shelf, tell=lambda one, kept: told.update({one.identifier: kept})
    )
    assert told == {"a": True, "b": True}


@pytest.mark.parametrize("does", ["raise SystemExit(0)", "raise BaseException('odd')", "sys.exit(3)"])
def test_one_that_wants_to_leave_python_is_an_error(tmp_path, does):
    found = judge_claims(order(tmp_path, a=f"import sys; {does}", b="pass"), Shelf(tmp_path / "out"))
    assert [one.verdict.kind.value for one in found.values()] == ["error", "holds"]


def test_one_whose_code_changes_while_it_is_judged_is_an_error(tmp_path):
    path = tmp_path / "mine.py"
    asked = order(
        tmp_path, a=f"import pathlib; p = pathlib.Path({str(path)!r}); p.write_text(p.read_text() + '# more')"
    )
    shelf = Shelf(tmp_path / "out")
    assert "its code was changed while it was judged" in judge_claims(asked, shelf)["a"].verdict.words


def test_a_picture_that_no_file_holds_is_an_error(tmp_path):
    text = """
    found = Finding("one", Computed(Estimate(1.0, 0.0)), equal_to(1.0, margin=0.1))
    far = Control(Finding("two", Computed(Estimate(2.0, 0.0)), equal_to(1.0, margin=0.1)))
    return Evidence([found], [far], Picture(["no panel"]))"""
    found = judge_claims(order(tmp_path, a=text, b="pass"), Shelf(tmp_path / "out"))
    assert [one.verdict.kind.value for one in found.values()] == ["error", "holds"]


def test_what_is_imported_counts(tmp_path):
    told = []
    shelf = Shelf(tmp_path / "out")
    for value in (1, 1, 2):
        (tmp_path / "beside_claims.py").write_text(f"x = {value}\n")
        asked = order(tmp_path, a="import beside_claims")
        judge_claims(asked, shelf, tell=lambda one, kept: told.append(kept))
    assert told == [False, True, False]


def test_no_worker_is_refused(tmp_path):
    with pytest.raises(InputError, match="`workers` must be at least 1, got 0"):
        judge_claims(order(tmp_path, a="pass"), Shelf(tmp_path), workers=0)
