"""`huoshui pickup …`: what is fetched by the clock, from the command line."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from huoshui.core.errors import Refused
from huoshui.project import boot
from huoshui.project.commands.output import print_json, print_table, say

app = typer.Typer(no_args_is_help=True, help="定时取数：从文件夹、SFTP、S3 和数据库。")
AsJson = Annotated[bool, typer.Option("--json", help="结果用 JSON")]

# A file may still be written at the first look; at the second it is whole or not
_LOOKS, _BETWEEN = 2, 21


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """有哪些定时取数，各自怎样了。"""
    boot.boot("river")
    from huoshui.core.actor import SYSTEM
    from huoshui.intake.pickup import api as pickups

    rows = [
        {
            "name": one.name,
            "kind": one.kind,
            "is_enabled": one.is_enabled,
            "next_at": one.next_at if one.is_enabled else None,
            "waiting": latest.waiting,
            "fault": one.said,
            "latest": latest.path,
            "rows": latest.rows,
        }
        for one, latest in pickups.pickups(SYSTEM)
    ]
    if as_json:
        print_json(rows)
        return
    headers = ("名字", "从哪里", "启用", "下一次", "等人看", "取不到的原因", "最近取到", "行")
    print_table(headers, [tuple(row.values()) for row in rows], right=[False] * 7 + [True])


@app.command()
def run(
    name: Annotated[str, typer.Argument(help="名字，见 huoshui pickup list")],
    as_json: AsJson = False,
) -> None:
    """现在就取一次，取到的马上导入。没有启用的也可以。"""
    boot.boot("river", with_owner=True)
    boot.migrate_if_needed()
    from huoshui.core import priority
    from huoshui.core.actor import SYSTEM
    from huoshui.intake.pickup import api as pickups
    from huoshui.intake.river.api import after_settling

    found = {one.name: one for one, _latest in pickups.pickups(SYSTEM)}
    if name not in found:
        raise Refused(f"没有叫“{name}”的定时取数。现有：{'、'.join(found) or '还没有'}。")
    pickup_id = found[name].id
    known = {item.id: item.state for item in pickups.items(SYSTEM, pickup_id)}
    for left in range(_LOOKS - 1, -1, -1):
        if not priority.aside(lambda: pickups.attend(pickup_id, at_once=True)):
            raise Refused("后台任务正在取它，请稍后再看。")
        if left and pickups.has_unsettled(pickup_id):
            say.print(f"等 {_BETWEEN} 秒，看文件传完了没有 …")
            time.sleep(_BETWEEN)
    pickups.follow()
    priority.aside(after_settling)
    _tell(pickups, pickup_id, known, as_json)


def _tell(pickups: Any, pickup_id: int, known: dict[int, str], as_json: bool) -> None:
    from huoshui.core.actor import SYSTEM

    one = pickups.pickup_for(SYSTEM, pickup_id)
    items = [i for i in pickups.items(SYSTEM, pickup_id) if known.get(i.id) != i.state]
    told = [
        {
            "path": i.path,
            "state": i.state,
            "rows": i.rows,
            "problems": i.problems,
            "run_id": i.run_id,
            "said": i.said,
        }
        for i in items
    ]
    if as_json:
        print_json({"name": one.name, "fault": one.fault, "said": one.said, "items": told})
    elif told:
        headers = ("表格", "状态", "行", "读不懂", "导入", "说明")
        print_table(
            headers, [tuple(row.values()) for row in told], right=[False, False, True, True, True, False]
        )
    if one.fault:
        raise Refused(one.said)
    if not told and not as_json:
        say.print("没有新的。")
