"""A bank of made-up questions, complete in every field, for tests that the real one must not disturb."""

import shutil
from itertools import product
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]
LEVELS = ("junior", "mid", "senior", "staff")
KINDS = ("concept", "derivation", "coding", "debug", "judgement", "design", "claim")
COPIES = 4


def record(name: str, kind: str = "concept", levels: tuple[str, ...] = ("mid",), **more: object) -> dict:
    """A record with every field, as the schema wants it; `more` overrides fields."""
    made = {
        "id": name,
        "title": f"Title of {name} with $p$ & <angles>",
        "levels": list(levels),
        "audience": ["candidate", "interviewer"],
        "kind": kind,
        "skills": ["definition"],
        "minutes": {"answer": 4, "followups": 3},
        "prompt": f"Prompt of {name}: $\\E[x]$ at $p = 0.2$?\n\n```python\ny = x * keep  # {name}\n```",
        "convention": "drop",
        "model_answer": {
            "short_20s": f"Short answer of {name}: it is $x$, once divided by what is kept.",
            "full": f"Full answer of {name}.\n\n$$y = \\frac{{x}}{{1-p}}$$\n\n| p |\n|---|\n| 0.2 |",
        },
        "rubric": [
            {"pts": 4, "must": True, "say": "names $1-p$"},
            {"pts": 3, "say": "says *why*"},
            {"pts": 3, "say": "knows `eval()`"},
        ],
        "bars": {level: 4 + at for at, level in enumerate(levels)},
        "anchors": {"poor": "Guesses.", "mixed": "Knows | half.", "good": "Knows.", "excellent": "Proves."},
        "accept_also": ["the same in other words"],
        "wrong": [
            {"says": "Multiply by $p$.", "why": "Only right at one half."},
            {"says": "No.", "why": "Yes."},
        ],
        "evidence": [
            {"measure": "basics.mean", "expect": "0.99 to 1.01", "shows": "mean of the output"},
            {"page": "02_forward", "anchor": "no-rescale", "shows": "what a missing scale does"},
        ],
        "followups": [
            {"if": "partial", "prompt": "And at $p=1$?", "answer": "Zeros."},
            {"if": "wrong", "prompt": "What is the mean of a mask?", "answer": "$1-p$."},
        ],
        "sources": [{"key": "srivastava2014dropout", "where": "section 10", "checked": "2026-11-21"}],
    }
    if kind == "coding":
        made["coding_task"] = "02_forward"
    return made | more


def records() -> list[dict]:
    """Four questions of each kind and level, two to five minutes each; some clash, some ask another."""
    made = []
    for number, (level, kind, copy) in enumerate(product(LEVELS, KINDS, range(COPIES))):
        name = f"Q{number:03}"
        more: dict = {"minutes": {"answer": 2 + (number + copy) % 4, "followups": 2 + number % 3}}
        if number % 5 == 0:
            more["conflict"] = f"group_{number % 4}"
        if number % 6 == 1:
            more["followups"] = [{"if": "correct", "ask": f"Q{number + 1:03}"}, *record(name)["followups"]]
        above = LEVELS[LEVELS.index(level) : LEVELS.index(level) + 2]
        made.append(record(name, kind, above, **more))
    return made


def write_course(folder: Path, bank: list[dict] | None = None) -> Path:
    """A course folder with this bank (default: `records()`) and the real scripts, style, bibliography."""
    questions = folder / "book" / "questions"
    questions.mkdir(parents=True)
    shutil.copy(ROOT / "book/questions/schema.json", questions)
    text = yaml.safe_dump(records() if bank is None else bank, sort_keys=False, allow_unicode=True)
    (questions / "made_up.yml").write_text(text, encoding="utf-8")
    for name in ("_static", "_ext", "references.bib"):
        (folder / "book" / name).symlink_to(ROOT / "book" / name)
    shutil.copy(ROOT / "_config.yml", folder)
    return folder


def entries(course: Path) -> dict[str, dict]:
    """The written bank by id."""
    return {
        one["id"]: one for one in yaml.safe_load((course / "book/questions/made_up.yml").read_text("utf-8"))
    }
