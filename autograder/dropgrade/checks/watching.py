"""Watching the generators that belong to nobody: whether a learner's function moves them.

NumPy and the standard library only, and nothing else of this package: where the function runs in another
process, this module runs beside it, and that process replaces `start` in the checks' own.
"""

import random
from typing import Protocol

import numpy as np


class Watch(Protocol):
    """The global generators under watch."""

    def moved(self) -> list[str]:
        """Names of the generators that were moved since the start."""

    def restore(self) -> None:
        """Put back the states from before the start."""


class WatchHere:
    """The global generators of this process, seeded by us until `restore`.

    Args:
        numpy_seed, python_seed: in [0, 2**32).
    """

    def __init__(self, numpy_seed: int, python_seed: int) -> None:
        self.kept = np.random.get_state(), random.getstate()
        np.random.seed(numpy_seed)
        random.seed(python_seed)
        self.before = np.random.get_state(), random.getstate()

    def moved(self) -> list[str]:
        """Names of the generators whose state is not the one they were given."""
        same = all(np.array_equal(a, b) for a, b in zip(self.before[0], np.random.get_state(), strict=True))
        names = [] if same else ["np.random"]
        return names if random.getstate() == self.before[1] else [*names, "Python's random module"]

    def restore(self) -> None:
        """Put back the states from before."""
        np.random.set_state(self.kept[0])
        random.setstate(self.kept[1])


def start(numpy_seed: int, python_seed: int) -> Watch:
    """Begin to watch; the judge of the grading engine puts its own function in this one's place."""
    return WatchHere(numpy_seed, python_seed)
