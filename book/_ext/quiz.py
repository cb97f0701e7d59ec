"""`{quiz} 02_forward`: the questions at a chapter's end, each with a reason for every answer one may give.

The questions come from `book/quizzes/SLUG.yml`; `dropgrade.interview.quizzes` documents how one is written.
The page's source holds all of it, the answers folded away, so that it can be read and printed without
scripts; `_static/quiz` adds buttons, a verdict and a memory on the reader's device.
"""

from collections.abc import Iterable
from pathlib import Path
from posixpath import dirname, relpath

from docutils import nodes
from html_element import details, element
from practice_page import PAGES, course_bank
from questions import MEANING_OF_P
from results_role import typeset
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from dropgrade.interview.quizzes import QuizError, load_quiz, near_slack, slack

ELEMENT = "quiz-question"
FOLDER = "book/quizzes"
SCRIPT = "quiz/quiz_page.js"
SCRIPT_OF = ("practice/store.js", "quiz/quiz_core.js", "quiz/quiz.js")  # one request instead of three
LETTERS = "ABCDEF"
INTRO = {
    True: "Try as often as you like; your results stay on this device.",
    False: "Decide first, then open the answer: it has a reason for each choice.",
}


class Quiz(SphinxDirective):
    """All questions of one chapter; a file that breaks a rule stops the build with its name and question."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        root, slug = Path(self.env.srcdir), self.arguments[0]
        self.bank = course_bank(root).bank
        try:
            questions = load_quiz(root / FOLDER, slug, self.bank)
        except QuizError as error:
            raise ExtensionError(f"{self.env.docname}: {error}") from error
        topics = {self.bank[one["from"]]["topic"] for one in questions}
        for name in (
            f"quizzes/{slug}.yml",
            "quizzes/schema.json",
            *(f"questions/{one}.yml" for one in topics),
        ):
            self.env.note_dependency(str(root / "book" / name))
        progress = relpath(PAGES["progress"], dirname(self.env.docname))
        about = {"data-progress": f"{progress}.html", "data-intro": INTRO[True]}
        kept = element("", nodes.Text(INTRO[False]), tag="p", classes=["quiz-kept"], attributes=about)
        made = (self.question(one, at, len(questions)) for at, one in enumerate(questions, 1))
        return [kept, *made]

    def question(self, one: dict, number: int, count: int) -> element:
        """One question: what is asked, what p means, the answers to choose from, and all reasons, folded."""
        shown, reasons, data = getattr(self, one["kind"])(one)
        (asked,) = self.parse_text_to_nodes(one["ask"])
        head = element("", nodes.Text(f"{number} of {count}"), tag="span", classes=["quiz-number"])
        ask = element("", head, nodes.Text(" "), *asked.children, tag="p", classes=["quiz-ask"])
        notes = [self.note(MEANING_OF_P[one["convention"]])] if "convention" in one else []
        fold = details("Answer and reasons", *reasons, self.source(one), classes=("answer",))
        attributes = {"data-kind": one["kind"]} | data
        anchor = f"quiz-{one['id']}"
        return element(
            "", ask, *notes, *shown, fold, tag=ELEMENT, classes=["quiz"], ids=[anchor], attributes=attributes
        )

    def choice(self, one: dict) -> tuple[list[nodes.Node], list[nodes.Node], dict]:
        options = one["options"]
        right = next(at for at, option in enumerate(options) if "right" in option)
        listed = _list("ol", "quiz-options", (self.inline(option["says"]) for option in options))
        reasons = (
            [_verdict("Right." if at == right else "Not right."), *self.why(option)]
            for at, option in enumerate(options)
        )
        fold = [self.line(f"The right answer is {LETTERS[right]}."), _list("ol", "quiz-reasons", reasons)]
        return [listed], fold, {"data-right": str(right)}

    def number(self, one: dict) -> tuple[list[nodes.Node], list[nodes.Node], dict]:
        unit = f" {one['unit']}" if "unit" in one else ""
        answer = typeset(f"{one['answer']:g}{unit}")
        fold = [self.line(f"The answer is {answer}."), *self.parse_text_to_nodes(one["solution"])]
        near = one["near"]
        found = ([_verdict(typeset(f"If you found {entry['value']:g}:")), *self.why(entry)] for entry in near)
        fold.append(_list("ul", "quiz-reasons quiz-near", found))
        data = {"data-answer": repr(one["answer"]), "data-slack": repr(slack(one) * (1 + 1e-9))}
        data |= {"data-near": known_wrong(one), "data-unit": unit.strip()}
        return [self.note(tolerance(one))], fold, data

    def order(self, one: dict) -> tuple[list[nodes.Node], list[nodes.Node], dict]:
        letter = {place: LETTERS[at] for at, place in enumerate(one["shown"])}
        listed = _list(
            "ol", "quiz-options", (self.inline(one["steps"][place - 1]["does"]) for place in one["shown"])
        )
        steps = enumerate(one["steps"], 1)
        reasons = ([_verdict(f"{letter[place]}."), *self.why(step)] for place, step in steps)
        right = ", ".join(letter[place] for place in sorted(letter))
        fold = [self.line(f"The right order is {right}."), *self.parse_text_to_nodes(one["why"])]
        fold.append(_list("ol", "quiz-reasons quiz-order", reasons))
        return [listed], fold, {"data-right": " ".join(str(place - 1) for place in one["shown"])}

    def why(self, entry: dict) -> list[nodes.Node]:
        """A reason, and where to read more about the misconception that it names."""
        text = entry["why"].rstrip()
        if "misconception" in entry:
            text += f" {{ref}}`Read the paragraph <{entry['misconception'].replace('_', '-')}>`."
        return [nodes.Text(" "), nodes.inline("", "", *self.inline(text))]  # a link needs text round it

    def source(self, one: dict) -> nodes.paragraph:
        """The interview question from which this one was made."""
        title, name = self.bank[one["from"]]["title"], one["from"].lower()
        head = self.inline(f"From an interview question: {{ref}}`{one['from']} <{name}>`,")
        return nodes.paragraph("", "", *head, nodes.Text(" "), *self.inline(title), classes=["quiz-from"])

    def inline(self, text: str) -> list[nodes.Node]:
        """MyST text of one paragraph, without the paragraph."""
        (paragraph,) = self.parse_text_to_nodes(text)
        return list(paragraph.children)

    def line(self, text: str) -> nodes.paragraph:
        return nodes.paragraph("", "", nodes.strong("", text))

    def note(self, text: str) -> nodes.paragraph:
        return nodes.paragraph("", text, classes=["quiz-note"])


def known_wrong(one: dict) -> str:
    """The wrong values that have a reason, each with its slack, as the script reads them."""
    return ";".join(f"{entry['value']!r} {near_slack(entry['value'])!r}" for entry in one["near"])


def tolerance(one: dict) -> str:
    """What counts as right, for the reader."""
    unit = f" {one['unit']}" if "unit" in one else ""
    where = f" in {one['unit']}" if unit else ""
    (kind, size), *_ = one["tolerance"].items()
    if kind == "relative":
        return typeset(f"Answer with a number{where}; an error of up to {100 * size:g} % counts as right.")
    if size == 0:
        return "Answer with a whole number; it has to be exact."
    return typeset(f"Answer with a number{where}; up to {size:g}{unit} off counts as right.")


def _list(tag: str, classes: str, items: Iterable[list[nodes.Node]]) -> element:
    """A list; its items have letters where they stand in the order in which the reader meets them."""
    made = (element("", *item, tag="li") for item in items)
    lettered = tag == "ol" and "quiz-order" not in classes
    attributes = {"type": "A"} if lettered else {}
    return element("", *made, tag=tag, classes=classes.split(), attributes=attributes)


def _verdict(text: str) -> nodes.strong:
    return nodes.strong("", text)


def bundle(app: Sphinx) -> None:
    """Put the scripts into one file: a page has few requests to spend."""
    if app.builder.format == "html":
        target = Path(app.outdir, "_static", SCRIPT)
        target.parent.mkdir(parents=True, exist_ok=True)
        static = Path(app.srcdir, "book/_static")
        target.write_text("".join((static / name).read_text("utf-8") for name in SCRIPT_OF), "utf-8")


def add_scripts(
    app: Sphinx, _page: str, _template: str, _context: dict, doctree: nodes.document | None
) -> None:
    """Only a page with a quiz on it pays for the style and the script."""
    if doctree is not None and any(node["tag"] == ELEMENT for node in doctree.findall(element)):
        app.add_css_file("quiz/quiz.css")
        app.add_js_file(SCRIPT, defer="defer")


def setup(app: Sphinx) -> dict:
    for name in ("html_element", "practice_page", "questions"):
        app.setup_extension(name)
    app.add_directive("quiz", Quiz)
    app.connect("builder-inited", bundle)
    # before the frame makes its own list of styles
    app.connect("html-page-context", add_scripts, priority=400)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
