"""`{exercise-card} 01_mask`: what an exercise asks, what it costs and where to press.

Title, minutes and difficulty come from the header of `solutions/SLUG/lesson.py`, points and functions from
the registry of checks, so the card cannot drift from what is graded.
"""

from pathlib import Path
from posixpath import dirname, relpath

import yaml
from docutils import nodes
from html_element import element
from launch_buttons import colab_url
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from dropgrade.checks import Exercise, exercise
from dropgrade.errors import CourseError

DIFFICULTIES = range(1, 6)


class HeaderError(ValueError):
    """A lesson's header is missing or lacks what the card needs; the message names file and field."""


def read_header(lesson: Path) -> dict:
    """The YAML between the first two `# ---` lines of a lesson.

    Raises:
        HeaderError: no such file, no header, or a field missing or out of range; the message says which.
    """
    if not lesson.is_file():
        raise HeaderError(f"{lesson} is missing")
    lines = [
        line.removeprefix("#").removeprefix(" ") for line in lesson.read_text(encoding="utf-8").splitlines()
    ]
    if lines.count("---") < 2 or lines[0] != "---":
        raise HeaderError(f"{lesson} does not start with a header between two lines `# ---`")
    header = yaml.safe_load("\n".join(lines[1 : lines.index("---", 1)])) or {}
    for field, fits in (("title", str), ("minutes", int), ("difficulty", int)):
        if not isinstance(header.get(field), fits):
            raise HeaderError(
                f"{lesson}: the header needs {field} ({fits.__name__}), got {header.get(field)!r}"
            )
    if header["difficulty"] not in DIFFICULTIES:
        raise HeaderError(f"{lesson}: difficulty must be 1 to 5, got {header['difficulty']}")
    return header


class ExerciseCard(SphinxDirective):
    """One exercise; an unknown slug stops the build with the known ones."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        slug = self.arguments[0]
        lesson = Path(self.env.srcdir) / "solutions" / slug / "lesson.py"
        try:
            task, header = exercise(slug), read_header(lesson)
        except (CourseError, HeaderError) as error:
            raise ExtensionError(f"{self.env.docname}: {error}") from error
        self.env.note_dependency(str(lesson))
        card = element(
            "", tag="section", classes=["exercise-card"], attributes={"aria-label": header["title"]}
        )
        card += nodes.paragraph("", f"Exercise: {header['title']}", classes=["card-title"])
        card += _bullets("facts", [[nodes.Text(fact)] for fact in _facts(header, task)])
        card += _functions(task)
        card += _bullets("actions", self.actions(slug))
        command = nodes.literal("", f"dropgrade check {slug} FILE")
        card += nodes.paragraph(
            "", "", nodes.Text("A plain Python file will do as well: "), command, classes=["at-home"]
        )
        return [card]

    def actions(self, slug: str) -> list[list[nodes.Node]]:
        """Read here, take home, or open where nothing needs to be installed."""
        page = f"exercises/{slug}/{slug}"
        download = relpath(f"{page}.ipynb", dirname(self.env.docname))
        here = addnodes.pending_xref(
            "",
            nodes.inline("", "Open the notebook"),
            refdomain="std", reftype="doc", reftarget=f"/{page}", refexplicit=True, refwarn=True,
            refdoc=self.env.docname, classes=["button", "primary"],
        )  # fmt: skip
        return [
            [here],
            [_button("Download", download)],
            [_button("Open in Colab", colab_url(self.env.app, slug))],
        ]


def _facts(header: dict, task: Exercise) -> list[str]:
    steps = "●" * header["difficulty"] + "○" * (DIFFICULTIES[-1] - header["difficulty"])
    count = len(task.checks)
    return [
        f"about {header['minutes']} minutes",
        f"difficulty {header['difficulty']} of {DIFFICULTIES[-1]} {steps}",
        f"{task.max_score} points in {count} checks",
    ]


def _functions(task: Exercise) -> nodes.paragraph:
    """The names a learner writes, and those used where they exist."""
    line = nodes.paragraph("", "You write ", classes=["functions"])
    for i, name in enumerate(task.functions):
        line += [nodes.Text(" and " if i else ""), nodes.literal("", name)]
    if task.optional:
        line += nodes.Text("; if the notebook has them, the checks also use your own ")
        for i, name in enumerate(task.optional):
            line += [nodes.Text(" and " if i else ""), nodes.literal("", name)]
    line += nodes.Text(".")
    return line


def _bullets(name: str, items: list[list[nodes.Node]]) -> nodes.bullet_list:
    listing = nodes.bullet_list(classes=[name])
    listing += [nodes.list_item("", nodes.paragraph("", "", *item)) for item in items]
    return listing


def _button(text: str, url: str) -> nodes.reference:
    return nodes.reference("", text, refuri=url, classes=["button"])


def setup(app: Sphinx) -> dict:
    app.setup_extension("html_element")
    app.setup_extension("launch_buttons")
    app.add_directive("exercise-card", ExerciseCard)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
