"""What pickups say to people, as patterns: the console tells them in other languages."""

from __future__ import annotations

from typing import Final

from huoshui.intake.pickup.faults import AT_MOST, DATABASE_SAID, INSTALL, OPENED, TEXTS, THIS_FILE

LACKS: Final = "缺少必需的列：{columns}。请在导入页指出是哪一列。"
LIKE_ANOTHER: Final = "它的表头和“{source}”的一样，请确认一次怎么读。"
GUESSED: Final = "有几列的意思是猜的，请确认一次；以后就自动了。"
WEAK: Final = "这种表我们没有见过原件，请逐列核对一次；以后就自动了。"
UNSURE: Final = "不确定这是什么表，请确认一次；以后就自动了。"
NO_KEY: Final = "这是销售明细：请在设置里写上整单列（订单号那一列），再点“不要这一份”重新取。"
PROBLEMS: Final = (
    "{rows} 行里有 {problems} 处读不懂，超过了您定的限度。请看一眼：改好再导入，或照样导入能读的。"
)
QUARANTINED: Final = "这个来源是收购来的或合作方给的，已放进隔离，没有入账。请打开这次导入放行或拒绝。"
UNFIT_NAMES: Final = "有 {n} 个文件的名字里有不能用的字符，不会取。"
LACKING_CURSOR: Final = "有些行的游标列是空的，它们取不到。"

NEEDED: Final = {
    "path": "请填写文件夹。",
    "host": "请填写地址。",
    "user": "请填写账号。",
    "bucket": "请填写存储桶。",
    "dialect": "请选择数据库的种类。",
    "database": "请填写数据库名。",
}
NO_SELECT: Final = "查询要以 SELECT 或 WITH 开头。"
ONE_QUERY: Final = "请只写一个查询，不要用分号。"
NO_BACKSLASH: Final = "查询里不要用反斜杠和 /* 注释 */。"
BRACKETS: Final = "查询里的括号没有成对。"

SAID: Final = (
    *(TEXTS["no_part"] + INSTALL.format(extra="{extra}"),),
    TEXTS["not_allowed_folder"] + OPENED,
    TEXTS["too_large"] + AT_MOST,
    TEXTS["denied"] + THIS_FILE,
    TEXTS["query_failed"] + DATABASE_SAID,
    *TEXTS.values(),
    LACKS,
    LIKE_ANOTHER,
    GUESSED,
    WEAK,
    UNSURE,
    NO_KEY,
    PROBLEMS,
    QUARANTINED,
    UNFIT_NAMES,
    LACKING_CURSOR,
    *NEEDED.values(),
    NO_SELECT,
    ONE_QUERY,
    NO_BACKSLASH,
    BRACKETS,
)
