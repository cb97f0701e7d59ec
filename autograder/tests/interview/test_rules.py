"""Each rule of the bank refuses the fault it is there for, and the message says what it is."""

from types import SimpleNamespace

import pytest

from dropgrade.interview import evidence, rules
from dropgrade.interview.evidence import Measured

RECORD = {
    "id": "Q16",
    "topic": "scaling",
    "title": "Which scale?",
    "levels": ["junior", "mid"],
    "audience": ["candidate"],
    "kind": "derivation",
    "skills": ["expectation"],
    "minutes": {"answer": 4},
    "prompt": "What scale keeps the mean at drop rate $p$?",
    "convention": "drop",
    "model_answer": {
        "short_20s": "Divide what is kept by the keep probability in training, and leave evaluation alone.",
        "full": "The mean of the mask is $1-p$.",
    },
    "rubric": [
        {"pts": 5, "must": True, "say": "mean"},
        {"pts": 3, "say": "inverse"},
        {"pts": 2, "say": "both"},
    ],
    "bars": {"junior": 4, "mid": 7},
    "anchors": {"poor": "none", "mixed": "half", "good": "most", "excellent": "all"},
    "accept_also": ["classical scaling"],
    "wrong": [{"says": "by $p$", "why": "equal at one half only", "claim": "T01"}],
    "evidence": [{"measure": "basics.mean", "expect": "0.9 to 1.1", "shows": "mean"}],
    "followups": [
        {"if": "correct", "ask": "X03"},
        {"if": "wrong", "prompt": "Mean of the mask?", "answer": "$1-p$"},
    ],
    "sources": [{"key": "srivastava2014dropout", "where": "section 10"}],
}
HARDER = RECORD | {"id": "X03", "levels": ["senior"], "bars": {"senior": 8}, "followups": []}


def course(record: dict) -> SimpleNamespace:
    """What this record may refer to; one measure, which came out at 1."""

    def measured(name: str) -> Measured:
        if name != "basics.mean":
            raise evidence.EvidenceError(f"no measure {name}")
        return Measured(1.0)

    return SimpleNamespace(
        bank={"Q16": record, "X03": HARDER},
        sources={"srivastava2014dropout"},
        exercises={"02_forward"},
        trials={"T01"},
        measured=measured,
    )


def said(record: dict) -> str:
    """Everything the rules say of one record."""
    return " | ".join(text for rule in rules.RULES for text in rule(record, course(record)))


def test_a_sound_record_breaks_no_rule():
    """The one that the faults below are made from."""
    assert said(RECORD) == ""


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        (
            "rubric",
            [{"pts": 5, "must": True, "say": "mean"}, {"pts": 3, "say": "inverse"}],
            "add up to 10, got 8",
        ),
        ("rubric", [{"pts": 10, "say": "all"}], "must-point"),
        ("bars", {"junior": 4}, "bars must be for junior, mid"),
        ("bars", {"junior": 7, "mid": 4}, "bars must rise"),
        ("bars", {"junior": 4, "mid": 11}, "end at 10 or below"),
        ("levels", ["mid", "junior"], "levels must rise"),
        ("followups", [{"if": "correct", "ask": "X99"}], "asks X99, which does not exist"),
        ("prompt", "See {ref}`there <q16>` at rate $p$.", "plain Markdown"),
        ("prompt", "See [there](page.html).", "plain Markdown"),
        ("sources", [{"key": "nobody1999", "where": "page 1"}], "nobody1999 is not in references.bib"),
        ("wrong", [{"says": "a", "why": "b", "claim": "T77"}], "T77 is not on the docket"),
        ("coding_task", "77_nothing", "must be an exercise"),
        ("kind", "coding", "needs a coding_task"),
        ("evidence", [{"page": "02_forward", "shows": "it"}], "must have a measure"),
        ("evidence", [{"measure": "basics.mean", "expect": "< 0.5", "shows": "it"}], "is 1, expected < 0.5"),
        ("evidence", [{"measure": "basics.none", "expect": "> 0", "shows": "it"}], "no measure basics.none"),
        ("model_answer", {"short_20s": "Divide.", "full": "All of it."}, "20 seconds"),
    ],
)
def test_a_fault_is_named(field, value, message):
    """Changed in one field, the record breaks one rule."""
    assert message in said(RECORD | {field: value})


def test_a_rate_without_its_meaning_is_refused():
    """The word alone is enough; there need be no formula."""
    record = {key: value for key, value in RECORD.items() if key != "convention"}
    assert "convention must say" in said(record)
    assert "convention must say" in said(record | {"prompt": "Which dropout rate?"})


def test_a_followup_does_not_lead_down():
    """From a senior question to one for juniors."""
    record = HARDER | {"followups": [{"if": "correct", "ask": "Q16"}]}
    place = course(RECORD)
    place.bank = {"Q16": RECORD | {"levels": ["junior"]}, "X03": record}
    assert "below senior" in " ".join(rules.followups(record, place))


def test_circles_are_found():
    """Of two, of one; a chain that only meets itself is none."""

    def bank(**asks: list[str]) -> dict:
        return {
            name: {"followups": [{"if": "correct", "ask": ask} for ask in found]}
            for name, found in asks.items()
        }

    assert rules.circles(bank(A1=["B1"], B1=["A1"])) == ["A1 -> B1 -> A1"]
    assert rules.circles(bank(A1=["A1"])) == ["A1 -> A1"]
    assert rules.circles(bank(A1=["B1", "C1"], B1=["C1"], C1=[])) == []


@pytest.mark.parametrize(
    ("expect", "found", "holds"),
    [
        ("0.19 to 0.21", Measured(0.2), True),
        ("-1 to -0.5", Measured(-0.4), False),
        ("< 1e-6", Measured(1e-7), True),
        ("= 16", Measured(16.0), True),
        ("= 16", Measured(16.1), False),
        ("low > 0", Measured(1.0, 0.2, 1.8), True),
        ("high < 0", Measured(-1.0, -2.0, 0.1), False),
    ],
)
def test_an_expectation_holds_or_not(expect, found, holds):
    """For the value, or for a bound of its interval."""
    assert evidence.holds(expect, found) is holds


@pytest.mark.parametrize("expect", ["about 3", "", "<", "3", "0.1 - 0.2", "mean > 0"])
def test_a_malformed_expectation_raises(expect):
    """So that a slip does not pass for a proof."""
    with pytest.raises(evidence.EvidenceError, match="expect must be like"):
        evidence.holds(expect, Measured(3.0))


def test_a_bound_needs_an_interval():
    """A single number has none."""
    with pytest.raises(evidence.EvidenceError, match="needs an interval"):
        evidence.holds("low > 0", Measured(3.0))


@pytest.mark.parametrize(
    "body", ["float('nan')", "'three'", "None", "(1.0, 2.0)", "(1.0, 0.0, float('inf'))"]
)
def test_a_measure_returns_finite_numbers(tmp_path, body):
    """One, or a value with its interval."""
    module = tmp_path / "odd.py"
    module.write_text(f"def one():\n    return {body}\n")
    with pytest.raises(evidence.EvidenceError, match=r"odd\.one must return a finite number"):
        evidence.measure(module)


def test_measures_are_kept_and_grow_old(tmp_path):
    """A change of the module asks for another measurement; a private function is no measure."""
    module = tmp_path / "odd.py"
    module.write_text("def _half():\n    return 0.5\n\n\ndef one():\n    return 2 * _half()\n")
    with pytest.raises(evidence.EvidenceError, match="never measured"):
        evidence.read(module, tmp_path)
    assert evidence.main([str(tmp_path), "--write", str(tmp_path), "--stale"]) == 0
    assert evidence.read(module, tmp_path) == {"one": Measured(1.0)}
    module.write_text(module.read_text() + "# changed\n")
    with pytest.raises(evidence.EvidenceError, match="older than its module"):
        evidence.read(module, tmp_path)


def test_an_unknown_topic_is_refused(tmp_path, capsys):
    """With the names that there are."""
    (tmp_path / "odd.py").write_text("def one():\n    return 1\n")
    with pytest.raises(SystemExit):
        evidence.main([str(tmp_path), "even"])
    assert "no measures for even; known: odd" in capsys.readouterr().err
