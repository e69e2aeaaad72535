"""Events that were set aside are kept sealed as they came: those that name somebody erased go."""

from __future__ import annotations

from collections.abc import Mapping

from huoshui.core import sql
from huoshui.core.blotting import pattern
from huoshui.core.crypto import unseal
from huoshui.core.subscribers import Erased

Q = sql.load("huoshui.intake.tracking")

_AT_ONCE = 1_000


def erase(whom: Erased) -> Mapping[str, int]:
    found = pattern(whom.words)
    gone, after = 0, 0
    while found and (rows := sql.fetch(Q.aside_bodies, after=after, limit=_AT_ONCE)):
        after = rows[-1].id
        hers = [
            r.id
            for r in rows
            if found.search(unseal(bytes(r.body)).encode("latin-1")) or found.search(r.told.encode())
        ]
        if hers:
            gone += sql.run(Q.drop_asides, ids=hers)
    return {"没收下的行为记录": gone}
