-- name: erase_spells
with hers as (delete from segment_spell where person_id = any(%(person_ids)s::bigint[]) returning segment_id, until),
gone as (select segment_id, count(*) as people from hers where until is null group by segment_id),
fewer as (update segment s set people = greatest(s.people - g.people, 0) from gone g where g.segment_id = s.id)
select count(*)::bigint as rows from hers

-- name: erase_rechecks
delete from segment_recheck where person_id = any(%(person_ids)s::bigint[])

-- name: erase_judged
delete from segment_judged where person_id = any(%(person_ids)s::bigint[])

-- name: state_changes
-- Who went in and out, for the lake. By id: of one person and segment the later spell is the later word.
select person_id, 'segment.' || segment_id as key, case when until is null then 'in' end as value,
    case when until is null then 1 else 0 end::float8 as number, coalesce(until, since) as at, id as seq, 0 as source_id
from segment_spell o
where xid >= %(low)s::text::xid8 and xid < %(high)s::text::xid8
    and exists (select from segment s where s.id = o.segment_id and s.used_for = '')
