"""What an attack is, and the course it is tried in: exercise 01_mask and an answer that is wrong.

Every attack comes with the score that the same answer gets without it. An attack has failed when it gets
that score, when none of its probes says anything but "no", and when nothing outside has changed.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SLUG = "01_mask"
WRONG = """\
def keep_mask(shape, p, rng):
    return np.ones(shape, dtype=bool)
"""
RIGHT = """\
def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return rng.random(shape) >= p
"""
NOTHING = """\
def keep_mask(shape, p, rng):
    raise RuntimeError
"""
PROBE = """\
import json as _json
_said = {}
def probe(name, action):
    try:
        _said[name] = repr(action())[:200]
    except BaseException as error:
        _said[name] = "no: " + type(error).__name__
def report():
    print("PROBES", _json.dumps(_said))
"""
Notebook = dict[str, Any]


@dataclass(frozen=True)
class Attack:
    """One hostile submission.

    Attributes:
        name: snake_case.
        group: letter of the list in the threat model, or "own".
        about: what it tries, one sentence for the table.
        answer: text of the solution cell.
        honest: the answer without the attack, whose score it must get.
        edit: changes the notebook's JSON, or None.
        text: makes the bytes of the file out of that JSON, or None.
        folder: changes the folder handed in, given it and the course's, or None.
    """

    name: str
    group: str
    about: str
    answer: str
    honest: str = WRONG
    edit: Callable[[Notebook], None] | None = None
    text: Callable[[str], bytes] | None = None
    folder: Callable[[Path, Path], None] | None = None


def handed_in(release: Notebook, attack: Attack) -> bytes:
    """The file that the attacker hands in."""
    notebook = json.loads(json.dumps(release))
    solution(notebook)["source"] = attack.answer
    if attack.edit:
        attack.edit(notebook)
    text = json.dumps(notebook, indent=1)
    return attack.text(text) if attack.text else text.encode()


def solution(notebook: Notebook) -> dict[str, Any]:
    """The learner's cell."""
    return next(cell for cell in notebook["cells"] if marks(cell).get("solution"))


def tests(notebook: Notebook) -> list[dict[str, Any]]:
    """The graded cells."""
    return [cell for cell in notebook["cells"] if marks(cell).get("grade")]


def marks(cell: dict[str, Any]) -> dict[str, Any]:
    """What nbgrader wrote into a cell's metadata."""
    return cell["metadata"].get("nbgrader", {})


def code_cell(source: str, **metadata: Any) -> dict[str, Any]:
    """A code cell of the learner's own."""
    return {
        "cell_type": "code",
        "id": f"own{abs(hash(source)) % 10**8}",
        "metadata": metadata,
        "outputs": [],
        "execution_count": None,
        "source": source,
    }


def probing(*lines: str, answer: str = WRONG) -> str:
    """An answer that first tries some things; each line is ``"name", lambda: ...``."""
    calls = "\n".join(f"probe({line})" for line in lines)
    return f"{PROBE}\n{calls}\nreport()\n{answer}"
