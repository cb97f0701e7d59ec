"""Where the interpreter inside bubblewrap begins: it has no site-packages until these two are named."""

import sys

sys.path[:0] = ["/engine", "/site"]

from inside.zygote import main  # noqa: E402

main()
