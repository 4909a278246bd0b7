"""The code of a user's function: what it calls counts, what else stands beside it does not."""

import importlib.util

import pytest

from compare.tasks import code_of

MODULE = """
import math
SIZE = {size}

def helper(x):
    return {helper}

def asked(x):
    return helper(x) * SIZE

def other(x):
    return {other}
"""


def code(tmp_path, name="asked", **changes):
    path = tmp_path / "mine.py"
    path.write_text(MODULE.format(**{"size": "1", "helper": "x", "other": "1"} | changes))
    spec = importlib.util.spec_from_file_location("mine", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return code_of(getattr(module, name))


@pytest.mark.parametrize(
    ("changes", "counts"), [({"helper": "x + 10"}, True), ({"size": "2"}, True), ({"other": "20"}, False)]
)
def test_what_a_function_runs_counts(tmp_path, changes, counts):
    assert (code(tmp_path) != code(tmp_path, **changes)) is counts
