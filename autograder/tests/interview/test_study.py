"""The map of what to study: every skill leads to chapters, exercises and questions that exist."""

import json

from small_bank import ROOT

from dropgrade.interview.bank import load_bank
from dropgrade.interview.study import SKILLS, study_map


def test_every_skill_of_the_schema_has_its_words_and_its_place_to_study():
    """Each is named by some record, and leads to a chapter and to questions."""
    schema = json.loads((ROOT / "book/questions/schema.json").read_text("utf-8"))
    assert sorted(schema["items"]["properties"]["skills"]["items"]["enum"]) == sorted(SKILLS)
    found = study_map(load_bank(ROOT / "book/questions"))
    assert list(found) == list(SKILLS)
    for skill, study in found.items():
        assert study.chapters and study.questions, skill
        assert all((ROOT / f"book/{page}.md").is_file() for page in study.chapters), skill
        assert all((ROOT / f"solutions/{slug}/lesson.py").is_file() for slug in study.exercises), skill


def test_what_most_records_point_at_comes_first():
    """By hand, for three records: two prove their answer in chapter 2, one in chapter 3."""
    bank = {
        name: {
            "id": name,
            "levels": [level],
            "skills": ["variance"],
            "topic": "theory",
            "evidence": [{"page": page}],
        }
        for name, level, page in (
            ("Q01", "senior", "03_backward"),
            ("Q02", "mid", "02_forward"),
            ("Q03", "mid", "02_forward"),
        )
    }
    bank["Q03"]["coding_task"] = "07_rate"
    (study,) = study_map(bank).values()
    assert study.chapters == ("02_forward", "03_backward") and study.exercises == ("07_rate",)
    assert study.questions == ("Q02", "Q03", "Q01")
