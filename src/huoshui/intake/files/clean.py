"""Cells as people type and export them, made into typed values by DuckDB expressions.

Every macro has a quick way for the cell that is already as it should be, since nearly all are (the commonest values
first: a comparison costs a tenth of a pattern), and a slow way that mends what can be mended without guessing. A value is NULL when the cell is blank or cannot be read; `unreadable`
tells the two apart. Each step of the slow way uses its argument once, for a macro's argument is copied, not held.
"""

from __future__ import annotations

from typing import Final

import duckdb
from phonenumbers import PhoneMetadata

_WIDE = "".join(chr(code) for code in range(0xFF01, 0xFF5F))
_NARROW = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)).replace("'", "''")
_BLANKS = r"[\s\x{00A0}\x{3000}\x{FEFF}\x{200B}-\x{200F}]"
_NOTHING = r"-+|—+|/|\\N|null|NULL|Null|None|nan|NaN|NaT|N/A|#N/A"
_NO_REFUND = "无退款申请|没有申请退款|无售后|无"
_NO_DATE = "0000[-/]0?0[-/]0?0( 0?0:00(:00)?)?|1900[-/]0?1[-/]0?0|0"
_DAMAGED = r"\d(\.\d+)?[eE]\+?\d+|\d{16,}\.0+"
_COUNTED = "件|个|瓶|盒|袋|包|箱|份|双|套|支|条|张|台|只|片|罐|桶|次"
_DAY = r"(19|20)\d\d-\d{1,2}-\d{1,2}"
_CLOCK = r"\d{1,2}:\d{1,2}(:\d{1,2}(\.\d{1,9})?)?"
_MOBILE = PhoneMetadata.metadata_for_region("CN").mobile.national_number_pattern

MACROS: Final = (
    # Text: blanks folded and cut, the marks with which exports force text (="…", ', `) taken off.
    rf"""hs_slow_text(c) as nullif(regexp_replace(regexp_replace(regexp_replace(regexp_replace(trim(regexp_replace(
        c, '{_BLANKS}+', ' ', 'g')), '^[''`]+', ''), '^="(.*)"$', '\1'), '^[''`]+', ''), '^({_NOTHING})$', ''), '')""",
    rf"""hs_text(c) as case when regexp_matches(c, '[\t\r\n\x{{00A0}}\x{{3000}}\x{{FEFF}}\x{{200B}}-\x{{200F}}]|^[ ''`=]| $')
        or regexp_full_match(c, '{_NOTHING}') then hs_slow_text(c) else c end""",
    f"hs_narrow(c) as hs_slow_text(translate(c, '{_WIDE}', '{_NARROW}'))",
    # Ids: text end to end; 0 is blank; 330.0 is 330 while a float still holds it exactly; damaged ones are NULL.
    rf"""hs_id(c) as case when regexp_full_match(c, '[A-Za-z0-9_-]*[1-9][A-Za-z0-9_-]*') then c
        else nullif(regexp_replace(regexp_replace(hs_narrow(c), '^(\d{{1,15}})\.0+$', '\1'),
            '^({_DAMAGED}|0+)$', ''), '') end""",
    # A masked card or account is nobody's key.
    r"""hs_identifier(c) as case when regexp_full_match(c, '[A-Za-z0-9_-]*[1-9][A-Za-z0-9_-]*') then c
        else nullif(regexp_replace(hs_id(c), '^.*(\*|##|\$\$).*$', ''), '') end""",
    r"""hs_email(c) as nullif(regexp_extract(lower(hs_narrow(c)),
        '^[a-z0-9._%+-]+@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}$', 0), '')""",
    # Numbers: exact to the millionth, so that a float's noise vanishes and a real third decimal does not.
    r"""hs_unpunctuated(c) as case when regexp_full_match(c, '[-+]?\d{1,3}(,\d{3})+(\.\d+)?')
        then replace(c, ',', '') else c end""",
    r"""hs_micro(c) as (round(try_cast(nullif(regexp_extract(c,
        '^[-+]?(\d{1,12}(\.\d*)?|\.\d+|\d(\.\d+)?[eE]-\d+)$', 0), '') as decimal(38, 18)), 6) * 1000000)::hugeint""",
    rf"""hs_money_micro(c) as hs_micro(hs_unpunctuated(regexp_replace(regexp_replace(
        hs_narrow(c), '[¥￥$ ]|RMB|CNY', '', 'g'), '^([-+]?[0-9.,]+)(元)?(\(.*)?$', '\1')))""",
    r"""hs_money(c) as case when c = '0.00' or c = '0' then 0::bigint when regexp_full_match(c, '-?\d{1,12}(\.\d{1,2})?')
        then (try_cast(c as decimal(18, 2)) * 100)::bigint
        when hs_money_micro(c) % 10000 = 0 then (hs_money_micro(c) // 10000)::bigint end""",
    rf"""hs_quantity_micro(c) as hs_micro(hs_unpunctuated(regexp_replace(hs_narrow(c), ' ?({_COUNTED})$', '')))""",
    r"""hs_quantity(c) as case when c = '1' then 1000::bigint when regexp_full_match(c, '-?\d{1,9}') then try_cast(c as bigint) * 1000
        when hs_quantity_micro(c) % 1000 = 0 then (hs_quantity_micro(c) // 1000)::bigint end""",
    # Times: naive, as the file says them. The zone is the brand's and comes later.
    rf"""hs_plain_time(c) as try_cast(nullif(regexp_extract(c, '^{_DAY}( {_CLOCK})?$', 0), '') as timestamp)""",
    r"""hs_spelled_time(c) as hs_plain_time(trim(regexp_replace(regexp_replace(regexp_replace(regexp_replace(c,
        '^(\d{4}) ?[年./-] ?(\d{1,2}) ?[月./-] ?(\d{1,2}) ?日?[ T]*', '\1-\2-\3 '),
        ' ?\+08:?00$', ''), '[时点分](\d)', ':\1', 'g'), '[秒分]$', '')))""",
    r"""hs_serial_time(c) as timestamp '1899-12-30' + to_microseconds((round(try_cast(nullif(regexp_extract(c,
        '^[1-7]\d{4}(\.\d+)?$', 0), '') as double) * 86400) * 1000000)::bigint)""",
    r"""hs_slow_time(c) as coalesce(hs_spelled_time(c), hs_serial_time(c),
        try_strptime(nullif(regexp_extract(c, '^(19|20)\d{6}(\d{4}|\d{6})?$', 0), ''), ['%Y%m%d%H%M%S', '%Y%m%d%H%M', '%Y%m%d']))""",
    rf"""hs_datetime(c) as case when regexp_full_match(c, '{_DAY}( {_CLOCK})?') then try_cast(c as timestamp)
        else hs_slow_time(hs_narrow(c)) end""",
    rf"""hs_clock(c) as try_cast(nullif(regexp_extract(hs_narrow(c), '^{_CLOCK}$', 0), '') as time)""",
    # 1 goods came back, 0 a sale, NULL the column does not tell: then the sign does.
    r"""hs_row_type(c) as case
        when regexp_full_match(lower(hs_narrow(c)), '.*(无|未|不|非).*退.*') then 0
        when regexp_full_match(lower(hs_narrow(c)), '.*(退货|退款|退单|退换|红字|红冲|refund|return).*|退') then 1
        when regexp_full_match(lower(hs_narrow(c)), '.*(销售|零售|正常|出货|sale|sold).*|销|售') then 0 end::tinyint""",
    """hs_gender(c) as case lower(hs_narrow(c)) when '男' then '男' when '男性' then '男' when '先生' then '男' when 'm' then '男'
        when 'male' then '男' when '女' then '女' when '女性' then '女' when '女士' then '女' when '小姐' then '女' when 'f' then '女'
        when 'female' then '女' when '未知' then null when '保密' then null when 'unknown' then null else hs_narrow(c) end""",
    # A Chinese mobile number in E.164, however it is spaced; anything else is for `phones`.
    f"""hs_mobile(c) as case when regexp_full_match(c, '{_MOBILE}') then '+86' || c else '+86' || nullif(regexp_extract(
        regexp_replace(hs_narrow(c), '[ ()-]', '', 'g'), '^(?:(?:\\+|00)?86)?({_MOBILE})$', 1), '') end""",
    rf"hs_is_damaged(c) as regexp_full_match(hs_narrow(c), '{_DAMAGED}')",
)

VALUE: Final[dict[str, tuple[str, str]]] = {
    # field type → (expression over {c}, DuckDB type)
    "text": ("hs_text({c})", "VARCHAR"),
    "path": ("hs_text({c})", "VARCHAR"),
    "gender": ("hs_gender({c})", "VARCHAR"),
    "id": ("hs_id({c})", "VARCHAR"),
    "identifier": ("hs_identifier({c})", "VARCHAR"),
    "token": ("hs_identifier({c})", "VARCHAR"),
    "phone": ("hs_mobile({c})", "VARCHAR"),
    "email": ("hs_email({c})", "VARCHAR"),
    "money": ("hs_money({c})", "BIGINT"),
    "quantity": ("hs_quantity({c})", "BIGINT"),
    "number": ("(hs_quantity({c}) / 1000)::double", "DOUBLE"),
    "datetime": ("hs_datetime({c})", "TIMESTAMP"),
    "date": ("hs_datetime({c})::date", "DATE"),
    "time": ("hs_clock({c})", "TIME"),
    "row_type": ("hs_row_type({c})", "TINYINT"),
}

_ALSO_BLANK: Final = {
    "money": _NO_REFUND,
    "quantity": _NO_REFUND,
    "number": "无",
    "datetime": _NO_DATE,
    "date": _NO_DATE,
    "time": "0+",
}
"""What reads as blank in cells of this type, beside what is blank in any cell."""


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    for macro in MACROS:
        connection.execute(f"create or replace temp macro {macro}")


def value(field_type: str, cell: str) -> str:
    return VALUE[field_type][0].format(c=cell)


def unreadable(field_type: str, cell: str, cleaned: str) -> str:
    """SQL: this cell says something, but not what its field can hold; its row is set aside.

    CASE, not AND: only CASE keeps DuckDB from working out the second part for the many cells that are well.
    """
    if field_type in {"text", "path", "gender", "row_type", "email", "phone"}:
        return "false"
    if field_type in {"id", "identifier", "token"}:
        return f"case when {cleaned} is null and {cell} is not null then hs_is_damaged({cell}) is true else false end"
    said = f"nullif(regexp_replace(hs_narrow({cell}), '^({_ALSO_BLANK[field_type]})$', ''), '')"
    return f"case when {cleaned} is null and {cell} is not null then {said} is not null else false end"
