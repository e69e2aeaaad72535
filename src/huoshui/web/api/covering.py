"""Receipt claims that an earlier version kept in clear, covered as they are kept now. For a migration, once."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from huoshui.core import crypto, sql

Q = sql.load("huoshui.web.api")

_CLEAR = ("bind_code", "customer")


def cover_claims() -> int:
    """How many. The hash goes with the words: one of a phone number alone is found by trying them all, and a till that
    claims again under its old key is to be known. Written out here, since what a migration did must not change later."""
    done, after = 0, 0
    while rows := sql.fetch(Q.claims_in_clear, after=after):
        clear = [json.loads(r.body) for r in rows]
        bodies = [_covered(r.client_key, body) for r, body in zip(rows, clear, strict=True)]
        sql.run(
            Q.cover_claims,
            ids=[r.id for r in rows],
            times=[r.occurred_at for r in rows],
            bodies=list(map(_json, bodies)),
            hashes=list(map(_hash, rows, clear, bodies)),
        )
        done, after = done + len(rows), rows[-1].id
    return done


def _covered(key: str, body: dict[str, Any]) -> dict[str, Any]:
    customer: dict[str, str] = body["customer"]
    given = sorted([kind, value] for kind, value in customer.items() if value is not None)
    said = json.dumps([body["bind_code"], *given], ensure_ascii=False)
    kept = {name: value for name, value in body.items() if name not in _CLEAR}
    return kept | {"digest": crypto.digest(f"{key} {said}")}


def _hash(row: sql.Row, clear: dict[str, Any], body: dict[str, Any]) -> str:
    """What was told again by ourselves has a hash of its own, of no words."""
    if _of(row.name, clear) != row.content_hash.replace("-", ""):
        return str(row.content_hash)
    return _of(row.name, body)


def _of(name: str, body: dict[str, Any]) -> str:
    text = f'{{"body": {_json(body)}, "name": {_json(name)}}}'
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
