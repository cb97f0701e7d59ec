"""`{snippet-tabs} frameworks/modes`: one program in several libraries, a tab each, above what it printed.

The tabs are those of sphinx_design: radio buttons, so they work from the keyboard and without JavaScript.
The files are `modes_*.py` in `book/snippets/frameworks`; `book/snippets/run.py` writes an `.out` beside each.
"""

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

SNIPPETS = "book/snippets"
LABELS = {
    "pytorch": "PyTorch",
    "keras": "Keras",
    "jax": "JAX",
    "program": "torch.export",
    "script": "TorchScript",
    "onnx": "ONNX",
}
"""How a file's name ends, with the label of its tab, in the order of the tabs."""
TAB = """
:::::{{tab-item}} {label}
:sync: {key}

::::{{div}} cell
:::{{div}} cell-input
```{{literalinclude}} /{path}.py
:language: python
```
:::

:::{{div}} cell-output output
```{{literalinclude}} /{path}.out
:language: text
```
:::
::::
:::::
"""


def tabs(course: Path, topic: str) -> dict[str, str]:
    """The snippets of a topic: the end of the name -> path below the course without suffix, in order.

    Raises:
        ValueError: there are fewer than two, one has an unknown end, or its output is not there.
    """
    folder, _, name = topic.rpartition("/")
    files = sorted((course / SNIPPETS / folder).glob(f"{name}_*.py"))
    found = {path.stem.removeprefix(f"{name}_"): path for path in files}
    if len(found) < 2:
        raise ValueError(f"{SNIPPETS}/{topic}_*.py must be two files or more, found {len(found)}")
    for key, path in found.items():
        if key not in LABELS:
            raise ValueError(f"{path.name} must end in one of {', '.join(LABELS)}")
        if not path.with_suffix(".out").is_file():
            raise ValueError(f"{path.name} has no output; run: python {SNIPPETS}/run.py --write {path.stem}")
    return {key: found[key].relative_to(course).with_suffix("").as_posix() for key in LABELS if key in found}


class SnippetTabs(SphinxDirective):
    """The directive; its argument is a topic below `book/snippets`."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        topic = self.arguments[0]
        try:
            found = tabs(Path(self.env.srcdir), topic)
        except ValueError as error:
            raise self.error(str(error)) from error
        items = [TAB.format(label=LABELS[key], key=key, path=path) for key, path in found.items()]
        text = "\n".join(["::::::{tab-set}", ":sync-group: library", *items, "::::::"])
        parsed = self.parse_text_to_nodes(text)
        for box in (box for node in parsed for box in node.findall(nodes.container)):
            box["classes"] = [
                name.replace("cell-", "cell_") for name in box["classes"]
            ]  # as of a chapter's cells
        return parsed


def setup(app: Sphinx) -> dict:
    app.setup_extension("sphinx_design")
    app.add_directive("snippet-tabs", SnippetTabs)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
