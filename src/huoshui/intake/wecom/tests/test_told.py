"""What comes of a scan: hers at once where nobody knew the account, and a human is asked wherever it might be another's."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.subscribers import Erased, registry
from huoshui.core.tests.ground import clean_tables, number
from huoshui.intake.river import api as river
from huoshui.intake.wecom import api as wecom
from huoshui.intake.wecom import envelope, erasing, house
from huoshui.intake.wecom.tests.test_asking import AES_KEY
from huoshui.intake.wecom.types import Tampered
from huoshui.people import api as people

__all__ = ["clean_tables"]

pytestmark = pytest.mark.django_db(transaction=True)

WAY = sql.Statement(
    "way",
    "insert into wecom_way (person_id, staff_id, state, status, made_at, until_at, image)"
    " values (%(person)s, 1, %(state)s, 'ready', now(), %(until)s, 'x')",
)
KEPT = sql.Statement(
    "kept",
    "select (select count(*) from link where unlinked_at is null) as links,"
    " (select count(*) from match_proposal where told = 'wecom') as asked,"
    " (select count(*) from fact where name = 'WeCom Contact Added') as facts,"
    " coalesce((select strangers from wecom_standing), 0) as strangers",
)
DUMP = sql.Statement(
    "dump",
    "select coalesce((select json_agg(w) from wecom_way w)::text, '') || coalesce((select json_agg(a) from audit_entry a)::text, '')"
    " || coalesce((select json_agg(l) from link l)::text, '') || coalesce((select json_agg(m) from match_proposal m)::text, '') as said",
)


@pytest.fixture(autouse=True)
def own(clean_tables: None) -> None:
    house.save(corp_id="ww1f2e3d4c5b6a7988", secret="s" * 32, token="QDG6eK", aes_key=AES_KEY, actor=SYSTEM)


def person(*identifiers: tuple[str, str]) -> int:
    """Somebody known, by a card and whatever else."""
    n = number()
    item = river.Item("Identify", f"i{n}", clock.now(), (("card_no", f"card-{n}"), *identifiers))
    source = facts.ensure_source(name="list", label="名单", mode="live")
    river.submit([item], source=source, actor=SYSTEM)
    found = people.find("card_no", f"card-{n}")
    assert found is not None
    return found


def shown(person_id: int, *, minutes: int = 30) -> str:
    state = f"{number():030x}"
    sql.run(WAY, person=person_id, state=state, until=clock.now() + timedelta(minutes=minutes))
    return state


def scan(state: str, external: str, *, at: int | None = None, **more: str) -> str:
    """As WeCom tells it."""
    told = {
        "ToUserName": "ww1f2e3d4c5b6a7988", "Event": "change_external_contact", "ChangeType": "add_external_contact",
        "UserID": "zhoumin", "ExternalUserID": external, "State": state,
        "CreateTime": str(at or int(clock.now().timestamp())), "WelcomeCode": "W",
    } | more  # fmt: skip
    message = "".join(["<xml>", *(f"<{k}><![CDATA[{v}]]></{k}>" for k, v in told.items()), "</xml>"])
    door = house.doors()[0]
    sealed = envelope.sealed(door, message.encode())
    body = f"<xml><ToUserName>x</ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()
    signed = envelope.signature(door.token, "1", "2", sealed)
    return wecom.hear(body, msg_signature=signed, timestamp="1", nonce="2")


def kept() -> dict[str, int]:
    return {name: int(value) for name, value in sql.fetch_one(KEPT)._asdict().items() if value}


def external() -> str:
    return f"wo{number():030x}"


def test_she_who_scans_is_hers_with_its_reason_and_can_be_taken_apart_again() -> None:
    her, account, at = person(), external(), int(clock.now().timestamp())
    state = shown(her)
    assert scan(state, account, at=at) == "linked"
    found = people.find("external_userid", account)
    assert found == her
    assert kept() == {"links": 1, "facts": 1}
    (born,) = [p for p in people.members(her) if p != her]
    (why,) = people.why(her, born)
    assert "扫了店员为她一个人生成的企业微信码" in why.sentence and account not in why.sentence
    before = kept()
    for _ in range(2):
        assert scan(state, account, at=at) == "linked"
    assert kept() == before, "told again it changes nothing"
    assert scan(state, account, at=at + 1) == "linked", "nor when she does it again"
    assert account not in sql.fetch_one(DUMP).said
    with transaction.atomic():
        people.unmerge(link_id=why.link_id, reason="弄错了", actor=SYSTEM)
    assert people.find("external_userid", account) == born
    assert scan(state, account, at=at) == "linked" and people.find("external_userid", account) == born, (
        "what somebody took back, no echo joins again"
    )


def test_somebody_elses_account_is_never_joined() -> None:
    account = external()
    other, her = person(("external_userid", account)), person()
    assert scan(shown(her), account) == "review"
    assert people.find("external_userid", account) == other != people.canonical_id(her)
    assert kept() == {"asked": 1, "facts": 1}
    (asked,) = people.matching_reads.queue(SYSTEM)
    assert {asked.person_a, asked.person_b} == {her, other} and asked.told == "wecom"


def test_a_code_that_another_used_before_her_joins_nobody_more() -> None:
    her, first, second = person(), external(), external()
    state = shown(her)
    assert [scan(state, first), scan(state, second), scan(state, second)] == ["linked", "review", "review"]
    assert people.find("external_userid", second) != her
    assert kept() == {"links": 1, "asked": 1, "facts": 2}
    # by a code of its own it is still a second account
    assert scan(shown(her), second, at=int(clock.now().timestamp()) + 1) == "review"
    assert kept()["links"] == 1


def test_what_comes_too_late_is_kept_and_what_is_by_no_code_of_ours_is_counted() -> None:
    her, account = person(), external()
    assert scan(shown(her, minutes=-1), account) == "late"
    assert people.find("external_userid", account) not in (None, her)
    assert [scan("unknown", external()), scan("", external())] == ["", ""]
    assert scan(shown(her), external(), Event="change_contact") == ""
    assert kept() == {"facts": 1, "strangers": 2}


def test_of_who_is_erased_nothing_is_left_and_nothing_comes() -> None:
    her, account = person(), external()
    state = shown(her)
    sql.run(sql.Statement("e", "insert into erased_person (person_id, case_id) values (%(p)s, 0)"), p=her)
    assert scan(state, account) == "nobody"
    assert kept() == {"facts": 1}
    assert erasing.told_of([her])
    assert registry.erasers["企业微信"][1](Erased((her,))) == {"企业微信码": 1}
    assert erasing.told_of([her]) == []
    assert json.dumps(her) not in str(sql.fetch(sql.Statement("w", "select person_id from wecom_way")))


def test_settings_of_before_still_read_what_was_on_its_way_and_no_others() -> None:
    first = house.doors()[0]
    sealed = envelope.sealed(first, b"echo")
    signed = envelope.signature(first.token, "1", "2", sealed)
    house.save(corp_id=first.corp_id, secret="t" * 32, token="other", aes_key=AES_KEY, actor=SYSTEM)
    assert wecom.verify(msg_signature=signed, timestamp="1", nonce="2", echo=sealed) == b"echo"
    house.save(corp_id=first.corp_id, secret="t" * 32, token="third", aes_key=AES_KEY, actor=SYSTEM)
    with pytest.raises(Tampered):
        wecom.verify(msg_signature=signed, timestamp="1", nonce="2", echo=sealed)
