"""Test vectors of the counter contract, for every language that draws masks; ``COMMAND`` writes them.

Integers of 64 bits are decimal strings, because JavaScript's numbers end at 2**53; words are hexadecimal; a
mask is hexadecimal too, eight elements a byte, element 0 in the lowest bit of the first byte.
"""

import json
import sys
from pathlib import Path

import numpy as np

from dropgrade.reference import numpy_ops, philox

COMMAND = "python -m dropgrade.reference.vectors autograder/tests/data/philox.json"
COUNTERS = (
    ((0, 0, 0, 0), (0, 0)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2),
    ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0)),
    ((1, 0, 0, 0), (7, 0)),
    ((0, 1, 0, 0), (0, 7)),
)
"""Counters and keys; the first three are Random123's published known-answer tests."""
STREAMS = tuple(
    (seed, offset)
    for seed in (0, 1, 2**31, 2**32 - 1, 2**32 + 7, 2**53 + 1, 2**64 - 1)
    for offset in (0, 1, 2**32 - 1, 2**33 + 1, 2**64 - 1)
)
"""Seeds and offsets at the edges of 31, 32, 53 and 64 bits; a last offset that wraps around."""
MASKS = tuple(
    (n, p, seed, offset)
    for seed, offset in ((0, 0), (2**40 + 9, 2**33 + 1))
    for p in (0.0, 2**-32, 0.1, 0.3, 0.5, 0.9, 1 - 2**-32, 1.0)
    for n in (0, 1, 3, 4, 5, 1003)
)


def build() -> dict:
    """All vectors, as the JSON file holds them."""
    return {
        "generated": f"by {COMMAND}; do not edit",
        "contract": (
            "element i uses word i % 4 of Philox-4x32-10 block offset + i // 4 (modulo 2**64) under key seed "
            "and is dropped iff word < round(p * 2**32), halves to even"
        ),
        "blocks": [
            {"counter": _hex(counter), "key": _hex(key), "words": _hex(philox.philox4x32(counter, key))}
            for counter, key in COUNTERS
        ],
        "streams": [
            {"seed": str(seed), "offset": str(offset), "words": _hex(philox.words(10, seed, offset))}
            for seed, offset in STREAMS
        ],
        "masks": [
            {
                "n": n,
                "p": p,
                "threshold": str(philox.threshold(p)),
                "seed": str(seed),
                "offset": str(offset),
                "keep": pack(numpy_ops.keep_mask_seeded((n,), p, seed, offset)),
            }
            for n, p, seed, offset in MASKS
        ],
    }


def pack(keep: np.ndarray) -> str:
    """A bool mask (n,) as the file writes it.

    >>> pack(np.array([True, False, False, True, False, False, False, False, True]))
    '0901'
    """
    return np.packbits(keep, bitorder="little").tobytes().hex()


def unpack(text: str, n: int) -> np.ndarray:
    """The bool mask (n,) that `pack` wrote.

    >>> unpack("0901", 9).nonzero()[0]
    array([0, 3, 8])
    """
    packed = np.frombuffer(bytes.fromhex(text), dtype=np.uint8)
    return np.unpackbits(packed, count=n, bitorder="little").astype(bool)


def write(path: Path) -> None:
    """Write the file, one vector a line, so that a difference reads well."""
    vectors = build()
    parts = [f" {json.dumps(name)}: {_lines(value)}" for name, value in vectors.items()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


def _lines(value: object) -> str:
    if not isinstance(value, list):
        return json.dumps(value)
    return "[\n" + ",\n".join(f"  {json.dumps(item)}" for item in value) + "\n ]"


def _hex(words) -> list[str]:
    return [f"{int(word):08x}" for word in words]


if __name__ == "__main__":
    write(Path(sys.argv[1]))
