"""The site in a real browser: from disk and below a path of a host, light and dark, also without scripts."""

import contextlib
import functools
import gzip
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from site_build import ROOT, built_site

from dropgrade.doctor import browser_path, install_line

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(browser_path() is None, reason=f"no Chromium; {install_line('chromium')}"),
]
FLAGS = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --no-first-run"
SUB_PATH = "/dropout-course/"
MOST_KB, MOST_REQUESTS = 450, 40
PHONE = {"width": 390, "height": 844}
CHAPTERS = sorted(path.stem for path in (ROOT / "book").glob("[0-9]*.md"))


@pytest.fixture(scope="module")
def site() -> Path:
    """The folder with the built pages."""
    return built_site()


@pytest.fixture(scope="module")
def names(site) -> list[str]:
    """Every page by its path inside the site."""
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS.split())
        yield chromium
        chromium.close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves the site below SUB_PATH, compressed as static hosts do, and nothing else."""

    def translate_path(self, path: str) -> str:
        inside = path.startswith(SUB_PATH)
        return super().translate_path(path.removeprefix(SUB_PATH[:-1]) if inside else "/no-such-file")

    def do_GET(self) -> None:
        found = Path(self.translate_path(self.path))
        if not found.is_file():
            self.send_error(404)
            return
        body = gzip.compress(found.read_bytes(), 6)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(found)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError):  # a page that is left early hangs up
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the test's output readable."""


@pytest.fixture(scope="module")
def host(site) -> Iterator[str]:
    """The address of the site on a host, below a path."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}{SUB_PATH}"
    server.shutdown()
    server.server_close()


@dataclass
class Visit:
    """What one page asked for and complained about."""

    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    requests: int = 0
    bytes: int = 0


class Visitor:
    """A browser window that refuses foreign requests and remembers everything."""

    def __init__(self, browser, base: str, **context):
        self.base = base
        self.context = browser.new_context(**context)
        self.page = self.context.new_page()
        self.seen = Visit()
        self.page.route("**/*", self._route)
        self.page.on("console", lambda m: m.type in {"error", "warning"} and self._complain(m.text))
        self.page.on("pageerror", lambda error: self._complain(str(error)))
        self.page.on("requestfailed", self._failed)
        network = self.context.new_cdp_session(self.page)
        network.send("Network.enable")
        network.on("Network.loadingFinished", self._loaded)

    def _route(self, route) -> None:
        self.seen.requests += 1  # of a host or a disk: pictures inside a style sheet (data:) do not come here
        if route.request.url.startswith((self.base, "data:", "blob:")):
            route.continue_()
        else:
            self.seen.foreign.append(route.request.url)
            route.abort()

    def _complain(self, what: str) -> None:
        self.seen.complaints.append(what)

    def _failed(self, request) -> None:
        if "ERR_ABORTED" not in (request.failure or ""):  # that is only a page left before all had come
            self._complain(f"failed: {request.url}")

    def _loaded(self, event: dict) -> None:
        self.seen.bytes += event["encodedDataLength"]

    def open(self, name: str) -> Visit:
        """Load one page, let its scripts settle, and say what happened."""
        self.seen = Visit()
        self.page.goto(self.base + name, wait_until="load")
        if name == "index.html":  # it only sends the reader on, at a moment of the browser's choice
            self.page.wait_for_url("**/book/index.html", wait_until="load")
        self.page.wait_for_timeout(100)
        return self.seen

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


@pytest.fixture
def base(request, site, host) -> str:
    """Where the site stands: on disk or on a host."""
    return {"disk": f"{site.as_uri()}/", "host": host}[request.param]


def judge_quiet(visits: dict[str, Visit]) -> None:
    """No foreign request, no console error or warning, no missing file."""
    assert {name: v.foreign for name, v in visits.items() if v.foreign} == {}
    assert {name: v.complaints for name, v in visits.items() if v.complaints} == {}


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_from_disk_every_page_is_self_contained_and_quiet(browser, site, names, colours):
    """Opened from a folder, as after unpacking the zip; half of the pages in each colour."""
    chosen = names[colours == "dark" :: 2]
    with Visitor(browser, f"{site.as_uri()}/", color_scheme=colours) as visitor:
        judge_quiet({name: visitor.open(name) for name in chosen})


def test_a_first_visit_is_light_self_contained_and_quiet(browser, host, names):
    """To any page, with nothing kept from other pages, as a compressing host sends it."""
    visits = {}
    for name in names:
        with Visitor(browser, host) as visitor:
            visits[name] = visitor.open(name)
    judge_quiet(visits)
    assert {name: v.bytes for name, v in visits.items() if v.bytes > 1000 * MOST_KB} == {}
    assert {name: v.requests for name, v in visits.items() if v.requests > MOST_REQUESTS} == {}


@pytest.mark.parametrize("base", ["disk", "host"], indirect=True)
def test_search_finds_a_chapter(browser, base):
    """From the field in the header, by keyboard; on a host each hit comes with an excerpt."""
    with Visitor(browser, base) as visitor:
        visitor.open("book/index.html")
        visitor.page.get_by_label("Search the course").first.fill("binomial")
        visitor.page.keyboard.press("Enter")
        hits = visitor.page.locator("#search-results .search li a")
        hits.first.wait_for()
        assert any("01_mask" in (hit.get_attribute("href") or "") for hit in hits.all())
        visitor.page.wait_for_timeout(500)
        excerpts = visitor.page.locator("#search-results .context").count()
        assert (excerpts > 0) == base.startswith("http")
        assert visitor.seen.complaints == [] and visitor.seen.foreign == []


def test_colours_follow_the_system_until_the_reader_chooses(browser, host):
    """The choice is kept on the next page; the third press goes back to the system."""
    with Visitor(browser, host, color_scheme="light") as visitor:
        page = visitor.page
        ground = "getComputedStyle(document.body).backgroundColor"
        visitor.open("book/index.html")
        light = page.evaluate(ground)
        page.locator(".theme-switch").click()
        dark = page.evaluate(ground)
        visitor.open("book/glossary.html")
        assert light != dark and page.evaluate(ground) == dark
        page.locator(".theme-switch").click()
        page.locator(".theme-switch").click()
        assert page.evaluate("document.documentElement.dataset.theme") is None
        assert page.evaluate(ground) == light


def test_a_phone_opens_the_contents_by_keyboard(browser, host):
    """The button opens a panel with every chapter, Escape closes it."""
    with Visitor(browser, host, viewport=PHONE) as visitor:
        visitor.open("book/01_mask.html")
        contents = visitor.page.locator("#contents")
        assert not contents.is_visible()
        visitor.page.locator(".contents-button").focus()
        visitor.page.keyboard.press("Enter")
        assert contents.is_visible() and contents.get_by_role("link").count() >= len(CHAPTERS)
        visitor.page.keyboard.press("Escape")
        assert not contents.is_visible()


def test_a_phone_has_room_to_search(browser, host):
    """The field that opens on touch covers neither the mark nor a button."""
    with Visitor(browser, host, viewport=PHONE) as visitor:
        visitor.open("book/01_mask.html")
        visitor.page.locator(".site-search input").focus()
        visitor.page.wait_for_timeout(300)  # it widens
        header = visitor.page.locator(":is(.brand svg, .site-search input, .site-header .icon-button)")
        boxes = [box for one in header.all() if (box := one.bounding_box())]
        assert len(boxes) == 4 and boxes[1]["width"] > 120
        assert "Dropout" in visitor.page.locator(".brand").inner_text()  # for readers' aids
        words = visitor.page.locator(".brand").evaluate("one => one.scrollWidth - one.clientWidth")
        assert words <= 1
        assert all(box["width"] >= 24 and box["x"] + box["width"] <= 390 for box in boxes[1:])


def test_the_first_tab_leads_past_the_header(browser, host):
    """A keyboard reader reaches the text in two presses."""
    with Visitor(browser, host) as visitor:
        visitor.open("book/01_mask.html")
        visitor.page.keyboard.press("Tab")
        assert visitor.page.evaluate("document.activeElement.className") == "skip"
        visitor.page.keyboard.press("Enter")
        assert visitor.page.evaluate("document.activeElement.id") == "main"


def test_everything_can_be_read_without_scripts(browser, host):
    """Formulas stand, an answer opens, the contents are there."""
    with Visitor(browser, host, java_script_enabled=False) as visitor:
        visitor.open("book/01_mask.html")
        assert visitor.page.locator(".katex-html").first.is_visible()
        answer = visitor.page.locator("details.answer").first
        answer.locator("summary").click()
        assert answer.locator(".disclosed").is_visible()
        assert visitor.page.locator("#contents").is_visible()


def test_a_link_into_a_folded_answer_opens_it(browser, host):
    """Whoever follows a reference to a source lands on visible text."""
    with Visitor(browser, host) as visitor:
        visitor.open("book/01_mask.html")
        inside = "document.querySelector('details.answer [id]')?.id"
        if anchor := visitor.page.evaluate(inside):
            visitor.open(f"book/01_mask.html#{anchor}")
            visitor.page.wait_for_timeout(100)
            assert visitor.page.evaluate(f"document.getElementById('{anchor}').closest('details').open")
