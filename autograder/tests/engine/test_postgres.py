"""A gradebook in PostgreSQL: the documented line in nbgrader_config.py is all that it takes."""

# ruff: noqa: F811

import pytest
from schoolroom import SIZE, SLUG, taught  # noqa: F401

from dropgrade.grading.engine.measure import postgres, school
from dropgrade.grading.engine.measure.commands import finish, grade, start
from dropgrade.grading.engine.measure.rows import rows


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.skipif(bool(postgres.missing()), reason=postgres.missing())
class TestWithAServer:
    """With a server of its own."""

    def test_the_gradebook_says_the_same(self, taught, tmp_path):
        """Row by row what a file says; a second run finds nothing to do."""
        school.copy_course(taught.ungraded, tmp_path, [SLUG])
        with postgres.server() as address:
            postgres.use(tmp_path, address)
            finish(start(tmp_path, "build"))
            school.hand_in(tmp_path, SLUG, school.names(SIZE))
            done = grade(tmp_path)
            assert f"{SIZE} graded, 0 unchanged" in done.stdout, done.stderr
            assert rows(address) == taught.rows
            assert f"0 graded, {SIZE} unchanged" in grade(tmp_path).stdout
        assert not (tmp_path / "grading" / "gradebook.db").exists()
        gone = grade(tmp_path)
        assert gone.returncode == 2 and gone.stderr.startswith("dropgrade: the gradebook cannot be used")


def test_what_is_missing_is_named(monkeypatch):
    """With the command that gets it."""
    monkeypatch.setattr(postgres, "_program", lambda name: None if name == "initdb" else name)
    assert postgres.missing() == "no PostgreSQL: initdb not found; apt-get install postgresql"
    monkeypatch.setattr(postgres, "_program", lambda name: name)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "pip install 'dropgrade[postgres]'" in postgres.missing()
