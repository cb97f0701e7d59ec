"""What a reader wants to know before a chapter, and where to go after a page.

Before: how long it takes, what it builds on. The minutes follow from the page's words, formulas and lines
of code; folded answers are not counted. After: the page before and the next on each way of `book/paths.yml`.
"""

from dataclasses import dataclass
from pathlib import Path

import yaml
from docutils import nodes
from html_element import element
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from syllabus import SOFTWARE, read_rows

WORDS_A_MINUTE = 200
"""A guess on the slow side: sentences here are dense, and are to be thought about."""
SECONDS_A_FORMULA = 15
SECONDS_A_CODE_LINE = 4
STEP = 5
"""Minutes are rounded to this: the estimate bears no more."""
PATHS = "book/paths.yml"
NO_PROSE = (nodes.raw, nodes.literal_block, nodes.math_block, nodes.comment)
NO_READING = {"cell_output", "exercise-card", "py-exercise", "question", "quiz", "widget"}
NO_READING |= {"tag_hide-input", "tag_hide-cell", "tag_remove-input", "tag_remove-cell"}


@dataclass(frozen=True)
class Load:
    """What there is to read on a page."""

    words: int = 0
    formulas: int = 0
    code_lines: int = 0

    @property
    def minutes(self) -> int:
        """Rounded to `STEP`, at least one step.

        >>> Load(words=1000, formulas=8, code_lines=45).minutes
        10
        """
        exact = self.words / WORDS_A_MINUTE
        exact += (self.formulas * SECONDS_A_FORMULA + self.code_lines * SECONDS_A_CODE_LINE) / 60
        return max(STEP, STEP * round(exact / STEP))


def load(doctree: nodes.Node) -> Load:
    """Count what is open to the eye: folded parts, cell outputs and the site's own blocks are left out."""
    words = formulas = code_lines = 0
    for node in doctree.findall(lambda n: isinstance(n, nodes.Text | nodes.math_block | nodes.literal_block)):
        if _out_of_sight(node):
            continue
        if isinstance(node, nodes.math_block):
            formulas += 1
        elif isinstance(node, nodes.literal_block):
            code_lines += sum(bool(line.strip()) for line in node.astext().splitlines())
        else:
            words += len(node.astext().split())
    return Load(words, formulas, code_lines)


def _out_of_sight(node: nodes.Node) -> bool:
    while node.parent is not None:
        node = node.parent
        classes = set(node.get("classes", ())) if isinstance(node, nodes.Element) else set()
        folded = isinstance(node, element) and node["tag"] == "details"
        if folded or isinstance(node, NO_PROSE) or classes & NO_READING:
            return True
    return False


def read_paths(course: Path) -> dict[str, dict]:
    """The ways by name, each with `title` and `pages`.

    Raises:
        ExtensionError: a page does not exist, or stands on a way twice.
    """
    paths = yaml.safe_load((course / PATHS).read_text(encoding="utf-8"))
    for name, way in paths.items():
        for page in way["pages"]:
            if way["pages"].count(page) > 1:
                raise ExtensionError(f"{PATHS}: {name} names {page} twice")
            if not list(course.glob(f"{page}.*")):
                raise ExtensionError(f"{PATHS}: {name} names {page}, which does not exist")
    return paths


def steps(paths: dict[str, dict], page: str, found: set[str]) -> list[dict]:
    """Where a page stands on each way: number, of how many, the pages before and after.

    >>> steps({"a": {"title": "A", "pages": ["x", "gone", "y"]}}, "y", {"x", "y"})
    [{'name': 'a', 'title': 'A', 'number': 2, 'of': 2, 'before': 'x', 'after': None}]
    """
    standing = []
    for name, way in paths.items():
        pages = [one for one in way["pages"] if one in found]
        if page in pages:
            at = pages.index(page)
            standing.append(
                {
                    "name": name,
                    "title": way["title"],
                    "number": at + 1,
                    "of": len(pages),
                    "before": pages[at - 1] if at else None,
                    "after": pages[at + 1] if at + 1 < len(pages) else None,
                }
            )
    return standing


def add_reading(
    app: Sphinx, pagename: str, _template: str, context: dict, doctree: nodes.document | None
) -> None:
    """Give the template what stands above a chapter's title and at a page's foot."""
    context["path_steps"] = []
    for step in steps(app.course_paths, pagename, app.env.found_docs):
        sides = []
        for side, word in (("before", "Before"), ("after", "Next")):
            if page := step[side]:
                link = f"{context['pathto'](page)}?path={step['name']}"
                sides.append(
                    {"side": side, "word": word, "link": link, "title": app.env.titles[page].astext()}
                )
        context["path_steps"].append(step | {"sides": sides})
    row = app.course_rows.get(pagename)
    if row and doctree is not None:
        needs = [app.course_rows_by_slug.get(need, need) for need in row.needs]
        chapters = [need for need in needs if not isinstance(need, str)]
        context["page_facts"] = {
            "minutes": load(doctree).minutes,
            "exercise": row.minutes,
            "chapters": [
                (str(int(one.slug[:2])), one.title, context["pathto"](one.chapter)) for one in chapters
            ],
            "software": [need for need in needs if need in SOFTWARE],
        }


def read_settings(app: Sphinx, env, _docnames: list[str]) -> None:
    """Read the ways and the lessons' headers once for a build."""
    app.course_paths = read_paths(Path(app.srcdir))
    rows = read_rows(Path(app.srcdir) / "solutions")
    app.course_rows = {row.chapter: row for row in rows}
    app.course_rows_by_slug = {row.slug: row for row in rows}


def setup(app: Sphinx) -> dict:
    app.setup_extension("syllabus")
    app.connect("env-before-read-docs", read_settings)
    app.connect("html-page-context", add_reading, priority=600)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
