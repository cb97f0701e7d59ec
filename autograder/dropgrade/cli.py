"""The `dropgrade` command: parse, call the library, print. Heavy imports wait until a command runs."""

import json
from pathlib import Path

import click

from dropgrade.errors import CourseError


class Courteous(click.Group):
    """Turns a CourseError into one line on stderr and exit code 2."""

    def invoke(self, ctx: click.Context):
        try:
            return super().invoke(ctx)
        except CourseError as error:
            click.echo(f"dropgrade: {error}", err=True)
            ctx.exit(2)


path = click.Path(path_type=Path)
course_option = click.option(
    "--course",
    "folder",
    default=".",
    show_default=True,
    help="The course's folder.",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
slugs_argument = click.argument("slugs", nargs=-1, metavar="[SLUG]...")


@click.group(cls=Courteous, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dropgrade")
def main() -> None:
    """Check, build, grade and report the exercises of Dropout, Proven."""


@main.command()
@click.argument("slug")
@click.argument("answer", type=path)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@click.option("--seed", type=int, help="Draw the checks' inputs from this seed (default: fresh ones).")
@click.option(
    "--timeout", type=float, help="Seconds before a hanging answer is ended (default: the exercise's)."
)
def check(slug: str, answer: Path, as_json: bool, seed: int | None, timeout: float | None) -> None:
    """Check ANSWER, a Python file or a notebook, against the exercise SLUG.

    Exit code 0: all checks passed. 1: some failed. 2: the answer cannot be used.
    """
    from dropgrade.checks.runner import check_file, render

    report = check_file(slug, answer, seed=seed, timeout=timeout)
    click.echo(json.dumps(report, ensure_ascii=False) if as_json else render(report))
    raise SystemExit(2 if "error" in report else 0 if report["passed"] else 1)


@main.command()
@slugs_argument
@course_option
def build(slugs: tuple[str, ...], folder: Path) -> None:
    """Make the source notebooks and the release notebooks from solutions/SLUG/lesson.py."""
    from dropgrade.grading.course import Course

    for line in Course(folder).build(slugs):
        click.echo(line)


@main.command()
@slugs_argument
@course_option
@click.option("--jobs", type=click.IntRange(1), help="Notebooks at once (default: one for each core).")
@click.option("--dask", metavar="ADDRESS", help="Run the notebooks on the workers of this Dask scheduler.")
@click.option("--plain", is_flag=True, help="Use nbgrader's own executor: slow, and without protection.")
@click.option("--unsafe-no-sandbox", is_flag=True, help="Run strangers' code with your rights. Don't.")
def grade(
    slugs: tuple[str, ...],
    folder: Path,
    jobs: int | None,
    dask: str | None,
    plain: bool,
    unsafe_no_sandbox: bool,
) -> None:
    """Grade everything under grading/submitted/ that changed; the gradebook keeps the scores."""
    from dropgrade.grading.course import Course
    from dropgrade.grading.how import How

    for line in Course(folder).grade(slugs, How(plain, not unsafe_no_sandbox, jobs, dask)):
        click.echo(line)


@main.group()
def shards() -> None:
    """Run notebooks on a cluster that starts commands, such as a Slurm array.

    Write shards, run each on any machine that sees the folder, collect, then `dropgrade grade`.
    """


shards_folder = click.argument("shards_folder", type=click.Path(file_okay=False, path_type=Path))


@shards.command()
@shards_folder
@slugs_argument
@course_option
def write(shards_folder: Path, slugs: tuple[str, ...], folder: Path) -> None:
    """Write what is new or changed into files of a hundred notebooks each."""
    from dropgrade.grading.course import Course

    click.echo(Course(folder).write_shards(shards_folder, slugs))


@shards.command("run")
@shards_folder
@click.argument("number", type=click.IntRange(0))
@click.option("--jobs", type=click.IntRange(1), help="Notebooks at once (default: one for each core).")
def run_shard(shards_folder: Path, number: int, jobs: int | None) -> None:
    """Run one shard on this machine; started again, it goes on where it was."""
    from dropgrade.grading.engine.shards import run

    for line in run(shards_folder, number, jobs):
        click.echo(line)


@shards.command()
@shards_folder
@course_option
def collect(shards_folder: Path, folder: Path) -> None:
    """Bring the results home; `dropgrade grade` then only writes them down."""
    from dropgrade.grading.course import Course

    click.echo(Course(folder).collect_shards(shards_folder))


@main.command()
@slugs_argument
@course_option
def feedback(slugs: tuple[str, ...], folder: Path) -> None:
    """Write a feedback page for each graded submission, without hidden tests."""
    from dropgrade.grading.course import Course

    for line in Course(folder).feedback(slugs):
        click.echo(line)


@main.command()
@click.option(
    "--format",
    "kind",
    type=click.Choice(["scores", "canvas", "moodle"]),
    default="scores",
    show_default=True,
    help="A row a submission with reason and diagnoses, or a row a student as Canvas or Moodle import it.",
)
@click.option("--to", "target", type=path, help="Where to write (default: grading/FORMAT.csv).")
@course_option
def export(kind: str, target: Path | None, folder: Path) -> None:
    """Write the gradebook as CSV."""
    from dropgrade.grading.course import Course

    click.echo(Course(folder).export(target or Path("grading") / f"{kind}.csv", kind))


@main.command()
@course_option
def example(folder: Path) -> None:
    """Fill grading/submitted/ with the example class: right, wrong, crashing, hanging, empty, corrupt."""
    from dropgrade.grading.example_class import write_class

    for line in write_class(folder):
        click.echo(line)


@main.command()
@course_option
def summary(folder: Path) -> None:
    """Say where to open what, and how the class did."""
    from dropgrade.grading.course import Course

    for line in Course(folder).summary():
        click.echo(line)


@main.command()
@click.option("--level", default="mid", show_default=True, help="junior, mid, senior or staff.")
@click.option("--minutes", type=int, default=30, show_default=True, help="Questions and follow-ups together.")
@click.option("--audience", default="interviewer", show_default=True, help="interviewer or candidate.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, another kit.")
@click.option("--exclude", type=path, metavar="used.json", help="Repeat nothing of an earlier kit.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["html", "md", "pdf"]),
    default="html",
    show_default=True,
    help="Pages that need no other file, Markdown to edit, or tagged PDF (by Chromium).",
)
@click.option("--out", type=path, help="Where to write (default: a folder named after the wish).")
@course_option
def kit(kind: str, out: Path | None, folder: Path, exclude: Path | None, **wish: str | int) -> None:
    """Make an interview kit: candidate sheet, interviewer sheet, key, score sheet.

    The same wish and the same questions give the same files, byte for byte.
    """
    from dropgrade.doctor import browser_path
    from dropgrade.interview.kits import Wish
    from dropgrade.interview.sheets import read_used, write_kit

    for line in write_kit(folder, Wish(**wish, exclude=read_used(exclude)), kind, out, browser_path()):
        click.echo(line)


@main.command()
@click.option("--out", type=path, default=Path("dropout.apkg"), show_default=True, help="Where to write.")
@click.option("--level", "levels", multiple=True, help="Only this level's cards; may be given several times.")
@course_option
def cards(out: Path, levels: tuple[str, ...], folder: Path) -> None:
    """Write the question bank as an Anki deck.

    Importing it again adds nothing; a later edition changes texts and leaves what you have learnt.
    """
    from dropgrade.interview.deck import write_deck

    click.echo(f"wrote {write_deck(folder, out, levels)} cards to {out}")


@main.command()
@click.option("--pdf", type=path, help="Write the chapters as one PDF with tags and an outline.")
@click.option("--zip", "archive", type=path, help="Write the whole site, to be read offline.")
@click.option("--host", type=path, help="Write the folder for a static host: the site with both files.")
@click.option("--url", envvar="COURSE_URL", help="Where that folder will stand (environment: COURSE_URL).")
@course_option
def book(folder: Path, **wanted: Path | str | None) -> None:
    """Make the built site ready to leave this machine."""
    from dropgrade.doctor import browser_path
    from dropgrade.publish import make

    for line in make(folder, browser_path(), **wanted):
        click.echo(line)


@main.command()
@click.option("--install", is_flag=True, help="First install missing system parts (root and apt).")
def doctor(install: bool) -> None:
    """List what this machine can do, and how to mend each thing it cannot."""
    from dropgrade.doctor import examine, install_system_parts

    for line in install_system_parts() if install else ():
        click.echo(line)
    for line in examine():
        click.echo(line)
