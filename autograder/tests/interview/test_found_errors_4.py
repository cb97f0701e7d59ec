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


def _shows(name: str, measure: str) -> str:
    return next(link["shows"] for link in BANK[name]["evidence"] if measure in link.get("measure", ""))


def _where(name: str, key: str) -> str:
    return next(source["where"] for source in BANK[name]["sources"] if source["key"] == key)


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


def _bfloat16(values: np.ndarray) -> np.ndarray:
    bits = np.asarray(values, dtype=np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)


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
    assert "a million ones" not in _full("X50") and "Ones will not do" in _full("X50")
    assert "scale that torch" not in _shows("X50", "scale_error_bfloat16")
    assert "How many ones" not in str(BANK["X50"]["followups"])


def test_three_tries_cube_both_chances():
    """X56: passing one of three fresh runs is enough, so alarms of right and of wrong layers are cubed."""
    tries = np.random.default_rng(1).random((200_000, 3)) < np.array([[0.5]])
    assert abs(tries.all(axis=1).mean() - 0.5**3) < 0.01
    why = _why("X56", "Retry three times")
    assert "unknown amount" not in why and "cubes the chance of a false alarm and the power" in why


def test_autograd_refuses_a_leaf_at_once():
    """X53: a leaf that requires gradients is no saved tensor, yet in-place dropout on it is refused."""
    torch = pytest.importorskip("torch")
    leaf = torch.ones(4, requires_grad=True)
    with pytest.raises(RuntimeError, match="leaf"):
        torch.nn.functional.dropout(leaf, 0.1, inplace=True)
    assert "leaf that requires gradients is refused at once" in _full("X53")
    assert "In an activation autograd" in BANK["X53"]["model_answer"]["short_20s"]


def test_averaged_masks_divide_the_variance_and_not_the_deviation():
    """X06: with k masks a step the variance falls like 1/k, the deviation like its root."""
    draws = np.random.default_rng(2).normal(size=(20_000, 4))
    assert np.isclose(draws[:, 0].var() / draws.mean(axis=1).var(), 4, rtol=0.1)
    assert np.isclose(draws[:, 0].std() / draws.mean(axis=1).std(), 2, rtol=0.1)
    record = BANK["X06"]
    assert "only the variance about it shrinks, as $1/k$" in _full("X06")
    assert "spread that falls" not in str(record["rubric"]) and "variance that falls" in str(record["rubric"])
    assert _shows("X06", "spread_of_one_mask").startswith("variance of the weights")


def test_local_draws_are_fewer_than_a_matrix_for_each_example():
    """X10: one draw for an example and output beats a matrix for each example, not one matrix a batch."""
    batch, inputs, outputs = 64, 20, 10
    assert batch * outputs < batch * inputs * outputs and batch * outputs > inputs * outputs
    assert "instead of a matrix of them for each example: fewer numbers" in _full("X10")


def test_a_shared_mask_shows_in_means_of_columns():
    """X89: under one mask for all rows a column's mean is 0 or 1/(1-p); only the overall mean hides it."""
    keep = np.random.default_rng(3).random(10_000) >= 0.5
    y = np.ones((64, 10_000)) * keep / 0.5
    assert set(np.unique(y.mean(axis=0))) == {0.0, 2.0} and abs(y.mean() - 1) < 0.05
    assert "never when you average" not in _full("X89")
    assert "never in the mean over all entries" in _full("X89")


def test_four_elements_share_an_offset():
    """X55: a block has four words, so element i is not found at offset plus i; 1,000 elements take 250."""
    assert 1000 / 4 == 250
    answer = next(step["answer"] for step in BANK["X55"]["followups"] if step["if"] == "partial")
    assert "250" in answer and "offset plus $i$" not in _full("X55")
    assert "a 64-bit seed, a 64-bit offset and $i$" in _full("X55")


def test_the_paper_on_counters_was_read_in_its_abstract():
    """X55: what was checked of the paper is its abstract, as the list of references says."""
    assert "abstract" in _where("X55", "salmon2011parallel")


def test_stochastic_depth_was_published_with_a_draw_for_the_batch():
    """Q41: the paper drops a branch for the whole mini-batch, so the mask (1, 1, 1, 1) is right as well."""
    answer = next(step["answer"] for step in BANK["Q41"]["followups"] if step["if"] == "partial")
    for shape in ((8, 3, 5, 5), (8, 3, 1, 1), (8, 1, 1, 1), (1, 1, 1, 1)):
        assert np.broadcast_shapes((8, 3, 5, 5), shape) == (8, 3, 5, 5)
    assert "(N, 1, 1, 1)" in answer and "(1, 1, 1, 1) with one draw for the mini-batch" in answer


def test_dropout_on_a_linear_classifier_is_no_ridge():
    """Q44: under logistic loss the penalty stays bounded as the weight grows; a ridge needs squared error."""
    w, p = np.array([10.0, 100.0, 1000.0]), 0.5
    loss = (1 - p) * np.logaddexp(0, -w / (1 - p)) + p * np.log(2) - np.logaddexp(0, -w)
    assert (loss < 1).all() and np.isclose(loss[-1], p * np.log(2))
    assert "for a linear model dropout" not in _full("Q44") and "in linear regression dropout" in _full("Q44")


def test_wrong_labels_keep_the_order_of_models():
    """Q47: evenly wrong labels lower all scores and keep their order; closing the gap does the harm."""
    accuracy = np.array([0.6, 0.8, 0.9, 1.0])
    seen = 0.8 * accuracy + 0.2 * (1 - accuracy) / 9
    assert (np.diff(seen) > 0).all() and np.isclose(seen[-1], 0.8)
    assert "tuning against it" not in _full("Q47") and "pushing one until the gap closes" in _full("Q47")


def test_the_white_columns_are_orthogonal():
    """X74: columns from a QR decomposition have inner products 0, but means, so they may correlate."""
    draws = np.random.default_rng(4).normal(size=(60, 4))
    columns = np.linalg.qr(draws)[0] * np.sqrt(60)
    assert np.allclose(columns.T @ columns / 60, np.eye(4))
    assert np.abs(np.cov(columns.T, bias=True) - np.eye(4)).max() > 1e-3
    shows = _shows("X74", "penalties_on_white_columns")
    assert "orthogonal" in shows and "uncorrelated" not in shows


def test_abstracts_are_told_as_they_are():
    """X74, R18: features are scaled by the inverse Fisher information; validities are lower than thought."""
    assert "inverse diagonal Fisher information" in _where("X74", "wager2013dropout")
    assert "lower than was thought" in _where("R18", "sackett2022revisiting")


def test_the_relatives_keep_their_source_on_branches():
    """Q41: stochastic depth is cited from its own paper, and the paper of 2014 once, for Gaussian noise."""
    keys = [source["key"] for source in BANK["Q41"]["sources"]]
    assert keys.count("huang2016deep") == keys.count("srivastava2014dropout") == 1
    assert "mini-batch" in _where("Q41", "huang2016deep")
