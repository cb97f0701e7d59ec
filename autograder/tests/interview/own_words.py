"""Runs of eight words as hashes: whether a text repeats the texts that the bank grew from.

`data/source_runs.npy` holds those hashes (uint64, sorted), not the texts. To renew it after a source changed:

    python autograder/tests/interview/own_words.py SOURCE.md ... > /dev/null
"""

import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

LENGTH = 8
KEPT = Path(__file__).parents[1] / "data" / "source_runs.npy"


def runs(text: str) -> Iterator[tuple[str, int]]:
    """Each run of eight words in lower case without marks, with its 64-bit hash."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    for start in range(len(words) - LENGTH + 1):
        run = " ".join(words[start : start + LENGTH])
        yield run, int.from_bytes(hashlib.sha256(run.encode()).digest()[:8], "big")


def repeated(text: str, kept: np.ndarray) -> list[str]:
    """The runs of a text whose hash is among the kept ones."""
    return [
        run for run, number in runs(text) if kept[min(np.searchsorted(kept, number), len(kept) - 1)] == number
    ]


if __name__ == "__main__":
    numbers = {number for name in sys.argv[1:] for _, number in runs(Path(name).read_text("utf-8"))}
    np.save(KEPT, np.array(sorted(numbers), dtype=np.uint64))
