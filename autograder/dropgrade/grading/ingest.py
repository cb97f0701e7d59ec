"""What learners hand in, made safe to grade: one clean notebook a submission, or a reason why not.

Nothing of a submitted file is passed on as it came. A new notebook is put together from the release
notebook and the text of the learner's cells, so tags, outputs, attachments, forged metadata, extra
files and links end here. What cannot be used becomes the unanswered notebook with the reason in it:
it is graded like any other and scores zero.
"""

import json
import os
import stat
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

import nbformat
from dateutil import parser as dates
from nbformat import NotebookNode

from dropgrade.grading.safe_html import clean_markdown

MAX_BYTES = 10_000_000
MAX_CELLS = 1_000
MAX_CODE = 300_000
"""Characters of code in a notebook: colouring more on a page would take longer than running it."""
MAX_PROSE, MAX_PROSE_CELL = 40_000, 10_000
"""Characters of a learner's own Markdown, in all and in a cell: slow HTML takes the square of it."""
CUT = "\n\n*(The rest of this text was too long for a feedback page.)*"
RESERVED = "dropgrade"
"""Key of the notebook and cell metadata that this package writes; a submitted one is never read."""


class Refusal(Exception):
    """A submission that cannot be graded; the message is the reason, written for the learner."""


@dataclass(frozen=True)
class Ingested:
    """One submission, ready for nbgrader.

    Attributes:
        notebook: clean notebook; the unanswered release notebook when refused.
        refused: the reason for a zero, or None.
        notes: what was mended on the way in, one sentence each.
        timestamp: when it was handed in, as "YYYY-MM-DD HH:MM:SS UTC", or None.
    """

    notebook: NotebookNode
    refused: str | None = None
    notes: list[str] = field(default_factory=list)
    timestamp: str | None = None


def ingest(folder: Path, release: NotebookNode) -> Ingested:
    """Read the submission in `folder`; whatever it holds, this returns and never raises for it.

    Args:
        folder: grading/submitted/STUDENT/SLUG; its name is the slug.
        release: the exercise's source notebook without solutions: the only cells, metadata and
            locked text that the result may have besides the learner's own text.
    """
    timestamp = _timestamp(folder)
    try:
        path, notes = _find(folder)
        cells = _parse(_read(path))
        notebook, mended = _rebuild(cells, release, folder.name)
        return Ingested(notebook, None, notes + mended, timestamp)
    except Refusal as refusal:
        return refuse(str(refusal), release, timestamp)


def refuse(reason: str, release: NotebookNode, timestamp: str | None = None) -> Ingested:
    """The unanswered notebook that carries a reason: it scores zero and its feedback page says why."""
    notebook = deepcopy(release)
    text = f"**This submission could not be graded, so it scores zero.** {reason}"
    cell = nbformat.v4.new_markdown_cell(text, id="refused", metadata={RESERVED: {"course": True}})
    notebook.cells.insert(0, cell)
    return Ingested(notebook, reason, [], timestamp)


def _find(folder: Path) -> tuple[Path, list[str]]:
    """The notebook in a submission folder, by its name or as the only one there."""
    if folder.is_symlink() or not folder.is_dir():
        raise Refusal("A folder with the notebook was expected here, and something else was handed in.")
    wanted = f"{folder.name}.ipynb"
    try:
        names = sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError as error:
        raise Refusal("The folder cannot be read.") from error
    if wanted in names:
        return folder / wanted, []
    notebooks = [name for name in names if name.lower().endswith(".ipynb")]
    if len(notebooks) == 1:
        return folder / notebooks[0], [f"Handed in as {_shown(notebooks[0])}, taken for {wanted}."]
    if notebooks:
        raise Refusal(f"There are {len(notebooks)} notebooks and none is named {wanted}.")
    others = ", ".join(_shown(name) for name in names if name != "timestamp.txt")[:200]
    found = f"only {others}" if others else "nothing"
    raise Refusal(f"There is no notebook: {wanted} was expected and {found} was handed in.")


def _shown(name: str) -> str:
    """A file name as it may stand in a message: one line, printable, not endless."""
    return "".join(char if char.isprintable() else "?" for char in name)[:80]


def _read(path: Path) -> bytes:
    """The bytes of a regular file; a link, pipe or device is refused without being opened to read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise Refusal("The notebook is not a plain file; hand in the file itself.")
            content = _read_at_most(descriptor, MAX_BYTES + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Refusal("The notebook is a link or cannot be read; hand in the file itself.") from error
    if len(content) > MAX_BYTES:
        raise Refusal(f"The notebook is larger than {MAX_BYTES // 1_000_000} MB; clear its outputs.")
    if not content.strip():
        raise Refusal("The file is empty; save the notebook and hand it in again.")
    return content


def _read_at_most(descriptor: int, size: int) -> bytes:
    with open(descriptor, "rb", closefd=False) as file:
        return file.read(size)


def _parse(content: bytes) -> list[dict]:
    """The cells of a notebook of format 4, as plain dictionaries with a known type and text."""
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise Refusal(f"The file is damaged: it is not the JSON of a notebook{where}.") from error
    if not isinstance(document, dict) or not isinstance(document.get("cells"), list):
        raise Refusal("The file is JSON, but not a notebook: it has no list of cells.")
    if document.get("nbformat") != 4:
        raise Refusal("The notebook is not of format 4; save it with a current Jupyter.")
    if len(document["cells"]) > MAX_CELLS:
        raise Refusal(f"The notebook has more than {MAX_CELLS} cells.")
    cells = [cell for cell in map(_plain_cell, document["cells"]) if cell]
    if sum(len(cell["source"]) for cell in cells if cell["type"] == "code") > MAX_CODE:
        raise Refusal(f"The notebook holds more than {MAX_CODE:,} characters of code.")
    return cells


def _plain_cell(cell: object) -> dict | None:
    """Type, text and grade_id of a cell; None for what is no code or Markdown cell."""
    if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown"):
        return None
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        return None
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = marks.get("grade_id") if isinstance(marks, dict) else None
    # Lone surrogates are legal in JSON and in no file: they become question marks.
    source = source.encode("utf-8", "replace").decode("utf-8")
    return {
        "type": cell["cell_type"],
        "source": source,
        "grade_id": grade_id if isinstance(grade_id, str) else None,
    }


def _rebuild(cells: list[dict], release: NotebookNode, slug: str) -> tuple[NotebookNode, list[str]]:
    """The release notebook with the learner's answers in it and the learner's own cells kept in place."""
    known = {cell.metadata.nbgrader.grade_id: cell for cell in release.cells if "nbgrader" in cell.metadata}
    given = {cell.source for cell in release.cells if "nbgrader" not in cell.metadata}
    # The last copy counts, as in nbgrader's own DeduplicateIds; earlier ones stay as plain cells.
    last = {cell["grade_id"]: place for place, cell in enumerate(cells)}
    if not known.keys() & last.keys():
        raise Refusal(f"None of the cells of {slug} is in this notebook; answer in the one handed out.")
    result: list[NotebookNode] = []
    room = MAX_PROSE
    for place, cell in enumerate(cells):
        if cell["grade_id"] in known and last[cell["grade_id"]] == place:
            result.append(_graded_cell(cell, known[cell["grade_id"]]))
            continue
        if cell["type"] == "markdown" and cell["source"] not in given:
            kept = cell["source"][: min(room, MAX_PROSE_CELL)]
            room -= len(kept)
            cell = cell | {"source": kept if kept == cell["source"] else kept + CUT}
        result.append(_own_cell(cell, place, given))
    copies = sum(cell["grade_id"] in known for cell in cells) - len(known.keys() & last.keys())
    missing = _restore(result, known)
    notebook = nbformat.v4.new_notebook(cells=result, metadata=deepcopy(release.metadata))
    notes = [f"{_count(copies, 'copied cell')} taken as plain code."] if copies else []
    if missing:
        notes.append(f"{_count(len(missing), 'missing cell')} put back: {', '.join(missing)}.")
    return notebook, notes


def _graded_cell(cell: dict, master: NotebookNode) -> NotebookNode:
    """A cell nbgrader knows: everything from the release notebook but a solution's text."""
    fresh = deepcopy(master)
    if fresh.metadata.nbgrader.solution:
        fresh.source = cell["source"]
    return fresh


def _own_cell(cell: dict, place: int, given: set[str]) -> NotebookNode:
    """A cell nbgrader does not know; those handed out and left as they were are marked as the course's."""
    ours = cell["source"] in given
    metadata = {RESERVED: {"course": True}} if ours else {}
    if cell["type"] == "code":
        return nbformat.v4.new_code_cell(cell["source"], id=f"own-{place}", metadata=metadata)
    source = cell["source"] if ours else clean_markdown(cell["source"])
    return nbformat.v4.new_markdown_cell(source, id=f"own-{place}", metadata=metadata)


def _restore(cells: list[NotebookNode], known: dict[str, NotebookNode]) -> list[str]:
    """Put every missing cell back behind the one it follows in the release notebook; returns their ids."""
    missing, previous = [], None
    for grade_id, master in known.items():
        places = {cell.metadata.get("nbgrader", {}).get("grade_id"): n for n, cell in enumerate(cells)}
        if grade_id not in places:
            missing.append(grade_id)
            cells.insert(places[previous] + 1 if previous else 0, deepcopy(master))
        previous = grade_id
    return missing


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'s' if number != 1 else ''}"


def _timestamp(folder: Path) -> str | None:
    """nbgrader's timestamp.txt in UTC; one that is no plain short file or no date counts as absent."""
    try:
        text = _read(folder / "timestamp.txt")[:100].decode("utf-8")
        moment = dates.parse(text.strip())
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except Exception:  # the date parser raises nearly anything for text made to confuse it
        return None
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
