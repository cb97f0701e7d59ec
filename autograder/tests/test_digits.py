"""The small digits are the embedded ones, pooled."""

import importlib.util
from pathlib import Path

import numpy as np

from dropgrade.digits import FILE, load_digits

MAKER = Path(__file__).parents[2] / "book" / "data" / "make_digits14.py"


def test_file_is_what_its_script_makes():
    """The committed arrays are made anew, value by value."""
    spec = importlib.util.spec_from_file_location("make_digits14", MAKER)
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    with np.load(FILE, allow_pickle=False) as file:
        found, made = dict(file), maker.arrays()
    assert found.keys() == made.keys(), f"run: python {MAKER.relative_to(MAKER.parents[2])}"
    assert all(np.array_equal(found[name], made[name]) for name in made)


def test_digits_have_the_stated_shapes_types_and_range():
    """2,000 and 1,000 float32 images in [0, 1] with int64 labels of all classes."""
    digits = load_digits()
    for images, labels, n in ((*digits[:2], 2_000), (*digits[2:], 1_000)):
        assert images.shape == (n, 196) and images.dtype == np.float32
        assert images.min() == 0 and images.max() == 1
        assert labels.shape == (n,) and labels.dtype == np.int64 and set(labels) == set(range(10))


def test_digits_are_the_callers_own():
    """Who changes them changes nobody else's."""
    first = load_digits()
    first.train_images[:] = 0
    assert load_digits().train_images.any()
