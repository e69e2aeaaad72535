"""Stock through the browser with the real rooms behind it: only who is signed in is played."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pyarrow as pa
import pytest
from django.contrib.auth.models import User
from django.test import Client

from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.ledger import api as ledger
from huoshui.web.console.contexts import rooms
from huoshui.web.console.tests.test_acts import text_of

pytestmark = pytest.mark.django_db(transaction=True)


class Floor:
    """Two stores, two products, and a member of the first store's staff at a browser."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        brand.ensure_headquarters("总部")
        brand.upsert_stores(pa.table({"store_code": ["A", "B"], "name": ["甲店", "乙店"]}), actor=SYSTEM)
        goods = pa.table({"sku_code": ["N1", "N2"], "name": ["坚果", "茶"], "barcode": ["6901", "6902"]})
        brand.upsert_products(goods, actor=SYSTEM)
        found = brand.find_units(["A", "B"])
        self.a, self.b = found["A"], found["B"]
        self.nuts = brand.find_skus(["N1"])["N1"]
        self.stand_at(self.a)
        doors = {name: getattr(brand, name) for name in brand.__all__} | {"actor_of": lambda user: self.actor}
        monkeypatch.setattr(rooms, "brand", SimpleNamespace(**doors))
        self.client = Client()
        user = User.objects.create_user("mei")
        self.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def stand_at(self, org_unit_id: int) -> None:
        self.actor = Actor("staff", org_unit_id, "Mei", frozenset({"manager"}), frozenset({org_unit_id}))

    def write(self, kind: str, lines: str, *, status: int = 302, **more: str) -> str:
        said = {"key": f"{kind}-1", "lines": lines, "reason": "开店", "act": "save", **more}
        store = next(iter(self.actor.org_unit_ids))
        response = self.client.post(f"/stock/{store}/new/{kind}/", said)
        assert response.status_code == status, text_of(response.content)
        return response.headers.get("Location", "") or text_of(response.content)

    def left(self, org_unit_id: int) -> int:
        ledger.fold_goods()
        rows = ledger.goods_places([self.nuts], [org_unit_id])
        return sum(row.on_hand_milli - row.shortage_milli for row in rows)


@pytest.fixture
def floor(monkeypatch: pytest.MonkeyPatch) -> Floor:
    return Floor(monkeypatch)


def test_goods_are_received_by_barcode_counted_and_told(floor: Floor) -> None:
    where = floor.write("receive", "6901 10\nN1 2\nN2")
    assert floor.left(floor.a) == 12_000
    assert "已入账" in text_of(floor.client.get(where).content)
    floor.write("count", "N1 11")
    assert floor.left(floor.a) == 11_000
    said = text_of(floor.client.get(f"/stock/{floor.a}/goods/{floor.nuts}/").content)
    assert "甲店现在还有 11 件" in said and "盘点单 count-1" in said and "收货单 receive-1" in said


def test_the_same_paper_twice_is_one_document(floor: Floor) -> None:
    assert floor.write("receive", "N1 5") == floor.write("receive", "N1 5")
    assert floor.left(floor.a) == 5_000
    assert "已经用过" in floor.write("receive", "N1 6", status=422)
    assert floor.left(floor.a) == 5_000


def test_what_is_not_there_cannot_be_sent_from_a_strict_shelf(floor: Floor) -> None:
    floor.write("receive", "N1 2")
    floor.client.post(f"/stock/{floor.a}/settings/", {"policy": "strict", "act": "policy"})
    refused = floor.write("send", "N1 3", status=422, to=str(floor.b))
    assert "库存不足：坚果 只剩 2 件，需要 3 件。" in refused and floor.left(floor.a) == 2_000


def test_a_transfer_is_taken_in_at_the_other_end_only(floor: Floor) -> None:
    floor.write("receive", "N1 5")
    floor.write("send", "N1 3", to=str(floor.b))
    page = floor.client.get("/stock/transfers/").content.decode()
    (path,) = set(re.findall(r'href="(/stock/transfers/\d+/)"', page))
    assert floor.client.post(path, {f"came-{floor.nuts}": "3"}).status_code == 404
    assert floor.left(floor.b) == 0
    floor.stand_at(floor.b)
    assert floor.client.post(path, {f"came-{floor.nuts}": "2"}).status_code == 302
    assert (floor.left(floor.a), floor.left(floor.b)) == (2_000, 2_000)
    assert "有 1 种数目对不上" in text_of(floor.client.get(path).content)
    assert floor.client.post(path, {f"came-{floor.nuts}": "3"}).status_code == 422


def test_another_store_is_not_there(floor: Floor) -> None:
    for path in (
        f"/stock/?store={floor.b}",
        f"/stock/{floor.b}/goods/{floor.nuts}/",
        f"/stock/{floor.b}/settings/",
    ):
        assert floor.client.get(path).status_code == 404
    said = {"key": "x", "lines": "N1 5", "act": "save"}
    assert floor.client.post(f"/stock/{floor.b}/new/receive/", said).status_code == 404
    assert floor.left(floor.b) == 0


class TestTheList:
    """Every document of one's stores, how it stands, and the way into it."""

    def rows(self, floor: Floor, query: str = "") -> list[str]:
        html = floor.client.get(f"/stock/documents/{query}").content.decode()
        return [text_of(row.encode()) for row in re.findall(r"<tr><th class=.*?</tr>", html, re.DOTALL)]

    def test_says_what_when_by_whom_and_how_it_stands(self, floor: Floor) -> None:
        floor.write("receive", "N1 10\nN2 5")
        floor.write("count", "N1 9")
        floor.write("send", "N1 4", to=str(floor.b))
        sent, counted, received = self.rows(floor)
        assert "调拨发出 send-1" in sent and "甲店 ⇄ 乙店" in sent and "在路上" in sent and "坚果" in sent
        assert "盘点单 count-1" in counted and "数目有差" in counted and "您" in counted
        assert "收货单 receive-1" in received and "坚果、茶" in received and "15" in received
        floor.stand_at(floor.b)
        (mine,) = self.rows(floor)
        assert "调拨发出" in mine
        link = re.search(
            r'href="(/stock/transfers/\d+/)"', floor.client.get("/stock/documents/").content.decode()
        )
        assert link
        floor.client.post(link[1], {f"came-{floor.nuts}": "3"})
        arrived, sent = self.rows(floor)
        assert "调拨收到" in arrived and "数目有差" in arrived and "数目有差" in sent
        assert self.rows(floor, "?only=open") == []

    def test_is_narrowed_and_paged(self, floor: Floor) -> None:
        floor.write("receive", "N1 10")
        floor.write("damage", "N1 1")
        assert len(self.rows(floor, f"?store={floor.a}")) == 2
        (damaged,) = self.rows(floor, "?kind=damage")
        assert "报损单" in damaged and "已入账" in damaged
        assert self.rows(floor, "?kind=count") == []
        html = floor.client.get(
            "/stock/documents/?kind=damage", headers={"HX-Request": "true"}
        ).content.decode()
        assert "<html" not in html and "报损单" in html

    def test_of_another_store_is_not_there(self, floor: Floor) -> None:
        floor.write("receive", "N1 10")
        floor.stand_at(floor.b)
        assert self.rows(floor) == []
        for query in (f"?store={floor.a}", "?store=x", "?before=x"):
            assert floor.client.get(f"/stock/documents/{query}").status_code == 404
