"""The reference: a page for each room, one page with every public name, and links wherever text quotes one.

What a room shows stands in its `__all__`; a name is told once, at the shortest place where users find it.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

TOPS = ("theory", "simulate", "compare")
ROOMS = {
    "theory": (
        "laws landscapes tensors models equations noise paths learning manifold points fokker_planck formulas"
        " markov statistics base"
    ),
    "simulate": "",
    "compare": "testing claims pictures sweeps maps explorer figures report results",
}
WORDS = {"claim", "line", "evolve", "spectrum", "committor"}  # which text quotes in other senses too
HEAD = ":tocdepth: 2\n\n"


@dataclass(frozen=True)
class Name:
    """A public name: where it is found, what it is, and the page that tells it."""

    face: str
    name: str
    page: str

    @property
    def full(self) -> str:
        """The dotted name."""
        return f"{self.face}.{self.name}"

    @property
    def thing(self) -> object:
        """What the name stands for, loaded if it was not yet."""
        return getattr(import_module(self.face), self.name)

    @property
    def first_line(self) -> str:
        """The first line of its docstring."""
        if self.directive == "autodata":
            return "A constant."
        return (inspect.getdoc(self.thing) or "").split("\n", 1)[0]

    @property
    def directive(self) -> str:
        """What autodoc calls it."""
        if inspect.isclass(self.thing):
            return "autoexception" if issubclass(self.thing, BaseException) else "autoclass"
        return "autofunction" if callable(self.thing) else "autodata"


def page_of(face: str) -> str:
    """The name of the page of a face."""
    return face.replace(".", "-").replace("_", "-")


def faces() -> list[str]:
    """All faces, the tops after their rooms, so that a name belongs to its room."""
    rooms = [f"{top}.{room}" for top in TOPS for room in ROOMS[top].split()]
    return [*(room for room in rooms if find_spec(room)), *TOPS]


def public_names() -> list[Name]:
    """Every public name once: at the top where it is shown there, on the page of its room."""
    tops = {name: top for top in reversed(TOPS) for name in import_module(top).__all__}
    found: dict[str, Name] = {}
    for face in faces():
        for name in import_module(face).__all__:
            top = face.split(".")[0]
            at = top if tops.get(name) == top else face
            home = getattr(import_module(at), name)
            known = found.get(name)
            if known is None or (known.thing is not home and known.face != at):
                found.setdefault(name if known is None else f"{at}.{name}", Name(at, name, page_of(face)))
    return sorted(found.values(), key=lambda one: one.name.lower())


def title(text: str, mark: str = "=") -> str:
    """A heading."""
    return f"{text}\n{mark * len(text)}\n\n"


def room_page(face: str, names: list[Name]) -> Iterator[str]:
    """The page of a face: what it holds, then each of its names."""
    yield HEAD + title(face)
    yield f".. automodule:: {face}\n   :no-members:\n\n"
    for one in names:
        yield title(one.name, "-")
        yield f".. currentmodule:: {one.face}\n\n.. {one.directive}:: {one.name}\n"
        yield "   :members:\n\n" if one.directive == "autoclass" else "\n"


def names_page(names: list[Name]) -> Iterator[str]:
    """Every public name with its first line and a link, by room."""
    yield title("All public names")
    yield f"{len(names)} names with the first line of their docstrings, by the rooms they live in.\n\n"
    for face in faces():
        here = [one for one in names if one.page == page_of(face)]
        if not here:
            continue
        yield title(face, "-")
        yield ".. list-table::\n   :widths: 30 70\n   :class: names\n\n"
        for one in here:
            yield f"   * - :py:obj:`{one.name} <{one.full}>`\n     - {_escaped(one.first_line)}\n"
        yield "\n"


def _escaped(text: str) -> str:
    from plain_docstrings import as_restructured

    return as_restructured(text)


def write(path: Path, text: str) -> None:
    """Writes what has changed, so that a second build reads that alone."""
    if not path.exists() or path.read_text("utf-8") != text:
        path.write_text(text, "utf-8")


def targets(names: list[Name]) -> dict[str, str]:
    """Where each name leads, bare (those at the top first) or dotted, by whatever face it is reached."""
    ordered = sorted(names, key=lambda one: one.face in TOPS)
    found = {one.name: one.full for one in ordered if one.name not in WORDS} | {face: face for face in faces()}
    found |= {one.full: one.full for one in ordered}
    by_name = {one.name: one for one in ordered}
    for face in faces():
        for name in import_module(face).__all__:
            found.setdefault(f"{face}.{name}", by_name[name].full)
    return found


def homes(names: list[Name]) -> dict[str, str]:
    """From where a thing is defined to where it is told, with methods of classes, for links in blocks of code."""
    found = {}
    for one in names:
        module, qualified = getattr(one.thing, "__module__", None), getattr(one.thing, "__qualname__", None)
        if module and qualified:
            found[f"{module}.{qualified}"] = one.full
            members = vars(one.thing) if inspect.isclass(one.thing) else {}
            found |= {f"{module}.{qualified}.{name}": f"{one.full}.{name}" for name in members if name[0] != "_"}
    return {home: told for home, told in found.items() if home != told}


def target_of(text: str, known: dict[str, str]) -> str | None:
    """Where code in a line leads: a public name, or an attribute of a public class."""
    text = text.removesuffix("()")
    if text in known:
        return known[text]
    owner, _, attribute = text.rpartition(".")
    return f"{known[owner]}.{attribute}" if owner in known and owner.rpartition(".")[2][0].isupper() else None


def generate(app: Sphinx) -> None:
    """Writes the pages of the reference into `reference/`."""
    folder, names = Path(app.srcdir) / "reference", public_names()
    pages = {face: [one for one in names if one.page == page_of(face)] for face in faces()}
    app.config.public_names = targets(names)
    app.config.codeautolink_inventory_map = homes(names)
    folder.mkdir(exist_ok=True)
    for face, here in pages.items():
        write(folder / f"{page_of(face)}.rst", "".join(room_page(face, here)))
    write(folder / "names.rst", "".join(names_page(names)))


class LinkNames(SphinxTransform):
    """Code in a line that is a public name becomes a link to it."""

    default_priority = 500

    def apply(self) -> None:
        """Wraps the literals of one document."""
        for literal in list(self.document.findall(nodes.literal)):
            target = target_of(literal.astext(), self.app.config.public_names)
            if target is None or isinstance(literal.parent, nodes.reference | pending_xref | nodes.title):
                continue
            link = pending_xref(
                "", refdomain="py", reftype="obj", reftarget=target, refexplicit=True, refdoc=self.env.docname,
            )  # fmt: skip
            literal.replace_self(link)
            link += literal


def setup(app: Sphinx) -> dict[str, bool]:
    """Makes the pages before Sphinx looks for documents, and the links after it has read one."""
    app.add_config_value("public_names", {}, "")
    app.connect("builder-inited", generate, priority=100)  # before those that read what it finds
    app.add_transform(LinkNames)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
