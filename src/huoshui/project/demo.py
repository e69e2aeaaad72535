"""`huoshui demo`: real files of a real grocer's year, in through the public import door and nothing else."""

from __future__ import annotations

from pathlib import Path

from huoshui.core.errors import Refused
from huoshui.project import boot
from huoshui.project.commands.data import run_import, surviving
from huoshui.project.commands.output import Bar, bars

LOGINS = [
    ("老板", "boss", "huoshui-demo-boss", ["boss"]),
    ("运营", "operator", "huoshui-demo-operator", ["operator"]),
]
WORLDS = ("completejourney",)


def prepare(world: str) -> list[tuple[str, str, str]]:
    """Database, logins, sample files, imports, lake. What is done already is not done again."""
    if world not in WORLDS:
        raise Refused(f"没有叫「{world}」的演示。现有：{'、'.join(WORLDS)}。")
    with bars() as progress:
        bar = Bar(progress, "启动数据库")
        boot.boot("river", with_owner=True)
        boot.migrate_if_needed()
        _logins()
        _translations()
        bar.finish("数据库就绪")
        directory = boot.home() / "demo" / world
        bar = Bar(progress, "写样例文件")
        _write_sample(directory, bar)
        for kind, title in (("stores", "门店"), ("products", "商品"), ("people", "会员"), ("sales", "销售")):
            bar = Bar(progress, f"导入{title}")
            _import_once(kind, _files(directory, kind), bar, title)
        bar = Bar(progress, "更新顾客卡和数据仓")
        _settle_rest()
        bar.finish("数据都到了")
    return [(role, name, password) for role, name, password, _ in LOGINS]


def _logins() -> None:
    from django.db import transaction

    from huoshui.brand import api as brand
    from huoshui.core.actor import SYSTEM

    with transaction.atomic():
        brand.ensure_headquarters("总部")
        for role, name, password, roles in LOGINS:
            brand.ensure_login(username=name, password=password, name=role, roles=roles, actor=SYSTEM)


def _translations() -> None:
    from huoshui.web.console.i18n import compile_catalogues

    compile_catalogues()


def _write_sample(directory: Path, bar: Bar) -> None:
    from huoshui.project.sample import completejourney

    completejourney.write(
        directory, lambda what, done, total: bar.at(done, total, title=f"写样例文件：{what}")
    )
    bar.finish("样例文件就绪")


def _files(directory: Path, kind: str) -> list[Path]:
    pattern = {
        "stores": "门店.csv",
        "products": "商品.xlsx",
        "people": "会员.csv",
        "sales": "销售明细-*.csv",
    }[kind]
    return sorted(directory.glob(pattern))


def _import_once(kind: str, files: list[Path], bar: Bar, title: str) -> None:
    from huoshui.intake.imports import api as imports

    if imports.is_done(files, kind=kind):
        bar.finish(f"{title}已经导入过")
        return
    run = run_import(files, kind=kind, mode="live", bar=bar, readers=False)
    if run["state"] != "done":
        raise Refused(f"{title}没有导入成功：{run['message']}")
    bar.finish(f"{title} {run['counts']['rows']:,} 行，{run['seconds']} 秒")


def _settle_rest() -> None:
    from huoshui.intake.river.api import after_settling, sweep

    surviving(sweep)
    surviving(after_settling)
