-- name: open_case
insert into rights_case (kind, person_id, said, via, proof, asked_at, due_on, asked_by)
values (%(kind)s, %(person_id)s, %(said)s, %(via)s, %(proof)s, %(asked_at)s::timestamptz, %(due_on)s::date, %(actor)s)
on conflict (person_id, kind) where state in ('open', 'doing') do nothing
returning id

-- name: add_event
insert into rights_event (case_id, actor, what, detail) values (%(case_id)s, %(actor)s, %(what)s, %(detail)s)

-- name: cases
-- Open ones by the date they are due, or closed ones, the latest first.
select id, kind, person_id, said, via, proof, state, asked_at, due_on, asked_by, decided_by, decided_at, reason, step, outcome
from rights_case
where (state in ('open', 'doing')) = %(is_open)s::boolean
order by case when %(is_open)s::boolean then due_on end, case when %(is_open)s::boolean then id end, id desc
limit %(limit)s

-- name: cases_of
select id, kind, person_id, said, via, proof, state, asked_at, due_on, asked_by, decided_by, decided_at, reason, step, outcome
from rights_case where person_id = any(%(person_ids)s::bigint[]) order by id desc

-- name: case_by_id
select id, kind, person_id, said, via, proof, state, asked_at, due_on, asked_by, decided_by, decided_at, reason, step, outcome
from rights_case where id = %(case_id)s

-- name: lock_case
select id, kind, person_id, state from rights_case where id = %(case_id)s for update

-- name: events_of
select at, actor, what, detail from rights_event where case_id = %(case_id)s order by id

-- name: close_case
update rights_case
set state = %(state)s, decided_by = %(actor)s, decided_at = %(at)s::timestamptz, reason = %(reason)s,
    outcome = %(outcome)s::jsonb
where id = %(case_id)s and state in ('open', 'doing')

-- name: begin_cases
update rights_case set state = 'doing', decided_by = %(actor)s
where id = any(%(case_ids)s::bigint[]) and kind = 'erase' and state in ('open', 'doing')
returning id, person_id

-- name: doing
select id from rights_case where kind = 'erase' and state = 'doing' order by id

-- name: put_persons
update rights_case c set person_ids = array(select unnest(c.person_ids) union select n.person_id
    from unnest(%(case_ids)s::bigint[], %(person_ids)s::bigint[]) as n (case_id, person_id) where n.case_id = c.id)
where c.id = any(%(case_ids)s::bigint[])

-- name: persons_of_cases
select id, unnest(person_ids) as person_id from rights_case where id = any(%(case_ids)s::bigint[])

-- name: note_step
update rights_case set step = %(step)s, outcome = outcome || %(outcome)s::jsonb where id = any(%(case_ids)s::bigint[])

-- name: counts
select count(*) filter (where state in ('open', 'doing')) as open,
    count(*) filter (where state in ('open', 'doing') and due_on < %(today)s::date) as late
from rights_case

-- name: orders_of
-- What she bought, order by order.
select o.fact_id, s.name, s.occurred_at, src.label as source, o.order_key, o.org_unit_id, o.channel, o.amount, o.refunded
from settlement s
join fact_order o on o.fact_id = s.fact_id
join source src on src.id = s.source_id
where s.person_id = any(%(person_ids)s::bigint[]) and s.state = 'settled'
order by s.occurred_at, s.fact_id

-- name: lines_of
select l.fact_id, l.sku_id, l.quantity_milli, l.amount
from settlement s join fact_line l on l.fact_id = s.fact_id
where s.person_id = any(%(person_ids)s::bigint[]) and s.state = 'settled'
order by l.fact_id, l.line_no

-- name: others_of
-- What else happened that was not an order, with all that was told of it.
select s.fact_id, s.name, s.occurred_at, src.label as source, f.body
from settlement s
join source src on src.id = s.source_id
cross join lateral (select body from fact where id = s.fact_id and occurred_at = s.occurred_at offset 0) f
where s.person_id = any(%(person_ids)s::bigint[]) and s.state = 'settled'
    and not exists (select from fact_order o where o.fact_id = s.fact_id)
order by s.occurred_at, s.fact_id

-- name: balances_of
select unit, bucket, balance from account
where owner_kind = 'person' and owner_id = any(%(person_ids)s::bigint[]) and balance <> 0
order by unit, bucket

-- name: reads_of
-- Who looked at her data, and for what.
select at, actor, action, detail from audit_entry
where object_kind = 'person' and object_id = any(%(person_ids)s::bigint[]) order by id desc

-- name: facts_of
-- All that is hers: by person, and by what a fact carries though it went to nobody.
select s.fact_id, f.run_id
from settlement s
cross join lateral (select run_id from fact where id = s.fact_id and occurred_at = s.occurred_at offset 0) f
where s.person_id = any(%(person_ids)s::bigint[])

-- name: carrying
-- Facts that carry one of these identifiers, whosever they are. Reads all of `fact_identifier` once: it has no index by value,
-- which every fact would pay for and only an erasure asks for.
select distinct i.fact_id
from fact_identifier i
join unnest(%(kinds)s::text[], %(scopes)s::text[], %(keys)s::text[]) as n (kind, scope, key)
    on n.key = i.key and n.kind = i.kind and n.scope = i.scope

-- name: drop_carried
-- Of facts that went to somebody else, only what is hers.
delete from fact_identifier i
using unnest(%(kinds)s::text[], %(scopes)s::text[], %(keys)s::text[]) as n (kind, scope, key)
where i.fact_id = any(%(fact_ids)s::bigint[]) and n.key = i.key and n.kind = i.kind and n.scope = i.scope

-- name: sealed_carried
-- What was told of her under these facts, still sealed or plain.
select distinct kind, scope, key, sealed from fact_identifier where fact_id = any(%(fact_ids)s::bigint[])

-- name: drop_identifiers
delete from fact_identifier where fact_id = any(%(fact_ids)s::bigint[])

-- name: drop_traits
delete from fact_trait where fact_id = any(%(fact_ids)s::bigint[])

-- name: redact_facts
-- An order keeps its own number and what makes it known when it is told again; anything else keeps that it happened, and when.
update fact f
set body = case when o.fact_id is not null and f.body -> 'extra' -> 'platform_fee' is not null
        then jsonb_build_object('extra', jsonb_build_object('platform_fee', f.body -> 'extra' -> 'platform_fee')) end,
    client_key = case when o.fact_id is null then 'erased:' || f.id else f.client_key end,
    content_hash = case when o.fact_id is null then md5('erased:' || f.id)::uuid else f.content_hash end
from settlement s left join fact_order o on o.fact_id = s.fact_id
where s.fact_id = any(%(fact_ids)s::bigint[]) and f.id = s.fact_id and f.occurred_at = s.occurred_at

-- name: drop_keys
-- Keys under which it was said once: of what is no order.
delete from fact_key k using settlement s join fact f on f.id = s.fact_id and f.occurred_at = s.occurred_at
where s.fact_id = any(%(fact_ids)s::bigint[]) and k.fact_id = s.fact_id
    and not exists (select from fact_order o where o.fact_id = s.fact_id)

-- name: forget_person
update settlement set person_id = null where fact_id = any(%(fact_ids)s::bigint[]) and person_id = any(%(person_ids)s::bigint[])

-- name: redact_exceptions
update fact_exception set detail = '{}', state = 'mended' where fact_id = any(%(fact_ids)s::bigint[])

-- name: redact_audit
-- Who did what and when stays; what was written beside it may tell of whom.
update audit_entry set detail = '{}'
where object_kind = %(kind)s and object_id = any(%(object_ids)s::bigint[]) and detail <> '{}'

-- name: redact_approvals
-- What was asked for her stays, as its books do; what somebody wrote beside it goes.
update approval set reason = '（已注销）'
where object_kind = 'person' and object_id = any(%(person_ids)s::bigint[])
    or object_kind = 'fact' and object_id = any(%(fact_ids)s::bigint[])

-- name: redact_cases
-- What was written of her in cases: the case stays, the words go.
update rights_case set said = '', proof = case when proof = '' then '' else '（已删除）' end,
    reason = case when reason = '' then '' else '（已删除）' end,
    outcome = case when kind = 'erase' then outcome else '{}' end
where person_id = any(%(person_ids)s::bigint[])

-- name: redact_events
update rights_event set detail = '' where case_id in (select id from rights_case where person_id = any(%(person_ids)s::bigint[]))
    and detail <> '' and what <> 'erased'

-- name: close_erasure
update rights_case set state = 'done', decided_at = %(at)s::timestamptz, decided_by = coalesce(decided_by, 'system:0'),
    outcome = %(outcome)s::jsonb
where id = %(case_id)s

-- name: opened
-- Numbers that were looked at with a reason, the latest first.
select at, actor, object_id as person_id, coalesce(detail->>'kind', '') as kind, coalesce(detail->>'reason', '') as reason
from audit_entry where object_kind = 'person' and action = 'contact.opened'
order by id desc limit %(limit)s

-- name: asking
-- Those of these persons (born ids) whose request waits or is being carried out.
select p as person_id from unnest(%(person_ids)s::bigint[]) as p
where exists (select from rights_case where person_id = p and state in ('open', 'doing'))

-- name: count_opened
-- Reasons written for looking at a whole number.
select count(*) as reasons from audit_entry
where action = 'contact.opened' and at < %(before)s::timestamptz and detail <> '{}'

-- name: redact_opened
-- That somebody looked, at whose and when, stays.
update audit_entry set detail = '{}'
where action = 'contact.opened' and at < %(before)s::timestamptz and detail <> '{}'

-- name: sensitive_bodies
-- The next so many of these persons' facts, from before then, in whose words something sensitive may stand.
select s.fact_id, s.occurred_at, s.name, f.body
from settlement s
cross join lateral (select body from fact where id = s.fact_id and occurred_at = s.occurred_at offset 0) f
where s.person_id = any(%(person_ids)s::bigint[]) and s.fact_id > %(after)s::bigint
    and s.occurred_at < %(before)s::timestamptz and f.body is not null
    and (s.name ~* %(sensitive)s or f.body::text ~* %(sensitive)s)
order by s.fact_id limit %(limit)s

-- name: drop_sensitive_traits
delete from fact_trait t using settlement s
where s.person_id = any(%(person_ids)s::bigint[]) and s.occurred_at < %(before)s::timestamptz
    and t.fact_id = s.fact_id and t.name ~* %(sensitive)s
