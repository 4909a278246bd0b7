"""Signatures as the source writes them: `Array`, not what it stands for, and public names as links."""

from __future__ import annotations

import inspect
import re

from sphinx.application import Sphinx

GIVEN = re.compile(r"Annotated\[[^\[\]]*, Given\((\w+)\)\]")  # what a face takes in place of what it makes of it
NAME = re.compile(r"(?<![\w.])[A-Z]\w+(?![\w.(])")


class Written:
    """An annotation that prints as its source."""

    def __init__(self, text: object, links: dict[str, str]) -> None:
        plain = text if isinstance(text, str) else inspect.formatannotation(text)
        self.text = NAME.sub(lambda name: links.get(name[0], name[0]), GIVEN.sub(r"\1", plain))

    def __repr__(self) -> str:
        return self.text


def as_written(signature: inspect.Signature, links: dict[str, str], *, method: bool) -> tuple[str, str | None]:
    """Arguments and result of a signature whose annotations are still text."""
    empty = inspect.Parameter.empty
    found = [
        one if one.annotation is empty else one.replace(annotation=Written(one.annotation, links))
        for one in list(signature.parameters.values())[method:]
    ]
    result = signature.return_annotation
    returned = None if result is empty or result is None else repr(Written(result, links))
    return str(signature.replace(parameters=found, return_annotation=empty)), returned


def rewrite(
    app: Sphinx, what: str, name: str, thing: object, options: object, signature: str | None, returned: str | None
) -> tuple[str, str | None] | None:
    """The signature of one function, class or method, or what autodoc found."""
    if signature is None or what not in {"class", "exception", "function", "method"}:
        return None
    if getattr(thing, "_is_protocol", False):
        return "", None
    try:
        found = inspect.signature(thing)
    except (TypeError, ValueError):
        return None
    first = next(iter(found.parameters), "")
    arguments, result = as_written(found, app.config.public_names, method=first in {"self", "cls"})
    return arguments, (None if what in {"class", "exception"} else result)


def setup(app: Sphinx) -> dict[str, bool]:
    """Rewrites signatures before they are printed."""
    app.connect("autodoc-process-signature", rewrite)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
