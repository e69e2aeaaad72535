"""One dealer that works with codes, commission and leads from this month on, as it and head office would do it.

What people at desks decide goes through the rooms' doors, by the accounts that the demo signs in with; what customers do
(scan a guide's code, ask for advice) is told by a server's key. Nothing here is a truth, and no order is made by it.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core.actor import Actor
from huoshui.core.scope import scoped
from huoshui.project.sample.suyu import places as suyu_places
from huoshui.project.sample.suyu.places import Places
from huoshui.project.sample.suyu.plan import Plan
from huoshui.trade.codes import api as codes
from huoshui.trade.codes.types import SCANNED
from huoshui.trade.commission import api as commission
from huoshui.trade.leads import api as leads

SCANS: Final = 60
SCAN_DAYS: Final = 24
WANTS: Final = ("想做 28 天轻体营", "问孕期营养顾问", "公司年会礼盒", "给爸妈配滋补礼盒", "体测之后想聊聊")
LEADS, TAKEN = 24, 3
_LEADS: Final = {
    "accept_minutes": 4_320, "fee_permille": 20, "stages": ["联系上", "到店体测", "成交", "回访"], "won_stage": "成交",
}  # fmt: skip
_REASON: Final = "演示：从这个月起"


def shown_guides(of: Places) -> tuple[str, str]:
    """Staff numbers of the manager and of a guide of the store where the demo's logins are placed."""
    _, code = suyu_places.shown(of)
    here = [g for g in of.guides if of.stores[g.store].code == code]
    return here[0].number, here[-1].number


def accounts() -> tuple[Actor, Actor]:
    """The boss and the dealer whom the demo signs in."""
    staff = brand.find_staff(["boss", "dealer"])
    return brand.actor_of_staff(staff["boss"]), brand.actor_of_staff(staff["dealer"])


def open_trading(of: Plan) -> bool:
    """Rules of commission, fees and leads, and codes for the dealer's stores and guides. Whether they were new."""
    boss, dealer = accounts()
    (unit,) = dealer.org_unit_ids
    with scoped(dealer):
        if codes.codes(dealer, limit=1):
            return False
        commission.set_employer_rules(
            unit,
            {"rates": [{"permille": 40, "customer": "new"}, {"permille": 30}], "bringer_permille": 300, "return_days": 7},
            reason=_REASON,
            actor=dealer,
        )  # fmt: skip
        stores = _own_stores(unit)
        for store in stores:
            codes.make(codes.Draft("store", "收银台立牌", store), actor=dealer)
        for who in brand.staff_at(stores):
            draft = codes.Draft("guide", f"{who.name}的专属码", who.org_unit_id, who.staff_id)
            codes.make(draft, actor=dealer)
    with scoped(boss):
        commission.set_brand_rules(
            {"code_days": 90, "fee_permille": 30, "return_days": 7}, reason=_REASON, actor=boss
        )
        commission.set_employer_rules(
            commission.HEAD_OFFICE, {"rates": [{"permille": 25}], "return_days": 7}, reason=_REASON, actor=boss
        )  # fmt: skip
        leads.set_rules(_LEADS, reason=_REASON, actor=boss)
    return True


def _own_stores(dealer_id: int) -> list[int]:
    below = brand.units_below([dealer_id])
    return sorted(u for u, kind in brand.unit_kinds(sorted(below)).items() if kind == "store")


def told(of: Plan, members: Path) -> list[bytes]:
    """Track calls: customers of the dealer's who scanned their guide's code, and others who left word on the brand's site."""
    _, dealer = accounts()
    with scoped(dealer):
        made = [view.code for view in codes.codes(dealer, limit=500)]
    of_guides = [c for c in made if c.guide_id is not None]
    stores = {c: u for u, c in brand.unit_codes([c.store_id for c in made if c.store_id is not None]).items()}
    own, others = _cards(members, set(stores))
    calls = []
    for n, (card, store) in enumerate(own[-SCANS:]):
        mine = [c for c in of_guides if c.store_id == stores[store]]
        if mine:
            said = {"code": mine[n % len(mine)].handle, "visit": f"demo-{n}"}
            calls.append(_track(SCANNED, f"scan-{n}", card, _days_before(of, 1 + n % SCAN_DAYS, n), said))
    for n, (card, store) in enumerate([*own[: LEADS // 3], *others[-(LEADS - LEADS // 3) :]]):
        said = {"wants": WANTS[n % len(WANTS)], "store": store, "source": "form"}
        calls.append(_track(leads.SUBMITTED, f"lead-{n}", card, _days_before(of, n % 2, n), said))
    return calls


def _cards(members: Path, stores: set[str]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(card, store) of members of these stores, and of other stores, the oldest cards first."""
    own: list[tuple[str, str]] = []
    others: list[tuple[str, str]] = []
    with members.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            one = row["会员卡号"], row["开卡门店编码"]
            (own if one[1] in stores else others).append(one)
    return own, others


def _days_before(of: Plan, days: int, n: int) -> datetime:
    at = datetime.combine(of.last - timedelta(days), datetime.min.time(), UTC)
    return at + timedelta(hours=2 + n % 10, minutes=7 * n % 60)  # ten in the morning and later, in Beijing


def _track(name: str, key: str, card: str, at: datetime, properties: dict[str, Any]) -> bytes:
    call = {
        "type": "track", "event": name, "messageId": f"trading-{key}", "timestamp": at.isoformat(), "userId": card,
        "properties": properties,
    }  # fmt: skip
    return json.dumps(call, ensure_ascii=False).encode()


def take_leads() -> int:
    """What was asked is given out; the dealer takes its first ones, and has spoken with one. Returns how many there are."""
    boss, dealer = accounts()
    leads.follow()
    with transaction.atomic(), scoped(dealer):
        if not leads.leads(dealer, states=["held"], limit=1):
            _take(leads.leads(dealer, states=["offered"]), dealer)
    with transaction.atomic(), scoped(boss):
        return len(leads.leads(boss, limit=1_000))


def _take(offered: Sequence[leads.Lead], dealer: Actor) -> None:
    for place, lead in enumerate(sorted(offered, key=lambda one: one.id)[:TAKEN]):
        leads.accept(lead.id, actor=dealer)
        if place == 0:
            leads.move(lead.id, stage=leads.current_rules().stages[1], actor=dealer)
