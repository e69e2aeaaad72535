"""An account that somebody showed to be hers by an act of her own: she scanned the code that was made for her alone.

It is one with her, by a link that is taken back like any (`joins`), where nobody knew it before and she has none of its kind.
An account that is somebody else's, a second one, a code that another used before her: a human is asked, under 疑似同一人.
"""

from __future__ import annotations

from typing import Literal

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.people.identity.actions import merge
from huoshui.people.identity.reads import Q, canonical_ids, having, members, presence
from huoshui.people.matching.actions import ask

Came = Literal["joined", "same", "asked", "gone"]


def attach(
    person_id: int, account_id: int, *, fact_id: int, kind: str, may_join: bool, reason: str, actor: Actor
) -> Came:
    """`account_id` is whose the fact is that carries the account and nothing else. In the caller's transaction.

    joined: they are one from now on. same: they were. asked: a human is. gone: one of them was erased, or is no more.
    """
    sql.fetch(Q.lock_clusters)
    there = presence([person_id, account_id])
    if there != {person_id: False, account_id: False}:
        return "gone"
    canonical = canonical_ids([person_id, account_id])
    if canonical[person_id] == canonical[account_id]:
        return "same"
    is_new = sql.fetch_one(Q.born_of, person_id=account_id).born_fact_id == fact_id
    if may_join and is_new and members(account_id) == [account_id] and not having(members(person_id), kind):
        merge(person_a=person_id, person_b=account_id, reason=reason, actor=actor)
        return "joined"
    ask(canonical[person_id], canonical[account_id], told="wecom")
    return "asked"
