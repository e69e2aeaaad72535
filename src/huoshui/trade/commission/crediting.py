"""Who is credited for orders: looked at once, when the order is first known with its customer, and again only where somebody
decided otherwise. What is said is kept, so that a refund goes by the shares of its sale."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime, timedelta

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.people import api as people
from huoshui.trade.bonds import api as bonds
from huoshui.trade.codes import api as codes
from huoshui.trade.commission import parties, rules
from huoshui.trade.commission.terms import EmployerTerms
from huoshui.trade.commission.types import Bringer, Credit, Decision, Order, Party, Recommender
from huoshui.trade.commission.versions import Versions

Q = sql.load("huoshui.trade.commission")


def orders(order_ids: Sequence[int]) -> dict[int, Order]:
    """What bears on the credit of these, kept as it was at first; whose an order is may become known later."""
    known = {o.order_id: o for o in sql.fetch_as(Order, Q.orders_known, order_ids=list(order_ids))}
    heads = sql.fetch(Q.heads, order_ids=list(order_ids))
    fresh = [h for h in heads if h.order_id not in known or _is_claimed(known[h.order_id], h)]
    if fresh:
        made = _made(fresh, known)
        _keep(made)
        known.update({o.order_id: o for o in made})
    return known


def _is_claimed(known: Order, head: sql.Row) -> bool:
    """By her who bought, or by whoever served."""
    return (known.person_id is None and head.person_id is not None) or (
        known.guide_id is None and head.claim_fact_id is not None
    )


def _made(heads: Sequence[sql.Row], known: Mapping[int, Order]) -> list[Order]:
    branches = brand.branches_of(sorted({h.store_id for h in heads if h.store_id is not None}))
    kin = _kin(h.person_id for h in heads)
    asked = [
        (place, member, h.position)
        for place, h in enumerate(heads)
        if h.person_id is not None
        for member in kin[h.person_id]
    ]
    places, persons, positions = map(list, zip(*asked, strict=True)) if asked else ([], [], [])
    earlier = (
        {r.place for r in sql.fetch(Q.earlier, places=places, person_ids=persons, positions=positions)}
        if asked
        else set()
    )
    return [
        _claimed(known[h.order_id], h, is_new=place not in earlier)
        if h.order_id in known
        else Order(
            order_id=h.order_id,
            position=h.position,
            person_id=h.person_id,
            store_id=h.store_id,
            dealer_id=branches[h.store_id].dealer_id if h.store_id in branches else None,
            guide_id=h.guide_id,
            business_day=h.business_day,
            is_new=h.person_id is not None and place not in earlier,
            claim_fact_id=h.claim_fact_id,
        )
        for place, h in enumerate(heads)
    ]


def _claimed(known: Order, head: sql.Row, *, is_new: bool) -> Order:
    """What was known stays; only what nobody had said is added."""
    if known.person_id is None and head.person_id is not None:
        known = known._replace(person_id=head.person_id, is_new=is_new)
    if known.guide_id is None and head.claim_fact_id is not None:
        known = known._replace(guide_id=head.guide_id, claim_fact_id=head.claim_fact_id)
    return known


def _keep(made: Sequence[Order]) -> None:
    sql.run(
        Q.add_orders,
        order_ids=[o.order_id for o in made],
        positions=[o.position for o in made],
        persons=[o.person_id for o in made],
        stores=[o.store_id for o in made],
        dealers=[o.dealer_id for o in made],
        guides=[o.guide_id for o in made],
        days=[o.business_day for o in made],
        news=[o.is_new for o in made],
        claims=[o.claim_fact_id for o in made],
    )


def _kin(person_ids: Iterable[int | None]) -> dict[int, Sequence[int]]:
    wanted = sorted({p for p in person_ids if p is not None})
    return {p: sorted(ids) for p, ids in people.kin_of(wanted).items()} if wanted else {}


def credits(known: Mapping[int, Order], versions: Versions, *, anew: Set[int]) -> dict[int, list[Credit]]:
    """The credits that stand; of orders that have none, and of those to be looked at anew, worked out."""
    said: dict[int, list[tuple[int, Credit]]] = defaultdict(list)
    for r in sql.fetch(Q.credits, order_ids=list(known)):
        party = Party(r.payee_kind, r.payee_id, r.payer_id)
        credit = Credit(
            r.role,
            party,
            r.permille,
            r.rule_version,
            r.because_fact_id,
            r.because,
            r.buyer_id,
            r.recommender_id,
        )
        said[r.order_id].append((r.id, credit))
    wanted = [o for o in known.values() if o.order_id in anew or o.order_id not in said]
    stands = {order_id: [c for _, c in rows] for order_id, rows in said.items()}
    if not wanted:
        return stands
    told = attributed(wanted, versions)
    _say(told, said)
    return stands | told


def attributed(wanted: Sequence[Order], versions: Versions) -> dict[int, list[Credit]]:
    """As the facts and rules say now; nothing is written but who was first recommended by whom."""
    kin = _kin(o.person_id for o in wanted)
    times = {r.order_id: r.at for r in sql.fetch(Q.heads, order_ids=[o.order_id for o in wanted])}
    scans = _bringers(wanted, kin, times, versions)
    recommended = _recommenders(wanted, kin, times, versions)
    decided = _decisions([o.order_id for o in wanted])
    told = {}
    for order in wanted:

        def employers(payer: int, position: int = order.position) -> EmployerTerms:
            return versions.employer(payer, position)

        told[order.order_id] = rules.attribute(
            order,
            bringer=scans.get(order.order_id),
            recommender=recommended.get(order.order_id),
            decisions=decided.get(order.order_id, {}),
            brand=versions.brand(order.position),
            employers=employers,
        )
    return told


def _asked(
    wanted: Sequence[Order],
    kin: Mapping[int, Sequence[int]],
    times: Mapping[int, datetime],
    versions: Versions,
) -> list[codes.Asked]:
    return [
        codes.Asked(
            place,
            member,
            times[o.order_id] - timedelta(days=versions.brand(o.position).code_days),
            times[o.order_id],
        )
        for place, o in enumerate(wanted)
        if o.person_id is not None
        for member in kin[o.person_id]
    ]


def _bringers(
    wanted: Sequence[Order],
    kin: Mapping[int, Sequence[int]],
    times: Mapping[int, datetime],
    versions: Versions,
) -> dict[int, Bringer]:
    """The last code of a guide or store within the days; else who owned and served her when she bought."""
    last: dict[int, codes.LastScan] = {}
    for scan in codes.last_scans(_asked(wanted, kin, times, versions), kinds=_BRINGING):
        if scan.place not in last or last[scan.place].at < scan.at:
            last[scan.place] = scan
    found = {
        wanted[place].order_id: Bringer("code", s.guide_id, s.dealer_id, s.fact_id)
        for place, s in last.items()
    }
    rest = [
        (place, member, times[o.order_id])
        for place, o in enumerate(wanted)
        if o.order_id not in found and o.person_id is not None
        for member in kin[o.person_id]
    ]
    for bond in bonds.held_at(rest):
        order = wanted[bond.place]
        found.setdefault(order.order_id, Bringer("bond", bond.guide_id, bond.dealer_id, bond.made_by))
    return found


_BRINGING = ("guide", "store", "shelf", "campaign", "parcel", "partner")


def _recommenders(
    wanted: Sequence[Order],
    kin: Mapping[int, Sequence[int]],
    times: Mapping[int, datetime],
    versions: Versions,
) -> dict[int, Recommender]:
    """Of first orders. Nobody recommends herself, under whichever of her ids."""
    asked = [a for a in _asked(wanted, kin, times, versions) if wanted[a.place].is_new]
    first: dict[int, codes.LastScan] = {}
    for scan in codes.last_scans(asked, kinds=("recommender",)):
        buyer = wanted[scan.place].person_id
        if scan.person_id is None or buyer is None or scan.person_id in kin[buyer]:
            continue
        if scan.place not in first or scan.at < first[scan.place].at:
            first[scan.place] = scan
    if not first:
        return {}
    pairs = {wanted[place].person_id: s for place, s in first.items()}
    sql.run(
        Q.add_recommended,
        persons=list(pairs),
        bys=[s.person_id for s in pairs.values()],
        facts=[s.fact_id for s in pairs.values()],
    )
    rows = {r.person_id: Recommender(*r) for r in sql.fetch(Q.recommended, person_ids=list(pairs))}
    return {
        wanted[place].order_id: rows[buyer]
        for place in first
        if (buyer := wanted[place].person_id) is not None and buyer in rows
    }


def _decisions(order_ids: Sequence[int]) -> dict[int, dict[int, Decision]]:
    found: dict[int, dict[int, Decision]] = defaultdict(dict)
    for r in sql.fetch(Q.decisions, order_ids=list(order_ids)):
        shares = tuple((who, permille) for who, permille in json.loads(r.shares))
        found[r.order_id][r.employer_id] = Decision(r.employer_id, shares, r.fact_id)
    return found


def _say(told: Mapping[int, Sequence[Credit]], said: Mapping[int, Sequence[tuple[int, Credit]]]) -> None:
    stale, fresh = [], []
    for order_id, now in told.items():
        was = said.get(order_id, ())
        stale += [row_id for row_id, credit in was if credit not in now]
        kept = {credit for _, credit in was}
        fresh += [(order_id, c) for c in now if c not in kept]
    if stale:
        sql.run(Q.supersede, ids=stale)
    if not fresh:
        return
    ids = parties.ids_of({c.party for _, c in fresh})
    sql.run(
        Q.add_credits,
        order_ids=[order_id for order_id, _ in fresh],
        roles=[c.role for _, c in fresh],
        parties=[ids[c.party] for _, c in fresh],
        permilles=[c.permille for _, c in fresh],
        versions=[c.rule_version for _, c in fresh],
        because_facts=[c.because_fact_id for _, c in fresh],
        becauses=[c.because for _, c in fresh],
        buyers=[c.buyer_id for _, c in fresh],
        recommenders=[c.recommender_id for _, c in fresh],
    )
