"""Orders over HTTP."""

from __future__ import annotations

import pytest

from huoshui.core import money
from huoshui.core.errors import Refused, RetryLater
from huoshui.intake.tills import api as t
from huoshui.web.api.tests.client import AT, quote, sale
from huoshui.web.api.tests.conftest import Call
from huoshui.web.api.tests.stand_ins import Tills


def test_a_sale_reaches_the_till_whole(call: Call, tills: Tills) -> None:
    answer = call().post(
        "/sales",
        sale(
            customer={"card_no": "C9", "phone": "13912345678"},
            coupons=[{"code": "Q", "amount": 20}],
            vouchers=[{"code": "V", "source": "美团"}],
            extra={"tax_rate": 0.13},
            amount=350,
        ),
    )

    assert answer.status == 201, answer.content
    assert answer.json["state"] == "settled"
    assert answer.json["points"]["earned"] == 1
    [[told]] = tills.asked
    assert (told.key, told.order_key, told.store_code) == ("k1", "A1", "S1")
    assert [line.quantity_milli for line in told.lines] == [2000, 500]
    assert told.at.isoformat() == "2024-11-20T02:00:00+00:00"
    assert told.identifiers == (("phone", "13912345678"), ("card_no", "C9"))
    assert told.vouchers == (t.Voucher("美团", "V"),)
    assert told.body["extra"] == {"tax_rate": 0.13}
    assert "13912345678" not in str(told.body), "a contact is kept sealed only"


def test_the_same_again_is_answered_alike_and_says_so(call: Call) -> None:
    till = call()
    first, again = till.post("/sales", sale()), till.post("/sales", sale())

    assert again.content == first.content
    assert again.status == first.status == 201
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"


def test_the_same_key_with_another_body_is_409(call: Call, tills: Tills) -> None:
    till = call()
    till.post("/sales", sale())

    other = till.post("/sales", sale(order_key="A2"))

    assert (other.status, other.code) == (409, "key_reused")
    assert list(tills.sold) == [(next(iter(tills.sold))[0], "A1")]


@pytest.mark.parametrize("key", ["", "k" * 256, "有", "a b"])
def test_a_write_needs_a_key(call: Call, tills: Tills, key: str) -> None:
    answer = call().post("/sales", sale(), key=key.encode().decode("latin-1"))

    assert (answer.status, answer.code) == (400, "idempotency_key_missing")
    assert not tills.asked


def test_a_refusal_has_its_code_sentence_and_place(call: Call, tills: Tills) -> None:
    tills.refuse_with = (t.Refusal("points_short", "积分不够。", {"have": 3}, "/tenders/0"),)

    answer = call().post("/sales", sale())

    assert (answer.status, answer.code) == (422, "points_short")
    assert answer.json["errors"] == [
        {"pointer": "/tenders/0", "code": "points_short", "message": "积分不够。"}
    ]
    assert answer.json["data"] == {"have": 3}


def test_the_language_is_the_callers(call: Call) -> None:
    till = call()
    for header, language in [
        ("", "zh-Hans"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("fr, en;q=0.5", "en"),
        ("en;q=x", "zh-Hans"),
    ]:
        answer = till.post("/sales", sale(), key="", **{"Accept-Language": header})
        assert answer.headers["Content-Language"] == language, header
        assert ("Send the header" in answer.json["detail"]) == (language == "en")


@pytest.mark.parametrize(
    ("changes", "place", "left", "difference"),
    [
        ({"amount": 360}, "/amount", 350, -10),
        ({"tenders": [{"kind": "cash", "amount": 300}]}, "/tenders", 350, 50),
        (
            {"lines": [{"sku": "P", "quantity": 1, "amount": 350, "coupon_discount": 30}], "coupons": []},
            "/coupons",
            30,
            30,
        ),
    ],
)
def test_amounts_that_do_not_add_up_are_told_with_the_difference(
    call: Call, tills: Tills, changes: dict[str, object], place: str, left: int, difference: int
) -> None:
    answer = call().post("/sales", sale(**changes))

    assert (answer.status, answer.code) == (422, "amounts_differ")
    assert f"¥{money.plain(abs(difference))}" in answer.json["detail"]
    assert (answer.json["data"]["left_amount"], answer.json["data"]["difference"]) == (left, difference)
    assert [e["pointer"] for e in answer.json["errors"]] == [place]
    assert not tills.asked


def test_a_report_that_does_not_add_up_is_received(call: Call, tills: Tills) -> None:
    assert call().post("/sales", sale(offline=True, amount=999)).status == 201
    assert tills.asked[0][0].is_offline


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"colour": "red"}, "/colour", "unknown_field"),
        ({"lines": [{"sku": "P", "quantity": 1, "amount": 1, "x": 1}]}, "/lines/0/x", "unknown_field"),
        ({"lines": [{"sku": "P", "quantity": 1}]}, "/lines/0/amount", "missing_field"),
        ({"lines": [{"sku": "P", "quantity": 1, "amount": 1.5}]}, "/lines/0/amount", "wrong_type"),
        ({"lines": [{"sku": "P", "quantity": 1, "amount": -1}]}, "/lines/0/amount", "wrong_value"),
        ({"lines": []}, "/lines", "wrong_value"),
        ({"at": "2024-11-20T10:00:00"}, "/at", "wrong_value"),
        ({"at": "2046-11-20T10:00:00Z"}, "/at", "out_of_range"),
        ({"at": "1926-11-20T10:00:00Z"}, "/at", "out_of_range"),
        ({"lines": [{"sku": "P", "quantity": "1.0001", "amount": 1}]}, "/lines/0/quantity", "wrong_value"),
        ({"lines": [{"sku": "P", "quantity": 0.0001, "amount": 1}]}, "/lines/0/quantity", "wrong_value"),
        ({"lines": [{"sku": "P", "quantity": 0, "amount": 1}]}, "/lines/0/quantity", "wrong_value"),
        ({"lines": [{"sku": "P", "quantity": 1e300, "amount": 1}]}, "/lines/0/quantity", "wrong_value"),
        ({"lines": [{"sku": "P\0", "quantity": 1, "amount": 350}]}, "/lines/0/sku", "no_such_text"),
        ({"customer": {"phone": "12"}}, "/customer/phone", "not_a_phone"),
        ({"order_key": "a/b"}, "/order_key", "wrong_value"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(
    call: Call, tills: Tills, changes: dict[str, object], pointer: str, code: str
) -> None:
    for language in ("zh", "en"):
        answer = call(name=f"pos-{language}").post("/sales", sale(**changes), **{"Accept-Language": language})

        assert (answer.status, answer.code) == (422, "invalid")
        assert [(e["pointer"], e["code"]) for e in answer.json["errors"]] == [(pointer, code)]
        assert answer.json["errors"][0]["message"]
    assert not tills.asked


def test_every_fault_of_the_values_is_named_at_once(call: Call) -> None:
    lines = [{"sku": "P", "quantity": 0, "amount": 1}, {"sku": "P", "quantity": -1, "amount": 1}]
    answer = call().post("/sales", sale(lines=lines, at="1990-01-01T00:00:00Z"))

    assert [e["pointer"] for e in answer.json["errors"]] == ["/at", "/lines/0/quantity", "/lines/1/quantity"]


def test_a_backslash_before_u0000_is_no_nul(call: Call) -> None:
    assert call().post("/sales", sale(extra={"path": "c:\\u0000"})).status == 201


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff\xfe", b'{"order_key": "\xff"}', b'{"order_key": "\\ud800"}', b"NaN"],
)
def test_what_is_no_json_is_400(call: Call, tills: Tills, body: bytes) -> None:
    answer = call().post("/sales", body)

    assert (answer.status, answer.code) == (400, "malformed")
    assert not tills.asked


def test_deep_nesting_in_what_is_free_is_read_or_refused(call: Call) -> None:
    deep = b'{"extra": {"a": ' + b"[" * 50_000 + b"]" * 50_000 + b"}}"
    assert call().post("/sales", deep).status == 400


def test_size_and_format_are_checked_first(call: Call, tills: Tills) -> None:
    till = call()
    big = till.post("/sales", b" " * ((1 << 20) + 1))
    form = till.post("/sales", b"a=1", **{"Content-Type": "application/x-www-form-urlencoded"})
    packed = till.post("/sales", sale(), **{"Content-Encoding": "br"})

    assert (big.status, big.code) == (413, "too_large")
    assert (form.status, form.code) == (415, "media_type_unsupported")
    assert (packed.status, packed.code) == (415, "encoding_unsupported")
    assert not tills.asked


def test_busy_is_503_and_the_unexpected_is_500_with_a_number(call: Call, tills: Tills) -> None:
    till = call()
    tills.fail_with = RetryLater()
    busy = till.post("/sales", sale())
    tills.fail_with = ZeroDivisionError()
    failed = till.post("/sales", sale())
    tills.fail_with = Refused("今天不营业。")
    refused = till.post("/sales", sale())

    assert (busy.status, busy.code, busy.headers["Retry-After"]) == (503, "retry_later", "1")
    assert (failed.status, failed.code) == (500, "failed")
    assert failed.json["data"]["number"] in failed.json["detail"]
    assert "ZeroDivision" not in failed.content.decode()
    assert (refused.status, refused.code) == (422, "refused")
    assert "今天不营业" in refused.json["detail"]


def test_what_is_not_there_is_a_problem_too(call: Call) -> None:
    till = call()

    assert (till.get("/nothing").status, till.get("/nothing").code) == (404, "not_found")
    assert (till.get("/sales/none").status, till.get("/sales/none").code) == (404, "not_found")
    wrong = till.get("/quote")
    assert (wrong.status, wrong.code, wrong.headers["Allow"]) == (405, "method_not_allowed", "POST")
    assert till.get("/sales/a%00b").status == 404


def test_an_order_is_looked_at(call: Call) -> None:
    till = call()
    till.post("/sales", sale())

    told = till.get("/sales/A1").json
    assert [line["quantity"] for line in told["lines"]] == ["2", "0.5"]
    assert told["at"] == "2024-11-20T02:00:00Z"
    assert "bind_code" not in told
    assert till.get("/sales/A1/receipt").json["bind_code"] == "BIND-1"


def test_a_refund_whose_order_has_not_come_waits(call: Call, tills: Tills) -> None:
    till = call()
    goods = [{"line_no": 1, "sku": "P1", "quantity": 2, "amount": 300}]
    early = till.post("/sales/A1/refunds", {**AT, "offline": True, "lines": goods})
    till.post("/sales", sale(), key="k2")
    lines = [{"line_no": 1, "quantity": "1"}, {"line_key": "x", "amount": 5}]
    late = till.post("/sales/A1/refunds", {**AT, "lines": lines}, key="k3")

    assert (early.status, early.json["state"]) == (202, "waiting"), early.content
    [report] = tills.asked[0]
    assert report.lines == (t.RefundLine(line_no=1, quantity_milli=2000, amount=300, sku_code="P1"),)
    assert (late.status, late.json["lines"]) == (201, [{"line_no": 1, "amount": -100}])
    told = tills.asked[-1][0]
    assert told.order_key == "A1"
    assert told.lines == (t.RefundLine(line_no=1, quantity_milli=1000), t.RefundLine(line_key="x", amount=5))


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"lines": [{"quantity": 1}]}, "/lines/0"),
        ({"lines": [{"line_no": 1, "line_key": "a"}]}, "/lines/0"),
        ({"lines": [{"line_no": 1}], "amount": 5}, "/amount"),
    ],
)
def test_a_refund_says_what_comes_back_in_one_way(call: Call, body: dict[str, object], pointer: str) -> None:
    answer = call().post("/sales/A1/refunds", {**AT, **body})

    assert (answer.status, [e["pointer"] for e in answer.json["errors"]]) == (422, [pointer])


def test_an_exchange_is_answered_with_both_sides(call: Call, tills: Tills) -> None:
    till = call()
    till.post("/sales", sale())

    said = {**AT, "returned": [{"line_no": 1}], "sale": sale(order_key="A2")}
    answer = till.post("/sales/A1/exchanges", said, key="k2")

    assert answer.status == 201, answer.content
    assert answer.json["returned"]["amount"] == -100
    assert answer.json["sale"]["order_key"] == "A2"
    command = tills.asked[1]
    assert command.key != command.sale.key


def test_the_places_of_an_exchange_lie_under_its_sale(call: Call) -> None:
    said = {**AT, "returned": [{"line_no": 1}], "sale": sale(amount=1)}
    answer = call().post("/sales/A1/exchanges", said)

    assert [e["pointer"] for e in answer.json["errors"]] == ["/sale/amount"]


def test_a_void_takes_the_order_back(call: Call) -> None:
    till = call()
    till.post("/sales", sale())

    assert till.post("/sales/A1/void", AT, key="k2").status == 201
    assert till.post("/sales/A9/void", AT, key="k3").status == 404


def test_a_quote_tells_why_a_coupon_is_not_usable(call: Call, tills: Tills) -> None:
    lock = {"order_key": "A1", "minutes": 5}
    answer = call().post("/quote", quote(coupons=["Q1"], points=5, lock=lock), key="")

    assert answer.status == 200, answer.content
    assert answer.json["payable"] == 300
    assert answer.json["not_usable"][0]["message"] == "积分不够。"
    basket, lock_for, minutes = tills.asked[0]
    assert (basket.points, basket.coupons, lock_for, minutes) == (5, ("Q1",), "A1", 5)
