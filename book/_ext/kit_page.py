"""`{kit-maker}` and `{ready-kits}`: interview kits made on the page, and twelve made in the build.

The maker is a form; the bank it chooses from is written beside its scripts (`_static/kit/bank`), an index and
a file for each record, so that a kit costs its own questions and no more. The twelve stand on pages of their
own, `book/interview/kit-LEVEL-MINUTES.html`, for paper and for browsers without scripts.
"""

import gzip
import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from statistics import mean

from docutils import nodes
from jinja2 import Template
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from dropgrade.errors import CourseError
from dropgrade.interview.kits import KitError, KitMaker, Wish

LEVELS = ("junior", "mid", "senior", "staff")
LENGTHS = (15, 30, 45)
SEED = 1
FOLDER = "book/interview"
UP = "../../"  # from a page in FOLDER to the top of the site
FORM_PAGE = f"{FOLDER}/kits"
BANK = "_static/kit/bank"
TEMPLATES = Path(__file__).parents[1] / "_templates"


class KitForm(SphinxDirective):
    """The form; it works below `book/interview` alone, where its links are right."""

    def run(self) -> list[nodes.Node]:
        with _naming(self.env.docname):
            maker = _maker(self)
            weights = {name: len(gzip.compress(text.encode(), 6)) for name, text in bank_files(maker).items()}
        values = {"up": UP, "bank": BANK, "hash": maker.hash, "levels": LEVELS, "count": len(maker.index)}
        values |= {"index_kb": _kilobytes(weights.pop("index"))}
        values |= {"each_kb": _kilobytes(mean(weights.values() or [0]))}
        return [nodes.raw("", _fill("kit_form.html", values), format="html")]


class ReadyKits(SphinxDirective):
    """A table of links to the kits that the build makes, and how many questions each has."""

    def run(self) -> list[nodes.Node]:
        with _naming(self.env.docname):
            maker = _maker(self)
        rows = "".join(f"<tr><th scope='row'>{level}</th>{_cells(maker, level)}</tr>" for level in LEVELS)
        head = "".join(f"<th scope='col'>{minutes} minutes</th>" for minutes in LENGTHS)
        head = f"<thead><tr><th scope='col'>Level</th>{head}</tr></thead>"
        table = f'<div class="table-scroll kit-ready"><table>{head}<tbody>{rows}</tbody></table></div>'
        return [nodes.raw("", table, format="html")]


def bank_files(maker: KitMaker) -> dict[str, str]:
    """Name -> script that hands one part of the bank to the page: `index`, and each record of it."""
    parts = {"index": maker.index}
    parts |= {entry["id"]: maker.question(entry["id"]) for entry in maker.index}
    return {name: f"dropoutKit.receive({json.dumps(name)}, {_json(part)});\n" for name, part in parts.items()}


def ready_pages(app: Sphinx) -> Iterator[tuple[str, dict, str]]:
    """Write the bank beside the scripts; yield a page for each ready-made kit."""
    if FORM_PAGE not in app.env.found_docs:
        return
    folder = Path(app.outdir) / BANK
    folder.mkdir(parents=True, exist_ok=True)
    with _naming(FORM_PAGE):
        maker = KitMaker(Path(app.srcdir))
        for name, text in bank_files(maker).items():
            (folder / f"{name}.js").write_text(text, encoding="utf-8")
        for level, minutes in product(LEVELS, LENGTHS):
            if kit := _ready(maker, level, minutes):
                yield _name(level, minutes), _context(maker, kit), "page.html"


def _context(maker: KitMaker, kit: dict) -> dict:
    sheets = "\n".join(maker.sheets(kit, UP).values())
    title = f"Interview kit: {kit['level']} level, {kit['minutes']} minutes"
    return {
        "title": title,
        "body": _fill("kit_ready.html", kit | {"up": UP, "form": FORM_PAGE, "sheets": sheets}),
    }


def _ready(maker: KitMaker, level: str, minutes: int) -> dict | None:
    """The kit, or None where the bank has not enough questions (a test asks for all twelve)."""
    try:
        return maker.make(Wish(level, minutes, seed=SEED))
    except KitError:
        return None


def _cells(maker: KitMaker, level: str) -> str:
    kits = {minutes: _ready(maker, level, minutes) for minutes in LENGTHS}
    links = [
        f'<a href="{UP}{_name(level, minutes)}.html">{len(kit["questions"])} questions</a>' if kit else "none"
        for minutes, kit in kits.items()
    ]
    return "".join(f"<td>{link}</td>" for link in links)


def _name(level: str, minutes: int) -> str:
    return f"{FOLDER}/kit-{level}-{minutes}"


def _maker(directive: SphinxDirective) -> KitMaker:
    """The bank, read once for the page, which depends on all its files."""
    root = Path(directive.env.srcdir)
    for folder in ("book/questions", "book/_static/kit"):
        for path in sorted((root / folder).iterdir()):
            directive.env.note_dependency(str(path))
    known = directive.env.temp_data
    if "kit_maker" not in known:
        known["kit_maker"] = KitMaker(root)
    return known["kit_maker"]


@contextmanager
def _naming(page: str) -> Iterator[None]:
    """A fault of the bank stops the build with the page and the record, and without a trace."""
    try:
        yield
    except CourseError as error:
        raise ExtensionError(f"{page}: {error}") from error


def _fill(template: str, values: dict) -> str:
    return Template((TEMPLATES / template).read_text(encoding="utf-8")).render(values)


def _kilobytes(size: float) -> int:
    return math.ceil(size / 1000)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def add_scripts(app: Sphinx, pagename: str, *_: object) -> None:
    """The style and scripts of kits, on the pages that have one."""
    if pagename == FORM_PAGE:
        names = ["kit_core", "kit_sheets", "kit_writers", "kit_print", "kit_form"]
    elif pagename in {_name(level, minutes) for level, minutes in product(LEVELS, LENGTHS)}:
        names = ["kit_print"]
    else:
        return
    app.add_css_file("kit/kit.css")
    for name in names:
        app.add_js_file(f"kit/{name}.js", defer="defer")


def setup(app: Sphinx) -> dict:
    app.add_directive("kit-maker", KitForm)
    app.add_directive("ready-kits", ReadyKits)
    app.connect("html-collect-pages", ready_pages)
    app.connect("html-page-context", add_scripts, priority=400)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
