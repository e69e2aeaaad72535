"""Which cleaning each type of field gets, and when a cell cannot be read. The cleaning itself is in cleaning.sql."""

from __future__ import annotations

from importlib import resources
from typing import Final

import duckdb
from phonenumbers import PhoneMetadata

_NO_REFUND: Final = "无退款申请|没有申请退款|无售后|无"
_NO_DATE: Final = "0000[-/]0?0[-/]0?0( 0?0:00(:00)?)?|1900[-/]0?1[-/]0?0|0"

_ID_CODES: Final = [code for code in range(0x21, 0x7F) if chr(code).isalnum() or chr(code) in "-_."]
"""What folds in a code. Its brackets do not: 稻香路店（杭州） serves as a code too, and must stay the store's name."""


def _mobile_pattern() -> str:
    """The rule that phonenumbers itself goes by, so that both ways to judge a number agree."""
    china = PhoneMetadata.metadata_for_region("CN")
    assert china is not None and china.mobile is not None
    return str(china.mobile.national_number_pattern)


_PATTERNS: Final = {
    "blanks": r"[\s\x{00A0}\x{3000}\x{FEFF}\x{200B}-\x{200F}]",
    "nothing": r"-+|—+|/|\\N|null|NULL|Null|None|nan|NaN|NaT|N/A|#N/A",
    "wide": "".join(chr(code) for code in range(0xFF01, 0xFF5F)),
    "narrow": "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)).replace("'", "''"),
    "wide_id": "".join(chr(code + 0xFEE0) for code in _ID_CODES),
    "narrow_id": "".join(chr(code) for code in _ID_CODES),
    "plain_id": "[A-Za-z0-9_-]*[1-9][A-Za-z0-9_-]*",
    "damaged": r"\d(\.\d+)?[eE]\+?\d+|\d{16,}\.0+",
    "mobile": _mobile_pattern(),
    "counted": "件|个|瓶|盒|袋|包|箱|份|双|套|支|条|张|台|只|片|罐|桶|次",
    "day": r"(19|20)\d\d-\d{1,2}-\d{1,2}",
    "clock": r"\d{1,2}:\d{1,2}(:\d{1,2}(\.\d{1,9})?)?",
    "zoned": r"(.*\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d{1,9})?)?) ?(?:(?:UTC|GMT)? ?([+-])(\d{2}):?(\d{2})|Z|UTC)",
}

VALUE: Final[dict[str, tuple[str, str]]] = {
    # field type → (macro, DuckDB type)
    "text": ("hs_text", "VARCHAR"),
    "path": ("hs_text", "VARCHAR"),
    "gender": ("hs_gender", "VARCHAR"),
    "id": ("hs_id", "VARCHAR"),
    "identifier": ("hs_identifier", "VARCHAR"),
    "phone": ("hs_mobile", "VARCHAR"),
    "email": ("hs_email", "VARCHAR"),
    "money": ("hs_money", "BIGINT"),
    "quantity": ("hs_quantity", "BIGINT"),
    "datetime": ("hs_datetime", "TIMESTAMP"),
    "date": ("hs_datetime", "TIMESTAMP"),
    "time": ("hs_clock", "TIME"),
    "row_type": ("hs_row_type", "TINYINT"),
    "number": ("hs_number", "DECIMAL(24, 6)"),
    "count": ("hs_count", "BIGINT"),
    "hour": ("hs_hour", "TINYINT"),
    "hint": ("hs_hint", "VARCHAR"),
    "currency": ("hs_currency", "VARCHAR"),
}

_ALSO_BLANK: Final = {
    "money": _NO_REFUND,
    "quantity": _NO_REFUND,
    "datetime": _NO_DATE,
    "date": _NO_DATE,
    "time": "0+",
    "number": _NO_REFUND,
    "count": "",
    "hour": "",
    "currency": "",
}
"""What reads as blank in cells of this type, beside what is blank in any cell. Other types read anything."""


def prepare(connection: duckdb.DuckDBPyConnection, *, zone: str = "Asia/Shanghai") -> None:
    """`zone`: the brand's, to which times that tell their own are moved."""
    macros = resources.files(__package__).joinpath("cleaning.sql").read_text(encoding="utf-8")
    for name, pattern in (*_PATTERNS.items(), ("zone", zone)):
        macros = macros.replace(f"{{{name}}}", pattern)
    connection.execute(macros)


def value(field_type: str, cell: str) -> str:
    return f"{VALUE[field_type][0]}({cell})"


def unreadable(field_type: str, cell: str, cleaned: str) -> str:
    """SQL: this cell says something, but not what its field can hold; its row is set aside.

    CASE, not AND: only CASE keeps DuckDB from working out the second part for the many cells that are well.
    """
    if field_type in {"id", "identifier"}:
        said = f"hs_is_damaged({cell}) is true"
    elif field_type in _ALSO_BLANK:
        said = (
            f"nullif(regexp_replace(hs_narrow({cell}), '^({_ALSO_BLANK[field_type]})$', ''), '') is not null"
        )
    else:
        return "false"
    return f"case when {cleaned} is null and {cell} is not null then {said} else false end"
