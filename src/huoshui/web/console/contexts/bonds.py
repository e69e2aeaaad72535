"""顾客归属: whose customers there are, what is disputed, who hands over to whom, and the rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.trade.bonds.api import SIGNS, BadRules, Count, Dispute, Guide, RulesVersion, Terms
from huoshui.web.console.contexts import bond_words, cards, rooms
from huoshui.web.console.markup import bold

_SHOWN = 60
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class OwnerRow:
    name: str
    count: Count


@dataclass(frozen=True)
class DisputeRow:
    dispute: Dispute
    customer: str
    url: str
    against: str
    state: str
    facts: tuple[int, ...]
    can_decide: bool


@dataclass(frozen=True)
class GuideRow:
    guide: Guide
    name: str
    dealer: str
    others: tuple[tuple[str, str], ...]
    """(guide/store, words) of whom the customers may go to."""


@dataclass(frozen=True)
class RulesForm:
    terms: Terms
    makes: tuple[tuple[str, str, bool], ...]
    holidays: str


@dataclass(frozen=True)
class VersionRow:
    version: RulesVersion
    says: str


@dataclass(frozen=True)
class BondsPage:
    sentence: SafeString
    owners: list[OwnerRow]
    disputes: list[DisputeRow]
    guides: list[GuideRow]
    rules: RulesForm
    versions: list[VersionRow]
    can_set: bool
    error: str
    done: str


def may_see(actor: Actor) -> bool:
    return actor.sees_whole_brand or bool(actor.roles & rooms.bonds.DECIDERS)


def page(actor: Actor, *, error: str = "", done: str = "") -> BondsPage:
    """Raises NotFound."""
    if not may_see(actor):
        raise NotFound
    closed = rooms.protection.closed(actor, rooms.protection.COUNTS)
    counts = [c for c in rooms.bonds.counts(actor) if c.dealer_id not in closed]
    found = rooms.bonds.disputes(actor, limit=_SHOWN)
    return BondsPage(
        sentence=_sentence(counts, sum(d.state == "open" for d in found)),
        owners=[OwnerRow(c.name or _("总部"), c) for c in counts],
        disputes=_disputes(actor, found),
        guides=_guides(actor),
        rules=_form(rooms.bonds.current_rules()),
        versions=[VersionRow(v, _says(v.params)) for v in rooms.bonds.rules_versions()],
        can_set=rooms.bonds.decides(actor),
        error=error,
        done=done,
    )


def _sentence(counts: list[Count], open_disputes: int) -> SafeString:
    people = sum(c.people for c in counts)
    if not people:
        return format_html("{}", _("还没有顾客有归属：第一笔门店订单或扫码之后，这里会写明是谁的。"))
    said = format_html(
        _("{people} 位顾客有归属，{protected} 位在保护期里。"),
        people=bold(people),
        protected=bold(sum(c.protected for c in counts)),
    )
    return said + format_html(_("{n} 件申诉等总部裁决。"), n=bold(open_disputes)) if open_disputes else said


def _disputes(actor: Actor, found: list[Dispute]) -> list[DisputeRow]:
    canonical = rooms.people.canonical_ids([d.person_id for d in found]) if found else {}
    known = {c.person_id: c for c in rooms.people.cards_for(actor, sorted(set(canonical.values())))}
    rows = []
    for d in found:
        card = known.get(canonical[d.person_id])
        rows.append(
            DisputeRow(
                dispute=d,
                customer=cards.name_of(card) if card else _("一位顾客"),
                url=reverse("console:person", args=[card.person_id]) if card else "",
                against=d.against or (_("总部") if actor.sees_whole_brand else ""),
                state=bond_words.state(d.state),
                facts=d.evidence,
                can_decide=d.state == "open" and rooms.bonds.decides(actor),
            )
        )
    return rows


def _guides(actor: Actor) -> list[GuideRow]:
    closed = rooms.protection.closed(actor)
    found = [g for g in rooms.bonds.guides(actor) if g.dealer_id not in closed][:_SHOWN]
    if not found:
        return []
    units = rooms.brand.org_units_table().to_pylist()
    stores = [u["org_unit_id"] for u in units if u["kind"] == "store"]
    names = {u["org_unit_id"]: u["name"] or u["code"] for u in units}
    branches = rooms.brand.branches_of(stores)
    placed = rooms.brand.staff_at(stores)
    return [
        GuideRow(
            guide=g,
            name=g.name,
            dealer=names.get(g.dealer_id, "") if g.dealer_id is not None else _("总部"),
            others=tuple(
                (f"{p.staff_id}/{p.org_unit_id}", f"{p.name} · {names[p.org_unit_id]}")
                for p in placed
                if branches[p.org_unit_id].dealer_id == g.dealer_id and p.staff_id != g.guide_id
            ),
        )
        for g in found
    ]


def _form(terms: Terms) -> RulesForm:
    return RulesForm(
        terms=terms,
        makes=tuple((kind, str(bond_words.KINDS[kind]), kind in terms.makes) for kind in SIGNS),
        holidays="\n".join(f"{first} {last}" for first, last in terms.holidays),
    )


def _says(params: Mapping[str, Any]) -> str:
    """A version in one line."""
    makes = _("、").join(str(bond_words.KINDS[kind]) for kind in params["makes"])
    who = _("先到先得") if params["who"] == "first" else _("后到的接走")
    said = [makes, who, _("保护 {n} 天").format(n=params["protection_days"])]
    if params["release_days"]:
        said.append(_("{n} 天不来就释放").format(n=params["release_days"]))
    if params["holidays"]:
        said.append(_("{n} 段节假日").format(n=len(params["holidays"])))
    return " · ".join(said)


# ---- what is done here --------------------------------------------------------------------------------------


def act(actor: Actor, said: Mapping[str, Any], makes: Iterable[str]) -> str:
    """What was done, in words. Raises Refused, NotFound. In the caller's transaction."""
    reason = str(said.get("reason", ""))
    match said.get("act"):
        case "grant" | "refuse" as verdict:
            is_granted = verdict == "grant"
            rooms.bonds.decide_dispute(
                dispute_id=_number(said.get("id")), is_granted=is_granted, reason=reason, actor=actor
            )
            return (
                _("已裁决：申诉成立，顾客归申诉方。") if is_granted else _("已裁决：申诉不成立，归属不变。")
            )
        case "hand-over":
            counted = rooms.bonds.hand_over(
                guide_id=_number(said.get("id")),
                to=_receivers(said.get("to", ())),
                reason=reason,
                actor=actor,
            )
            return _("已交接 {n} 位顾客。").format(n=sum(counted.values()))
        case "rules":
            version = rooms.bonds.set_rules(params=_params(said, makes), reason=reason, actor=actor)
            return _("第 {n} 版规则从现在起生效，已有的归属照原来的约定。").format(n=version)
    raise Refused(_("没有这个操作。"))


def _receivers(chosen: Any) -> list[tuple[int, int]]:
    pairs = [str(one).partition("/") for one in chosen]
    if not pairs:
        raise Refused(_("请选交给谁。"))
    return [(_number(guide), _number(store)) for guide, _sep, store in pairs]


def _params(said: Mapping[str, Any], makes: Iterable[str]) -> dict[str, Any]:
    return {
        "makes": [kind for kind in SIGNS if kind in set(makes)],
        "who": said.get("who", ""),
        "guide": said.get("guide", ""),
        "head_office": said.get("head_office", ""),
        "protection_days": _days(said.get("protection_days")),
        "release_days": _days(said.get("release_days")),
        "renews": said.get("renews") == "1",
        "precedence": list(rooms.bonds.current_rules().precedence),
        "holidays": [_span(line) for line in str(said.get("holidays", "")).splitlines() if line.strip()],
    }


def _span(line: str) -> list[str]:
    days = _DAY.findall(line)
    if len(days) not in (1, 2):
        raise BadRules(_("节假日一行写一段，例如 2026-02-15 2026-02-23。"))
    return [days[0], days[-1]]


def _days(text: Any) -> int:
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) > 5:
        raise BadRules(_("天数要填整数。"))
    return int(text)


def _number(text: Any) -> int:
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Refused(_("这一条已经不在了，请刷新再看。"))
    return int(text)
