"""The cards as a deck for Anki: `dropgrade cards --out dropout.apkg`, and the download on the site.

Ids of deck, note type and notes are hashes of names that never change: importing the same deck again adds
nothing, and a later edition replaces texts while what was learnt stays. Formulas go to Anki's own MathJax, as
`\\(x\\)` and `\\[x\\]`.
"""

import hashlib
import os
import re
import tempfile
import zipfile
from collections.abc import Iterator
from functools import cache
from html import escape
from pathlib import Path

import genanki
from markdown_it.token import Token
from pygments.formatters import HtmlFormatter

from dropgrade.errors import CourseError
from dropgrade.interview.bank import LEVELS, load_bank
from dropgrade.interview.cards import MEANING_OF_P, Card, all_cards
from dropgrade.interview.kits import site_address
from dropgrade.interview.texts import MACROS, Texts

NAME = "Dropout, Proven"
FIELDS = ("Id", "Title", "Question", "Said", "Answer", "More")
FRONT = """<p class="title">{{Title}}</p>
<div class="prompt">{{Question}}</div>
{{#Said}}<p>Somebody answers:</p><blockquote>{{Said}}</blockquote><p>Why is that wrong?</p>{{/Said}}"""
BACK = '{{FrontSide}}<hr id="answer">{{Answer}}<p class="more">{{More}}</p>'
STYLE = """.card { font: 19px/1.5 Georgia, serif; text-align: start }
.card { max-width: 42em; margin: 0 auto; padding: 0 1em }
.title { font-weight: bold; color: #0b6478 } .nightMode .title { color: #7fd0e2 }
.more { font-size: .8em; opacity: .8 }
blockquote { margin-inline: 0; padding-inline-start: 1em; border-inline-start: 3px solid #0b6478 }
code, pre { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .85em } pre { overflow-x: auto }
table { border-collapse: collapse } th, td { border: 1px solid #888; padding: .2em .6em }
"""
ZIP_DATE = (1980, 1, 1, 0, 0, 0)


class DeckError(CourseError):
    """No deck can be made; the message says which argument is in the way."""


class AnkiTexts(Texts):
    """Markdown as HTML for Anki: formulas stay TeX, with the course's own macros written out."""

    def __init__(self) -> None:
        super().__init__(Path())  # no KaTeX is run

    def _formula(self, token: Token, display: bool) -> str:
        tex = token.content.strip()
        for macro, meaning in MACROS.items():
            tex = re.sub(re.escape(macro) + r"(?![A-Za-z])", lambda _, text=meaning: text, tex)
        left, right = (r"\[", r"\]") if display else (r"\(", r"\)")
        return f"{left}{escape(tex, quote=False)}{right}"


def stable_id(name: str) -> int:
    """A number from 2**30 to 2**31 that depends on the name alone, as Anki wants for decks and note types.

    >>> stable_id("dropout-proven/deck") == stable_id("dropout-proven/deck")
    True
    """
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % 2**30 + 2**30


@cache
def note_type() -> genanki.Model:
    """The one note type: the wrong answer's part of the front shows only if its field is filled."""
    return genanki.Model(
        stable_id("dropout-proven/note-type/1"),
        NAME,
        fields=[{"name": name} for name in FIELDS],
        templates=[{"name": "Card", "qfmt": FRONT, "afmt": BACK}],
        css=STYLE + HtmlFormatter().get_style_defs(".card:not(.nightMode) .highlight"),
        sort_field_index=0,
    )


def notes(bank: dict[str, dict], site: str, levels: tuple[str, ...] = LEVELS) -> Iterator[genanki.Note]:
    """A note for each card of the levels.

    Args:
        bank: all records by id.
        site: address of the published course, ending in "/"; "" leaves the links out.
        levels: first levels of the records to take.
    """
    texts = AnkiTexts()
    for card in all_cards(bank):
        if card.level in levels:
            yield genanki.Note(
                model=note_type(),
                guid=genanki.guid_for("dropout-proven", card.id),
                fields=_fields(card, bank[card.record], texts, site),
                tags=[card.level, card.kind, *bank[card.record].get("skills", [])],
            )


def _fields(card: Card, record: dict, texts: Texts, site: str) -> list[str]:
    question = texts.block(record["prompt"])
    if "convention" in record:
        question += f"\n<p><i>{MEANING_OF_P[record['convention']]}</i></p>"
    said, answer = "", record["model_answer"]["short_20s"]
    if card.kind == "wrong":
        said, answer = (record["wrong"][card.place][key] for key in ("says", "why"))
    title = texts.line(record["title"])
    return [
        card.id,
        title,
        question,
        texts.block(said) if said else "",
        texts.block(answer),
        _more(record, site),
    ]


def _more(record: dict, site: str) -> str:
    """Where to read on: the full answer, and the exercise of a coding question."""
    folder = "book" if re.match(r"\d\d_", record["topic"]) else "book/interview"
    links = {"Full answer and sources": f"{folder}/{record['topic']}.html#{record['id'].lower()}"}
    if task := record.get("coding_task"):
        links["Practise it"] = f"exercises/{task}/{task}.html"
    if not site:
        return record["id"]
    return f"{record['id']}: " + ", ".join(
        f'<a href="{site}{at}">{escape(text)}</a>' for text, at in links.items()
    )


def edition(course: Path) -> int:
    """Seconds since 1970 that the deck is dated with; Anki replaces a text only by one with a later date.

    SOURCE_DATE_EPOCH in the environment, as reproducible builds have it, else the newest question file's.
    """
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    return int(max(path.stat().st_mtime for path in (course / "book/questions").glob("*.yml")))


def write_deck(course: Path, out: Path, levels: tuple[str, ...] = ()) -> int:
    """Write the deck; the same questions of the same date give the same bytes.

    Args:
        course: the course's folder.
        out: file to write, ending in .apkg.
        levels: take the cards of these levels alone (none given: all).

    Returns:
        How many cards it holds.

    Raises:
        BankError: a question file breaks the schema.
        DeckError: another suffix, an unknown level, or no card of these levels.
    """
    if out.suffix != ".apkg":
        raise DeckError(f"--out must end in .apkg, which Anki opens, got {out}")
    if unknown := sorted(set(levels) - set(LEVELS)):
        raise DeckError(f"--level must be one of {', '.join(LEVELS)}, got {', '.join(unknown)}")
    deck = genanki.Deck(stable_id("dropout-proven/deck/1"), NAME)
    for note in notes(load_bank(course / "book/questions"), site_address(course), levels or LEVELS):
        deck.add_note(note)
    if not deck.notes:
        raise DeckError(
            f"no questions in {course / 'book/questions'}; give the course's folder with --course"
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "deck.apkg"
        genanki.Package(deck).write_to_file(raw, timestamp=edition(course))
        _without_dates(raw, out)
    return len(deck.notes)


def _without_dates(raw: Path, out: Path) -> None:
    """The same archive; its members' dates would differ each time."""
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            new.writestr(zipfile.ZipInfo(name, ZIP_DATE), old.read(name), zipfile.ZIP_DEFLATED)
