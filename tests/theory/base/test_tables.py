"""Tables of texts: aligned, and escaped in notebooks."""

from html_texts import texts_of

from theory.base.html import column_table
from theory.base.tables import text_table


def test_columns_are_as_wide_as_their_longest_text():
    assert text_table(("a", "bb"), [("long", "1"), ("", "22")]) == ["a     bb", "long  1", "      22"]
    assert text_table(("a", "b"), []) == ["a  b"]


def test_html_holds_every_text_and_no_element_of_a_text():
    found = texts_of(column_table("a < b", ("<i>x</i>", "y"), [("1 & 2", '"3"')], "note <br>"))
    assert found == [
        ("b", "a < b"),
        ("th", "<i>x</i>"),
        ("th", "y"),
        ("td", "1 & 2"),
        ("td", '"3"'),
        ("div", "note <br>"),
    ]
