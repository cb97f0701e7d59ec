"""`{widget}`: a picture that the reader changes with a slider, drawn alike in the build and in the page.

    ```{widget} mask-explorer
    :shape: channels
    :drop: 0.3
    ```

The pure part of each widget (`_static/widgets/*_core.js`: numbers in, an SVG text and a sentence out) runs
here in an embedded V8. So the starting picture, the sentence that says what it shows and its numbers stand in
the page before any script runs, take the same room, and are all there is to read without JavaScript.
"""

import json
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from html_element import element
from py_mini_racer import JSEvalException, MiniRacer
from results_role import fresh, typeset
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from dropgrade.interview.texts import v8
from dropgrade.results import Result

FOLDER = Path(__file__).parents[1] / "_static" / "widgets"
SHARED = ("philox", "svg", "frame")
CORES = {
    "mask-explorer": ("mask_core",),
    "average-explorer": ("average_core",),
    "gradient-check": ("gradient_core",),
    "ensemble-explorer": ("ensemble_core",),
    "sampling-explorer": ("average_core", "ensemble_core", "sampling_core"),
    "rate-explorer": ("rate_core",),
    "shift-explorer": ("shift_core",),
}
BUNDLE = "widgets/widgets.js"
SETTINGS = ("drop", "seed", "shape", "scale", "layers", "measure", "units")
RATES = ("none", "p10", "p20", "p30", "p50", "p60", "p70", "p80", "p90")
MEASURES = (
    ("error", "Test error", "test error, %"),
    ("nll", "Test NLL", "test NLL, nats"),
    ("train_nll", "Training NLL", "training NLL, nats"),
    ("gap", "Gap of NLL, test minus training", "gap of NLL, nats"),
)


def scripts(name: str) -> list[str]:
    """The pure scripts of a widget, in the order they have to run."""
    return [*SHARED, *CORES[name]]


def engine() -> MiniRacer:
    """A V8 with every pure script, started once and closed before Python ends."""
    names = dict.fromkeys(script for widget in CORES for script in scripts(widget))
    return v8(*(FOLDER / f"{name}.js" for name in names))


def prerender(name: str, anchor: str, texts: dict[str, str], measured: dict | None = None) -> str:
    """What stands inside the element of widget `name` with the id `anchor`, its start changed by `texts`.

    Raises:
        ValueError: no such widget or setting, or a value outside its range (the message says which).
    """
    arguments = ", ".join(json.dumps(one) for one in (name, anchor, texts, measured))
    try:
        return engine().eval(f"dropoutWidgets.prerender({arguments})")
    except JSEvalException as error:
        line = next((text for text in str(error).splitlines() if "RangeError: " in text), str(error))
        raise ValueError(line.partition("RangeError: ")[2] or line) from error


def measured_rates(result: Result) -> dict:
    """The rate sweep as the rate explorer takes it: values for its axes, and the result's own quotations."""
    return {
        "measures": [
            {"key": key, "label": label, "axis": axis, "rates": [_rate(result, key, rate) for rate in RATES]}
            for key, label, axis in MEASURES
        ]
    }


def _rate(result: Result, measure: str, rate: str) -> dict:
    here = result.values[f"{measure}_{rate}"]
    found = {"drop": 0 if rate == "none" else int(rate[1:]) / 100}
    found |= {"value": here.value, "low": here.low, "high": here.high}
    found |= {"said": typeset(result.quote(f"{measure}_{rate}", "full")), "against": None, "againstSaid": ""}
    if rate != "none":
        key = f"{measure}_{rate}_minus_none"
        found["against"] = {"low": result.values[key].low, "high": result.values[key].high}
        found["againstSaid"] = typeset(result.quote(key, "full"))
    return found


class Widget(SphinxDirective):
    """One widget; its options are the settings to start with, and `name` the id that links to it use."""

    required_arguments = 1
    option_spec: ClassVar = dict.fromkeys((*SETTINGS, "name"), directives.unchanged)

    def run(self) -> list[nodes.Node]:
        name, where = self.arguments[0], f"{self.env.docname}, line {self.lineno}"
        if name not in CORES:
            raise ExtensionError(f"{where}: there is no widget {name}; there are {', '.join(CORES)}")
        for script in (*scripts(name), "element"):
            self.env.note_dependency(str(FOLDER / f"{script}.js"))
        measured = _measured(self.env, where) if name == "rate-explorer" else None
        texts = {key: self.options[key] for key in SETTINGS if key in self.options}
        anchor = self.options.get("name", name)
        try:
            inside = prerender(name, anchor, texts, measured)
        except ValueError as error:
            raise ExtensionError(f"{where}: widget {name}: {error}") from error
        attributes = {"data-start": json.dumps(texts)}
        if measured:
            attributes["data-measured"] = json.dumps(measured, separators=(",", ":"))
        raw = nodes.raw("", inside, format="html")
        return [element("", raw, tag=name, classes=["widget"], ids=[anchor], attributes=attributes)]


def _measured(env: BuildEnvironment, where: str) -> dict:
    return measured_rates(fresh(env, "rate_sweep", where))


def add_scripts(
    app: Sphinx, _pagename: str, _template: str, _context: dict, doctree: nodes.document | None
) -> None:
    """The style and the one script, for pages that have a widget; other pages pay nothing."""
    if doctree and any(node["tag"] in CORES for node in doctree.findall(element)):
        app.add_css_file("widgets/widgets.css")
        app.add_js_file(BUNDLE, defer="defer")


def bundle(app: Sphinx) -> None:
    """Put every script into one file: a page has few requests to spend, and all of them weigh little."""
    if app.builder.format == "html":
        target = Path(app.outdir, "_static", BUNDLE)
        target.parent.mkdir(parents=True, exist_ok=True)
        names = dict.fromkeys([script for name in CORES for script in scripts(name)] + ["element"])
        target.write_text("".join((FOLDER / f"{name}.js").read_text("utf-8") for name in names), "utf-8")


def setup(app: Sphinx) -> dict:
    app.setup_extension("html_element")
    app.add_directive("widget", Widget)
    # before the frame makes its own list of styles
    app.connect("html-page-context", add_scripts, priority=400)
    app.connect("builder-inited", bundle)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
