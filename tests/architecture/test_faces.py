"""Folders are reached by their faces, show what they define, and say what they hold and what they never do."""

from __future__ import annotations

import ast

import pytest
from sources import FOLDERS, SHOWING, SOURCES, TREES, folder_of, imported, room_of, shown

FACED = {name for name in FOLDERS if name.startswith("theory.fokker_planck.")}  # reached by the face alone


def past_the_face(name: str, tree: ast.AST) -> set[str]:
    """What a module takes from inside another folder of `fokker_planck`, or past a room that shows it."""
    found = set()
    for module, taken in imported(tree):
        folder, room = folder_of(module), room_of(module)
        if module not in SOURCES or module == folder or folder == folder_of(name):
            continue
        faces = {f"theory.{room}", folder} if room in SHOWING and room != room_of(name) else set()
        if folder in FACED or any(taken in shown(TREES[face]) for face in faces):
            found.add(f"{module}.{taken}")
    return found


def shadowed(folder: str, tree: ast.Module, modules: set[str]) -> set[str]:
    """Modules of a folder that a name of its face hides."""
    return {name for name in shown(tree) if f"{folder}.{name}" in modules}


def undefined(tree: ast.Module) -> set[str]:
    """Names in `__all__` that the module neither imports nor defines."""
    known = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom | ast.Import):
            known |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            known.add(node.name)
        elif isinstance(node, ast.Assign):
            known |= {ast.unparse(target) for target in node.targets}
    return shown(tree) - known


def says_too_little(tree: ast.Module) -> bool:
    """Whether the docstring of a folder does not say what lives there in one line, and what never does."""
    lines = (ast.get_docstring(tree) or "").splitlines()
    return not (lines and lines[0].endswith(".") and any(line.startswith("Never ") for line in lines[1:]))


def test_folders_are_reached_by_their_faces():
    outside = {name: tree for name, tree in TREES.items() if name != "theory"}  # it shows what all of them show
    assert {name: found for name, tree in outside.items() if (found := past_the_face(name, tree))} == {}


def test_every_folder_of_fokker_planck_has_a_face():
    assert [name for name in sorted(FACED) if not shown(TREES[name])] == []


def test_every_room_has_a_face():
    rooms = {name for name in FOLDERS if name.startswith(("theory.", "compare.")) and name.count(".") == 1}
    assert [name for name in sorted(rooms) if not shown(TREES[name])] == []


def test_every_folder_is_a_package():
    assert {folder_of(name) for name in SOURCES} == FOLDERS


def test_faces_show_what_is_there():
    assert {name: found for name in sorted(FOLDERS) if (found := undefined(TREES[name]))} == {}


def test_no_module_is_hidden_by_a_name_of_its_face():
    assert {name: found for name in sorted(FOLDERS) if (found := shadowed(name, TREES[name], set(SOURCES)))} == {}


def test_folders_say_what_they_hold_and_what_they_never_do():
    assert [name for name in sorted(FOLDERS) if says_too_little(TREES[name])] == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("theory.fokker_planck.lattice.limit", "from theory.fokker_planck.meshes.mesh import halved"),
        ("theory.fokker_planck.equation", "def late():\n    import theory.fokker_planck.line.stationary"),
        ("compare.slope.finite", "from theory.fokker_planck.line.stationary import stationary_line"),
        ("simulate.run", "from theory.markov.walk import Walk"),
        ("theory.formulas.quadratic", "from theory.points.critical.point import Kind"),
        ("theory.landscapes.tabulated", "from theory.laws.grid import Grid"),
    ],
)
def test_a_way_past_a_face_is_seen(name, source):
    assert past_the_face(name, ast.parse(source))


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("theory.fokker_planck.meshes.refinement", "from theory.fokker_planck.meshes.mesh import halved"),
        ("simulate.run", "from theory.markov import Walk"),
        ("theory.fokker_planck.lattice.limit", "from theory.markov.null_vector import SignedNullVector"),
        ("theory.markov.slow_modes", "from theory.markov.walk import Walk"),
        ("theory.laws.density", "from theory.base.errors import InputError"),
    ],
)
def test_a_way_by_the_face_is_none_past_it(name, source):
    assert not past_the_face(name, ast.parse(source))


def test_a_hidden_module_is_seen():
    face = ast.parse("from theory.laws.bins import bins\n__all__ = ['bins']")
    assert shadowed("theory.laws", face, {"theory.laws.bins"}) == {"bins"}


def test_a_name_that_a_face_lacks_is_seen():
    assert undefined(ast.parse("from theory.laws.grid import Grid\n__all__ = ['Density', 'Grid']")) == {"Density"}


@pytest.mark.parametrize("text", ["", "Laws", "Laws.", "Laws.\n\nNo path."])
def test_a_folder_that_says_too_little_is_seen(text):
    assert says_too_little(ast.parse(f'"""{text}"""'))
