"""The rooms of `compare`: which there are, and which way imports go between them."""

import ast

import pytest
from repository import ROOT
from sources import TREES, imports, is_claim

# Each imports of those before it only.
ROOMS = (
    "distances",
    "samples",
    "slope",
    "comparison",
    "testing",
    "study",
    "report",
    "stages",
    "job",
    "pictures",
    "results",
    "tasks",
    "claims",
    "calibration",
    "sweeps",
    "maps",
    "figures",
    "page",
    "explorer",
    "command_line",
)
FOLDER = ROOT / "compare"
DOOR = "compare.__main__"  # in no room
INSIDE = {name: tree for name, tree in TREES.items() if name.startswith("compare.") and name != DOOR}
METHODS = {f"scipy.{name}" for name in ("optimize", "linalg", "sparse", "integrate", "interpolate", "stats")}
SOLVERS = {f"np.linalg.{name}" for name in ("solve", "lstsq", "pinv", "svd", "inv")}


def backwards(name, tree):
    """Later rooms of `compare` that a module imports from, even late."""
    rooms = {module.split(".")[1] for module in imports(tree) if module.startswith("compare.")} & set(ROOMS)
    return {room for room in rooms if ROOMS.index(room) > ROOMS.index(name.split(".")[1])}


def test_the_rooms_are_all_that_there_is():
    folders = {path.parent.name for path in FOLDER.glob("*/__init__.py")}
    assert folders == set(ROOMS)
    assert {path.name for path in FOLDER.glob("*.py")} == {"__init__.py", "__main__.py"}


def test_imports_between_rooms_go_one_way():
    assert {name: wrong for name, tree in INSIDE.items() if (wrong := backwards(name, tree))} == {}


def methods(tree):
    """Solvers, searches and fits that a module calls or imports."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in METHODS:
            found.add(node.module)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in SOLVERS:
            found.add(ast.unparse(node))
    return found


def test_methods_stand_elsewhere_but_those_of_distances():
    assert {name.split(".")[1] for name, tree in INSIDE.items() if methods(tree) and not is_claim(name)} == {
        "distances"
    }


@pytest.mark.parametrize("source", ["from scipy.optimize import brentq", "x = np.linalg.lstsq(a, b)"])
def test_a_method_is_seen(source):
    assert methods(ast.parse(source))


def test_an_arrow_backwards_is_seen():
    late = ast.parse("def late():\n    from compare.report import Report")
    assert backwards("compare.study.plan", late) == {"report"}
    assert backwards("compare.report.words", ast.parse("from compare.study import Study")) == set()
