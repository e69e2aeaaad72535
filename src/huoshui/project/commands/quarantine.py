"""`huoshui quarantine …`: bases that were bought or come from a partner, held until a second person lets them in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from huoshui.core.errors import Refused
from huoshui.project import boot
from huoshui.project.commands.output import Bar, bars, print_json, print_table, say

app = typer.Typer(no_args_is_help=True, help="收购来的、合作方给的数据：先隔离，两个人看过才放行。")
AsJson = Annotated[bool, typer.Option("--json", help="结果用 JSON")]
RunId = Annotated[int, typer.Argument(help="导入的编号，huoshui quarantine list 里看得到")]
As = Annotated[str, typer.Option("--as", help="谁来做：登录名；放行要另一个人同意")]
Reason = Annotated[str, typer.Option(help="为什么放行或拒绝")]

STATES = {
    "marked": "还没检查",
    "held": "隔离中",
    "asked": "等另一个人同意",
    "released": "已放行",
    "rejected": "已拒绝",
}
_LATEST = 500


@app.command()
def add(
    kind: Annotated[str, typer.Argument(help="表格的种类，和 huoshui import 一样，例如 people")],
    files: Annotated[list[Path], typer.Argument(help="一个或几个文件", exists=True, dir_okay=False)],
    relation: Annotated[str, typer.Option(help="怎么来的：acquired 收购来的，partner 合作方给的")],
    from_whom: Annotated[str, typer.Option("--from", help="从谁那里来，例如：甲公司")],
    obtained_on: Annotated[str, typer.Option("--on", help="哪天拿到的，例如 2026-03-01")],
    contract: Annotated[str, typer.Option(help="合同编号或文件")],
    legal_basis: Annotated[
        str, typer.Option("--basis", help="法律依据：transfer、separate_consent、consent、contract、duty")
    ],
    notice_version: Annotated[str, typer.Option("--notice", help="告知书版本")],
    source: Annotated[str, typer.Option(help="给这份数据另起的来源名，例如：甲公司会员")],
    as_json: AsJson = False,
) -> None:
    """收下文件，检查，放进隔离：谁也找不到、数不到、联系不到里面的人，直到放行。"""
    imports = _imports()
    from huoshui.brand import api as brand
    from huoshui.core.actor import SYSTEM
    from huoshui.project.commands.data import surviving

    brand.ensure_headquarters("总部")
    run_id = imports.add_run(files, kind=kind, source_name=source, actor=SYSTEM)
    said = {
        "relation": relation,
        "from_whom": from_whom,
        "obtained_on": obtained_on,
        "contract": contract,
        "legal_basis": legal_basis,
        "notice_version": notice_version,
    }
    imports.mark_quarantine(SYSTEM, run_id, said)
    with bars() as progress:
        bar = Bar(progress, "检查")
        surviving(lambda: imports.execute(run_id, actor=SYSTEM))
        bar.finish("检查完了")
    _show(imports, run_id, as_json)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """有哪些，到了哪一步，新的在前。"""
    imports = _imports()
    from huoshui.core.actor import SYSTEM

    views = [imports.quarantine_of(SYSTEM, r.id) for r in imports.runs(SYSTEM, limit=_LATEST) if r.quarantine]
    found = [view for view in views if view is not None]
    if as_json:
        print_json([_told(view) for view in found])
        return
    rows = [
        (v.run_id, v.from_whom, STATES[v.state], f"{v.counts.get('rows', 0):,}", v.obtained_on) for v in found
    ]
    print_table(
        ("编号", "从谁那里来", "现在", "行数", "哪天拿到的"), rows, right=[True, False, False, True, False]
    )


@app.command()
def show(run_id: RunId, as_json: AsJson = False) -> None:
    """一份的来历，和里面有什么。"""
    _show(_imports(), run_id, as_json)


@app.command()
def release(run_id: RunId, by: As, reason: Reason, as_json: AsJson = False) -> None:
    """请求放行；放行要另一个人 approve。"""
    imports = _imports()
    imports.release(_staff(by), run_id, reason=reason)
    _show(imports, run_id, as_json)


@app.command()
def approve(run_id: RunId, by: As, as_json: AsJson = False) -> None:
    """另一个人同意放行：由后台（huoshui worker）导入。"""
    imports = _imports()
    imports.approve_release(_staff(by), run_id)
    _show(imports, run_id, as_json)


@app.command()
def decline(run_id: RunId, by: As, as_json: AsJson = False) -> None:
    """另一个人不同意放行：还在隔离里。"""
    imports = _imports()
    imports.decline_release(_staff(by), run_id)
    _show(imports, run_id, as_json)


@app.command()
def reject(run_id: RunId, by: As, reason: Reason, as_json: AsJson = False) -> None:
    """拒绝：文件删掉，什么都不入账；来历和原因留着。"""
    imports = _imports()
    imports.reject_quarantined(_staff(by), run_id, reason=reason)
    _show(imports, run_id, as_json)


def _imports() -> Any:
    boot.boot("river", with_owner=True)
    boot.migrate_if_needed()
    from huoshui.intake.imports import api as imports

    return imports


def _staff(login: str) -> Any:
    """Two persons, and not one shell: whoever acts is a member of staff, by login."""
    from django.contrib.auth.models import User

    from huoshui.brand import api as brand

    user = User.objects.filter(username=login, is_active=True).first()
    if user is None:
        raise Refused(f"没有登录名 {login}。")
    return brand.actor_of(user)


def _show(imports: Any, run_id: int, as_json: bool) -> None:
    from huoshui.core.actor import SYSTEM

    view = imports.quarantine_of(SYSTEM, run_id)
    if view is None:
        raise Refused(f"导入 {run_id} 是自家的数据，不在隔离里。")
    if as_json:
        print_json(_told(view))
        return
    say.print(f"导入 {run_id}：{STATES[view.state]}，{view.counts.get('rows', 0):,} 行。")
    say.print(
        f"  从 {view.from_whom} 来，{view.obtained_on} 拿到；合同 {view.contract}；告知书 {view.notice_version}"
    )
    if view.counts.get("persons_known"):
        say.print(f"  里面有 {view.counts['persons_known']:,} 位已经是我们的顾客")
    if view.reason:
        say.print(f"  原因：{view.reason}" + (f"（{view.decided_by}）" if view.decided_by else ""))


def _told(view: Any) -> dict[str, Any]:
    return {
        "run_id": view.run_id,
        "state": view.state,
        "relation": view.relation,
        "from": view.from_whom,
        "obtained_on": view.obtained_on.isoformat(),
        "contract": view.contract,
        "legal_basis": view.legal_basis,
        "notice_version": view.notice_version,
        "counts": dict(view.counts),
        "reason": view.reason,
        "decided_by": view.decided_by,
    }
