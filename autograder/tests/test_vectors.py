"""The file of Philox test vectors is what its generator writes, and torch reads the same masks from it."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from dropgrade.reference import philox, torch_ops, vectors

FILE = Path(__file__).parent / "data/philox.json"
VECTORS = json.loads(FILE.read_text(encoding="utf-8"))


def test_file_is_up_to_date(tmp_path: Path):
    """Writing the vectors anew gives the committed file, byte for byte."""
    vectors.write(tmp_path / "philox.json")
    assert (tmp_path / "philox.json").read_bytes() == FILE.read_bytes(), f"type: {vectors.COMMAND}"


def test_published_answers_are_among_the_blocks():
    """The first blocks are Random123's known answers, written here by hand."""
    published = ["6627e8d5 e169c58d bc57ac4c 9b00dbd8", "408f276d 41c83b0e a20bc7c6 6d5451fd"]
    published += ["d16cfe09 94fdcceb 5001e420 24126ea1"]
    assert [" ".join(block["words"]) for block in VECTORS["blocks"][:3]] == published


@pytest.mark.parametrize("block", VECTORS["blocks"], ids=lambda block: block["counter"][0])
def test_torch_gives_the_blocks(block: dict):
    """Philox in torch's integers gives the words of each block."""
    counter, key, words = ([int(word, 16) for word in block[name]] for name in ("counter", "key", "words"))
    got = torch_ops.philox4x32(tuple(torch.tensor(word) for word in counter), (key[0], key[1]))
    assert [int(word) for word in got] == words


def test_torch_gives_the_streams():
    """Words of every stream, whose seeds and offsets reach 2**64 - 1, are those of the file."""
    for stream in VECTORS["streams"]:
        got = torch_ops.random_words(10, int(stream["seed"]), int(stream["offset"]))
        assert [f"{word:08x}" for word in got.tolist()] == stream["words"], stream


def test_torch_gives_the_masks():
    """Masks at the edges of p and of the size are those of the file."""
    for case in VECTORS["masks"]:
        got = torch_ops.keep_mask((case["n"],), case["p"], int(case["seed"]), int(case["offset"]))
        assert np.array_equal(got.numpy(), vectors.unpack(case["keep"], case["n"])), case
        assert philox.threshold(case["p"]) == int(case["threshold"])
