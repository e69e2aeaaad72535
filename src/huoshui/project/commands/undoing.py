"""An import back out: `undo`."""

from __future__ import annotations

from typing import Annotated

import typer

from huoshui.core.errors import Refused
from huoshui.project import boot
from huoshui.project.commands.data import surviving
from huoshui.project.commands.output import Bar, bars, print_json, say


def register(app: typer.Typer) -> None:
    app.command("undo")(undo)


def undo(
    run_id: Annotated[int, typer.Argument(help="导入的编号，导入完会告诉您，也在数据接入的网址里")],
    reason: Annotated[str, typer.Option(help="为什么撤销；不写就只看会怎样，什么都不动")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="结果用 JSON")] = False,
) -> None:
    """撤销一次导入；停在半路的再来一次会接着做。"""
    boot.boot("river", with_owner=True)
    boot.migrate_if_needed()
    from huoshui.core.actor import SYSTEM
    from huoshui.intake.imports import api as imports
    from huoshui.intake.river.api import after_settling

    present = imports.undo_of(SYSTEM, run_id)
    before = (
        imports.figures(imports.rehearse_undo(SYSTEM, run_id)) if present is None else dict(present.before)
    )
    if not reason and present is None:
        _show(before, {}, as_json)
        return
    if present is None or present.state == "failed":
        imports.undo(SYSTEM, run_id, reason=reason)
    with bars() as progress:
        bar = Bar(progress, "撤销")
        surviving(lambda: imports.execute_undo(run_id, say=lambda phase, done: bar.at(done, 0, title=phase)))
        bar.at(0, 0, title="更新顾客卡和数据仓")
        surviving(after_settling)
        bar.finish("撤销结束")
    done = imports.undo_of(SYSTEM, run_id)
    assert done is not None
    if done.state != "done":
        raise Refused(done.message)
    _show(before, dict(done.counts), as_json)


def _show(before: dict[str, int], done: dict[str, int], as_json: bool) -> None:
    if as_json:
        print_json({"before": before, "done": done})
        return
    say.print(
        f"会撤回订单和退款 {before['orders'] + before['refunds']:,} 笔、其他记录 {before['persons_told']:,} 条、"
        f"资料 {before['list_rows']:,} 行；积分 {before['points']:,}，其中 {before['points_short']:,} 已经花掉。",
        soft_wrap=True,
    )
    if before["also_told"]:
        say.print(f"另有 {before['also_told']:,} 条，别的导入也讲过，算那一次的，留下。")
    if done:
        say.print(
            f"已撤回 {done['facts']:,} 条，按别处讲的重新入账 {done['retold']:,} 条；收回积分 {done['points_back']:,}，"
            f"记为欠款 {done['points_owed']:,}；不再有的顾客 {done['persons_gone']:,} 位。",
            soft_wrap=True,
        )
    else:
        say.print("现在什么都没有动。写上 --reason 就撤销。")
