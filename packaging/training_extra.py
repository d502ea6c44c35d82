"""Install what training needs: torch and its company, as CPU builds unless told otherwise.

The console works without. CUDA's gigabytes never come unasked.
"""

from __future__ import annotations

import os
import sys

from setup_process import (
    LOCK_FILE,
    LOG,
    PYTHON,
    SCRIPTS,
    SetupError,
    install_project,
    logged,
    pip_install,
    say,
    succeeds,
)

VARIABLE = "KALSHIFLOW_TORCH"
_TORCH = "2.13.0"


def torch_choice() -> str:
    """Return the build of torch that the person wants: cpu, cuda or none.

    Raises:
        SetupError: The variable holds something else.
    """
    choice = os.environ.get(VARIABLE, "cpu")
    if choice not in ("cpu", "cuda", "none"):
        raise SetupError(f"{VARIABLE} is '{choice}'; it may be cpu, cuda or none.")
    return choice


def install_training(choice: str) -> bool:
    """Install torch, then the rest of the extra, which torch already satisfies."""
    say(f"installing torch ({choice}) for training; {VARIABLE}=none leaves it out")
    if _install_torch(choice) and install_project("[train]"):
        return True
    say(
        "torch could not be installed, so training is unavailable; the console works without. "
        f"The next try is in a day ({LOG} says why)."
    )
    return False


def _install_torch(choice: str) -> bool:
    if choice == "cuda" or sys.platform != "linux":
        return pip_install(f"torch=={_TORCH}")
    # A machine whose pip has a CPU build at hand answers this; elsewhere uv knows where it is.
    if _has_cpu_torch() or pip_install(f"torch=={_TORCH}+cpu"):
        return True
    uv = [str(SCRIPTS / "uv"), "pip", "install", "--python", str(PYTHON), "-c", str(LOCK_FILE)]
    return pip_install("uv") and logged([*uv, "--torch-backend", "cpu", f"torch=={_TORCH}"])


def _has_cpu_torch() -> bool:
    wanted = f"'{_TORCH}+cpu'"
    return succeeds(
        [PYTHON, "-c", f"import importlib.metadata as m; assert m.version('torch') == {wanted}"]
    )
