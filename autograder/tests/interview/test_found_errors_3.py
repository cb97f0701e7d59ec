"""What readers of the bank found wrong, so that it cannot come back."""

from pathlib import Path

import numpy as np

from dropgrade.interview.bank import load_bank

BANK = load_bank(Path(__file__).parents[3] / "book" / "questions")


def _full(name: str) -> str:
    return " ".join(BANK[name]["model_answer"]["full"].split())


def _answer(name: str, branch: str) -> str:
    return next(step["answer"] for step in BANK[name]["followups"] if step["if"] == branch)


def _why(name: str, words: str) -> str:
    return next(wrong["why"] for wrong in BANK[name]["wrong"] if words in wrong["says"])


def _keeps(n: int) -> np.ndarray:
    return (np.arange(2**n)[:, None] >> np.arange(n)) & 1


def test_the_divergence_holds_minus_the_entropy_of_the_coins():
    """X76: smoothed atoms 0 and m cost half of (1-p) m squared, minus the entropy, minus log width."""
    p, m, width = 0.3, 1.5, 0.01
    grid = np.linspace(-1, 3, 40_001)
    bells = [np.exp(-(((grid - at) / width) ** 2) / 2) / width / np.sqrt(2 * np.pi) for at in (0, m)]
    q = p * bells[0] + (1 - p) * bells[1] + 1e-300
    kl = np.sum(q * (np.log(q) + grid**2 / 2 + np.log(2 * np.pi) / 2)) * (grid[1] - grid[0])
    entropy = -p * np.log(p) - (1 - p) * np.log(1 - p)
    assert np.isclose(kl, (1 - p) * m**2 / 2 - entropy - np.log(width) - 0.5, atol=1e-3)
    assert "minus the entropy" in _full("X76") and "plus the entropy" not in _full("X76")


def test_a_comparison_rounds_the_rate_up():
    """X49: on a grid u >= p drops ceil(p 2^k) of 2^k values, so the error may be nearly a whole step."""
    u, p = np.arange(16) / 16, 1 / 16 + 1e-6
    assert (u < p).mean() == 2 / 16 and (u < p).mean() - p > 0.5 / 16
    assert "up to the next" in _answer("X49", "partial") and "half of that" not in _answer("X49", "partial")


def test_all_four_comparisons_keep_nothing_at_rate_one():
    """X49: only their mirror images leave a survivor at rate 1, so it is no reason against these four."""
    u, v = np.arange(4) / 4, np.arange(1, 5) / 4
    assert not (u >= 1).any() and not (u > 1).any() and not (v < 0).any() and not (v <= 0).any()
    assert (u <= 0).any() and (v >= 1).any()
    assert "At rate 1 all four lines are right" in _full("X49")
    assert "mirrored" in _why("X49", "by a hair")


def test_a_target_can_come_later_without_any_noise():
    """Q30: descent on the averaged loss ends at shrunken weights, where the plain loss stays high."""
    w = {0.0: 0.0, 0.5: 0.0}  # one column of mean square 1, labels without noise, true weight 1
    for _ in range(200):
        w = {p: a - 0.1 * (a - 1 + p / (1 - p) * a) for p, a in w.items()}
    assert (w[0.0] - 1) ** 2 < 1e-6 and np.isclose((w[0.5] - 1) ** 2, 0.25)
    assert "even without any noise" in _full("Q30")
    assert "other minimum" in _why("Q30", "redundant copies")
    assert "other minimum" in str(BANK["Q30"]["rubric"])


def test_samples_share_a_cache_only_with_the_text():
    """X28: samples that write different tokens have different keys and values, dropout or not."""
    assert "share the cache as long as they share the text" in _full("X28")


def test_directions_are_shared_pair_by_pair():
    """X75: S and its diagonal commute if columns are orthogonal or alike in mean square, two by two."""
    S = np.array([[1.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 3.0]])
    assert np.allclose(S @ np.diag(np.diag(S)), np.diag(np.diag(S)) @ S)
    assert "any two columns are orthogonal or have equal mean squares" in _full("X75")


def test_zoneout_rates_need_not_be_small():
    """X44: the authors' own runs hold half of the cells, and take equal rates on two of their tasks."""
    assert "different and small" not in _full("X44")


def test_correlated_contributions_may_cancel():
    """Q39: two equal centred units keep more than 1-p of the variance, or nothing if weights cancel."""
    p, ratios = 0.5, []
    for w in ([1.0, 1.0], [1.0, -1.0]):
        calm = sum(w) ** 2  # variance 1, correlation 1
        ratios.append(calm / (calm + p / (1 - p) * np.sum(np.square(w))))
    assert ratios[0] > 1 - p and ratios[1] == 0
    assert "where they cancel one another smaller still" in _full("Q39")


def test_renormalised_attention_stays_noisy():
    """Q34: dividing by the sum of the kept weights leaves a random mixture and shifts its expectation."""
    a, keeps = np.array([0.9, 0.1]), _keeps(2)[1:]
    weights = a * keeps / (a * keeps).sum(axis=1, keepdims=True)
    assert weights[:, 0].var() > 0.1 and weights[:, 0].mean() < 0.7
    answer = _answer("Q34", "partial")
    assert "leave noise in the mixture" in answer and "take the noise away" not in answer


def test_fifteen_entries_leave_the_fast_path_uncovered():
    """X68: coverage would tell; one training call on 16 entries completes it; 0/0 at rate 1 is left."""
    assert 15 % 4 and not 16 % 4
    with np.errstate(invalid="ignore"):
        assert np.isnan(np.where(np.zeros(3, bool), 1.0, 0) / np.float64(1 - 1)).all()
    full = _full("X68")
    assert "Line coverage would not complain" not in full and "its return as never run" in full
    assert "0/0 at $p=1$" in full and "$p=0$ say" not in full
    assert "15 entries" in _why("X68", "Coverage was 100 %")


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
    assert "at 0 both are 0" in _answer("X08", "partial")


def test_a_shared_mask_is_quieter_where_contributions_cancel():
    """Q22: the ratio of variances is a squared sum over a sum of squares, which may be below 1."""
    g = np.array([1.0, -1.0, 2.0, -1.9])
    assert g.sum() ** 2 / (g**2).sum() < 0.01
    assert "below 1 when they nearly cancel" in _full("Q22")
    assert "usually be noisier" in " ".join(BANK["Q22"]["model_answer"]["short_20s"].split())


def test_a_repeated_mask_adds_noise_to_sums_of_like_terms():
    """X80: with terms of opposite sign the repeated mask cancels, so not in any sum over programs."""
    like, opposed = np.ones(64), np.tile([1.0, -1.0], 32)
    assert [c.sum() ** 2 / (c**2).sum() for c in (like, opposed)] == [64, 0]
    assert "a sum of like terms" in _full("X80") and "any sum over programs" not in _full("X80")


def test_the_abstract_of_2012_speaks_of_co_adaptation_only():
    """Q02: averaging over thinned networks stands in the abstract of 2014."""
    where = {source["key"]: source["where"] for source in BANK["Q02"]["sources"]}
    assert "averaging" not in where["hinton2012improving"]
    assert "averaging" in where["srivastava2014dropout"]


def test_one_look_at_validation_under_masks_is_no_mistake():
    """Q48: X84 accepts that check, so only the habit of validating with dropout on may count as wrong."""
    assert any("validation data in training mode" in also for also in BANK["X84"]["accept_also"])
    assert "nobody will use" in _why("Q48", "leave dropout on whenever we validate")
    assert not any("switch dropout on for validation" in wrong["says"] for wrong in BANK["Q48"]["wrong"])


def test_the_paper_is_cited_for_parts_that_were_looked_up():
    """R15, Q23: section 1 was seen in copies and notes; of section 6 the comparison, not all of it."""
    where = {name: " ".join(source["where"] for source in BANK[name]["sources"]) for name in ("R15", "Q23")}
    assert "introduction and section 6" not in where["R15"] and "comparison" in where["R15"]
    assert "as quoted in public notes" in where["Q23"]


def test_equal_products_of_norms_are_not_enough_for_the_least_penalty():
    """X07: two units that cancel have equal products and a price, though the matrix 0 costs nothing."""
    u, v = np.array([[1.0, 1.0]]), np.array([[1.0, -1.0]])
    products = np.linalg.norm(u, axis=0) * np.linalg.norm(v, axis=0)
    least = np.linalg.norm(u @ v.T, "nuc") ** 2 / 2
    assert products[0] == products[1] and np.isclose(least, 0) and (products**2).sum() == 2
    short = " ".join(BANK["X07"]["model_answer"]["short_20s"].split())
    assert "add up to" in short and "reached when all products" not in short


def test_more_steps_have_two_reasons():
    """Q30: each why names the same reasons as the answer, the noise and the other minimum."""
    assert "noise and the other minimum" in _why("Q30", "not trained in that step")
    assert "noise is the reason" not in str(BANK["Q30"]["wrong"])
