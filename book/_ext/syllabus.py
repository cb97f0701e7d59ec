"""The syllabus: `{syllabus}` is the table of all exercises, {syllabus}`points` a number that sums it up.

Points come from the registry of checks, minutes, difficulty and what comes before from the headers of
`solutions/*/lesson.py`, the passing grade from `dropgrade.checks.passing`. No number is typed on the page.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docutils import nodes
from exercise_card import DIFFICULTIES, HeaderError, read_header
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective, SphinxRole

from dropgrade.checks import exercise
from dropgrade.checks.api import slugs
from dropgrade.checks.passing import SHARE, points_to_pass

SOFTWARE = ("PyTorch", "Triton")
"""What a lesson may need beside NumPy."""
COLUMNS = {"": 6, "Exercise": 34, "Points": 10, "Minutes": 10, "Difficulty": 14, "Builds on": 26}
"""Headings with their widths in percent."""


@dataclass(frozen=True)
class Row:
    """One exercise.

    Attributes:
        slug, title: as everywhere. points: of all its checks. minutes, difficulty: as its lesson says.
        chapter: page of the chapter, without its suffix.
        needs: slugs of the exercises it builds on, and names out of `SOFTWARE`.
    """

    slug: str
    title: str
    points: int
    minutes: int
    difficulty: int
    chapter: str
    needs: tuple[str, ...]


def read_rows(solutions: Path) -> list[Row]:
    """The exercises that have a lesson, in the order of the book.

    Raises:
        HeaderError: a lesson's header is wrong, or needs an exercise that does not come before it.
    """
    rows: list[Row] = []
    for slug in slugs():
        lesson = solutions / slug / "lesson.py"
        if not lesson.exists():
            continue
        header = read_header(lesson)
        needs = header.get("needs", [])
        known = {row.slug for row in rows} | set(SOFTWARE)
        strangers = [need for need in needs if need not in known] if isinstance(needs, list) else [needs]
        if strangers:
            raise HeaderError(
                f"{lesson}: needs lists earlier exercises, {' and '.join(SOFTWARE)}; got {strangers[0]!r}"
            )
        chapter = str(header.get("chapter", f"book/{slug}.md")).removesuffix(".md")
        rows.append(
            Row(
                slug, header["title"], exercise(slug).max_score, header["minutes"], header["difficulty"],
                chapter, tuple(needs),
            )
        )  # fmt: skip
    return rows


def numbers(rows: list[Row]) -> dict[str, str]:
    """What {syllabus}`...` can say, by name."""
    points, minutes = sum(row.points for row in rows), sum(row.minutes for row in rows)
    return {
        "exercises": str(len(rows)),
        "points": str(points),
        "share": f"{float(100 * SHARE):g} %",
        "passing": str(points_to_pass(points)),
        "hours": f"{minutes / 60:.0f}",
        "numpy-points": str(sum(row.points for row in rows if not set(row.needs) & set(SOFTWARE))),
    }


def load(env: BuildEnvironment) -> list[Row]:
    """The rows, with the lessons noted as what the page depends on."""
    solutions = Path(env.srcdir) / "solutions"
    try:
        rows = read_rows(solutions)
    except HeaderError as error:
        raise ExtensionError(f"{env.docname}: {error}") from error
    for row in rows:
        env.note_dependency(str(solutions / row.slug / "lesson.py"))
    return rows


class SyllabusNumber(SphinxRole):
    """One of `numbers`; an unknown name stops the build with the known ones."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        known = numbers(load(self.env))
        if self.text not in known:
            raise ExtensionError(
                f"{self.env.docname}, line {self.lineno}: the syllabus knows no {self.text!r}; it knows "
                f"{', '.join(known)}"
            )
        return [nodes.inline(self.rawtext, known[self.text], classes=["result"])], []


class Syllabus(SphinxDirective):
    """A row for each exercise, and the sums."""

    def run(self) -> list[nodes.Node]:
        rows = load(self.env)
        head = nodes.thead("", self.row([[nodes.Text(title)] for title in COLUMNS]))
        body = nodes.tbody("", *(self.row(self.cells(row, rows)) for row in rows), self.sums(rows))
        group = nodes.tgroup("", cols=len(COLUMNS))
        group += [nodes.colspec(colwidth=width) for width in COLUMNS.values()]
        group += [head, body]
        return [nodes.table("", group, classes=["syllabus"])]

    def row(self, cells: list[list[nodes.Node]]) -> nodes.row:
        return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", *cell)) for cell in cells))

    def cells(self, row: Row, rows: list[Row]) -> list[list[nodes.Node]]:
        """Number, chapter and exercise, points, minutes, difficulty, what it builds on."""
        dots = "●" * row.difficulty + "○" * (DIFFICULTIES[-1] - row.difficulty)
        name = [
            self.link(row.chapter, row.title),
            nodes.Text(" ("),
            self.link(f"exercises/{row.slug}/{row.slug}", "exercise"),
            nodes.Text(")"),
        ]
        needs: list[nodes.Node] = []
        for need in row.needs:
            found = next((other for other in rows if other.slug == need), None)
            needs += [nodes.Text(", ")] if needs else []
            needs += [self.link(found.chapter, str(int(need[:2]))) if found else nodes.Text(need)]
        return [
            [nodes.Text(str(int(row.slug[:2])))],
            name,
            [nodes.Text(str(row.points))],
            [nodes.Text(str(row.minutes))],
            [nodes.Text(f"{row.difficulty} {dots}")],
            needs or [nodes.Text("NumPy")],
        ]

    def sums(self, rows: list[Row]) -> nodes.row:
        points, minutes = sum(row.points for row in rows), sum(row.minutes for row in rows)
        texts: tuple[Any, ...] = ("", "All together", points, minutes, "", "")
        return self.row([[nodes.strong("", str(text))] if text != "" else [] for text in texts])

    def link(self, page: str, text: str) -> nodes.Node:
        """A link to a page of the book; plain text while that page is still to be written."""
        if page not in self.env.found_docs:
            return nodes.Text(text)
        xref = addnodes.pending_xref(
            "",
            nodes.inline("", text),
            refdomain="std", reftype="doc", reftarget=f"/{page}", refexplicit=True, refwarn=True,
            refdoc=self.env.docname,
        )  # fmt: skip
        return xref


def setup(app: Sphinx) -> dict:
    app.setup_extension("exercise_card")
    app.add_role("syllabus", SyllabusNumber())
    app.add_directive("syllabus", Syllabus)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
