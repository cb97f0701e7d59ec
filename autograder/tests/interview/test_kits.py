"""Which questions make a kit: the rules it keeps, what it refuses; the same wish gives the same kit."""

import re
from itertools import combinations, product
from pathlib import Path

import pytest
from small_bank import LEVELS, ROOT, records, write_course

from dropgrade.interview.kits import KitError, KitMaker, Wish

FAMILIES = ({"concept"}, {"derivation", "coding"}, {"debug"}, {"judgement", "design"})
MINUTES = (15, 20, 30, 45, 60)
SEEDS = range(50)


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A course folder with the small bank."""
    return write_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def small(course) -> KitMaker:
    return KitMaker(course)


@pytest.fixture(scope="module")
def real() -> KitMaker:
    """The course's own bank."""
    return KitMaker(ROOT)


def clash(one: dict, other: dict) -> bool:
    """Whether one question gives the other's answer away, or puts it."""
    shared = {one["id"], *one["asks"]} & {other["id"], *other["asks"]}
    return bool(shared) or one["conflict"] == other["conflict"] != ""


def four_fit(maker: KitMaker, kit: dict) -> bool:
    """Whether some four, one of each family, take the minutes with their answers alone: all are tried."""
    pool = [e for e in maker.index if kit["level"] in e["levels"] and kit["audience"] in e["audience"]]
    least = kit["minutes"] - -(-kit["minutes"] // 10)
    return any(
        least <= sum(entry["answer"] for entry in four) <= kit["minutes"]
        and not any(clash(*pair) for pair in combinations(four, 2))
        for four in product(*([e for e in pool if e["kind"] in family] for family in FAMILIES))
    )


def broken_rules(maker: KitMaker, kit: dict) -> list[str]:
    """Whatever a kit does that it must not."""
    entries = {entry["id"]: entry for entry in maker.index}
    chosen = [entries[place["id"]] for place in kit["questions"]]
    planned = sum(
        entry["answer"] + place["followups"] * entry["followups"]
        for entry, place in zip(chosen, kit["questions"], strict=True)
    )
    said = []
    if not kit["minutes"] - -(-kit["minutes"] // 10) <= planned == kit["planned"] <= kit["minutes"]:
        said.append(f"{planned} minutes planned, {kit['planned']} said, {kit['minutes']} asked for")
    missing = [family for family in FAMILIES if not family & {entry["kind"] for entry in chosen}]
    if len(kit["missing"]) != len(missing) or (missing and (kit["minutes"] >= 25 or four_fit(maker, kit))):
        said.append(f"missing: {missing}, said: {kit['missing']}")
    for entry in chosen:
        if kit["level"] not in entry["levels"] or kit["audience"] not in entry["audience"]:
            said.append(f"{entry['id']} is not for {kit['level']}, {kit['audience']}")
        if {entry["id"], *entry["asks"]} & {*kit["exclude"]}:
            said.append(f"{entry['id']} repeats what was left out")
    for one, other in combinations(chosen, 2):
        if clash(one, other):
            said.append(f"{one['id']} and {other['id']} clash")
    return said


@pytest.mark.parametrize("bank", ["small", "real"])
@pytest.mark.parametrize("level", LEVELS)
def test_every_kit_keeps_the_rules(bank, level, request):
    """Time, one of each family, no conflict, no question twice: for every length and fifty seeds."""
    maker = request.getfixturevalue(bank)
    for minutes, seed in product(MINUTES, SEEDS):
        kit = maker.make(Wish(level, minutes, seed=seed))
        assert broken_rules(maker, kit) == [], (minutes, seed)


@pytest.mark.parametrize("level", LEVELS)
def test_seeds_give_different_kits(real, level):
    """A second interviewer with another seed does not put the same questions."""
    kits = {tuple(place["id"] for place in real.make(Wish(level, 30, seed=s))["questions"]) for s in SEEDS}
    assert len(kits) >= 10


def test_an_excluded_kit_is_not_repeated(small):
    """Neither its questions nor what their follow-ups put, and the next list holds both kits."""
    first = small.make(Wish("mid", 30, seed=3))
    second = small.make(Wish("mid", 30, seed=3, exclude=tuple(first["used"])))
    assert broken_rules(small, second) == []
    assert {place["id"] for place in second["questions"]}.isdisjoint(first["used"])
    assert {*first["used"]} < {*second["used"]}


def test_the_order_of_the_bank_does_not_matter(tmp_path, small):
    """The same records in another order, or the ids to leave out in another: the same kit and fingerprint."""
    other = KitMaker(write_course(tmp_path, records()[::-1]))
    assert other.hash == small.hash
    wish = Wish("senior", 45, seed=9, exclude=("Q001", "Q060"))
    assert (
        other.make(wish)
        == small.make(wish)
        == small.make(Wish("senior", 45, "interviewer", 9, ("Q060", "Q001")))
    )


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (Wish("lead", 30), "level must be junior, mid, senior or staff, got lead"),
        (Wish("mid", 30, "all"), "audience must be interviewer or candidate, got all"),
        (Wish("mid", 3), r"takes 3 minutes .*; ask for \d+ to 120 minutes"),
        (Wish("mid", 0), "minutes must be a whole number from 1 to 120, got 0"),
        (Wish("mid", 500), "minutes must be a whole number from 1 to 120, got 500"),
        (Wish("mid", 30, seed=-1), "seed must be a whole number from 0 to 4294967295, got -1"),
        (Wish("mid", 30, exclude=("Q16b",)), "does not know Q16b"),
        (
            Wish("mid", 30, exclude=tuple(f"Q{n:03}" for n in range(112))),
            "none of concept, .* leave out fewer",
        ),
    ],
)
def test_an_impossible_wish_is_refused_with_what_would_work(small, wish, said):
    """The rule, the value that breaks it, and a way out."""
    with pytest.raises(KitError, match=said):
        small.make(wish)


def test_what_a_refusal_offers_does_work(small):
    """Every number of minutes it names gives a kit; the one below the first does not."""
    with pytest.raises(KitError) as refused:
        small.make(Wish("mid", 3))
    low, high = map(int, re.search(r"ask for (\d+) to (\d+) minutes", str(refused.value)).groups())
    for minutes in (low, (low + high) // 2, high):
        assert broken_rules(small, small.make(Wish("mid", minutes))) == []
    with pytest.raises(KitError):
        small.make(Wish("mid", low - 1))
