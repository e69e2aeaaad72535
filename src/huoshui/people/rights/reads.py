from __future__ import annotations

import base64
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.crypto import unseal
from huoshui.core.errors import NotFound
from huoshui.core.subscribers import registry
from huoshui.people.card.reads import card_for
from huoshui.people.consent import reads as consent
from huoshui.people.consent.rules import CHANNELS, PURPOSES
from huoshui.people.identity import erasing as identity_words
from huoshui.people.identity import holding
from huoshui.people.identity import reads as identity
from huoshui.people.identity.rules import KINDS as IDENTIFIER_KINDS
from huoshui.people.profiles import reads as profiles
from huoshui.people.rights import rules
from huoshui.people.rights.types import DOING, DONE, OPEN, REFUSED, Case, Copy, Event, MayNot
from huoshui.people.rights.types import KINDS as CASE_KINDS

Q = sql.load("huoshui.people.rights")

_UNITS = {"points": "积分"}
_FACTS = {
    "Identify": "登记资料",
    "Tier Reached": "会员等级变化",
    "Consent Given": "同意",
    "Consent Withdrawn": "撤回同意",
    "Person Corrected": "更正资料",
    "Points Adjusted": "积分调整",
}
_ACTS = {
    "contact.revealed": "看了完整号码",
    "contact.opened": "写明原因后看了完整号码",
    "contact.dialled": "打了电话，没有看号码",
    "contact.wecom": "出了一个请她加企业微信的码，没有看号码",
    "person.copied": "整理了这份资料",
    "person.taken_along": "经销商导出了您的资料和您留给它的联系方式",
    "person.merged": "合并账号",
    "person.unmerged": "撤销合并",
    "consent.given": "登记同意",
    "consent.withdrawn": "登记撤回",
    "identifier.shared": "说明这个号码多人共用",
    "identifier.own": "说明这个号码不再多人共用",
    "rights.link_made": "给出自助页面的链接",
    "rights.link_opened": "打开了自助页面",
    "rights.links_revoked": "作废自助页面的链接",
    "identifier.corrected": "按要求改了一个号码",
    "identifier.removed": "按要求去掉了一个号码",
    "identifier.retired": "说明这个号码从某天起换了人用",
    "identifier.not_retired": "说明这个号码没有换人",
}
_STATES = {OPEN: "还没有办", DOING: "正在办", DONE: "办好了", REFUSED: "没有办"}
_MAY = frozenset({"boss", "privacy_officer"})


def may_handle(actor: Actor) -> bool:
    """Who answers for people's data: the boss and the officer for it. Anybody at the head office may see the desk."""
    return actor.kind == "system" or bool(actor.roles & _MAY)


def require(actor: Actor) -> None:
    if not may_handle(actor):
        raise MayNot


def cases(actor: Actor, *, is_open: bool = True, limit: int = 200) -> list[Case]:
    """Open ones by the date they are due, or closed ones, the latest first. Raises NotFound for who may not see the desk."""
    if not actor.sees_whole_brand:
        raise NotFound
    return [_case(row) for row in sql.fetch(Q.cases, is_open=is_open, limit=limit)]


def cases_of(actor: Actor, person_id: int) -> list[Case]:
    person = card_for(actor, person_id).person_id
    return [_case(row) for row in sql.fetch(Q.cases_of, person_ids=identity.members(person))]


def case(actor: Actor, case_id: int) -> Case:
    row = sql.fetch_one(Q.case_by_id, case_id=case_id) if actor.sees_whole_brand else None
    if row is None:
        raise NotFound
    return _case(row)


def events(actor: Actor, case_id: int) -> list[Event]:
    case(actor, case_id)
    return sql.fetch_as(Event, Q.events_of, case_id=case_id)


def counts() -> tuple[int, int]:
    """(open, of which late)."""
    row = sql.fetch_one(Q.counts, today=clock.today())
    return int(row.open), int(row.late)


def asking(person_ids: Sequence[int]) -> set[int]:
    """Those of these (born ids) who wait for something."""
    return {r.person_id for r in sql.fetch(Q.asking, person_ids=list(person_ids))}


def _case(row: sql.Row) -> Case:
    outcome = json.loads(row.outcome) if isinstance(row.outcome, str) else row.outcome
    left = rules.days_left(row.due_on, clock.today(), free=settings.HUOSHUI_HOLIDAYS)
    return Case(**{**row._asdict(), "outcome": outcome, "days_left": left})


def copy_of(person_id: int) -> Copy:
    """Everything that is kept of a person (any id of the cluster), whole values and all: for that person's own eyes.

    Whoever asks for it leaves a trace (`actions.hand_over`); this reads only.
    """
    ids = identity.members(person_id)
    parts: dict[str, list[dict[str, Any]]] = {
        "账号与联系方式": _identifiers(ids),
        "用过的设备": _devices(person_id),
        "资料": _attributes(ids),
        "同意与撤回": _consents(ids),
        "发过的消息": _sent(ids),
        "个人信息请求": _cases(ids),
        "合并依据": _links(person_id),
        "订单": _orders(ids),
        "其他动态": _others(ids),
        "积分与余额": _balances(ids),
        **{title: read(ids) for title, read in registry.copies.items()},
        "谁查看过": _reads(ids),
    }
    return Copy(
        person_id=person_id,
        made_at=clock.now(),
        brand=settings.HUOSHUI_BRAND,
        parts={title: rows for title, rows in parts.items() if rows},
    )


def _identifiers(ids: Sequence[int]) -> list[dict[str, Any]]:
    return [
        {"种类": IDENTIFIER_KINDS[one.kind].label, "属于": one.scope, "内容": one.word or "（只存了指纹）"}
        for one in identity_words.known_by(ids)
    ] + [
        {
            "种类": IDENTIFIER_KINDS[one.kind].label,
            "属于": "和别人共用",
            "内容": one.word or "（只存了指纹）",
        }
        for one in identity_words.shared_by(ids)
    ]


def _devices(person_id: int) -> list[dict[str, Any]]:
    """Each time that a device was hers, also of one that was another's before; never whose it was otherwise."""
    return [
        {
            "种类": IDENTIFIER_KINDS[one.kind].label,
            "内容": one.key,
            "从": _at(one.since),
            "到": _at(one.until) if one.until else "",
        }
        for one in holding.devices(person_id)
    ]


def _attributes(ids: Sequence[int]) -> list[dict[str, Any]]:
    return [
        {
            "项目": a.label,
            "内容": a.value,
            "来源": a.source,
            "时间": _at(a.at),
            "其他来源说": "；".join(a.others),
        }
        for a in profiles.attributes(ids)
    ]


def _consents(ids: Sequence[int]) -> list[dict[str, Any]]:
    return [
        {
            "时间": _at(e.said_at) if e.is_dated else "不详",
            "用途": PURPOSES[e.purpose],
            "渠道": CHANNELS[e.channel],
            "同意": "同意" if e.is_given else "撤回",
            "告知书": e.notice_version,
            "凭证": e.proof,
            "地点": e.place,
            "来源": e.source,
        }
        for e in consent.entries(ids[0])
    ]


def _sent(ids: Sequence[int]) -> list[dict[str, Any]]:
    return [
        {"时间": _at(r.sent_at), "渠道": CHANNELS[r.channel], "用途": PURPOSES[r.purpose]}
        for r in consent.sent_to(ids)
    ]


def _cases(ids: Sequence[int]) -> list[dict[str, Any]]:
    return [
        {
            "时间": _at(r.asked_at),
            "请求": CASE_KINDS[r.kind],
            "说了什么": r.said,
            "结果": _STATES[r.state],
            "不办的理由": r.reason,
        }
        for r in sql.fetch(Q.cases_of, person_ids=list(ids))
    ]


def _links(person_id: int) -> list[dict[str, Any]]:
    return [
        {"为什么认为是同一个人": e.sentence, "时间": _at(e.linked_at)}
        for e in identity.links_within(person_id)
    ]


def _orders(ids: Sequence[int]) -> list[dict[str, Any]]:
    lines = defaultdict(list)
    bought = sql.fetch(Q.lines_of, person_ids=list(ids))
    names = brand.product_names(sorted({x.sku_id for x in bought}))
    for x in bought:
        code, name = names.get(x.sku_id, ("", ""))
        lines[x.fact_id].append(f"{name or code} × {x.quantity_milli / 1000:g}")
    heads = sql.fetch(Q.orders_of, person_ids=list(ids))
    stores = brand.unit_names(sorted({o.org_unit_id for o in heads if o.org_unit_id}))
    return [
        {
            "时间": _at(o.occurred_at),
            "单号": o.order_key,
            "门店": stores.get(o.org_unit_id, "") if o.org_unit_id else "",
            "渠道": o.channel,
            "金额": f"{(o.amount - o.refunded) / 100:.2f}",
            "商品": "；".join(lines[o.fact_id]),
            "来源": o.source,
        }
        for o in heads
    ]


def _others(ids: Sequence[int]) -> list[dict[str, Any]]:
    return [
        {
            "时间": _at(f.occurred_at),
            "事情": _FACTS.get(f.name, f.name),
            "来源": f.source,
            "内容": json.dumps(_opened(_json(f.body)), ensure_ascii=False) if f.body else "",
        }
        for f in sql.fetch(Q.others_of, person_ids=list(ids))
    ]


def _balances(ids: Sequence[int]) -> list[dict[str, Any]]:
    return [
        {"项目": _UNITS.get(r.unit, r.unit), "到期": r.bucket, "余额": r.balance}
        for r in sql.fetch(Q.balances_of, person_ids=list(ids))
    ]


def _reads(ids: Sequence[int]) -> list[dict[str, Any]]:
    return [
        {"时间": _at(r.at), "谁": r.actor, "做了什么": _act(r)}
        for r in sql.fetch(Q.reads_of, person_ids=list(ids))
    ]


def _act(row: sql.Row) -> str:
    said = _ACTS.get(row.action, row.action)
    return f"{said}：{_json(row.detail).get('reason', '')}" if row.action == "contact.opened" else said


def _json(body: Any) -> Any:
    return json.loads(body) if isinstance(body, str) else body


def _opened(value: Any) -> Any:
    """The same with sealed contacts open: it is hers."""
    if isinstance(value, dict):
        if set(value) == {"sealed", "tail4"}:
            return unseal(base64.b64decode(value["sealed"]))
        return {name: _opened(one) for name, one in value.items()}
    return [_opened(one) for one in value] if isinstance(value, list) else value


def _at(at: datetime) -> str:
    return at.astimezone(clock.brand_zone()).strftime("%Y-%m-%d %H:%M")
