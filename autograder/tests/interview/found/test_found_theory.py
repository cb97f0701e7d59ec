"""Errors found in the records on derivations, penalties and averages, kept out."""

import math
from pathlib import Path

import numpy as np
from said import BANK, cited_for, follow_up, full_answer, shown_by


def _dropout_ridge(columns: np.ndarray, y: np.ndarray, p: float) -> np.ndarray:
    strengths = p / (1 - p) * (columns**2).mean(axis=0)
    return np.linalg.solve(columns.T @ columns / len(y) + np.diag(strengths), columns.T @ y / len(y))


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


def test_a_centred_column_keeps_its_share_under_dropout():
    """Q06: centring a column of tiny variance leaves it the share 1 - p, so dropout does hold its weight."""
    column, p = np.random.default_rng(0).normal(0, 0.01, 500), 0.3
    column -= column.mean()
    square = (column**2).mean()
    kept = square / (square + p / (1 - p) * square)  # times least squares, whatever the labels
    assert np.isclose(kept, 1 - p)
    far = square / (square + p / (1 - p) * (square + 1.0))  # mean 1 instead of 0, intercept never dropped
    assert far < 0.001
    assert "$1-p$" in follow_up("Q06", "correct") and "hardly holds" not in follow_up("Q06", "correct")


def test_a_handful_of_examples_says_little_on_capacity():
    """Q33: a line learns 2 points of a parabola, not all; and a poor learning rate fails on 2 as well."""
    x = np.linspace(-1, 1, 21)
    some, design = np.array([0, 5]), np.stack([x, np.ones_like(x)], axis=1)

    def loss(rows: np.ndarray, rate: float) -> float:
        X, y, w = design[rows], x[rows] ** 2, np.zeros(2)
        for _ in range(2000):
            w = w - rate * X.T @ (X @ w - y) / len(rows)
        return float(((X @ w - y) ** 2).mean())

    assert loss(some, 0.5) < 1e-6 < 1e-2 < min(loss(np.arange(21), 0.5), loss(some, 1e-5))
    said = follow_up("Q33", "partial") + BANK["Q33"]["model_answer"]["full"]
    assert "capacity or the code is the limit" not in said and said.count("suspect the code") == 2


def test_a_smaller_unit_makes_the_strength_larger():
    """X01, X74: in millimetres the numbers grow a thousandfold and the strength by the square of that."""
    metres = np.array([0.5, 1.0, 2.0])
    assert np.isclose(((1000 * metres) ** 2).mean(), 1000**2 * (metres**2).mean())
    assert "square of the unit" not in BANK["X01"]["model_answer"]["full"] + str(BANK["X74"]["followups"])
    assert "multiply a column by $c$" in BANK["X01"]["model_answer"]["full"]


def test_orthogonal_columns_keep_the_share_and_uncorrelated_ones_need_not():
    """X01: 1-p of least squares is left if inner products are 0; no correlation does not say that."""
    y = np.array([1.0, 2.0, 2.0, 5.0])
    orthogonal = np.array([[1.0, 1.0], [1.0, -1.0], [1.0, 1.0], [1.0, -1.0]])
    uncorrelated = np.array([[1.0, 1.0], [1.0, 3.0], [3.0, 1.0], [3.0, 3.0]])
    assert abs(np.cov(uncorrelated.T)[0, 1]) < 1e-12
    assert np.allclose(_dropout_ridge(orthogonal, y, 0.5), 0.5 * _dropout_ridge(orthogonal, y, 0.0))
    assert (_dropout_ridge(uncorrelated, y, 0.5) > 0.6 * _dropout_ridge(uncorrelated, y, 0.0)).all()
    record = BANK["X01"]
    assert "Orthogonal columns all shrink" in record["model_answer"]["full"]
    assert "for all uncorrelated" not in str(record["wrong"])


def test_the_fisher_penalty_is_no_parabola():
    """X02: a prior is a function of the weights; it is no Gaussian, because F changes with them."""
    w = np.array([1.0, 20.0])
    sure = 1 / (1 + np.exp(-w))
    one, twenty = sure * (1 - sure) * w**2
    assert twenty < one
    why = next(wrong["why"] for wrong in BANK["X02"]["wrong"] if "Gaussian prior" in wrong["says"])
    assert "a prior may not" not in why and "not quadratic" in why


def test_a_mask_behind_a_relu_leaves_one_pass_exact():
    """Q23: the geometric mean needs logits affine in the mask: a ReLU may stand before it, not after."""
    rng, p = np.random.default_rng(3), 0.5
    x, first, last = rng.normal(size=6), rng.normal(size=(6, 4)), rng.normal(size=(4, 3))
    share = {
        "relu, mask": (4, lambda keep: np.maximum(x @ first, 0) * keep @ last),
        "mask, relu": (6, lambda keep: np.maximum(x * keep @ first, 0) @ last),
    }
    gaps = {}
    for order, (n, logits) in share.items():
        masks = ((np.arange(2**n)[:, None] >> np.arange(n)) & 1) / (1 - p)
        z = np.array([logits(keep) for keep in masks])
        mean = (z - np.log(np.exp(z).sum(axis=1, keepdims=True))).mean(axis=0)
        geometric, single = (np.exp(s) / np.exp(s).sum() for s in (mean, logits(np.ones(n))))
        gaps[order] = np.abs(geometric - single).max()
    assert gaps["relu, mask"] < 1e-12 and gaps["mask, relu"] > 1e-3
    excellent = BANK["Q23"]["anchors"]["excellent"]
    assert "behind a ReLU" not in excellent and "ReLU comes in between" in excellent


def test_weights_of_classical_input_dropout_need_no_factor_for_gaps():
    """X15: weights fitted to undivided survivors serve such requests, and full ones, best as they are."""
    rng, p = np.random.default_rng(4), 0.3
    w = rng.normal(size=3)  # centred inputs of variance 1, not correlated; y = x w
    masks = (np.arange(8)[:, None] >> np.arange(3)) & 1
    chance = (1 - p) ** masks.sum(axis=1) * p ** (3 - masks.sum(axis=1))
    gram = np.einsum("m,mi,mj->ij", chance, masks, masks) * np.eye(3)
    fitted = np.linalg.solve(gram, (1 - p) * w)

    def risk(keep, factor):
        return np.sum((w - factor * fitted * keep) ** 2)

    gaps = [chance @ [risk(keep, factor) for keep in masks] for factor in (1, 1 - p)]
    assert gaps[0] < gaps[1] and risk(1, 1) < risk(1, 1 - p)
    record = BANK["X15"]
    assert not any("full request needs" in text for text in record["accept_also"])
    left_on = next(wrong for wrong in record["wrong"] if "training mode" in wrong["says"])
    assert left_on["misconception"] == "drops_in_eval"


def test_the_gap_comes_from_a_mask_in_front_of_a_relu():
    """X04: a mask on what a ReLU puts out leaves one pass exact (see Q23); the measure masks its inputs."""
    links = [link for link in BANK["X04"]["evidence"] if "hidden_layer" in link.get("measure", "")]
    assert [("inputs of a ReLU" in link["shows"]) for link in links] == [True]


def test_averaging_is_cited_from_the_abstract_that_speaks_of_it():
    """X04: the abstract of 2012 speaks of co-adaptation, the one of 2014 of averaging thinned networks."""
    assert "hinton2012improving" not in {source["key"] for source in BANK["X04"]["sources"]}


def test_only_the_article_writes_p_for_keeping():
    """Q40: the preprint of 2012 speaks of omitting half of the units; hidden units were masked in 1990."""
    record = BANK["Q40"]
    said = full_answer("Q40") + str(record["rubric"])
    assert "those papers write" not in said and "early papers" not in said
    assert "the article of 2014 writes $p$ for keeping" in said
    assert "New were masks" not in said and "hidden units were switched off" in said
    assert "sequin1990fault" in {source["key"] for source in record["sources"]}


def test_the_notes_cover_what_is_cited():
    """Q24, X47, X22, X94: the geometric mean, an abstract, residual dropout, appendix A."""
    bib = (Path(__file__).parents[4] / "book" / "references.bib").read_text("utf-8")
    for key, part in (
        ("hinton2012improving", "geometric mean"),
        ("liu2023dropout", "Checked: abstract"),
        ("vaswani2017attention", "residual dropout"),
        ("srivastava2014dropout", "conclusion and appendix A"),
    ):
        assert part in bib[bib.index("{" + key + ",") :].split("\n}\n")[0]


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


def test_features_are_scaled_by_the_inverse_of_the_information():
    """Q06: the abstract scales features by the inverse diagonal Fisher information."""
    where = next(s["where"] for s in BANK["Q06"]["sources"] if s["key"] == "wager2013dropout")
    assert "inverse diagonal Fisher information" in where


def test_directions_are_shared_pair_by_pair():
    """X75: S and its diagonal commute if columns are orthogonal or alike in mean square, two by two."""
    S = np.array([[1.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 3.0]])
    assert np.allclose(S @ np.diag(np.diag(S)), np.diag(np.diag(S)) @ S)
    assert "any two columns are orthogonal or have equal mean squares" in full_answer("X75")


def test_equal_products_of_norms_are_not_enough_for_the_least_penalty():
    """X07: two units that cancel have equal products and a price, though the matrix 0 costs nothing."""
    u, v = np.array([[1.0, 1.0]]), np.array([[1.0, -1.0]])
    products = np.linalg.norm(u, axis=0) * np.linalg.norm(v, axis=0)
    least = np.linalg.norm(u @ v.T, "nuc") ** 2 / 2
    assert products[0] == products[1] and np.isclose(least, 0) and (products**2).sum() == 2
    short = " ".join(BANK["X07"]["model_answer"]["short_20s"].split())
    assert "add up to" in short and "reached when all products" not in short


def test_averaged_masks_divide_the_variance_and_not_the_deviation():
    """X06: with k masks a step the variance falls like 1/k, the deviation like its root."""
    draws = np.random.default_rng(2).normal(size=(20_000, 4))
    assert np.isclose(draws[:, 0].var() / draws.mean(axis=1).var(), 4, rtol=0.1)
    assert np.isclose(draws[:, 0].std() / draws.mean(axis=1).std(), 2, rtol=0.1)
    record = BANK["X06"]
    assert "only the variance about it shrinks, as $1/k$" in full_answer("X06")
    assert "spread that falls" not in str(record["rubric"]) and "variance that falls" in str(record["rubric"])
    assert shown_by("X06", "spread_of_one_mask").startswith("variance of the weights")


def test_stochastic_depth_was_published_with_a_draw_for_the_batch():
    """Q41: the paper drops a branch for the whole mini-batch, so the mask (1, 1, 1, 1) is right as well."""
    answer = next(step["answer"] for step in BANK["Q41"]["followups"] if step["if"] == "partial")
    for shape in ((8, 3, 5, 5), (8, 3, 1, 1), (8, 1, 1, 1), (1, 1, 1, 1)):
        assert np.broadcast_shapes((8, 3, 5, 5), shape) == (8, 3, 5, 5)
    assert "(N, 1, 1, 1)" in answer and "(1, 1, 1, 1) with one draw for the mini-batch" in answer


def test_the_white_columns_are_orthogonal():
    """X74: columns from a QR decomposition have inner products 0, but means, so they may correlate."""
    draws = np.random.default_rng(4).normal(size=(60, 4))
    columns = np.linalg.qr(draws)[0] * np.sqrt(60)
    assert np.allclose(columns.T @ columns / 60, np.eye(4))
    assert np.abs(np.cov(columns.T, bias=True) - np.eye(4)).max() > 1e-3
    shows = shown_by("X74", "penalties_on_white_columns")
    assert "orthogonal" in shows and "uncorrelated" not in shows


def test_abstracts_are_told_as_they_are():
    """X74, R18: features are scaled by the inverse Fisher information; validities are lower than thought."""
    assert "inverse diagonal Fisher information" in cited_for("X74", "wager2013dropout")
    assert "lower than was thought" in cited_for("R18", "sackett2022revisiting")


def test_the_relatives_keep_their_source_on_branches():
    """Q41: stochastic depth is cited from its own paper, and the paper of 2014 once, for Gaussian noise."""
    keys = [source["key"] for source in BANK["Q41"]["sources"]]
    assert keys.count("huang2016deep") == keys.count("srivastava2014dropout") == 1
    assert "mini-batch" in cited_for("Q41", "huang2016deep")


def test_stochastic_depth_is_not_the_only_rate_that_rises():
    """Q54: the network for house numbers of 2014 drops more from layer to layer, without any shortcut."""
    kept = np.array([0.9, 0.75, 0.75, 0.5, 0.5, 0.5])  # from the input to the dense layers
    assert (np.diff(1 - kept) >= 0).all() and kept[0] > kept[-1]
    full = BANK["Q54"]["model_answer"]["full"]
    assert "The one practice" not in full and "house numbers" in full


def test_a_random_mask_may_hit_the_most_active_units():
    """Q49: it does so rarely, p to the k; that is no impossibility."""
    active = np.random.default_rng(0).random((20_000, 4))[:, :2] < 0.5
    assert 0.2 < active.all(axis=1).mean() < 0.3
    full = BANK["Q49"]["model_answer"]["full"]
    assert "no random mask" not in full and "hardly ever hits" in full


def test_a_copy_can_go_only_if_the_other_takes_over():
    """Q49: equal activations with outgoing weights 10 and -9 give 1 together and 10 if one just leaves."""
    activation, outgoing = 1.0, np.array([10.0, -9.0])
    together = activation * outgoing.sum()
    assert activation * outgoing[0] != together == activation * (outgoing[0] + outgoing[1])
    assert "takes over its outgoing weights" in follow_up("Q49", "wrong")


def test_the_typical_number_of_masks_does_not_hold_nearly_all_the_chance():
    """X12: of masks over 100 units at rate 0.1 the likeliest 2 to the 47 hold about two thirds."""
    n, p, left, held = 100, 0.1, 2.0**47, 0.0
    for dropped in range(n + 1):
        masks = min(left, float(math.comb(n, dropped)))
        held += masks * p**dropped * (1 - p) ** (n - dropped)
        left -= masks
    assert 0.64 < held < 0.71
    answer = follow_up("X12", "partial")
    assert "two thirds" in answer and "nearly all" not in str(BANK["X12"]["followups"])
    assert "a few masks" not in BANK["X12"]["model_answer"]["full"]
