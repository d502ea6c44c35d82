"""The house keeps its own rules: where packages come from, sizes, names, tests beside sources."""

import ast
import importlib
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(path for room in ("app", "core") for path in (ROOT / room).rglob("*.py"))
MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 50
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
PRODUCT = "kalshiflow"
# Its build depends on the machine, so pyproject.toml pins it and requirements.lock does not.
UNLOCKED = {"torch", PRODUCT}
# Modules of core with functions and no test file of their own, each with its reason.
TESTED_ELSEWHERE = {
    "core/cli/bench_replay.py": "a command, tested with its fellows in test_bench.py",
    "core/sandbox/upstream.py": "nothing without another exchange: scenarios/test_mirror.py",
}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_rooms_exist() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in MODULES} == {"app", "core"}


@pytest.mark.parametrize("package", ["app", "core"])
def test_package_is_this_checkout(package: str) -> None:
    source = importlib.import_module(package).__file__
    assert source is not None
    assert Path(source).resolve() == ROOT / package / "__init__.py"


@pytest.mark.parametrize("package", ["app", "core"])
def test_no_other_distribution_provides(package: str) -> None:
    assert set(packages_distributions().get(package, [])) <= {PRODUCT}


@pytest.mark.parametrize("folder", ["packaging", "resources", "tests"])
def test_folder_is_no_package(folder: str) -> None:
    assert [relative(path) for path in (ROOT / folder).rglob("__init__.py")] == []


def test_modules_are_short() -> None:
    lengths = {
        relative(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES
    }
    assert {name: length for name, length in lengths.items() if length > MAX_MODULE_LINES} == {}


def test_functions_are_short() -> None:
    lengths = {
        f"{relative(path)}:{node.lineno} {node.name}": (node.end_lineno or node.lineno)
        - node.lineno
        + 1
        for path in MODULES
        for node in functions(path)
    }
    assert {name: length for name, length in lengths.items() if length > MAX_FUNCTION_LINES} == {}


def test_no_module_is_named_for_nothing() -> None:
    assert [relative(path) for path in MODULES if path.stem in BANNED_NAMES] == []


def mirror(path: Path) -> Path:
    """Return where the tests of a module lie: core/market/book.py -> tests/core/market/…"""
    inside = path.relative_to(ROOT)
    return ROOT / "tests" / inside.parent / f"test_{inside.stem}.py"


def untested() -> set[str]:
    return {
        relative(path)
        for path in MODULES
        if path.relative_to(ROOT).parts[0] == "core"
        and any(functions(path))
        and not mirror(path).exists()
    }


def test_core_modules_have_their_tests() -> None:
    assert sorted(untested() - TESTED_ELSEWHERE.keys()) == []


def test_exemptions_are_needed() -> None:
    assert sorted(TESTED_ELSEWHERE.keys() - untested()) == []


def locked_versions() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pins}


def wanted(requirements: list[str], extras: set[str]) -> Iterator[Requirement]:
    for text in requirements:
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras | {""}):
            yield requirement


def test_environment_is_the_locked_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    waiting = [item for group in groups for item in wanted(group, set())]
    versions: dict[str, str] = {}
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in versions:
            continue
        try:
            found = distribution(name)
        except PackageNotFoundError:  # the training extra may be absent
            continue
        versions[name] = found.version
        waiting += wanted(found.requires or [], requirement.extras)
    locked = locked_versions()
    assert len(versions) > len(project["dependencies"])
    assert {
        name: version
        for name, version in versions.items()
        if name not in UNLOCKED and locked.get(name) != version
    } == {}


def test_lock_names_no_place() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert re.findall(r"\w+://|--\w+|@", text) == []
