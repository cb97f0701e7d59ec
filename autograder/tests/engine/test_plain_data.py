"""Values on the wire: what goes in comes out, what has behaviour stays outside, what is forged is refused."""

import io
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dropgrade.grading.engine.inside import changes, generators, npy
from dropgrade.grading.engine.inside.codec import CannotCross, Exchange
from dropgrade.grading.engine.inside.wire import ProtocolError

BITS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")


def across(value):
    """A value after its way through JSON and blobs."""
    here = Exchange()
    data = json.loads(json.dumps(here.encode(value), allow_nan=False))
    return Exchange(list(here.blobs)).decode(data)


simple = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.complex_numbers()
nested = st.recursive(
    simple | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(simple, inner),
)


@given(nested)
def test_plain_values_come_back_equal_and_of_the_same_type(value):
    """Numbers to the last bit, containers of every kind, one inside the other."""
    assert repr(across(value)) == repr(value)


@pytest.mark.parametrize("dtype", ["?", "i1", "u8", "<f2", ">f4", "f8", "g", "c8", "c16", "S3", "<U4"])
@pytest.mark.parametrize("layout", ["row-major", "column-major", "with gaps", "empty", "0-d"])
def test_arrays_keep_dtype_shape_layout_and_bits(dtype, layout):
    """NaN payloads and byte order too; NumPy itself can read what is sent."""
    whole = np.arange(24).reshape(4, 6).astype(dtype)
    array = {
        "row-major": whole,
        "column-major": np.asfortranarray(whole),
        "with gaps": whole[:, ::2],
        "empty": whole[:, :0],
        "0-d": np.array(whole[0, 0]),
    }[layout]
    back = across(array)
    assert type(back) is np.ndarray and back.dtype == array.dtype and back.shape == array.shape
    assert back.tobytes() == array.tobytes() and back.flags.writeable
    for flag in ("c_contiguous", "f_contiguous"):
        assert getattr(back.flags, flag) == getattr(array.flags, flag)
    assert np.load(io.BytesIO(npy.dump(array)), allow_pickle=False).tobytes() == array.tobytes()


def test_a_read_only_array_stays_read_only():
    """A function that writes to it must fail there as it would here."""
    array = np.arange(3)
    array.flags.writeable = False
    assert not across(array).flags.writeable


@pytest.mark.parametrize("scalar", [np.float32(1.5), np.int8(-3), np.bool_(True), np.float64("nan")])
def test_scalars_of_numpy_stay_what_they_are(scalar):
    """float32 does not become float64 on the way."""
    assert type(across(scalar)) is type(scalar) and repr(across(scalar)) == repr(scalar)


def test_dtypes_and_scalar_types_cross():
    """They are arguments like any other."""
    assert across(np.dtype("<f4")) == np.dtype("<f4") and across(np.float16) is np.float16


def test_subclasses_travel_as_what_they_are_at_bottom():
    """A lying child of ndarray, float or tuple leaves its lies behind."""

    class Liar(np.ndarray):
        def __eq__(self, other):
            return True

    class Price(float):
        def __repr__(self):
            return "free"

    assert type(across(np.arange(3).view(Liar))) is np.ndarray
    assert type(across(np.ma.array([1, 2], mask=[0, 1]))) is np.ndarray
    assert type(across(Price(2.5))) is float and across(Price(2.5)) == 2.5


@pytest.mark.parametrize(
    "value",
    [
        object(),
        np.array([1, object()]),
        np.zeros(2, "M8[s]"),
        np.zeros(2, [("a", "i4")]),
        iter([]),
        1 << 5000,
    ],
    ids=["object", "object array", "dates", "records", "iterator", "giant integer"],
)
def test_what_has_behaviour_or_no_bound_cannot_cross(value):
    """The sender hears which it was."""
    with pytest.raises(CannotCross):
        Exchange().encode(value)


def test_a_value_that_contains_itself_cannot_cross_unharmed():
    """It comes back as the same knot, or not at all, but never hangs."""
    knot = []
    knot.append(knot)
    back = across(knot)
    assert back[0] is back


def test_an_array_given_back_is_the_array_that_was_given():
    """``f(x) is x`` says the same on both sides."""
    x = np.arange(3)
    request = Exchange()
    sent = request.encode([x, 0.5])
    there = Exchange(request.blobs)
    arrived = there.decode(sent)
    reply = there.reply()
    answer = reply.encode((arrived[0], arrived[0][::2]))
    back = request.reply(reply.blobs).decode(answer)
    assert back[0] is x and back[1] is not x and back[1].tolist() == [0, 2]


@pytest.mark.parametrize(
    "data",
    [
        {"array": 0},
        {"array": -1},
        {"scalar": True},
        {"list": 3},
        {"dict": [[1]]},
        {"dict": [[{"list": []}, 1]]},
        {"float": "0x1"},
        {"int": "9" * 9999},
        {"same": 0},
        {"dtype": "O"},
        {"dtype": "f8,f8"},
        {"type": "V8"},
        {"ref": 0},
        {"unknown": 1},
        {},
        [1],
        {"complex": [1]},
        {"rng": {}},
        {"bytes": "x"},
    ],
    ids=str,
)
def test_forged_values_are_refused(data):
    """Each is a broken protocol, and nothing else happens."""
    with pytest.raises(ProtocolError):
        Exchange([]).decode(data)


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999999999999, 0), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }",
        "{'descr': __import__('os').abort(), 'fortran_order': False, 'shape': (), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'x': 1, }",
        "{'descr': '<U0', 'fortran_order': False, 'shape': (1,), }",
    ],
)
def test_forged_npy_headers_are_refused(header):
    """Eight bytes of data behind a header that does not say so, or says more."""
    text = header.ljust(117).encode() + b"\n"
    with pytest.raises(ProtocolError):
        npy.load(npy.MAGIC + len(text).to_bytes(2, "little") + text + bytes(8))


def test_booleans_hold_nothing_but_0_and_1():
    """A byte of 2 is True in one place of NumPy and two in another."""
    data = npy.dump(np.array([True, False]))
    with pytest.raises(ProtocolError, match="neither True nor False"):
        npy.load(data[:-1] + b"\x02")


@pytest.mark.parametrize("bits", BITS)
def test_a_generator_goes_on_where_it_was(bits):
    """State, a number that is half used up, and children to come."""
    rng = np.random.Generator(getattr(np.random, bits)(7))
    rng.integers(2**32, dtype=np.uint32)
    back = across(rng)
    assert back.random(5).tolist() == np.random.Generator(rng.bit_generator).random(5).tolist()
    assert back.spawn(1)[0].random() == rng.spawn(1)[0].random()


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("poison", [-1, 2**130, 2**200, 1.5, None, "x"])
def test_no_number_of_a_generators_state_is_taken_on_trust(bits, poison):
    """A position outside its array would be read from outside the array."""
    data = generators.dump(np.random.Generator(getattr(np.random, bits)(7)))
    for path in paths(data["state"]):
        forged = json.loads(json.dumps(data))
        place = forged["state"]
        for step in path[:-1]:
            place = place[step]
        if isinstance(place[path[-1]], int):
            place[path[-1]] = poison
            with pytest.raises(ProtocolError):
                generators.load(forged)


def paths(value, path=()):
    """Where the leaves of nested data are; of a long list only the first and the last."""
    if isinstance(value, dict):
        for key in value:
            yield from paths(value[key], (*path, key))
    elif isinstance(value, list):
        for place in {0, len(value) - 1}:
            yield from paths(value[place], (*path, place))
    else:
        yield path


def test_what_a_call_changes_in_place_is_changed_here_too():
    """Arrays, generators, lists and dictionaries, also inside one another."""
    x, rng, notes, table = np.zeros((2, 2)), np.random.default_rng(1), [1], {"a": np.ones(2)}
    request = Exchange()
    sent = request.encode([x, rng, notes, table])
    there = Exchange(request.blobs)
    their_x, their_rng, their_notes, their_table = there.decode(sent)
    before = changes.Before(there)
    their_x[0, 1] = 5
    their_rng.random(3)
    their_notes.append("two")
    their_table["a"][0] = 7
    reply = there.reply()
    changes.apply(before.changed(reply), request.shared, request.reply(reply.blobs))
    assert x[0, 1] == 5 and notes == [1, "two"] and table["a"][0] == 7
    assert rng.random() == their_rng.random()


def test_nothing_changed_sends_nothing():
    """So that most answers are short."""
    request = Exchange()
    there = Exchange(request.blobs)
    there.decode(request.encode([np.ones(9), np.random.default_rng(0), [1], {}]))
    assert changes.Before(there).changed(there.reply()) == []


@pytest.mark.parametrize(
    "claim", [7, [[0]], [[5, 0]], [["0", 0]], [[0, 9]], [[0, 0], [0, 0], [0, 0]]], ids=str
)
def test_forged_changes_are_refused(claim):
    """What names nothing that was sent, or brings another array, changes nothing."""
    x = np.zeros(3)
    request = Exchange()
    request.encode([x, 1])
    with pytest.raises(ProtocolError):
        changes.apply(claim, request.shared, request.reply([npy.dump(np.ones(4))]))
    assert not x.any()


def test_floats_that_json_lacks_cross():
    """NaN, infinities and the sign of zero."""
    assert math.isnan(across(float("nan"))) and across(-math.inf) == -math.inf
    assert math.copysign(1, across(-0.0)) == -1
