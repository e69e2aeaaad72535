"""A segment as a file: what a table program may open without doing what a customer's name tells it to."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.insight.segments import reads
from huoshui.insight.segments.actions import may_export, require
from huoshui.insight.segments.types import Segment
from huoshui.people import api as people

HEAD = (
    "顾客编号",
    "姓名",
    "会员卡号",
    "手机尾号",
    "会员等级",
    "门店",
    "最近一次购买",
    "订单数",
    "累计消费（元）",
    "进入人群",
)
_AT_ONCE = 1_000
_COMMANDS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def export(segment_id: int, *, actor: Actor) -> str:
    """CSV with a byte order mark, since Excel reads Chinese by it. In the caller's transaction, with a trace of who took
    how many. Contacts are no part of it beyond the tail that every list shows."""
    require(may_export(actor))
    segment = reads.find(actor, segment_id)
    return write(segment, actor).text


class Written(NamedTuple):
    text: str
    rows: int


def write(segment: Segment, actor: Actor) -> Written:
    """With its trace."""
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEAD)
    rows = 0
    for row in _rows(segment.id, actor):
        writer.writerow([safe(cell) for cell in row])
        rows += 1
    record(
        actor,
        "segment.exported",
        "segment",
        segment.id,
        rows=rows,
        version=segment.version_no,
        name=segment.name,
    )
    return Written(text.getvalue(), rows)


def safe(text: str) -> str:
    """A cell that begins like a formula is shown as the text it is (OWASP: CSV injection)."""
    return f"'{text}" if text.startswith(_COMMANDS) or text.lstrip().startswith(_COMMANDS) else text


def _rows(segment_id: int, actor: Actor) -> Iterator[Sequence[str]]:
    after, zone = 0, clock.brand_zone()
    while found := reads.members(actor, segment_id, after=after, limit=_AT_ONCE):
        after = found[-1].person_id
        since = {m.person_id: m.since for m in found}
        for card in people.cards_for(actor, list(since)):
            yield (
                str(card.person_id),
                card.display_name,
                card.card_no,
                card.phone_tail4,
                card.tier,
                card.home_store,
                card.last_sale_at.astimezone(zone).date().isoformat() if card.last_sale_at else "",
                str(card.orders),
                f"{Decimal(card.spend) / 100:.2f}",
                since[card.person_id].astimezone(zone).isoformat(sep=" ", timespec="minutes"),
            )
