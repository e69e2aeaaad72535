"""Words of what is fetched by the clock."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

KINDS = {"folder": _("文件夹"), "sftp": _("SFTP 服务器"), "s3": _("对象存储"), "sql": _("数据库")}
KIND_MEANS = {
    "folder": _("这台机器上的文件夹，收银机或网盘把表格放进来"),
    "sftp": _("别人的 SFTP 服务器，总部或供应商把日报放在上面"),
    "s3": _("阿里云 OSS、腾讯 COS、MinIO，凡是兼容 S3 的"),
    "sql": _("ERP 或收银系统的数据库，用一句查询取"),
}
ICONS = {"folder": "folder", "sftp": "server-2", "s3": "cloud-download", "sql": "database"}
DIALECTS = {
    "postgresql": "PostgreSQL",
    "mysql": "MySQL / MariaDB",
    "mssql": "SQL Server",
    "oracle": "Oracle",
    "sqlite": "SQLite",
}
COMPLETE = {
    "stable": _("隔一会儿看两次，没有再变"),
    "marker": _("旁边有同名的 .done 文件"),
    "renamed": _("有了这个名字就是传完了"),
}
STATES = {
    "seen": (_("等它传完"), ""),
    "fetching": (_("正在取"), "water"),
    "trying": (_("正在检查"), "water"),
    "importing": (_("正在导入"), "water"),
    "waiting": (_("等您看一眼"), "clay"),
    "done": (_("已导入"), "water"),
    "known": (_("内容没变"), ""),
    "skipped": (_("不要了"), ""),
    "gone": (_("不见了"), ""),
    "refused": (_("没有取"), "clay"),
}
DONE = {
    "look": _("马上去取，几秒后刷新就能看到"),
    "on": _("已启用"),
    "off": _("已暂停"),
    "trial": _("正在试"),
    "host_key": _("下次连接时认可新的身份"),
    "skip": _("这一份不要了"),
}
