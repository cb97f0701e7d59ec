"""The page about the sandbox shows what the trial of the engine showed, and refuses to show an old trial."""

import json
import re

import pytest
import test_site_ext  # which also puts the site's extensions on the path

from dropgrade.grading.engine import trial
from dropgrade.grading.engine.trial.record import record, stale

ATTACKS = [
    ("read_solutions", "a", "Reads <the solution>.", [2.0, 2.0], True),
    ("patch_assert", "d", "Patches assert.", [2.0, 12.0], False),
    ("own_idea", "own", "Hides in a generator.", [2.0, None], False),
]
USERS = ("root", "a normal user")
OTHERS = {"same_truth": {"submissions": 1200, "differences": []}, "fuzz": {"notebooks": 3000, "gaps": []}}
PAGE = """# Page

{attacks}`attacks` tried, {attacks}`succeeded` got through, for {attacks}`users` users.
{attacks}`same:submissions` compared, {attacks}`same:differences` differ; {attacks}`fuzz:notebooks` damaged.

```{attack-table}
```
"""


def outcome() -> dict:
    """A record as the trial writes it, of three attacks by two users."""
    runs = []
    for place, user in enumerate(USERS):
        tried = [
            {"name": name, "group": group, "about": about, "honest": 2.0, "leaked": []}
            | {"score": scores[place], "failed": failed or scores[place] == 2.0}
            for name, group, about, scores, failed in ATTACKS
        ]
        outside = {"strange_rows": [], "planted": [], "changed_outside": [], "left_running": []}
        runs.append({"user": user, "attacks": tried, "connections": 0} | outside)
    return record(runs)


@pytest.fixture
def page(tmp_path, monkeypatch):
    """Builds a page in a course whose engine was tried; what comes of it, and the HTML."""
    conf = test_site_ext.CONF.replace('"proof_table"', '"proof_table", "attack_table"')
    monkeypatch.setattr(test_site_ext, "CONF", conf)
    # Attacks of ours that the small record lacks would make it stale, and so would a change to the engine.
    known = "import dropgrade.grading.engine.trial.record as r\nr.trial.ATTACKS = ()\n"
    monkeypatch.setattr(test_site_ext, "CONF", known + conf)

    def build(found: dict | None, text: str = PAGE) -> tuple[int, str, str]:
        folder = tmp_path / "book" / "results"
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in (OTHERS | ({"attacks": found} if found else {})).items():
            (folder / f"{name}.json").write_text(json.dumps(content), "utf-8")
        code, messages, html = test_site_ext.build(tmp_path, text)
        return code, messages, re.sub(r">\s+<", "><", html)

    return build


def test_each_attack_is_a_row_with_its_scores(page):
    """Beside the honest one, for each user; what got through stands out; text is escaped."""
    code, messages, html = page(outcome())
    assert code == 0, messages
    assert '<tr class="caught"><td>Reads &lt;the solution&gt;.</td><td>2</td><td>2</td><td>2</td>' in html
    assert '<tr class="missed"><td>Patches assert.</td><td>2</td><td>2</td><td>12</td>' in html
    assert "<td>Hides in a generator.</td><td>2</td><td>2</td><td>none</td>" in html
    assert "0 of 1 failed" in html and "1 of 1 failed" in html and "As a normal user" in html


def test_numbers_come_from_the_records(page):
    """Lists are counted, thousands have their comma."""
    _, _, html = page(outcome())
    text = re.sub(r"<[^>]+>", "", html)
    assert "3 tried, 2 got through, for 2 users." in text
    assert "1,200 compared, 0 differ; 3,000 damaged." in text


def test_an_old_trial_stops_the_build(page):
    """A file of the engine changed after it was tried: the message names it and the command that mends it."""
    old = outcome()
    old["sources"][next(iter(old["sources"]))] = "another"
    code, messages, _ = page(old)
    assert code != 0 and "is older than what it tried (" in messages
    assert "python -m dropgrade.grading.engine.trial --write book/results/attacks.json" in messages


def test_a_missing_record_or_number_stops_the_build(page):
    """Also by name and with the command."""
    code, messages, _ = page(None)
    assert code != 0 and "there is no book/results/attacks.json; run `python -m dropgrade" in messages
    code, messages, _ = page(outcome(), "# Page\n\n{attacks}`fuzz:tried`\n")
    assert code != 0 and "no such number: 'fuzz:tried'" in messages


def test_an_attack_that_was_not_tried_makes_a_record_stale(tmp_path):
    """A new attack is no part of an old table."""
    path = tmp_path / "attacks.json"
    path.write_text(json.dumps(outcome()), "utf-8")
    assert set(stale(path)) == {attack.name for attack in trial.ATTACKS} - {"read_solutions"}
