"""`{study-map}`, `{coding-drills}`, `{card-places}`: lists that lead from skills and exercises to questions.

All of it is read off the bank (`dropgrade.interview.study`), so a new record stands in its place at once, and
all of it works without JavaScript.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from posixpath import dirname, relpath

from docutils import nodes
from exercise_card import read_header
from html_element import details, element
from practice_page import course_bank
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from dropgrade.checks import exercise
from dropgrade.interview.bank import LEVELS
from dropgrade.interview.cards import cards_of
from dropgrade.interview.study import Study, study_map


class FromBank(SphinxDirective):
    """What the three lists share: the bank, links, and lines of them."""

    def bank(self) -> dict[str, dict]:
        """All records; the page depends on every question file."""
        root = Path(self.env.srcdir)
        for path in sorted((root / "book/questions").glob("*.yml")):
            self.env.note_dependency(str(path))
        return course_bank(root).bank

    def link(self, kind: str, target: str, *text: nodes.Node) -> nodes.Node:
        """To a page (kind "doc") by its title, or to a label (kind "ref") by the text."""
        return addnodes.pending_xref(
            "",
            nodes.inline("", "", *text),
            refdomain="std",
            reftype=kind,
            reftarget=target,
            refexplicit=bool(text),
            refwarn=True,
            refdoc=self.env.docname,
        )

    def pages(self, verb: str, names: Iterable[str]) -> list[nodes.Node]:
        """One line "Read: this, that", of the pages that this build has; none without pages."""
        found = [name for name in names if name in self.env.found_docs]
        line = nodes.paragraph("", "", nodes.strong("", verb), nodes.Text(" "))
        for at, name in enumerate(found):
            line += [nodes.Text(", " if at else ""), self.link("doc", f"/{name}")]
        return [line] if found else []

    def questions(self, records: Iterable[dict]) -> element:
        """Titles as links, with level and kind."""
        return element(
            "", *(self.question(record) for record in records), tag="ul", classes=["question-index"]
        )

    def question(self, record: dict) -> element:
        (title,) = self.parse_text_to_nodes(record["title"])
        about = f" {record['levels'][0]}, {record['kind']}"
        link = self.link("ref", record["id"].lower(), *title.children)
        return element("", nodes.inline("", "", link), nodes.inline("", about), tag="li")

    def section(self, name: str, title: list[nodes.Node], *content: nodes.Node) -> nodes.section:
        """A section with an anchor that other pages can name."""
        section = nodes.section("", nodes.title("", "", *title), *content, ids=[name], names=[name])
        self.state.document.note_explicit_target(section)
        return section


class StudyMap(FromBank):
    """For each skill: chapters to read, exercises to do, questions to answer, easier levels first."""

    def run(self) -> list[nodes.Node]:
        bank = self.bank()
        return [self.skill(name, study, bank) for name, study in study_map(bank).items()]

    def skill(self, name: str, study: Study, bank: dict[str, dict]) -> nodes.section:
        records = [bank[one] for one in study.questions]
        count = f"{len(records)} {'question' if len(records) == 1 else 'questions'}"
        return self.section(
            f"skill-{name.replace('_', '-')}",
            [nodes.Text(study.label)],
            *self.pages("Read", (f"book/{page}" for page in study.chapters)),
            *self.pages("Do the exercise", (f"exercises/{slug}/{slug}" for slug in study.exercises)),
            details(f"Answer: {count}", self.questions(records), classes=("answer",)),
        )


class CodingDrills(FromBank):
    """For each exercise: the coding questions it practises, then what else points at it."""

    def run(self) -> list[nodes.Node]:
        records = [record for record in self.bank().values() if "coding_task" in record]
        records.sort(key=lambda record: LEVELS.index(record["levels"][0]))
        slugs = sorted({record["coding_task"] for record in records})
        return [
            self.drill(slug, [record for record in records if record["coding_task"] == slug])
            for slug in slugs
        ]

    def drill(self, slug: str, records: list[dict]) -> nodes.section:
        header = read_header(Path(self.env.srcdir) / "solutions" / slug / "lesson.py")
        task = exercise(slug)
        checks = f"{task.max_score} points in {len(task.checks)} checks"
        about = nodes.paragraph("", f"About {header['minutes']} minutes, {checks}; you write ")
        for at, name in enumerate(task.functions):
            about += [nodes.Text(", " if at else ""), nodes.literal("", name)]
        code = [record for record in records if record["kind"] == "coding"]
        other = [record for record in records if record["kind"] != "coding"]
        content = [self.questions(code)] if code else []
        if other:
            head = "Other questions" if code else "Questions"
            fold = f"{head} that it helps to answer: {len(other)}"
            content.append(details(fold, self.questions(other), classes=("answer",)))
        where = self.pages("Open the exercise:", [f"exercises/{slug}/{slug}"])
        if where and (here := self.on_the_page(slug)):
            where[0] += here
        return self.section(
            f"drill-{slug.replace('_', '-')}", [nodes.Text(header["title"])], about, *where, *content
        )

    def on_the_page(self, slug: str) -> list[nodes.Node]:
        """A link to the chapter's editor, for an exercise that a browser can check."""
        chapter = Path(self.env.srcdir, "book", f"{slug}.md")
        self.env.note_dependency(str(chapter))
        if f"{{py-exercise}} {slug}" not in chapter.read_text(encoding="utf-8"):
            return []
        place = f"{relpath(f'book/{slug}', dirname(self.env.docname))}.html#exercise"
        return [nodes.Text(", or "), nodes.reference("", "write it on the page", refuri=place)]


class CardPlaces(FromBank):
    """The pages on which the questions stand, with how many questions and cards each has."""

    def run(self) -> list[nodes.Node]:
        bank = self.bank()
        questions = Counter(record["topic"] for record in bank.values())
        cards = Counter(record["topic"] for record in bank.values() for _ in cards_of(record))
        items = []
        for topic, count in questions.items():
            page = next(
                (p for p in (f"book/{topic}", f"book/interview/{topic}") if p in self.env.found_docs), None
            )
            if page:
                about = f" {count} {'question' if count == 1 else 'questions'}, {cards[topic]} cards"
                link = nodes.inline("", "", self.link("doc", f"/{page}"))
                items.append(element("", link, nodes.inline("", about), tag="li"))
        return [element("", *items, tag="ul", classes=["question-index"])]


def setup(app: Sphinx) -> dict:
    app.setup_extension("html_element")
    app.setup_extension("practice_page")
    app.add_directive("study-map", StudyMap)
    app.add_directive("coding-drills", CodingDrills)
    app.add_directive("card-places", CardPlaces)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
