-- name: live_version
select coalesce(max(version), 1) as version from identity_rules

-- name: rules_of
select version, body::text as body from identity_rules where version = any(%(versions)s::int[])

-- name: carried_base
-- Which identifiers facts carry that still count: of facts with several, and of those that an identifier was first known by.
with several as (select fact_id from fact_identifier group by fact_id having count(*) > 1)
select f.fact_id, i.id as identifier_id
from fact_identifier f
join identifier i on i.kind = f.kind and i.scope = f.scope and i.key = f.key and i.person_id is not null
where (f.fact_id = i.fact_id or f.fact_id in (select fact_id from several))
    and (i.ends_at is null or (select occurred_at from settlement s where s.fact_id = f.fact_id) <= i.ends_at)
    and not exists (
        select from fact_withdrawn w where w.fact_id = f.fact_id and (not w.is_retold or w.by_fact_id is not null))

-- name: identifiers_base
-- Every identifier that was ever somebody's; is_final where somebody said that it is shared.
select i.id, i.person_id, coalesce(c.canonical_id, i.person_id) as canonical_id, i.kind, i.scope,
    i.is_guarded and not i.is_guarded_by_rule as is_final
from identifier i left join person_cluster c on c.person_id = i.person_id
where i.person_id is not null
order by i.id

-- name: by_hand_base
select person_a, person_b from link where unlinked_at is null and rule <> 'same_fact' order by id

-- name: of_keys
select id from identifier where kind = %(kind)s and key = any(%(keys)s::text[])

-- name: values_of_kind
select id, key, sealed from identifier where kind = %(kind)s and id > %(after)s order by id limit %(limit)s

-- name: lock_rules
select pg_advisory_xact_lock(hashtext('huoshui identity rules'))

-- name: put_version
insert into identity_rules (version, body, reason, actor)
values (%(version)s::int, %(body)s::jsonb, %(reason)s, %(actor)s)

-- name: versions
select version, body::text as body, reason, actor, made_at from identity_rules order by version desc

-- name: draft
select body::text as body, actor, changed_at from identity_rules_draft

-- name: put_draft
insert into identity_rules_draft (body, actor) values (%(body)s::jsonb, %(actor)s)
on conflict (id) do update set body = excluded.body, actor = excluded.actor, changed_at = now()

-- name: drop_draft
delete from identity_rules_draft

-- name: ask_rehearsal
insert into identity_rehearsal (version, body, base_version, actor)
values (%(version)s::int, %(body)s::jsonb, %(base_version)s::int, %(actor)s)
returning id

-- name: rehearsal
select id, version, body::text as body, base_version, state, report::text as report, done, actor, asked_at, ended_at
from identity_rehearsal where id = %(id)s

-- name: latest_rehearsal
-- The last that was asked for: of a version that went live, or only tried.
select id, version, body::text as body, base_version, state, report::text as report, done, actor, asked_at, ended_at
from identity_rehearsal where (version is not null) = %(is_live)s::boolean order by id desc limit 1

-- name: say_rehearsal
update identity_rehearsal
set state = %(state)s, report = coalesce(%(report)s::jsonb, report), done = %(done)s::int,
    ended_at = case when %(state)s in ('done', 'failed') then now() end
where id = %(id)s

-- name: unfinished
-- A version whose links are still being made and taken back.
select id from identity_rehearsal where version is not null and state in ('waiting', 'running') limit 1

-- name: carried_out
-- The last version that the past was brought in line with.
select coalesce(max(version), 1) as version from identity_rehearsal where version is not null and state = 'done'

-- name: last_link
select coalesce(max(id), 0) as id from link

-- name: links_among
select id, person_a, person_b, rule from link
where unlinked_at is null and person_a = any(%(person_ids)s::bigint[])

-- name: parted_among
-- Pairs of these whom somebody has parted.
select distinct person_a, person_b from link
where unlinked_at is not null and undone_by_version is null and person_a = any(%(person_ids)s::bigint[])

-- name: unlink_by_rules
update link set unlinked_at = now(), unlinked_by = %(actor)s, unlinked_reason = %(reason)s, undone_by_version = %(version)s::int
where id = any(%(link_ids)s::bigint[]) and unlinked_at is null

-- name: guard_by_rules
update identifier set is_guarded = true, is_guarded_by_rule = true
where id = any(%(ids)s::bigint[]) and not is_guarded
returning id, kind

-- name: release
update identifier i set is_guarded = false, is_guarded_by_rule = false, links_made = n.links_made
from unnest(%(ids)s::bigint[], %(links_made)s::int[]) as n (id, links_made)
where i.id = n.id and i.is_guarded_by_rule

-- name: touched
-- Orders of these persons, what they come to, and their points.
select
    (select count(*) from settlement s join fact_order o on o.fact_id = s.fact_id
     where s.person_id = any(%(person_ids)s::bigint[]) and s.state = 'settled' and s.name = 'Order Completed') as orders,
    (select coalesce(sum(o.amount - o.refunded), 0)::bigint from settlement s join fact_order o on o.fact_id = s.fact_id
     where s.person_id = any(%(person_ids)s::bigint[]) and s.state = 'settled' and s.name = 'Order Completed') as amount,
    (select coalesce(sum(balance), 0)::bigint from account
     where unit = 'points' and owner_kind = 'person' and owner_id = any(%(person_ids)s::bigint[])) as points

-- name: shown_identifiers
select id, person_id, kind, key, tail4 from identifier where id = any(%(ids)s::bigint[])

-- name: via_of_links
select distinct identifier_id from link where id = any(%(ids)s::bigint[]) and identifier_id is not null
