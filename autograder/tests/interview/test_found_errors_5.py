"""What readers of the bank found wrong, so that it cannot come back."""

import itertools
import math
from pathlib import Path

import numpy as np

from dropgrade.interview.bank import load_bank

BANK = load_bank(Path(__file__).parents[3] / "book" / "questions")


def test_without_biases_the_last_division_may_go():
    """X65: ReLU lets a factor pass, so the shorter repair is exact; with biases it is not."""
    rng, p = np.random.default_rng(0), 0.5
    weights = rng.normal(size=(3, 6, 6))
    masks = rng.random((3, 5, 6)) < p

    def outputs(bias: float) -> tuple[np.ndarray, np.ndarray]:
        short = repaired = np.abs(rng.normal(size=(5, 6)))
        for W, keep in zip(weights, masks, strict=True):
            short = np.maximum((short / p) @ W + bias, 0) * keep
            repaired = np.maximum(repaired @ W + bias, 0) * keep / p
        return short, repaired

    assert np.allclose(*outputs(0.0)) and not np.allclose(*outputs(1.0))
    record = BANK["X65"]
    assert any("dropping the last division" in text for text in record["accept_also"])
    why = next(wrong["why"] for wrong in record["wrong"] if "last division" in wrong["says"])
    assert "two different hidden rates" not in why and "with biases" in why


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
    assert "takes over its outgoing weights" in _answer("Q49", "wrong")


def _answer(name: str, branch: str) -> str:
    return next(step["answer"] for step in BANK[name]["followups"] if step["if"] == branch)


def test_the_typical_number_of_masks_does_not_hold_nearly_all_the_chance():
    """X12: of masks over 100 units at rate 0.1 the likeliest 2 to the 47 hold about two thirds."""
    n, p, left, held = 100, 0.1, 2.0**47, 0.0
    for dropped in range(n + 1):
        masks = min(left, float(math.comb(n, dropped)))
        held += masks * p**dropped * (1 - p) ** (n - dropped)
        left -= masks
    assert 0.64 < held < 0.71
    answer = _answer("X12", "partial")
    assert "two thirds" in answer and "nearly all" not in str(BANK["X12"]["followups"])
    assert "a few masks" not in BANK["X12"]["model_answer"]["full"]


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


def test_only_the_first_units_behind_a_mask_are_surely_larger():
    """X13: two masks suffice: the first unit is larger in training, one that subtracts it is smaller."""
    dropped_input, evaluated = np.array([0.0, 2.0]), 1.0  # two masks of equal chance
    first, first_evaluated = np.maximum(dropped_input - 1, 0), max(evaluated - 1, 0.0)
    second, second_evaluated = np.maximum(1 - first, 0), max(1 - first_evaluated, 0.0)
    assert first.mean() > first_evaluated and second.mean() < second_evaluated
    full = BANK["X13"]["model_answer"]["full"]
    assert "so hidden units are larger" not in full and "signs of the weights decide" in full


def test_an_interval_as_wide_as_the_band_does_not_fit_into_it():
    """X97: 25 seeds give a half-width of 0.1, which lies inside -0.1 to 0.1 for a mean of exactly 0 only."""
    half = 2.064 * 0.24 / math.sqrt(25)  # t quantile for 24 degrees of freedom
    assert 0.098 < half <= 0.1
    means = np.random.default_rng(0).normal(0, 0.24 / math.sqrt(25), 20_000)  # no effect at all
    assert (np.abs(means) + half <= 0.1).mean() < 0.05
    answer = BANK["X97"]["model_answer"]
    assert "seeds that can show it" not in answer["short_20s"] and "more fit it" in answer["short_20s"]
    assert "and more before an interval fits" in answer["full"]


def test_a_larger_loss_scale_does_not_cure_overflow():
    """X52: scaling the loss up rescues gradients that underflow in float16; overflow needs a lower scale."""
    small, large = np.float16(2**-14) / np.float16(2**12), np.float16(40_000)
    with np.errstate(over="ignore"):
        assert small == 0 and np.float16(2**-14 * 2**10) / np.float16(2**12) > 0
        assert np.isinf(large * np.float16(2)) and np.isfinite(large * np.float16(0.5) * np.float16(2))
    full = BANK["X52"]["model_answer"]["full"]
    assert "or scale the loss" not in full and "lower the loss scale" in full


def test_current_weights_alone_can_turn_the_order():
    """Q48: no mask at all, and an epoch's mean of 1.1 over a loss that falls from 1.45 to 0.75."""
    losses, validation = np.linspace(1.45, 0.75, 100), 0.8
    assert losses.mean() > validation > losses[-1]
    full = BANK["Q48"]["model_answer"]["full"]
    assert "the masks were the reason" not in full and "the masks or the older weights were" in full


def test_a_part_of_the_features_has_no_single_offset():
    """X57: counted row by row, half of the rows is one run of numbers, half of the features is one a row."""
    numbers = np.arange(4 * 8).reshape(4, 8)

    def runs(part: np.ndarray) -> int:
        return 1 + int((np.diff(part.ravel()) != 1).sum())

    assert runs(numbers[2:]) == 1 and runs(numbers[:, 4:]) == 4
    record = BANK["X57"]
    assert "a part of the features at one for each row" in record["model_answer"]["full"].replace("\n", " ")
    assert all(source["where"] != "section 3" for source in record["sources"])


def test_early_dropout_may_be_proposed_against_underfitting():
    """X92: its own source reports lower training losses with dropout at the start only."""
    record = BANK["X92"]
    assert [source["key"] for source in record["sources"]] == ["liu2023dropout"]
    assert "early dropout" in record["sources"][0]["where"]
    assert any("first part of the training only" in text for text in record["accept_also"])


def test_a_child_may_be_registered_after_the_constructor():
    """X90: eval() walks over the children, whenever they were added."""
    full = BANK["X90"]["model_answer"]["full"].replace("\n", " ")
    assert "only if it is registered in the constructor" not in full and "a registered child" in full


def test_the_abstract_on_structure_does_not_speak_of_notes():
    """R19: the abstract counts fifteen components and names none; the guide is the source for notes."""
    where = {source["key"]: source["where"] for source in BANK["R19"]["sources"]}
    assert "notes" not in where["campion1997review"] and "notes" in where["rework_interviewing"]


def test_training_loss_below_validation_does_not_rule_out_a_leak():
    """Q48: with half of the validation part copied from training, training is still the lower one."""
    training, new = 0.5, 1.1
    leaky = (training + new) / 2
    assert training < leaky < new
    short = BANK["Q48"]["model_answer"]["short_20s"]
    assert "all is well" not in short and "a leak is not ruled out" in short
