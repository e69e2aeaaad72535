-- name: ask
insert into approval (kind, key, object_kind, object_id, said, reason, asked_by)
values (%(kind)s, %(key)s, %(object_kind)s, %(object_id)s, %(said)s::jsonb, %(reason)s, %(actor)s)
on conflict (kind, key) do nothing
returning id

-- name: by_key
select id, kind, object_kind, object_id, said, reason, state, asked_by, asked_at, decided_by, decided_at, fact_id
from approval where kind = %(kind)s and key = %(key)s

-- name: lock
select id, kind, object_kind, object_id, said, reason, state, asked_by, asked_at, decided_by, decided_at, fact_id
from approval where id = %(id)s and kind = %(kind)s for update

-- name: close
update approval
set state = %(state)s, fact_id = %(fact_id)s::bigint, decided_by = %(decided_by)s::text,
    decided_at = case when %(decided_by)s::text is null then null else now() end
where id = %(id)s
returning id, kind, object_kind, object_id, said, reason, state, asked_by, asked_at, decided_by, decided_at, fact_id

-- name: waiting
select id, kind, object_kind, object_id, said, reason, state, asked_by, asked_at, decided_by, decided_at, fact_id
from approval where kind = %(kind)s and state in ('waiting', 'approved') order by id limit %(limit)s

-- name: lock_alone
select pg_advisory_xact_lock(hashtextextended(%(kind)s || ' ' || %(actor)s || ' ' || %(object_id)s::bigint, 0))

-- name: done_alone
select id, kind, object_kind, object_id, said, reason, state, asked_by, asked_at, decided_by, decided_at, fact_id
from approval
where object_id = any(%(object_ids)s::bigint[]) and kind = %(kind)s and asked_at >= %(since)s::timestamptz
    and state = 'done' and decided_by is null and object_kind = %(object_kind)s and asked_by = %(actor)s
order by id

-- name: limits
select role, alone_upto from approval_limit where kind = %(kind)s

-- name: put_limit
insert into approval_limit (kind, role, alone_upto, set_by)
values (%(kind)s, %(role)s, %(alone_upto)s, %(actor)s)
on conflict (kind, role) do update set alone_upto = excluded.alone_upto, set_at = now(), set_by = excluded.set_by
