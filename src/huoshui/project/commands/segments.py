"""`huoshui segment …`: saved segments, from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from huoshui.core.errors import Refused
from huoshui.project import boot
from huoshui.project.commands.output import print_json, print_table, say

app = typer.Typer(no_args_is_help=True, help="人群：有哪些、里面是谁、保存一条规则。")
AsJson = Annotated[bool, typer.Option("--json", help="结果用 JSON")]
Rule = Annotated[
    str, typer.Argument(help="规则，文字或者 JSON，比如 count(buy last 30 days) >= 2；@文件 从文件读")
]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """有哪些人群，各有多少人。"""
    boot.boot("river")
    from huoshui.core.actor import SYSTEM
    from huoshui.insight.api import segments

    rows = [
        {
            "id": one.id,
            "name": one.name,
            "state": one.state,
            "people": one.people,
            "change": one.change,
            "refreshed_at": one.refreshed_at,
            "error": one.error,
            "sentence": one.sentence_zh,
        }
        for one in segments.listed(SYSTEM)
    ]
    if as_json:
        print_json(rows)
        return
    headers = ("编号", "名字", "状态", "人数", "7 天变化", "算到", "算不出来的原因", "规则")
    right = [True, False, False, True, True, False, False, False]
    print_table(headers, [tuple(row.values()) for row in rows], right=right)


@app.command()
def members(
    name: Annotated[str, typer.Argument(help="名字，见 huoshui segment list")],
    limit: Annotated[int, typer.Option(help="最多列几位")] = 50,
    as_json: AsJson = False,
) -> None:
    """人群里的顾客。"""
    boot.boot("river")
    from huoshui.core.actor import SYSTEM
    from huoshui.insight.api import segments

    found = segments.members(SYSTEM, _find(name), limit=limit)
    if as_json:
        print_json([one._asdict() for one in found])
        return
    print_table(("顾客编号", "进入", "下次复查"), found, right=[True, False, False])


@app.command()
def preview(rule: Rule, as_json: AsJson = False) -> None:
    """一条规则现在有多少人，不保存。"""
    boot.boot("river")
    from huoshui.core.actor import SYSTEM
    from huoshui.insight.api import segments

    shown = segments.preview(_document(rule), actor=SYSTEM)
    if as_json:
        print_json(
            {
                "people": shown.people,
                "sample": shown.sample,
                "sentence": shown.sentence_zh,
                "text": shown.rule_text,
                "is_incremental": shown.is_incremental,
                "cost": shown.cost._asdict(),
                "seconds": shown.seconds,
            }
        )
        return
    print(f"{shown.people:,} 人：{shown.sentence_zh}")
    say.print(f"最多读 {shown.cost.files} 个文件、{shown.cost.rows:,} 行，用了 {shown.seconds:.2f} 秒")


@app.command()
def save(
    name: Annotated[str, typer.Argument(help="名字；已经有的，规则另存一版")],
    rule: Rule,
    reason: Annotated[str, typer.Option(help="为什么这样定")] = "",
) -> None:
    """保存一条规则，后台几秒之后就有人数。"""
    boot.boot("river", with_owner=True)
    boot.migrate_if_needed()
    from django.db import transaction

    from huoshui.core.actor import SYSTEM
    from huoshui.insight.api import segments

    known = {one.name: one.id for one in segments.listed(SYSTEM)}
    with transaction.atomic():
        if name in known:
            saved = segments.save_version(known[name], document=_document(rule), reason=reason, actor=SYSTEM)
        else:
            saved = segments.create(name=name, document=_document(rule), reason=reason, actor=SYSTEM)
    say.print(f"已保存：{name}，第 {saved.version_no} 版")


@app.command()
def refresh(
    everyone: Annotated[bool, typer.Option("--full", help="所有人重新算一遍")] = False,
    as_json: AsJson = False,
) -> None:
    """现在就更新所有人群。"""
    boot.boot("river")
    from huoshui.insight.api import segments

    done = [one._asdict() for one in segments.refresh(is_full=everyone)]
    if as_json:
        print_json(done)
        return
    headers = ("编号", "全部重算", "看了几位", "进入", "离开", "人数")
    print_table(headers, [tuple(row.values()) for row in done], right=[True, False, True, True, True, True])


@app.command()
def export(
    name: Annotated[str, typer.Argument(help="名字")],
    to: Annotated[Path, typer.Argument(help="存到哪个文件")],
) -> None:
    """导出成表格（CSV）；谁、什么时候、导出几位，会留痕。"""
    boot.boot("river")
    from huoshui.core.actor import SYSTEM
    from huoshui.core.scope import scoped
    from huoshui.insight.api import segments

    with scoped(SYSTEM):
        text = segments.export(_find(name), actor=SYSTEM)
        to.write_text(text, encoding="utf-8", newline="")
    say.print(f"已导出到 {to}")


def _find(name: str) -> int:
    from huoshui.core.actor import SYSTEM
    from huoshui.insight.api import segments

    known = {one.name: one.id for one in segments.listed(SYSTEM)}
    if name not in known:
        raise Refused(f"没有叫“{name}”的人群。现有：{'、'.join(known) or '还没有'}。")
    return known[name]


def _document(rule: str) -> Any:
    text = Path(rule[1:]).read_text(encoding="utf-8") if rule.startswith("@") else rule
    try:
        return json.loads(text) if text.lstrip().startswith("{") else text
    except ValueError as error:
        raise Refused(f"这不是有效的 JSON：{error}") from error
