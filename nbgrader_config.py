"""nbgrader in this folder: where each step keeps its files; how the steps work is in dropgrade.grading.settings."""

from pathlib import Path

from dropgrade.grading.settings import configure

c = get_config()  # noqa: F821  (nbgrader defines it)
configure(c)
c.CourseDirectory.course_id = "dropout"
c.CourseDirectory.source_directory = "grading/source"
c.CourseDirectory.release_directory = "exercises"
c.CourseDirectory.submitted_directory = "grading/submitted"
c.CourseDirectory.autograded_directory = "grading/autograded"
c.CourseDirectory.feedback_directory = "grading/feedback"
c.CourseDirectory.db_url = f"sqlite:///{Path(__file__).resolve().parent / 'grading' / 'gradebook.db'}"

# Where links of a feedback page lead: from the page to the site built here. Before you send pages out, write the
# address at which your learners read the course.
c.Report.site = "../../../../_build/html"
