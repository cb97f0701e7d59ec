"""Philox-4x32 gives the published words, and the counter contract of the course is what it says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dropgrade.reference import philox

# Random123, tests/kat_vectors (https://github.com/DEShawResearch/random123): rounds, counter, key, expected.
KNOWN_ANSWERS = """
 7  00000000 00000000 00000000 00000000  00000000 00000000  5f6fb709 0d893f64 4f121f81 4f730a48
 7  ffffffff ffffffff ffffffff ffffffff  ffffffff ffffffff  5207ddc2 45165e59 4d8ee751 8c52f662
 7  243f6a88 85a308d3 13198a2e 03707344  a4093822 299f31d0  4dfccaba 190a87f0 c47362ba b6b5242a
10  00000000 00000000 00000000 00000000  00000000 00000000  6627e8d5 e169c58d bc57ac4c 9b00dbd8
10  ffffffff ffffffff ffffffff ffffffff  ffffffff ffffffff  408f276d 41c83b0e a20bc7c6 6d5451fd
10  243f6a88 85a308d3 13198a2e 03707344  a4093822 299f31d0  d16cfe09 94fdcceb 5001e420 24126ea1
"""

seeds = st.integers(-(2**63), 2**64 - 1)
blocks = st.integers(0, 2**64 - 20)


def parse(line: str) -> tuple[int, list[int], tuple[int, int], list[int]]:
    """Split a line of the known answers into rounds, counter, key and expected words."""
    rounds, *rest = line.split()
    words = [int(word, 16) for word in rest]
    return int(rounds), words[:4], (words[4], words[5]), words[6:]


@pytest.mark.parametrize("line", KNOWN_ANSWERS.strip().splitlines())
def test_known_answers(line: str):
    """The generator gives the words that its authors publish, after 7 rounds and after 10."""
    rounds, counter, key, expected = parse(line)
    assert philox.philox4x32(np.array(counter), key, rounds).tolist() == expected


def test_many_counters_at_once_are_many_calls():
    """A stack of counters gives the stack of their blocks."""
    counters = np.arange(24, dtype=np.uint32).reshape(2, 3, 4)
    together = philox.philox4x32(counters, (1, 2))
    apart = [[philox.philox4x32(counter, (1, 2)) for counter in row] for row in counters]
    assert together.dtype == np.uint32
    assert np.array_equal(together, apart)


@given(seed=seeds, offset=blocks, n=st.integers(0, 40))
def test_word_i_is_lane_i_mod_4_of_block_i_div_4(seed: int, offset: int, n: int):
    """Word i comes from counter (low, high, 0, 0) of offset + i // 4 under key (low, high) of the seed."""
    got = philox.words(n, seed, offset)
    assert got.shape == (n,)
    for i in range(n):
        block, key = offset + i // 4, seed % 2**64
        counter = np.array([block % 2**32, block >> 32, 0, 0])
        assert got[i] == philox.philox4x32(counter, (key % 2**32, key >> 32))[i % 4]


@given(seed=seeds, offset=st.integers(0, 2**40), n=st.integers(0, 30), skip=st.integers(0, 5))
def test_a_later_offset_is_a_slice(seed: int, offset: int, n: int, skip: int):
    """Starting `skip` blocks later gives the same stream without its first 4 * skip words."""
    assert np.array_equal(
        philox.words(n, seed, offset + skip), philox.words(n + 4 * skip, seed, offset)[4 * skip :]
    )


@pytest.mark.parametrize(
    ("n", "offset", "rule"), [(-1, 0, "n must be"), (4, -1, "offset must"), (4, 2**64, "offset must")]
)
def test_out_of_range_is_refused(n: int, offset: int, rule: str):
    """A negative length or a block index that does not fit in 64 bits raises ValueError."""
    with pytest.raises(ValueError, match=rule):
        philox.words(n, 0, offset)
