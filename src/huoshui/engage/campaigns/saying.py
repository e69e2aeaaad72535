"""A rule as one plain sentence, and what speaks against a coupon in the user's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from huoshui.core import unmet
from huoshui.engage.campaigns.types import (
    WHOLE,
    AmountOff,
    Benefit,
    FixedPrice,
    Gift,
    Goods,
    NthItem,
    OnRefund,
    PercentOff,
    Rule,
    Validity,
)

unmet.sentences(
    {
        "coupon_threshold": "“{title}”还差 {missing} 才能用，再选一点就够了。",
        "coupon_out_of_scope": "“{title}”不能用于这些商品，请看它的适用商品。",
        "coupon_expired": "“{title}”已在 {until} 过期，请换一张券。",
        "coupon_not_yet": "“{title}”从 {from} 起才能用，请到时再用。",
        "coupon_wrong_store": "“{title}”不能在这家门店用，请到适用门店使用。",
        "coupon_wrong_tier": "“{title}”只给指定的会员等级用；请先出示会员，或升级后再用。",
        "coupon_wrong_time": "“{title}”现在这个时段不能用，请在它写明的星期和时间用。",
        "coupon_wrong_channel": "“{title}”只能在这些渠道用：{channels}。",
        "coupon_not_yours": "“{title}”是别人的券；请出示券主人的会员码，或换一张券。",
        "coupon_needs_member": "“{title}”每人限用 {per_person} 次，请先出示会员码。",
        "coupon_per_person": "这位顾客已经领满了“{title}”，每人限 {per_person} 张。",
        "coupon_used": "券 {code} 已经用过了，请换一张券。",
        "coupon_used_up": "券码 {code} 一共能用 {uses} 次，已经用完了；请换一张券。",
        "coupon_locked": "“{title}”正被另一笔没付完的订单占着；请先取消那笔订单，或过几分钟再试。",
        "coupon_stacking": "“{title}”不能和已经选用的“{with}”一起用，系统已选更省的组合。",
        "coupon_unknown": "没有券码 {code}，请核对后再输一遍，或重新扫码。",
        "coupon_budget_spent": "“{title}”的活动预算已经用完，请换一张券，或请总部追加预算。",
        "coupon_ended": "“{title}”的活动已经结束，请看看别的优惠。",
        "coupon_not_started": "“{title}”还没有发布，或者暂停了，请稍后再来。",
        "coupon_sold_out": "“{title}”已经领完了，请看看别的优惠。",
        "coupon_void": "券 {code} 已经作废：{reason}",
        "coupon_gift_absent": "请把赠品 {sku} 一起放进这一单，“{title}”会把它减为 0 元。",
        "coupon_gives_nothing": "“{title}”用在这些商品上减不到钱，先留着下次用。",
        "coupon_amount_differs": "“{title}”在这一单应减 {right} 元，收银台报的是 {told} 元；请重新试算后再收款。",
        "coupon_not_transferable": "“{title}”不能转赠。",
        "coupon_key_reused": "这个领取编号已经用来领过别的券，请换一个编号。",
    }
)


def sentence(rule: Rule, *, names: Mapping[int, str] | None = None) -> str:
    """`names` of org units, so that stores are told by name."""
    return "，".join(_parts(rule, names or {}))


def _parts(rule: Rule, names: Mapping[int, str]) -> Iterator[str]:
    yield _threshold(rule) + _benefit(rule.benefit)
    if rule.include:
        yield f"限{_goods(rule.include)}"
    if rule.exclude:
        yield f"{_goods(rule.exclude)}除外"
    if rule.org_units:
        known = [names[unit] for unit in sorted(rule.org_units) if unit in names]
        yield f"限{'、'.join(known)}使用" if known else f"限指定的 {len(rule.org_units)} 家机构使用"
    if rule.channels:
        yield f"限{'、'.join(sorted(rule.channels))}渠道"
    yield from _people(rule)
    yield from _times(rule)
    yield _validity(rule.validity)
    if rule.per_person is not None:
        yield f"每人限领 {rule.per_person} 张"
    if rule.total_count is not None:
        yield f"共 {rule.total_count} 张"
    yield from _stacking(rule)
    yield from _afterwards(rule)


def yuan(minor: int) -> str:
    """200 or 12.50."""
    return str(minor // 100) if minor % 100 == 0 else f"{minor // 100}.{minor % 100:02d}"


def _threshold(rule: Rule) -> str:
    both = [f"{yuan(rule.threshold.amount)} 元"] * bool(rule.threshold.amount)
    both += [f"{rule.threshold.pieces} 件"] * bool(rule.threshold.pieces)
    return "满 " + "且 ".join(both) if both else ""


def _benefit(benefit: Benefit) -> str:
    match benefit:
        case AmountOff(amount):
            return f"减 {yuan(amount)} 元"
        case PercentOff(permille, cap):
            most = f"，最多减 {yuan(cap)} 元" if cap is not None else ""
            return f"打 {_fold(permille)} 折{most}" if permille < WHOLE else f"免单{most}"
        case Gift(sku, pieces):
            return f"送 {sku} {pieces} 件"
        case FixedPrice(price, None):
            return f"一共 {yuan(price)} 元"
        case FixedPrice(price, pieces):
            return f"每件 {yuan(price)} 元，限 {pieces} 件"
        case NthItem(nth, permille, times):
            what = (
                "免费"
                if permille == WHOLE
                else "半价"
                if permille == WHOLE // 2
                else f"打 {_fold(permille)} 折"
            )
            return f"第 {nth} 件{what}" + (f"，每单最多 {times} 次" if times > 1 else "")


def _fold(permille: int) -> str:
    return f"{(WHOLE - permille) / 100:.2f}".rstrip("0").rstrip(".")


def _goods(goods: Goods) -> str:
    said = [f"{'、'.join('/'.join(path) for path in goods.categories)}类"] if goods.categories else []
    said += [f"{'、'.join(sorted(goods.brands))}品牌"] if goods.brands else []
    said += [f"商品 {'、'.join(sorted(goods.skus))}"] if goods.skus else []
    return "或".join(said)


def _people(rule: Rule) -> Iterator[str]:
    if rule.tiers.names:
        yield f"限{'、'.join(sorted(rule.tiers.names))}"
    if rule.tiers.min_rank is not None:
        yield f"限等级 {rule.tiers.min_rank} 及以上的会员"


_DAYS = "一二三四五六日"


def _times(rule: Rule) -> Iterator[str]:
    if rule.times.weekdays:
        yield "限星期" + "、".join(_DAYS[day - 1] for day in sorted(rule.times.weekdays))
    if rule.times.hours:
        yield "限 " + "、".join(f"{_clock(start)}–{_clock(end)}" for start, end in rule.times.hours)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _validity(validity: Validity) -> str:
    first, last = validity.first, validity.last
    said = [f"{first} 至 {last} 有效"] if first and last else [f"{first} 起有效"] if first else []
    said += [f"{last} 前有效"] if last and not first else []
    if validity.days is not None:
        start = f"领取 {validity.after_days} 天后起" if validity.after_days else "领取后"
        said.append(f"{start} {validity.days} 天内有效")
    elif validity.after_days:
        said.append(f"领取 {validity.after_days} 天后可用")
    return "，".join(said)


def _stacking(rule: Rule) -> Iterator[str]:
    stacking = rule.stacking
    if stacking.max_per_order > 1:
        yield f"每单最多用 {stacking.max_per_order} 张"
    if stacking.exclusive:
        yield "不可与其他券同用"
    elif stacking.group:
        yield f"不可与“{stacking.group}”组的其他券同用"
    else:
        yield "可与其他券同用"


def _afterwards(rule: Rule) -> Iterator[str]:
    if rule.transferable:
        yield "可转赠"
    if rule.on_refund is OnRefund.KEEP:
        yield "整单退货不还券"
    else:
        valid = "整单退货时未过期则还券" if rule.on_refund is OnRefund.GIVE_BACK_IF_VALID else "整单退货还券"
        yield valid + (f"，至少再用 {rule.extend_days} 天" if rule.extend_days else "")
    if rule.brand_permille < WHOLE:
        yield f"费用品牌承担 {rule.brand_permille / 10:g}%，经销商承担 {(WHOLE - rule.brand_permille) / 10:g}%"
