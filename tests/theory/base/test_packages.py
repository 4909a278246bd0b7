"""What is ours is told by the whole name of its package."""

import pytest

from theory.base.packages import module_is_ours


@pytest.mark.parametrize(
    ("name", "ours"),
    [("theory", True), ("simulate.run", True), ("theory_of_mine", False), ("simulated", False), (None, False)],
)
def test_a_name_that_only_begins_like_ours_is_not(name, ours):
    assert module_is_ours(name) == ours
