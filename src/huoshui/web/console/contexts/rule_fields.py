"""What the form of each condition looks like: words, fields and lists, in the order they are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huoshui.web.console import words
from huoshui.web.console.contexts.rule_leaves import STEPS, WEEKDAYS

Word = str | Promise
Options = tuple[tuple[str, Word], ...]


@dataclass(frozen=True)
class Field:
    """`kind`: word, line (what follows stands below), number, text, day, choice, boxes, fold (what most do without), area.

    `options` of a choice or boxes; `named` is a list that the page knows, `hint` what stands in an empty field.
    """

    kind: str
    name: str = ""
    label: Word = ""
    options: Options = ()
    named: str = ""
    hint: Word = ""
    within: tuple[Field, ...] = field(default=())


def word(label: Word) -> Field:
    return Field("word", label=label)


LINE = Field("line")


def number(name: str, label: Word, hint: Word = "") -> Field:
    return Field("number", name, label, hint=hint)


def text(name: str, label: Word, named: str = "", hint: Word = "") -> Field:
    return Field("text", name, label, named=named, hint=hint)


def choice(name: str, label: Word, *options: tuple[str, Word], named: str = "") -> Field:
    return Field("choice", name, label, options, named)


DAYS = (_("一"), _("二"), _("三"), _("四"), _("五"), _("六"), _("日"))
OP = choice(
    "op", _("怎么比"),
    (">=", _("至少")), ("<=", _("至多")), (">", _("多于")), ("<", _("少于")), ("=", _("正好")), ("!=", _("不是")),
)  # fmt: skip
NUMBER = number("number", _("数"))
MEASURE = choice(
    "measure", _("看什么"),
    ("count", _("次数")), ("total", _("总金额（元）")), ("average", _("客单价（元）")), ("units", _("总件数")),
    ("discount", _("总优惠（元）")), ("distinct_day", _("来的天数")), ("distinct_product", _("不同商品数")),
    ("distinct_category", _("不同品类数")), ("distinct_brand", _("不同品牌数")),
    ("distinct_store", _("不同门店数")), ("distinct_channel", _("不同渠道数")),
)  # fmt: skip
TRAIT = choice(
    "trait", _("哪一项"),
    ("category", _("品类")), ("brand", _("品牌")), ("product", _("商品")), ("store", _("门店")), ("region", _("区域")),
    ("channel", _("渠道")),
)  # fmt: skip
RFM_KINDS: Options = (
    ("important_value", _("重要价值")),
    ("important_grow", _("重要发展")),
    ("important_keep", _("重要保持")),
    ("important_win_back", _("重要挽留")),
    ("general_value", _("一般价值")),
    ("general_grow", _("一般发展")),
    ("general_keep", _("一般保持")),
    ("general_win_back", _("一般挽留")),
)
VALUES = text("values", _("哪几个值，用顿号隔开"))


def _what(p: str = "") -> Field:
    return text(f"{p}name", _("什么事"), "doings", _("购买"))


def _days(p: str = "") -> tuple[Field, ...]:
    return word(_("最近")), number(f"{p}days", _("最近几天，不写是从来"), _("不限")), word(_("天"))


def _only(p: str = "", *, timed: bool = True) -> Field:
    """What narrows it down."""
    when = (
        number(f"{p}skip", _("到几天前为止"), _("到几天前为止")),
        Field("day", f"{p}first", _("从哪天起")),
        Field("day", f"{p}last", _("到哪天为止")),
        text(f"{p}since", _("从有这个标签那天起"), "tags", _("从有标签起")),
    )
    return Field(
        "fold",
        p,
        _("只看其中的"),
        within=(
            text(f"{p}category", _("品类，几个用顿号隔开"), "categories", _("任何品类")),
            text(f"{p}department", _("部门，几个用顿号隔开"), "", _("任何部门")),
            text(f"{p}brand", _("品牌，几个用顿号隔开"), "", _("任何品牌")),
            text(f"{p}product", _("商品的编码或名字"), "", _("任何商品")),
            text(f"{p}store", _("门店，几个用顿号隔开"), "stores", _("任何门店")),
            text(f"{p}region", _("区域，几个用顿号隔开"), "", _("任何区域")),
            text(f"{p}dealer", _("经销商，几个用顿号隔开"), "", _("任何经销商")),
            text(f"{p}channel", _("渠道，几个用顿号隔开"), "", _("任何渠道")),
            number(f"{p}least", _("每次至少多少元"), _("每次至少（元）")),
            text(f"{p}hours", _("几点到几点，比如 18-22"), "", _("钟点，如 18-22")),
            Field(
                "boxes",
                p,
                _("星期"),
                tuple((f"{p}w{day}", said) for day, said in zip(WEEKDAYS, DAYS, strict=True)),
            ),
            text(f"{p}property", _("动态的哪个属性"), "", _("属性")),
            text(f"{p}property_values", _("属性是哪几个值"), "", _("属性的值")),
            *(when if timed else ()),
        ),
    )


def _facts(*, timed: bool = True) -> tuple[Field, ...]:
    return (*(_days() if timed else ()), _what(), _only(timed=timed))


def _step(n: str) -> tuple[Field, ...]:
    said = (_("第一件"), _("第二件"), _("第三件"), _("第四件"))[int(n) - 1]
    hint = "" if n in "12" else _("没有了")
    return (
        *((LINE,) if n != "1" else ()),
        word(said),
        text(f"s{n}_name", said, "doings", hint),
        number(f"s{n}_days", _("最近几天，不写是从来"), _("不限天数")),
        text(f"s{n}_category", _("品类，几个用顿号隔开"), "categories", _("任何品类")),
    )


_STEPS = (
    *(part for n in STEPS for part in _step(n)),
    LINE,
    word(_("每两件相隔不超过")),
    number("gap", _("相隔几天")),
    word(_("天")),
    text("without_name", _("中间没有什么事"), "doings", _("中间没有…")),
)

FIELDS: Mapping[str, tuple[Field, ...]] = {
    "buy": (*_days(), _what(), MEASURE, OP, NUMBER, _only()),
    "grown": (
        *_days(),
        _what(),
        MEASURE,
        OP,
        word(_("相比：")),
        number("other_days", _("拿来比的是几天")),
        word(_("天，到")),
        number("other_skip", _("到几天前为止")),
        word(_("天前为止，的")),
        number("percent", _("百分之几")),
        word("%"),
        _only(),
    ),
    "silent": (word(_("没有做过")), *_facts()),
    "first": (word(_("第一次是在")), *_facts()),
    "recent": (
        word(_("离")),
        choice("which", _("哪一次"), ("last", _("最近一次")), ("first", _("第一次"))),
        _what(),
        OP,
        NUMBER,
        word(_("天")),
        _only(),
    ),
    "which": (
        *_days(),
        choice("order", _("哪一次"), ("most", _("最常")), ("last", _("最近一次")), ("first", _("第一次"))),
        _what(),
        word(_("的")),
        TRAIT,
        word(_("是")),
        VALUES,
        _only(),
    ),
    "after": (
        *_days("b_"),
        _what("b_"),
        word(_("之后的")),
        number("within_days", _("几天")),
        word(_("天内")),
        _what(),
        _only(),
    ),
    "order": (word(_("先后")), *_STEPS),
    "funnel": (word(_("依次")), *_STEPS, word(_("走到的步数")), OP, NUMBER),
    "every": (
        word(_("前面")),
        number("times", _("几个")),
        choice("unit", _("月还是周"), ("month", _("个月每月都")), ("week", _("周每周都"))),
        *_facts(timed=False),
    ),
    "birthday": (
        choice("key", _("哪一天"), ("birthday", _("生日")), ("joined_at", _("入会日"))),
        word(_("在今天起")),
        number("days", _("几天")),
        word(_("天之内")),
    ),
    "years": (
        word(_("第一次")),
        _what(),
        word(_("满周年，在今天起")),
        number("within_days", _("几天")),
        word(_("天之内")),
        _only(timed=False),
    ),
    "top": (
        choice(
            "within", _("和谁比"), ("", _("所有人里")), ("store", _("常去同一家店的人里")), named="places"
        ),
        *_days(),
        _what(),
        MEASURE,
        choice("lowest", _("从哪头数"), ("", _("最高的前")), ("lowest", _("最低的后"))),
        number("percent", _("百分之几")),
        word("%"),
        _only(),
    ),
    "tier": (word(_("会员等级是")), text("values", _("哪几个等级，用顿号隔开"), "tiers")),
    "known": (
        word(_("资料里")),
        choice("key", _("哪一项"), named="keys"),
        choice("how", _("怎么看"), ("", _("是")), ("known", _("有记录"))),
        VALUES,
    ),
    "bond": (
        choice(
            "to", _("归谁"), ("store", _("归属门店")), ("guide", _("归属导购")), ("dealer", _("归属经销商"))
        ),
        choice("how", _("怎么看"), ("", _("是")), ("known", _("有记录"))),
        VALUES,
    ),
    "figure": (
        word(_("资料里")),
        choice("key", _("哪一项"), ("tier", _("会员等级的序号")), named="keys"),
        OP,
        NUMBER,
    ),
    "balance": (
        word(_("积分余额")),
        text("partner", _("哪个合作方的积分，不写是自己的"), "", _("自己的积分")),
        OP,
        NUMBER,
    ),
    "role": (word(_("身份是")), choice("role", _("什么身份"), named="roles")),
    "score": (
        word("RFM"),
        choice(
            "of",
            _("哪一项"),
            ("recency", _("最近一次")),
            ("frequency", _("买的次数")),
            ("monetary", _("买的金额")),
        ),
        word(_("得分（1 到 5）")),
        OP,
        NUMBER,
    ),
    "grade": (
        word(_("价值分层是")),
        Field("boxes", "", _("哪几层"), tuple((f"v_{key}", said) for key, said in words.GRADES.items())),
    ),
    "rfm": (
        word(_("RFM 分类是")),
        Field("boxes", "", _("哪几类"), tuple((f"v_{key}", said) for key, said in RFM_KINDS)),
    ),
    "distance": (
        word(_("住处离")),
        text("latitude", _("纬度，比如 31.2304"), "", _("纬度")),
        text("longitude", _("经度，比如 121.4737"), "", _("经度")),
        OP,
        NUMBER,
        word(_("公里")),
    ),
    "tagged": (
        word(_("有标签")),
        text("tag", _("哪个标签"), "tags"),
        text("values", _("哪几个值，用顿号隔开"), "", _("任何值")),
        word(_("最近")),
        number("days", _("最近几天，不写是从来"), _("不限")),
        word(_("天打上的")),
    ),
    "member": (word(_("在人群")), choice("segment", _("哪个人群"), named="segments")),
    "sample": (
        word(_("随机分组")),
        text("salt", _("这次分组的名字，名字一样分法就一样")),
        word(_("里的第")),
        number("first", _("从百分之几")),
        word(_("% 到")),
        number("until", _("到百分之几")),
        word("%"),
    ),
    "text": (
        Field("area", "text", _("写成文字的规则"), hint='count(buy[category in ("零食")] last 30 days) >= 2'),
    ),
}

ADDS: tuple[tuple[Word, Options], ...] = (
    (
        _("买了什么、做了什么"),
        (
            ("buy", _("买了多少、做了几次")),
            ("silent", _("没有买、没有做")),
            ("grown", _("比以前多了或少了")),
            ("recent", _("多久没来")),
            ("first", _("第一次买")),
            ("which", _("最常买什么、去哪家店")),
            ("top", _("排在前面的")),
        ),
    ),
    (
        _("先后和时间"),
        (
            ("after", _("一件事之后几天内")),
            ("order", _("先后发生的事")),
            ("funnel", _("走到第几步")),
            ("every", _("每个月都来")),
            ("birthday", _("生日、入会纪念日")),
            ("years", _("第一次买满周年")),
        ),
    ),
    (
        _("她是谁"),
        (
            ("tier", _("会员等级")),
            ("balance", _("积分余额")),
            ("known", _("资料")),
            ("figure", _("资料里的数")),
            ("bond", _("归哪家店、哪位导购")),
            ("role", _("身份")),
            ("score", _("RFM 得分")),
            ("rfm", _("RFM 分类")),
            ("grade", _("价值分层")),
            ("distance", _("住得多远")),
        ),
    ),
    (
        _("标签、人群和其他"),
        (
            ("tagged", _("标签")),
            ("member", _("在另一个人群")),
            ("sample", _("随机分组")),
            ("text", _("写成文字")),
        ),
    ),
)


@dataclass(frozen=True)
class Filled:
    """A field as a page shows it: `says` is its value, `chosen` the options that are taken."""

    field: Field
    says: str = ""
    options: tuple[tuple[str, Word, bool], ...] = ()
    within: tuple[Filled, ...] = ()

    @property
    def is_set(self) -> bool:
        return (
            bool(self.says)
            or any(is_on for _value, _said, is_on in self.options)
            or any(one.is_set for one in self.within)
        )


def filled(kind: str, values: Mapping[str, str], lists: Mapping[str, Options]) -> tuple[Filled, ...]:
    return tuple(_filled(one, values, lists) for one in FIELDS[kind])


def _filled(one: Field, values: Mapping[str, str], lists: Mapping[str, Options]) -> Filled:
    if one.kind == "fold":
        return Filled(one, within=tuple(_filled(each, values, lists) for each in one.within))
    if one.kind == "boxes":
        return Filled(one, options=tuple((name, said, bool(values.get(name))) for name, said in one.options))
    says = values.get(one.name, "")
    if one.kind != "choice":
        return Filled(one, says)
    options = (*one.options, *lists.get(one.named, ()))
    # what a rule says and no list knows is shown as it is, and not changed by looking at it
    if says and says not in {value for value, _said in options}:
        options = (*options, (says, says))
    return Filled(one, says, tuple((value, said, value == says) for value, said in options))
