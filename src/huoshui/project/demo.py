"""`huoshui demo`: a world of files, in through the public doors and nothing else."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from rich.progress import Progress

from huoshui.core.errors import Refused
from huoshui.project import boot
from huoshui.project.commands.data import run_import, surviving
from huoshui.project.commands.output import Bar, bars
from huoshui.project.logins import LOGINS, MORE, PHONES, PLACED, Login

SUYU, JOURNEY = "suyu", "completejourney"
DEFAULT: Final = SUYU
BRANDS: Final = {SUYU: "粟屿轻养", JOURNEY: "我的品牌"}
"""The worlds there are, and whose they are."""
PEOPLE: Final = 50_000

Part = tuple[str, str, list[Path]]
"""(kind of table or format, what it is called, files)"""


@dataclass(frozen=True)
class World:
    """`before` is imported first, then `opens` is done, then `after` imported; `counts` once the sales are in the books, `sent`
    is what machines told meanwhile."""

    before: Sequence[Part]
    opens: tuple[str, Callable[[Bar], None]] | None = None
    after: Sequence[Part] = ()
    counts: Sequence[Part] = ()
    sent: Sequence[tuple[str, Callable[[Bar], None]]] = ()


def chosen(asked: str | None) -> str:
    """The world asked for; without a word the one that is here already. Two in one database would be neither."""
    here = [name for name in BRANDS if (boot.home() / "demo" / name).exists()]
    world = asked or (here[0] if here else DEFAULT)
    if world not in BRANDS:
        raise Refused(f"没有叫「{world}」的演示。现有：{'、'.join(BRANDS)}。")
    if here and world not in here:
        raise Refused(
            f"这里已经有「{here[0]}」的演示了。要看「{world}」，请用 HUOSHUI_HOME 指到另一个文件夹。"
        )
    return world


def prepare(world: str) -> list[tuple[str, str, str]]:
    """Database, logins, files, imports, lake. What is done already is not done again."""
    with bars() as progress:
        bar = Bar(progress, "启动数据库")
        boot.boot("river", with_owner=True)
        boot.migrate_if_needed()
        _head_office()
        _translations()
        bar.finish("数据库就绪")
        bar = Bar(progress, "写样例文件")
        made = (
            _suyu(boot.home() / "demo" / world, bar)
            if world == SUYU
            else _journey(boot.home() / "demo" / world, bar)
        )
        is_new = _import_all(made.before, progress)
        if made.opens:
            title, opens = made.opens
            opens(Bar(progress, title))
        is_new |= _import_all(made.after, progress)
        if is_new and made.counts:
            # A count adds up what has moved since stock was last folded: all sales, if it were not now
            _settle_rest(Bar(progress, "更新顾客卡和数据仓"))
        _import_all(made.counts, progress)
        for title, send in made.sent:
            send(Bar(progress, title))
        _settle_rest(Bar(progress, "更新顾客卡和数据仓"))
    return [(role, name, password) for role, name, password, _ in _logins(world)]


def _logins(world: str) -> list[Login]:
    return [*LOGINS, *MORE, *(PLACED if world == SUYU else [])]


# ---- who signs in ------------------------------------------------------------------------------------------------------


def _head_office() -> None:
    from django.db import transaction

    from huoshui.brand import api as brand
    from huoshui.core.actor import SYSTEM

    with transaction.atomic():
        brand.ensure_headquarters("总部")
        for role, name, password, roles in [*LOGINS, *MORE]:
            brand.ensure_login(username=name, password=password, name=role, roles=roles, actor=SYSTEM)


def _place_logins(dealer: str, store: str, numbers: dict[str, str]) -> None:
    """A dealer, and the manager and a guide of one of its stores. `numbers`: account → whose of the staff list it is."""
    from django.db import transaction

    from huoshui.brand import api as brand
    from huoshui.core.actor import SYSTEM
    from huoshui.people import api as people

    units = brand.find_units([f"dealer:{dealer}", store])
    with transaction.atomic():
        for role, name, password, roles in PLACED:
            unit = units[f"dealer:{dealer}" if roles == ["dealer"] else store]
            brand.ensure_login(
                username=name,
                password=password,
                name=role,
                roles=roles,
                org_unit_id=unit,
                number=numbers.get(name, ""),
                actor=SYSTEM,
            )
        staff = brand.find_staff([numbers.get(account, account) for _, account, _ in PHONES])
        told = [(staff[numbers.get(account, account)], phone) for _, account, phone in PHONES]
        people.know_staff_phones(told, actor=SYSTEM)


def _translations() -> None:
    from huoshui.web.console.i18n import compile_catalogues

    compile_catalogues()


# ---- the worlds --------------------------------------------------------------------------------------------------------


def _journey(directory: Path, bar: Bar) -> World:
    from huoshui.project.sample import completejourney

    completejourney.write(
        directory, lambda what, done, total: bar.at(done, total, title=f"写样例文件：{what}")
    )
    bar.finish("样例文件就绪")
    patterns = {
        "stores": "门店.csv",
        "products": "商品.xlsx",
        "people": "会员.csv",
        "sales": "销售明细-*.csv",
    }
    titles = {"stores": "门店", "products": "商品", "people": "会员", "sales": "销售"}
    return World(
        [(kind, titles[kind], sorted(directory.glob(pattern))) for kind, pattern in patterns.items()]
    )


_SUYU_BEFORE: Final = {
    "dealers": "经销商", "stores": "门店", "products": "商品", "staff": "员工", "campaigns": "活动", "people": "会员",
    "sales": "门店销售", "weixin_shop": "小程序订单", "taobao_items": "天猫订单", "jd_pop": "京东订单",
    "douyin_shop": "抖店订单", "eleme": "闪购订单", "xiaohongshu": "小红书订单",
}  # fmt: skip
_SUYU_AFTER: Final = {
    "sales": "本月门店销售", "coupons": "优惠券", "dealer_purchases": "经销商进货", "dealer_stock": "经销商库存",
}  # fmt: skip


def _suyu(directory: Path, bar: Bar) -> World:
    from django.db import transaction

    from huoshui.intake.river.api import sweep
    from huoshui.project.sample.suyu import places, sending, trading
    from huoshui.project.sample.suyu.plan import plan
    from huoshui.project.sample.suyu.write import write

    people, last, seed = _once_asked(directory)
    of = plan(people=people, last=last, seed=seed)
    files = write(of, directory, lambda name: bar.at(0, 0, title=f"写样例文件：{name}"))
    bar.finish(f"样例文件就绪：{files.people:,} 位顾客，{files.orders:,} 单，{files.lines:,} 行")
    # Rules of commission hold for what settles after them: the month that runs is imported once they stand
    month = [path for path in files.paths("sales") if f"{of.last:%Y-%m}" in path.name]
    parts = {kind: files.paths(kind) for kind in {**_SUYU_BEFORE, **_SUYU_AFTER}}
    before = [
        (kind, title, [path for path in parts[kind] if path not in month])
        for kind, title in _SUYU_BEFORE.items()
    ]
    after = [(kind, title, month if kind == "sales" else parts[kind]) for kind, title in _SUYU_AFTER.items()]

    def trade(bar: Bar) -> None:
        manager, guide = trading.shown_guides(of.places)
        _place_logins(*places.shown(of.places), {"manager": manager, "guide": guide})
        with transaction.atomic():
            trading.open_trading(of)
        sent = sending.send_told(trading.told(of, files.paths("people")[0]))
        bar.finish(f"提成规则、活码和线索就绪：扫码和留言 {sent} 次")

    def lead(bar: Bar) -> None:
        surviving(sweep)
        bar.finish(f"线索 {trading.take_leads()} 条")

    def readings(bar: Bar) -> None:
        sent = sending.send_readings(files.paths("readings"), lambda done, total: bar.at(done, total))
        bar.finish(f"体脂秤读数 {sent:,} 条")

    def events(bar: Bar) -> None:
        sent = sending.send_events(files.paths("events"), lambda done, total: bar.at(done, total))
        bar.finish(f"系统事件 {sent:,} 条")

    return World(
        before,
        ("提成、活码和线索", trade),
        after,
        [("stock", "盘点", files.paths("stock"))],
        [("体脂秤读数", readings), ("系统事件", events), ("线索", lead)],
    )


def _once_asked(directory: Path) -> tuple[int, date, int]:
    """How large, until when and from which seed, as the first run decided: the next day's run opens the same world."""
    note = directory.with_suffix(".json")
    asked = {
        "people": os.environ.get("PEOPLE"),
        "last": os.environ.get("UNTIL"),
        "seed": os.environ.get("SEED"),
    }
    if note.exists():
        known = json.loads(note.read_text(encoding="utf-8"))
        if any(value is not None and value != str(known[name]) for name, value in asked.items()):
            raise Refused("这里已经有一个演示了。要换人数、日期或种子，请用 HUOSHUI_HOME 指到另一个文件夹。")
    else:
        from huoshui.core import clock

        last = asked["last"] or str(clock.business_day(clock.now()) - timedelta(1))
        known = {"people": int(asked["people"] or PEOPLE), "last": last, "seed": int(asked["seed"] or 1)}
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(json.dumps(known), encoding="utf-8")
    return int(known["people"]), date.fromisoformat(known["last"]), int(known["seed"])


# ---- in ----------------------------------------------------------------------------------------------------------------


def _import_all(parts: Sequence[Part], progress: Progress) -> bool:
    """Whether anything was new."""
    new = [_import_once(kind, files, Bar(progress, f"导入{title}"), title) for kind, title, files in parts]
    return any(new)


def _import_once(kind: str, files: list[Path], bar: Bar, title: str) -> bool:
    """Whether it was new."""
    from huoshui.intake.imports import api as imports

    if imports.is_done(files, kind=kind):
        bar.finish(f"{title}已经导入过")
        return False
    run = run_import(files, kind=kind, mode="live", bar=bar, readers=False)
    if run["state"] != "done":
        raise Refused(f"{title}没有导入成功：{run['message']}")
    bar.finish(f"{title} {run['counts']['rows']:,} 行，{run['seconds']} 秒")
    return True


def _settle_rest(bar: Bar) -> None:
    from huoshui.intake.river.api import after_settling, sweep

    surviving(sweep)
    surviving(after_settling)
    bar.finish("数据都到了")
