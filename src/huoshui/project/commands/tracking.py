"""`huoshui tracking …`: sources that track, and their write keys."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import typer

from huoshui.project import boot
from huoshui.project.commands.output import print_json, print_new_key, print_table, say

app = typer.Typer(no_args_is_help=True, help="行为埋点：来源和写入密钥。")
AsJson = Annotated[bool, typer.Option("--json", help="结果用 JSON")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="来源的名字，例如 web；已有的来源再加一把密钥")],
    scope: Annotated[list[str], typer.Option(help="权限，可以写几次：events、people、orders")],
    kind: Annotated[str, typer.Option(help="web、miniapp、app 或 server")] = "web",
    label: Annotated[str, typer.Option(help="页面上叫什么")] = "",
    users: Annotated[str, typer.Option(help="账号体系；userId 相同就是同一个人的来源写同一个")] = "",
    store: Annotated[str, typer.Option(help="订单记在哪个门店编码")] = "",
    origin: Annotated[list[str] | None, typer.Option(help="允许的网址，可以写几次")] = None,
    rate: Annotated[int, typer.Option(help="每分钟最多多少次请求（每个进程）")] = 60_000,
    as_json: AsJson = False,
) -> None:
    """新建来源和它的写入密钥。密钥只显示这一次。"""
    boot.boot("river", with_owner=True)
    boot.migrate_if_needed()
    from huoshui.core.actor import SYSTEM
    from huoshui.intake.tracking import api as tracking

    known = {one.name: one for one in tracking.list_sources()}
    source = known.get(name) or tracking.add_source(
        name=name,
        label=label,
        kind=kind,
        user_scope=users,
        store_code=store,
        origins=origin or [],
        rate_per_minute=rate,
        actor=SYSTEM,
    )
    made = tracking.add_key(source.source_id, scopes=scope, actor=SYSTEM)
    print_new_key(made.prefix, made.token, as_json=as_json)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """有哪些来源和密钥。"""
    boot.boot("river")
    from huoshui.intake.tracking import api as tracking

    sources = tracking.list_sources()
    if as_json:
        print_json([asdict(source) for source in sources])
        return
    rows = [
        (
            s.name,
            tracking.KINDS[s.kind],
            s.user_scope,
            k.prefix,
            "、".join(k.scopes),
            k.last_used_at,
            k.ends_at,
        )
        for s in sources
        for k in s.keys
    ]
    print_table(("来源", "", "账号体系", "密钥", "权限", "最近使用", "停用于"), rows, right=[False] * 7)


@app.command()
def rotate(
    prefix: Annotated[str, typer.Argument(help="旧密钥的开头，见 huoshui tracking list")],
    days: Annotated[int, typer.Option(help="旧的还能用几天")] = 7,
    as_json: AsJson = False,
) -> None:
    """换一把新的写入密钥，旧的过几天停用。"""
    boot.boot("river")
    from huoshui.core.actor import SYSTEM
    from huoshui.intake.tracking import api as tracking

    made = tracking.rotate_key(prefix, grace=timedelta(days=days), actor=SYSTEM)
    print_new_key(made.prefix, made.token, as_json=as_json)


@app.command()
def end(
    prefix: Annotated[str, typer.Argument(help="密钥的开头，见 huoshui tracking list")],
    as_json: AsJson = False,
) -> None:
    """停用一把写入密钥，几秒内生效。"""
    boot.boot("river")
    from huoshui.core.actor import SYSTEM
    from huoshui.intake.tracking import api as tracking

    tracking.end_key(prefix, actor=SYSTEM)
    if as_json:
        print_json({"prefix": prefix, "ended": True})
    else:
        say.print("已停用。")
