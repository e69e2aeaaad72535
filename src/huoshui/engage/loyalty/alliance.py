"""Points changed with partner brands, and what we and they owe each other for it.

A partner's account in our points is what we owe it: a customer who changes points into the partner's adds to it, one who
brings the partner's points takes from it. Its floor is how much they may bring beyond that; the ledger holds it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple
from uuid import uuid4

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts.derived import Noted, note, noted
from huoshui.core.facts.types import Note
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.types import ISSUER, POINTS, POOL, Movement, Party
from huoshui.core.unmet import sentence, sentences
from huoshui.engage.loyalty.rulebook import rulebook
from huoshui.engage.loyalty.spending import wallet_of
from huoshui.people import api as people

Q = sql.load("huoshui.engage.loyalty")

POINTS_EXCHANGED = "Points Exchanged"
PARTNER_POINTS_ISSUED = "Partner Points Issued"
PARTNER_SETTLED = "Partner Settled"

Way = Literal["out", "in"]


class Partner(NamedTuple):
    """`ours` of our points are `theirs` of the partner's. Direction 'out': ours become theirs."""

    id: int
    code: str
    name: str
    ours: int
    theirs: int
    direction: str
    monthly_cap: int
    prepaid_limit: int
    fen_per_100: int
    state: str = "live"

    @property
    def unit(self) -> str:
        return f"points@{self.code}"


sentences(
    {
        "exchange_closed": "这个合作伙伴现在不支持这样兑换积分。",
        "exchange_not_even": "兑换的积分要是 {step} 的整数倍。",
        "exchange_cap": "这个合作伙伴本月还可以兑换 {left} 积分。",
        "partner_exhausted": "合作伙伴预存的额度用完了，请等对方补足后再兑换。",
    }
)


class NotThisWay(Refused):
    """这个合作伙伴现在不支持这样兑换积分。"""

    code = "exchange_closed"


class NotEven(Refused):
    code = "exchange_not_even"

    def __init__(self, step: int) -> None:
        self.detail = {"step": step}
        super().__init__(sentence(self.code, self.detail))


class CapReached(Refused):
    code = "exchange_cap"

    def __init__(self, left: int) -> None:
        self.detail = {"left": f"{left:,}"}
        super().__init__(sentence(self.code, self.detail))


class KeyReused(Refused):
    """这个单号已经用于另一笔。"""

    code = "key_reused"


class Exhausted(Refused):
    """合作伙伴预存的额度用完了，请等对方补足后再兑换。"""

    code = "partner_exhausted"


class PointsShort(Refused):
    """积分不够，请先看一下可用积分。"""

    code = "points_short"


@dataclass(frozen=True)
class Exchanged:
    fact_id: int
    ours: int
    theirs: int
    is_repeat: bool = False


class Credited(NamedTuple):
    fact_id: int
    is_repeat: bool


@dataclass(frozen=True)
class Statement:
    """A month with a partner, in our points. What we owe: `opening + issued − redeemed − settled = closing`; below zero the
    partner owes us. `sent` and `received` are customers."""

    partner: Partner
    month: str
    opening: int
    issued: int  # our points that became the partner's
    redeemed: int  # the partner's that became ours
    settled: int  # paid to the partner in money; below zero: by it
    closing: int
    theirs_issued: int
    theirs_redeemed: int
    sent: int
    received: int
    exchanges_out: int
    exchanges_in: int
    theirs_credited: int  # which the partner said customers had, to change them or keep them
    credits: int

    @property
    def net_points(self) -> int:
        return self.issued - self.redeemed

    @property
    def net_money(self) -> int:
        """What the month comes to in minor units, towards zero; above zero we pay."""
        minor = abs(self.net_points) * self.partner.fen_per_100 // 100
        return minor if self.net_points >= 0 else -minor


def put_partner(partner: Partner, *, actor: Actor) -> int:
    """Add a partner, or change the one of this code. Returns its id."""
    if min(partner.ours, partner.theirs) < 1 or partner.direction not in {"in", "out", "both"}:
        raise Refused("兑换比例两边都要是大于 0 的整数，方向请选转出、转入或双向。")
    values = {k: v for k, v in partner._asdict().items() if k != "id"}
    partner_id = int(sql.fetch_one(Q.put_partner, **values, actor=str(actor)).id)
    sql.run(Q.put_clearing, partner_id=partner_id, prepaid_limit=partner.prepaid_limit)
    record(actor, "partner.put", "partner", partner_id, **values)
    return partner_id


def partners() -> list[Partner]:
    return sql.fetch_as(Partner, Q.partners)


def exchange(
    *, person_id: int, partner: str, points: int, way: Way, actor: Actor, key: str | None = None
) -> Exchanged:
    """Change a customer's points: `points` are ours for 'out', the partner's for 'in'. A `key` makes it once; the same
    again is answered alike.

    Raises NotFound, KeyReused, NotThisWay, NotEven, CapReached, Exhausted, PointsShort.
    """
    person_id = people.canonical_id(person_id)
    with_ = _locked(partner)
    noted_as = f"exchange:{key or uuid4()}"
    if key and (known := noted(noted_as)):
        return _exchanged_before(known, with_, person_id, points, way)
    ours, theirs = _converted(with_, points, way)
    _keep_to_cap(with_, ours)
    body = {"partner": with_.code, "way": way, "ours": ours, "theirs": theirs}
    made = note([Note(POINTS_EXCHANGED, noted_as, person_id, clock.now(), body)], actor=actor)
    if noted_as not in made:  # by another partner's a moment ago: this one's wait for one another
        raise KeyReused
    fact_id = made[noted_as]
    legs = (
        _out(with_, person_id, ours, theirs, fact_id)
        if way == "out"
        else _in(with_, person_id, ours, theirs, fact_id)
    )
    refused = ledger.post(list(legs)).refused
    if refused:
        raise _short(with_, ours, way)
    record(actor, "points.exchanged", "person", person_id, fact_id=fact_id, **body)
    return Exchanged(fact_id, ours, theirs)


def _exchanged_before(known: Noted, partner: Partner, person_id: int, points: int, way: Way) -> Exchanged:
    """What the key of an earlier exchange got then, whatever the partner's terms are now."""
    ours, theirs = int(known.body["ours"]), int(known.body["theirs"])
    told = known.body["partner"], known.body["way"], ours if way == "out" else theirs
    if told != (partner.code, way, points) or people.canonical_id(known.person_id or 0) != person_id:
        raise KeyReused
    return Exchanged(known.fact_id, ours, theirs, is_repeat=True)


def credit_partner_points(*, person_id: int, partner: str, points: int, actor: Actor, key: str) -> Credited:
    """The partner says that a customer has so many more of its points. The same key adds nothing; KeyReused for another."""
    if points <= 0:
        raise Refused("积分要大于 0。")
    person_id = people.canonical_id(person_id)
    with_ = _locked(partner)
    noted_as = f"partner:{key}"
    body = {"partner": with_.code, "points": points}
    made = note([Note(PARTNER_POINTS_ISSUED, noted_as, person_id, clock.now(), body)], actor=actor)
    if noted_as not in made:
        known = noted(noted_as)
        if known is None or known.body != body or people.canonical_id(known.person_id or 0) != person_id:
            raise KeyReused
        return Credited(known.fact_id, is_repeat=True)
    fact_id = made[noted_as]
    ledger.post([Movement(with_.unit, ISSUER, Party("person", person_id), points, fact_id, "partner_issue")])
    return Credited(fact_id, is_repeat=False)


def settle_partner(*, partner: str, points: int, reference: str, actor: Actor) -> int:
    """Note that so many points were paid for in money: above zero by us, below by the partner. Returns the fact."""
    if not points or not reference.strip():
        raise Refused("请填写结算的积分数和付款凭证号。")
    with_ = _locked(partner)
    noted = f"settled:{with_.code}:{reference.strip()}"
    body = {"partner": with_.code, "points": points, "reference": reference}
    made = note([Note(PARTNER_SETTLED, noted, None, clock.now(), body)], actor=actor)
    if noted not in made:
        raise Refused("这个付款凭证号已经登记过了。")
    account = Party("partner", with_.id)
    source, target = (account, ISSUER) if points > 0 else (ISSUER, account)
    if ledger.post([Movement(POINTS, source, target, abs(points), made[noted], "settled")]).refused:
        raise Refused("结算的积分超过了应付的数，请核对对账单。")
    record(actor, "partner.settled", "partner", with_.id, **body)
    return made[noted]


def statement(partner: str, month: date) -> Statement:
    """What was changed each way in the calendar month of a day, and where that leaves us. Raises NotFound."""
    with_ = next((p for p in partners() if p.code == partner), None)
    if with_ is None:
        raise NotFound
    first = month.replace(day=1)
    span = {
        "first": _begin(first),
        "after": _begin(date(first.year + first.month // 12, first.month % 12 + 1, 1)),
    }
    rows = sql.fetch(Q.statement_rows, partner_id=with_.id, unit=with_.unit, **span)
    credited = sql.fetch_one(Q.credited, unit=with_.unit, **span)
    opening = sum(r.points for r in rows if not r.is_of_month)
    of = {r.reason: r for r in rows if r.is_of_month}
    out, in_, settled = (of.get(reason) for reason in ("exchange_out", "exchange_in", "settled"))
    return Statement(
        partner=with_,
        month=f"{first:%Y-%m}",
        opening=opening,
        issued=out.points if out else 0,
        redeemed=-in_.points if in_ else 0,
        settled=-settled.points if settled else 0,
        closing=opening + sum(r.points for r in of.values()),
        theirs_issued=out.theirs if out else 0,
        theirs_redeemed=in_.theirs if in_ else 0,
        sent=out.persons if out else 0,
        received=in_.persons if in_ else 0,
        exchanges_out=out.exchanges if out else 0,
        exchanges_in=in_.exchanges if in_ else 0,
        theirs_credited=credited.points,
        credits=credited.credits,
    )


def _locked(code: str) -> Partner:
    row = sql.fetch_one(Q.lock_partner, code=code)
    if row is None:
        raise NotFound
    return Partner(*row)


def _converted(partner: Partner, points: int, way: Way) -> tuple[int, int]:
    """(ours, theirs): whole points only, so that neither side gains by rounding."""
    if partner.state != "live" or partner.direction not in {way, "both"}:
        raise NotThisWay
    step = partner.ours if way == "out" else partner.theirs
    if points <= 0 or points % step:
        raise NotEven(step)
    sets = points // step
    return sets * partner.ours, sets * partner.theirs


def _keep_to_cap(partner: Partner, ours: int) -> None:
    since = _begin(clock.today().replace(day=1))
    used = int(sql.fetch_one(Q.exchanged, partner_id=partner.id, since=since).points)
    if used + ours > partner.monthly_cap:
        raise CapReached(max(partner.monthly_cap - used, 0))


def _begin(day: date) -> datetime:
    return clock.from_local(datetime(day.year, day.month, day.day))  # noqa: DTZ001  (a wall-clock time of the brand)


def _out(partner: Partner, person_id: int, ours: int, theirs: int, fact_id: int) -> Iterator[Movement]:
    account = Party("partner", partner.id)
    for owner, points in wallet_of([person_id]).split(person_id, ours):
        yield Movement(POINTS, Party("person", owner, POOL), account, points, fact_id, "exchange_out")
    yield Movement(partner.unit, ISSUER, Party("person", person_id), theirs, fact_id, "partner_out")


def _in(partner: Partner, person_id: int, ours: int, theirs: int, fact_id: int) -> Iterator[Movement]:
    for owner, points in wallet_of([person_id], partner.unit).split(person_id, theirs):
        yield Movement(partner.unit, Party("person", owner, POOL), ISSUER, points, fact_id, "partner_in")
    day = clock.today()
    target = Party("person", person_id, rulebook().on(day).bucket(day))
    yield Movement(POINTS, Party("partner", partner.id), target, ours, fact_id, "exchange_in", repays=True)


def _short(partner: Partner, ours: int, way: Way) -> Refused:
    """Who had too little: the ledger only says that somebody had."""
    if way == "in":
        account = ledger.balances(unit=POINTS, owner_kind="partner", owner_ids=[partner.id])
        if account.get(partner.id, 0) + partner.prepaid_limit < ours:
            return Exhausted()
    return PointsShort()
