"""Where the shipped data files are: a checkout, or the folder of a frozen build."""

import sys
from functools import cache
from pathlib import Path


@cache
def root() -> Path:
    """Return the `resources` folder of this checkout or bundle."""
    bundle = getattr(sys, "_MEIPASS", None)
    base = Path(bundle) if bundle else Path(__file__).resolve().parent.parent
    return base / "resources"


def path(*parts: str) -> Path:
    """Return the path of a shipped file, for example `path("icons", "box.svg")`."""
    return root().joinpath(*parts)
