"""What the records of the bank say, for tests about what they once said wrong."""

from pathlib import Path

from dropgrade.interview.bank import load_bank

BANK = load_bank(Path(__file__).parents[4] / "book" / "questions")


def full_answer(name: str) -> str:
    """The full model answer, in one line."""
    return " ".join(BANK[name]["model_answer"]["full"].split())


def why_wrong(name: str, words: str) -> str:
    """The reason beside the wrong answer that holds some words."""
    return next(wrong["why"] for wrong in BANK[name]["wrong"] if words in wrong["says"])


def follow_up(name: str, branch: str) -> str:
    """The answer to the follow-up of a branch: "correct", "partial" or "wrong"."""
    return next(step["answer"] for step in BANK[name]["followups"] if step["if"] == branch)


def shown_by(name: str, measure: str) -> str:
    """What a measure is said to show."""
    return next(link["shows"] for link in BANK[name]["evidence"] if measure in link.get("measure", ""))


def cited_for(name: str, key: str) -> str:
    """Which part of a source is cited."""
    return next(source["where"] for source in BANK[name]["sources"] if source["key"] == key)
