"""`{plausibility-calculator}`: what a claimed gain would mean, beside published effects of dropout and kin.

The directive emits a custom element that `_static/plausibility.js` fills with a form. What it holds in the
page's source is readable without JavaScript: worked examples, and the published effects with their sources.
Sums are done here for the page and in `_static/plausibility_core.js` for the reader; a test compares the two.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from docutils import nodes
from html_element import element
from results_role import typeset
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from dropgrade.results import load

ELEMENT = "plausibility-calculator"
SCRIPTS = ("plausibility_core.js", "plausibility.js")


class Weighed(NamedTuple):
    """A claim worked out: accuracy after and points gained, share of the errors removed, all in %."""

    after: float
    points: float
    cut: float
    possible: bool


def weigh(before: float, gain: float, unit: str, of: str) -> Weighed:
    """What a claim would mean.

    Args:
        before: accuracy in %, above 0 and below 100.
        gain: claimed gain, above 0: points, or % of what `of` names.
        unit: "points" or "relative".
        of: "accuracy" or "error"; a point is the same of either.

    >>> weigh(60, 25, "points", "accuracy")
    Weighed(after=85, points=25, cut=62.5, possible=True)
    >>> weigh(60, 25, "relative", "accuracy").cut
    37.5
    """
    error = 100 - before
    points = gain if unit == "points" else (before if of == "accuracy" else error) * gain / 100
    return Weighed(before + points, points, 100 * points / error, points <= error)


@dataclass(frozen=True)
class Effect:
    """A published comparison: errors in % without and with; `checked` says how the figures were."""

    name: str
    what: str
    before: float
    after: float
    source: str
    checked: str

    @property
    def points(self) -> float:
        return self.before - self.after

    @property
    def cut(self) -> float:
        """Share of the errors removed, in %; negative where it hurt."""
        return 100 * self.points / self.before


NOTES = "several public summaries agree; not read in the paper itself"
PARTS = "abstract and introduction read in a public copy"
README = "read in the authors' own repository"
PUBLISHED = (
    Effect("house numbers, all layers", "dropout", 3.95, 2.55, "srivastava2014dropout", NOTES),
    Effect("house numbers, last layers", "dropout", 3.95, 3.02, "srivastava2014dropout", NOTES),
    Effect("digits, beside weight decay", "dropout", 1.62, 1.25, "srivastava2014dropout", NOTES),
    Effect("photographs, 100 kinds", "dropout", 43.48, 37.20, "srivastava2014dropout", NOTES),
    Effect("speech sounds", "dropout", 23.4, 21.8, "srivastava2014dropout", NOTES),
    Effect("news topics", "dropout", 31.05, 29.62, "srivastava2014dropout", NOTES),
    Effect("photographs, 1000 kinds", "DropBlock", 23.49, 21.87, "ghiasi2018dropblock", PARTS),
    Effect("photographs, 10 kinds", "stochastic depth", 6.41, 5.25, "huang2016deep", README),
    Effect("a small vision transformer, early only", "early dropout", 26.1, 25.7, "liu2023dropout", README),
    Effect("the same, throughout", "dropout", 26.1, 32.1, "liu2023dropout", README),
)
EXAMPLES = ((60, 25), (80, 10), (90, 5), (95, 3), (99, 0.5))
READINGS = (("points", "accuracy"), ("relative", "accuracy"), ("relative", "error"))


def measured_here(root: Path) -> Effect:
    """The course's own comparison, from the kept result."""
    values = load(root / "book/results", "rate_sweep").values
    return Effect(
        "handwritten digits, in this course",
        "dropout",
        round(values["error_none"].value, 2),
        round(values["error_p30"].value, 2),
        "",
        "measured by the script of chapter 7",
    )


class PlausibilityCalculator(SphinxDirective):
    """No options: the element, examples for readers without JavaScript, the table of published effects."""

    def run(self) -> list[nodes.Node]:
        root = Path(self.env.srcdir)
        self.env.note_dependency(str(root / "book/results/rate_sweep.json"))
        effects = sorted([*PUBLISHED, measured_here(root)], key=lambda effect: -effect.cut)
        known = [{"name": e.name, "before": e.before, "after": e.after} for e in effects]
        calculator = element("", tag=ELEMENT, attributes={"data-published": json.dumps(known)})
        calculator += element("", *self.examples(), tag="div", classes=["calculator-examples"])
        return [calculator, *self.effects(effects)]

    def examples(self) -> list[nodes.Node]:
        """The same sums for common claims, computed in the build."""
        rows = ["| Claim | if points | if % of the accuracy | if % of the error |", "|---|---|---|---|"]
        for before, gain in EXAMPLES:
            cells = [_outcome(weigh(before, gain, *reading)) for reading in READINGS]
            rows.append(typeset(f"| {before} % and “+{gain}” | ") + " | ".join(cells) + " |")
        said = "Worked examples: the accuracy that results, and the share of errors that has to go."
        return self.parse_text_to_nodes("\n".join([said, "", *rows]))

    def effects(self, effects: list[Effect]) -> list[nodes.Node]:
        """What was published, largest share of errors removed first; then how the figures were checked."""
        rows = [
            "| What was told apart | Errors before → after | Points | Errors removed |",
            "|---|---|---|---|",
        ]
        for effect in effects:
            what = f"{effect.name}: {effect.what}" + (
                f" ({{cite:t}}`{effect.source}`)" if effect.source else ""
            )
            sizes = (
                f"{effect.before:g} % → {effect.after:g} %",
                f"{effect.points:.1f}",
                f"{effect.cut:.0f} %",
            )
            rows.append(f"| {what} | " + " | ".join(map(typeset, sizes)) + " |")
        checked = {effect.source: effect.checked for effect in effects}
        said = "; ".join(
            f"{{cite:t}}`{key}`: {how}" if key else f"ours: {how}" for key, how in checked.items()
        )
        return self.parse_text_to_nodes("\n".join([*rows, "", f"How we know the figures. {said}."]))


def _outcome(found: Weighed) -> str:
    if not found.possible:
        return typeset(f"{found.after:g} %: impossible")
    return typeset(f"{round(found.after, 1):g} %; errors {round(found.cut, 1):g} %")


def add_scripts(
    app: Sphinx, pagename: str, _template: str, context: dict, doctree: nodes.document | None
) -> None:
    """Only the page with the calculator pays for it; its neighbours share the style of forms and notes."""
    if pagename.startswith("book/recruiter/"):
        app.add_css_file("css/recruiter.css")
    if doctree is not None and any(node["tag"] == ELEMENT for node in doctree.findall(element)):
        for script in SCRIPTS:
            app.add_js_file(script, defer="defer")


def setup(app: Sphinx) -> dict:
    app.setup_extension("html_element")
    app.add_directive("plausibility-calculator", PlausibilityCalculator)
    app.connect(
        "html-page-context", add_scripts, priority=400
    )  # before the frame makes its own list of styles
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
