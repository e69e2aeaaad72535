"""Carry out an undoing. May be killed at any point and run again: what is done is not done again."""

from __future__ import annotations

from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import HuoshuiError, NotFound, RetryLater
from huoshui.core.facts import withdrawn
from huoshui.core.journal import api as journal
from huoshui.core.ledger.goods_types import GoodsLine
from huoshui.insight.api import tags
from huoshui.intake.imports.runner import Busy
from huoshui.intake.imports.tag_column import origin
from huoshui.intake.imports.undo import put
from huoshui.intake.river import undoing as river

Q = sql.load("huoshui.intake.imports")

LISTS = "恢复资料表"
_BECAUSE = "撤销导入"


def execute_undo(run_id: int, *, say: river.Tell | None = None) -> dict[str, int]:
    """Take all that a run told back. Returns what was done. Raises Busy while another process is at this run."""
    found = sql.fetch_one(Q.undo_of, run_id=run_id)
    if found is None or found.state == "asked":
        raise NotFound
    if not sql.fetch_one(Q.try_lock, run_id=run_id).taken:
        raise Busy
    try:
        if sql.fetch_one(Q.undo_of, run_id=run_id).state == "done":
            return _counts(run_id, 0)
        return _Undoing(run_id, say).run()
    except HuoshuiError as error:
        put(run_id, state="failed", message=str(error))
        if isinstance(error, RetryLater):
            raise
        return {}
    except Exception as error:
        put(run_id, state="failed", message=f"没有做完：{error}。再撤销一次会接着做。")
        raise
    finally:
        sql.fetch(Q.unlock, run_id=run_id)


class _Undoing:
    def __init__(self, run_id: int, say: river.Tell | None) -> None:
        self._run_id = run_id
        self._say = say

    def run(self) -> dict[str, int]:
        run_id = self._run_id
        put(run_id, state="running", phase=LISTS)
        self._tell(LISTS, 0)
        journal.put_back(run_id)
        put_documents_back(run_id)
        with transaction.atomic():
            tags.undo_import(origin(run_id))
        buried = river.undo_run(run_id, tell=self._tell)
        counts = _counts(run_id, buried)
        put(run_id, state="done", counts=counts)
        return counts

    def _tell(self, phase: str, done: int) -> None:
        sql.run(Q.say_undo, run_id=self._run_id, phase=f"{phase}（{done}）" if done else phase)
        if self._say:
            self._say(phase, done)


def _counts(run_id: int, buried: int) -> dict[str, int]:
    left = withdrawn.left_of(run_id)
    lists = journal.changes(run_id)
    debts = sql.fetch(Q.debts_left, run_id=run_id)
    return {
        "facts": left.gone,
        "retold": left.retold,
        "persons_gone": buried,
        "points_back": int(sql.fetch_one(Q.points_back, run_id=run_id).points),
        "points_owed": sum(d.points for d in debts),
        "people_owing": len(debts),
        "rows_back": sum(x.back for x in lists),
        "rows_kept": sum(x.kept for x in lists),
    }


def debts_of(run_id: int) -> list[tuple[int, int]]:
    """(person, points): who owes points by this undoing, most first."""
    return [(d.person_id, d.points) for d in sql.fetch(Q.debts_left, run_id=run_id)]


def put_documents_back(run_id: int) -> None:
    """What stock-takes of this run moved, in the other direction, but for what has been counted again since."""
    for document in sql.fetch(Q.documents_left, run_id=run_id):
        with transaction.atomic():
            lines = sql.fetch(Q.lines_to_undo, fact_id=document.fact_id)
            by_id = 0
            if lines:
                by_id = brand.adjust_stock(
                    key=f"{_BECAUSE} {document.fact_id}",
                    org_unit_id=lines[0].org_unit_id,
                    lines=[GoodsLine(x.sku_id, x.moved_milli) for x in lines],
                    reason=_BECAUSE,
                    actor=SYSTEM,
                )
            sql.run(Q.close_document, fact_id=document.fact_id, by_id=by_id)
