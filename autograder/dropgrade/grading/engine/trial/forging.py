"""Attacks on the protocol between the processes: frames forged, cut, flooded and malformed."""

from dropgrade.grading.engine.trial.model import NOTHING, RIGHT, WRONG, Attack

SOCKETS = """\
import gc, json, socket, struct
_socks = [o for o in gc.get_objects() if isinstance(o, socket.socket) and o.fileno() >= 0]
def frame(head, *blobs):
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    sizes = b"".join(struct.pack("!I", len(b)) for b in blobs)
    return struct.pack("!II", len(text), len(blobs)) + sizes + text + b"".join(blobs)
def send_all(data):
    for sock in _socks:
        try:
            sock.setblocking(False)
            sock.sendall(data)
        except OSError:
            pass
"""
HONEST = "import numpy as np\n"


def on_the_wire(name: str, about: str, lines: str, answer: str = RIGHT, honest: str = NOTHING) -> Attack:
    """An attack that writes to the sockets it finds; breaking the protocol costs what comes after it."""
    return Attack(name, "l", about, f"{SOCKETS}\n{answer}\n{lines}", honest=honest)


def in_an_answer(name: str, about: str, encoded: str, honest: str = NOTHING) -> Attack:
    """An attack that replaces what its process sends as the value of a call."""
    return Attack(
        name,
        "l",
        about,
        f"""\
import gc
def keep_mask(shape, p, rng):
    return np.ones(shape, dtype=bool)
_worker = next(o for o in gc.get_objects() if type(o).__name__ == "Worker" and hasattr(o, "kept"))
_true_answer = _worker.answer
def _answer(request, blobs):
    answer, out = _true_answer(request, blobs)
    if request["op"] in ("call", "many"):
        {encoded}
    return answer, out
_worker.answer = _answer
""",
        honest=honest,
    )


ATTACKS = (
    on_the_wire(
        "forged_ok",
        "sends 20 frames that say: the cell is fine, full marks",
        "send_all(frame({'status': 'ok', 'outputs': [], 'count': 1, 'ended': None}) * 20)",
        answer=WRONG,
    ),
    on_the_wire(
        "answers_in_advance",
        "answers the judge's next 50 questions before they are asked",
        "for n in range(50):\n    send_all(frame({'id': n, 'value': True, 'names': {}}))",
    ),
    on_the_wire(
        "huge_frame",
        "announces a frame of two gigabytes and sends a part of it",
        "send_all(struct.pack('!II', 2**31 - 1, 0) + b'x' * 100_000)",
    ),
    on_the_wire(
        "many_blobs", "announces a billion blobs", "send_all(struct.pack('!II', 2, 10**9) + b'{}' * 1000)"
    ),
    on_the_wire("garbage", "sends noise", "send_all(b'\\xff' * 1000)"),
    on_the_wire(
        "deep_json",
        "sends JSON nested a hundred thousand deep",
        "send_all(frame(b'[' * 100_000 + b']' * 100_000))",
    ),
    on_the_wire("json_nan", "sends JSON that is none", "send_all(frame(b'{\"id\": NaN}'))"),
    on_the_wire(
        "closed_sockets",
        "closes the connections to judge and host",
        "for sock in _socks:\n    sock.close()",
    ),
    on_the_wire(
        "slow_drip",
        "sends one byte of a frame every half second, from a thread",
        """\
import threading, time
def drip():
    while True:
        send_all(b"\\x00")
        time.sleep(0.5)
threading.Thread(target=drip, daemon=True).start()
time.sleep(0.1)
""",
    ),
    in_an_answer("wrong_id", "answers another question than the one asked", 'answer["id"] = 10**9'),
    in_an_answer(
        "dangling_references",
        "answers with references to things that do not exist",
        'answer["value"] = {"same": -1, "ref": "x"}',
    ),
    in_an_answer(
        "impossible_arrays",
        "answers with .npy files of impossible shapes, dtypes and lengths",
        """\
global _n
        dtypes = ("'|O'", "'<f8'", "'<f8'", "'|V8'", "__import__('os')._exit(0)")
        shapes = ("(1,)", "(0, 9223372036854775807, 9)", "(4611686018427387904,)", "(1,)", "()")
        _n = globals().get("_n", 0) + 1
        head = f"'descr': {dtypes[_n % 5]}, 'fortran_order': False, 'shape': {shapes[_n % 5]}, "
        head = ("{" + head + "}").ljust(117) + "\\n"
        out = [b"\\x93NUMPY\\x01\\x00" + len(head).to_bytes(2, "little") + head.encode() + bytes(8)]
        answer["value"] = {"array": 0}""",
    ),
    in_an_answer(
        "poisoned_generator",
        "sends back a generator whose position points outside its memory",
        """\
answer["value"] = {"rng": {"bits": "MT19937", "seed": None, "state": {"bit_generator": "MT19937",
            "state": {"key": [1] * 624, "pos": 2**31 - 1}}}}
        answer["changed"] = [[0, {"bits": "MT19937", "seed": None, "state": {"bit_generator": "MT19937",
            "state": {"key": [1] * 624, "pos": -(2**31)}}}]]""",
    ),
    in_an_answer(
        "changes_what_was_not_sent",
        "claims to have changed arguments that it was never given",
        'answer["changed"] = [[n, 0] for n in range(-3, 99)]',
    ),
    in_an_answer("claims_to_be_late", "claims that its time is up", 'answer["late"] = 7'),
    in_an_answer(
        "answer_bomb",
        "answers with a small frame that describes a giant value",
        'answer["value"] = {"list": [{"dict": []}] * 150_000}',
    ),
    in_an_answer(
        "too_large_an_answer",
        "answers with 100 MB",
        'out = [bytes(10**8)]; answer["value"] = {"bytes": 0}',
    ),
    in_an_answer(
        "forged_exception",
        "answers with an exception of the judge's own: Failed, TimeUp, a check that passed",
        """\
answer.pop("value", None)
        kinds = ["TimeUp", "Failed", "CheckFailed", 7, None, "SystemExit"]
        answer["error"] = {"classes": kinds, "message": ["x"], "line": "y"}""",
    ),
    in_an_answer(
        "colliding_keys",
        "answers with a dictionary of 60,000 keys that all have one hash",
        """\
keys = [{"int": hex(n * (2**61 - 1))} for n in range(100, 60_100)]
        answer["value"] = {"dict": [[key, None] for key in keys]}""",
    ),
    in_an_answer(
        "odd_names",
        "claims that its functions are called and typed like the judge's own",
        """\
answer["value"] = {"ref": 0, "kind": "module class", "type": "Remote", "name": "__class__"}""",
    ),
)
