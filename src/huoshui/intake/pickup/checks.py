"""Whether what somebody asks for can be: each refusal says which field, and how to mend it."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from huoshui.core.errors import Refused
from huoshui.intake.files.formats.registry import BY_NAME
from huoshui.intake.files.kinds import KINDS as TABLES
from huoshui.intake.pickup import rules, sayings
from huoshui.intake.pickup.places.dialects import DIALECTS
from huoshui.intake.pickup.types import KINDS, Asked, Files, Query

# What a place needs to be told, and what only it knows
NEEDS: Final = {
    "folder": ("path",),
    "sftp": ("host", "user"),
    "s3": ("bucket", "user"),
    "sql": ("dialect", "database"),
}
ELSEWHERE: Final = ("host", "port", "endpoint", "bucket", "dialect", "user")
"""A password that was given for one of these is not sent to another."""


def check(asked: Asked) -> None:
    """Raises Refused."""
    _require(0 < len(asked.name.strip()) <= 60, Refused("请给它起个名字，最多 60 个字。"))
    _require(asked.kind in KINDS, Refused("请选择从哪里取。"))
    for field in NEEDS[asked.kind]:
        _require(bool(asked.place.get(field, "").strip()), Refused(sayings.NEEDED[field]))
    _require(0 < len(asked.source_name.strip()) <= 60, Refused("请写上数据来源的名字，例如“收银系统”。"))
    _require(
        asked.form == "auto" or asked.form in TABLES or asked.form in BY_NAME,
        Refused("没有这一种表，请重新选择。"),
    )
    _require(asked.mode in ("live", "history"), Refused("请选择数据是“现在的”还是“过去的”。"))
    _require(0 <= asked.tolerance <= 1000, Refused("每 1000 行里允许读不懂的行数，是 0 到 1000。"))
    _check_time(asked)
    _check_place(asked)
    if asked.kind == "sql":
        _check_query(asked)
    else:
        _check_files(Files(**asked.what))


def _check_time(asked: Asked) -> None:
    _require(
        (asked.every_minutes is None) != (asked.daily_at is None),
        Refused("请选择每隔多久取一次，或每天几点取。"),
    )
    if asked.every_minutes is not None:
        _require(1 <= asked.every_minutes <= 10_080, Refused("每隔多久取一次，要在 1 分钟到 7 天之间。"))


def _check_place(asked: Asked) -> None:
    place = asked.place
    _require(
        all(len(value) <= 500 and value.isprintable() for value in place.values()),
        Refused("地址或文件夹太长，或有看不见的字符。"),
    )
    port = place.get("port", "")
    _require(not port or (port.isdecimal() and 0 < int(port) < 65_536), Refused("端口是 1 到 65535 的数字。"))
    if host := place.get("host", ""):
        is_socket = asked.kind == "sql" and host.startswith("/")
        _require(
            is_socket or re.fullmatch(r"[\w.\-:\[\]]+", host) is not None,
            Refused("地址只写主机名或 IP，不要写 sftp:// 这样的开头。"),
        )
    if asked.kind == "folder":
        _require(place["path"].startswith("/"), Refused("文件夹要写完整，以 / 开头。"))
    if asked.kind == "s3":
        _check_bucket(place.get("endpoint", ""), place["bucket"])
    if asked.kind == "sql":
        dialect = place["dialect"]
        _require(dialect in DIALECTS, Refused("请选择数据库的种类。"))
        _require(
            dialect == "sqlite" or bool(place.get("host") and place.get("user")),
            Refused("请填写数据库的地址和账号。"),
        )
        _require(
            dialect != "sqlite" or place["database"].startswith("/"),
            Refused("SQLite 请写数据库文件的完整路径，以 / 开头。"),
        )


def _check_bucket(endpoint: str, bucket: str) -> None:
    _require(
        re.fullmatch(r"[a-z0-9][a-z0-9.\-]{1,62}", bucket) is not None,
        Refused("存储桶的名字只有小写字母、数字、点和短横线。"),
    )
    if not endpoint:
        return
    try:
        parts = urlsplit(endpoint)
        is_fit = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.path.strip("/")
        is_fit = is_fit and not parts.username and (parts.port is None or parts.port > 0)
    except ValueError:
        is_fit = False
    _require(is_fit, Refused("服务地址写成 https://oss-cn-hangzhou.aliyuncs.com 这样，后面不要带文件夹。"))


def _check_files(files: Files) -> None:
    pattern = files.pattern
    steps = pattern.split("/")
    _require(
        0 < len(pattern) <= 300
        and pattern.isprintable()
        and all(steps)
        and not {".", ".."} & set(steps)
        and "\\" not in pattern,
        Refused("文件名写成 *.xlsx 或 日报/{YYYY}{MM}{DD}*.csv 这样，不要有 .. 和多余的 /。"),
    )
    _require(
        not re.search(r"[{}]", re.sub(r"\{(YYYY|MM|DD)\}", "", pattern)),
        Refused("日期只认 {YYYY}、{MM} 和 {DD}。"),
    )
    _require(0 <= files.look_back <= 400, Refused("往回看的天数是 0 到 400。"))
    _require(files.complete in ("stable", "marker", "renamed"), Refused("请选择怎样算传完了。"))
    folder = files.done_folder
    _require(
        not folder or (len(folder) <= 200 and all(rules.is_fit_name(step) for step in folder.split("/"))),
        Refused("取完移到的文件夹写成 done 或 已取/日报 这样，不要有 ..。"),
    )


def _check_query(asked: Asked) -> None:
    query = Query(**asked.what)
    trouble = rules.query_trouble(query.text)
    _require(not trouble, Refused(trouble))
    _require(0 <= query.overlap <= 1_000_000_000, Refused("往回多读的分钟数（或编号数）要是 0 或更大的数。"))
    table = BY_NAME[asked.form].kind if asked.form in BY_NAME else asked.form
    _require(
        table != "sales" or not query.cursor_column or bool(query.key_column),
        Refused("销售明细请写上整单列（订单号那一列）：一单里有一行变了，就把整单一起再取，这样不会少行。"),
    )


def _require(is_so: bool, otherwise: Refused) -> None:
    if not is_so:
        raise otherwise
