"""What readers of the bank found wrong, so that it cannot come back."""

from pathlib import Path

import numpy as np
import pytest

from dropgrade.interview.bank import load_bank

BANK = load_bank(Path(__file__).parents[3] / "book" / "questions")


def test_a_mask_can_produce_any_removal():
    """X82: a random mask may drop any given set of k units, with chance p to the k; only rarely."""
    drawn = np.random.default_rng(0).random((20_000, 4)) < 0.5
    assert abs((drawn == [True, True, False, False])[:, :2].all(axis=1).mean() - 0.5**2) < 0.02
    record = BANK["X82"]
    said = " ".join(record["model_answer"].values()) + str(record["rubric"])
    assert "never produce" not in said and "no random mask" not in said
    assert "hardly ever produce" in record["model_answer"]["full"]


def test_integers_are_refused_for_their_type():
    """X91: at rate 0.5 the scale is 2 and values stay whole; what cannot be kept is the integer type."""
    values = np.arange(5)
    assert np.array_equal(values / 0.5, 2 * values)
    with pytest.raises(TypeError):
        np.divide(values, 0.5, out=values)
    answer = " ".join(BANK["X91"]["model_answer"].values())
    assert "no integer" not in answer and answer.count("floating-point type") == 2


def test_four_learning_rates_span_a_factor_of_four():
    """X93: 0.01 to 0.04 is wider than the steps that the answer itself calls apart, so not one setting."""
    rates = np.array([0.01, 0.02, 0.03, 0.04])
    assert rates[-1] / rates[0] > 3
    assert np.isclose(np.log(rates[1] / rates[0]), np.log(rates[-1] / rates[0]) / 2)
    why = next(wrong["why"] for wrong in BANK["X93"]["wrong"] if "0.03" in wrong["says"])
    assert "factor of four" in why and "same setting" not in why


def test_the_noise_of_batch_normalisation_can_be_tuned():
    """Q46: four times the batch halves the spread of a batch's mean; dropout assumes something, too."""
    draws = np.random.default_rng(1).normal(size=(4_000, 64))
    assert np.isclose(draws[:, :16].mean(axis=1).std() / draws.mean(axis=1).std(), 2, rtol=0.1)
    why = next(wrong["why"] for wrong in BANK["Q46"]["wrong"] if "Batch normalisation" in wrong["says"])
    assert "cannot be tuned" not in why and "batch size" in why
    assert "no assumption" not in BANK["Q46"]["model_answer"]["full"]


def test_the_ridge_of_masked_copies_weighs_squared_weights():
    """X09: the price is the mean square of a column times its squared weight, averaged over all masks."""
    rng, p = np.random.default_rng(2), 0.3
    x, w, y = rng.normal(size=(20, 4)), rng.normal(size=4), rng.normal(size=20)
    masks = (np.arange(16)[:, None] >> np.arange(4)) & 1
    chance = (1 - p) ** masks.sum(axis=1) * p ** (4 - masks.sum(axis=1))
    loss = [np.mean((y - (x * keep / (1 - p)) @ w) ** 2) for keep in masks]
    price = p / (1 - p) * np.sum((x**2).mean(axis=0) * w**2)
    assert np.isclose(chance @ loss, np.mean((y - x @ w) ** 2) + price)
    assert "times its mean square times its squared weight" in BANK["X09"]["model_answer"]["full"]
