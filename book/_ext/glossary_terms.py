"""The first time a page uses a word of the glossary, the word leads there and shows its meaning on the spot.

The meaning appears when the word is pointed at or reached by keyboard, by style alone; a screen reader
reads it as the link's description. Without a style sheet the word is a link. Escape hides the meaning.
"""

import re

from docutils import nodes
from html_element import element
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

GLOSSARY = "book/glossary"
LEFT_ALONE = (nodes.title, nodes.reference, nodes.literal, nodes.math, nodes.term, nodes.rubric, nodes.thead)
LEFT_ALONE += (nodes.caption, nodes.literal_block, nodes.math_block, nodes.citation, nodes.raw)
CLASSES = {"cell", "exercise-card", "question", "hero-actions", "button", "result"}


class term_use(nodes.Inline, nodes.TextElement):
    """A word of the glossary in the text; `target`: where it is defined; `meaning`: the definition."""


def meanings(env: BuildEnvironment) -> dict[str, tuple[str, list[nodes.Node]]]:
    """Each term in small letters, with its anchor and the nodes of its definition's first paragraph."""
    found = {}
    for item in env.get_doctree(GLOSSARY).findall(nodes.definition_list_item):
        first = next(item.findall(nodes.definition))[0]
        for term in item.findall(nodes.term):
            found[term.astext().lower()] = (term["ids"][0], [_plain(node) for node in first.children])
    return found


def _plain(node: nodes.Node) -> nodes.Node:
    """Text and formulas as they are; a link inside the meaning of a link would be one too many."""
    return node if isinstance(node, nodes.Text | nodes.math) else nodes.Text(node.astext())


def pattern(terms: list[str]) -> re.Pattern:
    """Any of the terms as whole words, also in the plural; the longest first.

    >>> pattern(["mask", "keep mask"]).search("Two Keep\\nmasks.")["term"]
    'Keep\\nmasks'
    """
    words = [re.escape(term).replace(r"\ ", r"\s+") for term in sorted(terms, key=len, reverse=True)]
    return re.compile(rf"(?<![\w-])(?P<term>(?:{'|'.join(words)})s?)(?![\w-])", re.I)


def link_terms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Replace the first use of each term in the text of a page."""
    env = app.env
    if docname in (GLOSSARY, app.config.root_doc) or not docname.startswith("book/"):
        return
    if GLOSSARY not in env.found_docs or app.builder.format != "html":
        return
    known = meanings(env)
    home = app.builder.get_relative_uri(docname, GLOSSARY)
    for text in list(doctree.findall(nodes.Text)):
        if known and _is_prose(text):
            parts = _split(text, known, home)
            if len(parts) > 1:
                text.parent.replace(text, parts)


def _split(text: nodes.Text, known: dict, home: str) -> list[nodes.Node]:
    """The text with the terms in it taken out, each of which is then no longer `known`."""
    parts: list[nodes.Node] = []
    rest = text.astext()
    while known and (found := pattern(list(known)).search(rest)):
        word = " ".join(found["term"].lower().split())
        key = word if word in known else word.removesuffix("s")
        anchor, meaning = known.pop(key)
        use = term_use("", found["term"], target=f"{home}#{anchor}", meaning=meaning, anchor=anchor)
        parts += [nodes.Text(rest[: found.start()]), use]
        rest = rest[found.end() :]
    return [part for part in [*parts, nodes.Text(rest)] if part.astext()]


def _is_prose(node: nodes.Node) -> bool:
    inside_paragraph = False
    while node.parent is not None:
        node = node.parent
        folded = isinstance(node, element) and node["tag"] != "div"
        if folded or isinstance(node, LEFT_ALONE) or set(node.get("classes", ())) & CLASSES:
            return False
        inside_paragraph |= isinstance(node, nodes.paragraph)
    return inside_paragraph


def visit_html(writer, node: term_use) -> None:
    writer.body.append(
        f'<span class="term"><a href="{node["target"]}" aria-describedby="meaning-{node["anchor"]}">'
    )


def depart_html(writer, node: term_use) -> None:
    writer.body.append(f'</a><span class="term-definition" role="tooltip" id="meaning-{node["anchor"]}">')
    for part in node["meaning"]:
        part.walkabout(writer)
    writer.body.append("</span></span>")


def depend(app: Sphinx, _doctree: nodes.document) -> None:
    """A page is read again when a meaning changes."""
    if app.env.docname.startswith("book/"):
        app.env.note_dependency(app.env.doc2path(GLOSSARY))


def setup(app: Sphinx) -> dict:
    app.setup_extension("html_element")
    app.add_node(term_use, html=(visit_html, depart_html))
    app.connect("doctree-read", depend)
    app.connect("doctree-resolved", link_terms, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
