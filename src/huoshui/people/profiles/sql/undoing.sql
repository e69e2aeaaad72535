-- name: untell
-- Values of these persons that facts gave which count no more: what was last said without them, or nothing. To readers it is news.
update attribute a
set value = coalesce(l.value, ''), fact_id = coalesce(l.fact_id, 0), said_at = coalesce(l.said_at, 'epoch'),
    told_seq = greatest(%(by_fact_id)s::bigint, a.told_seq), xid = pg_current_xact_id()
from (
    select person_id, name, source_id from attribute g
    where person_id = any(%(person_ids)s::bigint[])
        and exists (select from fact_withdrawn w where w.fact_id = g.fact_id)) gone
left join lateral (
    select t.value, s.fact_id, s.occurred_at as said_at
    from settlement s
    cross join lateral (select value from fact_trait where fact_id = s.fact_id and name = gone.name offset 0) t
    where s.person_id = gone.person_id and s.source_id = gone.source_id and s.state = 'settled'
        and not exists (select from fact_withdrawn w where w.fact_id = s.fact_id)
    order by s.occurred_at desc, s.fact_id desc limit 1) l on true
where a.person_id = gone.person_id and a.name = gone.name and a.source_id = gone.source_id
