"""Jobs: what the engine needs to know of a notebook, and nothing else."""

import gc
import sys
import time
import types
from concurrent.futures import ThreadPoolExecutor

import pytest

from dropgrade.grading.engine.given import given_by
from dropgrade.grading.engine.inside.given import Given
from dropgrade.grading.engine.jobs import (
    LEARNER,
    PREPARE,
    TEST,
    Cell,
    Job,
    Result,
    free_names,
    handed_to_check,
    make_job,
)
from dropgrade.grading.engine.parsing import parse

SETUP = Cell(PREPARE, "import numpy as np\nfrom dropgrade.checks import check")


def test_the_interface_is_what_the_courses_cells_use_and_never_define():
    """Through functions and comprehensions too; imports, built-ins and their own names left out."""
    sources = [
        "import numpy as np\ndef helper(x):\n    return theirs(x) + np.ones(2)",
        "result = [other(n) for n in range(3)]\nassert len(result) == third.size",
        "%magic is no Python",
    ]
    assert free_names(sources) == ["other", "theirs", "third"]


def test_names_handed_to_check_may_be_the_learners_own():
    """Also where the lesson brings one along."""
    assert handed_to_check(['check("a", f, g)\nimport m\nm.check("a", h)', "len(x)"]) == {"f", "g", "h"}


def test_a_job_is_keyed_by_its_content():
    """The same code has the same key wherever it comes from; another letter has another."""
    one, same = (make_job([SETUP, Cell(LEARNER, "x = 1")]) for _ in range(2))
    assert one.key == same.key == Job.loads(one.dumps()).key
    assert make_job([SETUP, Cell(LEARNER, "x = 2")]).key != one.key
    assert make_job([SETUP, Cell(TEST, "x = 1")]).key != one.key


@pytest.mark.parametrize(
    ("source", "family"),
    [
        ("import torch.nn as nn", "torch"),
        ("def f():\n    from torch import nn", "torch"),
        ("'torch'", "numpy"),
        ("import (", "numpy"),
    ],
)
def test_the_family_follows_from_the_imports(source, family):
    """A word in a text is no import."""
    assert make_job([SETUP, Cell(LEARNER, source)]).family == family


def test_only_the_course_decides_that_kernels_are_needed():
    """A lesson that hands out Triton gets a process that has it; a learner's own import does not."""
    source = "from dropgrade.reference.kernel_language import MODE, tl, triton"
    assert make_job([Cell(PREPARE, source), Cell(LEARNER, "x = 1")]).family == "triton"
    assert make_job([SETUP, Cell(LEARNER, "import triton")]).family == "numpy"


def test_a_result_survives_its_file():
    """Written and read again it is the same."""
    result = Result("k", [{"outputs": [], "count": 1}], ["odd"], 0.5, None)
    assert Result.loads(result.dumps()) == result


def test_a_lesson_hands_out_what_it_imports_and_nothing_more():
    """The forward pass comes with what it needs, without the backward pass."""
    texts = given_by(
        ["from dropgrade.reference import dropout_forward", "from dropgrade.checks import check"]
    )
    names = run_texts(texts, "dropgrade.reference.numpy_ops")
    assert "dropout_forward" in names and "dropout_backward" not in "".join(texts.values())
    assert sorted(texts) == [
        "dropgrade.reference",
        "dropgrade.reference.numpy_ops",
        "dropgrade.reference.philox",
    ]


def test_what_is_handed_out_works_by_itself():
    """In a process without this package it gives what it gives here."""
    import numpy as np

    from dropgrade.reference import keep_mask

    texts = given_by(["from dropgrade.reference import keep_mask"])
    given = run_texts(texts, "dropgrade.reference.numpy_ops")["keep_mask"]
    a, b = (f((5, 4), 0.3, np.random.default_rng(3)) for f in (given, keep_mask))
    assert given is not keep_mask and (a == b).all()
    with pytest.raises(ValueError, match="p must be"):
        given((1,), 2.0, np.random.default_rng())


def test_a_module_comes_with_the_package_that_it_is_in():
    """A lesson that imports from one module of the reference alone has what it needs to import it."""
    texts = given_by(["from dropgrade.reference.small_nets import run_layer"])
    assert sorted(texts) == ["dropgrade.reference", "dropgrade.reference.small_nets"]
    assert texts["dropgrade.reference"] == ""
    assert "run_layer" in run_texts(texts, "dropgrade.reference.small_nets")


def test_threads_may_parse_at_the_same_time():
    """Python 3.11 mixes up the depths of two threads' trees when one is halted; here none is halted."""
    source = "\n".join(f"a = [{k}, (b({k}) + c) * -d.e]" for k in range(300))

    def parsed(depth):
        return parsed(depth - 1) if depth else parse(source)

    gc.callbacks.append(lambda *_: time.sleep(0.001))  # collecting garbage lets another thread go on
    try:
        with ThreadPoolExecutor(4) as pool:
            sizes = [len(tree.body) for tree in pool.map(parsed, [0, 1, 2, 3] * 5)]
    finally:
        gc.callbacks.pop()
    assert sizes == [300] * 20


def run_texts(texts, wanted):
    """The names of one of some given modules, imported as the learner's process does, under other names."""
    renamed = {
        name.replace("dropgrade", "handed"): text.replace("dropgrade", "handed")
        for name, text in texts.items()
    }
    finder, package = Given(renamed), types.ModuleType("handed")
    package.__path__ = []
    before = set(sys.modules)
    sys.modules["handed"] = package
    sys.meta_path.insert(0, finder)
    try:
        return vars(__import__(wanted.replace("dropgrade", "handed"), fromlist=["x"]))
    finally:
        sys.meta_path.remove(finder)
        for name in set(sys.modules) - before:
            if name.startswith("handed"):
                del sys.modules[name]
