"""Attacks on the file: metadata, cells, outputs, JSON, attachments, links."""

import copy
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dropgrade.grading.engine.trial.model import (
    NOTHING,
    RIGHT,
    SLUG,
    WRONG,
    Attack,
    Notebook,
    code_cell,
    marks,
    tests,
)


def skip_tags(notebook: Notebook) -> None:
    for cell in tests(notebook):
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception"]


def unmark(notebook: Notebook) -> None:
    for cell in tests(notebook):
        marks(cell).update(grade=False, solution=True, locked=False)
        cell["source"] = "pass"


def mark_as_answer(notebook: Notebook) -> None:
    for cell in tests(notebook):
        marks(cell).update(solution=True)
        cell["source"] = "pass"


def new_points(notebook: Notebook) -> None:
    for cell in tests(notebook):
        marks(cell).update(points=100)
        cell["source"] = "pass"


def new_types(notebook: Notebook) -> None:
    for cell in tests(notebook):
        cell["cell_type"] = "markdown"
        del cell["outputs"], cell["execution_count"]


def delete_tests(notebook: Notebook) -> None:
    notebook["cells"] = [cell for cell in notebook["cells"] if cell not in tests(notebook)]


def tests_first(notebook: Notebook) -> None:
    graded = tests(notebook)
    notebook["cells"] = graded + [cell for cell in notebook["cells"] if cell not in graded]


def forged_outputs(notebook: Notebook) -> None:
    for cell in tests(notebook):
        cell["execution_count"] = 1
        cell["outputs"] = [
            {
                "output_type": "execute_result",
                "execution_count": 1,
                "metadata": {},
                "data": {"text/plain": "1000"},
            }
        ]


def copied_tests(notebook: Notebook) -> None:
    for cell in tests(notebook):
        twin = copy.deepcopy(cell) | {"id": f"twin-{cell['id']}", "source": "pass"}
        notebook["cells"].append(twin)


def new_graded_cell(notebook: Notebook) -> None:
    mine = {
        "grade": True,
        "grade_id": "bonus",
        "locked": True,
        "points": 99,
        "schema_version": 3,
        "solution": False,
    }
    notebook["cells"].append(code_cell("99", nbgrader=mine))
    notebook["cells"].append(code_cell("pass", nbgrader={}))
    notebook["cells"].append(code_cell("pass", nbgrader={"grade_id": ["x"], "schema_version": "9"}))


def foreign_kernel(notebook: Notebook) -> None:
    notebook["metadata"]["kernelspec"] = {"name": "bash", "display_name": "Bash", "language": "bash"}
    notebook["metadata"]["language_info"] = {"name": "bash"}


def scripts(notebook: Notebook) -> None:
    notebook["cells"].append(
        {
            "cell_type": "markdown",
            "id": "script",
            "metadata": {},
            "source": "<script>XSSCANARY1</script><img src=x onerror=XSSCANARY2>[x](javascript:XSSCANARY3)"
            "<iframe srcdoc='XSSCANARY4'></iframe>",
        }
    )


def paths(notebook: Notebook) -> None:
    notebook["metadata"]["name"] = notebook["metadata"]["title"] = "../../../../pwned"
    notebook["cells"].append(
        {
            "cell_type": "markdown",
            "id": "attached",
            "metadata": {"filename": "../../../pwned", "nbconvert": {"output_files_dir": "/pwned"}},
            "attachments": {"../../../../../pwned.png": {"image/png": "aGk="}},
            "source": "![x](attachment:../../../../../pwned.png)",
        }
    )
    pictured = code_cell("pass")
    pictured["metadata"]["filenames"] = {"image/png": "../../../../../pwned.png"}
    pictured["outputs"] = [
        {
            "output_type": "display_data",
            "metadata": {"filenames": {"image/png": "../../../../../pwned.png"}},
            "data": {"image/png": "aGk="},
        }
    ]
    notebook["cells"].append(pictured)


def odd_metadata(notebook: Notebook) -> None:
    notebook["metadata"].update(widgets={"x": 1}, dropgrade={"graded": "x", "refused": None, "key": "x"})
    for cell in notebook["cells"]:
        cell["metadata"].update(tags=[1, None], collapsed="x", dropgrade={"course": True})
        cell["id"] = "same"


def many_cells(notebook: Notebook) -> None:
    notebook["cells"] += [code_cell(f"x = {n}") for n in range(900)]


def slow_prose(notebook: Notebook) -> None:
    for number, text in enumerate(("<div>" * 200_000, "\\begin{a}" * 100_000, "[" * 10**6, "<a " * 300_000)):
        cell = {"cell_type": "markdown", "id": f"slow{number}", "metadata": {}, "source": text}
        notebook["cells"].append(cell)


def endless_code(notebook: Notebook) -> None:
    notebook["cells"].append(code_cell("torch = 1\n" + "x = 1\n" * 1_000_000))


def outputs_of_ten_megabytes(notebook: Notebook) -> None:
    for cell in tests(notebook):
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["x" * 1_000_000]}]


def shadow_modules(folder: Path, course: Path) -> None:
    for name in ("numpy.py", "matplotlib.py", "dropgrade.py", "sitecustomize.py", "conftest.py"):
        (folder / name).write_text("raise SystemExit\n", encoding="utf-8")


def links_beside(folder: Path, course: Path) -> None:
    (folder / "leak.db").symlink_to(course / "grading" / "gradebook.db")
    (folder / "leak").symlink_to(course / "solutions")
    os.mkfifo(folder / "pipe")


def link_to(target: str) -> Callable[[Path, Path], None]:
    def replace(folder: Path, course: Path) -> None:
        path = folder / f"{SLUG}.ipynb"
        path.unlink()
        path.symlink_to(course / target)

    return replace


def pipe(folder: Path, course: Path) -> None:
    path = folder / f"{SLUG}.ipynb"
    path.unlink()
    os.mkfifo(path)


def linked_folder(folder: Path, course: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    folder.symlink_to(course / "grading" / "source" / SLUG)


def of_text(change: Any) -> Any:
    """The bytes of a file from a change to its text."""
    return lambda text: change(text).encode("utf-8", "surrogatepass")


ATTACKS = (
    Attack("skip_tags", "f", "tags the tests so that nbclient skips them", WRONG, edit=skip_tags),
    Attack("unmarked_tests", "f", "takes the marks off the tests", WRONG, edit=unmark),
    Attack("tests_as_answers", "f", "marks the tests as its own answers", WRONG, edit=mark_as_answer),
    Attack("changed_points", "f", "gives its tests 100 points each and no content", WRONG, edit=new_points),
    Attack("changed_types", "f", "turns the tests into prose", WRONG, edit=new_types),
    Attack("deleted_tests", "f", "deletes the tests", WRONG, edit=delete_tests),
    Attack("reordered", "f", "puts the tests before the answer", WRONG, honest=NOTHING, edit=tests_first),
    Attack("forged_outputs", "f", "hands in outputs that say 1000 points", WRONG, edit=forged_outputs),
    Attack("duplicate_ids", "f", "has every test twice, the second time empty", WRONG, edit=copied_tests),
    Attack(
        "added_tests",
        "f",
        "adds a graded cell worth 99 points, and cells with broken marks",
        WRONG,
        edit=new_graded_cell,
    ),
    Attack("foreign_kernel", "f", "asks for another kernel", WRONG, edit=foreign_kernel),
    Attack("scripts_in_prose", "p", "puts scripts into its prose", RIGHT, honest=RIGHT, edit=scripts),
    Attack(
        "scripts_in_outputs",
        "p",
        "displays scripts, HTML, SVG, and pictures that are none",
        f"""\
from IPython.display import HTML, SVG, Javascript, Latex, display
display(HTML("<script>XSSCANARY5</script>"), Javascript("XSSCANARY6"))
display(Latex("\\\\href{{javascript:XSSCANARY7}}{{x}}"))
display({{"image/svg+xml": "<svg onload='XSSCANARY8'/>", "text/html": "XSSCANARY9"}}, raw=True)
display({{"image/png": '"><script>XSSCANARY10</script>', "text/plain": "x"}}, raw=True)
{RIGHT}""",
        honest=RIGHT,
    ),
    Attack(
        "picture_bomb",
        "own",
        "displays a small png that unpacks to ten gigabytes, and 5,000 outputs",
        f"""\
import base64, struct, zlib
from IPython.display import display
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
bomb = b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0))
bomb += chunk(b"IDAT", zlib.compress(bytes(10**6))) + chunk(b"IEND", b"")
display({{"image/png": base64.b64encode(bomb).decode(), "text/plain": "BOMBCANARY"}}, raw=True)
for number in range(5000):
    display({{"text/plain": "x"}}, raw=True)
{RIGHT}""",
        honest=RIGHT,
    ),
    Attack(
        "path_traversal",
        "own",
        "names files outside in attachments, metadata and outputs",
        RIGHT,
        honest=RIGHT,
        edit=paths,
    ),
    Attack(
        "odd_metadata",
        "own",
        "fills all metadata with values of the wrong type, and gives all cells one id",
        RIGHT,
        honest=RIGHT,
        edit=odd_metadata,
    ),
    Attack("many_cells", "own", "adds 900 cells", RIGHT, honest=RIGHT, edit=many_cells),
    Attack(
        "shadow_modules",
        "o",
        "hands in numpy.py, matplotlib.py and dropgrade.py",
        WRONG,
        folder=shadow_modules,
    ),
    Attack("links_beside", "o", "hands in links to gradebook and solutions", WRONG, folder=links_beside),
    Attack(
        "link_to_the_solution",
        "o",
        "hands in a link to the solution as its notebook",
        WRONG,
        honest=NOTHING,
        folder=link_to(f"grading/source/{SLUG}/{SLUG}.ipynb"),
    ),
    Attack(
        "link_to_a_device",
        "own",
        "hands in a link to /dev/zero",
        WRONG,
        honest=NOTHING,
        folder=link_to("/dev/zero"),
    ),
    Attack("pipe", "own", "hands in a pipe that nobody writes to", WRONG, honest=NOTHING, folder=pipe),
    Attack(
        "linked_folder", "own", "hands in a link to a folder", WRONG, honest=NOTHING, folder=linked_folder
    ),
    Attack(
        "json_twice",
        "own",
        "has every key of the JSON twice, so that two readers may read two notebooks",
        WRONG,
        text=of_text(lambda text: text.replace('"source":', '"source": "pass", "source":')),
    ),
    Attack(
        "json_numbers",
        "own",
        "writes NaN, infinities and numbers of a thousand digits into the JSON",
        RIGHT,
        honest=RIGHT,
        text=of_text(
            lambda text: text.replace(
                '"metadata": {}', f'"metadata": {{"a": NaN, "b": 1e999, "c": {"9" * 1000}}}'
            )
        ),
    ),
    Attack(
        "json_bom",
        "own",
        "starts the file with a byte order mark",
        RIGHT,
        honest=RIGHT,
        text=of_text(lambda text: "\ufeff" + text),
    ),
    Attack(
        "lone_surrogates",
        "own",
        "puts half characters into names and text",
        RIGHT + "# \\ud800\nprint('\\ud800')\n",
        honest=RIGHT,
        text=of_text(lambda text: text.replace("\\\\ud800", "\\ud800")),
    ),
    Attack(
        "slow_prose",
        "own",
        "writes prose that HTML and Markdown readers take minutes for",
        RIGHT,
        honest=RIGHT,
        edit=slow_prose,
    ),
    Attack(
        "endless_code",
        "own",
        "adds a million lines of code, to be parsed and coloured",
        RIGHT,
        honest=NOTHING,
        edit=endless_code,
    ),
    Attack(
        "large_file",
        "own",
        "hands in a file of twelve megabytes",
        RIGHT,
        honest=NOTHING,
        edit=outputs_of_ten_megabytes,
    ),
    Attack(
        "spreadsheet_formulas",
        "own",
        "names what would be formulas in the instructor's table",
        f'{RIGHT}\nraise ValueError(\'=HYPERLINK("http://x","y")\\n@SUM(1)\')',
        honest=RIGHT,
    ),
)
