"""Errors found in the records on masks, scales, numbers and random bits, kept out."""

import numpy as np
import pytest
from said import BANK, cited_for, follow_up, full_answer, shown_by, why_wrong


def _bfloat16(values: np.ndarray) -> np.ndarray:
    bits = np.asarray(values, dtype=np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)


def test_exactly_half_of_a_hundred_is_seen_eight_times_in_a_hundred():
    """Q50: the chance of exactly 50 is 0.0796, one in 12.6 and not one in twelve."""
    chance = np.prod(np.arange(51, 101) / np.arange(1, 51) / 4)
    assert round(100 * chance) == 8 and round(1 / chance) == 13
    why = next(wrong["why"] for wrong in BANK["Q50"]["wrong"] if wrong["says"].startswith("Exactly 50"))
    assert "twelve" not in why and "eight passes of a hundred" in why


def test_the_ridge_of_hidden_units_is_exact_before_a_linear_output():
    """Q02 and Q05: with squared error a mask before a linear output adds just p/(1-p) times squares."""
    contributions, p = np.random.default_rng(4).normal(size=5), 0.4
    masks = (np.arange(32)[:, None] >> np.arange(5)) & 1
    chance = (1 - p) ** masks.sum(axis=1) * p ** (5 - masks.sum(axis=1))
    loss = (1.0 - masks @ contributions / (1 - p)) ** 2
    added = chance @ loss - (1.0 - contributions.sum()) ** 2
    assert np.isclose(added, p / (1 - p) * (contributions**2).sum())
    full = " ".join(BANK["Q02"]["model_answer"]["full"].split())
    assert "for hidden layers" not in full and "where a nonlinearity follows the mask" in full


def test_memory_bound_is_said_of_arithmetic_not_of_words():
    """X73: to call every elementwise kernel memory-bound is not yet to throw three words of four away."""
    wrong = next(w for w in BANK["X73"]["wrong"] if "memory-bound by definition" in w["says"])
    assert "misconception" not in wrong


def test_noise_may_help_a_network_that_underfits():
    """Q29: dropout early in training was found to lower the training loss (Q33): a rule with an exception."""
    assert "*final* training loss is lower" in BANK["Q33"]["model_answer"]["full"]
    assert "usually raises the loss" in why_wrong("Q29", "It cannot hurt")


def test_a_float_divisor_makes_floats():
    """X51: integers // 0.8 are cut and come out as floats, so the dtype is lost as well."""
    cut = np.ones(3, dtype=int) // (1 - 0.2)
    assert cut.dtype == np.float64 and (cut == 1).all()
    assert "dtype does not stay either" in why_wrong("X51", "Use //")


def test_a_source_is_cited_for_what_was_read():
    """X73: of the paper on Philox the abstract was read, not its section 3."""
    assert [s["where"] for s in BANK["X73"]["sources"] if "section 3" in s["where"]] == []


def test_an_interaction_is_a_difference_of_gains():
    """Q08: two gains that add up have no interaction, though both bring more than the better one."""
    decay, dropout, both = 2.0, 1.0, 3.0  # gains over neither
    assert both - max(decay, dropout) > 0 and decay + dropout - both == 0
    full = full_answer("Q08")
    assert "Report the *interaction*" not in full
    assert "the *interaction*: by how much the gain of both falls short of the two single gains added" in full


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


def test_a_seed_inside_the_layer_makes_no_smaller_layer():
    """X58: each step draws the same mask, but with a mask for each row every unit is kept in some row."""
    first, second = (np.random.default_rng(0).random((32, 64)) >= 0.5 for _ in range(2))
    assert np.array_equal(first, second) and first.any(axis=0).all()
    why = next(wrong["why"] for wrong in BANK["X58"]["wrong"] if "inside the dropout layer" in wrong["says"])
    assert "smaller layer" not in why and "the same mask" in why


def test_shuffled_labels_are_not_all_wrong():
    """Q04: the measure shuffles a fifth of the labels, and about a tenth of those come back right."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 20_000)
    noisy, chosen = labels.copy(), rng.permutation(20_000)[:4_000]
    noisy[chosen] = rng.permutation(labels[chosen])
    assert 0.17 < (noisy != labels).mean() < 0.19
    full = BANK["Q04"]["model_answer"]["full"]
    assert "carry wrong labels" not in full and "labels shuffled" in full


def test_a_comparison_rounds_the_rate_up():
    """X49: on a grid u >= p drops ceil(p 2^k) of 2^k values, so the error may be nearly a whole step."""
    u, p = np.arange(16) / 16, 1 / 16 + 1e-6
    assert (u < p).mean() == 2 / 16 and (u < p).mean() - p > 0.5 / 16
    assert "up to the next" in follow_up("X49", "partial") and "half of that" not in follow_up(
        "X49", "partial"
    )


def test_all_four_comparisons_keep_nothing_at_rate_one():
    """X49: only their mirror images leave a survivor at rate 1, so it is no reason against these four."""
    u, v = np.arange(4) / 4, np.arange(1, 5) / 4
    assert not (u >= 1).any() and not (u > 1).any() and not (v < 0).any() and not (v <= 0).any()
    assert (u <= 0).any() and (v >= 1).any()
    assert "At rate 1 all four lines are right" in full_answer("X49")
    assert "mirrored" in why_wrong("X49", "by a hair")


def test_a_target_can_come_later_without_any_noise():
    """Q30: descent on the averaged loss ends at shrunken weights, where the plain loss stays high."""
    w = {0.0: 0.0, 0.5: 0.0}  # one column of mean square 1, labels without noise, true weight 1
    for _ in range(200):
        w = {p: a - 0.1 * (a - 1 + p / (1 - p) * a) for p, a in w.items()}
    assert (w[0.0] - 1) ** 2 < 1e-6 and np.isclose((w[0.5] - 1) ** 2, 0.25)
    assert "even without any noise" in full_answer("Q30")
    assert "other minimum" in why_wrong("Q30", "redundant copies")
    assert "other minimum" in str(BANK["Q30"]["rubric"])


def test_a_shared_mask_is_quieter_where_contributions_cancel():
    """Q22: the ratio of variances is a squared sum over a sum of squares, which may be below 1."""
    g = np.array([1.0, -1.0, 2.0, -1.9])
    assert g.sum() ** 2 / (g**2).sum() < 0.01
    assert "below 1 when they nearly cancel" in full_answer("Q22")
    assert "usually be noisier" in " ".join(BANK["Q22"]["model_answer"]["short_20s"].split())


def test_the_abstract_of_2012_speaks_of_co_adaptation_only():
    """Q02: averaging over thinned networks stands in the abstract of 2014."""
    where = {source["key"]: source["where"] for source in BANK["Q02"]["sources"]}
    assert "averaging" not in where["hinton2012improving"]
    assert "averaging" in where["srivastava2014dropout"]


def test_more_steps_have_two_reasons():
    """Q30: each why names the same reasons as the answer, the noise and the other minimum."""
    assert "noise and the other minimum" in why_wrong("Q30", "not trained in that step")
    assert "noise is the reason" not in str(BANK["Q30"]["wrong"])


def test_ones_do_not_tell_a_rounded_scale_from_a_rounded_product():
    """X50: a layer that rounds only the product makes 1.109375 of ones as well; inputs that differ tell."""
    scale = np.array([1 / 0.9], dtype=np.float32)
    inputs = _bfloat16(np.random.default_rng(0).uniform(1, 2, 100_000))
    bias = {}
    for name, x in (("ones", np.ones(10, dtype=np.float32)), ("differ", inputs)):
        for layer, s in (("rounded", _bfloat16(scale)), ("right", scale)):
            bias[name, layer] = 0.9 * _bfloat16(x * s).sum(dtype=np.float64) / x.sum(dtype=np.float64) - 1
    assert np.isclose(bias["ones", "rounded"], -0.0015625)
    assert bias["ones", "right"] == bias["ones", "rounded"]
    assert bias["differ", "rounded"] < -0.0012 and abs(bias["differ", "right"]) < 2e-4
    assert "a million ones" not in full_answer("X50") and "Ones will not do" in full_answer("X50")
    assert "scale that torch" not in shown_by("X50", "scale_error_bfloat16")
    assert "How many ones" not in str(BANK["X50"]["followups"])


def test_three_tries_cube_both_chances():
    """X56: passing one of three fresh runs is enough, so alarms of right and of wrong layers are cubed."""
    tries = np.random.default_rng(1).random((200_000, 3)) < np.array([[0.5]])
    assert abs(tries.all(axis=1).mean() - 0.5**3) < 0.01
    why = why_wrong("X56", "Retry three times")
    assert "unknown amount" not in why and "cubes the chance of a false alarm and the power" in why


def test_autograd_refuses_a_leaf_at_once():
    """X53: a leaf that requires gradients is no saved tensor, yet in-place dropout on it is refused."""
    torch = pytest.importorskip("torch")
    leaf = torch.ones(4, requires_grad=True)
    with pytest.raises(RuntimeError, match="leaf"):
        torch.nn.functional.dropout(leaf, 0.1, inplace=True)
    assert "leaf that requires gradients is refused at once" in full_answer("X53")
    assert "In an activation autograd" in BANK["X53"]["model_answer"]["short_20s"]


def test_four_elements_share_an_offset():
    """X55: a block has four words, so element i is not found at offset plus i; 1,000 elements take 250."""
    assert 1000 / 4 == 250
    answer = next(step["answer"] for step in BANK["X55"]["followups"] if step["if"] == "partial")
    assert "250" in answer and "offset plus $i$" not in full_answer("X55")
    assert "a 64-bit seed, a 64-bit offset and $i$" in full_answer("X55")


def test_the_paper_on_counters_was_read_in_its_abstract():
    """X55: what was checked of the paper is its abstract, as the list of references says."""
    assert "abstract" in cited_for("X55", "salmon2011parallel")


def test_only_the_first_units_behind_a_mask_are_surely_larger():
    """X13: two masks suffice: the first unit is larger in training, one that subtracts it is smaller."""
    dropped_input, evaluated = np.array([0.0, 2.0]), 1.0  # two masks of equal chance
    first, first_evaluated = np.maximum(dropped_input - 1, 0), max(evaluated - 1, 0.0)
    second, second_evaluated = np.maximum(1 - first, 0), max(1 - first_evaluated, 0.0)
    assert first.mean() > first_evaluated and second.mean() < second_evaluated
    full = BANK["X13"]["model_answer"]["full"]
    assert "so hidden units are larger" not in full and "signs of the weights decide" in full


def test_a_part_of_the_features_has_no_single_offset():
    """X57: counted row by row, half of the rows is one run of numbers, half of the features is one a row."""
    numbers = np.arange(4 * 8).reshape(4, 8)

    def runs(part: np.ndarray) -> int:
        return 1 + int((np.diff(part.ravel()) != 1).sum())

    assert runs(numbers[2:]) == 1 and runs(numbers[:, 4:]) == 4
    record = BANK["X57"]
    assert "a part of the features at one for each row" in record["model_answer"]["full"].replace("\n", " ")
    assert all(source["where"] != "section 3" for source in record["sources"])
