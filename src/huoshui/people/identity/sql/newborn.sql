-- name: newborn
-- Those of these persons whose card nobody can have written yet: since the cards were last brought up to date the fact they were
-- born with settled, or they were parted from whom they had been one with. With the store that fact was told at. (Cards
-- themselves cannot be asked: who may not see one does not see that it is there. What the database keeps from the transaction
-- stays kept here too: one of some stores finds their own only.)
with written as (
    select coalesce((select xid from watermark where reader = 'card'), '0'::xid8) as up_to)
select p.id as person_id, o.org_unit_id
from written w
cross join person p
cross join lateral (
    select xid from settlement where fact_id = p.born_fact_id and state = 'settled' offset 0) s
left join lateral (select org_unit_id from fact_order where fact_id = p.born_fact_id offset 0) o on true
where p.id = any(%(person_ids)s::bigint[]) and not exists (select from erased_person where person_id = p.id)
    and (s.xid >= w.up_to or exists (
        select from cluster_change c where c.xid >= w.up_to and c.person_id = p.id and c.canonical_id = p.id))
    and (coalesce(current_setting('huoshui.scope', true), '') <> 'units'
        or o.org_unit_id = any(string_to_array(current_setting('huoshui.org_unit_ids', true), ',')::int[]))
