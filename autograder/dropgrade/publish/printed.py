"""The chapters as one PDF with tags and an outline: the built pages joined to one, printed by Chromium.

Joined, not printed one by one, so that page numbers run on and a link from one chapter to another stays
inside the file. Links that leave the book lead to the published site; without an address they become text.
"""

import re
import tempfile
from html import escape
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

END_MATTER = ("frameworks", "glossary", "references")
SCREEN_ONLY = ".page-links, .headerlink, .copybtn, .term-definition, .path-nav, py-exercise, "
SCREEN_ONLY += "script, template, button, input, textarea"
NO_DATE = b"D:20000101000000+00'00'"
FOOTER = """<div style="width: 100%; padding: 0 16mm; font: 7pt sans-serif; color: #555; text-align: right">
<span class="pageNumber"></span> / <span class="totalPages"></span></div>"""
BOOK = """<!DOCTYPE html>
<html lang="en" data-theme="light"><head><meta charset="utf-8"><title>{title}</title>
{styles}</head><body class="reading printed"><main>
<section class="printed-title"><h1>{title}</h1><p>{tagline}</p>
<nav aria-label="Contents"><ol>{contents}</ol></nav></section>
{chapters}
</main></body></html>
"""


def print_book(site: Path, pdf: Path, browser: str, base: str | None = None) -> int:
    """Write the PDF; returns the number of chapters in it.

    Args:
        site: the built site.
        pdf: the file to write. The same site and the same Chromium give the same bytes.
        browser: path of Chromium.
        base: address of the published site with a slash at its end, for links that leave the book.
    """
    from playwright.sync_api import sync_playwright

    layout = {"format": "A4", "tagged": True, "outline": True, "print_background": True}
    layout |= {"margin": {"top": "16mm", "right": "16mm", "bottom": "18mm", "left": "16mm"}}
    layout |= {"display_header_footer": True, "header_template": "<span></span>", "footer_template": FOOTER}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        joined = Path(folder, "book.html")
        joined.write_text(join(site, base), encoding="utf-8")
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        sheet = chromium.new_page(java_script_enabled=False)
        sheet.goto(joined.as_uri(), wait_until="load", timeout=120_000)
        printed = re.sub(rb"D:\d{14}[-+]\d\d'\d\d'", NO_DATE, sheet.pdf(**layout))
        chromium.close()
    pdf.parent.mkdir(parents=True, exist_ok=True)
    pdf.write_bytes(printed)
    return len(chapter_pages(site))


def chapter_pages(site: Path) -> list[Path]:
    """The chapters, in order."""
    return sorted((site / "book").glob("[0-9][0-9]_*.html"))


def join(site: Path, base: str | None = None) -> str:
    """The page that is printed: title, contents, chapters, glossary, references."""
    site = site.resolve()
    more = [site / f"book/{name}.html" for name in END_MATTER]
    paths = [*chapter_pages(site), *(path for path in more if path.is_file())]
    pages = {path: BeautifulSoup(path.read_text("utf-8"), "html.parser") for path in paths}
    first = pages[paths[0]]
    bodies, contents = [], []
    for path, page in pages.items():
        article = page.select_one("main article")
        contents.append(
            f'<li><a href="#{path.stem}">{escape(article.h1.get_text().rstrip("#").strip())}</a></li>'
        )
        text = _settle(article, path, pages, base)
        bodies.append(f'<section class="printed-chapter" id="{path.stem}">{text}</section>')
    title = first.select_one("header .brand").get_text(strip=True)
    sheets = [
        (paths[0].parent / _path(link["href"])).resolve() for link in first.select('link[rel="stylesheet"]')
    ]
    return BOOK.format(
        title=escape(title),
        tagline=escape(_meta(site / "book/index.html")),
        styles="\n".join(f'<link rel="stylesheet" href="{sheet.as_uri()}">' for sheet in sheets),
        contents="\n".join(contents),
        chapters="\n".join(bodies),
    )


def _settle(article: Tag, path: Path, pages: dict[Path, BeautifulSoup], base: str | None) -> str:
    """One chapter's text with names of its own, its links turned inwards and its pictures found."""
    for extra in article.select(SCREEN_ONLY):
        extra.decompose()
    for tag in article.find_all(True):
        if tag.name == "svg" or tag.find_parent("svg"):
            continue  # its names are its own already, and its parts refer to one another
        if "id" in tag.attrs:
            tag["id"] = f"{path.stem}--{tag['id']}"
        for name in ("aria-labelledby", "aria-describedby", "for", "tabindex"):
            tag.attrs.pop(name, None)
        if "src" in tag.attrs and not tag["src"].startswith("data:"):
            tag["src"] = (path.parent / _path(tag["src"])).resolve().as_uri()
        if tag.name == "a" and "href" in tag.attrs:
            _turn(tag, path, pages, base)
    return article.decode_contents()


def _turn(link: Tag, path: Path, pages: dict[Path, BeautifulSoup], base: str | None) -> None:
    """Where a link leads in the PDF."""
    parts = urlsplit(link["href"])
    if parts.scheme:
        return
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target in pages:
        link["href"] = f"#{target.stem}--{unquote(parts.fragment)}" if parts.fragment else f"#{target.stem}"
    elif base:
        link["href"] = urljoin(f"{base}book/{path.name}", link["href"])
    else:
        link.unwrap()


def _path(address: str) -> str:
    return unquote(urlsplit(address).path)


def _meta(page: Path) -> str:
    """How a page describes itself."""
    found = BeautifulSoup(page.read_text("utf-8"), "html.parser").select_one('meta[name="description"]')
    return found["content"] if found else ""
