"""Outputs that a jailed process sends, reduced to what a notebook may hold: text and true pictures.

Whatever the process says is rebuilt from scratch with types, sizes and characters that are known; the rest
is dropped, never repaired.
"""

import base64
import binascii
import struct
from typing import Any

MAX_OUTPUTS = 200
MAX_TEXT = 300_000
MAX_NOTEBOOK = 6_000_000
"""Characters of outputs, pictures included, that all cells of a notebook share."""
MAX_PICTURE = 1_000_000
MAX_SIDE = 4096
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
_KEPT = {"\n", "\t", "\x1b"}


def clean(outputs: Any, room: int = MAX_NOTEBOOK) -> list[dict[str, Any]]:
    """The outputs of a cell in notebook form, out of whatever was sent.

    Args:
        outputs: JSON data of any form.
        room: characters that the notebook has left for outputs.
    """
    entries = outputs if isinstance(outputs, list) else []
    found = [_clean(entry) for entry in entries[:MAX_OUTPUTS] if isinstance(entry, dict)]
    kept, words = [], MAX_TEXT
    for entry in found:
        if entry is not None:
            words -= len(entry.get("text", "")) + sum(map(len, entry.get("traceback", ())))
            room -= size([entry])
            if words < 0 or room < 0:
                break
            kept.append(entry)
    return kept


def size(entries: list[dict[str, Any]]) -> int:
    """Characters in outputs that `clean` made."""
    return sum(
        len(entry.get("text", ""))
        + len(entry.get("evalue", ""))
        + sum(map(len, (*entry.get("traceback", ()), *entry.get("data", {}).values())))
        for entry in entries
    )


def failure(name: str, message: str) -> dict[str, Any]:
    """An error output of the engine's own."""
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": [f"{name}: {message}"]}


def count(value: Any) -> int | None:
    """An execution count, or None if it is no small positive number."""
    return value if type(value) is int and 0 < value < 100_000 else None


def text(value: Any, length: int = MAX_TEXT) -> str:
    """Text that every file and page can hold: valid Unicode, of control characters only line, tab, colour."""
    whole = value if isinstance(value, str) else ""
    whole = whole[:length].encode("utf-8", "replace").decode()
    if whole.isprintable():
        return whole
    return "".join(char for char in whole if char in _KEPT or not _is_control(char))


def _is_control(char: str) -> bool:
    return (
        char < " "
        or "\x7f" <= char <= "\x9f"
        or char in "\u2028\u2029\ufeff\u202a\u202b\u202d\u202e\u2066\u2067"
    )


def _clean(entry: dict[str, Any]) -> dict[str, Any] | None:
    kind = entry.get("output_type")
    if kind == "stream":
        name = "stderr" if entry.get("name") == "stderr" else "stdout"
        return {"output_type": kind, "name": name, "text": text(entry.get("text"))}
    if kind == "error":
        lines = entry.get("traceback")
        return {
            "output_type": kind,
            "ename": text(entry.get("ename"), 200),
            "evalue": text(entry.get("evalue"), 10_000),
            "traceback": [text(line, 10_000) for line in lines[:100]] if isinstance(lines, list) else [],
        }
    if kind not in ("display_data", "execute_result"):
        return None
    data = _data(entry.get("data"))
    if not data:
        return None
    made = {"output_type": kind, "data": data, "metadata": {}}
    return (
        made | {"execution_count": count(entry.get("execution_count"))} if kind == "execute_result" else made
    )


def _data(data: Any) -> dict[str, str]:
    if not isinstance(data, dict):
        return {}
    kept = {}
    if isinstance(data.get("text/plain"), str):
        kept["text/plain"] = text(data["text/plain"], 100_000)
    if _is_picture(data.get("image/png")):
        kept["image/png"] = data["image/png"]
    return kept


def _is_picture(value: Any) -> bool:
    """Whether this is a png in base64, small in bytes and, once unpacked, in pixels."""
    if not isinstance(value, str) or len(value) > MAX_PICTURE:
        return False
    try:
        content = base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    if not content.startswith(PNG) or len(content) < 24:
        return False
    width, height = struct.unpack(">II", content[16:24])
    return 0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE
