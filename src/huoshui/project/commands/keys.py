"""`huoshui keys …`: who may call the business API, and new keys for what is kept sealed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from huoshui.core.errors import Refused
from huoshui.project import boot
from huoshui.project.commands.output import print_json, print_new_key, print_table, say

app = typer.Typer(no_args_is_help=True, help="接口密钥：新建、查看、停用。联系方式的加密密钥：更换。")
AsJson = Annotated[bool, typer.Option("--json", help="结果用 JSON")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="给谁用，例如收银系统的名字；同名的第二把用来换钥匙")],
    scope: Annotated[
        list[str],
        typer.Option(help="权限，可以写几次：quote、sell、refund、read、bulk、claim、visit、stock、alliance"),
    ],
    store: Annotated[list[str] | None, typer.Option(help="只能代表这些门店编码；不写就是全部门店")] = None,
    rate: Annotated[int, typer.Option(help="每分钟最多多少次（每个进程）")] = 600,
    as_json: AsJson = False,
) -> None:
    """新建一把密钥。它只显示这一次。"""
    boot.boot("river", with_owner=True)
    boot.migrate_if_needed()
    from huoshui.core.actor import SYSTEM
    from huoshui.web.api.keys import add_key

    made = add_key(name=name, scopes=scope, store_codes=store or [], rate_per_minute=rate, actor=SYSTEM)
    print_new_key(made.prefix, made.token, as_json=as_json)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """有哪些密钥。"""
    boot.boot("river")
    from huoshui.web.api.keys import list_keys

    keys = list_keys()
    if as_json:
        print_json([asdict(key) for key in keys])
        return
    rows = [
        (
            key.name,
            key.prefix,
            "、".join(key.scopes),
            "、".join(key.store_codes) or "全部",
            key.rate_per_minute,
            key.last_used_at,
            "已停用" if key.revoked_at else "",
        )
        for key in keys
    ]
    headers = ("名字", "开头", "权限", "门店", "每分钟", "最近使用", "")
    print_table(headers, rows, right=[False, False, False, False, True, False, False])


@app.command()
def revoke(
    prefix: Annotated[str, typer.Argument(help="密钥的开头，见 huoshui keys list")], as_json: AsJson = False
) -> None:
    """停用一把密钥，一秒之内生效。"""
    boot.boot("river")
    from huoshui.core.actor import SYSTEM
    from huoshui.web.api.keys import revoke_key

    revoke_key(prefix, actor=SYSTEM)
    if as_json:
        print_json({"prefix": prefix, "revoked": True})
    else:
        say.print("已停用。")


@app.command()
def rotate(as_json: AsJson = False) -> None:
    """更换联系方式的加密密钥。收银照常；中途断了，再运行一次就接着换。换完以后用 retire 作废旧密钥。"""
    boot.boot("river", with_owner=True)
    boot.migrate_if_needed()
    from huoshui.core import rotating
    from huoshui.project import rotation

    found = rotation.rotate()
    if as_json:
        print_json({"generation": rotating.generation(), "clean": found.is_clean, **asdict(found)})
    elif found.is_clean:
        say.print(
            f"全部换成了第 {rotating.generation()} 代密钥。旧密钥还留着，确认没有问题后运行：huoshui keys retire"
        )
    if not found.is_clean:
        old = found.identifiers + found.carried + found.sealed
        raise Refused(f"还有 {old:,} 处没有换完，{found.unreadable:,} 处只存了指纹、换不了。请再运行一次。")


@app.command()
def retire(
    yes: Annotated[bool, typer.Option("--yes", help="确认：更换之前做的备份以后就打不开联系方式了")] = False,
) -> None:
    """作废旧密钥。先逐一检查，还有一处没换就不作废。"""
    boot.boot("river")
    from huoshui.project import rotation

    if not yes:
        raise Refused("作废以后，更换密钥之前做的备份里的联系方式就再也打不开了。确定的话加上 --yes。")
    rotation.retire()
    say.print("旧密钥已经作废。")
