"""Errors found in the records on uncertainty and calibration, kept out."""

from pathlib import Path

import numpy as np
from said import BANK, full_answer, why_wrong


def test_the_proof_on_one_hidden_layer_is_told_as_published():
    """X39: the paper treats factorised Gaussians besides dropout; for depth it proves that escapes exist."""
    full = BANK["X39"]["model_answer"]["full"]
    assert "other placements" not in full and "factorised Gaussian" in full


def test_a_spread_of_probabilities_falls_when_weights_grow():
    """X37: ten equal units at p = 0.5, counted over all masks: ten times the weight, a smaller spread."""
    kept = ((np.arange(1024)[:, None] >> np.arange(10)) & 1).sum(axis=1)
    small, large = ((1 / (1 + np.exp(-weight * kept / 0.5))).std() for weight in (0.3, 3.0))
    assert large < small / 2
    assert "the softmax saturates" in why_wrong("X37", "More data makes MC dropout surer")


def test_a_set_of_masks_for_all_inputs_is_not_one_mask_for_all_passes():
    """X34: passes with a fixed set of masks still differ; the bug that repeats one pass is another."""
    masks = np.random.default_rng(0).random((5, 8)) >= 0.5
    assert (masks @ np.arange(1.0, 9.0)).std() > 0
    assert "misconception" not in next(w for w in BANK["X34"]["wrong"] if "one set of masks" in w["says"])


def test_less_confidence_pays_only_where_it_exceeds_accuracy():
    """X36: the loss of a constant confidence is least where it equals accuracy, on shifted data too."""
    confidence, accuracy = np.linspace(0.01, 0.99, 99), 0.7
    loss = -accuracy * np.log(confidence) - (1 - accuracy) * np.log(1 - confidence)
    assert np.isclose(confidence[loss.argmin()], accuracy)
    record = BANK["X36"]["model_answer"]
    assert "everybody is overconfident" not in " ".join(record["short_20s"].split())
    assert "confidence does not" not in full_answer("X36") and "falls further than confidence" in full_answer(
        "X36"
    )


def test_the_neighbours_are_shown_in_the_chapter_not_under_the_mistake():
    """X38: the paragraph of the mistake shows no two sets of neighbours; a cell earlier on the page does."""
    shown = [item for item in BANK["X38"]["evidence"] if "neighbours" in item["shows"] and "page" in item]
    text = (Path(__file__).parents[4] / "book" / "11_uncertainty.md").read_text("utf-8")
    for item in shown:
        start = text.index(f"({item['anchor']})=") if "anchor" in item else 0
        assert "beside upright digits" in text[start:]


def test_the_divergence_holds_minus_the_entropy_of_the_coins():
    """X76: smoothed atoms 0 and m cost half of (1-p) m squared, minus the entropy, minus log width."""
    p, m, width = 0.3, 1.5, 0.01
    grid = np.linspace(-1, 3, 40_001)
    bells = [np.exp(-(((grid - at) / width) ** 2) / 2) / width / np.sqrt(2 * np.pi) for at in (0, m)]
    q = p * bells[0] + (1 - p) * bells[1] + 1e-300
    kl = np.sum(q * (np.log(q) + grid**2 / 2 + np.log(2 * np.pi) / 2)) * (grid[1] - grid[0])
    entropy = -p * np.log(p) - (1 - p) * np.log(1 - p)
    assert np.isclose(kl, (1 - p) * m**2 / 2 - entropy - np.log(width) - 0.5, atol=1e-3)
    assert "minus the entropy" in full_answer("X76") and "plus the entropy" not in full_answer("X76")


def test_local_draws_are_fewer_than_a_matrix_for_each_example():
    """X10: one draw for an example and output beats a matrix for each example, not one matrix a batch."""
    batch, inputs, outputs = 64, 20, 10
    assert batch * outputs < batch * inputs * outputs and batch * outputs > inputs * outputs
    assert "instead of a matrix of them for each example: fewer numbers" in full_answer("X10")


def test_scaled_noise_leaves_the_divergence_as_it_was():
    """X16: with weights and noise scaled alike it is (1-p) times half the squared norm, at means w."""
    p, w = 0.4, np.array([1.0, -2.0, 0.5])

    def divergence(kept_mean: np.ndarray, spread: float) -> float:
        return float((1 - p) * ((kept_mean / spread) ** 2).sum() / 2)

    square = float((w**2).sum())
    assert np.isclose(divergence(w / (1 - p), 1 / (1 - p)), (1 - p) * square / 2)
    assert np.isclose(divergence(w / (1 - p), 1.0), square / (2 * (1 - p)))
    accepted = " ".join(BANK["X16"]["accept_also"])
    assert "directly" not in accepted and "behind the scale" in accepted
