"""One node for the HTML elements docutils lacks (`details`, `summary`, `article`), so no page needs raw HTML.

Builders that do not write HTML see through it: they print the children and nothing else.
"""

from docutils import nodes
from sphinx.application import Sphinx


class element(nodes.General, nodes.Element):
    """`element(tag="summary", classes=["answer"], attributes={"aria-label": "Answer"})`."""


def details(
    summary: str, *content: nodes.Node, classes: tuple[str, ...] = (), head: list[nodes.Node] | None = None
) -> element:
    """A closed disclosure: the reader opens it with a click or a key, and it works without JavaScript.

    Its summary is a text, or the inline nodes of `head` where a text is not enough.
    """
    title = element("", *(head or [nodes.Text(summary)]), tag="summary")
    body = element("", *content, tag="div", classes=["disclosed"])
    return element("", title, body, tag="details", classes=[*classes])


def visit_html(writer, node: element) -> None:
    writer.body.append(writer.starttag(node, node["tag"], "", **node.get("attributes", {})))


def depart_html(writer, node: element) -> None:
    writer.body.append(f"</{node['tag']}>\n")


def see_through(writer, node: element) -> None:
    """Any other builder: the children speak for themselves."""


def setup(app: Sphinx) -> dict:
    others = {name: (see_through, see_through) for name in ("latex", "text", "man", "texinfo")}
    app.add_node(element, html=(visit_html, depart_html), **others)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
