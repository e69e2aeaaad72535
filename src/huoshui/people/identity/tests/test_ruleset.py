"""Rules as data: what is delivered says what the constants said, what is wrong is said with its place, and a mask blocks what it
shows."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.core.phone import NotAPhone
from huoshui.people.identity import rules, ruleset
from huoshui.people.identity.kinds import DELIVERED
from huoshui.people.identity.tests.test_rules import links, seen

# What the code said before rules were data
_PHONES = re.compile(r"^(\+86)?(13800138000|1(\d)\3{9}|12345678\d*|13[0-9]0{8}|1?3123456789)$")
DIGITS = st.sampled_from(
    ["13800138000", "12345678", "3123456789", "13700000000", "1", "+86", "0", "22222222222", "5"]
)


@given(st.lists(DIGITS, max_size=3).map("".join))
def test_delivered_phones_are_blocked_as_they_were(value: str) -> None:
    try:
        plain = rules.plain("phone", value)
    except NotAPhone:
        plain = value
    was = not value or bool(_PHONES.match(value) or _PHONES.match(plain))
    assert ruleset.delivered().is_blocked("phone", value) == was


NOTHING = (
    *(
        "0",
        "00",
        "000",
        "0000",
        "00000000",
        "null",
        "none",
        "无",
        "test",
        "散客",
        "无卡",
        "暂无",
        "非会员",
        "undefined",
        "nan",
    ),
    *(
        "N/A",
        "(null)",
        r"\N",
        "unknown",
        "-",
        "０００００",
        "ＮＵＬＬ",
        "99999",
        "1111111111",
        "ＵｎＤｅｆｉｎｅｄ",
        " 散客 ",
    ),
)


def test_what_says_nothing_is_blocked_of_every_kind_however_it_is_typed() -> None:
    by = ruleset.delivered()
    let_through = [(k, v) for k in DELIVERED if k != "phone" for v in NOTHING if not by.is_blocked(k, v)]
    assert let_through == []
    emails = ("noemail@example.com", "NoEmail@shop.cn", "none@none.com", "test@test.com", "ＮＵＬＬ@x.cn")
    assert [v for v in emails if not by.is_blocked("email", v)] == []
    some = ("VIP0000", "C10001", "1112", "12", "nana", "unknown1", "散客来", "0001", "oXyz-_1")
    assert [(k, v) for k in DELIVERED if k != "phone" for v in some if by.is_blocked(k, v)] == []
    assert not by.is_blocked("email", "anna@none.cn") and not by.is_blocked("email", "nonet@qq.com")


@pytest.mark.parametrize(
    ("mask", "number"),
    [
        ("138 1234 5678", "13812345678"),
        ("+86 139-1234-5678", "13912345678"),
        ("１３６１２３４５６７８", "13612345678"),
        ("0571-88888888", "057188888888"),
        ("0085291234567", "+852 9123 4567"),
        ("138 1234 ????", "13812340000"),
        ("+86 400*", "400-123-4567"),
    ],
)
def test_a_mask_blocks_the_number_it_means_however_either_is_typed(mask: str, number: str) -> None:
    body = changed()
    body["blocked"]["phone"] = [mask]
    by = ruleset.read(body, version=2)
    plain = rules.plain("phone", number)
    assert (
        by.is_blocked("phone", number)
        and by.is_blocked("phone", plain)
        and by.is_blocked("phone", f" {plain}")
    )
    assert ruleset.read(by.body(), version=2) == by, "kept as it is kept"
    assert not by.is_blocked("phone", "15912345678")


def test_masks_are_lists_of_numbers() -> None:
    body = changed()
    body["blocked"] = {"phone": "13800138000", "card_no": ["x", 7], "email": ["none@*"]}
    assert bad(body) == [
        ("identity_masks_no_list", "/blocked/phone"),
        ("identity_masks_no_list", "/blocked/card_no"),
    ]
    body["blocked"] = ["13800138000"]
    assert bad(body) == [("identity_masks_no_list", "/blocked")]
    body["blocked"] = {"phone": ["13800138000", "前台的号码"]}
    assert bad(body) == [("identity_mask_no_number", "/blocked/phone/1")]
    kept = ruleset.read(body, version=2, is_kept=True)
    assert kept.is_blocked("phone", "13800138000"), "what a house saved before goes on working"


def test_a_set_is_the_same_after_it_was_kept() -> None:
    first = ruleset.delivered()
    assert ruleset.read(first.body(), version=1) == first
    assert ruleset.changes(first, ruleset.read(first.body(), version=2)) == []


def changed(**of: Any) -> dict[str, Any]:
    """The delivered body, with rows of kinds changed: phone={'strength': 'weak'}."""
    body = ruleset.delivered().body()
    for row in body["kinds"]:
        row |= of.get(row["kind"], {})
    return body


def bad(body: Any) -> list[tuple[str, str]]:
    with pytest.raises(ruleset.BadRules) as caught:
        ruleset.read(body, version=2)
    assert all(f.sentence and "？" not in f.sentence for f in caught.value.faults)
    return [(f.code, f.place) for f in caught.value.faults]


def test_what_is_wrong_is_said_with_its_place() -> None:
    assert bad({}) == [("identity_rules_unreadable", "")]
    assert bad(changed(phone={"strength": "maybe"})) == [("identity_strength_unknown", "/kinds/1/strength")]
    assert bad(changed(phone={"most_people": 0})) == [("identity_people_limit", "/kinds/1/most_people")]
    assert bad(changed(phone={"most_of_person": "2"})) == [
        ("identity_values_limit", "/kinds/1/most_of_person")
    ]
    assert bad(changed(**{kind: {"strength": "weak"} for kind in DELIVERED})) == [
        ("identity_none_certain", "/kinds")
    ]
    body = changed()
    body["kinds"][1] = {"kind": "fax", "strength": "certain", "most_people": 1}
    assert bad(body) == [("identity_kind_unknown", "/kinds/1"), ("identity_kind_missing", "/kinds")]
    body = changed()
    body["blocked"]["phone"] = ["*", "=1", "13?*", "138****0000"]
    assert bad(body) == [
        ("identity_mask_wide", "/blocked/phone/0"),
        ("identity_mask_unreadable", "/blocked/phone/1"),
        ("identity_mask_wide", "/blocked/phone/2"),
    ]


@pytest.mark.parametrize(
    ("kind", "mask", "blocked", "free"),
    [
        ("phone", "400*", "4001234567", "13400123456"),
        ("phone", "1?1=======3", "13111111113", "13111111123"),
        ("card_no", "TEST-*", "test-7", "atest-7"),
        ("card_no", "VIP??", "VIP01", "VIP001"),
        ("card_no", "a.c", "a.c", "abc"),
    ],
)
def test_a_mask_blocks_what_it_shows(kind: str, mask: str, blocked: str, free: str) -> None:
    body = changed()
    body["blocked"][kind] = ["9999" if kind == "phone" else "x9x", mask]
    found = ruleset.read(body, version=2)
    assert found.is_blocked(kind, blocked) and not found.is_blocked(kind, free)
    (gone_or_new) = [c.after for c in ruleset.changes(ruleset.delivered(), found) if c.after == mask]
    assert gone_or_new == [mask]


class TestOtherRules:
    def test_what_is_weak_joins_nobody_and_still_finds(self) -> None:
        by = ruleset.read(changed(phone={"strength": "weak"}), version=2)
        rows = [seen(1, "phone", "p", 7), seen(1, "card_no", "c", 9), seen(2, "phone", "p", 7)]
        found = rules.assign(rows, {}, frozenset(), by)
        assert (links(found), found.person_of_fact) == ([], {1: 9, 2: 7})

    def test_a_hint_finds_nobody_and_is_kept_with_whoever_else_is_there(self) -> None:
        by = ruleset.read(changed(phone={"strength": "hint"}), version=2)
        found = rules.assign(
            [seen(1, "phone", "p"), seen(2, "phone", "p"), seen(2, "card_no", "c")], {}, frozenset(), by
        )
        assert found.person_of_fact == {2: -1}
        assert set(found.new_identifiers) == {("phone", "", "p"), ("card_no", "", "c")}

    def test_a_value_has_as_many_people_as_its_rule_says(self) -> None:
        by = ruleset.read(changed(phone={"most_people": 2}), version=2)
        rows = [row for n in range(4) for row in (seen(n, "phone", "p"), seen(n, "card_no", f"c{n}"))]
        found = rules.assign(rows, {}, frozenset(), by)
        assert links(found) == [(-2, -1, "p")]
        assert [name for name, _ in found.newly_guarded] == [("phone", "", "p")]

    def test_a_person_has_as_many_values_as_the_rule_says(self) -> None:
        by = ruleset.read(changed(card_no={"most_of_person": 2}), version=2)
        rows = [row for n in range(4) for row in (seen(n, "phone", "p"), seen(n, "card_no", f"c{n}"))]
        found = rules.assign(rows, {}, frozenset(), by)
        assert links(found) == [(-2, -1, "p")]
        assert [(c.kind, c.fact_id) for c in found.conflicts] == [("card_no", 2), ("card_no", 3)]
        assert len(set(found.person_of_fact.values())) == 4

    def test_known_clusters_count_with_what_they_have(self) -> None:
        by = ruleset.read(changed(unionid={"most_of_person": 1}), version=2)
        rows = [seen(1, "unionid", "u", 7), seen(1, "phone", "p", 9)]
        one = {("unionid", ""): 1}
        assert rules.assign(rows, {}, frozenset(), by, {7: one, 9: one}).links == []
        assert len(rules.assign(rows, {}, frozenset(), by, {7: one}).links) == 1

    def test_who_had_too_many_before_there_was_a_limit_is_still_joined_by_what_brings_no_more(self) -> None:
        rows = [seen(1, "member_no", "m", 7), seen(1, "phone", "p", 9)]
        assert len(rules.assign(rows, {}, counts={7: {("unionid", ""): 2}, 9: {}}).links) == 1

    def test_certain_only_where_it_is_said(self) -> None:
        by = ruleset.read(changed(account={"certain_in": ["tmall"]}), version=2)
        known = seen(1, "account", "a", 7), seen(1, "card_no", "c", 9)
        assert rules.assign(known, {}, frozenset(), by).links == []
        there = [known[0]._replace(scope="tmall"), known[1]]
        assert len(rules.assign(there, {}, frozenset(), by).links) == 1

    def test_the_first_in_the_order_of_trust_decides(self) -> None:
        body = changed()
        body["kinds"].sort(key=lambda row: row["kind"] != "card_no")
        by = ruleset.read(body, version=2)
        rows = [seen(1, "phone", "p", 7), seen(1, "card_no", "c", 9)]
        assert rules.assign(rows, {}).person_of_fact == {1: 7}
        assert rules.assign(rows, {}, frozenset(), by).person_of_fact == {1: 9}
