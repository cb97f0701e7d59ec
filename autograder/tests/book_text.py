"""The words of the book for the tests that read them: prose without code and formulas."""

import re
from collections.abc import Iterator

from conftest import ROOT

BOOK = ROOT / "book"
PAGES = [path for path in sorted(BOOK.rglob("*.md")) if "data" not in path.relative_to(BOOK).parts]
BANK = sorted((BOOK / "questions").glob("*.yml"))
CITED = "\N{SECTION SIGN}cite"


def prose(text: str) -> str:
    """The words that a reader sees: no front matter, code, formulas or roles, nothing in quotation marks.

    Captions and texts for figures are words; a formula that is a bare number is a number; a citation leaves
    the mark `CITED`.
    """
    words = [
        part
        for cell in re.findall(r"^```\{code-cell\}.*?^```$", text, re.M | re.S)
        for part in described(cell)
    ]
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.S)
    text = re.sub(r"^```\{result-figure\}.*\n((?:.*\n)*?)```$", r"\1", text, flags=re.M)
    text = re.sub(r"^ *(`{3,}).*?^ *\1$", "", text, flags=re.M | re.S)
    text = re.sub(r"^ *:{3,}.*$", "", text, flags=re.M)
    text = "\n\n".join([text, *words])
    text = re.sub(r"\{cite:?\w*\}`[^`]*`", CITED, text)
    text = re.sub(r"(\{[\w:]+\})?`[^`]*`", "", text)
    text = re.sub(r"\$\$.*?\$\$", "", text, flags=re.S)
    text = re.sub(r"\$([-+]?[\d.,]+)(?:\\,)?(?:\\(%))?\$", r"\1\2", text)
    text = re.sub(r"\$[^$]+\$", "", text)
    return re.sub(
        r"[\"\N{LEFT DOUBLE QUOTATION MARK}](?:[^\"\n]|\n(?!\n))*?[\"\N{RIGHT DOUBLE QUOTATION MARK}]",
        "",
        text,
    )


def described(cell: str) -> list[str]:
    """Caption and text alternative of the figure that a cell draws."""
    found = re.findall(r"caption: >-\n((?: {4,}.*\n)+)", cell) + re.findall(r"\balt=\((.*?)\n\)", cell, re.S)
    return [part.replace('"', "") for part in found]


def sentences(text: str) -> Iterator[str]:
    """Sentences, list items and table rows, each on one line."""
    for part in re.split(r"(?<=[.!?;])\s+|\n\s*\n|\n(?=\s*[-|])", text):
        if line := " ".join(part.split()):
            yield line
