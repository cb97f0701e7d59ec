"""The package's rooms use one another in one direction, and only the right ones know heavy libraries."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import dropgrade

PACKAGE = Path(dropgrade.__file__).parent
JUPYTER = {
    "nbgrader",
    "nbconvert",
    "nbformat",
    "nbclient",
    "jupytext",
    "IPython",
    "jupyter_client",
    "traitlets",
}
# A room may use itself, `errors` and these; house rule, no circles.
MAY_USE = {
    "reference": set(),
    "checks": {"digits", "reference"},
    "grading": {"checks", "reference"},
    "interview": set(),
    "results": {"reference", "style"},  # a result draws its figure: with `style`, one room in two files
    "data": set(),
    "digits": set(),
    "style": {"results"},
    "doctor": set(),
    "errors": set(),
    "cli": {"grading", "checks", "interview", "results", "doctor"},
}
LIGHT = ("checks.api", "checks.runner", "checks.misconceptions", "reference.numpy_ops", "reference.philox")


def imports(path: Path) -> Iterator[str]:
    """Every absolute module name imported in a file, at the top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(path: Path) -> str:
    """The room of a file: the first folder in the package, or the file's own name."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_uses_only_rooms_below_it(path):
    """No arrow points upwards, and a new room must be entered in the table above."""
    allowed = MAY_USE[room(path)] | {room(path), "errors", "__version__", "__file__"}
    used = {name.split(".")[1] for name in imports(path) if name.startswith("dropgrade.")}
    assert used <= allowed


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_grading_knows_jupyter(path):
    """Nothing else of the package needs nbgrader, nbconvert or IPython."""
    if room(path) != "grading":
        assert not JUPYTER & {name.split(".")[0] for name in imports(path)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_triton_is_imported_by_the_reference_alone(path):
    """Triton exists on few machines; the other rooms reach it through the reference, when they need it."""
    if room(path) != "reference":
        assert "triton" not in {name.split(".")[0] for name in imports(path)}


@pytest.mark.parametrize("module", LIGHT)
def test_checks_and_formulas_load_on_numpy_alone(module):
    """So that they run in a notebook, in pytest and in the reader's browser."""
    program = (
        f"import sys; before = set(sys.modules); import json, dropgrade.{module}; "
        "print(json.dumps(sorted({name.split('.')[0] for name in set(sys.modules) - before})))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {name for name in json.loads(done.stdout) if not name.startswith("_")}
    assert loaded - sys.stdlib_module_names - {"numpy", "dropgrade", "cython_runtime"} == set()
