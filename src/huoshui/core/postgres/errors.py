"""What may go wrong between us and PostgreSQL, said so that a shopkeeper can mend it."""

from __future__ import annotations

from huoshui.core.errors import HuoshuiError, Refused


class DatabaseUnready(HuoshuiError):
    """数据库没有准备好。"""

    code = "database_unready"


class DatabaseRefused(Refused):
    """这个数据库不能使用。"""

    code = "database_refused"
