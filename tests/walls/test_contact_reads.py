"""Whoever reads a contact whole leaves a trace: every place in the source that opens one is in this list."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "huoshui"

# What opens sealed values, by name: `unseal` itself, and what hands on the open value
OPENING = {
    "unseal",
    "copy_of",
    "open_one",
    "sealed_contact",
    "open_contact",
    "reveal_contact",
    "problem_file",
}

# Function → the audit entry it writes
TRACED = {
    "people.api:reveal_contact": "contact.revealed",
    "people.rights.glass:open_contact": "contact.opened",
    "people.rights.dialling:dial": "contact.dialled",
    "people.rights.actions:hand_over": "person.copied",
    "web.console.contexts.tracking_stream:aside": "contact.read_aside",
    "web.console.views.imports:problems": "contact.read_problems",
    "intake.trust.rejected:bad_rows": "contact.read_problems",
}
# Function → why no human reads it there
UNREAD = {
    "core.rotating:_anew": "sealed again",
    "core.rotating:_opened_anew": "sealed again",
    "core.rotating:renewed": "sealed again",
    "core.rotating:_rekey_rows": "hashed and sealed again",
    "core.rotating:count_old_carried": "counted",
    "brand.staff.second_factor:begin": "the secret of a second factor, no contact; shown to its owner until confirmed",
    "brand.staff.second_factor:_is_right": "the same, compared",
    "people.identity.rekeying:_old": "hashed and sealed again",
    "people.identity.types:open": "Sealed.open, which only the traced ones have",
    "people.identity.live:without_blocked": "held against the masks of values that name nobody",
    "people.identity.blocking:_values": "held against the masks of values that name nobody",
    "people.identity.erasing:_word": "marks of the erased, and the copy that hand_over traces",
    "people.rights.reads:_opened": "the copy that hand_over traces",
    "intake.tracking.aside:opened": "told again by the river; open_one hands it to the console's aside, traced there",
    "intake.tracking.erasing:erase": "searched for the erased",
    "intake.trust.mending:tell_events": "told again with one value changed",
    "intake.trust.rejected:_problems_of": "counted by fault; bad_rows shows them",
    "people.identity.known:emails": "hashed for comparing",
    "people.relations.reading:_open": "looked up by its hash",
    "people.relations.rules:mention": "looked up by its hash",
    "people.relations.rules:_of_fact": "looked up by its hash",
    "people.relations.rules:_names": "looked up by its hash",
    "intake.pickup.reads:trial": "rows that were masked before they were kept",
    "intake.pickup.reads:secret_of": "passwords of folders, for workers",
    "intake.wecom.house:doors": "what callbacks are read with, no contact",
    "intake.wecom.house:access": "the secret of the house at WeCom, for workers",
    "intake.wecom.tokens:_kept": "the token of the house at WeCom, for workers",
    "intake.devices.erasing:erase_asides": "searched for the erased",
    "intake.devices.mending:_text": "a reading without the person it named; who reads its figures leaves a trace",
    "trade.protection.taking:_contacts": "what a dealer takes along of its own, traced of each customer by _customers",
    "project.commands.data:run_import": "a path",
    "web.console.views.rights:glass": "open_contact traces it",
    "web.console.contexts.person:reveal": "reveal_contact traces it",
}


def opening(path: Path) -> Iterator[str]:
    """Functions of a file that call what opens a contact, as module:function."""
    module = path.relative_to(SOURCE).with_suffix("").as_posix().replace("/", ".")
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef) and not OPENING.isdisjoint(_called(function)):
            yield f"{module}:{function.name}"


def _called(function: ast.FunctionDef) -> set[str]:
    """Names it calls or hands on, without those of functions inside it."""
    found: set[str] = set()
    todo: list[ast.AST] = list(function.body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef):
            continue
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Name):
            found.add(node.id)
        todo += ast.iter_child_nodes(node)
    return found


def files() -> list[Path]:
    return [p for p in sorted(SOURCE.rglob("*.py")) if "tests" not in p.parts]


def test_every_function_that_opens_a_contact_is_known() -> None:
    found = {one for path in files() for one in opening(path)}
    assert found == {*TRACED, *UNREAD}


def test_every_door_that_shows_one_writes_its_entry() -> None:
    for door, action in TRACED.items():
        module, _, name = door.partition(":")
        tree = ast.parse((SOURCE / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))
        (function,) = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == name]
        written = {n.value for n in ast.walk(function) if isinstance(n, ast.Constant)}
        assert action in written, door


def test_what_is_not_in_the_list_is_found(tmp_path: Path) -> None:
    """The control: a new reader does not pass unseen."""
    assert _called(_function("def show(row):\n    return [crypto.unseal(x) for x in row]")) & OPENING
    assert not _called(_function("def show(row):\n    return row.tail4")) & OPENING


def _function(text: str) -> ast.FunctionDef:
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.FunctionDef)
    return node
