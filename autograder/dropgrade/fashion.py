"""Fashion-MNIST, the second data set of some experiments, as Debian packages it: full size, no network.

`sudo apt-get install -y dataset-fashion-mnist` puts it where `load_fashion` looks. Nothing that a reader or a
learner runs needs it; only the experiments that say so do, and their results are committed.
"""

import gzip
import hashlib
import os
from pathlib import Path

import numpy as np

from dropgrade.data import Digits, Part
from dropgrade.errors import DataError

FOLDER = Path("/usr/share/datasets/fashion-mnist")
VALIDATION = 5_000  # the last images of the 60,000
MEND = "install it with `sudo apt-get install -y dataset-fashion-mnist`, or set FASHION_MNIST to its folder"
FILES = {  # name, bytes before the values, SHA-256 of the unpacked content
    "train-images-idx3-ubyte.gz": (16, "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
    "train-labels-idx1-ubyte.gz": (8, "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
    "t10k-images-idx3-ubyte.gz": (16, "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
    "t10k-labels-idx1-ubyte.gz": (8, "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
}


def load_fashion(folder: str | Path | None = None) -> Digits:
    """Load 70,000 pictures of clothes in ten classes.

    Args:
        folder: holds the four IDX files; by default what FASHION_MNIST names, or else Debian's place.

    Returns:
        55,000 / 5,000 / 10,000 for training, validation and test: images float32 (n, 784) in [0, 1],
        labels int64 (n,) in 0..9. The test part is Fashion-MNIST's own.

    Raises:
        DataError: a file is missing or altered.

    Source: xiao2017fashion.
    """
    folder = Path(folder or os.environ.get("FASHION_MNIST", FOLDER))
    images, labels, test_images, test_labels = (_values(folder / name, *FILES[name]) for name in FILES)
    cut = len(labels) - VALIDATION
    return Digits(
        _part(images[: cut * 784], labels[:cut]),
        _part(images[cut * 784 :], labels[cut:]),
        _part(test_images, test_labels),
    )


def _values(path: Path, head: int, digest: str) -> np.ndarray:
    try:
        content = gzip.decompress(path.read_bytes())
    except FileNotFoundError:
        raise DataError(f"Fashion-MNIST is not in {path.parent}; {MEND}") from None
    except (OSError, EOFError) as error:
        raise DataError(f"{path} cannot be read ({error}); {MEND}") from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise DataError(f"{path} holds other values than Fashion-MNIST; {MEND}")
    return np.frombuffer(content, np.uint8, offset=head)


def _part(images: np.ndarray, labels: np.ndarray) -> Part:
    return Part(images.reshape(-1, 784).astype(np.float32) / np.float32(255), labels.astype(np.int64))
