"""`{practice} cards`, `{practice} mock`, `{practice} progress`: the pages on which a reader practises.

Each is a form that its script fills; `{practice} deck` is the button that downloads the cards for Anki. The
build writes what the pages share beside the scripts: an index of all cards, questions, quizzes and skills,
and that deck. A question itself comes from the bank of the kits when it is asked.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from course_math import KATEX
from docutils import nodes
from docutils.parsers.rst import directives
from jinja2 import Environment, FileSystemLoader
from kit_page import BANK, UP
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from dropgrade.errors import CourseError
from dropgrade.interview.bank import LEVELS
from dropgrade.interview.cards import KINDS, all_cards
from dropgrade.interview.deck import write_deck
from dropgrade.interview.kits import KitMaker
from dropgrade.interview.quizzes import load_quiz, quiz_names
from dropgrade.interview.study import Study, study_map
from dropgrade.interview.texts import Texts

PAGES = {name: f"book/interview/{name}" for name in ("cards", "mock", "progress")}
PLACE = "_static/practice"
DECK = f"{PLACE}/dropout.apkg"
TEMPLATES = Path(__file__).parents[1] / "_templates"
SCRIPTS = {
    "cards": ("vendor/ts-fsrs/ts-fsrs", "practice/cards_core", "practice/cards_page"),
    "mock": (
        "kit/kit_core",
        "practice/mock_core",
        "practice/report",
        "practice/mock_steps",
        "practice/mock_page",
    ),
    "progress": (
        "vendor/ts-fsrs/ts-fsrs",
        "practice/cards_core",
        "practice/mock_core",
        "practice/report",
        "practice/progress_page",
    ),
}
KIND_LABELS = {
    "answer": "questions, to answer in twenty seconds",
    "code": "code and bugs, to answer in a few words",
    "wrong": "wrong answers: why are they wrong?",
}


class Practice(SphinxDirective):
    """One of the forms; it works below `book/interview` alone, where its links are right."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = directives.choice(self.arguments[0], (*PAGES, "deck"))
        maker = course_bank(Path(self.env.srcdir))
        for path in sorted((Path(self.env.srcdir) / "book/questions").iterdir()):
            self.env.note_dependency(str(path))
        cards = all_cards(maker.bank)
        values = {"up": UP, "bank": f"{UP}{BANK}/", "index": f"{UP}{PLACE}/index.js", "deck": f"{UP}{DECK}"}
        values |= {
            "version": maker.hash[:8],
            "levels": LEVELS,
            "kinds": {kind: KIND_LABELS[kind] for kind in KINDS},
        }
        values |= {"counts": {level: sum(card.level == level for card in cards) for level in LEVELS}}
        values |= {"count": len(cards)}
        return [nodes.raw("", _fill(f"practice_{name}.html", values), format="html")]


@cache
def course_bank(root: Path) -> KitMaker:
    """The bank, read once for all pages of a build.

    Raises:
        ExtensionError: a question file breaks the schema, or there is none.
    """
    try:
        return KitMaker(root)
    except CourseError as error:
        raise ExtensionError(str(error)) from error


def index_of(maker: KitMaker, titles: dict[str, str]) -> dict:
    """What the scripts know before they ask for a question.

    Args:
        maker: the bank.
        titles: page -> its title, for the pages of this build.
    """
    ready = {entry["id"] for entry in maker.index}
    cards = [card for card in all_cards(maker.bank) if card.record in ready]
    skills = study_map(maker.bank)
    return {
        "cards": [[card.id, card.record, card.kind, card.level, card.place] for card in cards],
        "quizzes": quizzes_of(maker, titles),
        "records": {name: _entry(maker, name) for name in maker.bank if name in ready},
        "skills": {name: _skill(study, ready, titles) for name, study in skills.items()},
    }


def quizzes_of(maker: KitMaker, titles: dict[str, str]) -> list[dict]:
    """The chapters of this build that have a quiz, with the ids of its questions."""
    folder, found = maker.book / "quizzes", []
    for slug in quiz_names(folder):
        if (page := f"book/{slug}") in titles:
            ids = [question["id"] for question in load_quiz(folder, slug, maker.bank)]
            found.append({"title": titles[page], "at": f"{page}.html#check-yourself", "ids": ids})
    return found


def _entry(maker: KitMaker, name: str) -> dict:
    record, plain = maker.bank[name], maker.question(name, "markdown")
    title = Texts(KATEX).line(plain["title"])
    return {"title": title, "levels": record["levels"], "skills": record["skills"], "here": plain["here"]}


def _skill(study: Study, ready: set[str], titles: dict[str, str]) -> dict:
    chapters = [f"book/{page}" for page in study.chapters]
    exercises = [f"exercises/{slug}/{slug}" for slug in study.exercises]

    def links(pages: list[str]) -> list[dict]:
        return [{"title": titles[page], "at": f"{page}.html"} for page in pages if page in titles]

    questions = [name for name in study.questions if name in ready]
    return {
        "label": study.label,
        "chapters": links(chapters),
        "exercises": links(exercises),
        "questions": questions,
    }


def write_files(app: Sphinx) -> Iterator[tuple[str, dict, str]]:
    """Write the index and the deck beside the scripts; adds no page."""
    if not set(PAGES.values()) & set(app.env.found_docs):
        return
    root, folder = Path(app.srcdir), Path(app.outdir) / PLACE
    maker = course_bank(root)
    folder.mkdir(parents=True, exist_ok=True)
    titles = {page: title.astext() for page, title in app.env.titles.items()}
    text = json.dumps(index_of(maker, titles), ensure_ascii=False, separators=(",", ":"))
    (folder / "index.js").write_text(f'dropoutKit.receive("practice", {text});\n', encoding="utf-8")
    write_deck(root, Path(app.outdir) / DECK)
    yield from ()


def add_scripts(app: Sphinx, pagename: str, *_: object) -> None:
    """The styles and scripts of practice, on the pages that need them."""
    for name, page in PAGES.items():
        if page == pagename:
            app.add_css_file("kit/kit.css")
            app.add_css_file("practice/practice.css")
            for script in ("practice/store", "practice/parts", *SCRIPTS[name]):
                app.add_js_file(f"{script}.js", defer="defer")


def start_afresh(app: Sphinx) -> None:
    """A second build in one process reads the bank again."""
    course_bank.cache_clear()


def _fill(template: str, values: dict) -> str:
    return (
        Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True).get_template(template).render(values)
    )


def setup(app: Sphinx) -> dict:
    app.setup_extension("kit_page")
    app.add_directive("practice", Practice)
    app.connect("builder-inited", start_afresh)
    app.connect("html-collect-pages", write_files)
    app.connect("html-page-context", add_scripts, priority=400)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
