"""Words of 识别规则."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huoshui.people.api import KINDS, identity_ruleset
from huoshui.web.console import numbers
from huoshui.web.console.markup import bold

STRENGTHS = {
    "certain": gettext_lazy("确定"),
    "weak": gettext_lazy("弱"),
    "hint": gettext_lazy("只作参考"),
}
FIELDS = {
    "strength": gettext_lazy("作用"),
    "certain_in": gettext_lazy("只在这些来源确定"),
    "most_people": gettext_lazy("一个号码最多认几个人"),
    "most_of_person": gettext_lazy("一个人最多几个"),
    "quiet_days": gettext_lazy("多少天没用过要人看"),
    "blocked": gettext_lazy("无效号码"),
}
DONE = {
    "saved": gettext_lazy("草稿存好了，还没有生效。先试算一下，看看会影响谁。"),
    "dropped": gettext_lazy("草稿丢掉了，现行规则没有变。"),
    "trying": gettext_lazy("开始试算了。只是算一算，什么都不会改。"),
    "live": gettext_lazy("新规则已生效。以前的顾客正在按新规则整理，不满意可以改回去。"),
}


OTHERS = gettext_lazy("其他账号")


def label(kind: str) -> str:
    return _(KINDS[kind].label) if kind in KINDS else str(OTHERS)


class Said(NamedTuple):
    """One difference; '—' stands where there is nothing."""

    what: str
    before: str
    after: str


def sentence(row: Mapping[str, Any]) -> str:
    """What the rule of one kind means."""
    if row["strength"] == "hint":
        return _("记下来，不用来认人。")
    if row["strength"] != "certain":
        return _("没有别的线索时用来找人，从不合并。")
    parts = [_("同一个号码就是同一人。")]
    if row["certain_in"]:
        parts = [_("只有来自 {places} 的才算数。").format(places=_("、").join(row["certain_in"]))]
    parts.append(_("认出的人超过 {count} 个，就当多人共用，不再用它认人。").format(count=row["most_people"]))
    if row["most_of_person"] is not None:
        parts.append(_("一个人超过 {count} 个就不合并，请人来看。").format(count=row["most_of_person"]))
    return "".join(parts) if numbers.language() != "en" else " ".join(parts)


def changes(before: identity_ruleset.Ruleset, after: identity_ruleset.Ruleset) -> list[Said]:
    return [_change(one) for one in identity_ruleset.changes(before, after)]


def _change(one: identity_ruleset.Change) -> Said:
    if one.field == "order":
        names = [
            _("、").join(_(KINDS[k].label) for k in (side or "").split("、"))
            for side in (one.before, one.after)
        ]
        return Said(_("先认哪一种"), *names)
    what = f"{label(one.kind)} · {FIELDS[one.field]}"
    if one.field == "strength":
        return Said(what, str(STRENGTHS[one.before or ""]), str(STRENGTHS[one.after or ""]))
    nothing = _("不限") if one.field in ("most_of_person", "quiet_days") else "—"
    return Said(what, one.before or nothing, one.after or nothing)


def via(shown: Mapping[str, Any] | None) -> str:
    return f"{_(shown['label'])} {shown['masked']}" if shown else ""


def found(report: Mapping[str, Any], *, is_live: bool) -> SafeString:
    """What a rehearsal found, or what going live did."""
    parts = []
    if not (report["joined"] or report["split"]):
        parts.append(format_html(_("看了 {} 位顾客，没有人会合并或分开。"), bold(f"{report['persons']:,}")))
    else:
        text = (
            _("看了 {} 位顾客：合并后少了 {} 位，分开后多了 {} 位。")
            if is_live
            else _("看了 {} 位顾客：合并后会少 {} 位，分开后会多 {} 位。")
        )
        parts.append(
            format_html(
                text,
                f"{report['persons']:,}",
                bold(f"{report['joined']:,}"),
                bold(f"{report['split']:,}"),
            )
        )
        parts.append(
            format_html(
                _("牵涉 {} 张订单、{}、{} 积分：订单和积分跟着人走，一分不少。"),
                f"{report['orders']:,}",
                numbers.money(report["amount"]),
                f"{report['points']:,}",
            )
        )
    if report["guarded"]:
        parts.append(format_html(_("{} 个号码不再用来认人。"), f"{report['guarded']:,}"))
    if report["released"]:
        parts.append(format_html(_("{} 个号码重新用来认人。"), f"{report['released']:,}"))
    if report["conflicts"]:
        parts.append(
            format_html(
                _("{} 条记录因为一个人的账号太多没有合并，会列到异常数据。"), f"{report['conflicts']:,}"
            )
        )
    return format_html_join(" ", "{}", ((part,) for part in parts))
