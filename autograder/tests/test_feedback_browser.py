"""Feedback pages in a real browser: accessible by axe-core's rules in light and dark, asking for nothing."""

import re

import pytest
from conftest import EXAMPLES

from dropgrade.doctor import browser_path, install_line

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(browser_path() is None, reason=f"no Chromium; {install_line('chromium')}"),
]
FLAGS = "--no-sandbox --disable-gpu --disable-background-networking --no-first-run"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
PAGES = [("mallory-eve", "01_mask"), *((one.student, one.exercise) for one in EXAMPLES)]


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS.split())
        yield chromium
        chromium.close()


def looks(browser, folder, scheme, size):
    """Each feedback page, open in a window of that scheme and size, with what it asked for."""
    context = browser.new_context(color_scheme=scheme, viewport=size, java_script_enabled=True)
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for student, slug in PAGES:
        asked.clear()
        page.goto((folder / "grading" / "feedback" / student / slug / f"{slug}.html").as_uri())
        yield f"{student}/{slug}", page, list(asked)
    context.close()


@pytest.mark.parametrize(("scheme", "size"), [("light", DESK), ("dark", PHONE)])
def test_every_page_passes_axe(graded_class, browser, scheme, size):
    """No violation of the rules that axe applies by default; pages of refused notebooks too."""
    from axe_playwright_python.sync_playwright import Axe

    found = {}
    for name, page, _ in looks(browser, graded_class.folder, scheme, size):
        outcome = Axe().run(page)
        if outcome.violations_count:
            found[name] = outcome.generate_report()
    assert found == {}


def test_axe_sees_a_page_that_is_not_accessible(browser):
    """A picture without words, grey on grey, no language: the rules are at work."""
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page()
    page.set_content("<html><img src='x.png'><p style='color:#999;background:#aaa'>grey</p>")
    broken = {violation["id"] for violation in Axe().run(page).response["violations"]}
    assert {"image-alt", "color-contrast", "html-has-lang"} <= broken
    page.close()


def test_no_page_asks_for_anything_but_itself(graded_class, browser):
    """No script, font, picture or style from elsewhere, not even from the disk; and no sideways scrolling."""
    for name, page, asked in looks(browser, graded_class.folder, "light", PHONE):
        own = [url for url in asked if not re.match(r"file:.*/grading/feedback/|data:image/png;base64,", url)]
        assert own == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
