"""`triton` and `tl` as a notebook imports them: Triton's own, or stand-ins where Triton is missing.

Importing them from here settles first where kernels run (see `triton_mode`). With the stand-ins a notebook's
kernels can be defined, and nothing else; whatever calls them learns why.
"""

from dropgrade.reference import triton_mode

MODE = triton_mode.settle()
ABSENT = triton_mode.ABSENT


class Missing:
    """Takes the place of Triton: any attribute is again such an object, a decorator gives one, use raises."""

    def __getattr__(self, name: str) -> "Missing":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args, **options) -> "Missing":
        if len(args) == 1 and callable(args[0]) and not options:  # @triton.jit above a function
            return Missing()
        raise ImportError(ABSENT)

    def __getitem__(self, grid) -> "Missing":
        raise ImportError(ABSENT)


if MODE == "absent":
    triton = tl = Missing()
else:
    import triton
    import triton.language as tl

__all__ = ["MODE", "tl", "triton"]
