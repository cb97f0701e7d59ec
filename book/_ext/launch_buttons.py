"""Buttons that open an exercise where it can be worked on, and the notebooks they lead to.

They always point at `exercises/SLUG/SLUG.ipynb`: a chapter is a Markdown file, which neither Colab nor Binder
opens. The notebook is published beside its page, so that *Download* works on any host and from disk.
"""

import shutil
from pathlib import Path
from posixpath import basename, splitext
from urllib.parse import quote

from docutils import nodes
from page_frame import repository_url
from sphinx.application import Sphinx

HOME = "exercises/"


def colab_url(app: Sphinx, slug: str) -> str:
    """Where Google Colab opens the exercise from the published repository."""
    owner_and_name = repository_url(app).removeprefix("https://github.com/")
    path = f"{owner_and_name}/blob/{app.config.course_branch}/{HOME}{slug}/{slug}.ipynb"
    return f"https://colab.research.google.com/github/{path}"


def binder_url(app: Sphinx, slug: str) -> str:
    """Where Binder opens the exercise, in an environment built from the repository (`.binder/`)."""
    owner_and_name = repository_url(app).removeprefix("https://github.com/")
    path = quote(f"{HOME}{slug}/{slug}.ipynb", safe="")
    return f"https://mybinder.org/v2/gh/{owner_and_name}/{app.config.course_branch}?labpath={path}"


def add_buttons(
    app: Sphinx, pagename: str, _template: str, context: dict, _doctree: nodes.document | None
) -> None:
    """An exercise's page starts with what can be done with it."""
    if not pagename.startswith(HOME):
        return
    slug = basename(pagename)
    context["page_links"] = [
        {
            "text": "Download the notebook",
            "url": f"{slug}.ipynb",
            "kind": "primary",
            "download": f"{slug}.ipynb",
        },
        {"text": "Open in Colab", "url": colab_url(app, slug), "kind": "plain"},
        {"text": "Open in Binder", "url": binder_url(app, slug), "kind": "plain"},
    ]
    if f"book/{slug}" in app.env.found_docs:
        context["page_links"] += [
            {"text": "Read the chapter", "url": context["pathto"](f"book/{slug}"), "kind": "plain"}
        ]


def publish_notebooks(app: Sphinx, error: Exception | None) -> None:
    """Copy each exercise's notebook, byte for byte, to where the buttons point."""
    if error or app.builder.format != "html":
        return
    for docname in app.env.found_docs:
        source = Path(app.env.doc2path(docname))
        if docname.startswith(HOME) and splitext(source.name)[1] == ".ipynb":
            target = Path(app.outdir, f"{docname}.ipynb")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


def setup(app: Sphinx) -> dict:
    app.setup_extension("page_frame")
    app.connect("html-page-context", add_buttons, priority=600)
    app.connect("build-finished", publish_notebooks)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
