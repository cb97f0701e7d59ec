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
