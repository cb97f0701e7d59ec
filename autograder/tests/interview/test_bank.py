"""The bank as it is: every record valid, every rule kept, every number measured again."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from own_words import KEPT, repeated

from dropgrade.interview import evidence, rules
from dropgrade.interview.bank import LEVELS, fingerprint, load_bank, read_yaml

ROOT = Path(__file__).parents[3]
BANK = load_bank(ROOT / "book" / "questions")
TOPICS = sorted({record["topic"] for record in BANK.values()})
MODULES = sorted((ROOT / "book" / "evidence").glob("[a-z]*.py"))
CORE = [f"Q{number:02}" for number in range(1, 59)]
AT_LEAST = {"recruiter": 20, "junior": 30, "mid": 55, "senior": 40, "staff": 15}
WRONG = (11, 22, 23, 26, 27, 28, 30, 38, 44, 63, 65, 68, 73, 83, 93, 95, 97, 102, 104, 105, 120)
WRONG_CLAIMS = [f"C{number}" for number in WRONG]
"""Popular claims that do not hold, by their number in the docket."""


@pytest.fixture(scope="module")
def course() -> rules.Course:
    """What records refer to."""
    return rules.Course(ROOT)


@pytest.mark.parametrize("topic", TOPICS)
def test_every_rule_holds(topic, course):
    """Points, bars, follow-ups, references, conventions and expectations of one file."""
    assert rules.broken(course, (topic,)) == []


def test_the_core_is_complete():
    """All 58 core questions are there."""
    assert [name for name in CORE if name not in BANK] == []


def test_every_level_has_its_share():
    """160 records or more, counted at the first of their levels."""
    counts = Counter(record["levels"][0] for record in BANK.values())
    assert len(BANK) >= sum(AT_LEAST.values())
    assert {level: counts[level] for level in LEVELS if counts[level] < AT_LEAST[level]} == {}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_number_comes_out_as_kept(path):
    """Each measure, run again, agrees with what the pages quote, and with what every answer expects of it."""
    kept = evidence.read(path, ROOT / "book" / "results" / "evidence")
    found = evidence.measure(path)
    assert kept.keys() == found.keys()
    for name, value in found.items():
        # Another processor rounds otherwise, and training carries that on: the interval is the yardstick.
        width = (kept[name].high or 0) - (kept[name].low or 0)
        assert value.value == pytest.approx(kept[name].value, rel=0.05, abs=max(width / 2, 1e-9)), name
        for record in BANK.values():
            for entry in record["evidence"]:
                if entry.get("measure") == f"{path.stem}.{name}":
                    assert evidence.holds(entry["expect"], value), (record["id"], name, value)


def test_no_measure_is_idle():
    """Each is what some answer or some trial stands on."""
    used = {entry.get("measure") for record in BANK.values() for entry in record["evidence"]}
    trials = "\n".join(path.read_text("utf-8") for path in (ROOT / "book").rglob("*.md"))
    idle = [
        f"{path.stem}.{name}"
        for path in MODULES
        for name in evidence.sources(path)
        if f"{path.stem}.{name}" not in used and f"{path.stem}.{name}" not in trials
    ]
    assert idle == []


def test_every_question_is_on_one_page():
    """Each file of the bank is shown by one page of the book."""
    pages = [path.read_text("utf-8") for path in (ROOT / "book").rglob("*.md")]
    shown = Counter(topic for topic in TOPICS for page in pages if f"```{{questions}} {topic}\n" in page)
    assert shown == {topic: 1 for topic in TOPICS}


def test_the_texts_are_our_own():
    """No run of eight words is shared with the texts that the bank grew from."""
    kept = np.load(KEPT)
    files = [*(ROOT / "book/questions").glob("*.yml"), *(ROOT / "book/trials").glob("*")]
    files += [*(ROOT / "book/recruiter").glob("*.md"), *(ROOT / "book/interview").glob("*.md")]
    found = {path.name: repeated(path.read_text("utf-8"), kept) for path in files}
    assert {name: runs for name, runs in found.items() if runs} == {}


def test_every_wrong_claim_is_tried_or_corrected():
    """21 popular claims do not hold; each has a trial, or a correction with a question that explains it."""
    docket = read_yaml(ROOT / "book/trials/docket.yml")
    tried = {claim for trial in docket["trials"] for claim in trial["claims"]}
    corrected = {entry["claim"] for entry in docket["corrections"]}
    assert len(docket["trials"]) >= 24
    assert [claim for claim in WRONG_CLAIMS if claim not in tried | corrected] == []
    assert [entry for entry in docket["corrections"] if entry["record"] not in BANK] == []
    missing = [t["page"] for t in docket["trials"] if not (ROOT / f"book/trials/{t['page']}.md").is_file()]
    assert missing == []


def test_the_fingerprint_is_of_the_content():
    """Order does not matter, a letter does."""
    backwards = dict(reversed(BANK.items()))
    assert fingerprint(backwards) == fingerprint(BANK)
    name = next(iter(BANK))
    assert fingerprint(BANK | {name: BANK[name] | {"title": "Another"}}) != fingerprint(BANK)
