"""The form of a coupon: what can be said of it, in groups a shopkeeper thinks in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.engage.campaigns.api import Rule
from huoshui.web.console import words
from huoshui.web.console.contexts import coupon_words, rooms
from huoshui.web.console.contexts.coupon_reading import KINDS, Filled, Values, filled
from huoshui.web.console.contexts.coupon_values import values_of
from huoshui.web.console.contexts.people import Choice
from huoshui.web.console.retell import retell

ACT = frozenset({"boss", "operator"})
SEE = ACT | {"analyst", "auditor"}


def may_see(actor: Actor) -> bool:
    return bool(actor.roles & SEE)


def may_act(actor: Actor) -> bool:
    return bool(actor.roles & ACT)


def require(allowed: bool) -> None:
    """Absent and forbidden look alike."""
    if not allowed:
        raise NotFound


@dataclass(frozen=True)
class Field:
    """`kind`: text, money, whole, fold, day, list, check, checks, radios, select or several. `only` is the kind of benefit
    that it belongs to."""

    name: str
    label: str
    kind: str
    value: str = ""
    unit: str = ""
    hint: str = ""
    choices: tuple[Choice, ...] = ()
    error: str = ""
    only: str = ""
    is_needed: bool = False


@dataclass(frozen=True)
class Group:
    title: str
    says: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Preview:
    """`missing` names what is still to be written, so that an unfinished form is not scolded while one types; `marks` are
    all fields, each with its mistake or ''."""

    sentence: str
    missing: tuple[str, ...]
    errors: Mapping[str, str]
    marks: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class FormContext:
    id: int | None
    heading: str
    url: str
    back_url: str
    groups: tuple[Group, ...]
    preview: Preview
    error: str
    issued: int
    is_beyond: bool


def blank() -> Values:
    return {
        "kind": ["amount_off"],
        "days": ["30"],
        "per_person": ["1"],
        "on_refund": ["give_back"],
        "stacking": ["free"],
        "brand_percent": ["100"],
    }


def form(
    actor: Actor, template_id: int | None, values: Values | None = None, *, error: str = ""
) -> FormContext:
    """A new coupon, one as it stands, or what was just typed with its mistakes. Raises NotFound."""
    require(may_act(actor))
    view = rooms.campaigns.template_for(actor, template_id) if template_id is not None else None
    typed = values is not None
    if values is None:
        values = values_of(view.title, view.rule) if view else blank()
    told = filled(values)
    own = reverse("console:coupon", args=[view.id]) if view else reverse("console:coupons")
    return FormContext(
        id=template_id,
        heading=view.title if view else _("新建优惠券"),
        url=reverse("console:coupon-rule", args=[view.id]) if view else reverse("console:coupon-new"),
        back_url=own,
        groups=tuple(groups(values, told.all_errors if typed else {})),
        preview=preview_of(told),
        error=error,
        issued=view.issued_count if view else 0,
        is_beyond=view is not None and is_beyond(view.title, view.rule),
    )


def is_beyond(title: str, rule: Rule) -> bool:
    """Whether a rule made elsewhere says what this form has no field for; to save it here would lose that."""
    return filled(values_of(title, rule)).rule != rule


def preview(actor: Actor, values: Values) -> Preview:
    require(may_act(actor))
    return preview_of(filled(values))


def preview_of(told: Filled) -> Preview:
    labels = {f.name: f.label for g in groups({}, {}) for f in g.fields}
    return Preview(
        sentence=coupon_words.rule_sentence(told.rule, coupon_words.unit_names(told.rule))
        if told.rule
        else "",
        missing=tuple(labels[name] for name in told.missing if name in labels),
        errors=told.errors,
        marks=tuple((name, told.errors.get(name, "")) for name in labels),
    )


def groups(values: Values, errors: Mapping[str, str]) -> Iterator[Group]:
    make = _Maker(values, errors)
    yield Group(_("给什么"), "", tuple(_benefit(make)))
    yield Group(_("用在哪些商品上"), _("不写就是全场；写了几样，符合一样就算"), tuple(_goods(make)))
    yield Group(_("谁、在哪、什么时候能用"), _("不选就是不限"), tuple(_where(make)))
    yield Group(_("多久有效"), _("写一种就行；两种都写，以先到的为准"), tuple(_validity(make)))
    yield Group(_("能不能一起用"), "", tuple(_together(make)))
    yield Group(_("发多少、谁出钱"), "", tuple(_limits(make)))
    yield Group(_("退货以后"), "", tuple(_afterwards(make)))


class _Maker:
    def __init__(self, values: Values, errors: Mapping[str, str]) -> None:
        self._values = values
        self._errors = errors

    def __call__(
        self,
        name: str,
        label: str,
        kind: str,
        *,
        options: Mapping[str, str] | None = None,
        unit: str = "",
        hint: str = "",
        only: str = "",
        is_needed: bool = False,
    ) -> Field:
        told = self._values.get(name, ())
        choices = tuple(Choice(v, text, v in told) for v, text in (options or {}).items())
        value, error = (told[-1] if told else ""), self._errors.get(name, "")
        return Field(name, label, kind, value, unit, hint, choices, error, only, is_needed)


def _benefit(make: _Maker) -> Iterator[Field]:
    yuan, pieces = _("元"), _("件")
    yield make("title", _("券的名字"), "text", hint=_("顾客看得到，比如：新客满减"), is_needed=True)
    kinds = {kind: str(words.COUPON_KINDS[kind]) for kind in KINDS}
    yield make("kind", _("哪一种"), "radios", options=kinds, is_needed=True)
    yield make("amount", _("减多少"), "money", unit=yuan, only="amount_off", is_needed=True)
    fold = _("8 就是八折，8.5 就是八五折；0 是免费")
    yield make("fold", _("打几折"), "fold", unit=_("折"), hint=fold, only="percent_off", is_needed=True)
    yield make("cap", _("最多减"), "money", unit=yuan, hint=_("不写就不封顶"), only="percent_off")
    sku = _("商品编码")
    yield make("gift_sku", _("送哪个商品"), "text", hint=sku, only="gift", is_needed=True)
    yield make("gift_pieces", _("送几件"), "whole", unit=pieces, hint=_("不写就是 1 件"), only="gift")
    yield make("price", _("卖多少"), "money", unit=yuan, only="fixed_price", is_needed=True)
    packed = _("写了，是每件这个价、最多这么多件；不写，是满门槛的商品一共这个价")
    yield make("price_pieces", _("最多几件"), "whole", unit=pieces, hint=packed, only="fixed_price")
    yield make("nth", _("第几件便宜"), "whole", unit=pieces, only="nth_item", is_needed=True)
    half = _("5 就是半价；0 是免费")
    yield make(
        "nth_fold", _("那一件打几折"), "fold", unit=_("折"), hint=half, only="nth_item", is_needed=True
    )
    times = _("不写就是 1 次")
    yield make("nth_times", _("每单最多几次"), "whole", unit=_("次"), hint=times, only="nth_item")
    yield make("threshold_amount", _("满多少钱"), "money", unit=yuan, hint=_("不写就没有门槛"))
    yield make("threshold_pieces", _("满几件"), "whole", unit=pieces)


def _goods(make: _Maker) -> Iterator[Field]:
    several = _("几个之间用顿号隔开")
    path = _("比如 护肤/面霜；几个之间用顿号隔开")
    yield make("include_categories", _("只限品类"), "text", hint=path)
    yield make("exclude_categories", _("除外的品类"), "text", hint=path)
    yield make("include_brands", _("只限品牌"), "text", hint=several)
    yield make("exclude_brands", _("除外的品牌"), "text", hint=several)
    yield make("include_skus", _("只限商品编码"), "text", hint=several)
    yield make("exclude_skus", _("除外的商品编码"), "text", hint=several)


def _where(make: _Maker) -> Iterator[Field]:
    units = rooms.brand.org_units_table().to_pylist()
    stores = {str(u["org_unit_id"]): u["name"] or u["code"] for u in units}
    hold = _("按住 Ctrl 可以选几家；选了上级机构，下面的门店都能用")
    yield make("org_units", _("门店或机构"), "several", options=stores, hint=hold)
    tiers = {name: retell(name) for name in rooms.loyalty.tier_names()}
    yield make("tiers", _("会员等级"), "checks", options=tiers)
    yield make("channels", _("渠道"), "text", hint=_("比如 门店、小程序；写法和订单里的一样"))
    days = {str(n): str(day) for n, day in enumerate(words.WEEKDAYS, 1)}
    yield make("weekdays", _("星期几"), "checks", options=days)
    yield make("hours", _("什么时刻"), "text", hint=_("比如 09:00-12:00、18:00-21:30"))


def _validity(make: _Maker) -> Iterator[Field]:
    yield make("first", _("从哪天起"), "day")
    yield make("last", _("到哪天为止"), "day", hint=_("这一天还能用"))
    yield make("days", _("领取后几天内有效"), "whole", unit=_("天"))
    yield make("after_days", _("领取几天后才能用"), "whole", unit=_("天"), hint=_("不写就是当天能用"))


def _together(make: _Maker) -> Iterator[Field]:
    ways = {
        "free": _("可以和别的券一起用"),
        "group": _("同一组的券只能用一张"),
        "exclusive": _("不和任何别的券一起用"),
    }
    yield make("stacking", _("叠加规则"), "radios", options=ways)
    yield make("group", _("组名"), "text", hint=_("选了“同一组”才要写，比如：满减"))
    yield make("max_per_order", _("每单最多用几张"), "whole", unit=_("张"), hint=_("不写就是 1 张"))


def _limits(make: _Maker) -> Iterator[Field]:
    piece = _("张")
    yield make("per_person", _("每人限领"), "whole", unit=piece, hint=_("不写就不限"))
    yield make("total_count", _("一共发"), "whole", unit=piece, hint=_("不写就不限"))
    budget = {"1": _("花完预算就不能再用；建好以后去拨预算")}
    yield make("has_budget", _("要有预算"), "checks", options=budget)
    share = _("其余由给券的那家经销商承担；自营门店都算品牌的")
    yield make("brand_percent", _("费用里品牌承担"), "whole", unit="%", hint=share)
    yield make("transferable", _("转赠"), "checks", options={"1": _("顾客可以送给朋友")})


def _afterwards(make: _Maker) -> Iterator[Field]:
    policies: Sequence[tuple[str, object]] = tuple(words.COUPON_REFUNDS.items())
    options = {policy: str(said) for policy, said in policies}
    yield make("on_refund", _("整单退货时，券"), "radios", options=options)
    hint = _("还回来的券至少还能用这么多天")
    yield make("extend_days", _("还券时延长"), "whole", unit=_("天"), hint=hint)
