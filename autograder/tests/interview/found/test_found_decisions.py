"""Errors found in the records on experiments and decisions, kept out."""

import math

import numpy as np
import torch
from said import BANK, follow_up, full_answer, why_wrong


def _keeps(n: int) -> np.ndarray:
    return (np.arange(2**n)[:, None] >> np.arange(n)) & 1


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


def test_a_unit_is_present_in_nearly_every_step():
    """Q28: 150 of 300 steps is for one mask a step; with a mask for each of 50 examples it is nearly all."""
    present = np.random.default_rng(0).random((300, 50)) >= 0.5
    assert abs(present[:, 0].sum() - 150) < 40 and present.any(axis=1).all()
    assert "takes part in" not in follow_up("Q28", "wrong")


def test_batch_normalisation_divides_by_the_root_of_the_variance():
    """Q35: a training variance of 1/(1-p) shrinks outputs by the root of 1-p, not by 1-p."""
    p, inputs = 0.2, np.array([-1.0, 1.0])
    variance = (1 - p) * ((inputs / (1 - p)) ** 2).mean()
    assert np.allclose(inputs / np.sqrt(variance), inputs * np.sqrt(1 - p))
    record = BANK["Q35"]
    answer = next(step["answer"] for step in record["followups"] if step["if"] == "partial")
    assert "by the root of the former" in answer
    assert "misconception" not in next(wrong for wrong in record["wrong"] if "in principle" in wrong["says"])


def test_the_gap_bounds_one_route_only():
    """X72: dropout early in training can lower the training loss (Q33), so the gap is no bound on it."""
    assert "*final* training loss is lower" in BANK["Q33"]["model_answer"]["full"]
    full = BANK["X72"]["model_answer"]["full"]
    assert "by that route" in full and "cannot be the cause" not in full


def test_pruning_saves_no_training():
    """Q46: what is pruned afterwards was trained in full first, and usually tuned again."""
    row = next(line for line in BANK["Q46"]["model_answer"]["full"].splitlines() if "pruned model" in line)
    assert "less if built small, more if pruned" in row


def test_only_one_run_of_the_review_was_tuned():
    """X72: the table tunes the second run alone, so tuning did not bias both numbers."""
    full = BANK["X72"]["model_answer"]["full"]
    assert "validation data on which the second run was tuned" in " ".join(full.split())


def test_attention_inside_a_layer_takes_the_rate_of_the_layer():
    """Q34: only an attention module that is made by itself starts at 0."""
    layer = torch.nn.TransformerEncoderLayer(8, 2)
    assert layer.self_attn.dropout == 0.1 and torch.nn.MultiheadAttention(8, 2).dropout == 0
    assert "an attention module made by itself at 0" in BANK["Q34"]["model_answer"]["full"]


def test_what_three_runs_cannot_exclude_is_a_gain():
    """X78: at 0.2 the difference is 0.4 with a standard error of 0.33: a loss of half a point is excluded."""
    error = 0.4 * np.sqrt(2 / 3)
    assert 0.4 - 1.96 * error > -0.5 and 0.4 + 1.96 * error > 0.5
    why = next(wrong["why"] for wrong in BANK["X78"]["wrong"] if "overlap" in wrong["says"])
    assert "either direction" not in why


def test_keep_prob_is_a_name_and_scales_in_training():
    """X79: TensorFlow 1 shares the argument's name with the old engine, not the place of the factor."""
    where = next(s["where"] for s in BANK["X79"]["sources"] if s["key"] == "tensorflow1_dropout")
    assert "same letter" not in where and "scaled up in training" in where


def test_neighbouring_seeds_meet_when_a_step_is_added():
    """Q53: the next layer's or rank's mask of this step is this one's of the next, if seeds differ by 1."""

    def mask(seed: int, step: int) -> np.ndarray:
        return np.random.default_rng(seed + step).random(50) >= 0.5

    assert np.array_equal(mask(8, 3), mask(7, 4)) and not np.array_equal(mask(1_000_007, 3), mask(7, 4))
    full = BANK["Q53"]["model_answer"]["full"]
    assert "manual_seed(self.seed + int(self.step))" in full
    assert "add the rank to the seed" not in full and "further apart than the run has steps" in full


def test_three_members_on_three_machines_are_not_the_same_hardware():
    """X69: the prompt allows no more hardware; and passes in one batch make latency rise, not fall."""
    full = BANK["X69"]["model_answer"]["full"]
    assert "same hardware" in BANK["X69"]["prompt"].replace("\n", " ") and "three machines" not in full
    assert 3 * 12 < 40 < 4 * 12 and "three times 12 ms one after the other" in full
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


def test_fifty_passes_in_a_row_do_not_fit_and_a_batch_has_to_be_measured():
    """X69: 600 ms is for passes one after the other; 12 ms for one input says nothing on a batch of 50."""
    assert 50 * 12 > 40
    record = BANK["X69"]
    said = " ".join(record["model_answer"].values()) + str(record["rubric"])
    assert "50 do not fit" in said and said.count("in a row") == 3 and "has to be measured" in said


def test_renormalised_attention_stays_noisy():
    """Q34: dividing by the sum of the kept weights leaves a random mixture and shifts its expectation."""
    a, keeps = np.array([0.9, 0.1]), _keeps(2)[1:]
    weights = a * keeps / (a * keeps).sum(axis=1, keepdims=True)
    assert weights[:, 0].var() > 0.1 and weights[:, 0].mean() < 0.7
    answer = follow_up("Q34", "partial")
    assert "leave noise in the mixture" in answer and "take the noise away" not in answer


def test_a_repeated_mask_adds_noise_to_sums_of_like_terms():
    """X80: with terms of opposite sign the repeated mask cancels, so not in any sum over programs."""
    like, opposed = np.ones(64), np.tile([1.0, -1.0], 32)
    assert [c.sum() ** 2 / (c**2).sum() for c in (like, opposed)] == [64, 0]
    assert "a sum of like terms" in full_answer("X80") and "any sum over programs" not in full_answer("X80")


def test_one_look_at_validation_under_masks_is_no_mistake():
    """Q48: X84 accepts that check, so only the habit of validating with dropout on may count as wrong."""
    assert any("validation data in training mode" in also for also in BANK["X84"]["accept_also"])
    assert "nobody will use" in why_wrong("Q48", "leave dropout on whenever we validate")
    assert not any("switch dropout on for validation" in wrong["says"] for wrong in BANK["Q48"]["wrong"])


def test_classical_scaling_shifts_max_pooling_by_the_same_ratio():
    """Q38: the classical form multiplies both means by 1-p, so training is too large there as well."""
    p, ones = 0.5, np.ones(4)
    masks = (np.arange(16)[:, None] >> np.arange(4)) & 1
    chance = (1 - p) ** masks.sum(axis=1) * p ** (4 - masks.sum(axis=1))
    training = chance @ (ones * masks).max(axis=1)
    inverted = chance @ (ones * masks / (1 - p)).max(axis=1)
    evaluation = (1 - p) * ones.max()
    assert np.isclose(training / evaluation, inverted / ones.max()) and training > evaluation
    assert "too small" not in str(BANK["Q38"]["accept_also"])
    assert "ratio is the same" in str(BANK["Q38"]["accept_also"])


def test_dropout_on_a_linear_classifier_is_no_ridge():
    """Q44: under logistic loss the penalty stays bounded as the weight grows; a ridge needs squared error."""
    w, p = np.array([10.0, 100.0, 1000.0]), 0.5
    loss = (1 - p) * np.logaddexp(0, -w / (1 - p)) + p * np.log(2) - np.logaddexp(0, -w)
    assert (loss < 1).all() and np.isclose(loss[-1], p * np.log(2))
    assert "for a linear model dropout" not in full_answer(
        "Q44"
    ) and "in linear regression dropout" in full_answer("Q44")


def test_wrong_labels_keep_the_order_of_models():
    """Q47: evenly wrong labels lower all scores and keep their order; closing the gap does the harm."""
    accuracy = np.array([0.6, 0.8, 0.9, 1.0])
    seen = 0.8 * accuracy + 0.2 * (1 - accuracy) / 9
    assert (np.diff(seen) > 0).all() and np.isclose(seen[-1], 0.8)
    assert "tuning against it" not in full_answer(
        "Q47"
    ) and "pushing one until the gap closes" in full_answer("Q47")


def test_an_interval_as_wide_as_the_band_does_not_fit_into_it():
    """X97: 25 seeds give a half-width of 0.1, which lies inside -0.1 to 0.1 for a mean of exactly 0 only."""
    half = 2.064 * 0.24 / math.sqrt(25)  # t quantile for 24 degrees of freedom
    assert 0.098 < half <= 0.1
    means = np.random.default_rng(0).normal(0, 0.24 / math.sqrt(25), 20_000)  # no effect at all
    assert (np.abs(means) + half <= 0.1).mean() < 0.05
    answer = BANK["X97"]["model_answer"]
    assert "seeds that can show it" not in answer["short_20s"] and "more fit it" in answer["short_20s"]
    assert "and more before an interval fits" in answer["full"]


def test_current_weights_alone_can_turn_the_order():
    """Q48: no mask at all, and an epoch's mean of 1.1 over a loss that falls from 1.45 to 0.75."""
    losses, validation = np.linspace(1.45, 0.75, 100), 0.8
    assert losses.mean() > validation > losses[-1]
    full = BANK["Q48"]["model_answer"]["full"]
    assert "the masks were the reason" not in full and "the masks, the older weights or" in full


def test_early_dropout_may_be_proposed_against_underfitting():
    """X92: its own source reports lower training losses with dropout at the start only."""
    record = BANK["X92"]
    assert [source["key"] for source in record["sources"]] == ["liu2023dropout"]
    assert "early dropout" in record["sources"][0]["where"]
    assert any("first part of the training only" in text for text in record["accept_also"])


def test_training_loss_below_validation_does_not_rule_out_a_leak():
    """Q48: with half of the validation part copied from training, training is still the lower one."""
    training, new = 0.5, 1.1
    leaky = (training + new) / 2
    assert training < leaky < new
    short = BANK["Q48"]["model_answer"]["short_20s"]
    assert "all is well" not in short and "a leak is not ruled out" in short


def test_the_plain_loss_also_takes_terms_of_training_away():
    """Q48 and X84: the check drops label smoothing with the masks, so it may be the reason, too."""
    full = full_answer("Q48")
    assert "a term of the training loss alone" in full and "look at 3" not in full
