"""Tables whose rows are things that happened: payments of a bill, coupons of another system. Facts with a body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from huoshui.core.facts.types import Batch
from huoshui.intake.files.kinds import (
    COUPON_RECEIVED,
    COUPON_USED,
    PAYMENT_CANCELLED,
    PAYMENT_MADE,
    PAYMENT_REFUNDED,
    VISITORS_COUNTED,
)
from huoshui.intake.imports.identifiers import identifier_table

_TIME: Final = "%Y-%m-%d %H:%M:%S"

# The first word on a payment stands: its amount never changes, and a status that does is no further payment
_BILLS: Final = f"""
select *,
    case when is_refund then '{PAYMENT_REFUNDED}' when is_cancelled then '{PAYMENT_CANCELLED}'
        else '{PAYMENT_MADE}' end as name,
    transaction_no || coalesce('|' || refund_no, case when is_refund then '|refund' else '' end) as client_key,
    happened_at as moment, openid, null::varchar as card_no, null::varchar as member_no, null::varchar as phone,
    null::varchar as unionid, appid as openid_scope,
    to_json({{'amount': paid, 'fee': fee, 'order_no': order_no, 'transaction_no': transaction_no, 'refund_no': refund_no,
        'store': store_code, 'subject': subject, 'status': status, 'merchant_no': merchant_no}})::varchar as body
from (select * exclude (client_key),
    case when row_type = 1 or coalesce(refund_amount, 0) <> 0 or upper(status) = 'REFUND' then true else false end as is_refund,
    coalesce(upper(status) = 'REVOKED' or upper(refund_status) = 'FAIL', false) as is_cancelled,
    case when coalesce(upper(refund_status) = 'FAIL', false) then 0
        when row_type = 1 or coalesce(refund_amount, 0) <> 0 then abs(coalesce(nullif(refund_amount, 0), amount, 0))
        else abs(coalesce(amount, 0)) end as paid
    from bills)
"""
_COUPONS: Final = f"""
select *, '{COUPON_RECEIVED}' as name, code || '|received' as client_key, received_at as moment, null::varchar as openid_scope,
    to_json({{'code': code, 'title': title, 'amount': amount, 'expires_at': expires_at::varchar}})::varchar as body
from (select * exclude (client_key) from coupons)
union all by name
select *, '{COUPON_USED}' as name, code || '|used' as client_key, used_at as moment, null::varchar as openid_scope,
    to_json({{'code': code, 'title': title, 'amount': amount, 'order_no': order_no, 'store': store_code}})::varchar as body
from (select * exclude (client_key) from coupons) where used_at is not null
"""
# By the hour where the row says one, else of the whole day. Another number for the same span is another fact, and stands
_FOOTFALL: Final = f"""
select *, '{VISITORS_COUNTED}' as name, moment_text || '|' || store_code || '|' || coalesce(counter, '')
        || '|' || came || '|' || coalesce(gone, 0) as client_key,
    null::varchar as openid, null::varchar as openid_scope, null::varchar as card_no, null::varchar as member_no,
    null::varchar as phone, null::varchar as unionid,
    to_json({{'store': store_code, 'device': counter, 'from': moment_text, 'to': strftime(until, '{_TIME}'),
        'in': came, 'out': coalesce(gone, 0)}})::varchar as body
from (select *, strftime(moment, '{_TIME}') as moment_text,
        moment + case when is_by_hour then interval 1 hour else interval 1 day end as until
    from (select * exclude (client_key),
            hour is not null or counted_at::time <> time '00:00:00' as is_by_hour,
            case when hour is not null then date_trunc('day', counted_at) + to_hours(hour::bigint) else counted_at end
                as moment
        from footfall)
    where came is not null)
"""
_ROWS: Final = {"bills": _BILLS, "coupons": _COUPONS, "footfall": _FOOTFALL}


def chunks(staged: duckdb.DuckDBPyConnection, kind: str, *, size: int, scope: str) -> Iterator[Batch]:
    """About `size` facts at a time, in the order of their happening.

    `scope`: whose own ids an openid without appid is.
    """
    staged.execute(
        f"""create or replace temp table happened as
        select (row_number() over (order by moment, client_key))::bigint as ref, name, client_key,
            md5(client_key) as content_hash, moment, body, openid, coalesce(openid_scope, ?) as openid_scope, card_no,
            member_no, phone, unionid
        from ({_ROWS[kind]}) qualify row_number() over (partition by client_key order by moment) = 1""",
        [scope],
    )
    (last,) = staged.execute("select coalesce(max(ref), 0) from happened").fetchone() or (0,)
    for low in range(1, last + 1, size):
        span = [low, low + size]
        rows = staged.execute(
            "select * from happened where ref >= ? and ref < ? order by ref", span
        ).to_arrow_table()
        yield _batch(rows)


def _batch(rows: pa.Table) -> Batch:
    occurred_at = pc.assume_timezone(
        rows.column("moment").cast(pa.timestamp("us")),
        settings.HUOSHUI_ZONE,
        ambiguous="earliest",
        nonexistent="latest",
    ).cast(pa.timestamp("us", tz="UTC"))
    facts = rows.select(["ref", "name", "client_key", "content_hash", "body"])
    return Batch(
        facts=facts.append_column("occurred_at", occurred_at),
        identifiers=identifier_table(rows.drop_columns(["client_key", "content_hash", "body"])),
    )
