"""What the page of an import says first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.intake.imports.api import RunView
from huoshui.web.console import numbers
from huoshui.web.console.contexts import import_quarantine
from huoshui.web.console.markup import bold
from huoshui.web.console.retell import retell

if TYPE_CHECKING:
    from huoshui.web.console.contexts.imports import MappingForm

RUNNING = ("queued", "running")


def sentence(view: RunView, form: MappingForm | None, *, is_undone: bool) -> SafeString:
    if view.quarantine in import_quarantine.CLOSED:
        return _in_quarantine(view)
    return _undone(view) if is_undone else _sentence(view, form)


def _sentence(view: RunView, form: MappingForm | None) -> SafeString:
    if view.state in RUNNING:
        doing = (
            _("正在试算，什么都还没有生效。") if view.is_dry_run else _("正在导入；可以离开这一页，不会停。")
        )
        return format_html("{}", doing)
    if view.state == "interrupted":
        return format_html(
            _("导入停在了半路。已经收下的都在，{resume}会从断的地方接着做。"), resume=bold(_("接着导入"))
        )
    if view.state == "failed":
        return format_html("{}", retell(view.message) or _("这次导入没有完成。"))
    if view.state == "done":
        return _done(view)
    if form is None:
        return format_html("{}", _("这份文件读不了，什么都没有导入。"))
    if form.missing:
        return format_html(
            _("还缺 {fields}，请在下面指出是哪一列。"),
            fields=bold(_("、").join(_(m) for m in form.missing), "bad"),
        )
    used = bold(sum(column.is_used for column in form.columns))
    if form.is_weak:
        said = _("看起来是{what}（把握 {sure}）。这种表我们没有见过原件，请逐列核对，然后先试算。")
        return format_html(said, what=bold(form.what), sure=form.sure)
    said = _("看起来是{what}（把握 {sure}），{n} 列里认出了 {used} 列。看一眼对不对，然后先试算。")
    return format_html(said, what=bold(form.what), sure=form.sure, n=len(form.columns), used=used)


def _in_quarantine(view: RunView) -> SafeString:
    rows = bold(numbers.count(view.counts.get("rows", 0)))
    if view.quarantine == "rejected":
        return format_html(_("已拒绝：{rows} 行没有入账，文件已删除。"), rows=rows)
    return format_html(_("隔离中：{rows} 行都没有入账，等人放行。"), rows=rows)


def _undone(view: RunView) -> SafeString:
    rows = bold(numbers.count(view.counts.get("rows", 0)))
    return format_html(_("这次导入已经撤销，它的 {rows} 行不再算数。"), rows=rows)


def _done(view: RunView) -> SafeString:
    rows = bold(numbers.count(view.counts.get("rows", 0) - view.problems))
    if view.is_dry_run:
        if view.problems:
            said = _("试算完了：{rows} 行可以导入，{problems} 行要改。什么都还没有生效。")
            return format_html(said, rows=rows, problems=bold(numbers.count(view.problems), "bad"))
        return format_html(_("试算完了：{rows} 行都可以导入。什么都还没有生效。"), rows=rows)
    if view.problems:
        said = _("导入完了：{rows} 行已入账，{problems} 行要改，改好再传就行，不会重复。")
        return format_html(said, rows=rows, problems=bold(numbers.count(view.problems), "bad"))
    return format_html(_("导入完了：{rows} 行都已入账。同一份文件再传一次，什么都不会变。"), rows=rows)
