-- What comes back of a sale goes onto the shelf only if it can be sold again; flags of its line say so (8: damaged, 16: not
-- returned). The same view with that in it.
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
where s.state = 'settled' and not s.is_history and o.org_unit_id is not null
union all
select s.fact_id, l.line_no, s.xid, l.org_unit_id, l.sku_id, l.moved_milli
from settlement s join goods_document_line l on l.fact_id = s.fact_id
where s.state = 'settled';

-- Goods that came back and cannot be sold, to be found by store.
create index fact_line_damaged on fact_line (fact_id) where flags & 8 <> 0;
