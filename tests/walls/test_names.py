"""Who may say which fact (ADR 0054): every name the house notes is its own, or others rightly tell it too."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

from huoshui.core.facts import names

SRC = Path(__file__).parents[2] / "src"
_MAKERS = {"Note", "FactNote", "Derived", "note_one"}
_PASSED_ON = {
    ("engage/campaigns/actions.py", "name"),  # `note_one`, whose callers are looked at
    ("engage/campaigns/claims.py", "name"),
    ("engage/campaigns/expiry.py", "name"),
}


def test_every_name_the_house_notes_is_said_by_whom() -> None:
    found = set(_noted())
    assert len(found) > 40
    assert not found - names.OURS - names.TOLD_BY_OTHERS, "say in core/facts/names.py who may say it"
    assert not names.OURS & (names.TOLD_BY_OTHERS | names.OF_PERSONS)


def test_every_name_of_a_house_fact_is_known_here() -> None:
    """Those that `_noted` cannot follow are constants of their module."""
    texts = "".join(path.read_text() for path in _modules())
    unsaid = [name for name in names.OURS if f'"{name}"' not in texts]
    assert not unsaid, "nobody says these any more"


def _modules() -> Iterator[Path]:
    for path in sorted((SRC / "huoshui").rglob("*.py")):
        if not {"tests", "migrations", "sample"} & set(path.parts) and path.name != "names.py":
            yield path


def _noted() -> Iterator[str]:
    for path in _modules():
        text = path.read_text()
        if "Note(" not in text and "Derived(" not in text and "note_one(" not in text:
            continue
        place = str(path.relative_to(SRC / "huoshui"))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _MAKERS:
                yield from _said(node.args[0], path, place) if node.args else ()


def _said(told: ast.expr, path: Path, place: str) -> Iterator[str]:
    if isinstance(told, ast.Constant):
        yield str(told.value)
    elif isinstance(told, ast.IfExp):
        yield from _said(told.body, path, place)
        yield from _said(told.orelse, path, place)
    elif isinstance(told, ast.Subscript) and isinstance(told.value, ast.Name):
        of: Mapping[str, str] = getattr(_module(path), told.value.id)
        yield from of.values()
    elif isinstance(told, ast.Attribute) and isinstance(told.value, ast.Name):
        yield getattr(getattr(_module(path), told.value.id), told.attr)
    elif isinstance(told, ast.Name) and isinstance(value := getattr(_module(path), told.id, None), str):
        yield value
    else:
        assert isinstance(told, ast.Name), (place, ast.dump(told))
        assigned = [
            node.value
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Assign)
            and any(isinstance(to, ast.Name) and to.id == told.id for to in node.targets)
        ]
        assert assigned or (place, told.id) in _PASSED_ON, (place, told.id)
        for value in assigned:
            yield from _said(value, path, place)


def _module(path: Path) -> ModuleType:
    return importlib.import_module(".".join(path.relative_to(SRC).with_suffix("").parts))
