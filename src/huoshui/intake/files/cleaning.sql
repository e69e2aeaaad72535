-- Cells as people type and export them, made into typed values. {names} are filled in by clean.py.
--
-- Every macro has a quick way for the cell that is already as it should be, since nearly all are (the commonest
-- values first: a comparison costs a tenth of a pattern), and a slow way that mends what can be mended without
-- guessing. The result is NULL for a blank cell and for one that cannot be read. On the slow way each step uses
-- its argument once where it can, for the argument of a macro is copied, not held.

-- Text: blanks folded and cut; the marks with which exports force text (="…", ', `) taken off.
create or replace temp macro hs_slow_text(c) as
    nullif(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        trim(regexp_replace(c, '{blanks}+', ' ', 'g')),
        '^[''` ]+', ''), '^="(.*)"$', '\1'), '^[''` ]+', ''), '^({nothing})$', ''), '');

create or replace temp macro hs_text(c) as
    case when regexp_matches(c, '[\t\r\n\x{00A0}\x{3000}\x{FEFF}\x{200B}-\x{200F}]|^[ ''`=]| $')
        or regexp_full_match(c, '{nothing}') then hs_slow_text(c) else c end;

create or replace temp macro hs_narrow(c) as hs_slow_text(translate(c, '{wide}', '{narrow}'));

-- Ids: text end to end. 0 is blank; 330.0 is 330 as long as a float holds it exactly; a damaged one is NULL.
create or replace temp macro hs_id(c) as
    case when regexp_full_match(c, '{plain_id}') then c
    else nullif(regexp_replace(regexp_replace(hs_slow_text(translate(c, '{wide_id}', '{narrow_id}')),
        '^(\d{1,15})\.0+$', '\1'), '^({damaged}|0+)$', ''), '') end;

-- A masked card or account is nobody's key.
create or replace temp macro hs_identifier(c) as
    case when regexp_full_match(c, '{plain_id}') then c
    else nullif(regexp_replace(hs_id(c), '^.*(\*|##|\$\$).*$', ''), '') end;

create or replace temp macro hs_is_damaged(c) as regexp_full_match(hs_narrow(c), '{damaged}');

create or replace temp macro hs_email(c) as
    nullif(regexp_extract(lower(hs_narrow(c)),
        '^[a-z0-9._%+-]+@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}$', 0), '');

-- A Chinese mobile number in E.164, however it is spaced; whatever else it may be is for phones.py.
create or replace temp macro hs_mobile(c) as
    case when regexp_full_match(c, '{mobile}') then '+86' || c
    else '+86' || nullif(regexp_extract(regexp_replace(hs_narrow(c), '[ ()-]', '', 'g'),
        '^(?:(?:\+|00)?86)?({mobile})$', 1), '') end;

-- Numbers are exact to the millionth: a float's noise vanishes there, a real third decimal does not.
create or replace temp macro hs_unpunctuated(c) as
    case when regexp_full_match(c, '[-+]?\d{1,3}(,\d{3})+(\.\d+)?') then replace(c, ',', '') else c end;

create or replace temp macro hs_micro(c) as
    (round(try_cast(nullif(regexp_extract(c, '^[-+]?(\d{1,12}(\.\d*)?|\.\d+|\d(\.\d+)?[eE]-\d+)$', 0), '')
        as decimal(38, 18)), 6) * 1000000)::hugeint;

create or replace temp macro hs_money_micro(c) as
    hs_micro(hs_unpunctuated(regexp_replace(regexp_replace(hs_narrow(c),
        ' ?([¥￥$]|RMB|CNY) ?', '', 'g'), '^([-+]?[0-9.,]+) ?(元)?(\(.*)?$', '\1')));

create or replace temp macro hs_money(c) as
    case when c = '0.00' or c = '0' then 0::bigint
    when regexp_full_match(c, '-?\d{1,12}(\.\d{1,2})?') then (try_cast(c as decimal(18, 2)) * 100)::bigint
    when hs_money_micro(c) % 10000 = 0 then (hs_money_micro(c) // 10000)::bigint end;

create or replace temp macro hs_quantity_micro(c) as
    hs_micro(hs_unpunctuated(regexp_replace(hs_narrow(c), ' ?({counted})$', '')));

create or replace temp macro hs_quantity(c) as
    case when c = '1' then 1000::bigint
    when regexp_full_match(c, '-?\d{1,9}') then try_cast(c as bigint) * 1000
    when hs_quantity_micro(c) % 1000 = 0 then (hs_quantity_micro(c) // 1000)::bigint end;

-- Times are naive, as the file says them; the zone is the brand's and comes later.
create or replace temp macro hs_plain_time(c) as
    try_cast(nullif(regexp_extract(c, '^{day}( {clock})?$', 0), '') as timestamp);

create or replace temp macro hs_spelled_time(c) as
    hs_plain_time(trim(regexp_replace(regexp_replace(regexp_replace(c,
        '^(\d{4}) ?[年./-] ?(\d{1,2}) ?[月./-] ?(\d{1,2}) ?日?[ T]*', '\1-\2-\3 '),
        '[时点分](\d)', ':\1', 'g'), '[秒分]$', '')));

-- A time that tells its own zone is moved to the brand's; -0800 and Z alike.
create or replace temp macro hs_zoned_time(c) as
    timezone('{zone}', timezone('UTC', hs_spelled_time(regexp_extract(c, '{zoned}', 1))
        - to_minutes(case when regexp_extract(c, '{zoned}', 2) = '-' then -1 else 1 end
            * (60 * coalesce(try_cast(nullif(regexp_extract(c, '{zoned}', 3), '') as bigint), 0)
                + coalesce(try_cast(nullif(regexp_extract(c, '{zoned}', 4), '') as bigint), 0)))));

create or replace temp macro hs_serial_time(c) as
    timestamp '1899-12-30' + to_microseconds((round(
        try_cast(nullif(regexp_extract(c, '^[1-7]\d{4}(\.\d+)?$', 0), '') as double) * 86400) * 1000000)::bigint);

create or replace temp macro hs_slow_time(c) as
    coalesce(hs_spelled_time(c), hs_serial_time(c),
        case when regexp_full_match(c, '{zoned}') then hs_zoned_time(c) end,
        try_strptime(nullif(regexp_extract(c, '^(19|20)\d{6}(\d{4}|\d{6})?$', 0), ''),
            ['%Y%m%d%H%M%S', '%Y%m%d%H%M', '%Y%m%d']));

create or replace temp macro hs_datetime(c) as
    case when regexp_full_match(c, '{day}( {clock})?') then try_cast(c as timestamp)
    else hs_slow_time(hs_narrow(c)) end;

create or replace temp macro hs_clock(c) as
    try_cast(nullif(regexp_extract(hs_narrow(c), '^{clock}$', 0), '') as time);

-- 1: the goods came back. 0: a sale. NULL: the column does not tell, so the sign will.
create or replace temp macro hs_row_type(c) as
    (case when regexp_full_match(lower(hs_narrow(c)), '.*(无|未|不|非).*退.*') then 0
    when regexp_full_match(lower(hs_narrow(c)), '.*(退货|退款|退单|退换|红字|红冲|refund|return).*|退') then 1
    when regexp_full_match(lower(hs_narrow(c)), '.*(销售|零售|正常|出货|sale|sold).*|销|售') then 0 end)::tinyint;

create or replace temp macro hs_gender(c) as
    case when regexp_full_match(lower(hs_narrow(c)), '男性?|先生|m|male') then '男'
    when regexp_full_match(lower(hs_narrow(c)), '女性?|女士|小姐|f|female') then '女'
    when regexp_full_match(lower(hs_narrow(c)), '未知|保密|不详|unknown') then null
    else hs_narrow(c) end;

-- A number of any kind: 1,234.5, 12.5%, 3.2 万. NULL for what is none.
create or replace temp macro hs_number(c) as
    (hs_micro(hs_unpunctuated(regexp_replace(regexp_replace(hs_narrow(c), ' ?([¥￥$]|RMB|CNY) ?', '', 'g'),
        ' ?(%|元|万元?|亿元?|人|次|{counted})$', '')))::decimal(38, 0) / 1000000
        * case when regexp_matches(hs_narrow(c), '万元?$') then 10000 when regexp_matches(hs_narrow(c), '亿元?$')
            then 100000000 else 1 end)::decimal(24, 6);

-- How many of something whole, and not fewer than none.
create or replace temp macro hs_count(c) as
    case when hs_number(c) between 0 and 1000000 and hs_number(c) = floor(hs_number(c)) then hs_number(c)::bigint end;

-- An hour of the day by its number or its beginning: 10, 10:00, 10点, 10:00-11:00.
create or replace temp macro hs_hour(c) as
    try_cast(regexp_extract(hs_narrow(c), '^([01]?\d|2[0-3])(:00(:00)?|点|时)?( ?[-~～—–至到].*)?$', 1) as tinyint);

-- Only what a person may see of a number: a hint of whose it is, and nobody's key.
create or replace temp macro hs_hint(c) as
    case when regexp_full_match(hs_id(c), '(\+?86)?1\d{10}')
            then regexp_replace(hs_id(c), '^(?:\+?86)?(1\d{2})\d{4}(\d{4})$', '\1****\2')
        when regexp_full_match(hs_id(c), '\+?[\d]{0,5}[*xX]{2,}[\d]{0,6}') then hs_id(c) end;

create or replace temp macro hs_currency(c) as
    case when regexp_full_match(upper(hs_narrow(c)), 'CNY|RMB|CNH|人民币|元|¥|￥') then 'CNY' end;
