"""What the page frame in `book/_templates/layout.html` needs beyond Sphinx's own context, and a front door.

The frame stands on Sphinx's `basic` theme. A page then weighs a fraction of what the usual book theme sends
(that one brings Bootstrap, an icon font and a 1.5 MB icon script), and it reads the same with JavaScript off.
"""

import os
import re
from pathlib import Path

from docutils import nodes
from html_element import details, element
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

SITE_LINKS = [
    ("book/01_mask", "Chapters"),
    ("book/exercises", "Exercises"),
    ("book/interview/index", "Interviews"),
    ("book/trials/index", "Trials"),
    ("book/proof", "Proof"),
    ("book/glossary", "Glossary"),
]
OWN_STYLE = re.compile(r"pygments|mystnb")  # css/content.css says it in the course's own colours
FRONT_DOOR = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="description" content="{title}: {tagline}.">
<meta http-equiv="refresh" content="0; url={home}"><link rel="icon" href="{icon}"></head>
<body><p><a href="{home}">{title}</a></p></body></html>
"""


def repository_url(app: Sphinx) -> str:
    """Where the course is published: the environment wins, so a fork's own pages point at the fork."""
    name = (
        os.environ.get("COURSE_REPOSITORY")
        or os.environ.get("GITHUB_REPOSITORY")
        or app.config.course_repository
    )
    return f"https://github.com/{name}"


def fill_frame(
    app: Sphinx, pagename: str, _template: str, context: dict, _doctree: nodes.document | None
) -> None:
    """Give the template its links; those to pages that this build does not have are left out."""
    context["site_links"] = [(page, label) for page, label in SITE_LINKS if page in app.env.found_docs]
    context["repository_url"] = repository_url(app)
    context["css_files"] = [css for css in context["css_files"] if not OWN_STYLE.search(str(css.filename))]
    context["tagline"] = app.config.course_tagline
    context.setdefault("page_links", [])


class FoldedAdmonitions(SphinxTransform):
    """`:class: dropdown` on an admonition makes it a native disclosure: no script needed to open it."""

    default_priority = 400

    def apply(self, **_: object) -> None:
        for node in list(self.document.findall(nodes.Admonition)):
            if "dropdown" in node.get("classes", []) and isinstance(node[0], nodes.title):
                classes = ("admonition", *(name for name in node["classes"] if name != "dropdown"))
                fold = details(node[0].astext(), *node.children[1:], classes=classes)
                fold["ids"] = node["ids"]
                node.replace_self(fold)


class ScrollingTables(SphinxTransform):
    """A table wider than the screen scrolls by itself instead of widening the page; each head has words."""

    default_priority = 410

    def apply(self, **_: object) -> None:
        for table in list(self.document.findall(nodes.table)):
            box = element("", tag="div", classes=["table-scroll"])
            table.replace_self(box)
            box += table
            for entry in [
                entry for head in table.findall(nodes.thead) for entry in head.findall(nodes.entry)
            ]:
                if not entry.astext().strip():
                    entry.clear()
                    entry += nodes.paragraph("", "", nodes.inline("", "row", classes=["unseen"]))


def write_front_door(app: Sphinx, error: Exception | None) -> None:
    """`index.html` at the top, where the pages live under `book/`: a redirect with a title and an icon."""
    if error or app.builder.name != "html":
        return
    home = f"{app.config.root_doc}.html"
    names = {"title": app.config.html_title, "tagline": app.config.course_tagline}
    page = FRONT_DOOR.format(home=home, icon="_static/favicon.svg", **names)
    Path(app.outdir, "index.html").write_text(page, encoding="utf-8")


def setup(app: Sphinx) -> dict:
    app.setup_extension("html_element")
    app.add_config_value("course_repository", "", "html", str)
    app.add_config_value("course_branch", "main", "html", str)
    app.add_config_value("course_tagline", "", "html", str)
    app.add_transform(FoldedAdmonitions)
    app.add_transform(ScrollingTables)
    app.connect("html-page-context", fill_frame)
    app.connect("build-finished", write_front_door, priority=400)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
