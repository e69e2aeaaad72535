"""Columns of a file nobody knows, guessed by the words of their headers and by what stands in them, and how surely.

A guess is shown, never imported unseen. Content may refute a header (a column of dates is no amount) and alone makes no
guess sure: only words and content together do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, replace
from typing import Final

from huoshui.intake.files import headers
from huoshui.intake.files.profile import Profile, decides, multiplies, profile, takes_off
from huoshui.intake.files.types import Head, Preview

SURE: Final = 0.75
_LEAST, _APART = 0.45, 0.04
_FEW_ROWS: Final = 3
_ALIKE: Final = 0.9
_WELL_KNOWN: Final = 0.75
"""By words alone. A till's file may have a column in common with a member list, and be none."""


@dataclass(frozen=True)
class Sign:
    """By what a field's column is known."""

    words: str
    """Pattern of headers that may serve it."""
    not_words: str
    better: str
    """Words by which one of several is the right one."""
    content: Callable[[Profile], float]
    alone: float = 0.5
    """How sure content alone can make us."""


def _id_like(p: Profile) -> float:
    if p.phone > 0.5 or (p.time > 0.5 and p.length <= 10) or p.fraction > 0.3:
        return 0.0
    return p.identity * min(1.0, p.length / 6)


_STAFF = r"导购|店员|员工|店长|营业员|收银|客服|业务员|经手|staff|clerk|cashier|seller|agent|guide"
_RECEIVER = r"收货|收件|提货|寄|receiver|consignee|ship|deliver"

SIGNS: Final[Mapping[str, Sign]] = {
    "phone": Sign(
        r"手机|电话|联系方式|号码|mobile|phone|tel|cell|msisdn|contact",
        rf"{_STAFF}|{_RECEIVER}|门店|店铺|store|fax|传真|介绍|推荐|引荐|邀请|紧急|家长|担保|refer|emerg|invit",
        r"本人|会员|顾客|客户|买家|用户|member|customer|buyer",
        lambda p: p.phone,
        alone=0.7,
    ),
    "email": Sign(r"邮箱|邮件|mail", r"", r"", lambda p: p.email, alone=0.7),
    "ordered_at": Sign(
        r"时间|日期|时刻|日$|\b(?:date|time|day|when)|(?:date|time)\b|\b(?:at|on)$",
        r"上次|下次|首次|首单|末次|最近|预约|生日|出生|发货|完成|更新|修改|退|到期|有效|入会|注册|开卡|送达|收货|birth|ship|updat|modif|expir|refund|deliver|regist|join|\b(?:last|next|first|rx|prescri|appoint)",
        r"下单|成交|交易|销售|创建|消费|购买|开单|order|sale|sold|creat|purchase|trans|buy",
        lambda p: p.time * (0.9 + 0.1 * p.clock),
        alone=0.6,
    ),
    "amount": Sign(
        r"金额|实付|实收|成交|付款|支付|合计|总价|销售额|消费|应付|\b(?:amount|total|paid|pay|payment|revenue|sum|net|gross|sales|value|money)\b",
        r"重|件数|箱数|体积|容量|面积|里程|不含税|(?<![价含])税|单价|原价|优惠|折|运费|邮费|成本|退|余额|积分|手续费|佣金|吊牌|标价|让利|找零|方式|时间|单号|状态|discount|cost|shipping|tax|refund|fee"
        r"|method|time|balance|\btip|change|points|unit|\boff\b|weight|volume|copay|\b(?:qty|kg|g|ml|count)\b",
        r"实付|实收|净|价税|含税|\b(?:paid|net|received)|成交",
        lambda p: 0.0 if p.phone > 0.3 or p.time > 0.5 else p.money * (0.75 + 0.25 * min(1, p.fraction * 2)),
        alone=0.5,
    ),
    "order_no": Sign(
        r"单号|订单|流水|小票|票号|票据|单据|编号|order|receipt|invoice|bill|ticket|trans|basket|交易号|\bno\b|num",
        r"快递|物流|运单|退|会员|商品|货|门店|客户|顾客|员工|供应|手机|电话|时间|日期|金额|状态|数量|渠道|备注|来源|类型|地址|支付|track|member|product|store"
        r"|customer|supplier|phone|date|time|amount|status|qty|quantity|type|total|channel|item|line|sku|pos\b",
        r"订单|单号|小票|order|receipt|bill",
        lambda p: _id_like(p) * (0.5 + 0.5 * min(1, p.distinct * 2)),
        alone=0.5,
    ),
    "product_name": Sign(
        r"商品|产品|货品|品名|宝贝|菜品|款式|名称|品项|项目|item|product|goods|title|descr|article|merchandise",
        r"赠|礼品|\bgift|\bfree|编码|编号|货号|数量|金额|价|店|顾客|客户|会员|类|品牌|^(商品|产品|货品)?规格|条码|状态|供应|仓|导购|员|code|id\b|no\b|qty|quantity|categor|brand|price|amount"
        r"|customer|store|count|sku|size|spec",
        r"商品|品名|product|item",
        lambda p: 0.0 if p.money > 0.5 or p.time > 0.5 or p.identity > 0.9 else p.words,
        alone=0.45,
    ),
    "sku_code": Sign(
        r"货号|条码|sku|款号|(商品|产品|货品|物料).*(编码|编号|代码|id)|barcode|ean|upc|plu|(item|product|article).*(code|id|no)",
        r"订单|会员|门店|order|member|store",
        r"商品|sku|product",
        _id_like,
        alone=0.3,
    ),
    "quantity": Sign(
        r"数量|件数|几件|份数|个数|销量|qty|quantity|count|pcs|pieces|units",
        r"退|库存|赠|refund|stock|return",
        r"购买|销售|商品|sold",
        lambda p: p.whole * (1.0 if p.mean < 1000 else 0.3),
        alone=0.3,
    ),
    "store_code": Sign(
        r"门店|店铺|网点|店名|分店|机构|store|shop|branch|outlet",
        r"电话|地址|手机|导购|phone|address|类型|type",
        r"编码|编号|code|id",
        lambda p: 1 - min(1, p.distinct * 1.2) if p.filled > 10 else 0.7,
        alone=0.0,
    ),
    "member_no": Sign(
        r"会员|顾客|客户|用户|vip|member|customer|client",
        r"姓名|名称|电话|手机|等级|生日|性别|折|优惠|积分|余额|name|phone|mobile|level|tier|birth|type|类型|mail",
        r"号|编号|卡|id|no|code",
        _id_like,
        alone=0.0,
    ),
    "status": Sign(
        r"状态|status|state",
        r"发货|物流|ship",
        r"订单|order",
        lambda p: p.words * (1 - p.distinct),
        alone=0.0,
    ),
    "receiver_phone": Sign(
        rf"({_RECEIVER}).*(电话|手机|phone|tel|mobile)", r"", r"", lambda p: p.phone, alone=0.0
    ),
    "name": Sign(
        r"姓名|名字|称呼|昵称|name", r"商品|门店|店|product|store|user", r"姓名", lambda p: p.words, alone=0.2
    ),
    "joined_at": Sign(r"入会|注册|开卡|加入|regist|join|member since", r"", r"", lambda p: p.time, alone=0.0),
    "birthday": Sign(r"生日|出生|birth", r"", r"", lambda p: p.time, alone=0.0),
}
OF_KIND: Final = {
    "sales": (
        *("phone", "email", "ordered_at", "amount", "order_no", "product_name", "sku_code", "quantity"),
        *("store_code", "member_no", "status", "receiver_phone"),
    ),
    "people": ("phone", "email", "name", "member_no", "joined_at", "birthday"),
}
_TELLING: Final = {"sales": ("order_no", "ordered_at", "amount"), "people": ("phone",)}


@dataclass(frozen=True)
class Guess:
    place: int
    score: float


def complete(seen: Preview, head: Head, kind: str | None) -> Preview:
    """The preview with what may be guessed of columns that no known word serves."""
    if seen.format and not seen.missing:
        return seen
    is_known = seen.confidence >= _WELL_KNOWN
    for name in (kind,) if kind else (seen.kind,) if is_known else tuple(OF_KIND):
        if name not in OF_KIND:
            continue
        start = seen if seen.kind == name else _by_words(seen, name)
        found, maybe = guess(name, head, start.mapping)
        if kind or is_known or all(field in {*found, *maybe, *start.mapping} for field in _TELLING[name]):
            return _with(start, name, found, maybe)
    return seen


def _by_words(seen: Preview, kind: str) -> Preview:
    match = headers.match(seen.headers, kind, own=True)
    mapping = {
        field: seen.headers[at[0]] if len(at) == 1 else tuple(seen.headers[i] for i in at)
        for field, at in match.columns.items()
    }
    return replace(
        seen, kind=kind, mapping=mapping, confidence=match.confidence, label=match.kind.label, format=""
    )


def _with(seen: Preview, kind: str, found: Mapping[str, Guess], maybe: Mapping[str, Guess]) -> Preview:
    mapping = {**seen.mapping, **{field: seen.headers[each.place] for field, each in found.items()}}
    missing = headers.missing(headers.kind(kind), mapping)
    weakest = min((each.score for each in found.values()), default=seen.confidence)
    return replace(
        seen,
        kind=kind,
        mapping=mapping,
        missing=missing,
        confidence=seen.confidence if not found else round(0.4 if missing else min(weakest, 0.9), 3),
        guessed={field: each.score for field, each in found.items()},
        maybe={field: (seen.headers[each.place], each.score) for field, each in maybe.items()},
    )


def guess(kind: str, head: Head, mapped: Mapping[str, object]) -> tuple[dict[str, Guess], dict[str, Guess]]:
    """Field → its column, and fields for which two columns would do alike or none well."""
    taken = {name for each in mapped.values() for name in ((each,) if isinstance(each, str) else each)}  # type: ignore[attr-defined]  # a header or several
    columns = {
        place: profile([row[place] for row in head.samples])
        for place, header in enumerate(head.headers)
        if header not in taken
    }
    fields = [field for field in OF_KIND[kind] if field not in mapped]
    if "order_amount" in mapped and "amount" in fields:
        fields.remove("amount")
    scores = {
        field: sorted(
            (
                (score, -place)
                for place, p in columns.items()
                if (score := _score(field, head.headers[place], p, columns)) > 0
            ),
            reverse=True,
        )
        for field in fields
    }
    named = {
        field: {place for place in columns if _is_better(field, head.headers[place])} for field in fields
    }
    return _assign(scores, named, few=len(head.samples) < _FEW_ROWS)


def _assign(
    scores: Mapping[str, list[tuple[float, int]]], named: Mapping[str, Set[int]], *, few: bool
) -> tuple[dict[str, Guess], dict[str, Guess]]:
    """The surest first; a column serves one field. Of two that are alike none is taken unless one is named better."""
    found: dict[str, Guess] = {}
    maybe: dict[str, Guess] = {}
    used: set[int] = set()
    queue = sorted(
        ((score, field, -place) for field, each in scores.items() for score, place in each), reverse=True
    )
    for score, field, place in queue:
        if field in found or field in maybe or place in used:
            continue
        rivals = [s for s, p in scores[field] if -p not in used and -p != place and score - s < _APART]
        score = min(score, SURE - 0.01) if few else score
        if score < _LEAST or rivals:
            maybe[field] = Guess(place, round(score, 2))
            continue
        found[field] = Guess(place, round(score, 2))
        used.add(place)
    for field, each in found.items():
        # By its words alone it is this one; a column of no other use, of the same content, might be it as well
        alike = [s for s, p in scores[field] if -p not in used and s >= _ALIKE * SIGNS[field].alone]
        if alike and each.place not in named[field] and each.score >= SURE:
            found[field] = Guess(each.place, SURE - 0.01)
    return found, {field: each for field, each in maybe.items() if each.score >= 0.3}


def said(header: str) -> str:
    """A header in words, as its patterns expect: 'orderAmount', 'ORDER_AMOUNT' and 'order-amount' are 'order amount'."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", header)
    return re.sub(r"[\s_\-./]+", " ", spaced).strip().casefold()


def _score(field: str, header: str, p: Profile, columns: Mapping[int, Profile]) -> float:
    sign, text = SIGNS[field], said(header)
    if p.filled == 0 or (sign.not_words and re.search(sign.not_words, text)):
        return 0.0
    content = _content(field, p, columns)
    if content < 0.5:
        return 0.0
    if field == "amount" and _is_before_discount(p, columns):
        content = min(content, 0.5)
    if re.search(sign.words, text):
        return min(1.0, 0.6 + 0.25 * content + 0.12 * _is_better(field, header))
    return sign.alone * content if not re.search(_OTHERS, text) else 0.0


def _is_better(field: str, header: str) -> bool:
    better = SIGNS[field].better
    return bool(better and re.search(better, said(header)))


def _is_before_discount(p: Profile, columns: Mapping[int, Profile]) -> bool:
    """Another column is this one less a third: that is what was paid, whatever the two are called."""
    money = [each for each in columns.values() if each is not p and each.money > 0.9 and each.phone < 0.3]
    return any(takes_off(p, a, b) > 0.9 for a in money for b in money if a is not b and a.mean < b.mean)


_OTHERS: Final = "|".join(sign.words for sign in SIGNS.values())
"""A header that speaks of another field is none for this one, whatever stands below it."""


def _content(field: str, p: Profile, columns: Mapping[int, Profile]) -> float:
    content = SIGNS[field].content(p)
    times = [each for each in columns.values() if each.time > 0.8]
    if field == "order_no" and times:
        # All lines of an order were sold at one time
        content *= 0.4 + 0.6 * max(decides(p, each) for each in times)
    if field == "amount" and content:
        prices = [
            each for each in columns.values() if each is not p and each.money > 0.9 and each.phone < 0.3
        ]
        counts = [each for each in prices if each.whole > 0.95 and each.mean < 100]
        fits = max((multiplies(a, b, p) for a in prices for b in counts if a is not b), default=0.0)
        content = min(1.0, content + 0.2 * (fits > 0.8))
    return content
