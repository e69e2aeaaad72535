"""`huoshui retention …`: how long each class of data is kept, what would go, and what goes now."""

from __future__ import annotations

from typing import Annotated

import typer

from huoshui.project import boot
from huoshui.project.commands.output import print_json, print_table, say

app = typer.Typer(no_args_is_help=True, help="到期删除：每类数据留多少天，会删多少，现在就删。")
AsJson = Annotated[bool, typer.Option("--json", help="结果用 JSON")]


@app.command()
def show(as_json: AsJson = False) -> None:
    """先数一数：每一类现在有多少到期。什么都不动，关着的也数。"""
    boot.boot("river")
    from huoshui.core.actor import SYSTEM
    from huoshui.people import api as people

    found = people.retention.count(SYSTEM)
    rules = people.retention_reads.rules_of(SYSTEM)
    if as_json:
        print_json(
            [{"name": r.name, "days": r.days, "is_on": r.is_on, "due": dict(found[r.name])} for r in rules]
        )
        return
    rows = [(r.name, r.label, r.days, "开" if r.is_on else "关", sum(found[r.name].values())) for r in rules]
    print_table(("名字", "哪一类", "留几天", "开关", "到期"), rows, right=[False, False, True, False, True])
    for what, why in people.retention_rules.KEPT:
        say.print(f"不删：{what}。{why}", soft_wrap=True)


@app.command("set")
def set_(
    name: Annotated[str, typer.Argument(help="哪一类，名字见 show")],
    days: Annotated[int | None, typer.Option(help="留几天；改了先关着")] = None,
    on: Annotated[bool | None, typer.Option("--on/--off", help="打开或关掉；打开以前先 show")] = None,
) -> None:
    """改一类留多少天，打开或关掉。"""
    boot.boot("river")
    from django.db import transaction

    from huoshui.core.actor import SYSTEM
    from huoshui.people import api as people

    with transaction.atomic():
        if days is not None:
            people.retention.set_days(SYSTEM, name, days)
        if on is not None:
            people.retention.turn(SYSTEM, name, on=on)
    (rule,) = [r for r in people.retention_reads.rules_of(SYSTEM) if r.name == name]
    print_json({"name": rule.name, "days": rule.days, "is_on": rule.is_on})


@app.command()
def run(as_json: AsJson = False) -> None:
    """现在就删到期的，只删打开的那几类；平时每天夜里自己做。删了找不回来。"""
    boot.boot("river")
    from huoshui.core.actor import SYSTEM
    from huoshui.people import api as people

    gone = people.retention.run(SYSTEM)
    if as_json:
        print_json(gone)
        return
    if not gone:
        say.print("没有打开的，什么都没有删。")
        return
    rows = [(name, word, n) for name, counts in gone.items() for word, n in counts.items()]
    print_table(("哪一类", "删了什么", "多少"), rows, right=[False, False, True])
