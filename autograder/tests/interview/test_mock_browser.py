"""Mock interviews in a real browser: by keyboard, on the clock and without one, kept and added up."""

import json
from pathlib import Path

import pytest
from practising import MOCK, PROGRESS, answer_question, kept, press, said
from site_build import Page, built_site
from test_site_browser import Visitor, browser, host, pytestmark  # noqa: F401 (fixtures and marks)

from dropgrade.interview.kits import KitMaker, Wish


@pytest.fixture(scope="module")
def site() -> Path:
    """The folder with the built pages."""
    return built_site()


@pytest.fixture(scope="module")
def maker(site) -> KitMaker:
    """What kits are made with, from the course that the site was built from."""
    return KitMaker(site.parents[1])


def test_a_mock_interview_is_taken_with_the_keyboard_alone(browser, host, maker):  # noqa: F811
    """The kit's questions in its order; no point is shown before one says how sure one is; all is kept."""
    kit = maker.make(Wish("junior", 15, "candidate", 1))
    with Visitor(browser, host) as visitor:
        visit, page = visitor.open(MOCK), visitor.page
        page.get_by_label("Level").focus()
        press(page, "j", "Tab", "1", "Tab", "Enter")
        for number, place in enumerate(kit["questions"], 1):
            title = f"Question {number} of {len(kit['questions'])}: "
            page.get_by_role("heading", name=f"{title}answer").wait_for()
            assert page.evaluate("document.activeElement.textContent") == f"{title}answer"
            page.get_by_label("Notes").focus()
            page.keyboard.type("x = 1")
            press(page, "Tab", "Enter")
            rubric = [point["say"] for point in maker.question(place["id"])["rubric"]]
            assert page.locator(".practice-ticks").count() == 0
            button = page.get_by_role("button", name="Show the points")
            button.focus()
            press(page, "Enter")
            assert "Choose one first" in page.get_by_role("alert").inner_text()
            page.get_by_label("could be either").focus()
            press(page, "Space")
            button.focus()
            press(page, "Enter")
            assert page.locator(".practice-ticks label span").first.inner_html().startswith(rubric[0][:20])
            page.locator(".practice-ticks input").first.focus()
            press(page, "Space")
            points = maker.bank[place["id"]]["rubric"][0]["pts"]
            assert page.locator(".practice-score").inner_text().startswith(f"{points} of 10 points.")
            page.get_by_role("button", name="Next").focus()
            press(page, "Enter")
            go_on = page.locator(".practice-step").get_by_role("button", name="Go on")
            if go_on.count():
                go_on.focus()
                press(page, "Enter")
        said(page, "The interview is over")
        assert page.evaluate("document.activeElement.textContent") == "What this interview showed"
        assert "not whether somebody should be hired" in page.locator(".practice-step").inner_text()
        (mock,) = kept(page)["mocks"]
        assert [one["id"] for one in mock["questions"]] == [place["id"] for place in kit["questions"]]
        assert {one["sure"] for one in mock["questions"]} == {0.5} and "x = 1" not in json.dumps(mock)
        assert (visit.foreign, visit.complaints) == ([], [])


def test_the_end_says_what_to_study_and_progress_adds_it_up(browser, host):  # noqa: F811
    """Three things, each with links that lead somewhere; calibration in words; the next seed waits."""
    with Visitor(browser, host) as visitor:
        visitor.open(MOCK)
        page = visitor.page
        page.get_by_role("button", name="Start the interview").click()
        page.get_by_role("button", name="Skip: not assessed").click()
        while not page.locator(".practice-next").count():
            answer_question(page, 0)
        assert page.locator(".practice-next > li").count() == 3
        words = page.locator(".practice-calibration").inner_text()
        assert "90 % sure on average and reached the bar in 0 %" in words and "Brier score 0.81" in words
        links = [link.get_attribute("href") for link in page.locator(".practice-next a").all()]
        assert len(links) >= 6
        for address in links:
            target, _, anchor = address.removeprefix("../../").partition("#")
            seen = Page(built_site() / target)
            assert not anchor or anchor in seen.ids
        page.get_by_role("button", name="Another interview").click()
        assert page.get_by_label("Seed").input_value() == "2"
        visitor.open(PROGRESS)
        said(page, "Mock interviews: 1")
        assert page.locator(".practice-calibration").inner_text() == words
        assert "not assessed" not in words and page.locator(".practice-skills tbody tr").count() >= 1


def test_the_clock_can_be_paused_hidden_and_left_out(browser, host):  # noqa: F811
    """Time flows while one answers alone; half time is announced, unless the clock is hidden."""
    with Visitor(browser, host) as visitor:
        page = visitor.page
        page.clock.install(time="2026-11-21T12:00:00")
        visitor.open(MOCK)
        page.clock.pause_at("2026-11-21T12:05:00")
        page.get_by_label("Minutes").select_option("15")
        page.get_by_role("button", name="Start the interview").click()
        face = page.get_by_role("timer")
        face.filter(has_text="15:00 left").wait_for()
        page.clock.run_for(60_000)
        assert face.inner_text() == "14:00 left"
        page.get_by_role("button", name="Pause").click()
        page.clock.run_for(60_000)
        assert face.inner_text() == "14:00 left"
        page.get_by_role("button", name="Go on").click()
        page.clock.run_for(7 * 60_000)
        assert said(page, "Half of the time is left")
        page.get_by_role("button", name="Hide the clock").click()
        assert not face.is_visible()
        page.get_by_role("button", name="Hide the clock").click()
        page.get_by_role("button", name="I have answered").click()
        assert not face.is_visible()
        page.clock.run_for(60_000)
        page.get_by_label("no idea").check()
        page.get_by_role("button", name="Show the points").click()
        page.get_by_role("button", name="Next").click()
        assert face.inner_text() == "7:00 left"
        page.evaluate("window.onbeforeunload = null")


def test_without_a_clock_none_is_shown_and_earlier_questions_stay_out(browser, host):  # noqa: F811
    """Both are choices of the form."""
    with Visitor(browser, host) as visitor:
        visitor.open(MOCK)
        page = visitor.page
        for first in (True, False):
            page.get_by_label("no clock").check()
            page.get_by_label("leave out what earlier").check()
            page.get_by_label("Minutes").select_option("15")
            page.get_by_role("button", name="Start the interview").click()
            page.get_by_role("button", name="I have answered").wait_for()
            assert not page.get_by_role("timer").is_visible()
            while not page.locator(".practice-next").count():
                page.get_by_role("button", name="Skip: not assessed").click()
            if first:
                page.get_by_role("button", name="Another interview").click()
        one, other = ({q["id"] for q in mock["questions"]} for mock in kept(page)["mocks"])
        assert one and other and not one & other
        assert "nothing to say about how sure" in page.locator(".practice-calibration").inner_text()


def test_a_wrong_seed_and_a_lost_connection_are_said(browser, host):  # noqa: F811
    """In the line that is announced; the same button works afterwards."""
    with Visitor(browser, host) as visitor:
        visitor.open(MOCK)
        page = visitor.page
        page.get_by_label("Seed").fill("soon")
        page.get_by_role("button", name="Start the interview").click()
        said(page, "No interview: seed must be a whole number")
        page.get_by_label("Seed").fill("3")
        visitor.context.set_offline(True)
        page.get_by_role("button", name="Start the interview").click()
        said(page, "could not be loaded; are you offline")
        visitor.context.set_offline(False)
        page.get_by_role("button", name="Start the interview").click()
        page.get_by_role("button", name="I have answered").wait_for()
