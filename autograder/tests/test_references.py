"""Every source is cited by somebody, can be followed, and says how it was checked."""

import re

import pytest
from book_text import BANK, BOOK, PAGES
from conftest import ROOT

BIB = (BOOK / "references.bib").read_text("utf-8")
ENTRIES = dict(re.findall(r"^@\w+\{(\w+),\n(.*?)^\}", BIB, re.M | re.S))
CODE = [
    path
    for folder in ("autograder/dropgrade", "book/_ext", "book/evidence", "book/experiments", "solutions")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
KEY = re.compile(r"\b[a-z]{2,}(?:19|20)\d\d[a-z]{3,}\b")
"""A key as docstrings and tables of published figures write it: author, year, word."""


def cited() -> dict[str, str]:
    """Every key that a page, an answer or a piece of code cites, with one place."""
    found = {}
    for path in [*PAGES, *BANK]:
        text = path.read_text("utf-8")
        keys = re.findall(r"\{cite:?\w*\}`([^`]+)`", text) + re.findall(r"\bkey: (\w+)", text)
        found |= {key: path.name for key in re.findall(r"\w+", " ".join(keys))}
    for path in CODE:
        found |= {key: str(path.relative_to(ROOT)) for key in KEY.findall(path.read_text("utf-8"))}
    return found


def test_every_citation_has_its_entry_and_every_entry_is_cited():
    """The list holds what pages, answers and docstrings lean on, once, and nothing else."""
    keys = re.findall(r"^@\w+\{(\w+),", BIB, re.M)
    assert len(keys) == len(set(keys)) == len(ENTRIES)
    found = cited()
    assert not {key: place for key, place in found.items() if key not in ENTRIES}
    assert not set(ENTRIES) - set(found)


@pytest.mark.parametrize("key", ENTRIES)
def test_an_entry_has_an_address_and_says_how_it_was_checked(key):
    """A link to follow, a year, a note; what comes from memory is named there, not hidden."""
    fields = dict(re.findall(r"^  (\w+) = \{(.*)\},?$", ENTRIES[key], re.M))
    assert re.fullmatch(r"https?://[^\s{}]+", fields["url"]) and re.fullmatch(r"(19|20)\d\d", fields["year"])
    assert re.match(r"Checked: \w.{10,}\.$", fields["note"])
    assert {"author", "title"} <= set(fields)
