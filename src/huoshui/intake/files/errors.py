"""Why a whole file is refused. One row that cannot be read is a problem row, never one of these."""

from __future__ import annotations

from huoshui.core.errors import Refused


class FileRefused(Refused):
    """这个文件读不了。"""

    code = "file_refused"


class EmptyFile(FileRefused):
    """文件里没有数据。请确认导出时选中了数据，再重新导出。"""

    code = "empty_file"


class FileTooLarge(FileRefused):
    """文件太大。请按月份拆成几个文件，再分别导入。"""

    code = "file_too_large"


class NulBytes(FileRefused):
    """文件里有空字节，可能没有下载完整，或不是文本表格。请重新导出，或在 Excel 里另存为「CSV UTF-8」。"""

    code = "nul_bytes"


class UnknownEncoding(FileRefused):
    """文件的文字编码认不出来。请在 Excel 里另存为「CSV UTF-8」后再导入。"""

    code = "unknown_encoding"


class MixedEncodings(FileRefused):
    """文件里混着两种文字编码。请把几份文件分开导入，或在 Excel 里另存为「CSV UTF-8」。"""

    code = "mixed_encodings"


class NotATable(FileRefused):
    """这不是表格文件。请导入 CSV、Excel（.xlsx）或 Parquet 文件。"""

    code = "not_a_table"


class BrokenQuotes(FileRefused):
    """文件里的双引号没有成对。请在 Excel 里打开并另存为「CSV UTF-8」后再导入。"""

    code = "broken_quotes"


class WorkbookUnsafe(FileRefused):
    """这个 Excel 文件展开后大得不正常，已停止读取。请把数据复制到新工作簿里再导入。"""

    code = "workbook_unsafe"


class WorkbookUnreadable(FileRefused):
    """这个 Excel 文件打不开。请在 Excel 里另存为新的 .xlsx 文件，再导入。"""

    code = "workbook_unreadable"


class WorkbookLocked(FileRefused):
    """这个 Excel 文件有密码。请先去掉密码，再导入。"""

    code = "workbook_locked"


class NoHeader(FileRefused):
    """前 20 行里找不到表头。请确认第一行是列名，例如「销售单号、交易时间、实付金额」。"""

    code = "no_header"


class UnknownKind(FileRefused):
    """看不出这是哪一种表。请选择：顾客、商品、门店或销售。"""

    code = "unknown_kind"


class MissingColumns(FileRefused):
    """缺少必需的列。请在「表头对应」里指定。"""

    code = "missing_columns"


class MixedKinds(FileRefused):
    """这几个文件不是同一种表。请分开导入。"""

    code = "mixed_kinds"


class UnknownField(FileRefused):
    """表头对应里有认不出的项目。"""

    code = "unknown_field"
