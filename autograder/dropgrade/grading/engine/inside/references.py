"""Functions, classes and objects of the learner that stay where they are; only their numbers travel."""

import sys
from typing import Any

from .codec import CannotCross, Exchange
from .given import is_given
from .wire import ProtocolError

MAX_KEPT = 10_000
MAX_NAME = 80


class Kept:
    """The learner's objects that the judge holds references to."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._numbers: dict[int, int] = {}

    def give(self, value: Any, exchange: Exchange | None = None) -> dict[str, Any]:
        """A reference to an object that is no plain data (hook of `Exchange.encode`).

        The same object always gets the same number, so that the judge can tell whether two are one.
        """
        number = self._numbers.get(id(value))
        if number is None:
            if len(self.values) >= MAX_KEPT:
                raise CannotCross("too many objects were handed out")
            number = self._numbers[id(value)] = len(self.values)
            self.values.append(value)
        return {"ref": number} | describe(value)

    def take(self, data: dict[str, Any], exchange: Exchange) -> Any:
        """The object behind a reference that comes back (hook of `Exchange.decode`)."""
        return self.find(data.get("ref"))

    def find(self, number: Any) -> Any:
        """The object with a number; `ProtocolError` if there is none."""
        if type(number) is not int or not 0 <= number < len(self.values):
            raise ProtocolError("a reference points nowhere")
        return self.values[number]


def describe(value: Any) -> dict[str, Any]:
    """Kind and name of an object, for the stand-in that the judge makes."""
    name = getattr(value, "__name__", type(value).__name__)
    described = {"kind": _kind(value), "name": str(name)[:MAX_NAME], "type": type(value).__name__[:MAX_NAME]}
    return described | {"given": True} if is_given(value) else described


def _kind(value: Any) -> str:
    torch = sys.modules.get("torch")
    if torch is not None:
        if isinstance(value, type) and issubclass(value, torch.nn.Module):
            return "module class"
        if isinstance(value, torch.nn.Module):
            return "module"
    if isinstance(value, type):
        return "class"
    return "function" if callable(value) else "object"
