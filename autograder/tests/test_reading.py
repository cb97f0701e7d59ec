"""Reading: minutes and foundations above a chapter, ways through the course, words explained in place."""

import re
import sys
from pathlib import Path

import pytest
import yaml
from docutils.core import publish_doctree
from site_build import Page, built_site
from sphinx.errors import ExtensionError

from dropgrade.doctor import browser_path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "book/_ext"))
import glossary_terms  # noqa: E402 (the site's extensions are files, not a package)
import reading  # noqa: E402
import social  # noqa: E402

PATHS = yaml.safe_load((ROOT / "book/paths.yml").read_text("utf-8"))
LONG = "one two three four five six seven eight nine ten " * 100


@pytest.fixture(scope="module")
def site() -> Path:
    """The folder with the built pages."""
    return built_site()


def test_minutes_grow_with_words_formulas_and_code():
    """A thousand words are five minutes; twenty formulas, or seventy-five lines of code, are as much."""
    formulas, code = ".. math:: x\n\n" * 20, "::\n\n" + "  a = 1\n" * 75
    counts = [reading.load(publish_doctree(text)) for text in (LONG, f"{LONG}\n\n{formulas}")]
    assert counts[0] == reading.Load(words=1000) and counts[1] == reading.Load(1000, formulas=20)
    third = reading.load(publish_doctree(f"{LONG}\n\n{formulas}\n\n{code}"))
    assert third == reading.Load(1000, 20, 75)
    assert [one.minutes for one in (*counts, third)] == [5, 10, 15]


def test_what_is_folded_away_takes_no_time():
    """Answers that a reader may leave closed, and what cells print."""
    document = publish_doctree("One two.\n\nThree.\n\nFour.")
    for paragraph, wrapper in ((1, {"tag": "details"}), (2, {"tag": "div", "classes": ["cell_output"]})):
        node = document[paragraph]
        box = reading.element("", **wrapper)
        node.replace_self(box)
        box += node
    assert reading.load(document).words == 2


@pytest.mark.parametrize("name", PATHS)
def test_the_ways_exist_and_start_where_one_chooses(name):
    """Every page of a way is in the contents; the first is the one that presents all three."""
    pages = PATHS[name]["pages"]
    listed = (ROOT / "_toc.yml").read_text("utf-8").split()
    assert set(pages) <= set(listed) and pages[0] == "book/interview/index"
    assert reading.read_paths(ROOT)[name]["pages"] == pages


@pytest.mark.parametrize(
    ("pages", "said"), [("[book/a, book/a]", "twice"), ("[book/gone]", "book/gone, which does not exist")]
)
def test_a_way_that_leads_nowhere_stops_the_build(tmp_path, pages, said):
    """The message names the way and the page."""
    (tmp_path / "book").mkdir()
    (tmp_path / "book/a.md").touch()
    (tmp_path / "book/paths.yml").write_text(f"guest: {{title: A, pages: {pages}}}\n")
    with pytest.raises(ExtensionError, match=f"guest names .*{said}"):
        reading.read_paths(tmp_path)


def test_longer_words_win_and_parts_of_words_are_left_alone():
    """`keep mask` is not `mask`, `reseeded` is not `seed`; a line break may stand between."""
    found = glossary_terms.pattern(["mask", "keep mask", "seed"]).findall(
        "a keep\nmask, reseeded, seeds, seed-bed"
    )
    assert found == ["keep\nmask", "seeds"]


def test_a_page_without_a_description_is_described_by_its_first_paragraph():
    """Cut at a word, and short enough to be shown."""
    said = social.description(publish_doctree(f"Title\n=====\n\nFirst, {LONG}.\n\nSecond."))
    assert said.startswith("First, one two") and said.endswith(" …") and len(said) <= social.LONGEST + 2


def test_every_chapter_says_what_it_takes(site):
    """Minutes for reading and for the exercise, and what it builds on, which is a chapter before it."""
    for path in sorted((site / "book").glob("[0-9][0-9]_*.html")):
        facts = re.search(r'<ul class="page-facts".*?</ul>', path.read_text("utf-8"), re.S)
        assert facts and re.search(r"about \d+ minutes to read, \d+ for the exercise", facts[0]), path.name
        assert "builds on" in facts[0]
        assert all(before < path.name for before in re.findall(r'href="(\d\d_\w+\.html)"', facts[0]))


def test_each_way_can_be_walked_from_end_to_end(site):
    """Following *Next* from the first page visits every page of the way, in order."""
    for name, way in PATHS.items():
        walked, page = [], site / f"{way['pages'][0]}.html"
        while page is not None:
            walked.append(page.relative_to(site).with_suffix("").as_posix())
            foot = re.search(
                rf'<nav class="path-nav[^>]*data-path="{name}">.*?</nav>', page.read_text("utf-8"), re.S
            )
            onward = re.search(r'<a class="next" href="([^"?]+)\?path=', foot[0])
            page = (page.parent / onward[1]).resolve() if onward else None
        assert walked == way["pages"]


def test_a_word_is_explained_once_on_a_page_and_leads_to_the_glossary(site):
    """The link's description is the definition beside it; every name is used once."""
    text = (site / "book/01_mask.html").read_text("utf-8")
    explained = re.findall(r'<span class="term"><a href="([^"]+)" aria-describedby="([^"]+)">', text)
    assert len(explained) >= 3 and len({target for target, _ in explained}) == len(explained)
    anchors = Page(site / "book/glossary.html").ids
    for target, meaning in explained:
        assert target.split("#")[0] == "glossary.html" and target.split("#")[1] in anchors
        assert text.count(f'role="tooltip" id="{meaning}"') == 1


def test_every_page_has_a_description_and_a_preview(site):
    """What search engines and other people's chats show; none of it names an address."""
    for path in site.rglob("*.html"):
        page = Page(path)
        tags = {tag.get("name") or tag.get("property"): tag.get("content") for tag in page.all("meta")}
        assert tags.get("description"), path
        if path.name != "index.html" or path.parent != site:
            assert tags["og:title"] and tags["og:description"] and "og:url" not in tags, path


def test_icons_have_a_fallback(site):
    """A PNG for browsers that want no SVG, one for the home screens of phones, a card for previews."""
    for name in ("favicon.svg", "favicon.png", "touch-icon.png", "card.png"):
        assert (site / "_static" / name).is_file()
    links = [link for link in Page(site / "book/index.html").all("link") if "icon" in link.get("rel", "")]
    assert {Path(link["href"]).name for link in links} == {"favicon.svg", "favicon.png", "touch-icon.png"}


browser_test = pytest.mark.skipif(browser_path() is None, reason="no Chromium")


@pytest.fixture(scope="module")
def chapter(site):
    """The first chapter in a browser of a phone's width, from disk."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu"]
        chromium = playwright.chromium.launch(executable_path=browser_path(), args=flags)
        page = chromium.new_page(viewport={"width": 390, "height": 844})
        page.goto((site / "book/01_mask.html").as_uri())
        yield page
        chromium.close()


@pytest.mark.browser
@browser_test
def test_a_meaning_opens_by_keyboard_fits_a_phone_and_closes_with_escape(chapter):
    """It stays closed until the reader leaves the word and comes back."""
    word = chapter.locator(".term").first
    meaning = word.locator(".term-definition")
    assert not meaning.is_visible()
    word.locator("a").focus()
    assert meaning.is_visible()
    box = meaning.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390 and box["y"] >= 0
    chapter.keyboard.press("Escape")
    assert not meaning.is_visible()
    word.locator("a").blur()
    word.locator("a").focus()
    assert meaning.is_visible()


@pytest.mark.browser
@browser_test
def test_on_paper_there_are_no_buttons_and_no_closed_answers(chapter):
    """Navigation goes, answers open."""
    chapter.emulate_media(media="print")
    for gone in (".site-header", "#contents", ".path-nav", ".copybtn"):
        assert not any(one.is_visible() for one in chapter.locator(gone).all()), gone
    assert chapter.locator("details.answer .disclosed").first.is_visible()
    chapter.emulate_media(media="screen")


@pytest.mark.browser
@browser_test
def test_the_way_taken_is_remembered(chapter, site):
    """A page on two ways shows the one whose link was followed, also on the next visit."""
    shared = (site / "book/trials/index.html").as_uri()
    chapter.goto(f"{shared}?path=interviewer")
    ways = chapter.locator(".path-nav:visible")
    assert [way.get_attribute("data-path") for way in ways.all()] == ["interviewer"]
    chapter.goto(shared)
    assert [way.get_attribute("data-path") for way in ways.all()] == ["interviewer"]
