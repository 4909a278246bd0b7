"""The command `gibbsgap sweep`: ranges as text, and one line for each mistake."""

import pytest

from compare.command_line import main
from compare.command_line.sweep_console import read_values
from theory import InputError


@pytest.mark.parametrize(
    ("key", "text", "values"),
    [
        ("learning_rate", "0.01,0.02", [0.01, 0.02]),
        ("batch_size", "1,2,4", [1, 2, 4]),
        ("learning_rate", "0.1:0.3:3", [0.1, 0.2, 0.3]),
        ("learning_rate", "0.01:1:3:log", [0.01, 0.1, 1.0]),
        ("batch_size", "1:8:6:log", [1, 2, 3, 5, 8]),
        ("learning_rate+steps", "0.1/20,0.2/10", [(0.1, 20), (0.2, 10)]),
        ("model.q", "w - 1/2,w**2", ["w - 1/2", "w**2"]),
    ],
)
def test_values_are_read(key, text, values):
    assert read_values(key, text) == values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0.1:0.01:4", "must rise, got 0.1 to 0.01"),
        ("0.1:0.1:4", "must rise"),
        ("0.1:1:1", "must have 2 to"),
        ("0:1:4:log", "must begin above 0 for log"),
        ("0.1:inf:4", "must have finite ends"),
        ("nan:1:4", "must have finite ends"),
        ("0.1:1", "must be values with commas, or LOW:HIGH:COUNT"),
        ("0.1:1:3:cubic", "must be values with commas, or LOW:HIGH:COUNT"),
    ],
)
def test_values_that_are_none_are_refused(text, message):
    with pytest.raises(InputError, match=message):
        read_values("learning_rate", text)


def run(arguments):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0


def test_a_sweep_from_the_command_line(tmp_path, capsys):
    few = ["--over", "walkers=200", "--over", "steps=20", "--over", "cells=50", "--workers", "1"]
    asked = ["sweep", "regular", "--batch-size", "1,2", *few, "--out", str(tmp_path / "a")]
    run(asked)
    told = capsys.readouterr().out
    assert "2 points of batch_size (2) x walkers (1) x steps (1) x cells (1): 2 measured, 0 failed" in told
    assert (tmp_path / "a" / "sweep.nc").exists()
    run(asked)
    assert "2 of 2 points are there already" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "a sweep needs a range"),
        (["--over", "x"], "a range must be KEY=VALUES, got 'x'"),
        (["--learning-rate", ""], "`learning_rate` must have at least one value, got none; write it as"),
        (["--learning-rate", "1:0"], "got '1:0'; write it as 0.01,0.02 or 0.01:0.1:8"),
        (["--over", "steps=1,2", "--over", "steps=3,4"], "`steps` is there twice"),
        (["--batch-size", "1,2", "--workers", "0"], "`workers` must be at least 1, got 0"),
        (
            ["--batch-size", "1,2", "--workers", "1", "--scheduler", "tcp://a:1"],
            "takes --workers or --scheduler",
        ),
        (["--over", "batchsize=1,2"], "did you mean 'batch_size'"),
    ],
)
def test_mistakes_are_one_line(tmp_path, capsys, given, message):
    with pytest.raises(SystemExit) as ended:
        main(["sweep", "regular", *given, "--out", str(tmp_path / "a")])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1
