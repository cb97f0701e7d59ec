"""Gates that every page of the site has to pass in a real browser: axe-core, standing still, fitting a phone.

The other gates of every page, its weight, its requests and its console, are in `test_site_browser.py`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from site_build import built_site
from test_site_browser import (  # noqa: F401 (fixtures, marks)
    CHAPTERS,
    PHONE,
    Visitor,
    browser,
    host,
    names,
    pytestmark,
)

DESK = {"width": 1280, "height": 900}
MOST_SHIFT = 0.1
"""Cumulative layout shift above which Core Web Vitals no longer calls a page good."""
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
"""The rules of axe-core that look at colours; between light and dark no other rule sees a difference."""
PARTS = 4
"""Into how many tests the pages are dealt, so that workers share them."""
READY = """() => {
    document.querySelectorAll("details").forEach(fold => { fold.open = true; });
    document.querySelectorAll(".katex math").forEach(math => { math.replaceWith(math.textContent); });
    const boxes = [...document.querySelectorAll(".katex-html")];
    const sizes = boxes.map(box => box.getBoundingClientRect());
    for (const [i, box] of boxes.entries()) {
        const {width, height} = sizes[i];
        box.style.cssText = `display: inline-block; width: ${width}px; height: ${height}px`;
        box.replaceChildren();
    }
    const known = new Set();
    for (const span of document.querySelectorAll(".highlight span[class]")) {
        const look = span.className + getComputedStyle(span.closest("pre")).backgroundColor;
        if (known.has(look)) span.replaceWith(span.textContent);
        known.add(look);
    }
}"""
"""Opens every fold, and makes the page light for axe, which takes long with thousands of boxes: the text of
the MathML stays, the glyphs, which readers' aids do not see, go; of each colour in code one word stays."""
SHIFTS = """async () => {
    const seen = [];
    const watch = new PerformanceObserver(list => seen.push(...list.getEntries()));
    watch.observe({type: "layout-shift", buffered: true});
    for (const share of [0.5, 1]) {
        scrollTo({top: share * document.documentElement.scrollHeight, behavior: "instant"});
        await new Promise(done => setTimeout(done, 60));
    }
    return seen.filter(one => !one.hadRecentInput).reduce((sum, one) => sum + one.value, 0);
}"""


@pytest.fixture(scope="module")
def site() -> Path:
    """The folder with the built pages."""
    return built_site()


def violations(page, rules: list[str] | None = None) -> Iterator[str]:
    """What axe-core finds, a line each: rule, page element; all rules but the experimental if None.

    Styles are not fetched again for axe: only one rule, an experimental one, would look at them.
    """
    from axe_playwright_python.sync_playwright import Axe

    options = {"preload": False, "resultTypes": ["violations"]}
    options |= {"runOnly": {"type": "rule", "values": rules}} if rules else {}
    for one in Axe().run(page, options=options).response["violations"]:
        yield from (f"{one['id']}: {node['html'][:120]}" for node in one["nodes"][:3])


def overflows(page) -> Iterator[str]:
    """The page, if it is wider than its window, and each box that scrolls but that no keyboard can reach."""
    width, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    if width > window:
        yield f"{width} px wide"
    stuck = "[...document.querySelectorAll('article pre, .katex-display, .table-scroll')]"
    stuck += (
        ".filter(box => box.scrollWidth > box.clientWidth && box.tabIndex < 0).map(box => box.textContent)"
    )
    yield from (f"no keyboard reaches {text[:60]!r}" for text in page.evaluate(stuck))


def faults(visitor: Visitor, name: str) -> Iterator[str]:
    """What is wrong with one page at this window's width: first as it comes, then with every fold open."""
    page = visitor.page
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    visitor.open(name)
    shift = page.evaluate(SHIFTS)
    if shift >= MOST_SHIFT:
        yield f"layout shift {shift:.3f}"
    yield from overflows(page)
    page.evaluate(READY)
    for colours, rules in (("light", None), ("dark", COLOUR_RULES)):
        page.emulate_media(color_scheme=colours, reduced_motion="reduce")
        yield from (f"{colours}: {line}" for line in violations(page, rules))
    yield from visitor.seen.foreign + visitor.seen.complaints


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["1280 px", "390 px"])
def test_every_page_passes_axe_and_stands_still(browser, host, names, size, part):  # noqa: F811
    """No violation in light or dark, every fold open; no shift of 0.1; nothing wider than its window."""
    assert len(names) > len(CHAPTERS)
    with Visitor(browser, host, viewport=size) as visitor:
        found = {name: list(faults(visitor, name)) for name in names[part::PARTS]}
    assert {name: told for name, told in found.items() if told} == {}


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_gate_is_shut_for_a_page_that_fails_it(browser, host, colours):  # noqa: F811
    """Pale text, a picture without words, a late banner, a wide box, one for mice alone: each is noticed."""
    banner = """() => new Promise(done => setTimeout(() => {
        document.body.prepend(Object.assign(document.createElement("div"), {style: "height: 600px"}));
        setTimeout(done, 100);
    }, 100))"""
    with Visitor(browser, host, viewport=DESK, color_scheme=colours) as visitor:
        visitor.open("book/01_mask.html")
        visitor.page.evaluate(banner)
        assert visitor.page.evaluate(SHIFTS) >= MOST_SHIFT
        bad = "<p style='color: #888; background: #777'>pale</p><img src='data:,'>"
        visitor.page.evaluate(f"document.querySelector('main').insertAdjacentHTML('beforeend', `{bad}`)")
        wide = (
            "<pre style='width: 3000px'>wide</pre><pre style='width: 5em; overflow: auto'>only by mouse</pre>"
        )
        visitor.page.evaluate(f"document.querySelector('article').insertAdjacentHTML('beforeend', `{wide}`)")
        told = list(overflows(visitor.page))
        assert told[0].endswith("px wide") and told[1:] == ["no keyboard reaches 'only by mouse'"]
        rules = {line.partition(":")[0] for line in violations(visitor.page)}
        assert {"color-contrast", "image-alt"} <= rules
        assert "color-contrast" in {line.partition(":")[0] for line in violations(visitor.page, COLOUR_RULES)}
