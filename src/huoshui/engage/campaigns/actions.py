"""Templates and what becomes of single coupons. All in the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa

from huoshui.core import audit, clock, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts import derived
from huoshui.core.facts.types import Note
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.types import BUDGET, ISSUER, Movement, Party
from huoshui.engage.campaigns import claiming, codes, reads
from huoshui.engage.campaigns.reading import read_rule
from huoshui.engage.campaigns.rules import lock_key
from huoshui.engage.campaigns.types import CouponRefused, LockFailure, Offer, Transferred, Validity
from huoshui.people import api as people

Q = sql.load("huoshui.engage.campaigns")

COUPON_TRANSFERRED = "Coupon Transferred"
BUDGET_FUNDED = "Budget Funded"
MAY_EDIT = frozenset({"boss", "operator"})
KIND = "coupon_template"


# ── templates ────────────────────────────────────────────────────────────────────────────────────────────────────


def create_template(*, title: str, rule: Mapping[str, Any], actor: Actor) -> int:
    """A draft. Raises BadRule with the place in the rule."""
    require_editor(actor)
    read_rule(rule)
    template_id = int(sql.fetch_one(Q.add_template, title=_title(title)).id)
    _add_rule(template_id, 1, rule, actor)
    audit.record(actor, "coupon_template.created", KIND, template_id, title=title)
    return template_id


def revise_template(*, template_id: int, title: str, rule: Mapping[str, Any], actor: Actor) -> int:
    """A new version, by which coupons are issued from now on; those issued keep what they promised. Returns it."""
    require_editor(actor)
    read_rule(rule)
    row = sql.fetch_one(Q.lock_template, template_id=template_id)
    if row is None:
        raise NotFound
    if row.state == "ended":
        raise Refused("活动已经结束，不能再改；请新建一个。")
    version = row.version + 1
    _add_rule(template_id, version, rule, actor)
    sql.run(Q.revise_template, template_id=template_id, title=_title(title), version=version)
    audit.record(actor, "coupon_template.revised", KIND, template_id, title=title, version=version)
    return int(version)


def publish_template(*, template_id: int, actor: Actor) -> None:
    """Of a draft or a paused one."""
    _move(template_id, "live", ("draft", "paused"), "published", actor)


def pause_template(*, template_id: int, actor: Actor) -> None:
    """Nothing is claimed for now. What customers hold stays good."""
    _move(template_id, "paused", ("live",), "paused", actor)


def end_template(*, template_id: int, actor: Actor) -> None:
    """Nothing is claimed any more, and codes of nobody are dead. What customers hold stays good until it expires."""
    _move(template_id, "ended", ("draft", "live", "paused"), "ended", actor)


def _move(template_id: int, state: str, from_states: Sequence[str], verb: str, actor: Actor) -> None:
    require_editor(actor)
    if not sql.run(Q.set_state, template_id=template_id, state=state, from_states=list(from_states)):
        if sql.fetch_one(Q.lock_template, template_id=template_id) is None:
            raise NotFound
        raise Refused("优惠券现在的状态不能这样操作，请刷新页面再看。")
    audit.record(actor, f"coupon_template.{verb}", KIND, template_id)


def _add_rule(template_id: int, version: int, rule: Mapping[str, Any], actor: Actor) -> None:
    text = json.dumps(rule, ensure_ascii=False)
    sql.run(Q.add_rule, template_id=template_id, version=version, rule=text, actor=str(actor))


def _title(title: str) -> str:
    if not title.strip():
        raise Refused("请给优惠券起一个名字。")
    return title.strip()


def require_editor(actor: Actor) -> None:
    if actor.kind != "system" and not actor.roles & MAY_EDIT:
        raise Refused("只有老板和运营可以管理优惠券。")


def fund(*, template_id: int, amount: int, key: str, actor: Actor) -> int:
    """Set money aside for a template, once for each `key`. Returns the fact's id, 0 when it was known."""
    require_editor(actor)
    if amount <= 0:
        raise Refused("追加的预算要大于 0。")
    if sql.fetch_one(Q.lock_template, template_id=template_id) is None:
        raise NotFound
    fact_id = note_one(
        BUDGET_FUNDED, f"budget:{template_id}:{key}", None, actor, template=template_id, amount=amount
    )
    if fact_id:
        into = Party("template", template_id)
        ledger.post([Movement(BUDGET, ISSUER, into, amount, fact_id, "fund", repays=True)])
        audit.record(actor, "coupon_template.funded", KIND, template_id, amount=amount)
    return fact_id


# ── codes of nobody ──────────────────────────────────────────────────────────────────────────────────────────────


def print_codes(*, template_id: int, count: int, actor: Actor) -> list[str]:
    """So many single codes for print; who brings one first owns it. All, or CouponRefused."""
    require_editor(actor)
    if count <= 0:
        raise Refused("要印的张数要大于 0。")
    offer = _offer_for(template_id, count)
    made = codes.new_codes(count)
    first, until = span(offer.rule.validity)
    columns = {
        "template_id": pa.repeat(pa.scalar(template_id, pa.int64()), count),
        "version": pa.repeat(pa.scalar(offer.version, pa.int32()), count),
        "code": pa.array(made),
        "key": pa.array(made),
        "valid_from": pa.repeat(pa.scalar(first, pa.timestamp("us", tz="UTC")), count),
        "valid_until": pa.repeat(pa.scalar(until, pa.timestamp("us", tz="UTC")), count),
    }
    sql.copy_in("coupon", pa.table(columns))
    sql.run(Q.count_issued, template_ids=[template_id], counts=[count])
    audit.record(actor, "coupon.printed", KIND, template_id, count=count)
    return made


def share_code(*, template_id: int, code: str, uses: int, actor: Actor) -> int:
    """One code for many, e.g. WELCOME. Its uses count against the template's total. Returns the coupon's id."""
    require_editor(actor)
    if uses <= 0 or not codes.key(code):
        raise Refused("请写券码，并写最多能用几次。")
    offer = _offer_for(template_id, uses)
    first, until = span(offer.rule.validity)
    row = sql.fetch_one(
        Q.add_shared,
        template_id=template_id,
        version=offer.version,
        code=code.strip().upper(),
        key=codes.key(code),
        uses=uses,
        valid_from=first,
        valid_until=until,
    )
    if row is None:
        raise Refused(f"券码 {code} 已经有了（字母 O 和 0、I 和 1 看作一样），请换一个。")
    sql.run(Q.count_issued, template_ids=[template_id], counts=[uses])
    audit.record(actor, "coupon.shared", KIND, template_id, code=code, uses=uses)
    return int(row.id)


def _offer_for(template_id: int, wanted: int) -> Offer:
    offer = offers_of([template_id]).get(template_id)
    if offer is None:
        raise NotFound
    if why := claiming.refusal(offer, 0, -1, today=clock.today(), wanted=wanted):
        raise CouponRefused(*why)
    return offer


def offers_of(template_ids: Sequence[int]) -> dict[int, Offer]:
    """Templates under lock: nobody else gives any of theirs out until the transaction ends."""
    rows = sql.fetch(Q.offered, template_ids=sorted(set(template_ids)))
    promised = reads.rules_at({(r.id, r.version) for r in rows})
    budgets = reads.budgets_of(sorted(r.id for r in rows if promised[r.id, r.version].has_budget))
    return {
        r.id: Offer(
            r.id, r.title, r.state, r.version, promised[r.id, r.version], r.issued_count, budgets.get(r.id)
        )
        for r in rows
    }


def span(validity: Validity) -> tuple[datetime, datetime]:
    """From when until when what is issued today holds."""
    days = claiming.days(validity, clock.today())
    assert days is not None, "who issues has looked whether any day is left"
    return _midnight(days[0]), _midnight(days[1] + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return clock.from_local(datetime.combine(day, time()))


# ── one coupon ───────────────────────────────────────────────────────────────────────────────────────────────────


def lock(told: Sequence[str], *, source_id: int, order_key: str, until: datetime) -> list[LockFailure]:
    """Keep these coupons for an order that is being paid: all of them, or none and those that could not be kept, with
    why. Shared codes are only looked at: there is one for everybody."""
    held = reads.find(told)
    rows = _under_lock([h.coupon_id for h in held if h.rule])
    mine = lock_key(source_id, order_key)
    failed = [LockFailure(h.code, h.problem) for h in held if h.rule is None]
    for row, now_held in rows:
        if now_held.problem:
            failed.append(LockFailure(row.code, now_held.problem))
        elif row.locked_for not in (None, mine):
            failed.append(LockFailure(row.code, "coupon_locked"))
        elif row.valid_until <= clock.now():
            failed.append(LockFailure(row.code, "coupon_expired"))
    single = [row.id for row, _ in rows if not row.is_shared]
    if not failed and single:
        sql.run(Q.set_locks, coupon_ids=single, locked_for=mine, until=until)
    return failed


def unlock(*, source_id: int, order_key: str) -> int:
    """Let go of what was kept for an order. Returns how many."""
    return sql.run(Q.unlock, locked_for=lock_key(source_id, order_key))


def transfer(*, code: str, from_person_id: int, to_person_id: int, key: str, actor: Actor) -> Transferred:
    """Give a coupon to a friend, once for each `key`. Raises CouponRefused, also where the key gave another one."""
    (found,) = reads.find([code])
    if found.rule is None:
        raise CouponRefused("coupon_unknown", {"code": code})
    ((row, held),) = _under_lock([found.coupon_id])
    own = people.canonical_ids([from_person_id, to_person_id])
    body = {"coupon": row.id, "template": row.template_id, "from": from_person_id, "to": to_person_id}
    noted = f"coupon given:{key}"
    fact_id = note_one(COUPON_TRANSFERRED, noted, to_person_id, actor, **body)
    if not fact_id:
        known = derived.noted(noted)
        if known is None or known.body != body:
            raise CouponRefused("coupon_key_reused")
        return Transferred(held.code, known.fact_id, is_repeat=True)
    if why := _not_to_give(row, held, own[from_person_id]):
        raise CouponRefused(why[0], {"code": held.code, "title": held.title} | why[1])
    sql.run(Q.give_to, coupon_id=row.id, person_id=to_person_id)
    return Transferred(held.code, fact_id)


def _not_to_give(row: sql.Row, held: Any, owner_id: int) -> tuple[str, dict[str, Any]] | None:
    """Why it may not go to somebody else now, and the figures of that."""
    if held.problem:
        return held.problem, dict(held.detail)
    if held.owner_id != owner_id:
        return "coupon_not_yours", {}
    if not held.rule.transferable:
        return "coupon_not_transferable", {}
    if held.locked_for is not None:
        return "coupon_locked", {}
    if row.valid_until <= clock.now():
        return "coupon_expired", {"until": f"{row.valid_until:%Y-%m-%d}"}
    return None


def void(*, told: Sequence[str], reason: str, actor: Actor) -> list[str]:
    """Take these codes out of use. Returns those it could be done for: not used up, not void before."""
    require_editor(actor)
    if not reason.strip():
        raise Refused("请写作废的原因，顾客会看到。")
    rows = sql.fetch(Q.void, keys=sorted({codes.key(code) for code in told}), reason=reason.strip())
    for template_id in sorted({r.template_id for r in rows}):
        gone = [r.code for r in rows if r.template_id == template_id]
        audit.record(actor, "coupon.voided", KIND, template_id, codes=gone, reason=reason)
    return [r.code for r in rows]


def _under_lock(coupon_ids: Sequence[int]) -> list[tuple[sql.Row, Any]]:
    rows = sql.fetch(Q.lock_coupons, coupon_ids=sorted(set(coupon_ids)), now=clock.now())
    return list(zip(rows, reads.as_held(rows), strict=True))


# ── facts of our own ─────────────────────────────────────────────────────────────────────────────────────────────


def note(rows: Sequence[Note], *, actor: Actor) -> dict[str, int]:
    return derived.note(rows, actor=actor)


def note_one(name: str, key: str, person_id: int | None, actor: Actor, **body: Any) -> int:
    """The id of the new fact, 0 when its key is known."""
    return note([Note(name, key, person_id, clock.now(), body)], actor=actor).get(key, 0)
