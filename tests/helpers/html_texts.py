"""The texts of HTML, once every element is closed in its turn."""

from __future__ import annotations

from html.parser import HTMLParser


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.found.append((self.open[-1], data))


def texts_of(html: str) -> list[tuple[str, str]]:
    """Each element that holds text, with the text."""
    parser = _Texts()
    parser.feed(html)
    assert parser.open == []
    return parser.found
