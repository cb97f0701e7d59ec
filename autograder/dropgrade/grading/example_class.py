"""A small class to try the pipeline on: right and wrong answers, and everything else that gets handed in.

The expected score stands beside each submission; a test compares the gradebook with it.
"""

import ast
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dropgrade.errors import UnusableCourse

HANGS = "def {name}(*arguments):\n    while True:\n        pass"
HANGS_AT_TOP = "while True:\n    pass"
RAISES = 'def {name}(*arguments):\n    raise RuntimeError("I will finish this at the weekend")'
SYNTAX_ERROR = "def {name}(shape, p, rng)\n    return rng.random(shape) >= p"
KILLS_PYTHON = "import os\n\nos._exit(1)"


def copied_check(cells: list) -> list:
    """The learner copied a check upwards to try it again."""
    return cells[:4] + [cell for cell in cells if cell["id"] == "rejects_bad_p"] + cells[4:]


def deleted_checks(cells: list) -> list:
    """The learner tidied some checks and the imports away."""
    return [cell for cell in cells if cell["id"] not in ("setup", "rejects_bad_p", "quiet")]


def cut_short(path: Path, text: str) -> None:
    """The upload broke off."""
    path.write_text(text[: len(text) // 2], encoding="utf-8")


def empty(path: Path, text: str) -> None:
    """The browser saved nothing."""
    path.write_bytes(b"")


def link(path: Path, text: str) -> None:
    """A link to a neighbour's notebook instead of a notebook."""
    path.symlink_to(os.path.join("..", "..", "okafor-amara", path.parent.name, path.name))


def renamed(path: Path, text: str) -> None:
    """The browser gave the second download another name."""
    path.with_name(f"{path.stem} (1).ipynb").write_text(text, encoding="utf-8")


def script(path: Path, text: str) -> None:
    """A Python file instead of the notebook."""
    path.with_name("answer.py").write_text("print('see attachment')\n", encoding="utf-8")


STANDALONE = {
    "04_coadaptation": "right_mask_before_relu",
    "11_uncertainty": "right_own_layers",
    "13_bugs": "right_smallest_change",
}
"""Right answers that need NumPy alone. A wrong answer takes from the reference what it does right, which a
learner's process has not; in the example class it takes that from one of these."""


@dataclass(frozen=True)
class Example:
    """One submission of the example class.

    Attributes:
        answer: name of a file in solutions/SLUG/answers/, or Python text for the solution cell with
            ``{name}`` for the function, or "" for a stub left as it was.
        expected: the score it must get.
        reason: words of the reason shown for a refusal; "" for a submission that is graded.
        edit: changes the list of cells.
        save: writes the notebook in a way of its own.
    """

    student: str
    exercise: str
    answer: str
    expected: int
    reason: str = ""
    edit: Callable[[list], list] | None = None
    save: Callable[[Path, str], None] | None = None


MASK, FORWARD, BACKWARD, NETWORK = "01_mask", "02_forward", "03_backward", "04_coadaptation"
ENSEMBLE, UNCERTAINTY, BUGS = "05_ensemble", "11_uncertainty", "13_bugs"
TORCH = "08_pytorch"
STRUCTURE, NOISES = "10_architectures", "12_variants"
REGULARISER, RATE, KERNELS = "06_regulariser", "07_rate", "09_gpu"
EXAMPLES = (
    Example("okafor-amara", MASK, "right_uniform_at_least", 12),
    Example("okafor-amara", FORWARD, "right_where_divide", 20),
    Example("okafor-amara", BACKWARD, "right_where_divide", 16),
    Example("lindqvist-jonas", MASK, "right_plain_loop", 12),
    Example("lindqvist-jonas", FORWARD, "right_boolean_indexing", 20),
    Example("nakamura-yui", MASK, "wrong_keep_drop_swapped", 8),
    Example("nakamura-yui", FORWARD, "wrong_no_rescale", 18),
    Example("nakamura-yui", BACKWARD, "wrong_redraws_the_mask", 11),
    Example("bauer-felix", MASK, "wrong_accepts_nan", 11),
    Example("bauer-felix", FORWARD, "wrong_in_place_zeroing", 19),
    Example("bauer-felix", BACKWARD, "wrong_widened", 15),
    Example("silva-beatriz", MASK, "wrong_global_numpy_random", 11),
    Example("silva-beatriz", FORWARD, RAISES, 0),
    Example("silva-beatriz", BACKWARD, "", 0),
    Example("haddad-noor", MASK, HANGS, 0),
    Example("haddad-noor", FORWARD, "wrong_scales_in_eval_too", 18),
    Example("haddad-noor", BACKWARD, "wrong_writes_to_stderr", 15),
    Example("kowalski-piotr", MASK, HANGS_AT_TOP, 0),
    Example("kowalski-piotr", FORWARD, "right_plain_loop", 20, edit=deleted_checks),
    Example("mensah-kofi", MASK, "right_choice", 0, "damaged", save=cut_short),
    Example("mensah-kofi", FORWARD, "right_masked_array", 20, save=renamed),
    Example("mensah-kofi", BACKWARD, "right_own_forward_binomial", 16),
    Example("dubois-claire", MASK, "right_partial", 0, "empty", save=empty),
    Example("dubois-claire", FORWARD, "right_layer_object", 20, edit=copied_check),
    Example("dubois-claire", BACKWARD, KILLS_PYTHON, 0, "ended its Python process"),
    Example("ivanova-darya", MASK, "", 0, "link", save=link),
    Example("ivanova-darya", FORWARD, SYNTAX_ERROR, 0),
    Example("ivanova-darya", BACKWARD, "", 0, "no notebook", save=script),
    Example("okafor-amara", NETWORK, "right_mask_before_relu", 26),
    Example("bauer-felix", NETWORK, "wrong_never_shuffled", 25),
    Example("silva-beatriz", NETWORK, RAISES, 0),
    Example("lindqvist-jonas", ENSEMBLE, "right_vectorised", 26),
    Example("nakamura-yui", ENSEMBLE, "wrong_no_empty_mask", 20),
    Example("haddad-noor", ENSEMBLE, "", 0),
    Example("mensah-kofi", UNCERTAINTY, "right_own_layers", 30),
    Example("kowalski-piotr", UNCERTAINTY, "wrong_train_mode_for_all", 24),
    Example("ivanova-darya", UNCERTAINTY, SYNTAX_ERROR, 0),
    Example("okafor-amara", BUGS, "right_smallest_change", 26),
    Example("bauer-felix", BUGS, "wrong_seed_zero_is_none", 24),
    Example("dubois-claire", BUGS, "right_other_draws", 0, "damaged", save=cut_short),
    Example("lindqvist-jonas", TORCH, "right_setup_context", 32),
    Example("kowalski-piotr", TORCH, "wrong_mask_attribute", 31),
    Example("haddad-noor", TORCH, "", 0),
    Example("silva-beatriz", REGULARISER, "right_kernel_form", 26),
    Example("mensah-kofi", REGULARISER, "wrong_mask_in_the_gradient_only", 22),
    Example("nakamura-yui", REGULARISER, "", 0),
    Example("dubois-claire", RATE, "right_statistics_module", 24),
    Example("okafor-amara", RATE, "wrong_one_rate_for_all", 20),
    Example("kowalski-piotr", RATE, "", 0),
    Example("mensah-kofi", STRUCTURE, "right_einsum", 32),
    Example("nakamura-yui", STRUCTURE, "wrong_rnn_mask_per_step", 29),
    Example("silva-beatriz", STRUCTURE, HANGS, 0),
    Example("ivanova-darya", NOISES, "right_plain", 26),
    Example("bauer-felix", NOISES, "wrong_gaussian_variance_as_std", 24),
    Example("dubois-claire", NOISES, RAISES, 0),
    Example("okafor-amara", KERNELS, "right_helper_kernel", 26),
    Example("lindqvist-jonas", KERNELS, SYNTAX_ERROR, 0),
    Example("haddad-noor", KERNELS, "", 0),
)


def write_class(folder: Path, slugs: Iterable[str] = ()) -> Iterator[str]:
    """Fill grading/submitted/ of a course with the example class, or with some exercises of it.

    A class that is there already is left alone: nothing is written then, and a line says so.

    Raises:
        UnusableCourse: an exercise was not built yet.
    """
    submitted = folder / "grading" / "submitted"
    names = {example.student for example in EXAMPLES}
    others = [path.name for path in submitted.glob("*") if path.name not in names | {".gitkeep"}]
    if others:
        yield f"grading/submitted/ holds a class already (such as {others[0]}); the example class is left out"
        return
    chosen = [one for one in EXAMPLES if not slugs or one.exercise in slugs]
    for number, example in enumerate(chosen):
        _write(folder, example, day=1 + number % 28)
    learners = {example.student for example in chosen}
    yield f"{len(chosen)} submissions of {len(learners)} learners in grading/submitted/"


def _write(folder: Path, example: Example, day: int) -> None:
    slug = example.exercise
    release = folder / "exercises" / slug / f"{slug}.ipynb"
    if not release.exists():
        raise UnusableCourse(f"{slug} is not built yet; run `dropgrade build {slug}`")
    notebook = json.loads(release.read_text(encoding="utf-8"))
    gaps = [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("solution")]
    if example.answer:
        for cell in gaps:
            cell["source"] = _answer(folder / "solutions" / slug / "answers", example.answer, cell["id"])
    if example.answer.isidentifier():  # the whole file stands in the first gap
        for cell in gaps[1:]:
            cell["source"] = "# written above"
    if example.edit:
        notebook["cells"] = example.edit(notebook["cells"])
    path = folder / "grading" / "submitted" / example.student / slug / f"{slug}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.iterdir():
        old.unlink()
    text = json.dumps(notebook, indent=1, ensure_ascii=False)
    if example.save:
        example.save(path, text)
    else:
        path.write_text(text, encoding="utf-8")
    (path.parent / "timestamp.txt").write_text(f"2026-03-{day:02} 18:30:00 UTC\n", encoding="utf-8")


def _answer(folder: Path, answer: str, name: str) -> str:
    """The text for a solution cell: an answer file without the words that give it away, or given code."""
    path = folder / f"{answer}.py"
    if not answer.isidentifier():
        return answer.format(name=name)
    base = folder / f"{STANDALONE.get(folder.parent.name, '')}.py"
    if answer.startswith("wrong_") and base.is_file():
        return f"{_undocumented(base)}\n\n\n{_without_reference(_undocumented(path), base)}"
    return _undocumented(path)


def _undocumented(path: Path) -> str:
    """An answer file without the words that give it away."""
    source = path.read_text(encoding="utf-8")
    first = ast.parse(source).body[0]
    lines = source.splitlines()[first.end_lineno :]
    return "\n".join(line for line in lines if not line.startswith("# fails:")).strip()


def _without_reference(source: str, base: Path) -> str:
    """`source` with what it imports from the reference taken from `base`, which stands before it."""
    defined = [
        one.name for one in ast.parse(base.read_text("utf-8")).body if isinstance(one, ast.FunctionDef)
    ]
    lines = source.splitlines()
    for node in reversed(ast.parse(source).body):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("dropgrade.reference"):
            continue
        wanted = {alias.name: alias.asname or alias.name for alias in node.names}
        if wanted.keys() <= {*defined, "*"}:
            lines[node.lineno - 1 : node.end_lineno] = []
        elif node.module == "dropgrade.reference":  # a module, used by its functions
            given = ", ".join(f"{name}={name}" for name in defined)
            bound = [f"{name} = SimpleNamespace({given})" for name in wanted.values()]
            lines[node.lineno - 1 : node.end_lineno] = ["from types import SimpleNamespace", "", *bound]
    return "\n".join(lines).strip()
