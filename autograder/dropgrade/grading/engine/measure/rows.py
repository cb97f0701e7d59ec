"""What a gradebook says, row by row, so that two ways of grading can be compared.

Rows are compared by what they say; the random ids that nbgrader gives them count for nothing.
"""

from collections.abc import Iterator

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)

Row = tuple[object, ...]


def rows(db_url: str) -> list[Row]:
    """All that a gradebook holds about submissions, in a fixed order."""
    with Gradebook(db_url) as gradebook:
        return sorted(_rows(gradebook), key=repr)


def differences(one: list[Row], other: list[Row]) -> list[str]:
    """Rows that only one of two gradebooks has; empty when they say the same."""
    first, second = set(one), set(other)
    found = [f"only in the first: {row}" for row in sorted(first - second, key=repr)]
    found += [f"only in the second: {row}" for row in sorted(second - first, key=repr)]
    if len(one) != len(first) or len(other) != len(second):
        found.append("a row is there twice")
    return found


def _rows(gradebook: Gradebook) -> Iterator[Row]:
    database = gradebook.db
    for student in gradebook.students:
        yield "student", student.id, student.first_name, student.last_name, student.email, student.lms_user_id
    who = (SubmittedAssignment.student_id, Assignment.name)
    handed_in = database.query(*who, SubmittedAssignment.timestamp, SubmittedAssignment.extension)
    for row in handed_in.join(Assignment, SubmittedAssignment.assignment):
        yield "submission", *row
    place = (*who, Notebook.name)
    written = database.query(*place, SubmittedNotebook.flagged, SubmittedNotebook.late_submission_penalty)
    for row in _of_notebooks(written.select_from(SubmittedNotebook)):
        yield "notebook", *row
    score = (Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade)
    graded = database.query(*place, BaseCell.name, *score).select_from(Grade)
    for row in _of_notebooks(graded.join(BaseCell, Grade.cell).join(SubmittedNotebook, Grade.notebook)):
        yield "grade", *row
    words = (Comment.auto_comment, Comment.manual_comment)
    said = database.query(*place, BaseCell.name, *words).select_from(Comment)
    for row in _of_notebooks(said.join(BaseCell, Comment.cell).join(SubmittedNotebook, Comment.notebook)):
        yield "comment", *row


def _of_notebooks(query):
    """Join a query that has SubmittedNotebook with the tables that say whose it is."""
    query = query.join(Notebook, SubmittedNotebook.notebook)
    query = query.join(SubmittedAssignment, SubmittedNotebook.assignment)
    return query.join(Assignment, SubmittedAssignment.assignment)
