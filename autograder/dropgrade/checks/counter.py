"""The first checks of exercise 09_gpu: Philox and the mask that the counter contract makes of its words."""

import numpy as np

from dropgrade.checks.gpu_names import name_mask, name_philox
from dropgrade.checks.reading import read_array, read_mask
from dropgrade.checks.verdicts import Checklist, Failed, Functions
from dropgrade.reference import numpy_ops, philox

checks = Checklist()

KNOWN = (
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
)
"""Counter, key and words as the authors of Philox publish them (Random123, kat_vectors)."""


def draw_seeds(rng: np.random.Generator, bits: int = 62) -> tuple[int, int]:
    """A seed and an offset of that many bits, the upper half in use where there is one."""
    return int(rng.integers(2 ** (bits - 1), 2**bits)), int(rng.integers(2 ** (bits - 2), 2 ** (bits - 1)))


def call_philox(functions: Functions, counter: np.ndarray, key: tuple[int, int]) -> np.ndarray:
    """The learner's words as uint64, whatever integer dtype they came in."""
    words = read_array(functions["philox"](counter.copy(), key), counter.shape, "the block of words")
    if words.dtype.kind not in "iu":
        raise Failed(f"philox should return integers; their dtype is {words.dtype}.", "wrong_return")
    return words.astype(np.uint64) & np.uint64(0xFFFFFFFF)


@checks.add(points=2)
def known_answers(functions: Functions, rng: np.random.Generator) -> str:
    """philox gives the words that the generator's authors publish."""
    for texts in KNOWN:
        counter, key, words = ([int(word, 16) for word in text.split()] for text in texts)
        numbers = np.array(counter, dtype=np.uint32)
        got = call_philox(functions, numbers, tuple(key))
        if got.tolist() != words:
            found = " ".join(f"{word:08x}" for word in got.tolist())
            sample = rng.integers(2**32, size=4, dtype=np.uint32)
            raise Failed(
                f"For counter {texts[0]} and key {texts[1]} the words should be {texts[2]}, not {found}.",
                name_philox(call_philox(functions, sample, (key[0] + 5, 9)), sample, (key[0] + 5, 9)),
            )
    return "three published blocks, bit for bit."


@checks.add(points=1)
def many_counters(functions: Functions, rng: np.random.Generator) -> str:
    """philox turns counters (..., 4) into as many blocks of words, of dtype uint32."""
    counter = rng.integers(2**32, size=(3, 5, 4), dtype=np.uint32)
    key = tuple(rng.integers(2**32, size=2).tolist())
    words = call_philox(functions, counter, key)
    if not np.array_equal(words, philox.philox4x32(counter, key)):
        raise Failed(
            "For 15 random counters at once the words differ from those of each counter by itself.",
            name_philox(words[0, 0], counter[0, 0], key),
        )
    dtype = np.asarray(functions["philox"](counter.copy(), key)).dtype
    if dtype != np.uint32:
        raise Failed(f"Words have 32 bits, so their dtype should be uint32; it is {dtype}.", "dtype_changed")
    return "15 blocks at once, uint32."


def call_mask(functions: Functions, shape: tuple[int, ...], p: float, seed: int, offset: int) -> np.ndarray:
    return read_mask(functions["keep_mask"](shape, p, seed, offset), shape)


def by_own_philox(
    functions: Functions, shape: tuple[int, ...], p: float, seed: int, offset: int
) -> np.ndarray:
    """The contract's mask with the learner's words: a slip in philox should not cost the mask as well."""
    n = int(np.prod(shape))
    counter = np.zeros((-(-n // 4), 4), dtype=np.uint32)
    block = np.uint64(offset) + np.arange(len(counter), dtype=np.uint64)
    counter[:, 0], counter[:, 1] = block % 2**32, block >> np.uint64(32)
    words = call_philox(functions, counter, (seed % 2**32, seed >> 32)).reshape(-1)[:n]
    return (words >= philox.threshold(p)).reshape(shape)


def keeps_the_contract(functions: Functions, keep: np.ndarray, p: float, seed: int, offset: int) -> bool:
    """Whether a mask is the contract's, with the published words or with the learner's own."""
    if np.array_equal(keep, numpy_ops.keep_mask_seeded(keep.shape, p, seed, offset)):
        return True
    try:
        return np.array_equal(keep, by_own_philox(functions, keep.shape, p, seed, offset))
    except Failed:
        return False


@checks.add(points=2)
def mask_by_contract(functions: Functions, rng: np.random.Generator) -> str:
    """keep_mask gives element i word i % 4 of block offset + i // 4, and drops it below round(p * 2**32)."""
    seed, offset = draw_seeds(rng, bits=31)
    for shape, p in (((1000,), 0.5), ((7, 9), 0.3), ((2, 3, 5), 0.9), ((6,), 0.1)):
        keep = call_mask(functions, shape, p, seed, offset)
        if not keeps_the_contract(functions, keep, p, seed, offset):
            right = numpy_ops.keep_mask_seeded(shape, p, seed, offset)
            raise Failed(
                f"For shape {shape} and p = {p:g}, {(keep != right).sum()} of {keep.size} places differ from "
                "the contract.",
                name_mask(keep.reshape(-1), p, seed, offset),
            )
    return "four shapes, place for place."


@checks.add(points=1)
def all_64_bits(functions: Functions, rng: np.random.Generator) -> str:
    """All 64 bits of seed and offset count."""
    seed, offset = draw_seeds(rng)
    keep = call_mask(functions, (500,), 0.5, seed, offset)
    if not keeps_the_contract(functions, keep, 0.5, seed, offset):
        raise Failed(
            f"For seed {seed} and offset {offset} the mask differs from the contract.",
            name_mask(keep, 0.5, seed, offset),
        )
    return "a seed and an offset beyond 2**32, place for place."


@checks.add(points=1)
def mask_edges(functions: Functions, rng: np.random.Generator) -> str:
    """p = 0 keeps every element, p = 1 none, an empty shape gives an empty mask, and a bad p is refused."""
    seed, offset = draw_seeds(rng, bits=31)
    for p, kept in ((0.0, True), (1.0, False)):
        wrong = int((call_mask(functions, (4001,), p, seed, offset) != kept).sum())
        if wrong:
            raise Failed(
                f"At p = {p:g} each entry should be {kept}; {wrong} of 4001 are not.", "edges_inexact"
            )
    call_mask(functions, (0, 3), 0.5, seed, offset)
    for p in (-0.1, 1.1, float("nan")):
        if not isinstance(functions["keep_mask"].error((3,), p, seed, offset), ValueError):
            raise Failed(f"p = {p:g} should raise ValueError.", "p_not_validated")
    return "0, 1, nothing at all, and three that are refused."
