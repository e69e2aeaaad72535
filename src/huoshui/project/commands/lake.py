"""`huoshui lake …`"""

from __future__ import annotations

from typing import Annotated

import typer

from huoshui.core.errors import Refused
from huoshui.project import boot
from huoshui.project.commands.output import print_json, say

app = typer.Typer(no_args_is_help=True, help="数据仓：状态、写入、整理、重建、对账。")
AsJson = Annotated[bool, typer.Option("--json", help="结果用 JSON")]


@app.command()
def status(as_json: AsJson = False) -> None:
    """有哪些表，多少行，到什么时候。"""
    boot.boot("river")
    from huoshui.lake import api as lake

    report = lake.status().to_json()
    if as_json:
        print_json(report)
        return
    for table in report["tables"]:
        say.print("  ".join(f"{k}={v}" for k, v in table.items()))


@app.command()
def flush() -> None:
    """把新处理好的数据写进数据仓。"""
    boot.boot("river")
    from huoshui.lake import api as lake

    print_json(lake.flush().to_json())


@app.command()
def compact() -> None:
    """整理小文件。"""
    boot.boot("river")
    from huoshui.lake import api as lake

    print_json(lake.compact().to_json())


@app.command()
def rebuild() -> None:
    """从数据库全部重建。"""
    boot.boot("river")
    from huoshui.lake import api as lake
    from huoshui.people import api as people

    # A restored backup is what a rebuild mostly follows: whoever was erased since must not come into the new lake
    people.reapply_erasures()
    print_json(lake.rebuild().to_json())


@app.command()
def reconcile() -> None:
    """和数据库逐日对账。"""
    boot.boot("river")
    from huoshui.lake import api as lake

    report = lake.reconcile()
    print_json(report.to_json())
    if not report.agrees:
        raise Refused("数据仓和数据库不一致，差在上面列出的那几天。可以运行 huoshui lake rebuild。")
