"""Expected failures. The docstring of a class is its message when none is given."""

from __future__ import annotations


class HuoshuiError(Exception):
    """出错了。"""

    code = "error"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or type(self).__doc__ or "")


class Refused(HuoshuiError):
    """这个操作不能执行。"""

    code = "refused"


class NotFound(Refused):
    """找不到，或者您没有查看的权限。"""

    code = "not_found"


class RetryLater(HuoshuiError):
    """系统正忙，请稍后再试。"""

    code = "retry_later"
