"""A room is entered by its `api` only (ARCHITECTURE §1). import-linter holds the direction, this the door."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"

ONE_DOOR = {"people", "brand", "lake", "insight"}  # <room>.api
DOOR_PER_APP = {"trade", "engage", "intake"}  # <room>.<app>.api
CLOSED = {"web", "project"}  # nothing imports them
OPEN = {"core"}
ROOMS = ONE_DOOR | DOOR_PER_APP | CLOSED | OPEN


def imported(tree: ast.AST, module: str, *, is_package: bool) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything imported; `from a import b` counts as `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = module.split(".")
                above = parts[: len(parts) - node.level + is_package]
                base = ".".join([*above, base] if base else above)
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"
        elif isinstance(node, ast.Call) and _imports_by_name(node):
            name = node.args[0]
            assert isinstance(name, ast.Constant)
            yield node.lineno, str(name.value)


def _imports_by_name(call: ast.Call) -> bool:
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return (
        called in {"import_module", "__import__", "import_string"}
        and bool(call.args)
        and isinstance(call.args[0], ast.Constant)
    )


def through_the_door(importer: str, target: str) -> bool:
    """Whether the module `importer` may import the dotted name `target`."""
    here, there = importer.split("."), target.split(".")
    if there[0] != "huoshui" or len(there) == 1:
        return True
    room = there[1]
    if room not in ROOMS:
        return False
    if here[1] in {room, "project"} or room in OPEN:
        return True
    if room in ONE_DOOR:
        return there[2:3] == ["api"] and len(there) <= 4
    if room in DOOR_PER_APP:
        return there[3:4] == ["api"] and len(there) <= 5
    return False


def breaches(text: str, module: str, *, is_package: bool = False) -> list[str]:
    tree = ast.parse(text)
    return [
        f"{module}:{line} imports {name}"
        for line, name in imported(tree, module, is_package=is_package)
        if not through_the_door(module, name)
    ]


def test_every_room_is_known() -> None:
    rooms = {path.name for path in (SOURCE / "huoshui").iterdir() if (path / "__init__.py").exists()}
    assert rooms <= ROOMS, "a new room needs its line in ARCHITECTURE.md, in the layers contract and here"


def test_rooms_are_entered_through_their_api() -> None:
    files = sorted((SOURCE / "huoshui").rglob("*.py"))
    assert files
    found = []
    for path in files:
        parts = path.relative_to(SOURCE).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        module = ".".join(parts[:-1] if is_package else parts)
        found += breaches(path.read_text(encoding="utf-8"), module, is_package=is_package)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("huoshui.trade.sales.actions", "from huoshui.people.identity.actions import link"),
        ("huoshui.trade.sales.actions", "from huoshui.people import identity"),
        ("huoshui.trade.sales.actions", "import huoshui.people.identity.models"),
        ("huoshui.trade.sales.actions", "from ...people.identity import rules"),
        ("huoshui.trade.sales.actions", "def late():\n    from huoshui.brand.org.models import OrgUnit"),
        ("huoshui.intake.river.settle", "from huoshui.trade.sales import actions"),
        ("huoshui.intake.river.settle", "from huoshui.trade.api import record"),
        ("huoshui.web.console.views", "from huoshui.insight.questions.sales import result"),
        ("huoshui.web.console.views", "import_module('huoshui.lake.writer')"),
        ("huoshui.people.tests.test_card", "from huoshui.brand.catalog.models import Sku"),
        ("huoshui.people.card", "from huoshui.web.console import views"),
        ("huoshui.core.facts.actions", "from huoshui.project.settings import DEBUG"),
        ("huoshui.people.card", "from huoshui.cellar import wine"),
    ],
)
def test_a_climb_through_the_window_is_seen(module: str, line: str) -> None:
    assert len(breaches(line, module)) == 1


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("huoshui.trade.sales.actions", "from huoshui.people.api import resolve"),
        ("huoshui.trade.sales.actions", "from huoshui.people import api as people"),
        ("huoshui.trade.sales.actions", "import huoshui.people.api"),
        ("huoshui.intake.river.settle", "from huoshui.trade.sales.api import record"),
        ("huoshui.intake.river.settle", "from huoshui.trade.sales import api as sales"),
        ("huoshui.trade.sales.actions", "from huoshui.core.ledger.actions import post"),
        ("huoshui.trade.sales.actions", "from .rules import split"),
        ("huoshui.people.api", "from huoshui.people.identity.actions import link"),
        ("huoshui.project.cli", "from huoshui.lake.writer import flush"),
        ("huoshui.people.card", "import duckdb"),
    ],
)
def test_the_door_is_open(module: str, line: str) -> None:
    assert breaches(line, module) == []


def test_relative_imports_are_read_from_where_they_stand() -> None:
    assert list(imported(ast.parse("from .. import org"), "huoshui.brand.staff", is_package=True)) == [
        (1, "huoshui.brand.org")
    ]
    assert list(
        imported(ast.parse("from ..org import api"), "huoshui.brand.staff.models", is_package=False)
    ) == [(1, "huoshui.brand.org.api")]
