"""Outputs from a jailed process: text and true pictures pass, all else is dropped."""

import base64
import struct

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dropgrade.grading.engine import outputs

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg=="
)


def picture(width=1, height=1):
    """A png that claims a size."""
    return base64.b64encode(PIXEL[:16] + struct.pack(">II", width, height) + PIXEL[24:]).decode()


def shown(**data):
    """A display_data with some content."""
    return {"output_type": "display_data", "data": data, "metadata": {"x": 1}}


def test_text_and_pictures_pass():
    """As they are; metadata go."""
    kept = outputs.clean([shown(**{"text/plain": "x", "image/png": picture()})])
    assert kept == [
        {"output_type": "display_data", "data": {"text/plain": "x", "image/png": picture()}, "metadata": {}}
    ]


@pytest.mark.parametrize(
    "entry",
    [
        shown(**{"text/html": "<script>"}),
        shown(**{"application/javascript": "x"}),
        shown(**{"image/svg+xml": "<svg/>"}),
        shown(**{"image/png": '"><script>'}),
        shown(**{"image/png": base64.b64encode(b"GIF89a" + bytes(99)).decode()}),
        shown(**{"image/png": picture(100_000, 2)}),
        shown(**{"image/png": picture(0, 5)}),
        shown(**{"text/plain": ["a", "b"]}),
        {"output_type": "update_display_data"},
        {"output_type": ["stream"]},
        "text",
        None,
        7,
    ],
    ids=str,
)
def test_anything_else_is_dropped(entry):
    """Scripts, other pictures, picture bombs, unknown kinds, things of the wrong type."""
    assert outputs.clean([entry]) == []


def test_a_flood_ends():
    """In number and in length."""
    line = {"output_type": "stream", "name": "stdout", "text": "x" * 100_000}
    assert sum(len(one["text"]) for one in outputs.clean([line] * 50)) <= outputs.MAX_TEXT
    assert len(outputs.clean([shown(**{"text/plain": ""})] * 5000)) <= outputs.MAX_OUTPUTS


def test_text_can_be_written_anywhere():
    """Half characters, control characters and marks that turn the reading direction do not get through."""
    assert outputs.text("a\ud800\x00\x07\u202e\u2028b\x1b[31m\té") == "a?b\x1b[31m\té"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
fields = {
    "output_type": st.sampled_from(["stream", "error", "display_data", "execute_result"]) | anything,
    "name": anything,
    "text": anything,
    "data": st.dictionaries(st.sampled_from(["text/plain", "image/png", "text/html"]), anything) | anything,
    "ename": anything,
    "evalue": anything,
    "traceback": anything,
    "execution_count": anything,
}


@given(st.lists(st.fixed_dictionaries({}, optional=fields), max_size=5) | anything)
def test_whatever_is_sent_a_valid_notebook_comes_out(sent):
    """Any JSON at all in the place of outputs."""
    cell = nbformat.v4.new_code_cell("x")
    cell.outputs = [nbformat.from_dict(one) for one in outputs.clean(sent)]
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))
    nbformat.writes(nbformat.v4.new_notebook(cells=[cell])).encode("utf-8")


@pytest.mark.parametrize(
    ("value", "count"), [(3, 3), (0, None), (-1, None), (True, None), ("3", None), (10**9, None)]
)
def test_an_execution_count_is_a_small_number_or_nothing(value, count):
    """Not True, not text, not a billion."""
    assert outputs.count(value) == count


def test_a_notebook_has_room_for_so_much_and_no_more():
    """Many cells with many pictures each do not fill the grader's memory."""
    room, kept = 3000, []
    for _ in range(100):
        kept += outputs.clean([shown(**{"text/plain": "x" * 100})] * 100, room)
        room = 3000 - outputs.size(kept)
    assert len(kept) == 30 and outputs.size(kept) == 3000
