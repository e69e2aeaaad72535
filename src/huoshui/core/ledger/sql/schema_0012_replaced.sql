-- Few facts replace another: those are found by themselves, or whoever asks what lies where goes through all that has settled
-- since the last folding once more for each order, which is many while a site tells what its visitors do.
create index settlement_replaces on settlement (xid) where replaces is not null;

create or replace view goods_movement with (security_invoker = true) as
select s.fact_id, l.line_no, s.xid, o.org_unit_id, l.sku_id,
    case when l.flags & 24 = 0 then l.refunded_milli - l.quantity_milli else 0 end as moved_milli
from settlement s join fact_order o on o.fact_id = s.fact_id join fact_line l on l.fact_id = s.fact_id
where s.state = 'settled' and not s.is_history and o.org_unit_id is not null
union all
select s.fact_id, null::int, s.xid, o.org_unit_id, l.sku_id,
    case when l.flags & 24 = 0 then l.quantity_milli - l.refunded_milli else 0 end
from settlement s cross join unnest(s.replaces) as replaced
join fact_order o on o.fact_id = replaced join fact_line l on l.fact_id = replaced
where s.replaces is not null and s.state = 'settled' and not s.is_history and o.org_unit_id is not null
union all
select s.fact_id, l.line_no, s.xid, l.org_unit_id, l.sku_id, l.moved_milli
from settlement s join goods_document_line l on l.fact_id = s.fact_id
where s.state = 'settled';
