"""The extension behind exercises on the page: what is copied, what is said, what stops the build."""

import hashlib
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from sphinx.errors import ExtensionError

from dropgrade.inpage import engine

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import py_exercise  # noqa: E402 (the site's extensions are files, not a package)


@pytest.fixture
def app(tmp_path, monkeypatch) -> SimpleNamespace:
    """As much of Sphinx as the extension asks for, and a cache that is still empty."""
    monkeypatch.setenv("COURSE_PYODIDE", str(tmp_path / "cache"))
    contents = {name: f"the contents of {name}".encode() for name in engine.SHA256}
    pins = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    monkeypatch.setattr(engine, "SHA256", pins)
    builder = SimpleNamespace(format="html")
    return SimpleNamespace(
        srcdir=str(ROOT),
        outdir=str(tmp_path / "out"),
        builder=builder,
        config=SimpleNamespace(),
        contents=contents,
    )


def build(app: SimpleNamespace) -> Path:
    """What happens before the first page is read; returns the folder of the scripts."""
    py_exercise.look(app, app.config)
    py_exercise.provide(app)
    return Path(app.outdir, py_exercise.STATIC)


def fill_cache(app: SimpleNamespace) -> None:
    """As `python -m dropgrade.inpage` does."""
    folder = engine.folder_of(Path(app.srcdir))
    folder.mkdir()
    for name, content in app.contents.items():
        (folder / name).write_bytes(content)


def test_without_the_engine_the_build_goes_on_and_is_loud(app, capsys):
    """The terminal and the pages say it; the checks are packed all the same."""
    folder = build(app)
    assert "PYTHON IS NOT IN THIS COPY OF THE SITE: pyodide.mjs is missing" in capsys.readouterr().err
    assert app.config.py_here["engine"] is None
    assert not (folder / "pyodide").exists() and (folder / app.config.py_here["checks"]).is_file()


def test_the_engine_is_copied_and_weighed_once(app, capsys):
    """A damaged copy is replaced; the pages learn how much there is to load."""
    fill_cache(app)
    folder = build(app)
    assert capsys.readouterr().err == ""
    copied = folder / app.config.py_here["engine"]
    assert {path.name for path in copied.iterdir()} == {*engine.SHA256, engine.LOCK_NAME}
    counted = sum(len(content) for name, content in app.contents.items() if not name.endswith(".mjs"))
    assert app.config.py_here["bytes"] == counted and app.config.py_here["wire"] > 0
    (copied / "pyodide.mjs").write_bytes(b"damaged")
    build(app)
    assert (copied / "pyodide.mjs").read_bytes() == app.contents["pyodide.mjs"]


def test_an_engine_that_is_gone_leaves_the_site_too(app):
    """A page that says "not in this copy" tells the truth."""
    fill_cache(app)
    folder = build(app)
    (engine.folder_of(ROOT) / "pyodide.mjs").unlink()
    build(app)
    assert not (folder / "pyodide").exists()


def test_checks_of_an_earlier_build_are_cleared_away(app):
    """Their name holds a hash, so that no cache hands out old ones."""
    folder = build(app)
    old = folder / "dropgrade-0123456789.zip"
    old.write_bytes(b"old")
    build(app)
    assert not old.exists()
    assert [path.name for path in folder.glob("*.zip")] == [app.config.py_here["checks"]]


@pytest.mark.parametrize("slug", ["08_pytorch", "99_nothing"])
def test_an_exercise_that_no_browser_can_run_stops_the_build(slug):
    """The message names page and exercise, and those that can be done."""
    directive = py_exercise.PyExercise.__new__(py_exercise.PyExercise)
    directive.arguments = [slug]
    settings = SimpleNamespace(env=SimpleNamespace(srcdir=str(ROOT), docname="book/here"))
    directive.state = SimpleNamespace(document=SimpleNamespace(settings=settings))
    with pytest.raises(
        ExtensionError, match=f"book/here: {slug} cannot be done on a page; these can: 01_mask"
    ):
        directive.run()
