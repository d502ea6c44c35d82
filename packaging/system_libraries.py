"""The system packages that Linux needs: Qt's libraries, and Debian's split-off venv module.

Wheels bring Qt itself, but not the graphics, font and display libraries it is linked to. The
bundled PostgreSQL needs nothing beyond zlib.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys

from setup_process import log_tail, logged, say

# Library file -> Debian and Ubuntu package.
OFFSCREEN = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libz.so.1": "zlib1g",
}
X11 = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
WAYLAND = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
}
_APT = ("apt-get", "-o", "DPkg::Lock::Timeout=120")
_INSTALL = ("install", "-y", "--no-install-recommends")


def display() -> str:
    """Return where windows open: "x11", "wayland", or "offscreen" where none can."""
    if os.environ.get("QT_QPA_PLATFORM", "").startswith("offscreen"):
        return "offscreen"
    if os.environ.get("DISPLAY"):
        return "x11"
    return "wayland" if os.environ.get("WAYLAND_DISPLAY") else "offscreen"


def missing_libraries(where: str) -> dict[str, str]:
    """Return the libraries that the loader lacks for windows there, with their packages."""
    if sys.platform != "linux":
        return {}
    needed = {**OFFSCREEN, **{"x11": X11, "wayland": WAYLAND}.get(where, {})}
    return {name: package for name, package in needed.items() if not _loads(name)}


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def may_install() -> bool:
    """Say whether this process can install packages itself: root, on a system with apt."""
    return _has_apt() and hasattr(os, "geteuid") and os.geteuid() == 0


def install(packages: list[str]) -> None:
    """Install packages as root; what could not be had is found missing afterwards."""
    say(f"installing {len(packages)} system packages: {' '.join(packages)}")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    command = [*_APT, *_INSTALL, *packages]
    if logged(command, quiet):
        return
    # The package lists are absent on a fresh machine and stale on an old one.
    logged([*_APT, "update"], quiet)
    if not logged(command, quiet):
        say(f"apt-get could not install them:\n{log_tail()}")


def explain(missing: dict[str, str], packages: list[str]) -> None:
    """Say what is missing and give the one command that brings it.

    Args:
        missing: Libraries, as from missing_libraries.
        packages: Further packages wanted.
    """
    wanted = " ".join([*packages, *sorted(missing.values())])
    say(f"this system lacks {' '.join([*packages, *sorted(missing)])}")
    if _has_apt():
        root = "sudo apt-get"
        say(f"this installs it:\n    {root} update && {root} {' '.join(_INSTALL)} {wanted}")
    else:
        say("install the packages of your system that hold it")


def _has_apt() -> bool:
    return shutil.which("apt-get") is not None
