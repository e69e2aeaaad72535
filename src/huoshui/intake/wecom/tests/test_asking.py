"""WeCom asked over real HTTP, of a simulator on the loopback: the token, its refusals and what they say, the picture."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.intake.wecom import actions, faults, house, tokens
from huoshui.intake.wecom.client import Client
from huoshui.intake.wecom.simulator import Simulator
from huoshui.intake.wecom.types import Access, Fault

pytestmark = pytest.mark.django_db

AES_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
SECRET = "a-secret-of-a-self-built-app"
ACCESS = Access("ww1f2e3d4c5b6a7988", SECRET)
STAFF = sql.Statement(
    "staff",
    "insert into staff (number, name, wecom_id) values (%(number)s, '周敏', %(wecom_id)s) returning id",
)
ADD = sql.Statement(
    "add",
    "insert into wecom_way (person_id, staff_id, state, made_at, until_at, config_id)"
    " values (1, %(staff_id)s, %(state)s, now(), %(until)s, %(config_id)s) returning id",
)
WAY = sql.Statement("way", "select status, fault, said, image, config_id from wecom_way where id = %(id)s")


@pytest.fixture
def wecom(settings: Any) -> Iterator[Simulator]:
    simulator = Simulator(users=frozenset({"zhoumin"}), secret=SECRET).start()
    settings.HUOSHUI_WECOM_API = simulator.url
    yield simulator
    simulator.stop()


def _names(wecom: Simulator) -> list[str]:
    return [name for name, _ in wecom.calls]


def _set() -> None:
    house.save(corp_id=ACCESS.corp_id, secret=SECRET, token="QDG6eK", aes_key=AES_KEY, actor=SYSTEM)


def _way(wecom_id: str = "zhoumin", *, hours: float = 1, config_id: str = "") -> int:
    staff = sql.fetch_one(STAFF, number=f"W{wecom_id}{hours}", wecom_id=wecom_id)
    until = clock.now() + timedelta(hours=hours)
    return int(sql.fetch_one(ADD, staff_id=staff.id, state="s1", until=until, config_id=config_id).id)


def test_the_code_is_one_staff_members_by_a_picture_without_a_nod(wecom: Simulator) -> None:
    _set()
    way_id = _way()
    actions.make_now(way_id)
    row = sql.fetch_one(WAY, id=way_id)
    assert row.status == "ready" and row.image.startswith("data:image/png;base64,iVBOR")
    asked = {"type": 1, "scene": 2, "user": ["zhoumin"], "state": "s1", "skip_verify": True}
    assert wecom.ways == {row.config_id: asked}
    actions.make_now(way_id)
    assert len(wecom.ways) == 1, "made once, however often a job runs"


def test_the_token_is_kept_and_fetched_once_more_where_it_ended(wecom: Simulator) -> None:
    client = Client(wecom.url)
    for _ in range(3):
        tokens.with_token(client, ACCESS, client.followers)
    assert _names(wecom).count("gettoken") == 1
    wecom.misbehave = [42001]
    assert tokens.with_token(client, ACCESS, client.followers) == 1
    assert _names(wecom).count("gettoken") == 2
    wecom.misbehave = [40001, 0, 40001]
    with pytest.raises(Fault, match="40001"):
        tokens.with_token(client, ACCESS, client.followers)
    assert _names(wecom).count("gettoken") == 3, "once, not for ever"
    other = Access(ACCESS.corp_id, "another-secret-is-wrong")
    with pytest.raises(Fault, match="40001"):
        tokens.with_token(client, other, client.followers)
    assert SECRET not in str(sql.fetch(sql.Statement("t", "select sealed::text as s, mark from wecom_token")))


@pytest.mark.parametrize(
    ("misbehave", "user", "code", "words"),
    [
        ([0, 45033], "zhoumin", "45033", "过几分钟"),
        ([0], "lisi", "60111", "核对"),
        ([0, 60020], "zhoumin", "60020", "203.0.113.7"),
        ([0, 49999], "zhoumin", "49999", "49999"),
        ([0], "", "no_user", "员工与岗位"),
    ],
)
def test_what_it_refuses_is_said_with_what_to_do(
    wecom: Simulator, misbehave: list[Any], user: str, code: str, words: str
) -> None:
    _set()
    way_id = _way(user)
    wecom.misbehave = misbehave
    actions.make_now(way_id)
    row = sql.fetch_one(WAY, id=way_id)
    assert (row.status, row.fault) == ("failed", code)
    assert words in faults.sentence(row.fault, row.said)


def test_who_does_not_answer_is_not_waited_for(wecom: Simulator, settings: Any) -> None:
    wecom.misbehave = [0.5]
    with pytest.raises(Fault, match="no_answer"):
        Client(wecom.url, seconds=0.1).fetch_token(ACCESS)
    _set()
    settings.HUOSHUI_WECOM_API = "http://127.0.0.1:9"
    house.ask_trial(actor=SYSTEM)
    actions.try_now()
    standing = house.standing(SYSTEM)
    assert (standing.trial, standing.trial_asked_at) == ("no_answer", None)


def test_the_picture_is_fetched_from_them_alone(wecom: Simulator) -> None:
    client = Client(wecom.url)
    for url in (
        "http://127.0.0.1:1/x",
        "https://evil.example/x",
        "http://a.qpic.cn/x",
        f"{wecom.url}/cgi-bin/x",
    ):
        with pytest.raises(Fault, match="no_image"):
            client.picture(url)


def test_the_trial_says_how_many_may_add(wecom: Simulator) -> None:
    _set()
    actions.try_now()
    assert (house.standing(SYSTEM).trial, house.standing(SYSTEM).said) == ("ok", "1")


def test_what_is_over_is_taken_down_there(wecom: Simulator) -> None:
    _set()
    client = Client(wecom.url)
    made = tokens.with_token(client, ACCESS, lambda token: client.add_way(token, user="zhoumin", state="s0"))
    way_id = _way(hours=-25, config_id=made.config_id)
    wecom.misbehave = [45033]
    assert actions.take_down() == 0 and wecom.ways, "another time"
    assert actions.take_down() == 1 and not wecom.ways
    assert sql.fetch_one(WAY, id=way_id).config_id == ""


def test_a_demo_asks_its_own_simulator_alone(settings: Any) -> None:
    settings.HUOSHUI_DEMO = True
    settings.HUOSHUI_WECOM_API = "http://127.0.0.1:9"
    actions.try_now()
    assert house.standing(SYSTEM).trial == "ok"
    way_id = _way("")
    actions.make_now(way_id)
    assert sql.fetch_one(WAY, id=way_id).status == "ready", "and it knows all of the staff"
