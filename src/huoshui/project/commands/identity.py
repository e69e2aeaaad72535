"""`huoshui identity …`: by which accounts people are recognised, and what other rules would do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from huoshui.project import boot
from huoshui.project.commands.output import print_json, say

app = typer.Typer(no_args_is_help=True, help="识别规则：现行的规则、试算一份新规则（不生效）。")


@app.command()
def rules() -> None:
    """现行的规则，JSON。改一份交给 rehearse 试算。"""
    boot.boot("river")
    from huoshui.core.actor import SYSTEM
    from huoshui.people import api as people

    print_json(people.identity_rules.versions(SYSTEM)[0].rules.body())


@app.command()
def rehearse(
    file: Annotated[Path, typer.Argument(help="规则文件，JSON", exists=True, dir_okay=False)],
    as_json: Annotated[bool, typer.Option("--json", help="结果用 JSON")] = False,
) -> None:
    """先试算，不生效：谁会合并，谁会分开。"""
    boot.boot("river")
    from huoshui.people import api as people

    try:
        found = people.identity_rules.try_out(json.loads(file.read_text(encoding="utf-8")))
    except json.JSONDecodeError as error:
        say.print(f"{file} 不是 JSON：{error}")
        raise typer.Exit(1) from error
    if as_json:
        print_json(found)
        return
    say.print(
        f"看了 {found['persons']:,} 位顾客：合并后会少 {found['joined']:,} 位，分开后会多 {found['split']:,} 位。"
    )
    say.print(
        f"牵涉 {found['orders']:,} 张订单、{found['points']:,} 积分；{found['guarded']:,} 个号码不再用来认人。"
    )
