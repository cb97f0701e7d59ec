"""Errors found in the records on transformers, recurrent nets, normalisation and variants, kept out."""

import itertools

import numpy as np
from said import BANK, follow_up, full_answer


def test_the_noise_of_an_average_depends_on_the_entries():
    """X40: the variance p/(1-p) is that of entries of 1; entries of 3 have nine times as much."""
    one, three = (np.array([0.0, value / 0.5]).var() for value in (1.0, 3.0))
    assert one == 0.5 / (1 - 0.5) and three == 9 * one
    prompt = next(step["prompt"] for step in BANK["X40"]["followups"] if step["if"] == "partial")
    assert "64 entries of 1" in prompt and "map of ones" in BANK["X40"]["model_answer"]["full"]


def test_the_abstract_is_that_of_the_version_cited():
    """X20: strategies that change dropout stand in the abstract of 2018, guidelines in that of 2019."""
    where = next(s["where"] for s in BANK["X20"]["sources"] if s["key"] == "li2019understanding")
    assert "guidelines" in where and "strategies" not in where


def test_word_of_a_counter_is_one_of_four():
    """X29: a Philox counter gives four words, so word 1,000,003 (from 0) is the last of counter 250,000."""
    assert divmod(1_000_003, 4) == (250_000, 3)
    assert "word 3 of counter 250,000" in follow_up("X29", "wrong")


def test_a_branch_is_scaled_with_its_bias():
    """X42: scaling the weights alone leaves the bias too large by 1/(1-p)."""
    rng, p = np.random.default_rng(3), 0.3
    weights, bias, h = rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=(5, 4))
    wanted = (1 - p) * (h @ weights + bias)
    assert np.allclose(h @ ((1 - p) * weights) + (1 - p) * bias, wanted)
    assert not np.allclose(h @ ((1 - p) * weights) + bias, wanted)
    assert "weights and biases of each branch" in follow_up("X42", "partial")


def test_a_large_weight_shrinks_because_it_fills_its_sum():
    """X23: every kept probability is divided by at most 1; a large one gains less by that than it loses."""
    weights, p = np.array([0.7, 0.2, 0.1]), 0.3
    masks = ((np.arange(1, 8)[:, None] >> np.arange(3)) & 1) * weights
    chance = np.prod(np.where(masks > 0, 1 - p, p), axis=1)
    sums = masks.sum(axis=1, keepdims=True)
    mean = chance @ (masks / sums) / chance.sum()
    assert (sums <= 1 + 1e-12).all() and mean[0] < 0.6 and (mean[1:] > weights[1:]).all()
    assert "makes up most of the sum" in full_answer("X23") and "is divided by at most 1" not in full_answer(
        "X23"
    )


def test_a_reference_in_evaluation_needs_no_switch():
    """X27: the answer says so, so whoever leaves such a reference alone loses no point."""
    assert "A reference in evaluation, the usual case, needs no switch" in full_answer("X27")
    assert any("reference that is in evaluation" in right for right in BANK["X27"]["accept_also"])


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


def test_routers_may_carry_noise_in_training():
    """X33: public switch transformers have a jitter on the router's input, 0.01 by default, in training."""
    why = next(wrong["why"] for wrong in BANK["X33"]["wrong"] if "already dropout" in wrong["says"])
    assert "same in both modes" not in why and "noise added on purpose" in why


def test_the_abstract_on_uncertainty_speaks_of_inference_and_not_of_passes():
    """X28: the abstract calls dropout training approximate inference; sampling at test time is not in it."""
    where = next(s["where"] for s in BANK["X28"]["sources"] if s["key"] == "gal2016dropout")
    assert "approximate inference" in where and "test time" not in where


def test_samples_share_a_cache_only_with_the_text():
    """X28: samples that write different tokens have different keys and values, dropout or not."""
    assert "share the cache as long as they share the text" in full_answer("X28")


def test_zoneout_rates_need_not_be_small():
    """X44: the authors' own runs hold half of the cells, and take equal rates on two of their tasks."""
    assert "different and small" not in full_answer("X44")


def test_correlated_contributions_may_cancel():
    """Q39: two equal centred units keep more than 1-p of the variance, or nothing if weights cancel."""
    p, ratios = 0.5, []
    for w in ([1.0, 1.0], [1.0, -1.0]):
        calm = sum(w) ** 2  # variance 1, correlation 1
        ratios.append(calm / (calm + p / (1 - p) * np.sum(np.square(w))))
    assert ratios[0] > 1 - p and ratios[1] == 0
    assert "where they cancel one another smaller still" in full_answer("Q39")


def test_several_minima_keep_a_trace_of_early_dropout():
    """X47: with 2 examples and 3 weights, descent after early dropout ends at another least squares."""
    X, y, ends = np.array([[1.0, 2.0, 0.5], [0.0, 1.0, 3.0]]), np.array([1.0, 2.0]), []
    for early in (0.0, 1.0):  # p/(1-p) of the first 500 steps of the averaged loss
        w = np.zeros(3)
        for step in range(2000):
            ridge = early * (step < 500) * (X**2).mean(axis=0)
            w = w - 0.1 * (X.T @ (X @ w - y) / 2 + ridge * w)
        assert np.allclose(X @ w, y)
        ends.append(w)
    assert np.abs(ends[0] - ends[1]).max() > 0.05
    record = BANK["X47"]
    said = str(record["model_answer"]) + str(record["anchors"]) + str(record["wrong"])
    assert said.count("convex problem") == said.count("convex problem with one minimum") > 0
    assert "more weights than examples" in record["model_answer"]["short_20s"]


def test_at_rate_zero_a_variance_equals_its_root():
    """X08: p/(1-p) is its own root at 0.5 and at 0, so a test needs another rate."""
    assert [p for p in (0, 0.2, 0.5, 0.8) if np.isclose(p / (1 - p), np.sqrt(p / (1 - p)))] == [0, 0.5]
    assert "at 0 both are 0" in follow_up("X08", "partial")


def test_four_units_lose_the_root_only_if_one_of_each_sign_goes():
    """X19: over all masks that drop two of 1, -1, 1, -1 the mean output is 0.80; one of each sign, 0.71."""
    x, outputs, one_each = np.array([1.0, -1.0, 1.0, -1.0]), [], []
    for kept in itertools.combinations(range(4), 2):
        y = np.zeros(4)
        y[list(kept)] = 2 * x[list(kept)]
        outputs.append((y - y.mean()) / y.std())
        one_each.append(x[list(kept)].sum() == 0)
    assert np.isclose(np.mean(outputs, axis=0)[0], 0.805, atol=0.001)
    assert np.isclose(np.mean(np.array(outputs)[one_each], axis=0)[0], np.sqrt(0.5))
    prompt = next(step["prompt"] for step in BANK["X19"]["followups"] if step["if"] == "wrong")
    assert "one of each sign" in prompt and "such masks" in prompt
