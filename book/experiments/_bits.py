"""What both character models are compared by: bits a character, at the end and at the best moment."""

from collections.abc import Mapping

from _compare import rows, told

from dropgrade.results import Value

METRICS = {"end": ("test_bits", "bits"), "best": ("best_bits", "bits"), "fit": ("train_bits", "bits")}
TITLES = {"end": "bits at the end, test", "best": "best bits, validation"}


def described(v: Mapping[str, Value], labels: Mapping[str, str]) -> str:
    """For an alt text."""
    both = told(v, labels, *TITLES)
    return f"Bits a character at the end on test text, and the best on validation text: {both}."


def drawn(v: Mapping[str, Value], labels: Mapping[str, str]):
    """A row for each place of the masks, at the end and at the best moment."""
    return rows(v, labels, TITLES, 2.9)
