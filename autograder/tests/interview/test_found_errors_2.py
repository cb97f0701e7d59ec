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


def test_a_shared_signal_hides_the_shift_behind_weights_of_one_sign_only():
    """X17: with random signs the signal and the mask noise grow alike, so the ratio stays what it was."""
    rng, n, p = np.random.default_rng(0), 100, 0.5

    def ratio(weights: np.ndarray) -> float:
        # units 1 + common + own, all of variance 1: mean 1, variance 2, mean square 3
        evaluation = (weights**2).sum() + weights.sum() ** 2
        return evaluation / (evaluation + p / (1 - p) * 3 * (weights**2).sum())

    signs = [ratio(rng.choice([-0.1, 0.1], n)) for _ in range(500)]
    assert ratio(np.full(n, 0.1)) > 0.95 and np.mean(signs) < 2 / (2 + 3)
    record = BANK["X17"]
    assert "weights share a sign" in record["model_answer"]["full"]
    shown = next(e["shows"] for e in record["evidence"] if "common_signal" in e.get("measure", ""))
    assert "weights of one sign" in shown


def test_a_mask_that_repeats_starves_units_only_if_rows_share_it():
    """X66: with a mask for each row every unit is kept in some row; with one example at a time, half are."""
    alone, batch = (np.random.default_rng(0).random(shape) >= 0.5 for shape in ((1, 64), (32, 64)))
    assert not alone.any(axis=0).all() and batch.any(axis=0).all()
    record = BANK["X66"]
    assert "one example at a time" in record["prompt"]
    assert "all units learn" in record["model_answer"]["full"]
    assert any("each row" in text for text in record["accept_also"])


def test_neighbouring_seeds_meet_when_a_step_is_added():
    """Q53: the next layer's or rank's mask of this step is this one's of the next, if seeds differ by 1."""

    def mask(seed: int, step: int) -> np.ndarray:
        return np.random.default_rng(seed + step).random(50) >= 0.5

    assert np.array_equal(mask(8, 3), mask(7, 4)) and not np.array_equal(mask(1_000_007, 3), mask(7, 4))
    full = BANK["Q53"]["model_answer"]["full"]
    assert "manual_seed(self.seed + int(self.step))" in full
    assert "add the rank to the seed" not in full and "further apart than the run has steps" in full


def test_a_masked_reference_is_noisy_and_usually_too_low():
    """X27: the bias is sure for a mask before the last linear layer; a ReLU behind it can turn it round."""
    masks = ((np.arange(16)[:, None] >> np.arange(4)) & 1) / 0.5  # 16 masks of equal chance
    hidden, head = np.array([1.0, -2.0, 0.5, 1.5]), np.random.default_rng(1).normal(size=(4, 5))

    def log_probabilities(scores: np.ndarray) -> np.ndarray:
        return scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))

    masked, plain = log_probabilities(masks * hidden @ head), log_probabilities(hidden @ head)
    assert (masked.mean(axis=0) < plain).all() and (masked.std(axis=0) > 0.1).all()
    behind = np.maximum(masks[:4, :2] @ [1.0, -1.0], 0)  # 0 without masks, 2 under one mask in four
    scores = np.stack([behind, np.zeros(4)], axis=1)
    assert log_probabilities(scores)[:, 0].mean() > np.log(0.5)
    full = BANK["X27"]["model_answer"]["full"]
    half = full[full.index("**Half a repair.**") :]
    assert "A reference left in training mode" in half and "usually lies below" in half
    assert "If the policy still drops" not in half


def test_three_members_on_three_machines_are_not_the_same_hardware():
    """X69: the prompt allows no more hardware; and passes in one batch make latency rise, not fall."""
    full = BANK["X69"]["model_answer"]["full"]
    assert "same hardware" in BANK["X69"]["prompt"].replace("\n", " ") and "three machines" not in full
    assert 3 * 12 < 40 < 4 * 12 and "36 ms one after the other" in full
    assert "latency rises by less" in full


def test_the_cited_abstract_names_no_ensembles():
    """X69: the comparison under shift speaks, in its abstract, of methods that marginalise over models."""
    where = next(s["where"] for s in BANK["X69"]["sources"] if s["key"] == "ovadia2019trust")
    assert "average over models" in where and "ensembles" not in where


def test_the_luck_of_the_best_is_smaller_on_the_same_texts():
    """X71: six equal settings that find the same texts hard differ less than six that err independently."""
    rng, runs = np.random.default_rng(0), 4000
    hard = rng.random((runs, 1, 100)) < 0.25
    shared = (rng.random((runs, 6, 100)) < np.where(hard, 0.4, 1.0)).sum(axis=2)
    independent = rng.binomial(100, 0.85, (runs, 6))
    luck = [float(right.max(axis=1).mean() - 85) for right in (shared, independent)]
    assert 4 < luck[1] < 5 and luck[0] < luck[1] - 0.7
    record = BANK["X71"]
    assert "less if they fail on the same texts" in record["model_answer"]["full"].replace("\n", " ")
    assert "Any honest difference" not in record["model_answer"]["full"]


def test_two_passes_need_two_masks_and_no_mask_for_each_sentence():
    """X30: one mask a pass, shared by all rows, already parts the pairs; on [x, x] it makes them equal."""
    rng = np.random.default_rng(0)
    x, weights = rng.normal(size=(5, 64)), rng.normal(size=(64, 8))
    first, second = ((x * (rng.random(64) >= 0.5) / 0.5) @ weights for _ in range(2))
    joined = (np.concatenate([x, x]) * (rng.random(64) >= 0.5) / 0.5) @ weights
    assert (np.abs(first - second).max(axis=1) > 0.1).all() and np.allclose(joined[:5], joined[5:])
    record = BANK["X30"]
    said = " ".join(record["model_answer"].values()) + str(record["rubric"])
    assert "each pass and" not in said and said.count("share a batch") >= 2


def test_scaling_twice_leaves_the_share_that_is_kept():
    """Q16: at drop rate 0.2 evaluation then has 0.8 of its value, which is no 0.8 times too small."""
    p, x = 0.2, 10.0
    assert np.isclose((1 - p) * x / x, 0.8) and x / ((1 - p) * x) > 1
    why = next(wrong["why"] for wrong in BANK["Q16"]["wrong"] if "to be safe" in wrong["says"])
    assert "times too small" not in why and "1 - p times what it should be" in why


def test_portable_weights_may_still_need_other_names():
    """Q17: the numbers fit without the layer; in a Sequential the names move (X86), so loading may fail."""
    assert "positions" in BANK["X86"]["model_answer"]["short_20s"]
    full = BANK["Q17"]["model_answer"]["full"]
    assert "load into a model without it" not in full and "names of layers may move" in full


def test_routers_may_carry_noise_in_training():
    """X33: public switch transformers have a jitter on the router's input, 0.01 by default, in training."""
    why = next(wrong["why"] for wrong in BANK["X33"]["wrong"] if "already dropout" in wrong["says"])
    assert "same in both modes" not in why and "noise added on purpose" in why


def test_a_seed_inside_the_layer_makes_no_smaller_layer():
    """X58: each step draws the same mask, but with a mask for each row every unit is kept in some row."""
    first, second = (np.random.default_rng(0).random((32, 64)) >= 0.5 for _ in range(2))
    assert np.array_equal(first, second) and first.any(axis=0).all()
    why = next(wrong["why"] for wrong in BANK["X58"]["wrong"] if "inside the dropout layer" in wrong["says"])
    assert "smaller layer" not in why and "the same mask" in why


def test_normalisation_stops_the_growth_although_all_of_the_signal_is_masked():
    """X14: it resets the mean square; that little of the signal meets a mask is true of shortcuts alone."""
    rng, p = np.random.default_rng(0), 0.5
    plain = normed = rng.normal(size=(100, 128))
    for _ in range(6):
        weights = rng.normal(size=(128, 128)) / np.sqrt(128)
        factor = (rng.random(plain.shape) >= p) / (1 - p)
        plain = (plain * factor) @ weights
        normed = (normed / np.sqrt((normed**2).mean()) * factor) @ weights
    assert (plain**2).mean() > 20 and (normed**2).mean() < 3
    assert "a normalisation layer, because it resets the size" in BANK["X14"]["model_answer"]["short_20s"]


def test_fifty_passes_in_a_row_do_not_fit_and_a_batch_has_to_be_measured():
    """X69: 600 ms is for passes one after the other; 12 ms for one input says nothing on a batch of 50."""
    assert 50 * 12 > 40
    record = BANK["X69"]
    said = " ".join(record["model_answer"].values()) + str(record["rubric"])
    assert "50 do not fit" in said and said.count("in a row") == 3 and "has to be measured" in said


def test_an_uncorrelated_column_keeps_its_share_once_it_is_centred():
    """Q06: beside an intercept that is never dropped a column of mean 2 keeps a sixth, a centred one half."""
    columns = np.array([[1.0, 1, 1], [1, 1, 3], [1, -1, 1], [1, -1, 3]])
    y, strengths = np.array([1.0, 2, 2, 5]), np.array([0.0, 1, 5])  # p = 0.5: the mean squares
    plain, dropped = (
        np.linalg.solve(columns.T @ columns / 4 + np.diag(share * strengths), columns.T @ y / 4)
        for share in (0, 1)
    )
    assert abs(np.cov(columns[:, 1:].T)[0, 1]) < 1e-12
    assert np.allclose((dropped / plain)[1:], [1 / 2, 1 / 6])
    answer = next(step["answer"] for step in BANK["Q06"]["followups"] if step["if"] == "correct")
    assert "like any uncorrelated" not in answer and "uncorrelated with the others" in answer


def test_shuffled_labels_are_not_all_wrong():
    """Q04: the measure shuffles a fifth of the labels, and about a tenth of those come back right."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 20_000)
    noisy, chosen = labels.copy(), rng.permutation(20_000)[:4_000]
    noisy[chosen] = rng.permutation(labels[chosen])
    assert 0.17 < (noisy != labels).mean() < 0.19
    full = BANK["Q04"]["model_answer"]["full"]
    assert "carry wrong labels" not in full and "labels shuffled" in full


def test_the_abstract_on_uncertainty_speaks_of_inference_and_not_of_passes():
    """X28: the abstract calls dropout training approximate inference; sampling at test time is not in it."""
    where = next(s["where"] for s in BANK["X28"]["sources"] if s["key"] == "gal2016dropout")
    assert "approximate inference" in where and "test time" not in where


def test_features_are_scaled_by_the_inverse_of_the_information():
    """Q06: the abstract scales features by the inverse diagonal Fisher information."""
    where = next(s["where"] for s in BANK["Q06"]["sources"] if s["key"] == "wager2013dropout")
    assert "inverse diagonal Fisher information" in where
