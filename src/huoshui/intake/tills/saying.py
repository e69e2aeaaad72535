"""What is kept of a request beside its fact, and what only makes it known when it is told again."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import md5
from typing import Any

import msgspec

from huoshui.core import canonical, crypto
from huoshui.intake.tills.types import Exchange, Sale


def of_sale(sale: Sale) -> dict[str, Any]:
    """As it came; of one that came as no text, what tells it from another. Whose it is, is kept sealed elsewhere; here a digest
    tells one customer from another."""
    said = sale.body or {
        "sale": md5(_encode({**vars(sale), "identifiers": ()}), usedforsecurity=False).hexdigest()
    }
    return said | _whose(sale.key, sale.identifiers)


def of_refund(body: dict[str, Any], order_key: str) -> dict[str, Any]:
    """The order is said by the address and not by the request: the same words of another order are another refund."""
    return body | {"order_key": order_key}


def of_exchange(command: Exchange) -> dict[str, Any]:
    """Of both halves: neither is the same when the other differs."""
    said = command.sale.body or of_sale(command.sale)
    lines = [{name: v for name, v in vars(x).items() if v is not None and v != ""} for x in command.returned]
    of = {"order_key": command.order_key, "at": command.at.isoformat(), "returned": lines}
    return said | {"exchange": of}


def of_claim(
    body: dict[str, Any], key: str, *, order_key: str, bind_code: str, identifiers: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    """Neither the code, which whoever reads it could use, nor the customer in clear."""
    said = [bind_code, *sorted(map(list, identifiers))]
    return body | {"claims": order_key, "digest": digest(key, said)}


def digest(key: str, said: Any) -> str:
    """Of what is not to be read: equal for the same request only, and nobody without the key can try numbers."""
    return crypto.digest(f"{key} {canonical.text(said)}")


_encode = msgspec.json.Encoder().encode


def _whose(key: str, identifiers: Sequence[tuple[str, str]]) -> dict[str, str]:
    return {"customer_digest": digest(key, sorted(map(list, identifiers)))} if identifiers else {}
