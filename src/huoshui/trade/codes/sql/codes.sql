-- name: add
insert into scan_code (handle, kind, title, dealer_id, store_id, guide_id, person_id, template_id, made_by, changed_by)
values (%(handle)s, %(kind)s, %(title)s, %(dealer_id)s, %(store_id)s, %(guide_id)s, %(person_id)s, %(template_id)s, %(actor)s,
    %(actor)s)
returning id

-- name: by_handle
select id, handle, kind, title, dealer_id, store_id, guide_id, person_id, template_id, state, made_by, made_at
from scan_code where handle = %(handle)s

-- name: by_handles
select id, handle, kind, title, dealer_id, store_id, guide_id, person_id, template_id, state, made_by, made_at
from scan_code where handle = any(%(handles)s::text[])

-- name: set_state
update scan_code set state = %(state)s, changed_by = %(actor)s, changed_at = now()
where id = %(code_id)s and state <> %(state)s

-- name: codes
-- The newest first, with how often each was scanned, by how many known people. A dealer sees its own.
select c.id, c.handle, c.kind, c.title, c.dealer_id, c.store_id, c.guide_id, c.person_id, c.template_id, c.state, c.made_by,
    c.made_at, n.scans, n.people, n.last_at
from scan_code c
cross join lateral (
    select count(distinct visit)::int as scans, count(distinct person_id)::int as people, max(occurred_at) as last_at
    from code_scan where code_id = c.id offset 0) n
where (%(code_ids)s::bigint[] is null or c.id = any(%(code_ids)s::bigint[]))
    and (%(units)s::int[] is null or c.dealer_id = any(%(units)s::int[]) or c.store_id = any(%(units)s::int[]))
    and (%(guide_id)s::int is null or c.guide_id = %(guide_id)s::int)
    and c.id < %(before)s::bigint
order by c.id desc limit %(limit)s

-- name: scanned
-- Facts of these transactions that tell of a scan.
select fact_id from settlement s
where s.xid >= %(low)s::text::xid8 and s.xid < %(high)s::text::xid8 and s.state = 'settled' and s.name = 'Code Scanned'
    and not exists (select from fact_withdrawn w where w.fact_id = s.fact_id)
order by s.seq

-- name: hear
-- Of these facts the scans of codes that are ours.
insert into code_scan (fact_id, code_id, visit, person_id, position, occurred_at)
select s.fact_id, c.id, coalesce(nullif(left(f.told->>'visit', 100), ''), 'fact ' || s.fact_id), s.person_id, s.seq,
    s.occurred_at
from unnest(%(fact_ids)s::bigint[]) as n (fact_id)
cross join lateral (select * from settlement where fact_id = n.fact_id offset 0) s
cross join lateral (
    select coalesce(body->'properties', body) as told from fact
    where id = s.fact_id and occurred_at = s.occurred_at offset 0) f
cross join lateral (select id from scan_code where handle = (f.told->>'code') offset 0) c
where true
on conflict (fact_id) do nothing

-- name: forget_withdrawn
-- Scans that were taken back since.
delete from code_scan c using fact_withdrawn w, settlement s
where w.fact_id = c.fact_id and s.fact_id = w.by_fact_id and s.xid >= %(low)s::text::xid8 and s.xid < %(high)s::text::xid8

-- name: last_scans
-- For each of these: the last code of these kinds that was scanned by then, and not before `since`.
select n.place, c.id as code_id, c.kind, c.dealer_id, c.store_id, c.guide_id, c.person_id, x.fact_id, x.occurred_at as at
from unnest(%(places)s::int[], %(person_ids)s::bigint[], %(sinces)s::timestamptz[], %(untils)s::timestamptz[])
    as n (place, person_id, since, until)
cross join lateral (
    select x.code_id, x.fact_id, x.occurred_at from code_scan x
    where x.person_id = n.person_id and x.occurred_at >= n.since and x.occurred_at <= n.until
        and exists (select from scan_code k where k.id = x.code_id and k.kind = any(%(kinds)s::text[]))
    order by x.occurred_at desc, x.fact_id desc limit 1) x
cross join lateral (select * from scan_code where id = x.code_id offset 0) c

-- name: scans_of
select c.title, x.occurred_at as at from code_scan x join scan_code c on c.id = x.code_id
where x.person_id = any(%(person_ids)s::bigint[]) order by x.occurred_at desc

-- name: erase_scans
update code_scan set person_id = null where person_id = any(%(person_ids)s::bigint[])

-- name: erase_codes
update scan_code set state = 'off', person_id = null, title = '已注销', changed_by = 'system:0', changed_at = now()
where person_id = any(%(person_ids)s::bigint[])

-- name: codes_of
-- Codes by which these persons recommend others.
select title, handle, state, made_at from scan_code where person_id = any(%(person_ids)s::bigint[]) order by id
