"""Cards and all pages of practice in a real browser: by keyboard, without storage, scripts or a host."""

import json
import re
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from practising import CARDS, KEY, MOCK, PROGRESS, answer_question, kept, press, said
from site_build import Page, built_site
from test_site_browser import PHONE, Visitor, browser, host, pytestmark  # noqa: F401 (fixtures and marks)

from dropgrade.cli import main
from dropgrade.interview.cards import all_cards
from dropgrade.interview.kits import KitMaker

DESK = {"width": 1280, "height": 900}
REFUSE = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('denied'); }})"


@pytest.fixture(scope="module")
def site() -> Path:
    """The folder with the built pages."""
    return built_site()


@pytest.fixture(scope="module")
def maker(site) -> KitMaker:
    """What kits are made with, from the course that the site was built from."""
    return KitMaker(site.parents[1])


@pytest.mark.parametrize("place", ["disk", "host"])
def test_a_card_is_turned_and_graded_with_the_keyboard_alone(browser, site, host, place):  # noqa: F811
    """Enter starts and turns, 3 grades; the heading, then the answer has the focus; a reload knows it."""
    base = f"{site.as_uri()}/" if place == "disk" else host
    with Visitor(browser, base) as visitor:
        visit, page = visitor.open(CARDS), visitor.page
        said(page, r"Due today: 0 to repeat, 10 new\. You have begun 0 of \d+ cards\.")
        page.get_by_label("New cards a day").focus()
        press(page, "Tab", "Enter")
        said(page, "10 cards to go")
        assert page.evaluate("document.activeElement.id") == "practice-title"
        press(page, "3")  # nothing is graded before the answer is seen
        assert page.locator(".practice-answer").count() == 0 and kept(page) == {}
        page.get_by_role("button", name="Show the answer").focus()
        press(page, "Enter")
        assert page.evaluate("document.activeElement.className") == "practice-answer"
        press(page, "3")
        said(page, r"^Good: again in 10 minutes\. 10 cards to go\.")
        assert page.evaluate("document.activeElement.id") == "practice-title"
        assert [card["reps"] for card in kept(page)["cards"].values()] == [1]
        visitor.open(CARDS)
        said(page, r"Due today: 0 to repeat, 9 new\. You have begun 1 of")
        assert (visit.foreign, visit.complaints) == ([], [])


def test_the_keys_belong_to_the_card_alone(browser, host):  # noqa: F811
    """A digit typed elsewhere grades nothing; a speech user's page stays safe."""
    with Visitor(browser, host) as visitor:
        visitor.open(CARDS)
        page = visitor.page
        page.get_by_role("button", name="Start").click()
        page.get_by_role("button", name="Show the answer").click()
        page.get_by_label("Search the course").first.focus()
        press(page, "2")
        assert kept(page) == {}
        page.get_by_role("button", name=re.compile("^2 Hard")).click()
        said(page, "^Hard: again in 6 minutes")


def test_a_slip_of_the_finger_can_be_taken_back(browser, host):  # noqa: F811
    """The card comes again at once, as it was before."""
    with Visitor(browser, host) as visitor:
        visitor.open(CARDS)
        page = visitor.page
        page.get_by_role("button", name="Start").click()
        title = page.locator("#practice-title").inner_text()
        assert page.get_by_role("button", name="Take the last grade back").count() == 0
        page.get_by_role("button", name="Show the answer").click()
        press(page, "4")
        said(page, "^Easy")
        assert page.locator("#practice-title").inner_text() != title
        page.get_by_role("button", name="Take the last grade back").click()
        said(page, r"^The last grade is taken back\. 10 cards to go")
        assert page.locator("#practice-title").inner_text() == title and kept(page)["cards"] == {}


def test_levels_and_sorts_choose_the_cards(browser, host, maker):  # noqa: F811
    """Counts follow the ticks; with nothing ticked the page says what to do."""
    cards = all_cards(maker.bank)
    staff = sum(card.level == "staff" and card.kind == "wrong" for card in cards)
    with Visitor(browser, host) as visitor:
        visitor.open(CARDS)
        page = visitor.page
        said(page, "Due today")
        for name in ("junior", "mid", "questions, to answer", "code and bugs"):
            page.get_by_label(name).uncheck()
        page.get_by_label("staff").check()
        said(page, f"begun 0 of {staff} cards")
        page.get_by_role("button", name="Start").click()
        page.get_by_text("Somebody answers:").wait_for()
        page.get_by_role("button", name="Stop here").click()
        page.get_by_label("staff").uncheck()
        said(page, "tick at least one level")
        page.get_by_role("button", name="Start").click()
        assert not page.locator(".practice-card").is_visible() and page.locator(".kit-form").is_visible()


def test_a_refused_storage_is_said_and_the_visit_works(browser, host):  # noqa: F811
    """Cards are graded in memory, and an export still saves them."""
    with Visitor(browser, host) as visitor:
        visitor.page.add_init_script(REFUSE)
        visitor.open(CARDS)
        page = visitor.page
        assert "refuses to keep data" in page.locator(".practice-notice").inner_text()
        page.get_by_role("button", name="Start").click()
        page.get_by_role("button", name="Show the answer").click()
        press(page, "4")
        said(page, r"^Easy: again in \d+ days\. 9 cards to go")
        page.get_by_text("export, import, delete").click()
        with page.expect_download() as download:
            page.get_by_role("button", name="Export").click()
        state = json.loads(download.value.path().read_text("utf-8"))
        assert len(state["cards"]) == 1


def test_kept_data_that_cannot_be_read_is_put_aside(browser, host):  # noqa: F811
    """With the reason, and the page begins anew."""
    with Visitor(browser, host) as visitor:
        visitor.page.add_init_script(f"localStorage.setItem('{KEY}', '{{broken')")
        visitor.open(CARDS)
        said(visitor.page, "begun 0 of")
        assert "was put aside" in visitor.page.locator(".practice-notice").inner_text()


def test_a_card_that_does_not_come_leaves_the_form(browser, host):  # noqa: F811
    """Offline the page says so; back online the same button works."""
    with Visitor(browser, host) as visitor:
        visitor.open(CARDS)
        page = visitor.page
        said(page, "Due today")
        visitor.context.set_offline(True)
        page.get_by_role("button", name="Start").click()
        said(page, "could not be loaded; are you offline")
        visitor.context.set_offline(False)
        page.get_by_role("button", name="Start").click()
        page.get_by_role("button", name="Show the answer").wait_for()


def test_progress_moves_to_another_browser_as_a_file(browser, host, tmp_path):  # noqa: F811
    """Export here, import there; a broken file is refused in words and changes nothing; delete empties."""
    with Visitor(browser, host) as visitor, Visitor(browser, host) as other:
        visitor.open(CARDS)
        page, there = visitor.page, other.page
        page.get_by_role("button", name="Start").click()
        page.get_by_role("button", name="Show the answer").click()
        press(page, "1")
        said(page, "^Again: again in 1 minute")
        page.get_by_text("export, import, delete").click()
        with page.expect_download() as download:
            page.get_by_role("button", name="Export").click()
        assert re.fullmatch(r"dropout-practice-\d{4}-\d\d-\d\d\.json", download.value.suggested_filename)
        saved = tmp_path / "saved.json"
        saved.write_bytes(download.value.path().read_bytes())
        broken = tmp_path / "broken.json"
        broken.write_text(saved.read_text("utf-8").replace('"reps": 1', '"reps": "one"'), encoding="utf-8")
        other.open(PROGRESS)
        said(there, "0 of")
        there.get_by_text("export, import, delete").click()
        there.locator("input[type=file]").set_input_files(broken)
        told = there.locator(".practice-kept.kit-refused")
        told.wait_for()
        assert "Nothing was imported from broken.json: card " in told.inner_text()
        assert 'reps must be a whole number from 0, got "one"' in told.inner_text() and kept(there) == {}
        there.locator("input[type=file]").set_input_files(saved)
        said(there, r"Cards: 1 of \d+ begun")
        assert kept(there)["cards"] == kept(page)["cards"]
        there.on("dialog", lambda dialog: dialog.accept())
        there.get_by_role("button", name="Delete everything").click()
        said(there, "Cards: 0 of")
        assert kept(there) == {}


@pytest.mark.parametrize(("colours", "size"), [("light", DESK), ("dark", PHONE)])
def test_every_step_passes_axe_and_fits_the_screen(browser, host, colours, size):  # noqa: F811
    """Forms, a card with its answer, each step of an interview, its end, progress, map and drills."""
    from axe_playwright_python.sync_playwright import Axe

    with Visitor(browser, host, color_scheme=colours, viewport=size) as visitor:
        page = visitor.page

        def look(at: str) -> None:
            page.wait_for_timeout(150)
            outcome = Axe().run(page)
            assert outcome.violations_count == 0, (at, outcome.generate_report())
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], at

        visitor.open(CARDS)
        said(page, "Due today")
        page.get_by_text("export, import, delete").click()
        look("cards")
        page.get_by_role("button", name="Start").click()
        page.get_by_role("button", name="Show the answer").click()
        look("answer")
        visitor.open(MOCK)
        look("mock")
        page.get_by_role("button", name="Start the interview").click()
        page.get_by_role("button", name="I have answered").wait_for()
        look("question")
        page.get_by_label("Notes").fill("y = x * keep")
        page.get_by_role("button", name="I have answered").click()
        look("how sure")
        page.get_by_label("quite sure").check()
        page.get_by_role("button", name="Show the points").click()
        for fold in page.locator(".practice-step summary").all():
            fold.click()
        look("points")
        page.get_by_role("button", name="Next").click()
        look("follow-up")
        page.locator(".practice-step").get_by_role("button", name="Go on").click()
        while not page.locator(".practice-next").count():
            answer_question(page)
        look("the end")
        for name in (PROGRESS, "book/interview/drills.html"):
            visitor.open(name)
            look(name)
        assert visitor.seen.complaints == []


@pytest.mark.parametrize("name", [CARDS, MOCK, PROGRESS])
def test_a_page_is_light_before_anything_is_pressed(browser, host, name):  # noqa: F811
    """Index and scheduler included, the questions not."""
    with Visitor(browser, host) as visitor:
        visit = visitor.open(name)
        assert visit.bytes < 450_000 and visit.requests <= 40


def test_without_scripts_each_page_says_where_to_go(browser, host, maker):  # noqa: F811
    """Cards: the deck and the questions' places. Mock: ready-made kits. No dead form."""
    with Visitor(browser, host, java_script_enabled=False) as visitor:
        page = visitor.page
        visitor.open(CARDS)
        assert not page.locator(".kit-form").is_visible()
        assert page.locator("noscript p").is_visible()  # get_by_text does not look into noscript
        counts = re.findall(r"(\d+) questions?, \d+ cards", page.locator("article").inner_text())
        assert sum(map(int, counts)) == len(maker.bank)
        visitor.open(MOCK)
        assert not page.locator(".kit-form").is_visible()
        page.get_by_role("link", name="ready-made kits").first.click()
        assert page.url.endswith("kits.html#kits-ready")
        visitor.open(PROGRESS)
        assert page.get_by_role("link", name="The forward pass").first.is_visible()


def test_the_deck_of_the_site_is_the_commands(site, tmp_path):
    """The download leads to the same notes that `dropgrade cards` writes."""
    (link,) = [a["href"] for a in Page(site / CARDS).all("a") if a.get("href", "").endswith(".apkg")]
    out = tmp_path / "own.apkg"
    done = CliRunner().invoke(main, ["cards", "--course", str(site.parents[1]), "--out", str(out)])
    assert done.exit_code == 0, done.output
    decks = (out, (site / CARDS).parent / link)
    databases = [zipfile.ZipFile(deck).read("collection.anki2") for deck in decks]
    assert databases[0] == databases[1]


def test_every_coding_question_opens_its_exercise(site, maker):
    """On the page of drills, under the exercise it names; every skill has its place on the map."""
    drills, chart = (Page(site / f"book/interview/{name}.html") for name in ("drills", "progress"))
    links = {a.get("href", "").replace("../../", "") for a in drills.all("a")}
    for record in maker.bank.values():
        if record["kind"] == "coding":
            slug = record["coding_task"]
            assert f"exercises/{slug}/{slug}.html" in links, record["id"]
            assert any(link.endswith(f"#{record['id'].lower()}") for link in links), record["id"]
            here = Page(site / f"book/{slug}.html").all("py-exercise")
            assert bool(here) == (f"../{slug}.html#exercise" in links), slug
        for skill in record["skills"]:
            assert f"skill-{skill.replace('_', '-')}" in chart.ids
