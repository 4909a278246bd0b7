"""What the command on calibrations keeps and prints."""

from __future__ import annotations

from compare.calibration import Score
from compare.command_line.calibration_console import _kept, _told, score_table


def test_a_table_says_what_is_bad_and_what_failed():
    good = Score("a", "x", 1.0, 1.01, 0.02, 1.0, 19, 20, 5)
    bad = Score("b", "x", 1.0, 1.5, 0.02, 1.0, 2, 20, 5)
    none = Score("c", "x", 1.0, failure="3 of 4 chains diverged")
    lines = score_table([good, bad, none], 2.0).splitlines()
    assert "19/20" in lines[1]
    assert "bad" not in lines[1]
    assert lines[2].endswith("bad")
    assert lines[3].endswith("3 of 4 chains diverged")
    assert lines[4] == "1 of 3 good; 2 s of processor time"


def test_scores_come_back_as_they_were_kept_and_of_the_same_run_only(tmp_path):
    import json

    from compare.results import plain

    path = tmp_path / "a.json"
    for one in (Score("a", "x", 1.0, 1.01, 0.02, 1.0, 19, 20, 5), Score("c", "x", 1.0, failure="lost")):
        path.write_text(json.dumps(plain({"key": "k", **_told((one, 2.0))})))
        assert repr(_kept(path, "k")) == repr((one, 2.0))
        assert _kept(path, "other") is None
    path.write_text("{")
    assert _kept(path, "k") is None
