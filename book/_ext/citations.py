"""Citations as people write them: "Hinton et al. (2012)" in a sentence, "(Hinton et al., 2012)" after one.

In the list of references a title keeps its capitals, and a link says which host it leads to.
"""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pybtex.plugin
from pybtex.database import Entry
from pybtex.style.formatting.plain import Style as PlainStyle
from pybtex.style.template import Node, href, sentence
from pybtex.style.template import field as entry_field
from sphinx.application import Sphinx
from sphinxcontrib.bibtex.plugin import register_plugin
from sphinxcontrib.bibtex.style.referencing import BracketStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle


def _round() -> BracketStyle:
    return BracketStyle(left="(", right=")")


@dataclass
class RoundAuthorYear(AuthorYearReferenceStyle):
    """The author-year style with round brackets throughout."""

    bracket_parenthetical: BracketStyle = field(default_factory=_round)
    bracket_textual: BracketStyle = field(default_factory=_round)
    bracket_author: BracketStyle = field(default_factory=_round)
    bracket_label: BracketStyle = field(default_factory=_round)
    bracket_year: BracketStyle = field(default_factory=_round)


class CourseStyle(PlainStyle):
    """Sorted by author and year."""

    def format_title(self, e: Entry, which_field: str, as_sentence: bool = True) -> Node:
        title = entry_field(which_field)
        return sentence[title] if as_sentence else title

    def format_url(self, e: Entry) -> Node:
        return href[entry_field("url", raw=True), urlsplit(e.fields["url"]).netloc.removeprefix("www.")]


def setup(app: Sphinx) -> dict:
    register_plugin("sphinxcontrib.bibtex.style.referencing", "author_year_round", RoundAuthorYear)
    pybtex.plugin.register_plugin("pybtex.style.formatting", "course", CourseStyle)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
