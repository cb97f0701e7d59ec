"""Widgets as the build writes them: pictures with names, sentences and numbers, links, refusals."""

import gzip
import html
import itertools
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from test_widgets_core import ROOT, call, widgets

from dropgrade.reference import numpy_ops
from dropgrade.results import load

RESULT = load(ROOT / "book/results", "rate_sweep")
MEASURED = widgets.measured_rates(RESULT)
CHOICES = {
    "mask-explorer": ("shape", ("units", "channels", "steps", "branches"), (0, 0.35, 1)),
    "average-explorer": ("scale", ("inverted", "none", "swapped"), (0.05, 0.4, 0.95)),
    "gradient-check": ("seed", ("3", "8"), (0.05, 0.4, 0.95)),
    "ensemble-explorer": ("layers", ("one", "two"), (0.05, 0.4, 0.95)),
    "sampling-explorer": ("layers", ("one", "two"), (0.05, 0.4, 0.95)),
    "rate-explorer": ("measure", ("error", "nll", "train_nll", "gap"), (0, 0.3, 0.9)),
    "shift-explorer": ("units", ("white", "relu", "common"), (0, 0.5, 0.95)),
}
NAMES = list(CHOICES)
CONF = f"""
import sys
sys.path.insert(0, {str(ROOT / "book/_ext")!r})
extensions = ["myst_parser", "widgets", "page_frame"]
html_theme = "basic"
html_static_path = [{str(ROOT / "book/_static")!r}]
"""


def inside(name: str, **texts: str) -> str:
    """What the build writes into the element."""
    return widgets.prerender(name, name, texts, MEASURED if name == "rate-explorer" else None)


def sentence(text: str) -> str:
    """The line that is announced."""
    return html.unescape(re.search(r'role="status" aria-live="polite">(.*?)</p>', text)[1])


def test_every_widget_is_tried_here():
    """The list of this file, the directive's, and the scripts' own are one list."""
    js = widgets.engine()
    assert (
        sorted(NAMES)
        == sorted(widgets.CORES)
        == sorted(js.eval("Object.keys(dropoutWidgets.kinds).join()").split(","))
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_is_sound_and_named(name):
    """Each choice at the ends and in the middle: well-formed, no NaN, inside its box, both words said."""
    setting, values, drops = CHOICES[name]
    said = set()
    for value, drop in itertools.product(values, drops):
        text = inside(name, **{setting: value, "drop": str(drop)})
        assert not re.search(r"NaN|Infinity|undefined|null|\[object", text), (value, drop)
        picture = ElementTree.fromstring(re.search(r"<svg.*?</svg>", text, re.S)[0])
        assert picture.get("role") == "img" and picture[0].tag == "title" and len(picture[0].text) > 30
        assert picture.get("aria-labelledby") == picture[0].get("id")
        height = float(picture.get("viewBox").split()[3])
        for x, y in re.findall(r"[ML]([\d.-]+) ([\d.-]+)", " ".join(p.get("d", "") for p in picture.iter())):
            assert -8 <= float(x) <= 408 and -8 <= float(y) <= height + 8, (value, drop, x, y)
        both = f"drop {drop:.2f} / keep {1 - drop:.2f}"
        assert f'aria-valuetext="{both}"' in text and f'aria-hidden="true">{both}<' in text
        said.add(sentence(text))
    assert len(said) == len(values) * len(drops), "each picture has a sentence of its own"


@pytest.mark.parametrize("name", NAMES)
def test_every_control_is_native_labelled_and_off_until_the_script_runs(name):
    """A fieldset with a legend; an input or a list, each with its label; details with the numbers."""
    text = re.sub(r"(<input [^>]*)>", r"\1/>", f"<w>{inside(name)}</w>")
    page = ElementTree.fromstring(re.sub(r" (disabled|selected)>", r' \1="">', text))
    fields = page.find("fieldset")
    assert fields.get("disabled") is not None and fields.find("legend").text
    controls = [node for node in fields.iter() if node.tag in {"input", "select"}]
    labels = {label.get("for") for label in fields.iter("label")}
    assert {control.get("id") for control in controls} == labels and len(controls) >= 2
    assert page.find("details/div/table/thead/tr/th") is not None


def test_the_sentence_of_a_mask_is_the_references():
    """Counts and mean of the scaled mask, as NumPy finds them."""
    for p, seed in ((0.3, 1), (0.5, 12), (0.95, 3)):
        keep = numpy_ops.keep_mask_seeded((8, 16), p, seed)
        said = sentence(inside("mask-explorer", drop=str(p), seed=str(seed)))
        mean, deviation = 128 * p, np.sqrt(128 * p * (1 - p))
        assert (
            f"{(~keep).sum()} of 128 entries are dropped; expected {mean:.1f}, give or take {deviation:.1f}"
            in said
        )
        assert (
            f"multiplied by {1 / (1 - p):.2f}; the mean of all entries is then {(keep / (1 - p)).mean():.2f}"
            in said
        )


def test_the_rate_explorer_quotes_the_result():
    """Every rate and measure: the kept quotation, and a verdict that its interval bears out."""
    for measure in MEASURED["measures"]:
        key, rates = measure["key"], measure["rates"]
        best = min(rates, key=lambda rate: rate["value"])["drop"]
        for rate in rates:
            said = sentence(inside("rate-explorer", measure=key, drop=str(rate["drop"])))
            arm = f"{key}_p{round(100 * rate['drop'])}" if rate["drop"] else f"{key}_none"
            assert widgets.typeset(RESULT.quote(arm, "full")) in said
            assert ("No rate has a lower mean" in said) == (rate["drop"] == best)
            if rate["drop"]:
                value = RESULT.values[f"{arm}_minus_none"]
                verdict = "lower than" if value.high < 0 else "higher than" if value.low > 0 else "undecided"
                assert widgets.typeset(RESULT.quote(f"{arm}_minus_none", "full")) + f", {verdict}" in said


@pytest.mark.parametrize("name", NAMES)
def test_a_link_holds_the_whole_picture(name):
    """Reading the link's end and drawing again gives the same bytes."""
    setting, values, drops = CHOICES[name]
    first = inside(name, **{setting: values[-1], "drop": str(drops[-1])})
    link = html.unescape(re.search(r'class="widget-link" href="([^"]+)"', first)[1])
    texts = call("fromHash", name, link)
    assert inside(name, **texts) == first and float(texts["drop"]) == drops[-1]
    assert call("fromHash", name, f"#{name}?drop=%&x") == {"drop": "%", "x": ""}
    assert call("fromHash", "another", link) is None and call("fromHash", name, f"#{name}") is None


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"drop": "1.2"}, "must be a probability of dropping from 0 to 1, got “1.2”"),
        ({"drop": "half"}, "got “half”"),
        ({"drop": ""}, "got “”"),
        ({"seed": "-1"}, "Seed must be a whole number from 0 to 4294967295, got “-1”"),
        ({"seed": "4294967296"}, "whole number"),
        ({"seed": "1.5"}, "whole number"),
        ({"shape": "<b>"}, "must be one of units, channels, steps, branches, got “<b>”"),
        ({"size": "3"}, "has no setting “size”"),
    ],
)
def test_settings_that_mean_nothing_are_refused(texts, said):
    """In words, with the name of the control, the rule and what was given."""
    with pytest.raises(ValueError, match=re.escape(said)):
        widgets.prerender("mask-explorer", "m", texts)


def test_a_rate_that_was_not_measured_is_refused():
    """The slider has stops; a link may hold anything."""
    with pytest.raises(ValueError, match=r"one of the measured rates 0, 0\.1, 0\.2"):
        inside("rate-explorer", drop="0.4")


def test_the_cores_know_no_page():
    """They run in the build: no document, window, storage, clock or chance."""
    for script in {script for name in NAMES for script in widgets.scripts(name)}:
        text = re.sub(r"//.*|/\*.*?\*/", "", (widgets.FOLDER / f"{script}.js").read_text("utf-8"))
        assert not re.search(r"\b(document|window|localStorage|Date|setTimeout|Math\.random)\b", text), script


def test_a_widget_weighs_little():
    """All scripts and the style together, as a host sends them; each page loads a part of them."""
    files = [*widgets.FOLDER.glob("*.js"), widgets.FOLDER / "widgets.css"]
    assert sum(len(gzip.compress(path.read_bytes(), 6)) for path in files) < 24_000


def build(folder: Path, page: str) -> tuple[int, str]:
    """Exit code and messages of a strict build of a page with widgets and one without."""
    for name, text in {
        "conf.py": CONF,
        "index.md": "# Start\n\n```{toctree}\npage\n```\n",
        "page.md": page,
    }.items():
        (folder / name).write_text(text, "utf-8")
    command = [sys.executable, "-m", "sphinx", "-W", "-n", "-q", str(folder), str(folder / "out")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


def test_a_page_holds_its_widgets_and_pays_for_no_others(tmp_path):
    """The starting picture is in the source; one script serves all widgets, elsewhere there is none."""
    mask = "```{widget} mask-explorer\n:drop: 0.5\n:name: mine\n```\n"
    code, messages = build(tmp_path, f"# P\n\n{mask}\n```{{widget}} average-explorer\n```\n")
    assert code == 0, messages
    text = (tmp_path / "out/page.html").read_text("utf-8")
    assert widgets.prerender("mask-explorer", "mine", {"drop": "0.5"}) in text
    assert re.search(r'<mask-explorer class="widget"[^>]* id="mine"', text) and sentence(text)
    found = re.findall(r'<script defer="defer" src="_static/widgets/(\w+)\.js', text)
    assert found == ["widgets"]
    script = (tmp_path / "out/_static/widgets/widgets.js").read_text("utf-8")
    for part in widgets.FOLDER.glob("*.js"):
        assert script.count(part.read_text("utf-8")) == 1, part.name
    assert text.count("widgets.css") == 1
    assert "widgets/" not in (tmp_path / "out/index.html").read_text("utf-8")


def test_a_wrong_option_stops_the_build(tmp_path):
    """With the page, the line and what would be right."""
    code, messages = build(tmp_path, "# P\n\n```{widget} mask-explorer\n:drop: 2\n```\n")
    assert code != 0
    assert "page, line 3: widget mask-explorer: Drop and keep probability must be a probability" in messages


def test_an_unknown_widget_is_refused():
    """The message lists those there are."""
    with pytest.raises(ValueError, match=r"there is no widget “magic”; there are mask-explorer"):
        widgets.prerender("magic", "m", {})
