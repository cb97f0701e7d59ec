"""The built site: every link leads somewhere, nothing comes from a foreign host, each page is in order."""

import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
from site_build import ROOT, Page, built_site

from dropgrade.checks.misconceptions import MISCONCEPTIONS

EXERCISES = sorted(path.stem for path in (ROOT / "exercises").glob("*/*.ipynb"))
LOADS = {"img": ("src", "srcset"), "script": ("src",), "iframe": ("src",), "source": ("src", "srcset")}
LOADS |= {
    "link": ("href",),
    "video": ("src", "poster"),
    "audio": ("src",),
    "object": ("data",),
    "embed": ("src",),
}
FRONT_DOOR = "index.html"


@pytest.fixture(scope="module")
def site() -> Path:
    """The folder with the built pages."""
    return built_site()


@pytest.fixture(scope="module")
def pages(site) -> dict[str, Page]:
    """Every page by its path inside the site."""
    return {path.relative_to(site).as_posix(): Page(path) for path in sorted(site.rglob("*.html"))}


def is_foreign(address: str) -> bool:
    return bool(urlsplit(address).scheme or urlsplit(address).netloc)


def test_the_site_has_its_pages(pages):
    """Landing page, chapters, exercises, proof, glossary, references, search."""
    expected = {"index.html", "search.html"}
    expected |= {f"book/{name}.html" for name in ("index", "exercises", "proof", "glossary", "references")}
    expected |= {f"book/{path.stem}.html" for path in (ROOT / "book").glob("[0-9]*.md")}
    expected |= {f"exercises/{slug}/{slug}.html" for slug in EXERCISES}
    assert expected <= set(pages)


def test_no_page_loads_anything_from_a_foreign_host(pages):
    """Scripts, styles, fonts and pictures all lie beside the pages."""
    foreign = [
        (name, tag, attributes[where])
        for name, page in pages.items()
        for tag, attributes in page.elements
        for where in LOADS.get(tag, ())
        if is_foreign(attributes.get(where, "")) and not attributes[where].startswith("data:")
    ]
    assert foreign == []


def test_every_local_link_leads_to_a_file_and_an_anchor(site, pages):
    """Relative throughout, so that the site works from disk and below any path of a host."""
    broken = []
    for name, page in pages.items():
        for _, attributes in page.elements:
            for where in ("href", "src"):
                address = attributes.get(where, "")
                if not address or is_foreign(address):
                    continue
                parts = urlsplit(address)
                target = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
                key = target.relative_to(site).as_posix() if target.is_relative_to(site) else None
                anchor = unquote(parts.fragment).split("?")[0]  # behind it stand a widget's settings
                lost = anchor and key in pages and anchor not in pages[key].ids
                if address.startswith("/") or key is None or not target.is_file() or lost:
                    broken.append((name, address))
    assert broken == []


def test_styles_load_only_what_lies_beside_them(site):
    """Fonts and pictures named in a style sheet exist and are not foreign."""
    for sheet in site.rglob("*.css"):
        for address in re.findall(r"url\(\s*['\"]?([^'\")]+)", sheet.read_text("utf-8")):
            if not address.startswith(("data:", "#")):
                target = sheet.parent / urlsplit(address).path
                assert not is_foreign(address) and target.is_file(), f"{sheet.name}: {address}"


def test_what_the_usual_theme_brings_stays_out(site):
    """No icon script, no source maps, no maths script, no live-code script."""
    names = {path.name for path in site.rglob("*") if path.is_file()}
    assert not [n for n in names if re.search(r"fontawesome|mathjax|thebe|\.map$|\.ttf$|katex.*\.js", n)]


@pytest.mark.parametrize("slug", EXERCISES)
def test_launch_buttons_open_the_exercise_notebook(site, pages, slug):
    """On the exercise's page and on each card; never the Markdown of a chapter."""
    notebook = f"exercises/{slug}/{slug}.ipynb"
    for name in (f"exercises/{slug}/{slug}.html", f"book/{slug}.html", "book/exercises.html"):
        colab = [a["href"] for a in pages[name].all("a") if "colab.research" in a.get("href", "")]
        assert any(address.endswith(notebook) for address in colab), name
        assert all(address.endswith(".ipynb") for address in colab), name
    assert (site / notebook).read_bytes() == (ROOT / notebook).read_bytes()


def test_every_misconception_has_its_paragraph(pages):
    """A failing check sends the learner to an anchor that exists."""
    missing = []
    for key, misconception in MISCONCEPTIONS.items():
        page, _, anchor = misconception.page.partition("#")
        if page not in pages or anchor not in pages[page].ids:
            missing.append((key, misconception.page))
    assert missing == []


def test_each_page_is_in_order(pages):
    """One h1, no heading level skipped, a title, a language, an icon, a main part, a way past the header."""
    for name, page in pages.items():
        assert page.all("html")[0].get("lang") == "en" and page.all("title"), name
        assert [a for a in page.all("link") if a.get("rel") == "icon"], name
        if name == FRONT_DOOR:
            continue
        levels = page.headings
        assert levels.count(1) == 1 and levels[0] == 1, (name, levels)
        assert all(b <= a + 1 for a, b in pairwise(levels)), (name, levels)
        assert len(page.all("main")) == 1 and [a for a in page.all("a") if a.get("href") == "#main"], name
        ids = [a["id"] for _, a in page.elements if "id" in a]
        assert len(ids) == len(set(ids)), (name, sorted({i for i in ids if ids.count(i) > 1}))


def test_every_picture_says_what_it_shows(pages):
    """Alternative text on each image; an inline picture has a title or hides from screen readers."""
    for name, page in pages.items():
        assert all("alt" in attributes for attributes in page.all("img")), name
        for attributes in page.all("svg"):
            named = {"aria-label", "aria-labelledby", "aria-hidden", "role"} & set(attributes)
            assert named or "math" in attributes.get("class", "") or _inside_katex(attributes), (
                name,
                attributes,
            )


def _inside_katex(attributes: dict[str, str]) -> bool:
    """KaTeX draws roots, accents and tall bars as SVG inside an element that is hidden from screen readers.

    It measures them in em, which no figure of ours does.
    """
    return "preserveaspectratio" in attributes or attributes.get("height", "").endswith("em")


def test_no_markup_is_left_unread(pages):
    """A role that the parser did not see, such as one with a bare | in a table, is printed as it is."""
    for name, page in pages.items():
        prose = re.sub(r"<(pre|code|annotation)\b.*?</\1>", "", page.path.read_text("utf-8"), flags=re.S)
        assert re.findall(r"\{[a-z][a-z:-]*\}`[^<]{0,60}", prose) == [], name


def test_formulas_need_no_script(pages):
    """Chapters hold finished formulas, with MathML beside them."""
    for name, page in pages.items():
        if re.match(r"book/\d", name):
            assert page.all("math") and [a for a in page.all("span") if a.get("class") == "katex"], name


def test_formulas_are_valid_mathml(pages):
    r"""Firefox refuses an index or a fraction with a part too many; KaTeX writes one for a lone \max."""
    parts = dict.fromkeys(("mfrac", "mroot", "msub", "msup", "munder", "mover"), 2) | {
        "msubsup": 3,
        "munderover": 3,
    }
    for name, page in pages.items():
        for formula in re.findall(r"<math\b.*?</math>", page.path.read_text("utf-8"), re.S):
            for element in ElementTree.fromstring(formula).iter():
                tag = element.tag.rpartition("}")[2]
                assert len(element) == parts.get(tag, len(element)), (name, tag, "".join(element.itertext()))


def test_the_fonts_of_formulas_are_asked_for_early(pages):
    """By each page with formulas, under addresses that lead to them, and by no other."""
    for name, page in pages.items():
        formulas = any(span.get("class") == "katex" for span in page.all("span"))
        asked = re.search(
            r"for \(const name of (\[.*?\])\).*?`(.*?)\$\{name\}(\.woff2)`",
            page.path.read_text("utf-8"),
            re.S,
        )
        assert formulas == bool(asked), name
        for font in re.findall(r'"(.*?)"', asked[1]) if asked else []:
            assert (page.path.parent / f"{asked[2]}{font}{asked[3]}").is_file(), (name, font)


def test_the_front_door_leads_to_the_landing_page(site):
    """Also without JavaScript."""
    door = (site / FRONT_DOOR).read_text("utf-8")
    assert 'http-equiv="refresh"' in door and 'href="book/index.html"' in door


def test_no_path_of_the_building_machine_is_published(pages):
    """Pages speak of the course, not of the machine that built them."""
    home = str(ROOT)
    assert [name for name, page in pages.items() if home in page.path.read_text("utf-8")] == []
