"""The digits that exercises train on: few enough to travel with the checks, into notebooks and browsers.

They are the embedded MNIST digits with every 2 by 2 pixels averaged, as ``book/data/make_digits14.py`` does.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

FILE = Path(__file__).with_name("digits14.npz")


class SmallDigits(NamedTuple):
    """Images float32 (n, 196) in [0, 1], row by row from the top left; labels int64 (n,) in 0..9."""

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


def load_digits() -> SmallDigits:
    """2,000 digits to train on and 1,000 others to test on, 14 by 14 pixels; the caller's own copies.

    The first are the start of the embedded training part, the others the embedded validation part: the test
    part stays unseen until a chapter reports on it.

    Source: mnist1998 (LeCun, Cortes, Burges).
    """
    return SmallDigits(*(array.copy() for array in _read()))


@cache
def _read() -> SmallDigits:
    with np.load(FILE, allow_pickle=False) as file:
        images = {name: file[name].astype(np.float32) / np.float32(255) for name in ("train", "test")}
        labels = {name: file[f"{name}_labels"].astype(np.int64) for name in ("train", "test")}
    return SmallDigits(images["train"], labels["train"], images["test"], labels["test"])
