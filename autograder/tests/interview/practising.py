"""Steps that the browser tests of cards and mock interviews share, and where things are."""

import json
import re

CARDS, MOCK, PROGRESS = (f"book/interview/{name}.html" for name in ("cards", "mock", "progress"))
KEY = "dropout-proven/practice"


def said(page, what: str) -> str:
    """The announcement, once it holds this."""
    line = page.locator(".practice-said").filter(has_text=re.compile(what))
    line.wait_for(timeout=10_000)
    return line.inner_text()


def kept(page) -> dict:
    """What lies in the browser's storage."""
    return json.loads(page.evaluate("key => localStorage.getItem(key)", KEY) or "{}")


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def answer_question(page, ticks: int = 1) -> None:
    """One question of a mock interview from its prompt to the next one's, with the mouse."""
    page.get_by_role("button", name="I have answered").click()
    page.get_by_label("quite sure").check()
    page.get_by_role("button", name="Show the points").click()
    for box in page.locator(".practice-ticks input").all()[:ticks]:
        box.check()
    page.get_by_role("button", name="Next").click()
    go_on = page.locator(".practice-step").get_by_role("button", name="Go on")
    if go_on.count():
        go_on.click()
