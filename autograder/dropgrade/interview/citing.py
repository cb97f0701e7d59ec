"""Sources in words for sheets on paper, where a link into the list of references would lead nowhere."""

from codecs import decode
from functools import cached_property
from pathlib import Path

import latexcodec  # noqa: F401 (teaches `decode` the accents of BibTeX)
from pybtex.database import Entry, Person, parse_file


class Citing:
    """Names the entries of a BibTeX file.

    Args:
        bibliography: the file.
    """

    def __init__(self, bibliography: Path):
        self.path = Path(bibliography)

    def label(self, key: str) -> str:
        """Markdown such as "Hinton et al. (2012), *Improving neural networks*"; an unknown key as it is."""
        entry = self._entries.get(key)
        return (
            f"{_authors(entry)} ({entry.fields.get('year', 'no year')}), *{_plain(entry.fields['title'])}*"
            if entry
            else key
        )

    @cached_property
    def _entries(self) -> dict[str, Entry]:
        return dict(parse_file(str(self.path)).entries.items()) if self.path.is_file() else {}


def _authors(entry: Entry) -> str:
    """One name, two names, or the first and "et al."."""
    names = [_name(person) for person in entry.persons.get("author", [])]
    if len(names) > 2 or "others" in names:
        return f"{names[0]} et al."
    return " and ".join(names) or "no author"


def _name(person: Person) -> str:
    return _plain(" ".join(person.prelast_names + person.last_names))


def _plain(text: str) -> str:
    """BibTeX without its braces and escapes."""
    return decode(text, "ulatex").replace("{", "").replace("}", "")
