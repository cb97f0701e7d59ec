"""Time limits follow from what the checks of an exercise may take: soft first, hard later."""

import pytest
from engine_room import job, said

from dropgrade.checks import exercises
from dropgrade.grading.engine.farm import Farm
from dropgrade.grading.engine.limits import allowed, checks_in
from dropgrade.grading.engine.session import GRACE
from dropgrade.grading.engine.warm import Settings

IMPATIENT = Settings(cell=1.0, test=0.5, total=1.0)
SLOW = """\
import time
slept = []
def keep_mask(shape, p, rng):
    if not slept:
        slept.append(time.sleep({seconds}))
    return rng.random(shape) >= p
"""
QUIET = 'check("01_mask.quiet", keep_mask)'


@pytest.mark.parametrize("task", exercises(), ids=lambda task: task.slug)
def test_the_limits_of_each_exercise_follow_from_its_checks(task):
    """The hard limit of a test comes after the check's own, and the whole takes as long as all of them."""
    cells = [f'check("{task.slug}.{check.id}", answer)' for check in task.checks]
    settings = Settings()
    found = allowed(job("", *cells), settings)
    for cell, check in zip(cells, task.checks, strict=True):
        assert found.test(cell) == check.seconds + settings.test > check.seconds + GRACE
    assert found.cell == max(settings.cell, *(check.seconds for check in task.checks))
    assert found.total == settings.total + sum(check.seconds for check in task.checks)


def test_other_cells_have_the_configured_limits():
    """Text that only looks like a check adds nothing: an unknown one, a comment, another function."""
    cells = [
        'check("01_mask.no_such", f)',
        'check("elsewhere.one", f)',
        "# check('01_mask.quiet')",
        "check()",
    ]
    cells += ['recheck("01_mask.quiet", f)', "check(f)", "if x"]
    assert [checks_in(cell) for cell in cells] == [()] * len(cells)
    found = allowed(job("", *cells), Settings())
    assert (found.cell, found.total, found.test(cells[0])) == (10.0, 300.0, 30.0)


def test_a_learners_cell_cannot_give_itself_time():
    """Only the course's own test cells are read."""
    assert allowed(job('check("04_coadaptation.dropout_generalises", f)', "f()"), Settings()).total == 300.0


@pytest.fixture(scope="module")
def hasty():
    """A farm whose own limits are a moment, to which a check adds its three seconds."""
    with Farm(IMPATIENT) as one:
        yield one


@pytest.mark.sandbox
class TestTheTwoSteps:
    """With limits that are too short for anything."""

    def test_a_slow_answer_is_judged_to_the_end(self, hasty):
        """It needs longer than the configured limit of a test and of a whole submission."""
        result = hasty.run(job(SLOW.format(seconds=1.6), QUIET))
        assert result.ended is None and said(result).startswith("quiet: "), said(result)

    def test_an_endless_call_is_interrupted_by_the_check(self, hasty):
        """The soft step: the check says so, and the process lives on; the next check waits less."""
        result = hasty.run(job(SLOW.format(seconds=60), QUIET, QUIET))
        assert result.ended is None and "did not end within 3 s" in said(result, -2)
        assert "did not end within 0.5 s" in said(result) and result.seconds < 20

    def test_a_test_without_a_check_is_ended_at_the_configured_limit(self, hasty):
        """The hard step, for an instructor's own assertions."""
        result = hasty.run(job("import time", "assert time.sleep(60)"))
        assert IMPATIENT.test < result.seconds < 20 and said(result)
