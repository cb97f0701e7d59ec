"""The proof page shows what the trial of the graders showed, and refuses to show an old trial."""

import json
import re
from importlib import import_module
from pathlib import Path

import pytest
from test_site_ext import build  # which also puts the site's extensions on the path

from dropgrade.checks import exercise
from dropgrade.checks.proof import sources

PROOF = {
    "slug": "01_mask",
    "title": "The mask",
    "false_alarm": 2.0002e-08,
    "checks": [
        {
            "id": "rate_matches_p",
            "fact": "An entry is kept with probability 1 - p.",
            "false_alarm": 2.0002e-08,
            "catches": "much",
        }
    ],
    "answers": [
        {
            "right": True,
            "says": "A loop.",
            "check": None,
            "diagnosis": None,
            "runs": 3000,
            "as_foretold": 3000,
        },
        {
            "right": False,
            "says": "Swaps <keep> and drop.",
            "check": "rate_matches_p",
            "diagnosis": "keep_drop_swapped",
            "runs": 10,
            "as_foretold": 9,
        },
    ],
    "sources": {},
}


MUTANTS = {
    "slug": "01_mask",
    "mutants": 12,
    "rejected": 10,
    "in_first_run": 10,
    "equivalent": [
        {"function": "f", "mutant": "u > p", "reason": "As rare as <can> be."},
        {"function": "g", "mutant": "u < p", "reason": "As rare as <can> be."},
    ],
    "sources": {},
}

PAGE = """# Page

(keep-drop-swapped)=
## Swapped

Tried {proof}`right.runs` times, wrong {proof}`false_alarm`.
"""
CHECKS = "\n```{proof-checks}\n```\n"


def with_proof(folder: Path, page: str, fresh: bool = True) -> tuple[int, str, str]:
    """Build a page in a course whose graders have been tried; `fresh`: they are still the same."""
    proof = json.loads(json.dumps(PROOF))
    if fresh:
        proof["sources"] = sources(exercise("01_mask"), folder / "solutions")
    path = folder / "book" / "results" / "proof" / "01_mask.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(proof), "utf-8")
    return build(folder, page)


def with_mutants(folder: Path, outcome: dict) -> Path:
    """Keep an outcome of the trial by small changes in a course."""
    path = folder / "book" / "results" / "mutants" / "01_mask.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(outcome), "utf-8")
    return path


def test_the_proof_is_shown_check_by_check(tmp_path):
    """Promise, mistake, diagnosis as a link, and what was missed stands out; text is escaped."""
    code, messages, html = with_proof(tmp_path, PAGE + CHECKS)
    assert code == 0, messages
    assert "Tried 3,000 times, wrong once in 49 million runs." in re.sub(r"<[^>]+>", "", html)
    assert "Exercise 1: the mask</h3>" in re.sub(r"<a .*?</a>", "", html)
    assert "It fails a right answer at most once in 49 million runs. It catches much." in html
    assert '<tr class="missed"><td>Swaps &lt;keep&gt; and drop.</td>' in html and "9 of 10" in html
    assert re.search(r'href="#keep-drop-swapped">.*?Keep and drop swapped', html)
    assert "1 right answer, 0 false alarms in 3,000 runs" in html
    assert "small changes" not in html


def test_small_changes_are_counted_and_those_that_pass_explained(tmp_path):
    """One line for each exercise; a reason that several changes share is said once; text is escaped."""
    with_mutants(tmp_path, MUTANTS)
    page = PAGE + CHECKS + "\n{proof}`mutants.tried` changes, {proof}`mutants.equivalent` pass.\n"
    code, messages, html = with_proof(tmp_path, page)
    assert code == 0, messages
    text = re.sub(r"<[^>]+>", "", html)
    assert "12 changes, 2 pass." in text
    assert "12 small changes to the solution, 10 refused" in text and "2 equivalent" in text
    assert "10 were refused, each in its first run. The others pass, and are no mistakes:" in text
    assert (
        text.count("As rare as &lt;can&gt; be.") == 1 and "u &gt; p in f" in text and "u &lt; p in g" in text
    )


def test_a_change_that_passed_a_run_is_not_hidden(tmp_path):
    """Refused in the end, but not at once."""
    with_mutants(tmp_path, MUTANTS | {"in_first_run": 7, "equivalent": []})
    code, messages, html = with_proof(tmp_path, PAGE + CHECKS)
    assert code == 0, messages
    assert "10 were refused, 3 of them after a first run that they passed." in html
    assert "The others pass" not in html


def test_a_proof_older_than_its_graders_stops_the_build(tmp_path):
    """The numbers on the page would be those of other checks; the message says how to try again."""
    code, messages, _ = with_proof(tmp_path, PAGE, fresh=False)
    assert code != 0 and "older than what it proves (01_mask: " in messages
    assert "python -m dropgrade.checks.proof solutions --write" in messages


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("# Page\n\n{proof}`right.answer`\n", "knows no 'right.answer'"),
    ],
)
def test_a_number_that_was_not_measured_stops_the_build(tmp_path, page, said):
    """The message names the page and the key."""
    code, messages, _ = with_proof(tmp_path, page)
    assert code != 0 and "book/page" in messages and said in messages


def test_without_a_proof_there_is_no_proof_page(tmp_path):
    """The message says how to make one."""
    code, messages, _ = build(tmp_path, PAGE)
    assert code != 0 and "there is no book/results/proof; run `python -m" in messages


@pytest.mark.parametrize(
    ("chance", "words"),
    [
        (0.0, "never"),
        (0.3, "once in 3 runs"),
        (1e-6, "once in 1 million runs"),
        (1.20012e-07, "once in 8.3 million runs"),
        (2.0002e-08, "once in 49 million runs"),
    ],
)
def test_a_chance_in_words_is_never_flattering(chance, words):
    """Two digits, rounded towards more false alarms."""
    assert import_module("proof_table").once_in(chance) == words
