"""Tags over HTTP: what they mean, who has them, and what is said of a customer, by whoever may say it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import transaction

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.insight.api import tags
from huoshui.people import api as persons
from huoshui.web.api import catalogue
from huoshui.web.api.tests.client import Caller
from huoshui.web.api.tests.conftest import Call

pytestmark = pytest.mark.django_db

AUDITED = sql.Statement(
    "audited", "select action, actor from audit_entry where action like 'tag.%%' order by id"
)
WORN = sql.Statement("worn", "select count(*) as n from tag_given where until is null")
STAGE = {"key": "stage", "name": "母婴阶段", "kind": "one", "means": {"values": ["备孕", "孕期", "新生儿"]}}


def define(who: Caller, sent: str = "d1", **changes: Any) -> int:
    answer = who.post("/tags", {**STAGE, **changes}, key=sent)
    assert answer.status == 201, answer.content
    return int(answer.json["tag"]["tag_id"])


def give(who: Caller, person: int, value: str, key: str, tag: str = "stage") -> Any:
    said = {"tag": tag, "value": value, "reason": "她自己说的"}
    return who.post(f"/customers/{person}/tags", said, key=key)


def count() -> int:
    return int(sql.fetch_one(WORN).n)


def test_defined_given_seen_and_taken_back(call: Call, people: dict[str, int]) -> None:
    who, person = call("tags", "tags_give", "tags_define"), people["S1"]
    tag_id = define(who)
    given = give(who, person, "孕期", "g1")
    assert (given.status, given.json["customer_id"]) == (201, person)
    [worn] = who.get(f"/customers/{person}/tags").json["tags"]
    told = {name: worn[name] for name in ("tag", "value", "source", "reason", "record_id", "until")}
    assert told == {
        "tag": "stage",
        "value": "孕期",
        "source": "hand",
        "reason": "她自己说的",
        "record_id": given.json["record_id"],
        "until": None,
    }
    give(who, person, "新生儿", "g2")
    [worn] = who.get(f"/customers/{person}/tags").json["tags"]
    assert worn["value"] == "新生儿" and count() == 1, "of one value the last word stands"
    ended = who.post(f"/customers/{person}/tags/{worn['record_id']}/end", {"reason": "说错了"}, key="e1")
    assert ended.status == 200 and who.get(f"/customers/{person}/tags").json["tags"] == []
    version = {"means": {"values": ["孕期"]}, "version": 1, "reason": "少一点"}
    assert who.post(f"/tags/{tag_id}/versions", version, key="v").json["tag"]["version"] == 2
    assert who.post(f"/tags/{tag_id}/versions", {**version, "means": {}}, key="w").code == "tag_version_old"
    [listed] = who.get("/tags").json["tags"]
    assert (listed["version"], listed["values"], listed["by"]) == (2, ["孕期"], "hand")
    actions = [row.action for row in sql.fetch(AUDITED)]
    assert actions == ["tag.defined", "tag.given", "tag.given", "tag.ended", "tag.revised"]
    assert {row.actor.partition(":")[0] for row in sql.fetch(AUDITED)} == {"source"}


def test_the_same_key_again_writes_nothing(call: Call, people: dict[str, int]) -> None:
    who, person = call("tags", "tags_give", "tags_define"), people["S1"]
    assert define(who) == define(who)
    first, again = give(who, person, "孕期", "g1"), give(who, person, "孕期", "g1")
    assert again.json == first.json and again.headers["Idempotent-Replayed"] == "true"
    other = give(who, person, "备孕", "g1")
    assert (other.status, other.code) == (409, "key_reused") and count() == 1
    refused = give(who, person, "上学", "g2")
    assert (refused.code, refused.json["data"]) == (
        "tag_value_unknown",
        {"value": "上学", "known": "备孕、孕期、新生儿"},
    )
    assert give(who, person, "备孕", "g2").status == 201, "what was refused has used up no key"


def test_members_page_by_page_each_human_once(call: Call, people: dict[str, int]) -> None:
    who = call("tags", "tags_give", "tags_define")
    tag_id = define(who, kind="several", means={})
    for number, person in enumerate(people.values()):
        for value in ("孕期", "备孕"):
            give(who, person, value, f"{value}{number}".encode().hex())
    first = who.get(f"/tags/{tag_id}/members?limit=1").json
    rest = who.get(f"/tags/{tag_id}/members?limit=1&after={first['next']}").json
    assert [m["customer_id"] for m in first["members"] + rest["members"]] == [
        people["S1"],
        people["S1"],
        people["S2"],
        people["S2"],
    ]
    assert rest["next"] is None
    with transaction.atomic():
        persons.merge(person_a=people["S1"], person_b=people["S2"], reason="同一位", actor=SYSTEM)
    found = who.get(f"/tags/{tag_id}/members").json["members"]
    assert sorted(m["value"] for m in found) == sorted(["备孕", "孕期"])
    only = who.get(f"/tags/{tag_id}/members?value=孕期").json["members"]
    assert [m["value"] for m in only] == ["孕期"]
    for asked in ("limit=0", "after=x", "page=2", "value=%00"):
        assert who.get(f"/tags/{tag_id}/members?{asked}").code == "parameter_wrong"


def test_health_takes_the_right_and_the_consent(call: Call, people: dict[str, int]) -> None:
    head = call("tags", "tags_give", "tags_define", "tags_sensitive", name="crm")
    plain, person = call("tags", "tags_give", "tags_define", name="pos"), people["S1"]
    refused = plain.post("/tags", {**STAGE, "sensitive": True})
    assert (refused.status, refused.json["data"]) == (403, {"scope": "tags_sensitive"})
    tag_id = define(head, sensitive=True)
    assert give(head, person, "孕期", "g0").code == "tag_off", "it is off until the owner switches it on"
    with transaction.atomic():
        tags.set_state(tag_id, "on", actor=SYSTEM)
    assert give(head, person, "孕期", "g1").code == "tag_needs_consent" and count() == 0
    consent(person, is_given=True)
    given = give(head, person, "孕期", "g2")
    assert given.status == 201
    assert len(head.get(f"/customers/{person}/tags").json["tags"]) == 1
    assert len(head.get(f"/tags/{tag_id}/members").json["members"]) == 1
    assert sql.fetch(AUDITED)[-1].action == "tag.members_read"
    # Who has no right to it learns nothing of it, at no address
    store = call("tags", "tags_give", "tags_sensitive", name="shop", stores=("S1",))
    for who in (plain, store):
        assert who.get(f"/customers/{person}/tags").json["tags"] == []
        assert who.get(f"/tags/{tag_id}").status == who.get(f"/tags/{tag_id}/members").status == 404
        assert give(who, person, "备孕", "g").code == "tag_unknown"
        end = f"/customers/{person}/tags/{given.json['record_id']}/end"
        assert who.post(end, {"reason": "拿掉"}, key="e").status == 404
    assert plain.get("/tags").json["tags"] == [] and count() == 1
    consent(person, is_given=False)
    assert head.get(f"/customers/{person}/tags").json["tags"] == []
    assert head.get(f"/tags/{tag_id}/members").json["members"] == []


def consent(person: int, *, is_given: bool) -> None:
    said = persons.Said("sensitive", "", is_given=is_given, notice_version="2026-1")
    with transaction.atomic():
        persons.say_consent(person, [said], actor=SYSTEM)


def test_a_bad_rule_is_told_with_its_place(call: Call, people: dict[str, int]) -> None:
    who = call("tags", "tags_define")
    rules = [{"value": "孕期", "rule": "count(buy) >= 2"}, {"value": "备孕", "rule": {"kind": "nothing"}}]
    refused = who.post("/tags", {**STAGE, "means": {"rules": rules}})
    assert refused.code == "bad_rule"
    assert refused.json["errors"][0]["pointer"].startswith("/means/rules/1/rule")
    signals = [{"weight": 3, "rule": "count(buy) >= 2"}]
    guess = {"value": "孕期", "enough": 4, "signals": signals}
    assert who.post("/tags", {**STAGE, "means": {"guesses": [guess]}}).code == "tag_enough_wrong"
    guess["enough"] = 3
    made = who.post("/tags", {**STAGE, "means": {"guesses": [guess]}})
    assert (made.status, made.json["tag"]["by"]) == (201, "inference")


def test_every_refusal_is_a_code_in_both_languages(call: Call, people: dict[str, int]) -> None:
    assert tags.SENTENCES.keys() <= set(catalogue.codes())
    who = call("tags", "tags_define")
    define(who)
    english = Caller(who.token, "en")
    told = [
        english.post("/tags", STAGE, key="x"),
        english.post("/tags", {**STAGE, "name": " "}, key="x"),
        english.post("/tags", {**STAGE, "means": {"values": ["a", "a"]}}, key="x"),
        english.post("/tags", {**STAGE, "category": "a/b/c/d/e"}, key="x"),
    ]
    assert [t.code for t in told] == ["tag_taken", "tag_text_wrong", "tag_value_twice", "tag_category_deep"]
    assert not any(re.search("[\u4e00-\u9fff]", t.json["detail"]) for t in told)


def test_the_list_costs_no_more_queries_for_more_tags(
    call: Call, people: dict[str, int], django_assert_max_num_queries: Any
) -> None:
    who = call("tags", "tags_define")
    rule = {"rules": [{"value": "是", "rule": "count(buy) >= 2"}]}
    for n in range(4):
        define(who, f"d{n}", key=f"k{n}", name=f"标签{n}", kind="flag", means=rule)
    who.get("/tags")
    with django_assert_max_num_queries(12):
        assert len(who.get("/tags").json["tags"]) == 4
