"""Devices and what follows from their readings: the real rooms behind the pages."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.scope import scoped
from huoshui.intake.devices import api as devices
from huoshui.intake.river import api as river

PHONE = "13912345678"
RISING = (24, 24.5, 25, 27)
CARD = sql.Statement(
    "card",
    "insert into person_card (person_id, home_org_unit_id) values (%(person_id)s::bigint, %(unit)s::int)",
)


@dataclass
class World:
    boss: Client
    guide: Client
    stranger: Client
    anna: int


@pytest.fixture
def world(db: None, settings: Any) -> World:
    settings.WHITENOISE_USE_FINDERS = False
    devices.forget()
    brand.ensure_headquarters("总部")
    units = brand.unit_ids(["S1", "S2"])
    source = facts.ensure_source(name="test", label="test", mode="live")
    who = river.Item("Identify", "who", clock.now(), identifiers=(("phone", PHONE),))
    river.submit([who], source=source, actor=SYSTEM)
    anna = devices.find_person(PHONE)
    assert anna is not None
    sql.run(CARD, unit=units["S1"], person_id=anna)
    return World(
        signed_in("boss", ["boss"], None),
        signed_in("guide", ["guide"], "S1"),
        signed_in("other", ["guide"], "S2"),
        anna,
    )


def signed_in(name: str, roles: list[str], store: str | None) -> Client:
    brand.ensure_login(username=name, password="a-long-password", name=name, roles=roles, actor=SYSTEM)
    if store:
        move = "update placement p set org_unit_id = (select id from org_unit where code = %(store)s)"
        sql.run(
            sql.Statement("move", f"{move} from staff s where s.id = p.staff_id and s.name = %(name)s"),
            store=store,
            name=name,
        )
    client = Client()
    user = User.objects.get(username=name)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(client: Client, path: str, status: int = 200, **how: Any) -> str:
    response = client.get(path, **how)
    assert response.status_code == status
    return html.unescape(response.content.decode())


def seen_after(client: Client, path: str, form: dict[str, Any]) -> str:
    """What a form led to, at the address to which it sent."""
    sent = client.post(path, form)
    assert sent.status_code == 303
    return page(client, sent["Location"])


def plain_words(told: str) -> str:
    """What stands in a page's main part, without the days."""
    main = told[told.index("<main") : told.index("</main>")]
    return re.sub(r"20\d\d-\d\d-\d\d", "", re.sub(r"<[^>]+>", "", main))


def registered(client: Client, kind: str = "scale", store: str = "") -> tuple[devices.Known, str]:
    """A device and its key, made through the page."""
    made = client.post("/devices/", {"kind": kind, "name": "秤<b>", "store_code": store}).content.decode()
    token = re.search(r'id="token">(hsd_[a-z]+-[0-9a-f]{8}_\w{24})<', made)
    assert token and "秤&lt;b&gt;" in made
    device = devices.holder_of(token[1])
    assert device is not None
    return device, token[1]


def tell(device: devices.Known, *readings: Any) -> None:
    devices.take([devices.Post(device, tuple(json.dumps(r).encode() for r in readings), clock.now())])


def weighed(days: float, fat: float = 24) -> dict[str, Any]:
    at = clock.now() - timedelta(days=days)
    return {"type": "body", "at": at.isoformat(), "metrics": {"weight_kg": 60, "body_fat_percent": fat}}


def waiting() -> list[devices.Notice]:
    """In the test's one transaction the scope is still that of whoever asked last."""
    with scoped(SYSTEM):
        return devices.notices(SYSTEM)


def bound(world: World) -> devices.Known:
    device, _ = registered(world.boss)
    devices.give(
        device.id,
        person_id=world.anna,
        notice_version="v1",
        since=clock.now() - timedelta(days=90),
        actor=SYSTEM,
    )
    return device


def test_a_key_is_shown_once_and_changed(world: World) -> None:
    device, token = registered(world.boss, "counter", "S1")
    own = f"/devices/{device.id}/"
    assert token not in page(world.boss, own) and "还没有消息" in page(world.boss, "/devices/")
    assert "hsd_" in world.boss.post(own, {"act": "rotate"}).content.decode()
    devices.forget()
    assert devices.holder_of(token) is None
    wrong = world.boss.post("/devices/", {"kind": "counter", "name": "x", "store_code": "NOWHERE"})
    assert wrong.status_code == 422 and "没有编码是" in wrong.content.decode()


def test_a_scale_is_given_with_consent_only(world: World) -> None:
    device, _ = registered(world.boss)
    own = f"/devices/{device.id}/"
    given = {"act": "give", "who": PHONE, "member": "1", "notice": "v2", "agreed": "1"}
    for lacking in ({"agreed": ""}, {"notice": ""}, {"who": "13900000000"}):
        assert world.boss.post(own, given | lacking).status_code == 422
    assert devices.bindings(device.id) == []
    assert world.boss.post(own, given).status_code == 200
    (binding,) = devices.bindings(device.id)
    assert binding.person_id == world.anna
    assert "刚拿到" in page(world.boss, "/devices/scales/")
    tell(
        devices.known([device.code])[device.code],
        {"type": "body", "member": "1", "metrics": {"weight_kg": 61.5}},
    )
    timeline = page(world.boss, f"/people/{world.anna}/")
    assert "体重 61.5 公斤" in timeline and "拿到一台秤" in timeline
    world.boss.post(own, {"act": "take_back", "binding": str(binding.id)})
    assert devices.bindings(device.id) == []


def test_a_scale_is_handed_on_and_its_terms_mended_on_pages(world: World) -> None:
    bert = known_by("13912345679")
    device, _ = registered(world.boss)
    own, start = f"/devices/{device.id}/", clock.now() - timedelta(days=20)
    given = {
        "act": "give",
        "who": PHONE,
        "notice": "v2",
        "agreed": "1",
        "since": f"{start:%Y-%m-%dT%H:%M:%S}+00:00",
    }
    assert world.boss.post(own, given).status_code == 200
    tell(devices.known([device.code])[device.code], weighed(15), weighed(2))
    (binding,) = devices.bindings(device.id)
    term = f"{own}terms/{binding.id}/"
    assert term in page(world.boss, own) and "有 2 次读数" in page(world.boss, term)
    at = f"{clock.now() - timedelta(days=9):%Y-%m-%dT%H:%M:%S}+00:00"
    hand = {
        "act": "hand_over",
        "who": "13912345679",
        "notice": "v2",
        "agreed": "1",
        "at": at,
        "reason": "送给弟弟",
    }
    for lacking in (
        {"reason": " "},
        {"agreed": ""},
        {"who": "13900000000"},
        {"at": "昨天"},
        {"at": "2999-01-01T00:00"},
    ):
        assert world.boss.post(term, hand | lacking).status_code == 422
    assert devices.terms_of_device(device.id)[0].person_id == world.anna
    done = seen_after(world.boss, term, hand)
    assert "转好了" in done and "以前谁在用" in done and "送给弟弟" in done
    # Each has it on their own page, with what was told in their time
    for who, state in ((world.anna, "1 次"), (bert, "还在用")):
        mine = page(world.boss, f"/people/{who}/devices/")
        assert own in mine and state in mine
    guides = page(world.guide, f"/people/{world.anna}/devices/")
    assert "秤<b>" in guides and own not in guides and "送给弟弟" not in guides
    page(world.stranger, f"/people/{world.anna}/devices/", 404)
    for client in (world.guide, world.stranger):
        assert client.get(term).status_code == client.post(term, hand).status_code == 404
    # What the page shows, sent back as it is, changes nothing
    shown = page(world.boss, term)
    same = {
        name: re.search(rf'id="{name}" name="{name}" value="([^"]*)"', shown) for name in ("since", "until")
    }
    sent = {name: found[1] for name, found in same.items() if found}
    assert "重新记了 0 次" in seen_after(world.boss, term, {"act": "correct", "reason": "看看", **sent})
    assert "重新记了 1 次" in seen_after(world.boss, term, {"act": "never_had", "reason": "绑错了人"})
    assert page(world.boss, f"/people/{world.anna}/devices/").strip() == ""
    assert world.boss.get(term).status_code == 404


def test_the_file_of_a_scales_app_is_taken_in_on_its_page(world: World) -> None:
    device = bound(world)
    own = f"/devices/{device.id}/"
    lines = [
        "测量时间,体重,身高",
        *(f"{clock.now() - timedelta(days=d):%Y-%m-%d %H:%M},{w},165" for d, w in ((3, 61.5), (2, 6150))),
    ]

    def sent(client: Client, **more: str) -> Any:
        upload = SimpleUploadedFile("body.csv", "\n".join(lines).encode())
        return client.post(f"{own}file/", {"file": upload, **more})

    assert 'id="scale-file"' in page(world.boss, own)
    answer = sent(world.boss)
    assert answer.status_code == 303 and answer["Location"] == f"{own}?done=file"
    told = page(world.boss, f"{own}?done=file")
    assert "收下 1 次读数，1 次没有收下" in told and "第 3 行：体重 6150" in told
    assert (
        page(world.boss, f"{own}?done=file").count("收下 1 次读数") == 1
    )  # asked for again, it still says so
    assert "收下 1 次读数" not in page(world.boss, own)
    sent(world.boss)
    assert "早就有了" in page(world.boss, f"{own}?done=file")
    assert "体重 61.5 公斤" in page(world.boss, f"/people/{world.anna}/")
    other = sent(world.boss, height="150")
    assert other.status_code == 422 and "没有身高 150" in html.unescape(other.content.decode())
    assert world.boss.post(f"{own}file/").status_code == 422
    world.boss.cookies["django_language"] = "en"
    assert "already" in page(world.boss, f"{own}?done=file")
    assert "Nobody in the file is 150 cm tall" in sent(world.boss, height="150").content.decode()
    assert sent(world.guide).status_code == 404 and world.boss.get(f"{own}file/").status_code == 405


def known_by(phone: str) -> int:
    source = facts.ensure_source(name="test", label="test", mode="live")
    item = river.Item("Identify", f"who {phone}", clock.now(), identifiers=(("phone", phone),))
    river.submit([item], source=source, actor=SYSTEM)
    found = devices.find_person(phone)
    assert found is not None
    return found


def test_what_was_not_taken_is_told_with_its_reason(world: World) -> None:
    device = bound(world)
    tell(device, {"type": "body", "metrics": {"weight_kg": 6000}})
    assert "体重 6000 不在 2 到 300 公斤之间" in page(world.boss, f"/devices/{device.id}/")
    world.boss.cookies["django_language"] = "en"
    english = page(world.boss, f"/devices/{device.id}/")
    assert "Weight 6000 is not between 2 and 300 kg; check the unit." in english


def test_a_guide_sees_whom_to_call_and_no_figures(world: World) -> None:
    device = bound(world)
    tell(device, *(weighed(13 - 4 * n, fat) for n, fat in enumerate(RISING)))
    devices.tend()
    told = page(world.boss, "/notices/")
    assert "体脂率 12 天升了 3 个点（24% → 27%）" in told
    assert "体脂率" not in page(world.guide, "/notices/")
    (rule,) = [r for r in devices.list_rules() if r.metric == "body_fat_percent"]
    saved = {
        "rule": rule.id, "name": rule.name, "kind": "change", "metric": rule.metric, "direction": "up", "amount": "2",
        "days": "14", "least": "3", "advice": "约她来店", "is_for_guides": "1", "is_on": "1",
    }  # fmt: skip
    assert world.boss.post("/devices/rules/", saved).status_code == 200
    later: dict[str, Any] = {
        "since": clock.now() - timedelta(days=90),
        "notice_version": "v1",
        "actor": SYSTEM,
    }
    devices.give(device.id, person_id=world.anna, member="again", **later)
    sql.run(sql.Statement("forget", "delete from device_notice"))
    tell(device, *(weighed(40 - 4 * n, fat) | {"member": "again"} for n, fat in enumerate(RISING)))
    devices.tend()
    for path in ("/notices/", "/g/notices/"):
        mine = page(world.guide, path)
        assert "身体数据有变化" in mine and "约她来店" in mine
        assert "体脂率" not in mine and "24%" not in mine and "27%" not in plain_words(mine)
        assert "跟进过了" not in page(world.stranger, path)
    (notice,) = waiting()
    assert world.stranger.post(f"/notices/{notice.fact_id}/done/").status_code == 404
    assert len(waiting()) == 1
    assert (
        world.guide.post(f"/notices/{notice.fact_id}/done/", {"on": "phone"})["Location"]
        == "/g/notices/?done=1"
    )
    assert world.guide.post(f"/notices/{notice.fact_id}/done/").status_code == 422
    assert waiting() == []


def test_samples_have_codes_which_are_loaded_once_free(world: World) -> None:
    made = world.boss.post("/devices/samples/", {"act": "add", "name": "小样", "days": "7"})
    assert made.status_code == 200
    (sample,) = devices.list_samples()
    assert world.boss.get(f"/devices/samples/{sample.id}/codes.csv").status_code == 404
    world.boss.post("/devices/samples/", {"act": "codes", "sample": str(sample.id), "count": "3"})
    lines = world.boss.get(f"/devices/samples/{sample.id}/codes.csv").content.decode().split()
    assert len(lines) == 4 and all(re.fullmatch(r"[2-9A-Z]{10}", line) for line in lines[1:])
    machine, _ = registered(world.boss, "dispenser", "S1")
    tell(machine, {"type": "claim", "code": lines[1], "person": {"phone": PHONE}})
    assert lines[1] not in world.boss.get(f"/devices/samples/{sample.id}/codes.csv").content.decode()
    assert (
        world.boss.post("/devices/samples/", {"act": "codes", "sample": "1", "count": "0"}).status_code == 422
    )


def test_rules_that_mean_nothing_are_refused(world: World) -> None:
    said = {"name": "新", "kind": "change", "metric": "bmi", "direction": "up", "days": "14", "least": "3"}
    before = devices.list_rules()
    for amount in ("", "nan", "x", "-1"):
        assert world.boss.post("/devices/rules/", said | {"amount": amount}).status_code == 422
    assert devices.list_rules() == before


def test_devices_are_not_a_guides_business(world: World) -> None:
    for path in ("", "1/", "samples/", "rules/"):
        assert world.guide.get(f"/devices/{path}").status_code == 404
        said = {"kind": "scale", "name": "x", "act": "add"}
        assert world.guide.post(f"/devices/{path}", said).status_code == 404
    assert world.guide.get("/devices/scales/").status_code == 404
    assert devices.list_devices() == [] and devices.list_samples() == []


class TestReadingsSetAside:
    @pytest.fixture
    def scale(self, world: World) -> int:
        made = devices.register(kind=devices.SCALE, name="一楼的秤", store_code="S1", actor=SYSTEM)
        reading = {
            "type": "body",
            "messageId": "m1",
            "at": clock.now().isoformat(),
            "metrics": {"weight_kg": 6200},
        }
        post = devices.Post(
            devices.known([made.code])[made.code], (json.dumps(reading).encode(),), clock.now()
        )
        assert devices.take([post])[0][0].status == devices.REJECTED
        return made.device_id

    def test_are_mended_on_a_page(self, world: World, scale: int) -> None:
        (one,) = devices.asides(scale)
        own = f"/devices/asides/{one.id}/"
        assert own in page(world.boss, f"/devices/{scale}/")
        trust = page(world.boss, "/trust/rejected/")
        assert "数值离谱" in trust and f"/devices/{scale}/#aside" in trust
        shown = page(world.boss, own)
        text = re.search(r"<textarea[^>]*>(.*?)</textarea>", shown, re.S)
        assert text and json.loads(text[1])["metrics"] == {"weight_kg": 6200}
        still = world.boss.post(own, {"act": "replay", "text": text[1].replace("6200", "5000")})
        assert still.status_code == 422 and "还是没有收下" in still.content.decode()
        done = world.boss.post(own, {"act": "replay", "text": text[1].replace("6200", "62")})
        assert done.status_code == 302
        assert "已重新导入" in page(world.boss, done.headers["Location"].partition("#")[0])
        assert devices.asides(scale) == []
        assert world.boss.post(own, {"act": "replay", "text": text[1]}).status_code == 422

    def test_are_dropped_with_a_reason(self, world: World, scale: int) -> None:
        (one,) = devices.asides(scale)
        own = f"/devices/asides/{one.id}/"
        assert world.boss.post(own, {"act": "drop", "reason": ""}).status_code == 422
        assert world.boss.post(own, {"act": "drop", "reason": "试机"}).status_code == 302
        assert devices.asides(scale) == []

    def test_are_not_a_guide_s(self, world: World, scale: int) -> None:
        (one,) = devices.asides(scale)
        page(world.guide, f"/devices/asides/{one.id}/", 404)
        assert world.guide.post(f"/devices/asides/{one.id}/", {"act": "replay"}).status_code == 404
        assert len(devices.asides(scale)) == 1
