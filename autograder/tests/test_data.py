"""The embedded digits are what their note says, and every way to lack them ends in a mend."""

import gzip
import hashlib
import importlib.util
import struct
import urllib.error
from pathlib import Path

import numpy as np
import pytest

from dropgrade import data
from dropgrade.data import load_mnist
from dropgrade.errors import DataError

FOLDER = Path(__file__).parents[2] / "book" / "data"


@pytest.fixture(scope="module")
def digits():
    return load_mnist(FOLDER)


def test_parts_have_the_stated_shapes_types_and_range(digits):
    """5,000 / 1,000 / 4,000 float32 images in [0, 1] with int64 labels."""
    for part, n in zip(digits, (5_000, 1_000, 4_000), strict=True):
        assert part.images.shape == (n, 784) and part.images.dtype == np.float32
        assert part.labels.shape == (n,) and part.labels.dtype == np.int64
        assert part.images.min() == 0 and part.images.max() == 1
        assert set(part.labels) == set(range(10))


def test_no_digit_is_in_two_parts(digits):
    """All 10,000 images differ, so nothing leaks from training to test."""
    images = np.concatenate([part.images for part in digits])
    assert len(np.unique(images, axis=0)) == 10_000


def test_class_counts_are_those_of_the_package(digits):
    """The counts the provenance note rests on."""
    labels = np.concatenate([part.labels for part in digits])
    assert np.bincount(labels).tolist() == [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]


def test_labels_belong_to_the_images(digits):
    """The nearest class mean is right for three test digits in four or more; by chance for one in ten."""
    means = np.stack([digits.train.images[digits.train.labels == c].mean(0) for c in range(10)])
    distances = ((digits.test.images[:, None] - means) ** 2).sum(-1)
    assert (distances.argmin(1) == digits.test.labels).mean() >= 0.75


def test_digits_stand_upright_and_are_not_mirrored(digits):
    """Mean ink: a 7 is heavier above, a 6 below, a 1 is tall and its top leans to the right."""
    mean = {c: digits.train.images[digits.train.labels == c].mean(0).reshape(28, 28) for c in (1, 6, 7)}
    above = {c: ink[:14].sum() / ink[14:].sum() for c, ink in mean.items()}
    assert above[7] > 1.1 and above[6] < 0.8
    rows, columns = np.nonzero(mean[1] > 0.2)
    assert np.ptp(rows) > 1.5 * np.ptp(columns)
    place = np.arange(28)
    top, foot = (mean[1][part].sum(0) @ place / mean[1][part].sum() for part in (slice(4, 12), slice(16, 24)))
    assert top > foot + 1


def test_images_are_the_stored_bytes_over_255(digits):
    """Nothing but the scale changes between the file and the learner."""
    with np.load(FOLDER / "mnist10k.npz") as file:
        for name, part in digits._asdict().items():
            assert np.array_equal(part.images, file[f"{name}_images"] / np.float32(255))
            assert np.array_equal(part.labels, file[f"{name}_labels"])


def test_the_note_quotes_the_digest_that_is_enforced():
    """README.md and data.py cannot drift apart."""
    assert data.DIGEST in (FOLDER / "README.md").read_text("utf-8")


def test_remaking_the_split_gives_the_shipped_content(digits):
    """The maker's split of the shipped digits, sorted by class as in the package, is the shipped split."""
    spec = importlib.util.spec_from_file_location("make_mnist10k", FOLDER / "make_mnist10k.py")
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    order = np.random.RandomState(12345).permutation(10_000)
    shipped = {"test": digits.test, "validation": digits.validation, "train": digits.train}
    images, labels = np.empty((10_000, 784), np.uint8), np.empty(10_000, np.uint8)
    images[order] = np.concatenate([np.round(255 * part.images) for part in shipped.values()])
    labels[order] = np.concatenate([part.labels for part in shipped.values()])
    assert (np.diff(labels.astype(int)) >= 0).all()
    assert data.content_digest(maker.split(images, labels)) == data.DIGEST


def test_the_novel_is_what_its_note_says():
    """The bytes of the note's digest, whole lines of plain text from the first chapter on."""
    content = (FOLDER / "northanger.txt").read_bytes()
    assert hashlib.sha256(content).hexdigest() in (FOLDER / "README.md").read_text("utf-8")
    assert content.isascii() and content.startswith(b"CHAPTER 1\n") and content.endswith(b"\n")
    assert 99_000 < len(content) <= 100_000


def test_a_missing_file_names_the_mend(tmp_path):
    """The message says how to get the file back."""
    with pytest.raises(DataError, match=r"mnist10k.npz is missing; restore it with `git checkout"):
        load_mnist(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 torn"])
def test_a_damaged_file_is_refused(tmp_path, content):
    """Garbage in the file's place never becomes digits."""
    (tmp_path / "mnist10k.npz").write_bytes(content)
    with pytest.raises(DataError, match="cannot be read"):
        load_mnist(tmp_path)


def test_a_torn_file_is_refused(tmp_path):
    """A copy that ended early is refused."""
    whole = (FOLDER / "mnist10k.npz").read_bytes()
    (tmp_path / "mnist10k.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="cannot be read"):
        load_mnist(tmp_path)


def test_one_changed_label_is_refused(tmp_path):
    """The digest covers every value."""
    with np.load(FOLDER / "mnist10k.npz") as file:
        arrays = dict(file)
    arrays["test_labels"][0] ^= 1
    np.savez_compressed(tmp_path / "mnist10k.npz", **arrays)
    with pytest.raises(DataError, match="other values than the course's digits"):
        load_mnist(tmp_path)


def _idx(array: np.ndarray) -> bytes:
    head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return gzip.compress(head + array.tobytes(), mtime=0)


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """A mirror on disk with 12 + 3 tiny digits, and the checksums that go with it."""
    rng = np.random.default_rng(0)
    contents = {}
    for name, n in (("train", 12), ("t10k", 3)):
        contents[f"{name}-images-idx3-ubyte.gz"] = _idx(rng.integers(0, 256, (n, 28, 28), np.uint8))
        contents[f"{name}-labels-idx1-ubyte.gz"] = _idx(rng.integers(0, 10, n, np.uint8))
    folder = tmp_path / "mirror"
    folder.mkdir()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    monkeypatch.setattr(data, "FULL_FILES", {name: data._md5(content) for name, content in contents.items()})
    monkeypatch.setattr(data, "FULL_VALIDATION", 2)
    monkeypatch.setattr(data, "MIRRORS", (f"{folder.as_uri()}/",))
    return folder


def test_the_full_set_is_fetched_once_and_split(tmp_path, mirror):
    """Validation is cut from the end of the training file, and a second call needs no mirror."""
    digits = load_mnist(tmp_path, full=True)
    assert [len(part.labels) for part in digits] == [10, 2, 3]
    assert digits.train.images.shape == (10, 784) and digits.train.images.dtype == np.float32
    for path in mirror.iterdir():
        path.unlink()
    again = load_mnist(tmp_path, full=True)
    assert all(np.array_equal(a.images, b.images) for a, b in zip(digits, again, strict=True))


def test_a_damaged_kept_file_is_fetched_again(tmp_path, mirror):
    """What was kept is checked on every call."""
    load_mnist(tmp_path, full=True)
    kept = tmp_path / "full" / "t10k-labels-idx1-ubyte.gz"
    kept.write_bytes(b"half")
    load_mnist(tmp_path, full=True)
    assert kept.read_bytes() == (mirror / kept.name).read_bytes()


def test_a_mirror_with_other_bytes_is_refused(tmp_path, mirror):
    """A file that fails its checksum is neither used nor kept."""
    (mirror / "train-labels-idx1-ubyte.gz").write_bytes(b"something else")
    with pytest.raises(DataError, match=r"train-labels.*checksum differs"):
        load_mnist(tmp_path, full=True)
    assert not (tmp_path / "full" / "train-labels-idx1-ubyte.gz").exists()


def test_without_a_network_the_message_offers_three_ways(tmp_path, monkeypatch):
    """Go online, put the files there by hand, or use the embedded digits."""

    def offline(*_, **__):
        raise urllib.error.URLError("no route")

    monkeypatch.setattr(data.urllib.request, "urlopen", offline)
    with pytest.raises(DataError, match=r"needs a network.*no route.*go online.*by hand.*full=False"):
        load_mnist(tmp_path, full=True)


def test_a_file_that_is_not_idx_is_refused(tmp_path, mirror, monkeypatch):
    """Even with the right checksum, other content is an error with the path in it."""
    content = gzip.compress(b"\x00\x00\x0d\x01\x00\x00\x00\x01\x00", mtime=0)
    (mirror / "train-images-idx3-ubyte.gz").write_bytes(content)
    sums = dict(data.FULL_FILES, **{"train-images-idx3-ubyte.gz": data._md5(content)})
    monkeypatch.setattr(data, "FULL_FILES", sums)
    with pytest.raises(DataError, match=r"train-images.* is not a MNIST file"):
        load_mnist(tmp_path, full=True)
