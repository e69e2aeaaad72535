"""Answers: `ask`, `person`, `audit`, `doctor`."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from huoshui.core.errors import Refused
from huoshui.project import boot
from huoshui.project.commands.output import out, print_json, print_table, say

AsJson = Annotated[bool, typer.Option("--json", help="结果用 JSON")]


def register(app: typer.Typer) -> None:
    for command in (ask, person, audit, doctor):
        app.command()(command)


def ask(
    question: Annotated[
        str, typer.Argument(help="sales、today、why、rfm、groups、grade、alive、next、portrait")
    ],
    by: Annotated[list[str] | None, typer.Option(help="按什么分，可以写几次：day、store、category …")] = None,
    from_: Annotated[str, typer.Option("--from", help="从哪天起，例如 2017-03-01")] = "",
    to: Annotated[str, typer.Option(help="到哪天止（含）")] = "",
    param: Annotated[list[str] | None, typer.Option(help="其他条件，写成 名字=值")] = None,
    lang: Annotated[str, typer.Option(help="zh 或 en")] = "zh",
    as_json: AsJson = False,
) -> None:
    """问一个问题。"""
    boot.boot("river")
    from huoshui.insight import api as insight

    params: dict[str, Any] = {"lang": lang}
    params |= {name: value for name, value in (("by", by), ("from_", from_), ("to", to)) if value}
    for pair in param or []:
        name, equals, value = pair.partition("=")
        if not equals:
            raise Refused(f"「{pair}」要写成 名字=值。")
        params[name] = value
    answer = insight.ask(question, **params)
    if as_json:
        print_json(answer.to_json())
        return
    out.print(answer.sentence)
    columns = answer.columns
    rows = [[_shown(row[c.name], c.kind) for c in columns] for row in answer.plain_rows()]
    print_table(
        [c.label(lang) for c in columns],
        rows,
        right=[c.kind not in ("dimension", "text", "date") for c in columns],
    )


def _shown(value: Any, kind: str) -> str:
    if value is None:
        return ""
    match kind:
        case "money":
            return f"{value:,.2f}"
        case "share":
            return f"{value:.1%}"
        case "count":
            return f"{value:,}"
        case "ratio" | "days":
            return f"{value:,.2f}"
    return str(value)


def person(
    text: Annotated[str, typer.Argument(help="会员卡号、手机号、手机尾号或姓名")],
    as_json: AsJson = False,
) -> None:
    """找一位顾客。"""
    boot.boot("river")
    from huoshui.core.actor import SYSTEM
    from huoshui.insight.questions.grade import GRADES
    from huoshui.people import api as people

    page = people.search(SYSTEM, text, people.Filters(), limit=20)
    if not page.rows:
        raise Refused(f"没有找到「{text}」。")
    if as_json:
        print_json([card.__dict__ for card in page.rows])
        return
    print_table(
        ["编号", "称呼", "会员等级", "积分", "价值分层", "订单", "消费", "最近一次"],
        [
            [
                c.person_id,
                c.title,
                c.tier,
                f"{c.points:,}",
                GRADES[c.grade][0] if c.grade in GRADES else c.grade,
                c.orders,
                f"{c.spend / 100:,.2f}",
                c.last_sale_at and f"{c.last_sale_at:%Y-%m-%d}",
            ]
            for c in page.rows
        ],
        right=[True, False, False, True, False, True, True, False],
    )


def audit(
    as_json: AsJson = False,
    mend: Annotated[bool, typer.Option("--mend", help="合并关系与依据不符的，按依据改过来")] = False,
) -> None:
    """重算每一个余额、库存和合并关系，看对不对。"""
    boot.boot("river")
    from huoshui.core.facts import api as facts
    from huoshui.core.facts.types import PARENT_UNKNOWN
    from huoshui.core.ledger import api as ledger
    from huoshui.core.ledger.explorer import explained_by_day

    units, stock, days = ledger.audit_units(), ledger.audit_stock(), explained_by_day()
    transfers, explained = ledger.explained()
    received, waiting = facts.open_counts()
    exceptions = facts.open_exceptions()
    clusters = _clusters(mend=mend)
    is_clean = (
        all(u.is_clean for u in units) and stock.is_clean and explained == transfers and not clusters["wrong"]
    )
    report = {
        "clean": is_clean,
        "units": [u.__dict__ for u in units],
        "stock": stock.__dict__,
        "clusters": clusters,
        "transfers": transfers,
        "explained": explained,
        "explained_percent": round(100 * explained / transfers, 4) if transfers else 100.0,
        "explained_by_day": [{**d._asdict(), "day": d.day.isoformat(), "percent": d.percent} for d in days],
        "facts_unsettled": received,
        "facts_waiting": waiting,
        "exceptions": exceptions,
    }
    if as_json:
        print_json(report)
    else:
        for u in units:
            say.print(f"{u.unit}：{u.accounts:,} 个账户，{u.wrong_balances} 个余额不对")
        say.print(f"库存：{stock.places:,} 处，{stock.wrong} 处与单据不符")
        say.print(f"合并关系：{clusters['wrong']:,} 位顾客与依据不符，改正了 {clusters['mended']:,} 位")
        say.print(f"每笔都有来由：{report['explained_percent']}%（{explained:,} / {transfers:,}）")
        for d in days:
            if not d.is_whole:
                missing = d.transfers - d.explained
                say.print(
                    f"　{d.day} {d.unit}：{d.percent}%，{missing:,} 笔说不清来由（共 {d.transfers:,} 笔）"
                )
        if waiting:
            overdue = exceptions.get(PARENT_UNKNOWN, 0)
            say.print(f"等原订单的退款：{waiting:,} 笔，其中 {overdue:,} 笔等了两个星期以上")
    if not is_clean:
        raise Refused("账不平，请看上面不对的那几项。")


def _clusters(*, mend: bool) -> dict[str, int]:
    """How many persons' canonical ids are not what the links say, and how many were put right before."""
    from django.db import transaction

    from huoshui.core.actor import SYSTEM
    from huoshui.people import api as people

    mended = 0
    if mend:
        with transaction.atomic():
            mended = people.mend_clusters(actor=SYSTEM)
    return {"wrong": len(people.cluster_differences()), "mended": mended}


def doctor() -> None:
    """检查这台机器和数据库，一项一行。"""
    from huoshui.core.postgres.doctor import checks

    found = checks(boot.home(), os.environ)
    for check in found:
        mark = "[green]✓[/green]" if check.ok else "[red]×[/red]"
        remedy = f" → {check.remedy}" if not check.ok and check.remedy else ""
        out.print(f"{mark} {check.name}：{check.message}{remedy}", soft_wrap=True)
    boot.boot("river", with_owner=True)
    migrated = boot.is_migrated()
    mark = "[green]✓[/green]" if migrated else "[red]×[/red]"
    out.print(f"{mark} 表结构：{'是最新的' if migrated else '需要升级 → 运行 huoshui manage migrate'}")
    if not migrated or not all(check.ok for check in found):
        raise typer.Exit(1)
