"""The @kernel decorator: plain integer and float functions, compiled once, called everywhere.

A kernel takes and returns int64 and float64 scalars, arrays and NamedTuples, knows no strings and
raises nothing. Live code and the simulator call the very same function.

Numba's disk cache notices an edit in a kernel's own file but not in one it calls, so the cache
folder is keyed by the hash of all kernel sources and set before numba is imported.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

_F = TypeVar("_F", bound=Callable[..., Any])


def sources_hash(root: Path) -> str:
    """Hash of every source file below `root` that defines a kernel."""
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        text = path.read_bytes()
        if b"@kernel" in text:
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + text)
    return digest.hexdigest()[:16]


def cache_folder(home: Path) -> Path:
    """Where compiled kernels of exactly these sources live."""
    return home / "cache" / "kernels" / sources_hash(Path(__file__).parent)


# The one setting read outside the composition root: it must stand before numba is imported.
if "NUMBA_CACHE_DIR" not in os.environ:
    _home = Path(os.environ.get("KALSHIFLOW_HOME") or Path.home() / ".kalshiflow")
    os.environ["NUMBA_CACHE_DIR"] = str(cache_folder(_home))

import numba  # noqa: E402  (the cache folder had to be named first)


def kernel(function: _F) -> _F:
    """Compile in nopython mode at first call, cached on disk; NUMBA_DISABLE_JIT=1 does not."""
    return cast("_F", numba.njit(cache=True)(function))
