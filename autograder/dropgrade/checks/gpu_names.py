"""Why a counter-based mask is wrong: the usual slips, drawn here on purpose and compared with what came."""

import numpy as np

from dropgrade.reference import philox


def name_philox(words: np.ndarray, counter: np.ndarray, key: tuple[int, int]) -> str | None:
    """Which slip turns one counter (4,) into these words (4,): rounds, key, lost halves, or order."""
    right = philox.philox4x32(counter, key)
    if any(np.array_equal(words, philox.philox4x32(counter, key, n)) for n in (7, 8, 9, 11)):
        return "philox_rounds"
    if np.array_equal(words, _slipped(counter, key, still=True)):
        return "philox_key_stands_still"
    if np.array_equal(words, _slipped(counter, key, narrow=True)):
        return "philox_upper_half_lost"
    return "philox_words_order" if sorted(words.tolist()) == sorted(right.tolist()) else None


def _slipped(
    counter: np.ndarray, key: tuple[int, int], still: bool = False, narrow: bool = False
) -> np.ndarray:
    """Philox whose key is not raised, or whose products are kept to 32 bits."""
    c, (k0, k1) = [int(word) for word in counter], key
    for _ in range(10):
        a, b = c[0] * 0xD2511F53, c[2] * 0xCD9E8D57
        high = (0, 0) if narrow else (a >> 32, b >> 32)
        c = [high[1] ^ c[1] ^ k0, b % 2**32, high[0] ^ c[3] ^ k1, a % 2**32]
        if not still:
            k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return np.array(c, dtype=np.uint64)


def name_mask(
    keep: np.ndarray, p: float, seed: int, offset: int, block: int | None = None, every: int = 1
) -> str | None:
    """Which other rule gives this mask.

    Args:
        keep: bool (n,), the mask that came, in row-major order.
        p, seed, offset: what it was asked for with.
        block: elements of one program, for a kernel.
        every: 1 where element i should use word i, 4 where it should use word 4 * i.
    """
    n, lowest = keep.size, philox.threshold(p)
    if n < 32:
        return None

    def words(seed: int = seed, offset: int = offset, every: int = every) -> np.ndarray:
        return philox.words(n * every, seed, offset)[::every]

    signed = words().view(np.int32)
    rules = {
        "keep_drop_swapped": words() < lowest,
        "one_word_of_four": words(every=4) >= lowest,
        "words_dealt_lane_by_lane": lane_by_lane(words(), block or n) >= lowest,
        "seed_cut_to_32_bits": words(seed=seed % 2**32) >= lowest,
        "offset_cut_or_ignored": words(offset=0) >= lowest,
        "compared_as_signed": signed >= np.int64(lowest),
    }
    more = {
        "offset_cut_or_ignored": words(offset=offset % 2**32) >= lowest,
        "compared_as_signed": signed >= np.int64(lowest).astype(np.int32),
    }
    if block:
        more["counter_restarts_in_each_program"] = np.resize(words()[:block], n) >= lowest
    for name, rule in [*rules.items(), *more.items()]:
        if np.array_equal(keep, rule):
            return name
    return None


def lane_by_lane(words: np.ndarray, block: int) -> np.ndarray:
    """The words (n,) of each run of `block` dealt lane by lane: all first words, then all second ones, ..."""
    padded = np.pad(words, (0, -words.size % block)).reshape(-1, block)
    short = -(-block // 4) * 4 - block
    padded = np.pad(padded, ((0, 0), (0, short)))
    return (
        padded.reshape(len(padded), -1, 4)
        .swapaxes(1, 2)
        .reshape(len(padded), -1)[:, :block]
        .reshape(-1)[: words.size]
    )


def name_factor(factors: np.ndarray, p: float) -> str:
    """Why what is kept has another size; `factors` (n,) are y / x where x was kept."""
    for name, factor in {
        "no_rescale": 1.0,
        "scaled_by_keep_prob": 1 - p,
        "scaled_by_drop_prob": 1 / p,
    }.items():
        if np.allclose(factors, factor, rtol=0.01):
            return name
    return "scaled_twice" if np.allclose(factors, (1 - p) ** -2, rtol=0.01) else "wrong_scale"
