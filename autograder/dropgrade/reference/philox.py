"""Philox-4x32-10, a counter-based generator: word i of a stream is a function of seed and i alone.

NumPy, torch, Triton and JavaScript share one contract, so their masks are equal bit for bit:
element i uses word ``i % 4`` of block ``offset + i // 4`` under key `seed`, and it is dropped iff
``word < round(p * 2**32)``. Integers are compared, so no rounding of a float can tell them apart.

(`numpy.random.Philox` is the 4x64 variant: the same idea, other numbers.)
"""

import numpy as np

_MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL = (0x9E3779B9, 0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


def philox4x32(counter: np.ndarray, key: tuple[int, int], rounds: int = 10) -> np.ndarray:
    """Turn 128-bit counters into blocks of four 32-bit words.

    Args:
        counter: unsigned integers (..., 4), each below 2**32; least significant word first.
        key: two integers in [0, 2**32).
        rounds: 10 in the published generator.

    Returns:
        uint32 (..., 4): the four words of each block.

    Source: salmon2011parallel, section 3.3; constants and known answers from Random123.

    >>> [f"{word:08x}" for word in philox4x32(np.zeros(4, dtype=np.uint32), (0, 0))]
    ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']
    """
    c0, c1, c2, c3 = np.moveaxis(np.asarray(counter, dtype=np.uint64), -1, 0)
    k0, k1 = key
    for _ in range(rounds):
        a, b = c0 * _MULTIPLIERS[0], c2 * _MULTIPLIERS[1]  # 32 x 32 bits fit in 64
        c0, c1 = (b >> _HALF) ^ c1 ^ np.uint64(k0), b & _LOW
        c2, c3 = (a >> _HALF) ^ c3 ^ np.uint64(k1), a & _LOW
        k0, k1 = (k0 + _WEYL[0]) % 2**32, (k1 + _WEYL[1]) % 2**32
    return np.stack([c0, c1, c2, c3], axis=-1).astype(np.uint32)


def words(n: int, seed: int, offset: int = 0) -> np.ndarray:
    """The first n words of the stream that starts at block `offset` under key `seed`.

    Args:
        n: number of words, at least 0.
        seed: any integer; taken modulo 2**64, as a C cast would.
        offset: index of the first block of four words, in [0, 2**64).

    Returns:
        uint32 (n,).

    Raises:
        ValueError: n or offset out of range.

    >>> [f"{word:08x}" for word in words(5, seed=0)]
    ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8', 'f8e4cca4']
    """
    if n < 0:
        raise ValueError(f"n must be at least 0, got {n}")
    if not 0 <= offset < 2**64:
        raise ValueError(f"offset must be in [0, 2**64), got {offset}")
    block = np.uint64(offset) + np.arange((n + 3) // 4, dtype=np.uint64)
    nothing = np.zeros_like(block)
    counter = np.stack([block & _LOW, block >> _HALF, nothing, nothing], axis=-1)
    seed %= 2**64
    return philox4x32(counter, (seed % 2**32, seed >> 32)).reshape(-1)[:n]


def threshold(p: float) -> int:
    """The integer below which a word means "drop": round(p * 2**32), halves to even.

    Args:
        p: drop probability, 0 <= p <= 1.

    Raises:
        ValueError: p outside [0, 1] or NaN.

    >>> threshold(0.0), threshold(0.5) == 2**31, threshold(1.0) == 2**32
    (0, True, True)
    """
    require_probability(p)
    return round(p * 2**32)


def require_probability(p: float) -> None:
    """Raise ValueError unless 0 <= p <= 1; NaN fails every comparison, so it is refused as well."""
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
