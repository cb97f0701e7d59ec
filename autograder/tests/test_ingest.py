"""Whatever is handed in becomes one clean notebook or a reason; nothing of it stops the class."""

import copy
import json
import os
import random
import time

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.utils import compute_checksum

from dropgrade.grading.ingest import MAX_BYTES, MAX_CELLS, MAX_CODE, MAX_PROSE, ingest, refuse
from dropgrade.grading.notebooks import KERNEL, dumps

SLUG = "09_coin"


def release_cell(name: str, source: str, **flags) -> nbformat.NotebookNode:
    """A code cell as nbgrader releases it."""
    marks = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    marks |= {"grade_id": name, "cell_type": "code"} | flags
    cell = nbformat.v4.new_code_cell(source, id=name, metadata={"nbgrader": marks})
    marks["checksum"] = compute_checksum(cell)
    return cell


@pytest.fixture
def release():
    """A release notebook: title, imports, a stub and two checks."""
    cells = [
        nbformat.v4.new_markdown_cell("# Flip a coin", id="title"),
        release_cell("setup", "from dropgrade.checks import check", locked=True),
        release_cell("flip", "def flip(rng):\n    raise NotImplementedError()", solution=True),
        release_cell("is_bool", 'check("09_coin.is_bool", flip)', grade=True, locked=True, points=1),
        release_cell("is_fair", 'check("09_coin.is_fair", flip)', grade=True, locked=True, points=3),
    ]
    return nbformat.v4.new_notebook(cells=cells, metadata=KERNEL)


@pytest.fixture
def hand_in(tmp_path, release):
    """Hands in a notebook (after `edit`, or as raw bytes) and returns what ingest makes of it."""

    def submit(edit=None, *, raw: bytes | None = None, name: str = f"{SLUG}.ipynb"):
        document = json.loads(dumps(release))
        if edit:
            edit(document)
        folder = tmp_path / SLUG
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(json.dumps(document).encode() if raw is None else raw)
        return ingest(folder, release)

    return submit


def by_id(notebook):
    return {cell.id: cell for cell in notebook.cells}


def code(source: str, **metadata) -> dict:
    """A code cell as a learner's Jupyter saves it."""
    kept = {"cell_type": "code", "id": "x", "outputs": [], "execution_count": 1}
    return kept | {"metadata": metadata, "source": source}


def test_an_answer_arrives_and_the_rest_comes_from_the_release(hand_in, release):
    """Only the solution's text is taken; a check's text, points and marks are the course's."""

    def edit(document):
        document["cells"][2]["source"] = ["def flip(rng):\n", "    return True"]
        document["cells"][3]["source"] = "pass"
        document["cells"][3]["metadata"]["nbgrader"]["points"] = 99

    done = hand_in(edit)
    assert done.refused is None and done.notes == []
    cells = by_id(done.notebook)
    assert cells["flip"].source == "def flip(rng):\n    return True"
    assert cells["is_bool"] == by_id(release)["is_bool"]


def test_nothing_but_text_of_own_cells_gets_through(hand_in):
    """Tags (one would skip a check), outputs, attachments and foreign metadata stay behind."""

    def edit(document):
        document["metadata"]["kernelspec"] = {"name": "evil"}
        document["metadata"]["dropgrade"] = {"graded": "forged"}
        document["cells"][3]["metadata"]["tags"] = ["skip-execution"]
        document["cells"].append(code("print(1)", tags=["skip-execution"], dropgrade={"course": True}))
        document["cells"].append({
            "cell_type": "markdown", "id": "y", "metadata": {}, "source": "![](attachment:../../x)",
            "attachments": {"../../x": {"image/png": "AAAA"}},
        })  # fmt: skip

    text = dumps(hand_in(edit).notebook)
    assert "print(1)" in text
    for word in ("skip-execution", "evil", "forged", "attachments", "course"):
        assert word not in text.replace('"course": true', "")


def test_own_cells_stay_where_they_were(hand_in):
    """A helper above the solution still stands above it."""
    cells = hand_in(lambda document: document["cells"].insert(2, code("helper = 1"))).notebook.cells
    assert [cell.source for cell in cells][1:4] == [
        "from dropgrade.checks import check",
        "helper = 1",
        "def flip(rng):\n    raise NotImplementedError()",
    ]


def test_of_a_copied_cell_the_last_counts_and_the_other_is_plain_code(hand_in):
    """A copied check stops plain nbgrader for the whole class; here it only leaves a note."""
    done = hand_in(lambda document: document["cells"].insert(0, copy.deepcopy(document["cells"][3])))
    marked = [
        cell for cell in done.notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "is_bool"
    ]
    assert len(marked) == 1 and done.notebook.cells[0].metadata == {}
    assert done.notes == ["1 copied cell taken as plain code."]


@pytest.mark.parametrize(
    "gone", [("is_fair",), ("setup", "is_bool"), ("flip", "is_bool"), ("setup", "flip", "is_bool")]
)
def test_deleted_cells_are_put_back_in_their_place(hand_in, release, gone):
    """Also several in a row, where nbgrader's own repair gives up."""

    def edit(document):
        document["cells"] = [cell for cell in document["cells"] if cell["id"] not in gone]

    done = hand_in(edit)
    marked = [cell.id for cell in done.notebook.cells if "nbgrader" in cell.metadata]
    assert marked == ["setup", "flip", "is_bool", "is_fair"]
    assert done.notes == [f"{len(gone)} missing cell{'s' * (len(gone) > 1)} put back: {', '.join(gone)}."]


def test_a_learners_html_is_defused_and_the_courses_is_not(hand_in, release):
    """Raw HTML in own Markdown becomes text; the course's own prose passes as it is."""
    release.cells[0].source = "# Flip\n\n<details><summary>Hint</summary>p < 1</details>"
    own = {"cell_type": "markdown", "metadata": {}, "source": "<script>alert(1)</script><b>so</b>"}
    cells = hand_in(lambda document: document["cells"].append(own)).notebook.cells
    assert cells[0].source == release.cells[0].source
    assert cells[-1].source == "&lt;script&gt;alert(1)&lt;/script&gt;<b>so</b>"


def test_a_notebook_under_another_name_is_recognised(hand_in):
    """The only notebook in the folder is taken, and the feedback says so."""
    done = hand_in(name="09_coin (1).ipynb")
    assert done.refused is None
    assert done.notes == ["Handed in as 09_coin (1).ipynb, taken for 09_coin.ipynb."]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"{", "damaged"),
        (b"\xff\xfe\x00", "damaged"),
        (b"[" * 100_000, "damaged"),
        (b"null", "no list of cells"),
        (b'{"cells": {}}', "no list of cells"),
        (b'{"nbformat": 3, "worksheets": [], "cells": []}', "not of format 4"),
        (b'{"nbformat": 4, "cells": []}', "None of the cells of 09_coin"),
        (b'{"nbformat": 4, "cells": [7, null, {"cell_type": "raw"}]}', "None of the cells of 09_coin"),
        (b'{"nbformat": 4, "cells": [' + b"0," * MAX_CELLS + b"0]}", "more than 1000 cells"),
        (b" " * (MAX_BYTES + 1), "larger than 10 MB"),
    ],
)  # fmt: skip
def test_what_is_no_notebook_is_refused_with_a_reason(hand_in, release, raw, words):
    """The unanswered notebook takes its place and carries the reason."""
    done = hand_in(raw=raw)
    assert words in done.refused
    assert done.refused in done.notebook.cells[0].source
    assert done.notebook.cells[1:] == release.cells


def test_links_pipes_and_folders_are_not_opened(tmp_path, release):
    """A link may point at the gradebook, a pipe may never end."""
    secret = tmp_path / "secret.ipynb"
    secret.write_text(dumps(release))
    makers = {
        "link": lambda path: path.symlink_to(secret),
        "broken": lambda path: path.symlink_to(tmp_path / "nowhere"),
        "pipe": os.mkfifo,
        "folder": lambda path: path.mkdir(),
    }
    for name, make in makers.items():
        folder = tmp_path / name / SLUG
        folder.mkdir(parents=True)
        make(folder / f"{SLUG}.ipynb")
        assert "hand in the file itself" in ingest(folder, release).refused


def test_a_link_in_place_of_the_folder_is_refused(tmp_path, release):
    """Nor is a folder reached through a link, or a file where a folder should be."""
    (tmp_path / "real").mkdir()
    (tmp_path / SLUG).symlink_to(tmp_path / "real")
    assert "something else" in ingest(tmp_path / SLUG, release).refused
    (tmp_path / "real" / SLUG).write_text("")
    assert "something else" in ingest(tmp_path / "real" / SLUG, release).refused


def test_no_notebook_and_two_notebooks_are_told_apart(tmp_path, release):
    """The reason says what was found, with names made printable."""
    folder = tmp_path / SLUG
    folder.mkdir()
    assert "nothing was handed in" in ingest(folder, release).refused
    (folder / "answer\n.py").write_text("")
    assert "only answer?.py was handed in" in ingest(folder, release).refused
    (folder / "a.ipynb").write_text("")
    (folder / "B.IPYNB").write_text("")
    assert "2 notebooks" in ingest(folder, release).refused


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01 18:30:00.5 UTC", "2026-03-01 18:30:00 UTC"),
        ("2026-03-01 18:30:00 +0200", "2026-03-01 16:30:00 UTC"),
        ("yesterday at nine-ish", None),
        ("", None),
        ("9" * 5000, None),
        ("\x00", None),
        ("0001-01-01 00:00 +2300", None),
    ],
)
def test_a_timestamp_is_read_or_left_out(hand_in, tmp_path, text, expected):
    """nbgrader stops at a timestamp it cannot read; it never gets to see one."""
    (tmp_path / SLUG).mkdir()
    (tmp_path / SLUG / "timestamp.txt").write_text(text)
    assert hand_in().timestamp == expected


def test_lone_surrogates_become_question_marks(hand_in):
    """JSON can hold text that no file can."""
    done = hand_in(lambda document: document["cells"].append(code("x = '\ud800'")))
    assert done.notebook.cells[-1].source == "x = '?'"


def test_refusing_leaves_the_release_as_it_was(release):
    """The notebook that carries a reason is a copy."""
    before = copy.deepcopy(release)
    refuse("no", release)
    assert release == before


PIECES = [
    None,
    0,
    -1,
    1e308,
    True,
    "",
    "x",
    "\ud800",
    [],
    {},
    ["a", 1],
    {"grade_id": "flip"},
    "is_bool",
    "markdown",
    4,
]


def mutate(value, rng: random.Random):
    """Replace, drop, double or swap something somewhere in a JSON value."""
    if isinstance(value, (dict, list)) and value and rng.random() < 0.9:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = rng.choice(keys)
        action = rng.random()
        if action < 0.6:
            value[key] = mutate(value[key], rng)
        elif action < 0.75:
            del value[key]
        elif action < 0.9 and isinstance(value, list):
            value.insert(rng.randrange(len(value) + 1), copy.deepcopy(value[key]))
        else:
            value[key] = copy.deepcopy(rng.choice(PIECES))
        return value
    return copy.deepcopy(rng.choice(PIECES))


def test_no_mutated_notebook_breaks_the_ingest(release, tmp_path):
    """1,000 damaged notebooks: each comes out valid for Jupyter and nbgrader, with every graded cell once."""
    rng = random.Random(11)
    path = tmp_path / SLUG / f"{SLUG}.ipynb"
    path.parent.mkdir()
    refused = 0
    for _ in range(1000):
        document = json.loads(dumps(release))
        for _ in range(rng.randrange(1, 12)):
            document = mutate(document, rng)
        content = bytearray(json.dumps(document).encode())
        if rng.random() < 0.2:
            content[rng.randrange(len(content))] = rng.randrange(256)
        path.write_bytes(content)
        done = ingest(path.parent, release)
        nbformat.validate(done.notebook)
        MetadataValidator().validate_nb(done.notebook)
        marked = [c.metadata.nbgrader.grade_id for c in done.notebook.cells if "nbgrader" in c.metadata]
        assert sorted(marked) == ["flip", "is_bool", "is_fair", "setup"]
        dumps(done.notebook).encode()
        refused += done.refused is not None
    assert 50 < refused < 950  # both outcomes were tried


def test_prose_made_to_be_slow_to_read_is_cut(hand_in):
    """A parser of HTML takes the square of a page of open tags; no class waits for ninety such pages."""

    def edit(document):
        for number in range(90):
            prose = {"cell_type": "markdown", "id": f"p{number}", "metadata": {}, "source": "<div>" * 20_000}
            document["cells"].append(prose)

    start = time.perf_counter()
    done = hand_in(edit)
    assert time.perf_counter() - start < 15 and done.refused is None
    words = [cell.source for cell in done.notebook.cells if cell.id.startswith("own-")]
    assert "too long" in words[1] and sum(map(len, words)) < 3 * MAX_PROSE


def test_code_without_end_is_refused(hand_in):
    """Colouring ten megabytes on the feedback page would take minutes."""
    done = hand_in(lambda document: document["cells"].append(code("x = 1\n" * (MAX_CODE // 5))))
    assert done.refused == f"The notebook holds more than {MAX_CODE:,} characters of code."
