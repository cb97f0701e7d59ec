"""What learners get wrong about dropout: an id, a name, a sentence, and the paragraph that sets it right.

The table of a chapter is the file ``SLUG.toml`` beside this one: ``[id]``, ``name`` and ``sentence``.
"""

import tomllib
from pathlib import Path
from typing import NamedTuple


class Misconception(NamedTuple):
    """A known wrong idea.

    Attributes:
        name: short title, as in the book.
        sentence: what the data look like, said to the learner.
        page: where the book treats it, relative to the site's root.
    """

    name: str
    sentence: str
    page: str


def _read(path: Path) -> dict[str, Misconception]:
    """The table of one chapter."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        key: Misconception(entry["name"], entry["sentence"], f"book/{path.stem}.html#{key.replace('_', '-')}")
        for key, entry in table.items()
    }


MISCONCEPTIONS: dict[str, Misconception] = {}
"""Every known misconception by its id; the chapter that explains it is part of `page`."""

for _path in sorted(Path(__file__).parent.glob("*.toml")):
    _table = _read(_path)
    if _twice := _table.keys() & MISCONCEPTIONS.keys():
        raise ValueError(f"{_path.name} explains {min(_twice)} again; a misconception has one paragraph")
    MISCONCEPTIONS |= _table
