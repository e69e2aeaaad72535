"""Coupons into people's hands: each once, never more than there are, whoever comes at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts import api as facts
from huoshui.core.tests.ground import Line, clean_tables, number, statements
from huoshui.core.unmet import sentence
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.campaigns import codes
from huoshui.engage.campaigns.jobs import expire_coupons
from huoshui.engage.campaigns.tests.shop import (
    RULE,
    claimed,
    coupon,
    person,
    persons,
    template,
    view,
)
from huoshui.engage.loyalty.tests.till import Till
from huoshui.people import api as people

__all__ = ["clean_tables"]

GUIDE = Actor("staff", 3, "小李", frozenset({"guide"}), frozenset({7}))
OPERATOR = Actor("staff", 2, "运营", frozenset({"operator"}))


def claim(*places: tuple[int, int], key: str = "") -> list[campaigns.ClaimVerdict]:
    asked = [campaigns.Claim(t, p, key or f"k{number()}") for t, p in places]
    return campaigns.claim(asked, actor=SYSTEM)


def refusals(verdicts: Sequence[campaigns.ClaimVerdict]) -> list[str]:
    return [v.refusal for v in verdicts]


# ── claims ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_a_claim_is_a_coupon_and_a_fact() -> None:
    offered, who = template(validity={"days": 3}), person()
    (got,) = claim((offered, who))
    row = coupon(got.code)
    assert (row.person_id, row.state, got.coupon_id) == (who, "issued", row.id)
    midnight = clock.from_local(
        clock.now()
        .astimezone(clock.brand_zone())
        .replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    )
    assert (row.valid_from, row.valid_until) == (midnight, midnight + timedelta(days=4))
    head = facts.head(got.fact_id)
    assert (head.name, head.person_id, head.state) == ("Coupon Claimed", who, "settled")
    assert view(offered).issued_count == 1
    (held,) = campaigns.held_by([who])
    assert (held.code, held.owner_id, held.problem) == (got.code, who, "")


@pytest.mark.django_db
def test_the_same_key_has_the_same_answer() -> None:
    offered, (one, two) = template(), persons(2)
    (first,) = claim((offered, one), key="k")
    (again,) = claim((offered, one), key="k")
    assert (again.code, again.fact_id, again.is_repeat) == (first.code, first.fact_id, True)
    assert refusals(claim((offered, two), key="k")) == ["coupon_key_reused"]
    assert refusals(claim((template(), one), key="k")) == ["coupon_key_reused"]
    assert [v.code for v in claim((offered, one), (offered, one), key="k")] == [first.code] * 2
    assert view(offered).issued_count == 1


@pytest.mark.django_db
def test_limits_hold_within_one_batch() -> None:
    offered, who = template(per_person=2, total_count=3), persons(3)
    verdicts = claim(*[(offered, who[0])] * 3, *[(offered, p) for p in who[1:]])
    assert refusals(verdicts) == ["", "", "coupon_per_person", "", "coupon_sold_out"]
    assert view(offered).issued_count == 3
    # A refusal leaves nothing behind: the same key may ask again
    campaigns.revise_template(
        template_id=offered, title="多一张", rule={**RULE, "total_count": 4}, actor=SYSTEM
    )
    assert refusals(claim((offered, who[2]), key=verdicts[4].client_key)) == [""]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rule", "act", "reason"),
    [
        ({}, campaigns.pause_template, "coupon_not_started"),
        ({}, campaigns.end_template, "coupon_ended"),
        ({"validity": {"last": "2020-01-01"}}, None, "coupon_ended"),
        ({"has_budget": True}, None, "coupon_budget_spent"),
    ],
)
def test_why_a_claim_is_refused(rule: dict[str, Any], act: Callable[..., None] | None, reason: str) -> None:
    offered, who = template(**rule), person()
    if act:
        act(template_id=offered, actor=SYSTEM)
    (no,) = claim((offered, who))
    assert (no.refusal, no.code) == (reason, "")
    assert "？" not in sentence(reason, no.detail)
    assert (view(offered).issued_count, campaigns.held_by([who])) == (0, [])
    assert refusals(claim((10**9, who))) == ["coupon_unknown"]


@pytest.mark.django_db
def test_a_cluster_is_one_person_to_a_cap() -> None:
    offered, (one, two) = template(per_person=1), persons(2)
    assert refusals(claim((offered, two))) == [""]
    people.merge(person_a=one, person_b=two, reason="同一个人", actor=SYSTEM)
    assert refusals(claim((offered, one), (offered, two))) == ["coupon_per_person"] * 2
    assert len(campaigns.held_by([one])) == 1


@pytest.mark.django_db
def test_issuing_to_many_is_once_for_each() -> None:
    offered, who = template(per_person=1), persons(3)
    first = campaigns.issue(template_id=offered, person_ids=who, key="spring", actor=OPERATOR)
    again = campaigns.issue(template_id=offered, person_ids=who, key="spring", actor=OPERATOR)
    assert [v.code for v in again] == [v.code for v in first]
    assert view(offered).issued_count == 3
    assert facts.head(first[0].fact_id).name == "Coupon Issued"


@pytest.mark.django_db
def test_2n_claims_take_no_more_queries_than_n() -> None:
    offered = template(per_person=1, total_count=100)
    counts = []
    for n in (5, 10):
        asked = [campaigns.Claim(offered, p, f"k{number()}") for p in persons(n)]
        counts.append(statements(lambda a=asked: campaigns.claim(a, actor=SYSTEM)))  # type: ignore[misc]
    assert counts[0] == counts[1] <= 16


# ── codes ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_a_hundred_thousand_codes_are_few_statements() -> None:
    offered = template(total_count=100_000)
    made: list[str] = []
    asked = statements(
        lambda: made.extend(campaigns.print_codes(template_id=offered, count=100_000, actor=SYSTEM))
    )
    assert asked < 100
    assert len(set(made)) == 100_000
    assert view(offered).issued_count == 100_000
    assert all(codes.is_well_formed(code) for code in made[:1000])
    with pytest.raises(campaigns.CouponRefused) as error:
        campaigns.print_codes(template_id=offered, count=1, actor=SYSTEM)
    assert error.value.code == "coupon_sold_out"


def test_a_slip_of_the_hand_is_found() -> None:
    (code,) = codes.new_codes(1)
    for place, sign in enumerate(code[:-1]):
        wrong = codes.ALPHABET[(codes.ALPHABET.index(sign) + 7) % 32]
        assert not codes.is_well_formed(code[:place] + wrong + code[place + 1 :])
        swapped = code[:place] + code[place + 1] + sign + code[place + 2 :]
        assert swapped == code or not codes.is_well_formed(swapped)
    assert codes.key("wel-come il") == "WE1C0ME11"


@pytest.mark.django_db
def test_a_shared_code_is_one_of_its_kind() -> None:
    offered = template(total_count=5)
    campaigns.share_code(template_id=offered, code="HELLO", uses=4, actor=SYSTEM)
    with pytest.raises(Refused, match="已经有了"):
        campaigns.share_code(template_id=offered, code="HE110", uses=1, actor=SYSTEM)
    with pytest.raises(campaigns.CouponRefused):
        campaigns.share_code(template_id=offered, code="MORE", uses=2, actor=SYSTEM)
    assert view(offered).issued_count == 4


# ── quoting ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_what_is_held_and_found_goes_straight_into_the_quote() -> None:
    who = person()
    code = claimed(template(threshold={"amount": 50_00}), who)
    basket = campaigns.Basket(
        (campaigns.BasketLine(1, 5, "p", 1000, 60_00),), clock.now(), person_id=who, source_id=1
    )
    found = campaigns.best(basket, [*campaigns.held_by([who]), *campaigns.find(["NOSUCH"])])
    assert [(a.held.code, a.amount) for a in found.applied] == [(code, 10_00)]
    assert [(n.held.code, n.reason) for n in found.not_usable] == [("NOSUCH", "coupon_unknown")]


@pytest.mark.django_db
def test_surroundings_are_told_by_the_other_rooms() -> None:
    from huoshui.brand import api as brand

    (sku,) = brand.find_or_add_skus({"P-face": "霜"}).values()
    who = person()
    assert campaigns.products_of([sku.id])[sku.id].code == "P-face"
    assert campaigns.places_of([10**6])[10**6].org_unit_ids == (10**6,)
    assert campaigns.tiers_of([who]) == {who: (0, "普通会员")}
    Till().sell("K1", who, Line(amount=9_000_00))
    assert campaigns.tiers_of([who]) == {who: (3, "钻石会员")}


# ── one coupon ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_a_coupon_goes_to_a_friend_if_it_may() -> None:
    one, two = persons(2)
    code = claimed(template(transferable=True), one)

    def give(of: str, from_id: int, to_id: int, key: str) -> None:
        with transaction.atomic():
            campaigns.transfer(code=of, from_person_id=from_id, to_person_id=to_id, key=key, actor=SYSTEM)

    give(code, one, two, "a")
    give(code, one, two, "a")  # told twice
    with pytest.raises(campaigns.CouponRefused, match="换一个"):
        give(claimed(template(transferable=True), one), one, two, "a")
    assert coupon(code).person_id == two
    for of, from_id, reason in [
        (code, one, "coupon_not_yours"),
        (claimed(template(), one), one, "coupon_not_transferable"),
        ("NOSUCH", one, "coupon_unknown"),
    ]:
        with pytest.raises(campaigns.CouponRefused) as error:
            give(of, from_id, two, "b")
        assert error.value.code == reason
    until = clock.now() + timedelta(minutes=5)
    campaigns.lock([code], source_id=1, order_key="O", until=until)
    with pytest.raises(campaigns.CouponRefused):
        give(code, two, one, "c")
    assert coupon(code).person_id == two


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clean_tables")
def test_what_is_over_is_marked() -> None:
    who = person()
    short, long = claimed(template(validity={"days": 1}), who), claimed(template(), who)
    with time_machine.travel(clock.now() + timedelta(days=2), tick=False):
        expire_coupons(timestamp=0)
        assert (coupon(short).state, coupon(long).state) == ("expired", "issued")
        assert [h.code for h in campaigns.held_by([who])] == [long]


# ── templates ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_who_may_do_what_with_templates() -> None:
    with pytest.raises(Refused):
        campaigns.create_template(title="券", rule=RULE, actor=GUIDE)
    draft = campaigns.create_template(title="券", rule=RULE, actor=OPERATOR)
    live = template()
    assert {t.id for t in campaigns.templates_for(GUIDE)} >= {live}
    assert draft not in {t.id for t in campaigns.templates_for(GUIDE)}
    assert draft in {t.id for t in campaigns.templates_for(OPERATOR)}
    with pytest.raises(NotFound):
        campaigns.template_for(GUIDE, draft)
    for act in (campaigns.publish_template, campaigns.pause_template, campaigns.end_template):
        with pytest.raises(Refused):
            act(template_id=live, actor=GUIDE)
    assert view(live).state == "live"


@pytest.mark.django_db
def test_a_template_lives_and_ends_and_leaves_a_trace() -> None:
    offered = campaigns.create_template(title="春季券", rule=RULE, actor=OPERATOR)
    with pytest.raises(Refused):
        campaigns.pause_template(template_id=offered, actor=OPERATOR)
    campaigns.publish_template(template_id=offered, actor=OPERATOR)
    campaigns.pause_template(template_id=offered, actor=OPERATOR)
    campaigns.publish_template(template_id=offered, actor=OPERATOR)
    code = claimed(offered, person())
    changed = {**RULE, "benefit": {"kind": "amount_off", "amount": 1}}
    assert campaigns.revise_template(template_id=offered, title="改", rule=changed, actor=OPERATOR) == 2
    assert view(offered).sentence.startswith("减 0.01 元")
    (held,) = campaigns.find([code])
    assert held.rule == campaigns.read_rule(RULE)  # what was promised holds
    campaigns.end_template(template_id=offered, actor=OPERATOR)
    with pytest.raises(Refused):
        campaigns.revise_template(template_id=offered, title="改", rule=RULE, actor=OPERATOR)
    with pytest.raises(campaigns.BadRule):
        campaigns.create_template(title="错", rule={"kind": "x"}, actor=OPERATOR)
    rows = sql.fetch(_AUDIT, id=offered)
    assert [r.action.split(".")[1] for r in rows] == [
        "created",
        "published",
        "paused",
        "published",
        "revised",
        "ended",
    ]


_AUDIT = sql.Statement(
    "audit",
    "select action from audit_entry where object_kind = 'coupon_template' and object_id = %(id)s order by id",
)
