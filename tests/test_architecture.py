"""The rules of the code base that a reader may count on, read from the source with `ast`.

Here the order of packages, rooms and folders; more in tests/architecture: sizes, faces, docstrings, errors raised.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence, Set
from graphlib import CycleError, TopologicalSorter

import pytest
from repository import ROOT
from sources import ROOMS, SOURCES, TESTS, TREES, folder_of, imports, room_of

MAY_IMPORT = {
    "theory": {"theory"},
    "simulate": {"theory", "simulate"},
    "compare": {"theory", "simulate", "compare"},
}
ONLY = {
    "markov": {"base", "laws"},  # what is true of any chain knows no equation
    "simulate": {"base", "laws", "landscapes", "tensors", "models", "markov"},  # no continuous-time limit
}
FOKKER_PLANCK = (
    ("line", "meshes"),
    ("generator",),
    ("lattice",),
    ("passages", "currents", "derivatives"),
    ("evolution", "spectrum"),
)
MOST_NAMES = 16  # at the top of theory/
UNSAFE = {"pickle", "cloudpickle", "dill", "marshal", "shelve", "joblib", "random"}
STREAMS = {"Generator", "SeedSequence", "SFC64", "BitGenerator", "default_rng"}


def packages(tree):
    return {name.split(".")[0] for name in imports(tree)}


def wrong_arrows(name, tree):
    return (packages(tree) & MAY_IMPORT.keys()) - MAY_IMPORT[name.split(".")[0]]


def allowed(layers: Sequence[Sequence[str]]) -> dict[str, set[str]]:
    """What each name may import: itself and all that stand in the lines above its own."""
    above: set[str] = set()
    found = {}
    for layer in layers:
        found |= {name: above | {name} for name in layer}
        above = above | set(layer)
    return found


def upward_rooms(name: str, tree: ast.AST) -> set[str]:
    """Rooms of `theory` that a module must not import, its top among them, which shows all of them."""
    package, room = name.split(".")[0], room_of(name)
    if name == "theory" or package == "compare":
        return set()
    may = ONLY.get(room or package) or allowed(ROOMS)[room]
    own = set() if room is None else {room}
    used = {room_of(module) or "theory" for module in imports(tree) if module.split(".")[0] == "theory"}
    return used - may - own


def upward_folders(name: str, tree: ast.AST) -> set[str]:
    """Folders of `fokker_planck` that a module of one of them must not import."""
    start = "theory.fokker_planck."
    if folder_of(name) == start[:-1]:
        return set()
    may = allowed(FOKKER_PLANCK)[folder_of(name).removeprefix(start)]
    inner = {module.removeprefix(start).split(".")[0] for module in imports(tree) if module.startswith(start)}
    return (inner - may) | ({start[:-1]} & imports(tree))


def banned(tree):
    """What must not be used anywhere: hidden random state, text run as code, pickles, a second histogram."""
    found = packages(tree) & UNSAFE
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="eval")):
                found.add("eval")
            case ast.Attribute(value=ast.Attribute(value=ast.Name(id="jax"), attr="random")):
                pass  # its keys are arguments
            case ast.Attribute(value=ast.Attribute(attr="random"), attr=name) if name not in STREAMS:
                found.add(f"random.{name}")
            case ast.Attribute(attr="histogram" | "histogram2d" | "histogramdd" as name, value=ast.Name(id="np")):
                found.add(name)
            case ast.ImportFrom(module="numpy.random", names=aliases):
                found |= {f"random.{alias.name}" for alias in aliases} - {f"random.{name}" for name in STREAMS}
            case ast.keyword(arg="allow_pickle"):
                found.add("allow_pickle")
    return found


def cycle(graph: Mapping[str, Set[str]]) -> list[str] | None:
    """The modules of a cycle, or None."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return None


def top_names() -> set[str]:
    """What a reader finds at the top of theory/: rooms and modules."""
    return {name.split(".")[1] for name in SOURCES if room_of(name)}


def test_sources_were_found():
    assert {name.split(".")[0] for name in SOURCES} == MAY_IMPORT.keys()
    assert len(SOURCES) > 40


def test_imports_go_one_way():
    assert {name: wrong for name, tree in TREES.items() if (wrong := wrong_arrows(name, tree))} == {}


def test_rooms_are_those_that_are_declared():
    assert top_names() == {room for layer in ROOMS for room in layer}
    assert len(top_names()) <= MOST_NAMES


def test_rooms_import_no_room_above_them():
    assert {name: wrong for name, tree in TREES.items() if (wrong := upward_rooms(name, tree))} == {}


def test_folders_of_fokker_planck_import_no_folder_above_them():
    inner = {name: tree for name, tree in TREES.items() if room_of(name) == "fokker_planck"}
    assert {folder_of(name) for name in inner} == {
        "theory.fokker_planck",
        *(f"theory.fokker_planck.{folder}" for layer in FOKKER_PLANCK for folder in layer),
    }
    assert {name: wrong for name, tree in inner.items() if (wrong := upward_folders(name, tree))} == {}


def test_tests_mirror_the_sources():
    folders = {path.parent.parts[1:] for path in TESTS}
    assert {parts[1] for parts in folders if parts[:1] == ("theory",)} == top_names()
    assert max(len(parts) for parts in folders) == 2
    assert {parts[0] for parts in folders if parts} == {*MAY_IMPORT, "architecture", "helpers"}
    assert (ROOT / "tests" / "theory").is_dir()


def test_only_figures_import_matplotlib():
    drawing = [name for name, tree in TREES.items() if "matplotlib" in packages(tree)]
    assert drawing
    assert [name for name in drawing if not name.startswith("compare.figures")] == []


def test_nothing_banned_is_used():
    assert {name: found for name, tree in TREES.items() if (found := banned(tree))} == {}


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
    ("name", "source", "room"),
    [
        ("theory.laws.grid", "from theory.landscapes.protocol import Landscape", "landscapes"),
        ("theory.laws.grid", "def late():\n    from theory.formulas import gaussian", "formulas"),
        ("theory.noise.fisher", "import theory.learning.exact", "learning"),
        ("theory.markov.walk", "from theory.models import on_data", "models"),
        ("theory.points.minima", "from theory import Grid", "theory"),
        ("theory.points", "from theory.fokker_planck import FokkerPlanck", "fokker_planck"),
        ("simulate.run", "from theory.equations import Langevin", "equations"),
        ("simulate", "from theory import Grid", "theory"),
    ],
)
def test_an_arrow_between_rooms_that_goes_up_is_seen(name, source, room):
    assert upward_rooms(name, ast.parse(source)) == {room}


@pytest.mark.parametrize(
    ("name", "source", "folder"),
    [
        ("theory.fokker_planck.line.scale", "from theory.fokker_planck.meshes import halved", "meshes"),
        ("theory.fokker_planck.generator", "from theory.fokker_planck.lattice import leaks", "lattice"),
        ("theory.fokker_planck.spectrum.a", "from theory.fokker_planck.equation import FokkerPlanck", "equation"),
        (
            "theory.fokker_planck.spectrum.a",
            "from theory.fokker_planck import FokkerPlanck",
            "theory.fokker_planck",
        ),
    ],
)
def test_an_arrow_between_folders_that_goes_up_is_seen(name, source, folder):
    assert upward_folders(name, ast.parse(source)) == {folder}


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
