"""Which rules are live, as far as this process knows.

`seen` says the live version beside what it looks up, so that no sale takes a statement more to know it; only a process that
hears of a version for the first time reads it. Doors go by the version that their process heard of last; whatever they let
through by an older one is looked at again when it is resolved.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from huoshui.core import sql
from huoshui.core.crypto import unseal
from huoshui.core.remember import Remembered
from huoshui.people.identity import ruleset
from huoshui.people.identity.kinds import DELIVERED
from huoshui.people.identity.ruleset import FIRST, Ruleset
from huoshui.people.identity.types import Seen

Q = sql.load("huoshui.people.identity")

_known = ruleset.delivered()


def known() -> Ruleset:
    return _known


def is_blocked(kind: str, value: str) -> bool:
    """Whether a plain value names nobody. Asked by the doors, before the value is hashed."""
    return _known.is_blocked(kind, value)


def now() -> Ruleset:
    """The live rules, asked for."""
    return adopt(int(sql.fetch_one(Q.live_version).version))


def adopt(version: int) -> Ruleset:
    global _known
    if version != _known.version:
        _known = of_version(version)
    return _known


def of_version(version: int) -> Ruleset:
    return ruleset.delivered() if version == FIRST else _versions.of([version])[version]


def _read(versions: list[int]) -> dict[int, Ruleset]:
    return {
        r.version: ruleset.read(json.loads(r.body), version=r.version, is_kept=True)
        for r in sql.fetch(Q.rules_of, versions=versions)
    }


_versions: Remembered[int, Ruleset] = Remembered(_read, seconds=None)


def without_blocked(seen: Sequence[Seen], by: Ruleset) -> list[Seen]:
    """The same without new values that these rules block: their facts came in while their door went by others."""
    new = [s for s in seen if s.identifier_id is None]
    if not new:
        return list(seen)
    contacts = sql.fetch(Q.carried_by, fact_ids=sorted({s.fact_id for s in new}))
    blocked = {(r.kind, r.scope, r.key) for r in contacts if by.is_blocked(r.kind, unseal(bytes(r.sealed)))}
    blocked |= {s.name for s in new if not DELIVERED[s.kind].is_contact and by.is_blocked(s.kind, s.key)}
    return [s for s in seen if s.identifier_id is not None or s.name not in blocked]
