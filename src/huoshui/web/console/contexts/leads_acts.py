"""What is done to leads on the desk and on the phone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import Refused
from huoshui.trade.leads.api import Lead
from huoshui.web.console.contexts import rooms, typed


def find(actor: Actor, lead_id: int) -> Lead:
    """Raises NotFound."""
    found: Lead = rooms.leads.find(actor, lead_id)
    return found


def act(actor: Actor, said: Mapping[str, str]) -> str:
    """Head office's. Raises NotFound, Refused."""
    match said.get("act"):
        case "rules":
            rooms.leads.set_rules(rules_of(said), reason=said.get("reason", ""), actor=actor)
            return _("新规则从现在起用。")
        case "batch":
            shares = [_share(line) for line in said.get("shares", "").splitlines() if line.strip()]
            rooms.leads.add_batch(
                said.get("title", ""), typed.cents(said.get("cost", "")), shares, actor=actor
            )
            return _("记下了这笔投放费用。")
        case "grant" | "refuse":
            back = rooms.leads.decide_claim(
                whole(said.get("claim", "")),
                granted=said["act"] == "grant",
                reason=said.get("reason", ""),
                actor=actor,
            )
            return _("裁决了，退回 {amount} 元。").format(amount=f"{back / 100:,.2f}")
        case "stands" | "waive":
            rooms.leads.decide_bill(
                whole(said.get("bill", "")),
                stands=said["act"] == "stands",
                reason=said.get("reason", ""),
                actor=actor,
            )
            return _("裁决了，经销商看得到理由。")
    raise Refused(_("没有这个操作。"))


def act_on_one(actor: Actor, lead_id: int, said: Mapping[str, str]) -> str:
    reason = said.get("reason", "")
    match said.get("act"):
        case "recall":
            if not rooms.leads.recall([lead_id], reason=reason, actor=actor):
                return _("这条线索现在不在谁手上，什么都没有变。")
            return _("收回了，一分钟内按规则重新派。")
        case "offer":
            rooms.leads.offer([lead_id], dealer_id=whole(said.get("dealer", "")), reason=reason, actor=actor)
            return _("派出去了，等这家接单。")
    raise Refused(_("没有这个操作。"))


def act_on_phone(actor: Actor, said: Mapping[str, str]) -> str:
    """A dealer's, a store's or a region's. Raises NotFound, Refused."""
    reason = said.get("reason", "")
    if said.get("act") == "object":
        rooms.leads.object_to(whole(said.get("bill", "")), said=reason, actor=actor)
        return _("异议记下了，裁决以前不记账。")
    lead_id = whole(said.get("lead", ""))
    match said.get("act"):
        case "accept":
            rooms.leads.accept(lead_id, actor=actor)
            return _("接单了，请尽快联系顾客。")
        case "bounce":
            rooms.leads.bounce(lead_id, reason=reason, actor=actor)
            return _("退回了，会派给下一家。")
        case "move":
            rooms.leads.move(lead_id, stage=said.get("stage", ""), actor=actor)
            return _("跟进到「{stage}」。").format(stage=said.get("stage", ""))
        case "lose":
            rooms.leads.lose(lead_id, reason=reason, actor=actor)
            return _("记下了，这条线索结束。")
        case "bad":
            rooms.leads.claim_bad(lead_id, kind=said.get("kind", ""), said=reason, actor=actor)
            return _("报给总部了，属实就退钱。")
        case "offer":
            rooms.leads.offer([lead_id], dealer_id=whole(said.get("dealer", "")), reason=reason, actor=actor)
            return _("派出去了，等这家接单。")
    raise Refused(_("没有这个操作。"))


def rules_of(said: Mapping[str, str]) -> dict[str, Any]:
    stages = [line.strip() for line in said.get("stages", "").splitlines() if line.strip()]
    return {
        "accept_minutes": whole(said.get("accept_minutes", "")),
        "most_tries": whole(said.get("most_tries", "")),
        "bond_wins": said.get("bond_wins") == "1",
        "capacity": whole(said.get("capacity", "")),
        "weight_fair": whole(said.get("weight_fair", "")),
        "weight_wins": whole(said.get("weight_wins", "")),
        "weight_room": whole(said.get("weight_room", "")),
        "window_days": whole(said.get("window_days", "")),
        "fee_permille": typed.permille(said.get("fee", "")),
        "fee_cap": typed.cents(said.get("fee_cap", "")),
        "lead_price": typed.cents(said.get("lead_price", "")),
        "free_leads": whole(said.get("free_leads", "")),
        "object_days": whole(said.get("object_days", "")),
        "bad_days": whole(said.get("bad_days", "")),
        "stages": stages,
        "won_stage": said.get("won_stage", "").strip(),
        "scan_kinds": [kind for kind in rooms.leads.SCAN_KINDS if said.get(f"scan_{kind}")],
        "areas": dict(_area(line) for line in said.get("areas", "").splitlines() if line.strip()),
    }


def _area(line: str) -> tuple[str, list[int]]:
    """杭州 东店行、西店行"""
    name, _space, dealers = line.strip().partition(" ")
    known = dealers_by_name()
    told = [one.strip() for one in dealers.replace("，", "、").replace(",", "、").split("、") if one.strip()]
    unknown = [one for one in told if one not in known]
    if unknown or not told:
        raise Refused(_("没有这家经销商：{names}").format(names="、".join(unknown) or line.strip()))
    return name, [known[one] for one in told]


def _share(line: str) -> tuple[int, int]:
    """总部 50"""
    name, _space, share = line.strip().rpartition(" ")
    known = {"总部": 0, _("总部"): 0, **dealers_by_name()}
    if name.strip() not in known:
        raise Refused(_("没有这家经销商：{names}").format(names=name.strip() or line.strip()))
    return known[name.strip()], typed.permille(share)


def dealers_by_name() -> dict[str, int]:
    rows = rooms.brand.org_units_table().select(["org_unit_id", "kind", "name"]).to_pylist()
    return {u["name"]: u["org_unit_id"] for u in rows if u["kind"] == "dealer"}


def whole(text: str) -> int:
    if not text.strip().isdecimal() or len(text) > 15:
        raise Refused(_("要填整数。"))
    return int(text)
