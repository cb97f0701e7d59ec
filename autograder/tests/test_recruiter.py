"""The recruiter's pages: the calculator's sums and messages, no mathematics, rules that the script keeps."""

import itertools
import json
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "book/_ext"))

import plausibility  # noqa: E402
import yaml  # noqa: E402
from py_mini_racer import JSEvalException, MiniRacer  # noqa: E402

from dropgrade.doctor import browser_path, install_line  # noqa: E402

PAGES = sorted((ROOT / "book/recruiter").glob("*.md"))
TOPICS = ("recruiter", "screening")


@pytest.fixture(scope="module")
def core():
    """The calculator's core as the page runs it."""
    with MiniRacer() as js:
        js.eval((ROOT / "book/_static/plausibility_core.js").read_text("utf-8"))
        yield js


def published() -> list[dict]:
    """The effects as the page hands them to its script."""
    effects = [*plausibility.PUBLISHED, plausibility.measured_here(ROOT)]
    return [{"name": e.name, "before": e.before, "after": e.after} for e in effects]


def test_the_page_and_the_build_do_the_same_sums(core):
    """All three readings of 624 claims, in JavaScript as in Python."""
    befores = [0.5, 1, *range(5, 100, 5), 97.5, 99, 99.9]
    gains = [0.1, 0.5, *range(1, 12), *range(15, 105, 10), 30, 120.5, 500, 1000]
    for before, gain, (unit, of) in itertools.product(befores, gains, plausibility.READINGS):
        found = core.call("plausibility.weigh", before, gain, unit, of)
        expected = plausibility.weigh(before, gain, unit, of)._asdict()
        assert dict(found) == pytest.approx(expected, rel=1e-12), (before, gain, unit, of)


def test_sixty_percent_and_plus_twenty_five(core):
    """The line on the page: 85, 75 or 70 %, for 62.5, 37.5 or 25 % of the errors."""
    found = [core.call("plausibility.weigh", 60, 25, *reading) for reading in plausibility.READINGS]
    assert [(f["after"], f["cut"]) for f in found] == [(85, 62.5), (75, 37.5), (70, 25)]


def test_a_point_of_accuracy_is_a_point_of_error(core):
    """Only a relative gain depends on what it was measured of."""
    one, other = (core.call("plausibility.weigh", 80, 7, "points", of) for of in ("accuracy", "error"))
    assert dict(one) == dict(other)


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ((60, 25, "points", "accuracy"), "beyond"),
        ((95, 0.5, "points", "accuracy"), "within"),
        ((60, 25, "relative", "error"), "beyond"),
        ((95, 25, "relative", "error"), "within"),
        ((90, 12, "points", "accuracy"), "impossible"),
        ((90, 100, "relative", "error"), "beyond"),
    ],
)
def test_a_claim_is_placed_among_published_effects(core, claim, verdict):
    """Beyond the largest cut or the most points; impossible above 100 %."""
    place = core.eval(
        f"plausibility.compare(plausibility.weigh({str(list(claim))[1:-1]}), {published()}).verdict"
    )
    effects = [*plausibility.PUBLISHED, plausibility.measured_here(ROOT)]
    found = plausibility.weigh(*claim)
    beyond = found.cut > max(e.cut for e in effects) or found.points > max(e.points for e in effects)
    assert place == verdict == ("impossible" if not found.possible else "beyond" if beyond else "within")


def test_the_finding_never_calls_a_person_a_liar(core):
    """Each verdict ends in something to ask, and none in an accusation."""
    for claim in (
        "60, 25, 'points', 'accuracy'",
        "95, 25, 'relative', 'error'",
        "90, 12, 'points', 'accuracy'",
    ):
        said = core.eval(
            f"(() => {{ const f = plausibility.weigh({claim}); "
            f"return plausibility.say(f, plausibility.compare(f, {published()})) }})()"
        )
        assert re.search(r"\bask\b", said, re.I) and not re.search(
            r"\b(lie|lying|false|fake|reject)", said
        ), said


@pytest.mark.parametrize("text", ["60", " 60 ", "60 %", "60.5", "62,5", "+25", "0.5", "99.9"])
def test_numbers_are_read_as_people_type_them(core, text):
    """A sign, a percent sign, a decimal comma."""
    expected = float(text.strip(" +%").replace(",", "."))
    assert core.call("plausibility.readBefore", text) == core.call("plausibility.readGain", text) == expected


@pytest.mark.parametrize(
    "text", ["", "abc", "0", "-5", "100", "101", "1e1", "0x10", "6 0", "60%%", "Infinity", "1.234567", "٦٠"]
)
def test_what_is_no_accuracy_is_refused_by_name(core, text):
    """The message names the field, the rule and what was typed."""
    with pytest.raises(
        JSEvalException, match="Accuracy before must be a number above 0 and below 100"
    ) as caught:
        core.call("plausibility.readBefore", text)
    assert f"got “{text}”" in str(caught.value)


@pytest.mark.parametrize("text", ["", "0", "-1", "1001", "99999", "a lot", "<b>5</b>"])
def test_what_is_no_gain_is_refused_by_name(core, text):
    """A loss is no gain, and nobody gained more than tenfold."""
    with pytest.raises(JSEvalException, match="The gain must be a number above 0 and at most 1000") as caught:
        core.call("plausibility.readGain", text)
    assert f"got “{text}”" in str(caught.value)


def test_an_unknown_reading_is_refused(core):
    """A slip in the page's form cannot pass as a number."""
    with pytest.raises(JSEvalException, match="unit must be points or relative"):
        core.call("plausibility.weigh", 60, 25, "percent", "accuracy")
    with pytest.raises(JSEvalException, match="of must be accuracy or error"):
        core.call("plausibility.weigh", 60, 25, "points", "precision")


def test_every_published_effect_has_its_source():
    """A key of the bibliography, and how the figures were checked; one of them is a harm."""
    bib = (ROOT / "book/references.bib").read_text("utf-8")
    for effect in plausibility.PUBLISHED:
        assert f"{{{effect.source}," in bib and effect.checked and 0 < effect.after < 100
    assert min(effect.cut for effect in plausibility.PUBLISHED) < 0


@pytest.fixture
def page(tmp_path):
    """A page from disk with the calculator alone, and what the browser complained about."""
    sync_api = pytest.importorskip("playwright.sync_api")
    if browser_path() is None:
        pytest.skip(f"no Chromium; {install_line('chromium')}")
    known = json.dumps(published()).replace("'", "&#39;")
    scripts = "".join(
        f'<script defer src="{(ROOT / "book/_static" / name).as_uri()}"></script>'
        for name in plausibility.SCRIPTS
    )
    body = f"<{plausibility.ELEMENT} data-published='{known}'><p>Worked examples</p></{plausibility.ELEMENT}>"
    (tmp_path / "page.html").write_text(f"<!doctype html><meta charset=utf-8>{scripts}{body}", "utf-8")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        yield chromium, (tmp_path / "page.html").as_uri()
        chromium.close()


@pytest.mark.browser
def test_the_calculator_answers_to_the_keyboard(page):
    """Tab, type, arrow keys; each change is announced, a bad entry is marked and explained."""
    chromium, address = page
    tab, complaints = chromium.new_page(), []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(address)
    status = tab.get_by_role("status")
    assert "85\u00a0%" in status.inner_text() and status.get_attribute("aria-live") == "polite"
    keys = tab.keyboard
    keys.press("Tab")
    assert tab.evaluate("document.activeElement.name") == "before"
    keys.press("Control+a")
    keys.type("ninety")
    assert "got “ninety”" in status.inner_text()
    assert tab.get_by_label("Accuracy before").get_attribute("aria-invalid") == "true"
    keys.press("Control+a")
    keys.type("90")
    assert "cannot be" in status.inner_text()
    for key in ("Tab", "Tab", "ArrowRight", "Tab", "ArrowRight"):  # relative, of the error
        keys.press(key)
    assert "92.5\u00a0%" in status.inner_text() and "25\u00a0% of the errors" in status.inner_text()
    assert tab.get_by_label("Accuracy before").get_attribute("aria-invalid") is None
    assert complaints == [] and tab.get_by_text("Worked examples").is_visible()


@pytest.mark.browser
def test_without_javascript_the_examples_remain(page):
    """No empty form is left behind."""
    chromium, address = page
    tab = chromium.new_context(java_script_enabled=False).new_page()
    tab.goto(address)
    assert tab.locator("form").count() == 0 and tab.get_by_text("Worked examples").is_visible()


def prose() -> dict[str, str]:
    """The recruiter's pages and records as they are written."""
    files = [*PAGES, *(ROOT / f"book/questions/{topic}.yml" for topic in TOPICS)]
    return {path.name: path.read_text("utf-8") for path in files}


def test_there_is_no_mathematics():
    """No formula, no Greek letter, no equation: the readers are not engineers."""
    found = {
        name: re.findall(r"\$|\{math\}|\\[a-z]+\{|[α-ωΑ-Ω√∑]|\b[a-z] = \d", text)
        for name, text in prose().items()
    }
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_nothing_promises_an_outcome():
    """A study aid says what it is and sends its reader to the law."""
    for name, text in prose().items():
        assert not re.search(r"guarantee|will get (?:you )?hired|land the job|best candidates", text, re.I), (
            name
        )
    script = (ROOT / "book/recruiter/screening_script.md").read_text("utf-8")
    assert "study aid" in script and "law" in script and "never" in script


def test_the_twelve_scripted_answers_cover_the_scale():
    """Three for each of the four questions, every score from 0 to 3, each with its reason."""
    text = (ROOT / "book/recruiter/practice.md").read_text("utf-8")
    scores = [int(score) for score in re.findall(r"^Score: \*\*(\d)\*\*", text, re.M)]
    assert len(scores) == 12 and set(scores) == {0, 1, 2, 3}
    assert len(re.findall(r"^### Answer \d+", text, re.M)) == 12


def test_the_records_are_the_recruiters():
    """Twenty-two records that count for recruiters, each id once."""
    records = [
        r
        for topic in TOPICS
        for r in yaml.safe_load((ROOT / f"book/questions/{topic}.yml").read_text("utf-8"))
    ]
    expected = {"Q51", "Q52", "Q58", *(f"R{i:02d}" for i in range(1, 20))}
    assert {r["id"] for r in records} == expected and len(records) == len(expected)
    assert all(r["levels"][0] == "recruiter" for r in records)
