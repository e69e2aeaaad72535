"""`huoshui rights …`: what people ask of us by law, where no browser is at hand."""

from __future__ import annotations

from typing import Annotated

import typer

from huoshui.core.errors import Refused
from huoshui.project import boot
from huoshui.project.commands.output import print_json, print_table

app = typer.Typer(no_args_is_help=True, help="个人信息请求：查看、注销并删除、恢复备份以后再删一遍。")
AsJson = Annotated[bool, typer.Option("--json", help="结果用 JSON")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """有哪些请求在等答复，最急的在前。"""
    boot.boot("river")
    from huoshui.core.actor import SYSTEM
    from huoshui.people import api as people

    cases = people.rights_reads.cases(SYSTEM)
    if as_json:
        print_json(
            [{"id": c.id, "kind": c.kind, "due_on": c.due_on, "days_left": c.days_left} for c in cases]
        )
        return
    rows = [(c.id, c.label, c.due_on, c.days_left) for c in cases]
    print_table(("编号", "要什么", "最晚答复", "还剩几个工作日"), rows, right=[True, False, False, True])


@app.command()
def erase(
    kind: Annotated[str, typer.Argument(help="按什么找人：phone、card_no、member_no、email …")],
    values: Annotated[list[str], typer.Argument(help="号码，可以写很多个，一起删")],
    proof: Annotated[str, typer.Option(help="怎么核实是本人")],
    as_json: AsJson = False,
) -> None:
    """注销并删除这些顾客。删了找不回来；订单的金额和件数留下，不再知道是谁买的。"""
    boot.boot("river")
    from django.db import transaction

    from huoshui.core.actor import SYSTEM
    from huoshui.people import api as people

    if kind not in people.KINDS:
        raise Refused("没有这一种号码。")
    found = {value: people.find(kind, value) for value in values}
    if missing := [value for value, person in found.items() if person is None]:
        raise Refused(f"找不到：{'、'.join(missing[:5])}。一个都没有删。")
    persons = sorted({person for person in found.values() if person is not None})
    with transaction.atomic():
        cases = [
            people.rights.ask(SYSTEM, person, "erase", said="", via="命令行", proof=proof)
            for person in persons
        ]
    gone = people.erasing.erase(cases)
    report = {"cases": cases, **people.rights_reads.case(SYSTEM, cases[0]).outcome, "identities": gone}
    if as_json:
        print_json(report)
        return
    rows = [(e["where"], e["what"], e["count"]) for e in report["erased"] if e["count"]]
    print_table(("哪里", "删了什么", "多少"), rows, right=[False, False, True])


@app.command()
def reapply(as_json: AsJson = False) -> None:
    """恢复备份以后：备份之后注销的顾客，再删一遍。没有恢复过就什么都不做。"""
    boot.boot("river")
    from huoshui.people import api as people

    print_json({"identities": people.reapply_erasures()})
