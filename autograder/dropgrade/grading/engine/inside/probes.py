"""Questions that only the process of the function under test can answer, such as: did it touch what is global?

In the judge's process nothing global changes when a learner's function runs elsewhere; so the checks ask
through the function they hold.
"""

import hashlib
import random
import sys
from collections.abc import Callable
from typing import Any

import numpy as np


def global_random_state() -> str:
    """A digest of the global generators of NumPy, of Python, and of torch where it is loaded."""
    digest = hashlib.sha256(repr(random.getstate()).encode())
    name, words, *rest = np.random.get_state()
    digest.update(repr((name, rest)).encode() + words.tobytes())
    if "torch" in sys.modules:
        digest.update(sys.modules["torch"].get_rng_state().numpy().tobytes())
    return digest.hexdigest()


PROBES: dict[str, Callable[[], Any]] = {"global_random_state": global_random_state}
