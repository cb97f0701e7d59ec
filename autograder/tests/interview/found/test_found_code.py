"""Errors found in the records on code and its bugs, kept out."""

import numpy as np
import pytest
from said import BANK, full_answer, why_wrong


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


def test_batch_normalisation_repeats_itself_on_one_batch():
    """X61: in training mode its output follows the batch, so only another batch changes it."""

    def first(batch: np.ndarray) -> float:
        return float((batch[0] - batch.mean()) / batch.std())

    one, same, other = (first(np.array([1.0, *rest])) for rest in ([2.0, 4.0], [2.0, 4.0], [3.0, 9.0]))
    assert one == same != other
    full = BANK["X61"]["model_answer"]["full"]
    assert "rest of the batch differs" in full and "the cause is something that walk" not in full


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


def test_evaluation_saves_the_statistics_of_a_batch():
    """X87: a layer that normalises by stored numbers computes less, so `eval()` may save time by itself."""
    full = " ".join(BANK["X87"]["model_answer"]["full"].split())
    assert "saves time by itself" not in full and "time and memory that recording takes" in full


def test_gradients_of_batch_normalisation_differ_between_the_modes():
    """X87: in training a common shift of the batch changes no output; in evaluation it changes all."""
    batch, step = np.array([1.0, 2.0, 4.0]), 1e-3

    def slope(mean: float | None, deviation: float | None) -> float:
        ends = [batch - step, batch + step]
        low, high = ((x - (x.mean() if mean is None else mean)) / (deviation or x.std()) for x in ends)
        return float((high - low)[0] / (2 * step))

    assert abs(slope(None, None)) < 1e-9 and np.isclose(slope(0.0, 2.0), 0.5)
    assert "The gradients differ too" in full_answer("X87") and "touches gradients" not in full_answer("X87")
    assert "Gradients are a matter of no_grad" not in BANK["X87"]["model_answer"]["short_20s"]


def test_label_smoothing_may_count_on_both_sides():
    """X84: a loss with label smoothing does not look at the mode, so validation may carry it as well."""
    torch = pytest.importorskip("torch")
    loss = torch.nn.CrossEntropyLoss(label_smoothing=0.1)
    scores, label = torch.tensor([[2.0, -1.0]]), torch.tensor([0])
    assert loss.train()(scores, label) == loss.eval()(scores, label)
    assert "are often counted on one side only" in full_answer("X84")


def test_a_dropped_infinity_is_no_zero():
    """X85: the library multiplies, so only finite numbers become 0 when they are dropped (see X48)."""
    with np.errstate(invalid="ignore"):
        assert np.isnan(np.inf * 0)
    assert "torch returns NaN for a dropped infinity" in full_answer("X48")
    assert "whatever finite number it was" in full_answer("X85")


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


def test_a_mask_that_repeats_starves_units_only_if_rows_share_it():
    """X66: with a mask for each row every unit is kept in some row; with one example at a time, half are."""
    alone, batch = (np.random.default_rng(0).random(shape) >= 0.5 for shape in ((1, 64), (32, 64)))
    assert not alone.any(axis=0).all() and batch.any(axis=0).all()
    record = BANK["X66"]
    assert "one example at a time" in record["prompt"]
    assert "all units learn" in record["model_answer"]["full"]
    assert any("each row" in text for text in record["accept_also"])


def test_fifteen_entries_leave_the_fast_path_uncovered():
    """X68: coverage would tell; one training call on 16 entries completes it; 0/0 at rate 1 is left."""
    assert 15 % 4 and not 16 % 4
    with np.errstate(invalid="ignore"):
        assert np.isnan(np.where(np.zeros(3, bool), 1.0, 0) / np.float64(1 - 1)).all()
    full = full_answer("X68")
    assert "Line coverage would not complain" not in full and "its return as never run" in full
    assert "0/0 at $p=1$" in full and "$p=0$ say" not in full
    assert "15 entries" in why_wrong("X68", "Coverage was 100 %")


def test_a_shared_mask_shows_in_means_of_columns():
    """X89: under one mask for all rows a column's mean is 0 or 1/(1-p); only the overall mean hides it."""
    keep = np.random.default_rng(3).random(10_000) >= 0.5
    y = np.ones((64, 10_000)) * keep / 0.5
    assert set(np.unique(y.mean(axis=0))) == {0.0, 2.0} and abs(y.mean() - 1) < 0.05
    assert "never when you average" not in full_answer("X89")
    assert "never in the mean over all entries" in full_answer("X89")


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


def test_a_larger_loss_scale_does_not_cure_overflow():
    """X52: scaling the loss up rescues gradients that underflow in float16; overflow needs a lower scale."""
    small, large = np.float16(2**-14) / np.float16(2**12), np.float16(40_000)
    with np.errstate(over="ignore"):
        assert small == 0 and np.float16(2**-14 * 2**10) / np.float16(2**12) > 0
        assert np.isinf(large * np.float16(2)) and np.isfinite(large * np.float16(0.5) * np.float16(2))
    full = BANK["X52"]["model_answer"]["full"]
    assert "or scale the loss" not in full and "lower the loss scale" in full


def test_a_child_may_be_registered_after_the_constructor():
    """X90: eval() walks over the children, whenever they were added."""
    full = BANK["X90"]["model_answer"]["full"].replace("\n", " ")
    assert "only if it is registered in the constructor" not in full and "a registered child" in full
