"""The course's data: 10,000 real MNIST digits in the repository, the full 70,000 on request.

The small set travels with the course, so nothing here needs a network unless `full=True` is asked for.
Its arrays are stored already split, so the split is a fact of the file and not of a random generator.
"""

import gzip
import hashlib
import http.client
import os
import struct
import urllib.request
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dropgrade.errors import DataError

PARTS = {"train": 5_000, "validation": 1_000, "test": 4_000}
DIGEST = "bfd9ddaa7502fc1415b9cdfcfad9abd09c1d8d5581b52bcca0783e99e8958679"
FULL_VALIDATION = 5_000  # the last images of the 60,000, as many tutorials do
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
FULL_FILES = {  # MD5 as published with the mirrors; it guards against damage, not against an attacker
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}
MEND = (
    "restore it with `git checkout -- book/data/mnist10k.npz` "
    "or remake it with `python book/data/make_mnist10k.py`"
)


class Part(NamedTuple):
    """Images float32 (n, 784) in [0, 1], row by row from the top left; labels int64 (n,) in 0..9."""

    images: np.ndarray
    labels: np.ndarray


class Digits(NamedTuple):
    """Three parts that share no image: learn on `train`, choose on `validation`, report on `test`."""

    train: Part
    validation: Part
    test: Part


def load_mnist(folder: str | Path, full: bool = False) -> Digits:
    """Load the digits.

    Args:
        folder: where `mnist10k.npz` lies (`book/data`); the full set is kept in `full/` inside it.
        full: False: the embedded 5,000 / 1,000 / 4,000 digits, a slice of MNIST's *training* file.
            True: 55,000 / 5,000 / 10,000 with MNIST's own test file, fetched once (11 MB) and then kept.

    Returns:
        Digits of three Parts: images float32 (n, 784) in [0, 1], labels int64 (n,).

    Raises:
        DataError: the file is missing or altered, or `full` needs a network and there is none.

    Source: mnist1998 (LeCun, Cortes, Burges); provenance and licence in book/data/README.md.
    """
    folder = Path(folder)
    arrays = _fetch_full(folder / "full") if full else _read_small(folder / "mnist10k.npz")
    return Digits(*(_as_part(arrays[f"{part}_images"], arrays[f"{part}_labels"]) for part in PARTS))


def content_digest(arrays: dict[str, np.ndarray]) -> str:
    """SHA-256 of names, types, shapes and values, so it does not depend on the zip library."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _as_part(images: np.ndarray, labels: np.ndarray) -> Part:
    return Part(
        images.reshape(len(images), 784).astype(np.float32) / np.float32(255), labels.astype(np.int64)
    )


def _read_small(path: Path) -> dict[str, np.ndarray]:
    if not path.is_file():
        raise DataError(f"{path} is missing; {MEND}")
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{path} cannot be read ({error}); {MEND}") from error
    if content_digest(arrays) != DIGEST:
        raise DataError(f"{path} holds other values than the course's digits; {MEND}")
    return arrays


def _fetch_full(folder: Path) -> dict[str, np.ndarray]:
    files = {name: _idx(_fetch(folder, name, md5), folder / name) for name, md5 in FULL_FILES.items()}
    images, labels, test_images, test_labels = files.values()
    cut = len(images) - FULL_VALIDATION
    return {
        "train_images": images[:cut],
        "train_labels": labels[:cut],
        "validation_images": images[cut:],
        "validation_labels": labels[cut:],
        "test_images": test_images,
        "test_labels": test_labels,
    }


def _fetch(folder: Path, name: str, md5: str) -> bytes:
    """The file's bytes from `folder`, or from the first mirror that has them; kept only when whole."""
    path = folder / name
    if path.is_file() and _md5(kept := path.read_bytes()) == md5:
        return kept
    problems = []
    for mirror in MIRRORS:
        try:
            with urllib.request.urlopen(mirror + name, timeout=30) as answer:
                content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            problems.append(f"{mirror}: {getattr(error, 'reason', error)}")
            continue
        if _md5(content) == md5:
            folder.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(".partial")
            partial.write_bytes(content)
            os.replace(partial, path)
            return content
        problems.append(f"{mirror}: checksum differs")
    raise DataError(
        f"the full MNIST set needs a network for {name} ({'; '.join(problems)}): go online and try again, "
        f"or put {', '.join(FULL_FILES)} into {folder} by hand, or use the embedded digits with full=False"
    )


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _idx(content: bytes, path: Path) -> np.ndarray:
    """Parse the IDX format: two zero bytes, type 8 (uint8), number of axes, big-endian lengths, data."""
    try:
        raw = gzip.decompress(content)
        zeros, kind, axes = struct.unpack_from(">HBB", raw)
        shape = struct.unpack_from(f">{axes}I", raw, 4)
        if (zeros, kind) != (0, 8):
            raise ValueError("not an IDX file of bytes")
        return np.frombuffer(raw, np.uint8, offset=4 + 4 * axes).reshape(shape)
    except (OSError, EOFError, ValueError, struct.error, zlib.error) as error:
        raise DataError(f"{path} is not a MNIST file ({error}); delete it and try again") from error
