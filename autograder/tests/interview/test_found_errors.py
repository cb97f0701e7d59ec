"""What readers of the bank found wrong, so that it cannot come back."""

from pathlib import Path

import numpy as np
import pytest
import torch

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


def _answer(name: str, branch: str) -> str:
    return next(step["answer"] for step in BANK[name]["followups"] if step["if"] == branch)


def test_a_centred_column_keeps_its_share_under_dropout():
    """Q06: centring a column of tiny variance leaves it the share 1 - p, so dropout does hold its weight."""
    column, p = np.random.default_rng(0).normal(0, 0.01, 500), 0.3
    column -= column.mean()
    square = (column**2).mean()
    kept = square / (square + p / (1 - p) * square)  # times least squares, whatever the labels
    assert np.isclose(kept, 1 - p)
    far = square / (square + p / (1 - p) * (square + 1.0))  # mean 1 instead of 0, intercept never dropped
    assert far < 0.001
    assert "$1-p$" in _answer("Q06", "correct") and "hardly holds" not in _answer("Q06", "correct")


def test_a_unit_is_present_in_nearly_every_step():
    """Q28: 150 of 300 steps is for one mask a step; with a mask for each of 50 examples it is nearly all."""
    present = np.random.default_rng(0).random((300, 50)) >= 0.5
    assert abs(present[:, 0].sum() - 150) < 40 and present.any(axis=1).all()
    assert "takes part in" not in _answer("Q28", "wrong")


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
    said = _answer("Q33", "partial") + BANK["Q33"]["model_answer"]["full"]
    assert "capacity or the code is the limit" not in said and said.count("suspect the code") == 2


def test_batch_normalisation_repeats_itself_on_one_batch():
    """X61: in training mode its output follows the batch, so only another batch changes it."""

    def first(batch: np.ndarray) -> float:
        return float((batch[0] - batch.mean()) / batch.std())

    one, same, other = (first(np.array([1.0, *rest])) for rest in ([2.0, 4.0], [2.0, 4.0], [3.0, 9.0]))
    assert one == same != other
    full = BANK["X61"]["model_answer"]["full"]
    assert "rest of the batch differs" in full and "the cause is something that walk" not in full


def test_the_proof_on_one_hidden_layer_is_told_as_published():
    """X39: the paper treats factorised Gaussians besides dropout; for depth it proves that escapes exist."""
    full = BANK["X39"]["model_answer"]["full"]
    assert "other placements" not in full and "factorised Gaussian" in full


def test_the_noise_of_an_average_depends_on_the_entries():
    """X40: the variance p/(1-p) is that of entries of 1; entries of 3 have nine times as much."""
    one, three = (np.array([0.0, value / 0.5]).var() for value in (1.0, 3.0))
    assert one == 0.5 / (1 - 0.5) and three == 9 * one
    prompt = next(step["prompt"] for step in BANK["X40"]["followups"] if step["if"] == "partial")
    assert "64 entries of 1" in prompt and "map of ones" in BANK["X40"]["model_answer"]["full"]


def test_the_largest_published_cut_is_about_a_third():
    """Q52: on house numbers dropout in all layers took the error from 3.95 to 2.55 %, more than a third."""
    assert 1 / 3 < (3.95 - 2.55) / 3.95 < 0.36
    assert "at best about a third" in BANK["Q52"]["model_answer"]["full"].replace("\n", " ")


def _dropout_ridge(columns: np.ndarray, y: np.ndarray, p: float) -> np.ndarray:
    strengths = p / (1 - p) * (columns**2).mean(axis=0)
    return np.linalg.solve(columns.T @ columns / len(y) + np.diag(strengths), columns.T @ y / len(y))


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


def test_batch_normalisation_divides_by_the_root_of_the_variance():
    """Q35: a training variance of 1/(1-p) shrinks outputs by the root of 1-p, not by 1-p."""
    p, inputs = 0.2, np.array([-1.0, 1.0])
    variance = (1 - p) * ((inputs / (1 - p)) ** 2).mean()
    assert np.allclose(inputs / np.sqrt(variance), inputs * np.sqrt(1 - p))
    record = BANK["Q35"]
    answer = next(step["answer"] for step in record["followups"] if step["if"] == "partial")
    assert "by the root of the former" in answer
    assert "misconception" not in next(wrong for wrong in record["wrong"] if "in principle" in wrong["says"])


def test_a_generator_shows_by_its_state_that_something_was_drawn():
    """X61: a generator takes no hooks, its state tells; a layer added after eval() is in training mode."""
    torch = pytest.importorskip("torch")
    x, model = torch.ones(8), torch.nn.Sequential(torch.nn.Dropout(0.5)).eval()
    before = torch.get_rng_state()
    model(x)
    assert torch.equal(before, torch.get_rng_state())
    torch.nn.functional.dropout(x, 0.5)
    assert not torch.equal(before, torch.get_rng_state())
    model.append(torch.nn.Dropout(0.5))
    assert any(module.training for module in model.modules())
    full = BANK["X61"]["model_answer"]["full"]
    assert "hook on the random" not in full and "random generator's state" in full and "added later" in full


def test_the_gap_bounds_one_route_only():
    """X72: dropout early in training can lower the training loss (Q33), so the gap is no bound on it."""
    assert "*final* training loss is lower" in BANK["Q33"]["model_answer"]["full"]
    full = BANK["X72"]["model_answer"]["full"]
    assert "by that route" in full and "cannot be the cause" not in full


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


def test_pruning_saves_no_training():
    """Q46: what is pruned afterwards was trained in full first, and usually tuned again."""
    row = next(line for line in BANK["Q46"]["model_answer"]["full"].splitlines() if "pruned model" in line)
    assert "less if built small, more if pruned" in row


def test_the_abstract_is_that_of_the_version_cited():
    """X20: strategies that change dropout stand in the abstract of 2018, guidelines in that of 2019."""
    where = next(s["where"] for s in BANK["X20"]["sources"] if s["key"] == "li2019understanding")
    assert "guidelines" in where and "strategies" not in where


def test_the_gap_comes_from_a_mask_in_front_of_a_relu():
    """X04: a mask on what a ReLU puts out leaves one pass exact (see Q23); the measure masks its inputs."""
    links = [link for link in BANK["X04"]["evidence"] if "hidden_layer" in link.get("measure", "")]
    assert [("inputs of a ReLU" in link["shows"]) for link in links] == [True]


def test_exactly_half_of_a_hundred_is_seen_eight_times_in_a_hundred():
    """Q50: the chance of exactly 50 is 0.0796, one in 12.6 and not one in twelve."""
    chance = np.prod(np.arange(51, 101) / np.arange(1, 51) / 4)
    assert round(100 * chance) == 8 and round(1 / chance) == 13
    why = next(wrong["why"] for wrong in BANK["Q50"]["wrong"] if wrong["says"].startswith("Exactly 50"))
    assert "twelve" not in why and "eight passes of a hundred" in why


def test_only_one_run_of_the_review_was_tuned():
    """X72: the table tunes the second run alone, so tuning did not bias both numbers."""
    full = BANK["X72"]["model_answer"]["full"]
    assert "validation data on which the second run was tuned" in " ".join(full.split())


def test_averaging_is_cited_from_the_abstract_that_speaks_of_it():
    """X04: the abstract of 2012 speaks of co-adaptation, the one of 2014 of averaging thinned networks."""
    assert "hinton2012improving" not in {source["key"] for source in BANK["X04"]["sources"]}


def test_word_of_a_counter_is_one_of_four():
    """X29: a Philox counter gives four words, so word 1,000,003 (from 0) is the last of counter 250,000."""
    assert divmod(1_000_003, 4) == (250_000, 3)
    assert "word 3 of counter 250,000" in _answer("X29", "wrong")


def test_who_never_tried_stays_below_the_bar():
    """R10: the must asks for a concrete case, so a guess without one cannot pass."""
    record = BANK["R10"]
    allowed = next(line for line in record["accept_also"] if line.startswith("never tried it"))
    assert "five points" in allowed and record["bars"]["recruiter"] == 6


def test_evaluation_saves_the_statistics_of_a_batch():
    """X87: a layer that normalises by stored numbers computes less, so `eval()` may save time by itself."""
    full = " ".join(BANK["X87"]["model_answer"]["full"].split())
    assert "saves time by itself" not in full and "time and memory that recording takes" in full


def test_attention_inside_a_layer_takes_the_rate_of_the_layer():
    """Q34: only an attention module that is made by itself starts at 0."""
    layer = torch.nn.TransformerEncoderLayer(8, 2)
    assert layer.self_attn.dropout == 0.1 and torch.nn.MultiheadAttention(8, 2).dropout == 0
    assert "an attention module made by itself at 0" in BANK["Q34"]["model_answer"]["full"]


def test_a_branch_is_scaled_with_its_bias():
    """X42: scaling the weights alone leaves the bias too large by 1/(1-p)."""
    rng, p = np.random.default_rng(3), 0.3
    weights, bias, h = rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=(5, 4))
    wanted = (1 - p) * (h @ weights + bias)
    assert np.allclose(h @ ((1 - p) * weights) + (1 - p) * bias, wanted)
    assert not np.allclose(h @ ((1 - p) * weights) + bias, wanted)
    assert "weights and biases of each branch" in _answer("X42", "partial")


def test_the_ridge_of_hidden_units_is_exact_before_a_linear_output():
    """Q02 and Q05: with squared error a mask before the last linear layer adds exactly p/(1-p) times squares."""
    contributions, p = np.random.default_rng(4).normal(size=5), 0.4
    masks = (np.arange(32)[:, None] >> np.arange(5)) & 1
    chance = (1 - p) ** masks.sum(axis=1) * p ** (5 - masks.sum(axis=1))
    loss = (1.0 - masks @ contributions / (1 - p)) ** 2
    added = chance @ loss - (1.0 - contributions.sum()) ** 2
    assert np.isclose(added, p / (1 - p) * (contributions**2).sum())
    full = " ".join(BANK["Q02"]["model_answer"]["full"].split())
    assert "for hidden layers" not in full and "where a nonlinearity follows the mask" in full


def test_what_three_runs_cannot_exclude_is_a_gain():
    """X78: at 0.2 the difference is 0.4 with a standard error of 0.33, so a loss of half a point is excluded."""
    error = 0.4 * np.sqrt(2 / 3)
    assert 0.4 - 1.96 * error > -0.5 and 0.4 + 1.96 * error > 0.5
    why = next(wrong["why"] for wrong in BANK["X78"]["wrong"] if "overlap" in wrong["says"])
    assert "either direction" not in why
