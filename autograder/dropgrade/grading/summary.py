"""How a class did, in lines that fit a terminal."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from dropgrade.checks.misconceptions import MISCONCEPTIONS
from dropgrade.grading.records import Record

PLACES = (
    ("the course", "_build/html/index.html"),
    ("exercises to hand out", "exercises/"),
    ("scores", "grading/scores.csv"),
    ("feedback pages", "grading/feedback/"),
    ("nbgrader's gradebook", "grading/gradebook.db"),
)


def record_line(record: Record) -> str:
    """One graded submission: exercise, student, points, and what stands out."""
    points = f"{record.score:g}/{record.max_score:g}"
    remark = f"refused: {record.reason}" if record.reason else record.notes or ", ".join(record.diagnoses)
    return f"{record.exercise:<12} {record.student:<18} {points:>6}  {remark}".rstrip()


def summarise(folder: Path, records: list[Record]) -> Iterator[str]:
    """The screenful that ends a run: what to open, scores by exercise, refusals, common misconceptions."""
    yield "Open"
    for name, place in PLACES:
        if (folder / place).exists():
            yield f"  {name:<22} {place}"
    if not records:
        return
    yield ""
    yield f"{'The class':<14}{'submitted':>10}{'mean':>12}{'full marks':>12}{'zeros':>7}{'refused':>9}"
    for slug in dict.fromkeys(record.exercise for record in records):
        yield _exercise_line(slug, [record for record in records if record.exercise == slug])
    yield from _misconceptions(records)
    yield from _refusals(records)


def _exercise_line(slug: str, records: list[Record]) -> str:
    best = records[0].max_score
    mean = sum(record.score for record in records) / len(records)
    full = sum(record.score == best for record in records)
    zeros = sum(record.score == 0 for record in records)
    refused = sum(bool(record.reason) for record in records)
    return f"  {slug:<12}{len(records):>10}{f'{mean:.1f} of {best:g}':>12}{full:>12}{zeros:>7}{refused:>9}"


def _misconceptions(records: list[Record], most: int = 5) -> Iterator[str]:
    seen = Counter(name for record in records for name in record.diagnoses)
    if seen:
        yield "Seen most often"
    for name, count in seen.most_common(most):
        yield f"  {count:>3}  {MISCONCEPTIONS[name].name}"


def _refusals(records: list[Record]) -> Iterator[str]:
    refused = [record for record in records if record.reason]
    if refused:
        yield "Zero with a reason"
    for record in refused:
        yield f"  {record.exercise:<12} {record.student:<18} {record.reason}"
