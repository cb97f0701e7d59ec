"""What readers of the bank found wrong, so that it cannot come back."""

from pathlib import Path

import numpy as np
import pytest

from dropgrade.interview.bank import load_bank

BANK = load_bank(Path(__file__).parents[3] / "book" / "questions")


def _full(name: str) -> str:
    return " ".join(BANK[name]["model_answer"]["full"].split())


def _why(name: str, says: str) -> str:
    return next(wrong["why"] for wrong in BANK[name]["wrong"] if says in wrong["says"])


def test_gradients_of_batch_normalisation_differ_between_the_modes():
    """X87: in training a common shift of the batch changes no output; in evaluation it changes all."""
    batch, step = np.array([1.0, 2.0, 4.0]), 1e-3

    def slope(mean: float | None, deviation: float | None) -> float:
        ends = [batch - step, batch + step]
        low, high = ((x - (x.mean() if mean is None else mean)) / (deviation or x.std()) for x in ends)
        return float((high - low)[0] / (2 * step))

    assert abs(slope(None, None)) < 1e-9 and np.isclose(slope(0.0, 2.0), 0.5)
    assert "The gradients differ too" in _full("X87") and "touches gradients" not in _full("X87")
    assert "Gradients are a matter of no_grad" not in BANK["X87"]["model_answer"]["short_20s"]


def test_label_smoothing_may_count_on_both_sides():
    """X84: a loss with label smoothing does not look at the mode, so validation may carry it as well."""
    torch = pytest.importorskip("torch")
    loss = torch.nn.CrossEntropyLoss(label_smoothing=0.1)
    scores, label = torch.tensor([[2.0, -1.0]]), torch.tensor([0])
    assert loss.train()(scores, label) == loss.eval()(scores, label)
    assert "are often counted on one side only" in _full("X84")


def test_a_dropped_infinity_is_no_zero():
    """X85: the library multiplies, so only finite numbers become 0 when they are dropped (see X48)."""
    with np.errstate(invalid="ignore"):
        assert np.isnan(np.inf * 0)
    assert "torch returns NaN for a dropped infinity" in _full("X48")
    assert "whatever finite number it was" in _full("X85")


def test_a_spread_of_probabilities_falls_when_weights_grow():
    """X37: ten equal units at p = 0.5, counted over all masks: ten times the weight, a smaller spread."""
    kept = ((np.arange(1024)[:, None] >> np.arange(10)) & 1).sum(axis=1)
    small, large = ((1 / (1 + np.exp(-weight * kept / 0.5))).std() for weight in (0.3, 3.0))
    assert large < small / 2
    assert "the softmax saturates" in _why("X37", "More data makes MC dropout surer")


def test_a_set_of_masks_for_all_inputs_is_not_one_mask_for_all_passes():
    """X34: passes with a fixed set of masks still differ; the bug that repeats one pass is another."""
    masks = np.random.default_rng(0).random((5, 8)) >= 0.5
    assert (masks @ np.arange(1.0, 9.0)).std() > 0
    assert "misconception" not in next(w for w in BANK["X34"]["wrong"] if "one set of masks" in w["says"])


def test_memory_bound_is_said_of_arithmetic_not_of_words():
    """X73: to call every elementwise kernel memory-bound is not yet to throw three words of four away."""
    wrong = next(w for w in BANK["X73"]["wrong"] if "memory-bound by definition" in w["says"])
    assert "misconception" not in wrong


def test_less_confidence_pays_only_where_it_exceeds_accuracy():
    """X36: the loss of a constant confidence is least where it equals accuracy, on shifted data too."""
    confidence, accuracy = np.linspace(0.01, 0.99, 99), 0.7
    loss = -accuracy * np.log(confidence) - (1 - accuracy) * np.log(1 - confidence)
    assert np.isclose(confidence[loss.argmin()], accuracy)
    record = BANK["X36"]["model_answer"]
    assert "everybody is overconfident" not in " ".join(record["short_20s"].split())
    assert "confidence does not" not in _full("X36") and "falls further than confidence" in _full("X36")


def test_noise_may_help_a_network_that_underfits():
    """Q29: dropout early in training was found to lower the training loss (Q33): a rule with an exception."""
    assert "*final* training loss is lower" in BANK["Q33"]["model_answer"]["full"]
    assert "usually raises the loss" in _why("Q29", "It cannot hurt")


def test_a_float_divisor_makes_floats():
    """X51: integers // 0.8 are cut and come out as floats, so the dtype is lost as well."""
    cut = np.ones(3, dtype=int) // (1 - 0.2)
    assert cut.dtype == np.float64 and (cut == 1).all()
    assert "dtype does not stay either" in _why("X51", "Use //")


def test_a_first_batch_is_drawn_before_the_first_mask():
    """X70: what dropout moves is drawn after it: the first batch is the same, the second is not."""
    runs = []
    for p in (0.0, 0.5):
        rng, batches = np.random.default_rng(0), []
        for _ in range(2):
            batches.append(rng.permutation(1000)[:50])
            if p:
                rng.random((50, 8))
        runs.append(batches)
    (first, second), (same, other) = runs
    assert np.array_equal(first, same) and not np.array_equal(second, other)
    prompt = " ".join(BANK["X70"]["prompt"].split())
    assert "differ from the first batch on" not in prompt and "The first batch is the same" in prompt


def test_a_large_weight_shrinks_because_it_fills_its_sum():
    """X23: every kept probability is divided by at most 1; a large one gains less by that than it loses."""
    weights, p = np.array([0.7, 0.2, 0.1]), 0.3
    masks = ((np.arange(1, 8)[:, None] >> np.arange(3)) & 1) * weights
    chance = np.prod(np.where(masks > 0, 1 - p, p), axis=1)
    sums = masks.sum(axis=1, keepdims=True)
    mean = chance @ (masks / sums) / chance.sum()
    assert (sums <= 1 + 1e-12).all() and mean[0] < 0.6 and (mean[1:] > weights[1:]).all()
    assert "makes up most of the sum" in _full("X23") and "is divided by at most 1" not in _full("X23")


def test_only_the_article_writes_p_for_keeping():
    """Q40: the preprint of 2012 speaks of omitting half of the units; hidden units were masked in 1990."""
    record = BANK["Q40"]
    said = _full("Q40") + str(record["rubric"])
    assert "those papers write" not in said and "early papers" not in said
    assert "the article of 2014 writes $p$ for keeping" in said
    assert "New were masks" not in said and "hidden units were switched off" in said
    assert "sequin1990fault" in {source["key"] for source in record["sources"]}


def test_a_source_is_cited_for_what_was_read():
    """X73: of the paper on Philox the abstract was read, not its section 3."""
    assert [s["where"] for s in BANK["X73"]["sources"] if "section 3" in s["where"]] == []


def test_a_small_network_may_lose_accuracy():
    """R10: one network of ten units lost some; that refutes "always" and is no law for all small ones."""
    why = _why("R10", "always improves")
    assert "It can lower accuracy" in why and "It lowers accuracy" not in why


def test_an_interaction_is_a_difference_of_gains():
    """Q08: two gains that add up have no interaction, though both bring more than the better one."""
    decay, dropout, both = 2.0, 1.0, 3.0  # gains over neither
    assert both - max(decay, dropout) > 0 and decay + dropout - both == 0
    full = _full("Q08")
    assert "Report the *interaction*" not in full
    assert "the *interaction*: by how much the gain of both falls short of the two single gains added" in full


def test_the_notes_cover_what_is_cited():
    """Q24, X47, X22, X94: the geometric mean, an abstract, residual dropout, appendix A."""
    bib = (Path(__file__).parents[3] / "book" / "references.bib").read_text("utf-8")
    for key, part in (
        ("hinton2012improving", "geometric mean"),
        ("liu2023dropout", "Checked: abstract"),
        ("vaswani2017attention", "residual dropout"),
        ("srivastava2014dropout", "conclusion and appendix A"),
    ):
        assert part in bib[bib.index("{" + key + ",") :].split("\n}\n")[0]


def test_the_neighbours_are_shown_in_the_chapter_not_under_the_mistake():
    """X38: the paragraph of the mistake shows no two sets of neighbours; a cell earlier on the page does."""
    shown = [item for item in BANK["X38"]["evidence"] if "neighbours" in item["shows"] and "page" in item]
    text = (Path(__file__).parents[3] / "book" / "11_uncertainty.md").read_text("utf-8")
    for item in shown:
        start = text.index(f"({item['anchor']})=") if "anchor" in item else 0
        assert "beside upright digits" in text[start:]


def test_a_reference_in_evaluation_needs_no_switch():
    """X27: the answer says so, so whoever leaves such a reference alone loses no point."""
    assert "A reference in evaluation, the usual case, needs no switch" in _full("X27")
    assert any("reference that is in evaluation" in right for right in BANK["X27"]["accept_also"])


def test_keep_prob_is_a_name_and_scales_in_training():
    """X79: TensorFlow 1 shares the argument's name with the old engine, not the place of the factor."""
    where = next(s["where"] for s in BANK["X79"]["sources"] if s["key"] == "tensorflow1_dropout")
    assert "same letter" not in where and "scaled up in training" in where
