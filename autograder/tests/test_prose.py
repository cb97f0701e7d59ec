"""No page holds a measured number that somebody typed.

A number counts as *measured* if it is written in digits and carries a unit (%, points, nats, times more,
-fold, a time, a size in bytes), or if it is a decimal in a sentence naming a metric. It may stand in prose
only where a reader can see that this course did not measure it: in code, formulas and quotation marks, in a
sentence or table row with a citation, as the level of an interval, or, in the question bank, where the prompt
gives it or a measure of the record returns it. The rest is listed in `ALLOWED`, with the reason. Numbers in
words ("twice", "half a point") are not seen.
"""

import json
import re

import pytest
import yaml
from book_text import BANK, BOOK, CITED, PAGES, prose, sentences

FIGURE = r"(?<![\w.,])[-\N{MINUS SIGN}]?\d[\d,]*(?:\.\d+)?"
MORE = r"(?:(?:fast|slow|larg|small|long|short|cheap|high|low|few)er|better|worse|as|more|less|the)\b"
TIME = r"(?:seconds?|minutes?|hours?|days?|ms|µs|ns)\b"
SIZE = r"(?:[kMGT]i?B(?:/s)?)\b"
UNIT = rf"(?:%|pp\b|percent(?:age points?)?\b|points?\b|nats?\b|times {MORE}|-?fold\b|{TIME}|{SIZE})"
WITH_UNIT = re.compile(rf"{FIGURE}(?: (?:to|or|and) {FIGURE})?\s?{UNIT}")
DECIMAL = re.compile(r"(?<![\w.])(?<!rate )(?<!factor )(?<!dropout )(?<![Aa]t )\d+\.\d+(?![\w.]| of\b)")
METRIC = re.compile(r"\b(error|NLL|accuracy|ECE|loss|perplexity|likelihood|correlation|speed-?up)s?\b", re.I)
LEVEL = re.compile(r"\b(intervals?|CI|confidence|verdicts?|level|at its own)\b", re.I)

ALLOWED = {
    # page or record: {part of the sentence: why it is no measurement of this course}
    "01_mask.md": {
        "a little under 8 %": "exact: a binomial coefficient over a power of two, in the same sentence",
        "exactly 30 %": "the rate of the figure",
    },
    "02_forward.md": {
        "where it is 4 times the square": "exact: p/(1-p) at 0.8",
        "from 0.3 to 0.5 the error changes by": "two settings; what was measured follows in roles",
    },
    "04_coadaptation.md": {"An error of a quarter is 0.25": "says how to write a share"},
    "07_rate.md": {
        "90 % would lie above 0.1": "exact: nine tenths of an interval",
    },
    "08_pytorch.md": {"two chances of 2.5 %": "exact: half of the level of the interval"},
    "11_uncertainty.md": {
        "27.6 nats": "exact: minus the logarithm of the clip named beside it",
        "80 % confidence": "an example that defines calibration",
    },
    "09_gpu.md": {
        "Below 100 %": "a level, not a finding",
        "the data sheet's 3.35 and 4.8 TB/s": "the maker's figures, named as such",
    },
    "appendix/site.md": {"at most 450 kB": "the budget that a test holds every page to"},
    "glossary.md": {"From 4 % to 5 %": "an example", "80 % confidence": "an example that defines a word"},
    "interview/kits.md": {"25 minutes": "a length that the reader chooses"},
    "recruiter/resume_lines.md": {
        "from a starting point of 60 %": "the example that the calculator starts from",
        "62.5 % of all errors": "exact: 25 of 40",
        "99 % can be worthless": "repeats the line that is decoded",
        "more than 25 % without": "repeats the line that is decoded",
    },
    "syllabus.md": {"200 words a minute": "the rule by which reading times are computed"},
    "trials/t05_step_time.md": {"below 0.2 nats": "the target that was set"},
    "trials/t24_gain.md": {"25 % of what": "repeats the charge"},
}
ALLOWED_ANSWERS = {
    "X08": {"about 16 %": "exact: a normal tail"},
    "Q35": {
        "78.13 % top-1": "published, from the abstract of the record's source",
        "1.6 points above": "the same",
    },
    "Q47": {"scores about 80 %": "exact: what a fifth of wrong labels leaves"},
    "X72": {"15.3 points": "exact: arithmetic on the prompt", "by 39 %": "the same"},
    "X69": {"say, 5 % of the cases": "an example of a budget"},
    "Q14": {"50 % for four units": "exact: one over a root", "3 % for 1,024": "the same"},
    "X49": {"a steady 0.02 %": "exact: half a step of half precision"},
    "R03": {"plus 5 points is 95": "arithmetic"},
    "X29": {"2 GiB at a byte each": "arithmetic on the entries", "256 MiB at a bit": "the same"},
    "X34": {"20 % low at 5": "exact: one over T"},
    "X35": {"flip 20 % of the labels": "a setting"},
}


def measured(sentence: str) -> list[str]:
    """What looks like a measured number in a sentence of `prose`."""
    if CITED in sentence:
        return []
    found = [match.group() for match in WITH_UNIT.finditer(sentence)]
    if LEVEL.search(sentence):
        found = [number for number in found if not re.match(r"9[059] ?%", number)]
    return found + (DECIMAL.findall(sentence) if METRIC.search(sentence) and not found else [])


def typed(text: str, allowed: dict[str, str]) -> list[str]:
    """Sentences with a measured number that is not on the list."""
    hits = (line for line in sentences(prose(text)) if measured(line))
    return [line for line in hits if not any(part in line for part in allowed)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(BOOK)))
def test_no_measured_number_is_typed_into_a_page(page):
    """Quote it with a role, print it in a cell, or, if nobody measured it, list it above with the reason."""
    allowed = ALLOWED.get(str(page.relative_to(BOOK)), {})
    text = page.read_text("utf-8")
    assert not typed(text, allowed)
    seen = " ".join(line for line in sentences(prose(text)) if measured(line))
    assert not [part for part in allowed if part not in seen], "no longer needed: take it off the list"


@pytest.mark.parametrize(
    "line",
    [
        "Dropout lowers the test error by 0.55 pp.",
        "It takes 3.2 seconds on one core.",
        "A step is 1.7 times slower.",
        "The NLL rises from 0.21 to 0.35 in the worst seed.",
        "It gains $0.55$ points, and $13\\,\\%$ of the runs fail.",
        "| dropout | 4.1 % |",
        ":::{admonition} Claim\nIt saves 12 MiB.\n:::",
        "```{result-figure} rates\nHalf of it: 2.3 pp.\n```",
        '```{code-cell} ipython3\nalt=(\n    "The error falls by 12 %"\n)\n```',
    ],
)
def test_a_measured_number_would_be_found(line):
    """The search sees units, metrics, tables, captions and numbers between dollar signs."""
    assert typed(line, {})


@pytest.mark.parametrize(
    "line",
    [
        "It falls by {result}`rate_sweep:error_p30_minus_none`.",
        "{cite:t}`ghiasi2018dropblock` report a gain of 1.6 points.",
        "Bands are 95 % intervals over seeds.",
        "The layer runs 100,000 times with fresh masks.",
        "```python\nprint('3.2 seconds')\n```",
        'A line says "25 % better with dropout".',
        "At $p = 0.3$ the error is the one of rate 0.3.",
    ],
)
def test_what_was_not_measured_here_passes(line):
    """Roles, citations, levels, settings, code, quotations and formulas."""
    assert not typed(line, {})


def kept() -> dict[str, dict[str, float]]:
    """What each measure of the bank returned."""
    folder = BOOK / "results" / "evidence"
    return {
        f"{path.stem}.{name}": values
        for path in folder.glob("*.json")
        for name, values in json.loads(path.read_text("utf-8"))["values"].items()
    }


def numbers(text: str) -> list[float]:
    return [
        float(number.replace(",", ""))
        for number in re.findall(r"\d[\d,]*(?:\.\d+)?", text)
        if number[-1] != ","
    ]


def backed(number: str, record: dict, found: dict[str, dict[str, float]]) -> bool:
    """Whether the prompt gives a number, or a measure of the record returned it (or its share)."""
    evidence = [entry for entry in record["evidence"] if "measure" in entry]
    given = numbers(" ".join([record["prompt"], *(f"{e['expect']} {e['shows']}" for e in evidence)]))
    given += [abs(value) for entry in evidence for value in found[entry["measure"]].values()]
    known = [scale * value for v in given for value in (v, abs(1 - v)) for scale in (1, 100, 1000)]
    decimals = len(re.findall(r"\d+(?:\.(\d+))?", number)[-1])
    near = max(0.5 * 10.0**-decimals, 0.06 * max(numbers(number)))
    return all(any(abs(k - value) <= near for k in known) for value in numbers(number))


@pytest.mark.parametrize("path", BANK, ids=lambda path: path.stem)
def test_numbers_of_an_answer_have_evidence(path):
    """In a model answer, a number with a unit comes from the prompt or from a measure of the record."""
    found = kept()
    for record in yaml.safe_load(path.read_text("utf-8")):
        allowed = ALLOWED_ANSWERS.get(record["id"], {})
        lines = [
            line
            for line in sentences(prose("\n\n".join(record["model_answer"].values())))
            if WITH_UNIT.search(line)
        ]
        bare = [
            (number, line)
            for line in lines
            for number in measured(line)
            if WITH_UNIT.match(number) and not backed(number, record, found)
        ]
        assert not [(record["id"], hit) for hit in bare if not any(part in hit[1] for part in allowed)]
        assert not [part for part in allowed if not any(part in line for _, line in bare)], record["id"]
