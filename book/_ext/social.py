"""How a page looks from outside: its description, its preview in other people's chats, the page for the lost.

Every page gets a description: its own (`html_meta`), or the first paragraph of its text. Addresses in
previews must be absolute, so they are added when the site is published (`dropgrade book --host`).
"""

from collections.abc import Iterator
from html import escape

from docutils import nodes
from sphinx.application import Sphinx

LONGEST = 200
LOST = "404"


def description(doctree: nodes.document) -> str:
    """What a page says of itself: its `html_meta`, else its claim, else its first paragraph, cut."""
    for meta in doctree.findall(nodes.meta):
        if meta.get("name") == "description":
            return meta["content"]
    claims = [box for box in doctree.findall(nodes.admonition) if "claim" in box["classes"]]
    for part in [*claims, doctree]:
        for paragraph in part.findall(nodes.paragraph):
            if not claims and isinstance(paragraph.parent, nodes.admonition | nodes.list_item):
                continue
            if text := " ".join(paragraph.astext().split()):
                short = (
                    text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0].rstrip(",;:") + " …"
                )
                return short
    return ""


def title(doctree: nodes.document | None, otherwise: str) -> str:
    """The page's heading as plain text; formulas stay as they were typed."""
    found = next(doctree.findall(nodes.title), None) if doctree is not None else None
    return found.astext() if found is not None else otherwise


def describe(
    app: Sphinx, pagename: str, _template: str, context: dict, doctree: nodes.document | None
) -> None:
    """Add the tags that search engines and previews read."""
    name = app.config.html_title
    said = (description(doctree) if doctree is not None else "") or f"{name}: {app.config.course_tagline}."
    tags = []
    if 'name="description"' not in context.get("metatags", ""):
        tags += [f'<meta name="description" content="{escape(said)}" />']
    shown = {
        "og:title": title(doctree, context.get("title", name)),
        "og:description": said,
        "og:type": "website" if pagename == app.config.root_doc else "article",
        "og:site_name": name,
    }
    tags += [f'<meta property="{name}" content="{escape(text)}" />' for name, text in shown.items()]
    if pagename == LOST:
        tags += ['<meta name="robots" content="noindex" />']
    context["metatags"] = "\n".join([context.get("metatags", ""), *tags])


def lost_page(app: Sphinx) -> Iterator[tuple[str, dict, str]]:
    """`404.html` at the top, where static hosts look for it."""
    yield LOST, {"title": "No such page"}, "404.html"


def setup(app: Sphinx) -> dict:
    app.setup_extension("page_frame")
    app.connect("html-page-context", describe, priority=700)
    app.connect("html-collect-pages", lost_page)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
