"""One measured result as a file: values with intervals, the runs behind them, hashes of what made them."""

import difflib
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from dropgrade.errors import ResultError

DIGITS = {"pp": 2, "%": 2, "nats": 3, "bits": 3, "epochs": 1, "s": 1, "": 3, "times": 2}
MEND = "`make results`"


@dataclass(frozen=True)
class Value:
    """A number to quote.

    Attributes:
        value, low, high: the number and its 95 % interval over seeds; no interval (None) for plain facts.
        unit: "%", "pp" (percentage points), "nats", "bits", "epochs", "s", "times" or "" for a pure number.
        n: how many seeds stand behind it. paired: a difference of runs that share seeds, shown with a sign.
        digits: decimals to print; None takes the unit's own.
    """

    value: float
    low: float | None = None
    high: float | None = None
    unit: str = ""
    n: int | None = None
    paired: bool = False
    digits: int | None = None

    def quote(self, part: str = "full") -> str:
        """As text: "full", "value" (number and unit), "size" (without sign), "interval" or "number".

        >>> Value(-0.55, -0.61, -0.49, "pp", 5, True).quote()
        '-0.55 pp (95 % CI -0.61 to -0.49, 5 seeds)'
        """
        number = f"{self._print(self.value)}{self._unit}"
        if part == "full":
            return f"{number} ({self.quote('interval')}, {self.n} seeds)" if self.low is not None else number
        if part == "value":
            return number
        if part == "number":
            return self._print(self.value)
        if part == "size":
            return f"{abs(self.value):.{self._digits}f}{self._unit}"
        if part == "interval":
            if self.low is None:
                raise ResultError("this value is a plain fact and has no interval; quote its value instead")
            return f"95 % CI {self._print(self.low)} to {self._print(self.high)}"
        raise ResultError(f"part must be full, value, number, size or interval, got {part}")

    @property
    def _digits(self) -> int:
        if self.digits is not None:
            return self.digits
        return 0 if self.low is None and float(self.value).is_integer() else DIGITS[self.unit]

    @property
    def _unit(self) -> str:
        return f" {self.unit}" if self.unit else ""

    def _print(self, number: float) -> str:
        text = f"{number:+.{self._digits}f}" if self.paired else f"{number:.{self._digits}f}"
        return f"{0:.{self._digits}f}" if float(text) == 0 else text


@dataclass(frozen=True)
class Result:
    """What `book/results/NAME.json` holds.

    Attributes:
        name, claim, alt: file stem; what was found, in a sentence; the figure in words.
        directions: published or expected direction -> whether it was seen here.
        values: key -> Value. seeds: the seeds of every arm. steps: updates of one run.
        cpu_seconds: of all runs together. versions: of Python and the libraries that computed.
        sources: path -> SHA-256 of the script, the local modules it uses, and the data.
        figures: file name -> SHA-256, of NAME.svg and of its form for a phone.
        runs: arm, seed, key and metrics of every run.
    """

    name: str
    claim: str
    alt: str
    directions: Mapping[str, bool]
    values: Mapping[str, Value]
    seeds: list[int]
    steps: int
    cpu_seconds: float
    versions: Mapping[str, str]
    sources: Mapping[str, str]
    figures: Mapping[str, str]
    runs: list[dict] = field(default_factory=list, repr=False)

    def quote(self, key: str, part: str = "full") -> str:
        """The value `key` as text (see Value.quote); ResultError names the known keys if it is unknown."""
        if key not in self.values:
            near = difflib.get_close_matches(key, self.values, n=3)
            hint = f"did you mean {' or '.join(near)}? " if near else ""
            raise ResultError(
                f"result {self.name} has no key {key}; {hint}known keys: {', '.join(self.values)}"
            )
        try:
            return self.values[key].quote(part)
        except ResultError as error:
            raise ResultError(f"{self.name}:{key}: {error}") from error


def save(folder: Path, result: Result, figures: Mapping[str, str]) -> None:
    """Write the figures (file name -> text) and NAME.json; at every moment old or new files are whole."""
    content = asdict(result)
    content["seal"] = _seal(content)
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    for name, svg in figures.items():
        write(folder / name, svg)
    write(folder / f"{result.name}.json", text + "\n")


def load(folder: str | Path, name: str) -> Result:
    """Read one result.

    Raises:
        ResultError: there is no such result, or its file is damaged or was edited by hand.
    """
    path = Path(folder) / f"{name}.json"
    if not path.is_file():
        known = ", ".join(names(folder)) or "none"
        raise ResultError(
            f"there is no result {name} in {folder}; known: {known}; missing ones come with {MEND}"
        )
    content = unsealed(path)
    try:
        values = {key: Value(**value) for key, value in content["values"].items()}
        return Result(**content | {"values": values})
    except (TypeError, KeyError, AttributeError) as error:
        raise ResultError(f"{path} is not a result ({error}); make it anew with {MEND}") from error


def unsealed(path: Path) -> dict:
    """The content of a result's file as it was written; ResultError if damaged or edited by hand."""
    try:
        content = json.loads(path.read_text("utf-8"))
        seal = content.pop("seal")
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ResultError(f"{path} is not a result ({error!r}); make it anew with {MEND}") from error
    if seal != _seal(content):
        raise ResultError(f"{path} was changed by hand; make it anew with {MEND}")
    return content


def names(folder: str | Path) -> list[str]:
    """The results in a folder; other JSON files there are not counted."""
    return sorted(path.stem for path in Path(folder).glob("*.json") if '"seal"' in path.read_text("utf-8"))


def write(path: Path, text: str) -> None:
    """Write a whole file or nothing: into a temporary neighbour first, which then takes the name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(temporary, 0o644)  # mkstemp gives 0600, which a web server may not read
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _seal(content: Mapping) -> str:
    return sha256(json.dumps(content, sort_keys=True).encode())
