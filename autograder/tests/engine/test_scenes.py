"""Scenes: trusted code that looks at a learner's objects where these live, and returns plain data."""

import pytest
from engine_room import farm, job, said, sandboxed  # noqa: F401 (farm is a fixture)

from dropgrade.checks import scenario

pytestmark = sandboxed
LEARNER = """\
len = None
class Layer:
    def __init__(self, p):
        self.p, self.calls = p, 0
    def forward(self, x):
        self.calls += 1
        if x is None:
            raise ValueError("no x")
        return x * self.p
"""
SCENE = '''"""A scene."""
from dataclasses import dataclass

@dataclass
class Seen:
    p: "float"

def look(make, xs):
    layer = make(2.0)
    values = [layer.forward(x) for x in xs]
    names = sorted(set(globals()) & {"Layer", "len", "np"})
    return {"values": values, "calls": layer.calls, "kind": type(layer).__name__, "names": names,
            "count": len(xs), "p": Seen(layer.p).p}
'''
PLAY = f"""\
import functools
from dropgrade.checks import scenario
# The scene's text is this test's instead of a module's.
play = functools.partial(scenario.play.func, scenario.play.args[0], lambda module: {SCENE!r})
"""


def test_a_scene_sees_the_learners_own_objects_and_returns_data(farm):  # noqa: F811
    """Attributes that only the learner's process has, and none of the learner's names."""
    test = PLAY + "print(play('x', 'look', Layer, [np.ones(2), 3.0]))"
    text = said(farm.run(job(LEARNER, test)))
    assert "'values': [array([2., 2.]), 6.0], 'calls': 2, 'kind': 'Layer', 'names': [], 'count': 2" in text


def test_an_exception_in_a_scene_is_the_learners(farm):  # noqa: F811
    """It is raised in the judge as the nearest built-in one, with the learner's line."""
    test = (
        PLAY
        + "try:\n    play('x', 'look', Layer, [None])\nexcept ValueError as e:\n    print(e, e.learner_line)"
    )
    assert said(farm.run(job(LEARNER, test))).strip() == "no x 8"


def test_what_is_no_plain_data_does_not_come_back(farm):  # noqa: F811
    """One of the learner's objects arrives as a stand-in, which the judge cannot look into."""
    test = (
        PLAY.replace("return {", "return layer if xs else {") + "print(repr(play('x', 'look', Layer, [1])))"
    )
    assert "of the submission" in said(farm.run(job(LEARNER, test)))


def test_a_scene_plays_the_same_where_there_is_no_engine():
    """In a notebook or on the command line it is simply called."""
    assert scenario.play("dropgrade.checks.calling", "show", 3) == "3"


@pytest.mark.parametrize("name", ["dropgrade.checks.watching"])
def test_the_text_of_a_scene_stands_alone(name):
    """What it imports of this package is in it."""
    names = {}
    exec(compile(scenario.text_of(name), name, "exec"), names)
    assert (
        "WatchHere" in names
        and "dropgrade." not in scenario.text_of(name).partition('"""')[2].partition('"""')[2]
    )
