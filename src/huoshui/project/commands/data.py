"""Data in: `import`, `sample`."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from huoshui.core.errors import Refused
from huoshui.project import boot
from huoshui.project.commands.output import Bar, bars, print_json, say

_KINDS = (
    "sales、people、products、stores、staff、dealers、stock、dealer_purchases、dealer_payments、dealer_stock、survey、"
    "coupons、bills、targets、market、promotion、groups、campaigns；也可以直接写平台的格式，例如 taobao_orders、jd_pop、"
    "pinduoduo、douyin_shop、youzan_orders、weixin_pay"
)
_DATABASE_TRIES = 5


def register(app: typer.Typer) -> None:
    app.command("import")(import_files)
    app.command("sample")(sample)


def import_files(
    kind: Annotated[str, typer.Argument(help=f"表格的种类：{_KINDS}")],
    files: Annotated[
        list[Path], typer.Argument(help="一个或几个文件；同一批订单请一起给", exists=True, dir_okay=False)
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不写入")] = False,
    mapping: Annotated[
        Path | None, typer.Option(help="表头对应的 JSON 文件：{字段: 表头}", exists=True)
    ] = None,
    mode: Annotated[
        str, typer.Option(help="live：现在的数据，算积分、扣库存；history：过去的数据，只记录")
    ] = "live",
    source: Annotated[str, typer.Option(help="数据从哪里来，例如「收银系统」")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="结果用 JSON")] = False,
) -> None:
    """导入表格。"""
    boot.boot("river", with_owner=True)
    boot.migrate_if_needed()
    from huoshui.core import priority

    priority.lower_this_process()
    with _stoppable(), bars() as progress:
        run = run_import(
            files,
            kind=kind,
            mode=mode,
            source_name=source,
            mapping=json.loads(mapping.read_text(encoding="utf-8")) if mapping else None,
            is_dry_run=dry_run,
            bar=Bar(progress, "导入"),
            carried_out=priority.aside,
        )
    if run["state"] != "done":
        raise Refused(run["message"])
    if as_json:
        print_json(run)
    else:
        _tell(run)


@contextmanager
def _stoppable() -> Iterator[None]:
    """A thread aside cannot be told to stop, and need not: what it does may be broken off anywhere."""
    try:
        yield
    except KeyboardInterrupt:
        say.print("已停下。已经收下的数据不会丢，再导入一次同样的文件就会接着做。")
        os._exit(130)


def run_import(
    files: list[Path],
    *,
    bar: Bar,
    readers: bool = True,
    carried_out: Callable[[Callable[[], Any]], Any] = lambda work: work(),
    **choices: Any,
) -> dict[str, Any]:
    """Make a run and carry it out here; a database that went away is met again. Returns the run in plain values.

    `readers`: bring cards and lake up to date afterwards. `carried_out`: how, e.g. aside.
    """
    from huoshui.brand import api as brand
    from huoshui.core.actor import SYSTEM
    from huoshui.intake.imports import api as imports
    from huoshui.intake.river.api import after_settling

    brand.ensure_headquarters("总部")
    run_id = imports.add_run(files, actor=SYSTEM, **choices)
    started = time.monotonic()

    def listen(p: imports.Progress) -> None:
        bar.at(p.done, p.total, rate=p.rate, title=p.phase)

    surviving(lambda: carried_out(lambda: imports.execute(run_id, actor=SYSTEM, listener=listen)))
    view = imports.run_for(SYSTEM, run_id)
    if readers and view.state == "done" and not view.is_dry_run:
        bar.at(0, 0, title="更新顾客卡和数据仓")
        surviving(lambda: carried_out(after_settling))
    bar.finish("导入完成" if view.state == "done" else "导入没有完成")
    return {
        "run_id": view.id,
        "state": view.state,
        "kind": view.kind,
        "format": view.format,
        "source": view.source_name,
        "mode": view.mode,
        "dry_run": view.is_dry_run,
        "counts": dict(view.counts),
        "problems": view.problems,
        "problem_file": str(imports.problem_file(SYSTEM, run_id)) if view.problems else None,
        "mapping": view.mapping,
        "message": view.message,
        "seconds": round(time.monotonic() - started, 2),
    }


def surviving(work: Any) -> None:
    """Do it, and again when the database was lost meanwhile: the embedded one is started anew."""
    from django.db import connections

    from huoshui.core.retry import LOST

    for left in range(_DATABASE_TRIES, -1, -1):
        try:
            work()
            return
        except LOST:
            if left == 0:
                raise
            connections.close_all()
            time.sleep(1)
            boot.rejoin()


def _tell(run: dict[str, Any]) -> None:
    counts = run["counts"]
    verb = "检查了" if run["dry_run"] else "导入了"
    say.print(f"{verb} {counts.get('rows', 0):,} 行，用时 {run['seconds']} 秒。")
    for name, label in _COUNT_LABELS.items():
        if counts.get(name):
            say.print(f"  {label} {counts[name]:,}")
    if run["problems"]:
        file = run["problem_file"]
        say.print(
            f"  有 {run['problems']:,} 处读不懂，已单独放好，改完可以直接再导入：{file}", soft_wrap=True
        )
    if not run["dry_run"]:
        say.print(f"  这次导入的编号是 {run['run_id']}；导错了，用 huoshui undo {run['run_id']} 撤销。")


_COUNT_LABELS = {
    "orders": "订单",
    "lines": "订单行",
    "people": "顾客",
    "no_sales": "没付款或已取消，不算成交",
    "products": "商品",
    "stores": "门店",
    "new": "新收下",
    "known": "以前收过、没有变化",
    "waiting": "在等原订单的退款",
    "changed": "有变化",
}


def sample(
    name: Annotated[str, typer.Argument(help="样例的名字：suyu（虚构品牌）或 completejourney（真实零售商）")],
    directory: Annotated[Path, typer.Argument(help="写到哪个文件夹")],
    people: Annotated[int, typer.Option(help="suyu 有多少位顾客，1000 到 10000000")] = 50_000,
    until: Annotated[str, typer.Option(help="suyu 的最后一天，例如 2026-11-25；不写就是昨天")] = "",
    seed: Annotated[int, typer.Option(help="suyu 的种子：同一个种子写出同样的文件")] = 1,
) -> None:
    """写出一份样例文件：一个虚构品牌的两年，或一家真实零售商的一年。"""
    with bars() as progress:
        bar = Bar(progress, "写样例文件")
        if name == "completejourney":
            names = _write_journey(directory, bar)
        elif name == "suyu":
            names = _write_suyu(directory, bar, people, until, seed)
        else:
            raise Refused(f"没有叫「{name}」的样例。现有：suyu、completejourney。")
        bar.finish("样例文件写好了")
    for file in names:
        say.print(f"  {directory / file}")


def _write_journey(directory: Path, bar: Bar) -> list[str]:
    from huoshui.project.sample import completejourney

    told = completejourney.write(directory, lambda what, done, total: bar.at(done, total, title=what))
    return [file.name for file in told.files]


def _write_suyu(directory: Path, bar: Bar, people: int, until: str, seed: int) -> list[str]:
    from huoshui.project.sample.suyu.plan import plan
    from huoshui.project.sample.suyu.write import TRUTH_FILE, write

    try:
        last = (
            date.fromisoformat(until)
            if until
            else datetime.now(tz=ZoneInfo("Asia/Shanghai")).date() - timedelta(1)
        )
    except ValueError as error:
        raise Refused("日期请写成 2026-11-25 的样子。") from error
    told = write(plan(people=people, last=last, seed=seed), directory, lambda what: bar.at(0, 0, title=what))
    return [*(file.name for file in told.files), TRUTH_FILE]
