"""A sale stays when its buyer is erased: nobody's."""

from __future__ import annotations

from collections.abc import Mapping

from huoshui.core import sql
from huoshui.core.subscribers import Erased

Q = sql.load("huoshui.trade.sales")


def erase(whom: Erased) -> Mapping[str, int]:
    return {"去掉是谁买的": sql.run(Q.forget_buyer, person_ids=list(whom.person_ids))}
