"""The rules of the code base that a reader may count on, read from the source with `ast`."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter

import pytest
from repository import ROOT

MAY_IMPORT = {
    "theory": {"theory"},
    "simulate": {"theory", "simulate"},
    "compare": {"theory", "simulate", "compare"},
}
UNSAFE = {"pickle", "dill", "marshal", "shelve", "joblib", "random"}
STREAMS = {"Generator", "SeedSequence", "SFC64", "BitGenerator", "default_rng"}
LONGEST = 300


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {module_name(p): p.read_text() for package in MAY_IMPORT for p in sorted((ROOT / package).rglob("*.py"))}
TREES = {name: ast.parse(source) for name, source in SOURCES.items()}


def only_for_types(node):
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def imports(tree):
    """Modules imported anywhere but for types; `from a import b` is a.b where that is a module of ours."""
    found = set()
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in SOURCES else node.module for name in names}
        elif not only_for_types(node):
            pending += ast.iter_child_nodes(node)
    return found


def packages(tree):
    return {name.split(".")[0] for name in imports(tree)}


def wrong_arrows(name, tree):
    return (packages(tree) & MAY_IMPORT.keys()) - MAY_IMPORT[name.split(".")[0]]


def banned(tree):
    """What must not be used anywhere: hidden random state, text run as code, pickles, a second histogram."""
    found = packages(tree) & UNSAFE
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="eval")):
                found.add("eval")
            case ast.Attribute(value=ast.Attribute(attr="random"), attr=name) if name not in STREAMS:
                found.add(f"random.{name}")
            case ast.Attribute(attr="histogram" | "histogram2d" | "histogramdd" as name, value=ast.Name(id="np")):
                found.add(name)
            case ast.ImportFrom(module="numpy.random", names=aliases):
                found |= {f"random.{alias.name}" for alias in aliases} - {f"random.{name}" for name in STREAMS}
            case ast.keyword(arg="allow_pickle"):
                found.add("allow_pickle")
    return found


def cycle(graph):
    """The modules of a cycle, or None."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return None


def test_sources_were_found():
    assert {name.split(".")[0] for name in SOURCES} == MAY_IMPORT.keys()
    assert len(SOURCES) > 40


def test_imports_go_one_way():
    assert {name: wrong for name, tree in TREES.items() if (wrong := wrong_arrows(name, tree))} == {}


def test_only_figures_import_matplotlib():
    drawing = [name for name, tree in TREES.items() if "matplotlib" in packages(tree)]
    assert drawing
    assert [name for name in drawing if not name.startswith("compare.figures")] == []


def test_nothing_banned_is_used():
    assert {name: found for name, tree in TREES.items() if (found := banned(tree))} == {}


def test_files_are_short():
    lengths = {name: len(source.splitlines()) for name, source in SOURCES.items()}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_modules_import_each_other_in_no_circle():
    assert cycle({name: imports(tree) & TREES.keys() - {name} for name, tree in TREES.items()}) is None


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("theory.laws.grid", "from simulate import SGD"),
        ("theory.laws.grid", "def late():\n    import compare.files"),
        ("simulate.run", "import compare"),
    ],
)
def test_a_wrong_arrow_is_seen(name, source):
    assert wrong_arrows(name, ast.parse(source))


@pytest.mark.parametrize(
    "source",
    [
        "np.random.seed(1)",
        "x = numpy.random.normal(size=3)",
        "from numpy.random import randn",
        "import random",
        "eval('1')",
        "import pickle",
        "np.load('a', allow_pickle=True)",
        "np.histogramdd(points)",
    ],
)
def test_what_is_banned_is_seen(source):
    assert banned(ast.parse(source))


def test_a_circle_is_seen_and_types_make_none():
    lazily, typed = "def f():\n    import b", "if TYPE_CHECKING:\n    import b"
    assert cycle({"a": imports(ast.parse(lazily)), "b": {"a"}})
    assert cycle({"a": imports(ast.parse(typed)), "b": {"a"}}) is None
