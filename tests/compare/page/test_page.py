"""The page of verdicts: everything on it, and nothing from elsewhere."""

import base64
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from claims import claim_of, evidence, finding

from compare.claims import Shelf, judge_claim, shipped_claim, shipped_modules
from compare.command_line import main
from compare.page import entries_of, page_of
from compare.pictures import Axis, Panel, Picture, Series
from theory import InputError

NO_SIZES: dict[str, dict[str, object]] = {"quick": {}, "full": {}}


class Addresses(HTMLParser):
    """Every address in the page, and the text that people read."""

    def __init__(self, page):
        super().__init__()
        self.found, self.text = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.found += [value for name, value in attributes if name in {"src", "href", "srcset", "action", "data"}]

    def handle_data(self, text):
        self.text.append(text)


@pytest.fixture
def folder(tmp_path):
    shelf = Shelf(tmp_path / "claims" / "quick")
    shelf.put(judge_claim(claim_of(evidence(finding(1.0)), "M1"), key="k"))
    shelf.put(judge_claim(claim_of(evidence(finding(5.0, about="<b>bold</b> & bad")), "M2"), key="k"))
    shelf.put(judge_claim(claim_of(ValueError("no"), "M3"), key="k"))
    return tmp_path / "claims"


def test_every_claim_has_its_place(folder):
    page = page_of(entries_of(folder))
    words = " ".join(Addresses(page).text)
    for name in (*shipped_modules(), "M1", "M2", "M3"):
        assert f'<details id="{name}"' in page
    for said in ("It is one.", "holds", "fails: <b>bold</b> & bad: 5 in [4.99, 5.01]", "error: ValueError: no"):
        assert said in words
    assert "gibbsgap figures M1 --format svg" in words
    assert "<b>bold</b>" not in page


def test_nothing_is_fetched(folder):
    page = page_of(entries_of(folder))
    addresses = Addresses(page).found
    assert len(addresses) > 4
    assert [one for one in addresses if not one.startswith("data:")] == []
    assert "url(" not in page
    assert "@import" not in page


def test_the_data_are_those_of_the_picture(folder):
    tables = [one for one in Addresses(page_of(entries_of(folder))).found if one.startswith("data:text/csv")]
    text = base64.b64decode(tables[0].partition(",")[2]).decode()
    assert text.splitlines()[1] == "SGD,measured,1.0,3.0,2.9,3.1"


def test_the_long_run_is_shown_where_there_are_both(folder):
    Shelf(folder / "full").put(judge_claim(claim_of(evidence(finding(1.0)), "M1"), size="full"))
    found = {entry.identifier: entry for entry in entries_of(folder)}
    assert found["M1"].judgement.size == "full"
    assert found["M1"].judged_by == "gibbsgap claims M1 --full"
    assert found["M2"].judgement.size == "quick"


def test_a_judgement_by_other_code_is_said_to_be_one(folder):
    shipped = replace(shipped_claim("L5"), function=lambda *, rng, **sizes: evidence(finding(1.0)), sizes=NO_SIZES)
    Shelf(folder / "quick").put(judge_claim(shipped, key="another"))
    found = {entry.identifier: entry for entry in entries_of(folder)}
    assert found["L5"].outdated
    assert not found["M1"].outdated  # of one's own files nobody knows
    assert "Judged by other code" in page_of([found["L5"]])


def test_a_judgement_of_another_statement_is_not_told_as_that_of_a_claim_that_ships(folder):
    Shelf(folder / "quick").put(judge_claim(claim_of(evidence(finding(1.0)), "L5"), key="another"))
    found = {entry.identifier: entry for entry in entries_of(folder)}
    assert (found["L5"].verdict_kind, found["L5"].judgement) == ("unreadable", None)
    assert found["L5"].statement == shipped_claim("L5").statement
    assert "of another statement" in found["L5"].words


def test_a_quick_judgement_among_the_long_ones_is_not_shown(folder):
    (folder / "full").mkdir()
    for suffix in ("json", "nc"):
        shutil.copy(folder / "quick" / f"M1.{suffix}", folder / "full" / f"M1.{suffix}")
    found = {entry.identifier: entry for entry in entries_of(folder)}
    assert "must be of the size 'full', got 'quick'" in found["M1"].problem


def test_a_picture_that_cannot_be_drawn_is_said_to_be_none(folder, tmp_path, capsys):
    bad = Picture([Panel(Axis(r"$\frac{$"), Axis("y"), [Series.measured("a", 1.0, 1.0)])])
    Shelf(folder / "quick").put(judge_claim(claim_of(replace(evidence(finding(1.0)), picture=bad), "M8")))
    out = tmp_path / "page.html"
    with pytest.raises(SystemExit) as ended:
        main(["report", str(folder), "--out", str(out)])
    assert ended.value.code == 2
    err = capsys.readouterr().err
    assert "the picture of M8 cannot be drawn: " in err
    assert err.count("\n") == 1
    assert out.read_text().count("Its picture cannot be drawn") == 1


HOSTILE = "<script>alert(1)</script> </option> \"a\" 'b' {{ 7 * 7 }} \ud800 \u2028"


def test_hostile_words_stay_words(folder):
    one = replace(claim_of(evidence(finding(1.0, about=HOSTILE, condition=HOSTILE)), "M8"), statement=HOSTILE)
    Shelf(folder / "quick").put(judge_claim(one))
    page = page_of(entries_of(folder))
    assert page.count("<script") == page.count("</script>") == 1
    assert "alert(1)&lt;/script&gt;" in page
    assert "{{ 7 * 7 }}" in page


def test_what_is_missing_damaged_or_foreign_is_said(folder, tmp_path, capsys):
    (folder / "quick" / "M2.nc").write_bytes(b"other")
    (folder / "quick" / "M4.json").write_text('{"format": 1, "identifier": "M9", "picture": null}')
    out = tmp_path / "page.html"
    with pytest.raises(SystemExit) as ended:
        main(["report", str(folder), "--out", str(out)])
    assert ended.value.code == 2
    err = capsys.readouterr().err
    assert re.match(r"gibbsgap: error: 2 of \d+ have a fault, the page says so: M2: ", err)
    assert err.count("\n") == 1
    page = out.read_text()
    assert len(re.findall('data-kind="unreadable"', page)) == 3  # two claims and the button
    assert page.count("M4.json") == 1
    assert 'data-kind="not judged" data-source' in page


def test_the_command(folder, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["report", str(folder), "--out", str(tmp_path / "new" / "page.html")])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert "1 holds, 1 fails, 1 error\n" in out
    assert re.search(r"\n\d+ of \d+ claims have no judgement in \S+; gibbsgap claims gives them one\n", out)
    assert (tmp_path / "new" / "page.html").read_text().startswith("<!DOCTYPE html>")


def test_a_folder_without_judgements_is_refused(tmp_path):
    with pytest.raises(InputError, match="must hold judgements of claims, it has none"):
        entries_of(tmp_path)


def test_a_folder_for_a_file_is_refused(folder, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["report", str(folder), "--out", str(tmp_path)])
    assert "`--out` must be a file" in capsys.readouterr().err
