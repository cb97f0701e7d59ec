"""Exercises on the page, as far as they need no browser: the engine's files, the packed checks, one check."""

import json
import subprocess
import sys
import warnings
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from dropgrade.checks.runner import check_file, render
from dropgrade.errors import CourseError
from dropgrade.inpage import bundle, engine, flags, lesson, session

ROOT = Path(__file__).parents[2]
ANSWERS = ROOT / "solutions"


def pretend(monkeypatch) -> dict[str, bytes]:
    """Files small enough for a test, and the pins that fit them."""
    files = {name: f"the contents of {name}".encode() for name in engine.SHA256}
    pins = {name: engine.hashlib.sha256(content).hexdigest() for name, content in files.items()}
    monkeypatch.setattr(engine, "SHA256", pins)
    return files


def giving(files: dict[str, bytes]):
    """A source that fills a folder with these files."""

    def source(folder: Path) -> None:
        for name, content in files.items():
            (folder / name).write_bytes(content)

    return source


def refusing(folder: Path) -> None:
    """A source that cannot be reached."""
    raise OSError("no route to host")


def never(folder: Path) -> None:
    """A source that must not be asked."""
    pytest.fail("asked although the files are here")


def test_the_second_source_helps_where_the_first_fails(tmp_path, monkeypatch):
    """And once the files are here, nobody is asked again."""
    files = pretend(monkeypatch)
    folder = tmp_path / "engine"
    assert "source" in engine.fetch(folder, (refusing, giving(files)))
    assert not any(engine.faults(folder))
    assert sorted(path.name for path in folder.iterdir()) == sorted([*files, engine.LOCK_NAME])
    assert "is here" in engine.fetch(folder, (never,))


def test_a_file_with_another_hash_is_never_used(tmp_path, monkeypatch):
    """Neither from a source nor in the cache; what was there before stays."""
    files = pretend(monkeypatch)
    folder = tmp_path / "engine"
    forged = files | {"pyodide.mjs": b"something else"}
    with pytest.raises(engine.EngineMissing, match=r"pyodide\.mjs is not the file"):
        engine.fetch(folder, (giving(forged),))
    assert not folder.exists()
    engine.fetch(folder, (giving(files),))
    (folder / "python_stdlib.zip").write_bytes(b"changed later")
    assert list(engine.faults(folder)) == [
        f"python_stdlib.zip is not the file that Pyodide {engine.VERSION} names (another SHA-256)"
    ]
    engine.fetch(folder, (giving(files),))
    assert not any(engine.faults(folder))


def test_every_source_says_why_it_failed(tmp_path, monkeypatch):
    """A file that a source forgets counts as a failure too."""
    files = pretend(monkeypatch)
    files.pop("pyodide.asm.wasm")
    with pytest.raises(engine.EngineMissing) as told:
        engine.fetch(tmp_path / "engine", (refusing, giving(files)))
    assert str(told.value) == "refusing: OSError: no route to host; source: pyodide.asm.wasm is missing"


def test_the_lock_names_numpy_alone_and_its_hash():
    """The browser checks NumPy against it once more."""
    assert list(engine.LOCK["packages"]) == ["numpy"]
    entry = engine.LOCK["packages"]["numpy"]
    assert entry["sha256"] == engine.SHA256[entry["file_name"]]


def test_fetching_nothing_is_loud_and_no_failure(tmp_path):
    """`make site` goes on without the engine, and nobody can overlook it."""
    program = (
        "from dropgrade.inpage import __main__ as m, engine\n"
        "def fetch(folder): raise engine.EngineMissing('no route; no npm')\n"
        "m.fetch = fetch\n"
        "raise SystemExit(m.main('.'))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and "PYTHON IS NOT IN THIS COPY OF THE SITE" in done.stderr
    assert "no route\n" in done.stderr and "*" * 80 in done.stderr


def test_the_archive_is_small_deterministic_and_complete(tmp_path):
    """Checks of every exercise on a page load from it alone, and torch does not."""
    packed = bundle.archive()
    assert packed == bundle.archive() and len(packed) < 250_000
    with zipfile.ZipFile(BytesIO(packed)) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path)
    assert not [n for n in names if "grading" in n or "interview" in n or n.endswith(("cli.py", ".npz"))]
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import json, dropgrade\n"
        "from dropgrade.checks import api\n"
        "tasks = [api.exercise(slug).slug for slug in api.slugs()]\n"
        "import dropgrade.inpage.session\n"
        "print(json.dumps([dropgrade.__file__, tasks, 'torch' in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    home, tasks, torch = json.loads(done.stdout)
    assert Path(home).is_relative_to(tmp_path) and tuple(tasks) == bundle.SLUGS and not torch


@pytest.mark.parametrize("slug", bundle.SLUGS)
def test_a_page_gets_what_the_notebook_holds(slug):
    """Every cell to fill, in order and with its id; no check, no solution, nothing of Colab."""
    path = ROOT / "exercises" / slug / f"{slug}.ipynb"
    cells = json.loads(path.read_text("utf-8"))["cells"]
    ids = [cell["id"] for cell in cells if cell["metadata"].get("nbgrader", {}).get("solution")]
    found = lesson.read(path)
    assert [cell.name for cell in found.cells] == ids
    assert "google.colab" not in found.given and "import check" not in found.given
    assert sum(part.kind == "hint" for part in found.parts) >= 3
    assert all("NotImplementedError" in start for start in found.starts())
    compile("\n".join([found.given, *found.starts()]), "page", "exec")


def test_a_notebook_that_is_none_is_named(tmp_path):
    """The build stops with the file, not with a trace."""
    path = tmp_path / "01_mask.ipynb"
    path.write_text('{"cells": []}', encoding="utf-8")
    with pytest.raises(CourseError, match=r"01_mask\.ipynb is no release notebook"):
        lesson.read(path)


@pytest.mark.parametrize(
    "name", ["right_uniform_at_least", "wrong_p_read_as_keep", "wrong_eight_bit_threshold"]
)
def test_the_session_says_what_the_command_line_says(name):
    """The same object and the same words for the same seed."""
    path = ANSWERS / "01_mask" / "answers" / f"{name}.py"
    told = session.check("01_mask", path.name, path.read_text("utf-8"), seed=5)
    expected = check_file("01_mask", path, seed=5)
    assert told["report"] | {"seconds": 0} == expected | {"seconds": 0}
    assert told["text"] == render(expected)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def keep_mask(shape, p, rng)\n    return 1\n", "your_code.py is not Python: line 1"),
        ("x = 1\ny = x + z\n", "NameError in line 2: name 'z' is not defined"),
        ("raise SystemExit(3)", "your_code.py fails while it is loaded: SystemExit in line 1"),
        ("", "your_code.py: 01_mask needs a function called keep_mask"),
    ],
)
def test_what_cannot_be_checked_names_the_learners_line(text, said):
    """One sentence, as the command line prints it."""
    told = session.check("01_mask", "your_code.py", text)
    assert told["text"].startswith("01_mask: cannot be checked. ") and said in told["text"]


def test_what_the_code_prints_is_kept_up_to_a_limit():
    """A loop that prints for ever fills no memory."""
    text = "for i in range(30_000):\n    print('abc')\ndef keep_mask(shape, p, rng):\n    return None\n"
    told = session.check("01_mask", "your_code.py", text)
    assert told["printed"].startswith("abc\nabc\n") and len(told["printed"]) == session.MOST_PRINTED


def test_a_check_is_more_patient_in_a_browser_and_says_how_patient():
    """The limit named in the message is the one that was kept."""
    plain, patient = session.api.exercise("01_mask"), session.patient("01_mask")
    assert [c.seconds for c in patient.checks] == [session.SLOWER * c.seconds for c in plain.checks]
    assert [c.id for c in patient.checks] == [c.id for c in plain.checks]


EDGES = (0.0, 1.0, -2.0, 1e308, float("inf"), float("nan"))


def heard(run) -> list[str]:
    """The warnings that a piece of code sets off."""
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("always")
        run()
    return sorted({str(warning.message) for warning in caught})


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide"])
@pytest.mark.parametrize("a", EDGES)
@pytest.mark.parametrize("b", EDGES)
def test_the_flags_of_an_operator_are_numpys(name, a, b):
    """For each pair of edge cases what NumPy warns of natively is what is worked out, and nothing else."""
    plain = flags.BY_NAME[name][0]
    array = np.array([a, 3.0])
    assert heard(lambda: flags.operate(name, array, b)) == heard(lambda: plain(array, b))
    in_place = flags.BY_NAME[name][1]
    assert heard(lambda: flags.operate_in_place(name, array.copy(), b)) == heard(
        lambda: in_place(array.copy(), b)
    )


@pytest.mark.parametrize("name", ["log", "exp", "sqrt", "reciprocal", "log1p", "arctanh", "square"])
@pytest.mark.parametrize("a", [*EDGES, -1.0, 1e4])
def test_the_flags_of_a_function_are_numpys(name, a):
    """The same for functions of one argument."""
    function, array = getattr(np, name), np.array([a, 0.25])
    assert heard(lambda: flags.watched(function)(array)) == heard(lambda: function(array))


LEARNERS = """
import numpy as np
from numpy import divide

class Scale:
    def __init__(self, p):
        super().__init__()
        self.q = 1 - p

    def forward(self, x, keep):
        y = np.where(keep, x, 0)
        y[0] /= self.q
        with np.errstate(divide="ignore"):
            y = y / self.q
        return divide(y, 2, out=y, where=keep), f"{self.q:.1f} %s" % "kept"

def bad(x, q):
    return (
        x /
        q
    )
"""


def test_rewritten_code_does_what_it_did_and_keeps_its_lines():
    """Classes, in-place division, errstate and `where` survive; an error names the same line."""
    plain, ours = {}, {}
    exec(compile(LEARNERS, "theirs.py", "exec"), plain)
    exec(flags.compiled(LEARNERS, "theirs.py", "exec"), ours)
    x, keep = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[True, False], [True, True]])
    for p in (0.25, 1.0):
        one, other = [], []
        words = heard(lambda p=p: one.extend(plain["Scale"](p).forward(x, keep)))  # noqa: B023
        assert heard(lambda p=p: other.extend(ours["Scale"](p).forward(x, keep))) == words  # noqa: B023
        np.testing.assert_array_equal(one[0], other[0])
        assert one[1] == other[1]
    with pytest.raises(TypeError) as theirs:
        plain["bad"](x, "a word")
    with pytest.raises(TypeError) as rewritten:
        ours["bad"](x, "a word")
    assert theirs.traceback[1].lineno == rewritten.traceback[1].lineno


def test_a_flag_can_be_raised_or_ignored_as_errstate_asks():
    """FloatingPointError under "raise", silence under "ignore"."""
    x = np.ones(3)
    with (
        np.errstate(all="raise"),
        pytest.raises(FloatingPointError, match="divide by zero encountered in divide"),
    ):
        flags.operate("divide", x, 0.0)
    with np.errstate(all="ignore"):
        assert heard_nothing(lambda: flags.operate("divide", x, 0.0))


def heard_nothing(run) -> bool:
    """No warning at all, with the errstate of the caller."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run()
    return not caught


@pytest.mark.parametrize("rows", [1, 5])
@pytest.mark.parametrize("inner", [31, 32, 40])
@pytest.mark.parametrize("columns", [63, 64, 200])
@pytest.mark.parametrize(
    "dtypes", [(np.float64, np.float64), (np.float32, np.float64), (np.float32, np.float32)]
)
def test_a_wide_product_is_that_of_numpy(rows, inner, columns, dtypes):
    """On both sides of the borders: shape and dtype are those of `@`, the numbers agree to rounding."""
    rng = np.random.default_rng(0)
    a = rng.normal(size=(rows, inner)).astype(dtypes[0])
    b = rng.normal(size=(inner, columns)).astype(dtypes[1])
    found, known = flags.product(a, b), a @ b
    assert found.dtype == known.dtype and found.shape == known.shape
    tolerance = 8 * inner * np.finfo(known.dtype).eps
    assert np.abs(found - known).max() <= tolerance * (np.abs(a) @ np.abs(b)).max()


def test_a_product_that_does_not_fit_says_so_as_numpy_does():
    """A wide pair of shapes that do not fit, and a list beside an array, go to NumPy itself."""
    with pytest.raises(ValueError, match="matmul"):
        flags.product(np.ones((2, 40)), np.ones((41, 100)))
    assert np.array_equal(flags.product(np.eye(2), [[1.0, 2.0], [3.0, 4.0]]), [[1, 2], [3, 4]])
