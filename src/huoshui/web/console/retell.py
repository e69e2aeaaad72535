"""Sentences that other rooms made in Chinese, told in the language of the page.

Rooms below the web know one language. What they say comes from a few patterns, listed here; a sentence is
matched to its pattern, and the translated pattern filled with the same figures. Any other stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from django.utils.translation import gettext

from huoshui.core import unmet
from huoshui.insight.api import SAID, tags
from huoshui.intake.imports.api import PROBLEM_TEXTS
from huoshui.intake.pickup.api import SAID as PICKUP_SAID
from huoshui.intake.wecom.api import SAID as WECOM_SAID
from huoshui.web.console import insight_words, numbers
from huoshui.web.console.contexts import staff_words

# trade.sales.chain, intake.river.settle, people.identity, intake, insight
PATTERNS = (
    "收到一笔订单",
    "{source}送来，单号 {key}",
    "没有认出顾客",
    "这笔订单没有留下会员卡或手机号",
    "认出顾客",
    "记成交",
    "{store} · {n} 行商品",
    "记在员工名下",
    "库存不动",
    "历史订单只记录，不扣库存",
    "扣库存",
    "{store}的 {kinds} 种商品，共 {pieces} 件",
    "核销团购券 {code}",
    "{source}还没有报来这张券",
    "{source}卖了 ¥{amount}，成交算在这里",
    "{source}卖了 ¥{amount}，成交算在这里，平台服务费 ¥{fee}",
    "商品待补资料",
    "{n} 行商品不在商品表里，已照常记账",
    "加 {n} 积分",
    "减 {n} 积分",
    "{year} 年 {month} 月底到期",
    "积分已用掉，记为欠积分",
    "退货扣回",
    "升为{tier}",
    "累计消费达到了门槛",
    "订单有更新",
    "补来订单的其余商品",
    "退货退款",
    "状态：{status}",
    "只记差额",
    "要人看一眼",
    "退货要扣回的积分已经用掉了，记为欠积分",
    "这个账号被很多人共用，不再用它认人",
    "这一类最少要留 {least} 天，最多可以写 {most} 天。",
    "等了两个星期，原订单还没有来；请查一下原订单号",
    "{actor} 手工合并：{reason}",
    "同一笔记录里同时出现了两边的账号（{kind} {value}）",
    "{day} 以前的同一笔记录里同时出现了两边的账号（{kind} {value}，之后换了人用）",
    "这个号码很久没有用过，现在和别的账号一起出现，可能换了人用；没有合并，请看看",
    "积分不够。",
    "要扣的积分不够，记为欠积分，下次得积分时先还",
    "这个活动的预算用完了。",
    "账户余额不够。",
    "检查表格",
    "写入数据",
    "检查表格：读取 {file}",
    "检查表格：检查 {file}",
    "检查表格：整理每一行",
    "检查表格：完成",
    "这群人只有 {n} 位，少于 {least} 位，看不出特点，也容易认出是谁。",
    "与现有顾客比对",
    "名单的标签列里有系统不认识的词：{words}。请先选好怎么处理，再导入。",
    "没有编码是“{code}”的门店。",
    "文件里没有身高 {height} 的人，有的是：{heights}。",
    "文件里有几个人，身高是 {heights}。请填要导入的是哪一个，其他人另外再导入。",
    "{label}“{text}”不是数字",
    "时间“{text}”读不懂",
    "这条称重记录读不懂",
    "这是家里其他成员的记录，没有收",
    "请选择数据是收购来的，还是合作方给的。",
    "请从列表里选择法律依据。",
    "“哪天拿到的”请写成 2026-03-01 这样。",
    "“哪天拿到的”不能晚于今天。",
    "已拒绝，文件已删除，什么都没有入账。",
    "没有做完：{error}。已经收下的数据不会丢，再导入一次同样的文件就会接着做。",
)
# The sentences of engage.loyalty.why: what was spent in its window, and what that is worth
TIER_REASONS = (
    *(
        f"{span}消费 {{spent}}，{rest}"
        for span in ("累计", "今年", "近 {months} 个月")
        for rest in (
            "现在是{tier}。",
            "达到{tier}门槛 {least}；保级到 {day}。",
            "达到{tier}门槛 {least}；长期有效。",
            "曾达到{tier}门槛 {least}；保级到 {day}。",
            "曾达到{tier}门槛 {least}；长期有效。",
            "曾达到{tier}门槛 {least}；保级期 {day} 已满，宽限到 {grace}，在此之前再消费 {missing} 可以保级。",
        )
    ),
    "再消费 {missing} 可升为{tier}。",
    "{tier}权益：{benefits}。",
)
# The parts of engage.campaigns.saying: a rule is told as a list of these. What is more exact stands first
RULE_PARTS = (
    "满 {yuan} 元且 {pieces} 件",
    "满 {yuan} 元",
    "满 {pieces} 件",
    "减 {yuan} 元",
    "最多减 {yuan} 元",
    "打 {fold} 折",
    "免单",
    "送 {sku} {pieces} 件",
    "一共 {yuan} 元",
    "每件 {yuan} 元",
    "限 {pieces} 件",
    "第 {nth} 件免费",
    "第 {nth} 件半价",
    "第 {nth} 件打 {fold} 折",
    "每单最多 {times} 次",
    "限指定的 {units} 家机构使用",
    "限{places}使用",
    "限{channels}渠道",
    "限等级 {rank} 及以上的会员",
    "限星期{days}",
    "限商品 {goods}",
    "限{goods}类",
    "限{goods}品牌",
    "限 {span}",
    "限{goods}",
    "商品 {goods}除外",
    "{goods}类除外",
    "{goods}品牌除外",
    "{goods}除外",
    "{first} 至 {last} 有效",
    "{first} 起有效",
    "{last} 前有效",
    "领取后 {days} 天内有效",
    "领取 {after} 天后起 {days} 天内有效",
    "领取 {after} 天后可用",
    "每人限领 {n} 张",
    "共 {n} 张",
    "每单最多用 {n} 张",
    "不可与其他券同用",
    "不可与“{group}”组的其他券同用",
    "可与其他券同用",
    "可转赠",
    "整单退货不还券",
    "整单退货时未过期则还券",
    "整单退货还券",
    "至少再用 {days} 天",
    "费用品牌承担 {brand}%",
    "经销商承担 {dealer}%",
    "一口价打包要写门槛（金额或件数），否则买一件也是这个价",
    "结束日期早于开始日期",
    "退货不还券，就没有延长有效期",
    "要写时刻，如 09:00",
    "一天只有 24 小时",
    "开始和结束是同一时刻",
)
_SLOT = re.compile(r"\{(\w+)[^}]*\}")


def retell(text: str) -> str:
    if not text or numbers.language() == "zh_Hans":
        return text
    whole = gettext(text)
    if whole != text:
        return whole
    for pattern, matcher in _matchers():
        found = matcher.fullmatch(text)
        if found:
            return _plain(gettext(pattern)).format(
                **{k: gettext(v) if v else "" for k, v in found.groupdict().items()}
            )
    return text


@cache
def _matchers() -> list[tuple[str, re.Pattern[str]]]:
    return [(pattern, _matcher(pattern)) for pattern in patterns() if _SLOT.search(pattern)]


def _matcher(pattern: str) -> re.Pattern[str]:
    parts, place = [], 0
    for slot in _SLOT.finditer(pattern):
        parts += [re.escape(pattern[place : slot.start()]), f"(?P<{slot[1]}>.+?)"]
        place = slot.end()
    return re.compile("".join([*parts, re.escape(pattern[place:])]), re.DOTALL)


def _plain(pattern: str) -> str:
    """Slots without their format: what fills them has been formatted already."""
    return _SLOT.sub(r"{\1}", pattern)


def patterns() -> Iterator[str]:
    """Every sentence or pattern that may be told again, also those their own room lists."""
    yield from PATTERNS
    yield from SAID
    yield from TIER_REASONS
    yield from RULE_PARTS
    yield from PICKUP_SAID
    yield from WECOM_SAID
    yield from insight_words.REFUSED
    yield from staff_words.REFUSED
    yield from tags.SENTENCES.values()
    yield from tags.WHAT.values()
    # What could not be had, as the rooms say it
    yield from unmet.templates().values()
    for reason, remedy in PROBLEM_TEXTS.values():
        yield reason
        yield remedy
