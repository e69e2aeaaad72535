-- name: say
insert into protection_grant (dealer_id, scope, is_given, said, actor, at)
values (%(dealer_id)s, %(scope)s, %(is_given)s, %(said)s, %(actor)s, %(at)s)

-- name: lock
-- Two words of one dealer at once are said one after the other.
select pg_advisory_xact_lock(hashtext('protection'), %(dealer_id)s)

-- name: words
-- The last word of each of these dealers, or of all, on each scope.
select distinct on (dealer_id, scope) dealer_id, scope, is_given, said, actor, at, '' as by from protection_grant
where %(dealer_ids)s::int[] is null or dealer_id = any(%(dealer_ids)s::int[])
order by dealer_id, scope, id desc

-- name: said
-- All that a dealer ever said, the newest first.
select scope, is_given, said, actor, at, '' as by from protection_grant where dealer_id = %(dealer_id)s order by id desc limit %(limit)s

-- name: looks
-- Who looked at how a customer is to be reached, the newest first.
select id, at, actor, action, object_id as person_id, coalesce(detail->>'kind', '') as kind,
    coalesce(detail->>'reason', '') as reason, detail ? 'acting_id' as is_acting
from audit_entry
where action like 'contact.%%' and action in ('contact.opened', 'contact.revealed', 'contact.dialled', 'contact.wecom')
    and object_kind = 'person' and id < %(before)s
order by id desc limit %(limit)s

-- name: exported
-- Who took along what is a dealer's, the newest first.
select at, actor, coalesce((detail->'rows'->>'顾客')::int, 0) as customers, '' as by
from audit_entry
where object_kind = 'org_unit' and object_id = %(dealer_id)s::bigint and action = 'protection.exported'
order by id desc limit %(limit)s

-- name: archives
-- How often each of these dealers took its customers along since.
select object_id::int as dealer_id, count(*)::int as archives from audit_entry
where object_kind = 'org_unit' and object_id = any(%(dealer_ids)s::bigint[]) and action = 'protection.exported'
    and at >= %(since)s::timestamptz
group by object_id

-- name: note_taken
-- One entry of each customer whose data goes: it is hers to see.
insert into audit_entry (actor, action, object_kind, object_id, detail)
select %(actor)s, 'person.taken_along', 'person', p, jsonb_build_object('dealer_id', %(dealer_id)s::int)
from unnest(%(person_ids)s::bigint[]) as p
