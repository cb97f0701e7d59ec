"""Cards to learn by heart, made from the bank: one for each question, one for each wrong answer.

    answer   the prompt; its answer in twenty seconds
    code     the same for questions of kind coding and debug, with the exercise to practise it in
    wrong    the prompt and what somebody answered; why that is wrong

An id never changes, so what a reader has learnt survives an edit: a question's card has the record's id, and
its wrong answers count from 1 in their order. A new wrong answer therefore goes to the end of its list.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from dropgrade.interview.bank import LEVELS

KINDS = ("answer", "code", "wrong")
CODE = ("coding", "debug")
MEANING_OF_P = {
    "drop": "Here p is the probability of dropping a unit.",
    "keep": "Here p is the probability of keeping a unit.",
    "candidate_states": "Say first whether your p drops or keeps; either is fine.",
}


@dataclass(frozen=True)
class Card:
    """One thing to remember; its texts stand in the record.

    Attributes:
        id: "Q16" for the question, "Q16-wrong-2" for its second wrong answer.
        record: id of the record.
        kind: one of `KINDS`.
        level: the record's first level.
        place: which wrong answer, from 0; -1 for a card that asks the question itself.
    """

    id: str
    record: str
    kind: str
    level: str
    place: int = -1


def cards_of(record: dict) -> Iterator[Card]:
    """The question's card, then one for each wrong answer."""
    name, level = record["id"], record["levels"][0]
    yield Card(name, name, "code" if record["kind"] in CODE else "answer", level)
    for place in range(len(record["wrong"])):
        yield Card(f"{name}-wrong-{place + 1}", name, "wrong", level, place)


def all_cards(bank: dict[str, dict]) -> list[Card]:
    """Every card in the order to learn them: by level, questions before wrong answers, then by file."""
    found = [card for record in bank.values() for card in cards_of(record)]
    return sorted(found, key=lambda card: (LEVELS.index(card.level), card.kind == "wrong"))
