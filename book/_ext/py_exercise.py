"""`{py-exercise} 01_mask`: the exercise done on the page itself, with Python in the reader's browser.

The page's source holds the rules, the hints and a sentence for readers without scripts; `_static/py` makes
the editors, and starts Python when "Check" is pressed for the first time. Python and NumPy are copied there
from the course's cache, and the checks are packed from the tree.
"""

import gzip
import hashlib
import json
import re
import shutil
import sys
from pathlib import Path
from posixpath import dirname, relpath

from docutils import nodes
from html_element import details, element
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from dropgrade.errors import CourseError
from dropgrade.inpage import bundle, engine
from dropgrade.inpage.lesson import PageExercise, Part, read

ELEMENT = "py-exercise"
STATIC = "_static/py"
ENGINE = "pyodide"
SCRIPT, SCRIPT_OF = "py_page.js", ("py_core.js", "py_exercise.js")  # one request instead of two
DROP = "Here p always drops: an entry is dropped with probability p and kept with probability 1 − p."
NO_SCRIPT = "Doing the exercise on the page needs JavaScript. The notebook and its download, above, do not."
MISSING = "PYTHON IS NOT IN THIS COPY OF THE SITE: {reason}. Get it with: python -m dropgrade.inpage"


class PyExercise(SphinxDirective):
    """One exercise; stops the build where the notebook is missing or needs what no browser has."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        slug = self.arguments[0]
        path = Path(self.env.srcdir, "exercises", slug, f"{slug}.ipynb")
        if slug not in bundle.SLUGS:
            known = ", ".join(bundle.SLUGS)
            raise ExtensionError(f"{self.env.docname}: {slug} cannot be done on a page; these can: {known}")
        try:
            exercise = read(path)
        except CourseError as error:
            raise ExtensionError(f"{self.env.docname}: {error}") from error
        self.env.note_dependency(str(path))
        box = element("", tag=ELEMENT, attributes={"data-exercise": json.dumps(self.data(exercise))})
        box += nodes.paragraph("", "Solve it here", classes=["py-title"])
        box += nodes.paragraph("", DROP, classes=["py-convention"])
        box.extend(self.part(part) for part in exercise.parts)
        box += element("", nodes.paragraph("", NO_SCRIPT), tag="div", classes=["py-desk"])
        return [box]

    def data(self, exercise: PageExercise) -> dict:
        """What the scripts need to know, small enough for an attribute."""
        folder, slug = dirname(self.env.docname), exercise.slug
        starts = zip(exercise.cells, exercise.starts(), strict=True)
        return {
            "slug": slug,
            "given": exercise.given,
            "cells": [{"id": cell.name, "source": start} for cell, start in starts],
            "digits": bundle.needs_digits(slug),
            "notebook": relpath(f"exercises/{slug}/{slug}.ipynb", folder),
            "up": f"{relpath('.', folder)}/",
        }

    def part(self, part: Part) -> nodes.Node:
        """One piece of the notebook: folded prose, code and hints, or the place of an editor."""
        if part.kind == "cell":
            return element("", tag="div", classes=["py-place"], attributes={"data-cell": part.name})
        if part.kind == "code":
            return details("Code to read", nodes.literal_block("", part.text, language="python"))
        heading = re.match(r"#+ (.*)\n", part.text)
        title = part.name or (heading[1] if heading else "What you write")
        text = part.text.removeprefix(heading[0]) if heading else part.text
        return details(
            title, *self.markdown(text), classes=("py-hint" if part.kind == "hint" else "py-rules",)
        )

    def markdown(self, text: str) -> list[nodes.Node]:
        """Prose of a notebook: its headings become bold lines, its links start at the course's folder."""
        text = re.sub(r"^#+ (.*)$", r"**\1**", text, flags=re.MULTILINE)
        text = text.replace("](../../", "](/").replace("](../", "](/exercises/")
        return self.parse_text_to_nodes(text)


def look(app: Sphinx, config: Config) -> None:
    """What this copy of the site has, as a setting: when it changes, each page is written again."""
    names = {key: name for key, (name, _) in _packed().items()}
    cache = engine.folder_of(Path(app.srcdir))
    if reason := next(engine.faults(cache), ""):
        stars = "*" * 80
        print(f"\n{stars}\n{MISSING.format(reason=reason)}\n{stars}\n", file=sys.stderr)
        config.py_here = names | {"engine": None}
    else:
        config.py_here = names | {"engine": f"{ENGINE}/"} | _weights(cache)


def provide(app: Sphinx) -> None:
    """Put Python and the packed checks beside the scripts; what an earlier build left goes."""
    if app.builder.format != "html":
        return
    folder = Path(app.outdir, STATIC)
    folder.mkdir(parents=True, exist_ok=True)
    script = "".join(Path(app.srcdir, "book", STATIC, name).read_text(encoding="utf-8") for name in SCRIPT_OF)
    (folder / SCRIPT).write_text(script, encoding="utf-8")
    packed = dict(_packed().values())
    for old in set(folder.glob("*-*.zip")) | set(folder.glob("*-*.npz")):
        if old.name not in packed:
            old.unlink()
    for name, content in packed.items():
        (folder / name).write_bytes(content)
    target = folder / ENGINE
    if not app.config.py_here["engine"]:
        shutil.rmtree(target, ignore_errors=True)
    elif next(engine.faults(target), ""):
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        for name in engine.SHA256:
            shutil.copyfile(engine.folder_of(Path(app.srcdir)) / name, target / name)
        (target / engine.LOCK_NAME).write_text(engine.lock_text(), encoding="utf-8")


def _packed() -> dict[str, tuple[str, bytes]]:
    """The archive of checks and the digits, under names that change with their contents."""
    contents = {"checks": ("dropgrade", "zip", bundle.archive())}
    contents |= {"digits": ("digits14", "npz", (bundle.PACKAGE / bundle.DATA).read_bytes())}
    return {
        key: (f"{stem}-{hashlib.sha256(content).hexdigest()[:10]}.{suffix}", content)
        for key, (stem, suffix, content) in contents.items()
    }


def _weights(cache: Path) -> dict[str, int]:
    """`bytes` that the worker counts while it loads, `wire` what a compressing host sends for all of it."""
    note = cache / "weights.json"
    if not note.is_file():
        contents = {name: (cache / name).read_bytes() for name in engine.SHA256}
        weights = {
            "bytes": sum(len(content) for name, content in contents.items() if not name.endswith(".mjs")),
            "wire": sum(len(gzip.compress(content, 6)) for content in contents.values()),
        }
        note.write_text(json.dumps(weights), encoding="utf-8")
    return json.loads(note.read_text(encoding="utf-8"))


def add_scripts(
    app: Sphinx, _page: str, _template: str, _context: dict, doctree: nodes.document | None
) -> None:
    """Only a page with an exercise on it pays for the scripts."""
    if doctree is not None and any(node["tag"] == ELEMENT for node in doctree.findall(element)):
        app.add_css_file("py/py_exercise.css")
        app.add_js_file(None, body=f"globalThis.pyHere = {json.dumps(app.config.py_here)}", priority=400)
        app.add_js_file(f"py/{SCRIPT}", defer="defer")


def setup(app: Sphinx) -> dict:
    app.setup_extension("html_element")
    app.add_directive(ELEMENT, PyExercise)
    app.add_config_value("py_here", {}, "html", dict)
    app.connect("config-inited", look)
    app.connect("builder-inited", provide)
    app.connect(
        "html-page-context", add_scripts, priority=400
    )  # before the frame makes its own list of styles
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
