"""Damaged notebooks: seeded mutations of valid ones, from a flipped byte to a cell of another kind."""

import copy
import json
import random
from collections.abc import Callable
from typing import Any

Notebook = dict[str, Any]
PIECES = (
    *(None, True, -1, 0.5, 10**30, float("nan"), "", "x", "\ud800", "\x00", [], {}, ["a", 1]),
    *({"grade_id": "x"}, {"nbgrader": None}, "markdown", "raw", "skip-execution", "../../x", 4),
)
KINDS = ("markdown", "code", "raw", "heading", "", None, 7)
CODE = (
    "1/0",
    "%%bash\nls",
    "import os; os._exit(0)",
    "(" * 300,
    "é = 1",
    "exit()",
    "\t x",
    "raise",
    "é" * 2000,
)
OUTPUTS = (
    {"output_type": "stream", "name": "stderr", "text": ["x"] * 1000},
    {"output_type": "display_data", "data": {"text/html": "<script>x</script>", "image/png": "no"}},
    {"output_type": "error", "ename": None, "traceback": "x"},
    {"output_type": "execute_result", "execution_count": "x", "data": {"text/plain": "100"}},
    {"output_type": "update"},
    [],
    None,
)


def mutated(notebook: Notebook, seed: int) -> bytes:
    """The bytes of a damaged copy of a notebook; the same seed gives the same bytes."""
    rng = random.Random(seed)
    broken: Any = json.loads(json.dumps(notebook))
    for _ in range(rng.choice((1, 1, 2, 3, 5, 9))):
        broken = rng.choice(ON_JSON)(broken, rng)
    content = json.dumps(broken, indent=1 if rng.random() < 0.1 else None, ensure_ascii=rng.random() < 0.5)
    data = bytearray(content.encode("utf-8", "surrogatepass"))
    if rng.random() < 0.25:
        for _ in range(rng.choice((1, 1, 3, 20))):
            data = rng.choice(ON_BYTES)(data, rng)
    return bytes(data)


def _anywhere(value: Any, rng: random.Random) -> Any:
    """Replace, drop, double or swap something somewhere in a JSON value."""
    if not isinstance(value, (dict, list)) or not value or rng.random() < 0.1:
        return copy.deepcopy(rng.choice(PIECES))
    key = rng.choice(list(value) if isinstance(value, dict) else range(len(value)))
    action = rng.random()
    if action < 0.65:
        value[key] = _anywhere(value[key], rng)
    elif action < 0.8:
        del value[key]
    elif isinstance(value, list):
        value.insert(rng.randrange(len(value) + 1), copy.deepcopy(value[key]))
    else:
        value[key] = copy.deepcopy(rng.choice(PIECES))
    return value


def _on_a_cell(change: Callable[[dict, random.Random], None]) -> Callable[[Any, random.Random], Any]:
    """Apply a change to one cell, if there is one left to apply it to."""

    def apply(notebook: Any, rng: random.Random) -> Any:
        cells = notebook.get("cells") if isinstance(notebook, dict) else None
        if isinstance(cells, list) and (found := [cell for cell in cells if isinstance(cell, dict)]):
            change(rng.choice(found), rng)
        return notebook

    return apply


def _new_kind(cell: dict, rng: random.Random) -> None:
    cell["cell_type"] = rng.choice(KINDS)


def _new_id(cell: dict, rng: random.Random) -> None:
    cell["id"] = rng.choice(("same", "", "x" * 500, None, 7, "../x"))


def _new_grade_id(cell: dict, rng: random.Random) -> None:
    marks = cell.get("metadata", {}).get("nbgrader") if isinstance(cell.get("metadata"), dict) else None
    if isinstance(marks, dict):
        key = rng.choice((*marks, "grade_id", "checksum", "points", "schema_version"))
        marks[key] = copy.deepcopy(rng.choice((*PIECES, "setup", "quiet", 99, 3)))


def _new_outputs(cell: dict, rng: random.Random) -> None:
    cell["outputs"] = [copy.deepcopy(rng.choice(OUTPUTS)) for _ in range(rng.choice((1, 2, 40)))]


def _new_source(cell: dict, rng: random.Random) -> None:
    source = cell.get("source")
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    place = rng.randrange(len(text) + 1)
    action = rng.random()
    if action < 0.4:
        text = text[:place] + text[place + rng.choice((1, 1, 40)) :]
    elif action < 0.7:
        text = f"{text[:place]}{chr(rng.choice((0, 10, 32, 40, 0x202E, 0xD800, 0x1F600)))}{text[place:]}"
    else:
        text += f"\n{rng.choice(CODE)}\n"
    cell["source"] = text.splitlines(keepends=True) if rng.random() < 0.5 else text


def _cells(notebook: Any, rng: random.Random) -> Any:
    """Drop, double or shuffle cells."""
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if isinstance(cells, list) and cells:
        place = rng.randrange(len(cells))
        action = rng.random()
        if action < 0.4:
            del cells[place : place + rng.choice((1, 1, 4))]
        elif action < 0.8:
            cells.insert(rng.randrange(len(cells)), copy.deepcopy(cells[place]))
        else:
            rng.shuffle(cells)
    return notebook


ON_JSON: tuple[Callable[[Any, random.Random], Any], ...] = (
    *(_anywhere, _anywhere, _cells),
    *map(_on_a_cell, (_new_kind, _new_id, _new_grade_id, _new_outputs, _new_source)),
)


def _flip(data: bytearray, rng: random.Random) -> bytearray:
    if data:
        data[rng.randrange(len(data))] = rng.randrange(256)
    return data


def _cut(data: bytearray, rng: random.Random) -> bytearray:
    place = rng.randrange(len(data) + 1)
    return data[:place] if rng.random() < 0.2 else data[:place] + data[place + rng.choice((1, 50)) :]


def _repeat(data: bytearray, rng: random.Random) -> bytearray:
    place = rng.randrange(len(data) + 1)
    return data[:place] + data[max(0, place - 30) : place] * rng.choice((1, 5)) + data[place:]


def _other_encoding(data: bytearray, rng: random.Random) -> bytearray:
    encoding = rng.choice(("utf-16", "utf-8-sig", "utf-32"))
    return bytearray(data.decode("utf-8", "replace").encode(encoding, "replace"))


ON_BYTES = (_flip, _flip, _flip, _cut, _repeat, _other_encoding)
