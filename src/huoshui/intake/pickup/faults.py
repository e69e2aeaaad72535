"""Why a place gives nothing, in words that say how to mend it. Never the words of a library: they may hold a password."""

from __future__ import annotations

from typing import Final

from huoshui.core.errors import HuoshuiError

TEXTS: Final = {
    "no_part": "这台机器缺少读取这种地方的组件。",
    "forbidden_address": "这个地址不能用：它指向本机的云平台内部接口。请填存放表格的服务器的地址。",
    "unknown_host": "找不到这个地址。请检查主机名有没有写错。",
    "unreachable": "连不上。请检查地址、端口和防火墙；网络恢复后会自动再取。",
    "lost": "连接中途断了，没有取完的不会用。稍后自动再取。",
    "slow": "对方太久没有回应。稍后自动再取。",
    "wrong_password": "账号、密码或密钥不对。请改好后再试；为了不锁住账号，一小时最多试一次。",
    "host_key_changed": "服务器的身份和上次不一样，已停止连接，密码没有发出去。请向服务器的管理员确认，再点“认可新的身份”。",
    "denied": "没有权限读取。请让对方给这个账号开通读取权限。",
    "no_folder": "没有这个文件夹（或存储桶、数据库）。请检查名字。",
    "not_allowed_folder": "这个文件夹不在允许的范围里。",
    "too_many_files": "文件夹里的东西太多（超过一万个）。请把文件名写得更具体，或分文件夹存放。",
    "too_large": "文件太大。请按月份拆成几个文件。",
    "disk_full": "这台机器的磁盘快满了，先不取。请清理磁盘。",
    "changed": "读的时候文件变了，这一份不用；等它不再变了再取。",
    "vanished": "文件不见了，还没有取到。它再出现时会自动取。",
    "bad_name": "文件名里有不能用的字符，没有取。请改名。",
    "bad_certificate": "服务器的安全证书不可信，已停止连接。请让对方换上有效的证书。",
    "query_failed": "查询没有成功。",
    "too_many_rows": "没有写游标列，而结果超过一百万行。请写上游标列，一段一段地取。",
    "bad_cursor": "游标列要是时间、日期或递增的数字。",
    "no_cursor_column": "查询结果里没有游标列或整单列。请检查列名。",
    "failed": "对方返回了看不懂的结果。请检查地址和种类；稍后会自动再取。",
}
# Would not go better by itself, and asking again may lock an account
SLOW: Final = frozenset({"wrong_password", "host_key_changed", "forbidden_address", "not_allowed_folder"})
# Of one file, not of the place: the others go on
OF_A_FILE: Final = frozenset({"changed", "vanished", "too_large", "bad_name", "denied"})


# What follows a text, where there is more to say
OPENED: Final = (
    "现在可以用的是：{folders}。要用别的，请在环境变量 HUOSHUI_PICKUP_FOLDERS 里写上，再重启后台任务。"
)
AT_MOST: Final = "最大 {size} MB。"
THIS_FILE: Final = "是这个文件：{file}"
DATABASE_SAID: Final = "数据库说：{words}"


class Fault(HuoshuiError):
    """取不到。"""

    def __init__(self, code: str, more: str = "") -> None:
        super().__init__(TEXTS[code] + more)
        self.code = code


INSTALL: Final = "请在安装目录运行 EXTRAS={extra} scripts/sync（用 pip 装的，装 huoshui 的同名可选部分），然后重启后台任务。"
EXTRAS: Final = {
    "asyncssh": "sftp",
    "obstore": "s3",
    "pymysql": "mysql",
    "pymssql": "mssql",
    "oracledb": "oracle",
}


def missing(module: str) -> Fault:
    return Fault("no_part", INSTALL.format(extra=EXTRAS[module]))
