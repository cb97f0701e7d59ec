"""Widgets in a real browser: by keyboard, by link, without scripts, for axe, and without moving the page."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from site_build import built_site
from test_site_browser import PHONE, Visitor, browser, host, pytestmark  # noqa: F401 (fixtures and marks)
from test_widgets_core import call

DESK = {"width": 1280, "height": 900}
MASKS = "book/01_mask.html"
PAGES = {
    "01_mask": ["mask-explorer"],
    "02_forward": ["average-explorer"],
    "03_backward": ["gradient-check"],
    "05_ensemble": ["ensemble-explorer", "sampling-explorer"],
    "07_rate": ["rate-explorer"],
    "10_architectures": ["mask-explorer", "shift-explorer"],
}
SHIFTS = """() => new Promise(done => new PerformanceObserver((list, seen) => {
    seen.disconnect(); done(list.getEntries().reduce((sum, entry) => sum + entry.value, 0));
}).observe({type: "layout-shift", buffered: true}) || setTimeout(() => done(0), 300))"""


@pytest.fixture(scope="module")
def site() -> Path:
    """The folder with the built pages."""
    return built_site()


def test_a_mask_is_drawn_with_the_keyboard_alone_and_announced(browser, host):  # noqa: F811
    """From the list to the slider, seed and button; picture, sentence, value text and link follow."""
    with Visitor(browser, host) as visitor:
        visitor.open(MASKS)
        page, widget = visitor.page, visitor.page.locator("mask-explorer")
        said, keys = widget.locator("[role=status]"), page.keyboard
        first = widget.locator(".widget-picture").inner_html()
        widget.get_by_label("What is dropped").focus()
        keys.press("c")
        assert "each channel" in said.inner_text()
        keys.press("Tab")
        keys.press("ArrowRight")
        keys.press("ArrowRight")
        slider = widget.get_by_label("Drop and keep probability")
        assert slider.get_attribute("aria-valuetext") == "drop 0.40 / keep 0.60"
        assert widget.get_by_text("drop 0.40 / keep 0.60", exact=True).is_visible()
        for key in ("Tab", "Control+a", "7", "Tab", "Enter"):
            keys.press(key)
        found = call("mask.counts", "channels", 0.4, 8)
        assert f"{found['droppedDraws']} of 8 channels are dropped" in said.inner_text()
        assert widget.locator(".widget-picture").inner_html() != first
        link = widget.get_by_role("link", name="Link to this picture").get_attribute("href")
        assert link == "#mask-explorer?shape=channels&drop=0.4&seed=8"
        widget.get_by_label("Seed").fill("-3")
        assert said.inner_text() == "Seed must be a whole number from 0 to 4294967295, got “-3”."
        assert widget.get_by_label("Seed").get_attribute("aria-invalid") == "true"
        assert visitor.seen.complaints == []


@pytest.mark.parametrize("chapter", PAGES)
def test_a_link_shows_a_friend_the_same_picture(browser, host, chapter):  # noqa: F811
    """Picture, sentence, numbers and controls, for each widget of the page, after two steps of the slider."""
    for name in PAGES[chapter]:
        with Visitor(browser, host) as visitor, Visitor(browser, host) as friend:
            visitor.open(f"book/{chapter}.html")
            mine = visitor.page.locator(name)
            mine.get_by_label("Drop and keep probability").focus()
            visitor.page.keyboard.press("ArrowLeft")
            visitor.page.keyboard.press("ArrowLeft")
            if mine.get_by_role("button").count():
                mine.get_by_role("button").click()
            friend.open(f"book/{chapter}.html{mine.locator('.widget-link').get_attribute('href')}")
            seen = friend.page.locator(name)
            for part in (".widget-picture", ".widget-said", ".widget-numbers"):
                assert seen.locator(part).inner_html() == mine.locator(part).inner_html(), (name, part)
            values = "[...document.querySelectorAll('input, select')].map(field => field.value).join()"
            assert friend.page.evaluate(values) == visitor.page.evaluate(values)
            expect(seen.locator(".widget-controls")).to_be_in_viewport()
            assert friend.seen.complaints == []


def test_without_scripts_picture_sentence_and_numbers_remain(browser, host):  # noqa: F811
    """And no control that would do nothing; what is drawn is what a script draws."""
    with Visitor(browser, host, java_script_enabled=False) as visitor, Visitor(browser, host) as other:
        for chapter, names in PAGES.items():
            visitor.open(f"book/{chapter}.html")
            other.open(f"book/{chapter}.html")
            for name in names:
                widget = visitor.page.locator(name)
                assert widget.locator("svg").is_visible()
                assert re.search(r"\d", widget.locator(".widget-said").inner_text())
                widget.locator("summary").click()
                assert widget.locator("table").is_visible()
                assert not widget.locator("input").first.is_visible()
                assert not widget.locator(".widget-link").is_visible()
                drawn = other.page.locator(name).locator("svg").inner_html()
                assert widget.locator("svg").inner_html() == drawn


@pytest.mark.parametrize(
    ("colours", "size", "chapters"),
    [("light", DESK, ["01_mask", "05_ensemble", "07_rate"]), ("dark", PHONE, list(PAGES))],
    ids=["light desk", "dark phone"],
)
def test_pages_with_widgets_pass_axe_and_stand_still(browser, host, colours, size, chapters):  # noqa: F811
    """No violation inside a widget with its numbers open, no layout shift above 0.1, nothing too wide."""
    from axe_playwright_python.sync_playwright import Axe

    for chapter in chapters:
        with Visitor(browser, host, color_scheme=colours, viewport=size) as visitor:
            visit = visitor.open(f"book/{chapter}.html")
            assert visit.requests <= 40 and visit.bytes <= 450_000, chapter  # axe fetches every style again
            page = visitor.page
            page.locator(".widget").first.scroll_into_view_if_needed()
            assert page.evaluate(SHIFTS) < 0.1, chapter
            for summary in page.locator(".widget summary").all():
                summary.click()
            page.wait_for_timeout(100)
            outcome = Axe().run(page, context=".widget")
            assert outcome.violations_count == 0, (chapter, outcome.generate_report())
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
            assert visit.complaints == []
