-- name: newborn
-- Those of these persons whose card nobody can have written yet: the fact they were born with settled since the cards were last
-- brought up to date. With the store it was told at. (Cards themselves cannot be asked: who may not see one does not see that it
-- is there.)
select p.id as person_id, o.org_unit_id
from person p
cross join lateral (
    select xid from settlement where fact_id = p.born_fact_id and state = 'settled' offset 0) s
left join lateral (select org_unit_id from fact_order where fact_id = p.born_fact_id offset 0) o on true
where p.id = any(%(person_ids)s::bigint[])
    and s.xid >= coalesce((select xid from watermark where reader = 'card'), '0'::xid8)
