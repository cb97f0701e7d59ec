"""What readers of the bank found wrong, so that it cannot come back."""

from pathlib import Path

import numpy as np

from dropgrade.interview.bank import load_bank

BANK = load_bank(Path(__file__).parents[3] / "book" / "questions")


def test_a_percentage_of_right_answers_is_more_whenever_half_are_right():
    """R04: the two readings of 25 % change places at half right, not near the top."""
    right = np.arange(1, 100)
    more = 1.25 * right > right + 0.25 * (100 - right)
    assert np.array_equal(more, right > 50)
    record = BANK["R04"]
    assert "order turns" not in record["model_answer"]["full"] + record["anchors"]["excellent"]
    assert "at half right" in record["model_answer"]["full"].replace("\n", " ")
