"""The package's rooms use one another in one direction, and only the right ones know heavy libraries."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import dropgrade
from dropgrade.checks.api import slugs

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
    "inpage": {"checks"},
    "interview": set(),
    "publish": set(),
    "results": {"reference", "style"},  # a result draws its figure: with `style`, one room in two files
    "data": set(),
    "fashion": {"data"},
    "digits": set(),
    "style": {"results"},
    "doctor": {"inpage"},
    "errors": set(),
    "cli": {"grading", "checks", "interview", "publish", "results", "doctor"},
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


# As in the reader's browser: everything but NumPy, the standard library and this package is invisible.
BARE = """
import json, runpy, sys

class Only:
    def __init__(self, finder):
        self.finder = finder
    def find_spec(self, name, *rest):
        top = name.partition(".")[0]
        known = top in sys.stdlib_module_names or top in ("numpy", "dropgrade") or top.startswith("_")
        return self.finder.find_spec(name, *rest) if known else None

sys.meta_path[:] = [Only(finder) for finder in sys.meta_path]
try:
    import torch
except ModuleNotFoundError:
    pass
else:
    sys.exit("torch can still be seen")
from dropgrade.checks import exercises, run
names = [task.slug for task in exercises()]
report = run(sys.argv[1], runpy.run_path(sys.argv[2]), seed=1) if sys.argv[1:] else names
foreign = {"torch", "triton", "scipy", "matplotlib"} & set(sys.modules)
print(json.dumps([report, sorted(foreign)]))
"""
SOLUTIONS = Path(__file__).parents[2] / "solutions"
NEED_TORCH = ("08_pytorch", "09_gpu")  # whose answers import it themselves
ANSWERS = {
    path.name: sorted(path.glob("answers/right_*.py"))[0]
    for path in sorted(SOLUTIONS.iterdir())
    if path.name not in NEED_TORCH and any(path.glob("answers/right_*.py"))
}


def run_bare(*words: str):
    """What the program prints in a Python that has NumPy and nothing else."""
    done = subprocess.run([sys.executable, "-c", BARE, *words], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_every_exercise_loads_on_numpy_alone():
    """The registry of checks is complete where torch and Triton do not exist."""
    found, foreign = run_bare()
    assert tuple(found) == slugs() and foreign == []


@pytest.mark.parametrize("slug", ANSWERS)
def test_right_answer_passes_on_numpy_alone(slug):
    """A right answer passes each check; one that needs PyTorch says so, and costs nothing else."""
    report, foreign = run_bare(slug, str(ANSWERS[slug]))
    assert foreign == []
    failed = [c for c in report["checks"] if not c["passed"]]
    assert [c["id"] for c in failed if "PyTorch" not in c["message"]] == []
    assert len(failed) < len(report["checks"]) / 2
