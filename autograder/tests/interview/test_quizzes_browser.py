"""Quizzes in a real browser: keyboard alone, garbage, order by buttons, memory, no scripts, paper, axe."""

import gzip
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from practising import KEY, PROGRESS, kept, press, said
from site_build import ROOT, Page, built_site
from test_quizzes import QUIZZES
from test_site_browser import PHONE, Visitor, browser, host, pytestmark  # noqa: F401 (fixtures and marks)

DESK = {"width": 1280, "height": 900}
FORWARD = "book/02_forward.html"
REFUSE = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('denied'); }})"
OWN_SCRIPTS = ("quiz_core.js", "quiz.js")


@pytest.fixture(scope="module")
def site() -> Path:
    """The folder with the built pages."""
    return built_site()


def question(page, name: str):
    """One question of the page, and the line that says how it went."""
    here = page.locator(f"#quiz-{name}")
    return here, here.locator("[role=status]")


def check(here) -> None:
    here.get_by_role("button", name="Check", exact=True).click()


@pytest.mark.parametrize("place", ["disk", "host"])
def test_a_choice_is_made_wrong_then_right_with_the_keyboard_alone(browser, site, host, place):  # noqa: F811
    """Arrows choose, Enter checks; the reason of the option comes first; a reload knows what was solved."""
    with Visitor(browser, f"{site.as_uri()}/" if place == "disk" else host) as visitor:
        visitor.open(FORWARD)
        page = visitor.page
        here, told = question(page, "02a")
        here.get_by_role("button", name="Check", exact=True).focus()
        press(page, "Enter")
        assert told.inner_text() == "Choose an option first." and kept(page) == {}
        press(page, "Shift+Tab", "ArrowDown", "ArrowDown", "Enter")
        expect(told).to_contain_text("✗ B is not right. That is the drop rate.")
        assert told.get_by_role("link").get_attribute("href").endswith("13_bugs.html#eval-scaled-by-p")
        assert kept(page)["quizzes"]["02a"] | {"at": 0} == {"at": 0, "tries": 1, "solved": False}
        press(page, "ArrowUp")
        assert told.inner_text() == ""  # the verdict was of another option
        press(page, "Enter")
        expect(told).to_contain_text("✓ A is right. The mean of the mask is 0.8")
        expect(page.locator(".quiz-kept")).to_contain_text(f"1 of {len(QUIZZES['02_forward'])} solved.")
        press(page, "ArrowDown", "Enter")  # trying on changes nothing that is kept
        assert kept(page)["quizzes"]["02a"] | {"at": 0} == {"at": 0, "tries": 2, "solved": True}
        visitor.open(FORWARD)
        expect(question(page, "02a")[0].locator(".quiz-past")).to_have_text(
            re.compile(r"^Solved on \d+ \w+ \d{4}, at attempt 2\.$")
        )
        assert (visitor.seen.foreign, visitor.seen.complaints) == ([], [])


def test_a_number_is_judged_and_garbage_costs_no_attempt(browser, host):  # noqa: F811
    """A sentence for what is no number, a reason for a known mistake, a direction for any other one."""
    with Visitor(browser, host) as visitor:
        visitor.open(FORWARD)
        page = visitor.page
        here, told = question(page, "02d")
        field = here.get_by_label("Your answer")
        field.focus()
        for text, sentence in (("", "Write a number first."), ("3 1/4", "is none."), ("1,250", "two ways")):
            field.fill(text)
            press(page, "Enter")
            assert sentence in told.inner_text() and field.get_attribute("aria-invalid") == "true"
        assert kept(page) == {}
        field.fill("6,25")
        press(page, "Enter")
        expect(told).to_contain_text("✗ 6.25 is not right. You squared the sum.")
        assert field.get_attribute("aria-invalid") == "false"
        for text, way in (("1", "small"), ("900", "large")):
            field.fill(text)
            press(page, "Enter")
            expect(told).to_contain_text(f"✗ {text} is not right. It is too {way}; try again")
        field.fill("3,26")  # within a hundredth
        press(page, "Enter")
        expect(told).to_contain_text("✓ 3.26 is right. Each contribution")
        assert kept(page)["quizzes"]["02d"]["tries"] == 4 and visitor.seen.complaints == []


def test_steps_are_ordered_by_buttons_and_announced(browser, host):  # noqa: F811
    """The button keeps the focus; at the end it says so; a wrong order names a step to think of again."""
    with Visitor(browser, host) as visitor:
        visitor.open(FORWARD)
        page = visitor.page
        here, told = question(page, "02f")  # shown: D is first in truth, then B, E, A, C
        here.get_by_role("button", name="Move D up").focus()
        press(page, "Enter", "Space")
        assert told.inner_text() == "D is now step 2 of 5."
        assert page.evaluate("document.activeElement.ariaLabel") == "Move D up"
        press(page, "Enter", "Enter")
        assert told.inner_text() == "D is first already."
        check(here)
        expect(told).to_contain_text(
            "✗ Not right yet: 1 of 5 steps are in place. Think of A again, now step 2."
        )
        expect(told).to_contain_text("Selecting needs the mask.")
        for name, times in (("B up", 1), ("E up", 2)):
            for _ in range(times):
                here.get_by_role("button", name=f"Move {name}").click()
        assert "".join(here.locator(".quiz-moving b").all_inner_texts()).split() == list("DBEAC")
        check(here)
        expect(told).to_contain_text("✓ This order is right. Look at the mode")
        assert kept(page)["quizzes"]["02f"]["solved"] and visitor.seen.complaints == []


def test_every_question_of_every_chapter_can_be_answered(browser, host):  # noqa: F811
    """With its right answer as the file has it; at the end all are solved, and the progress page says so."""
    with Visitor(browser, host) as visitor:
        page, count = visitor.page, 0
        for slug, quiz in QUIZZES.items():
            visitor.open(f"book/{slug}.html")
            for one in quiz:
                here, told = question(page, one["id"])
                if one["kind"] == "choice":
                    at = next(at for at, option in enumerate(one["options"]) if "right" in option)
                    here.get_by_role("radio").nth(at).check()
                elif one["kind"] == "number":
                    here.get_by_label("Your answer").fill(f"{one['answer']:.3g}")
                else:
                    letters = {place: "ABCDEF"[at] for at, place in enumerate(one["shown"])}
                    for place in sorted(letters, reverse=True):  # the last first, each to the top
                        up = here.get_by_role("button", name=f"Move {letters[place]} up")
                        while told.inner_text() != f"{letters[place]} is first already.":
                            up.click()
                check(here)
                expect(told).to_contain_text("✓")
                count += 1
            assert visitor.seen.complaints == [], slug
        visitor.open(PROGRESS)
        assert f"Quiz questions: {count} of {count} solved." in said(page, "Quiz questions")
        rows = page.get_by_role("row").filter(has_text=re.compile(r"(\d+) of \1"))
        assert rows.count() == len(QUIZZES)
        rows.first.get_by_role("link").click()
        page.wait_for_url("**/book/01_mask.html#check-yourself")


def test_results_move_to_another_browser_as_a_file(browser, host, tmp_path):  # noqa: F811
    """Export here, import there; a file from before the quizzes comes in as well and takes nothing away."""
    with Visitor(browser, host) as visitor, Visitor(browser, host) as other:
        visitor.open(FORWARD)
        here, _ = question(visitor.page, "02a")
        here.get_by_role("radio").first.check()
        check(here)
        visitor.open(PROGRESS)
        said(visitor.page, r"Quiz questions: 1 of \d+ solved")
        visitor.page.get_by_text("export, import, delete").click()
        with visitor.page.expect_download() as download:
            visitor.page.get_by_role("button", name="Export").click()
        assert "1 quiz questions" in visitor.page.locator(".practice-kept").inner_text()
        saved, old = tmp_path / "saved.json", tmp_path / "old.json"
        saved.write_bytes(download.value.path().read_bytes())
        before = json.loads(saved.read_text("utf-8"))
        del before["quizzes"]
        old.write_text(json.dumps(before), encoding="utf-8")
        other.open(PROGRESS)
        there = other.page
        there.get_by_text("export, import, delete").click()
        there.locator("input[type=file]").set_input_files(saved)
        said(there, r"Quiz questions: 1 of \d+ solved")
        there.locator("input[type=file]").set_input_files(old)
        there.locator(".practice-kept").filter(has_text="Imported").filter(has_text="old.json").wait_for()
        assert kept(there)["quizzes"] == kept(visitor.page)["quizzes"] != {}


def test_a_refused_storage_is_said_and_the_quiz_works(browser, host):  # noqa: F811
    """In memory, until the page is left."""
    with Visitor(browser, host) as visitor:
        visitor.page.add_init_script(REFUSE)
        visitor.open(FORWARD)
        here, told = question(visitor.page, "02a")
        here.get_by_role("radio").first.check()
        check(here)
        expect(told).to_contain_text("✓")
        line = visitor.page.locator(".quiz-kept")
        expect(line).to_contain_text(re.compile("^1 of .* solved. Your browser refuses to keep data"))
        assert visitor.page.evaluate("Object.keys(globalThis).includes('dropoutQuiz')")


def test_without_scripts_all_of_it_can_be_read(browser, host):  # noqa: F811
    """Questions, and behind a native fold the right answer with every reason; no dead control."""
    with Visitor(browser, host, java_script_enabled=False) as visitor:
        for slug, quiz in QUIZZES.items():
            visitor.open(f"book/{slug}.html")
            assert visitor.page.locator(".quiz :is(input, button)").count() == 0
            for one in quiz:
                here, _ = question(visitor.page, one["id"])
                assert here.locator(".quiz-ask").is_visible()
                reasons = here.locator(".quiz-reasons > li")
                entries = one.get("options") or one.get("near") or one["steps"]
                assert reasons.count() == len(entries) and not reasons.first.is_visible()
                here.locator("summary").click()
                assert reasons.first.is_visible() and reasons.last.is_visible()
                assert re.match("The (right|answer)", here.locator(".disclosed").inner_text())


def test_paper_has_the_answer_behind_each_question(browser, host):  # noqa: F811
    """Also with scripts: folds are open, fields and buttons are gone."""
    with Visitor(browser, host) as visitor:
        visitor.open(FORWARD)
        visitor.page.emulate_media(media="print")
        for one in QUIZZES["02_forward"]:
            here, _ = question(visitor.page, one["id"])
            assert here.locator(".disclosed").is_visible() and here.locator(".quiz-ask").is_visible()
            assert here.locator(":is(input, button):visible").count() == 0


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_each_state_passes_axe_and_fits_the_screen(browser, host, colours, size):  # noqa: F811
    """Untouched, refused, wrong, right, with the reasons open."""
    from axe_playwright_python.sync_playwright import Axe

    with Visitor(browser, host, color_scheme=colours, viewport=size) as visitor:
        page = visitor.page

        def look(at: str) -> None:
            outcome = Axe().run(page, context="#check-yourself")
            assert outcome.violations_count == 0, (at, outcome.generate_report())
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], at

        for slug in ("02_forward", "05_ensemble"):
            visit = visitor.open(f"book/{slug}.html")
            assert visit.bytes <= 450_000 and visit.requests <= 40
            look("untouched")
            for one in QUIZZES[slug]:
                here, _ = question(page, one["id"])
                if one["kind"] == "choice":
                    here.get_by_role("radio").nth(1).check()
                if one["kind"] == "number":
                    here.get_by_label("Your answer").fill("x" if one["id"].endswith("b") else "3.25")
                check(here)
                here.locator("summary").click()
            look("answered, reasons open")
            assert page.locator(".quiz-wrong, .quiz-right").count() >= 3
            assert visitor.seen.complaints == []


def test_the_scripts_are_small_and_only_where_a_quiz_is(site):
    """Less than 4 kB compressed besides the shelf that practice uses too; one file in the page."""
    folder = ROOT / "book/_static/quiz"
    own = b"".join((folder / name).read_bytes() for name in OWN_SCRIPTS)
    assert len(gzip.compress(own, 6)) < 4000
    for path in site.glob("book/*.html"):
        page = Page(path)
        loads = [a["src"] for a in page.all("script") if "quiz" in a.get("src", "")]
        assert len(loads) == bool(page.all("quiz-question")), path.name
        assert KEY in (site / "_static/quiz/quiz_page.js").read_text("utf-8")
