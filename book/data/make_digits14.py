"""Make the digits that exercises train on from mnist10k.npz: python book/data/make_digits14.py"""

from pathlib import Path

import numpy as np

from dropgrade.data import Part, load_mnist
from dropgrade.digits import FILE

COUNTS = {"train": 2_000, "test": 1_000}


def pooled(images: np.ndarray) -> np.ndarray:
    """Images (n, 784) in [0, 1] with every 2 by 2 pixels averaged, as grey values uint8 (n, 196)."""
    means = images.reshape(-1, 14, 2, 14, 2).astype(np.float64).mean(axis=(2, 4))
    return np.round(255 * means).astype(np.uint8).reshape(-1, 196)


def arrays() -> dict[str, np.ndarray]:
    """What the file holds: images uint8 (n, 196) and labels uint8 (n,) of both parts."""
    digits = load_mnist(Path(__file__).parent)
    parts: dict[str, Part] = {"train": digits.train, "test": digits.validation}
    made = {}
    for name, count in COUNTS.items():
        made[name] = pooled(parts[name].images[:count])
        made[f"{name}_labels"] = parts[name].labels[:count].astype(np.uint8)
    return made


if __name__ == "__main__":
    np.savez_compressed(FILE, **arrays())
