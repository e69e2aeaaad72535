-- name: hands
-- Who has made links by hand that still hold, and how many; the system's own are those of matching.
select actor as what, count(*)::int as links, max(linked_at) as last_at from link
where unlinked_at is null and rule = 'by_hand' group by actor order by count(*) desc, actor

-- name: kinds_that_join
-- By which kinds of accounts people are one, and how many links each has made that still hold.
select i.kind as what, count(*)::int as links, max(l.linked_at) as last_at
from link l join identifier i on i.id = l.identifier_id
where l.unlinked_at is null and l.rule = 'same_fact' group by i.kind order by count(*) desc, i.kind

-- name: one_link
select id, person_a, person_b from link
where id = nullif(%(what)s, '')::bigint and unlinked_at is null and id > %(after)s::bigint and id <= %(upto)s::bigint
order by id limit %(limit)s::int

-- name: links_by_hand
select id, person_a, person_b from link
where actor = %(what)s and rule = 'by_hand' and unlinked_at is null and id > %(after)s::bigint and id <= %(upto)s::bigint
order by id limit %(limit)s::int

-- name: links_of_run
-- Links that only this import's facts are the evidence of.
select id, person_a, person_b from link
where fact_id in (select fact_id from told_by_run(nullif(%(what)s, '')::bigint) where not is_shared)
    and rule = 'same_fact' and unlinked_at is null and id > %(after)s::bigint and id <= %(upto)s::bigint
order by id limit %(limit)s::int

-- name: links_around
-- Every living link of the clusters of these persons.
with head as (
    select distinct coalesce(c.canonical_id, n.id) as id
    from unnest(%(person_ids)s::bigint[]) as n (id) left join person_cluster c on c.person_id = n.id),
member as (
    select id as person_id from head
    union all select c.person_id from head join person_cluster c on c.canonical_id = head.id)
select l.id, l.person_a, l.person_b from member m join link l on l.person_a = m.person_id
where l.unlinked_at is null order by l.id

-- name: take_back
update link set unlinked_at = now(), unlinked_by = %(actor)s, unlinked_reason = %(reason)s
where id = any(%(link_ids)s::bigint[]) and unlinked_at is null
returning id, person_a, person_b

-- name: have_joined_enough
-- `has_joined_enough` of many.
update identifier i set links_made = greatest(links_made, %(enough)s)
from link l
where l.id = any(%(link_ids)s::bigint[]) and i.id = l.identifier_id
    and exists (select from person p where p.id in (l.person_a, l.person_b) and p.born_fact_id = l.fact_id)

-- name: tell_taken_back
insert into audit_entry (actor, action, object_kind, object_id, detail)
select %(actor)s, 'person.unmerged', 'person', l.person_a,
    jsonb_build_object('link_id', l.id, 'reason', %(reason)s::text, 'undoing_id', %(undoing_id)s::bigint)
from link l where l.id = any(%(link_ids)s::bigint[]) order by l.id

-- name: ask_undoing
insert into link_undoing (how, what, reason, actor, last_link, split)
values (%(how)s, %(what)s, %(reason)s, %(actor)s, %(last_link)s::bigint, %(split)s::int)
on conflict do nothing
returning id

-- name: undoing
select id, how, what, reason, actor, last_link, state, done, split, asked_at, ended_at from link_undoing where id = %(id)s::bigint

-- name: latest_undoing
select id, how, what, reason, actor, last_link, state, done, split, asked_at, ended_at from link_undoing
where how = %(how)s and what = %(what)s order by id desc limit 1

-- name: undoings
select id, how, what, reason, actor, last_link, state, done, split, asked_at, ended_at from link_undoing order by id desc limit %(limit)s::int

-- name: say_undoing
update link_undoing set state = %(state)s, done = done + %(more)s::int,
    reason = case when %(state)s = 'done' then '' else reason end,
    ended_at = case when %(state)s = 'done' then now() end
where id = %(id)s::bigint and state <> 'done'

-- name: taken_back_lately
-- Links that somebody has taken back and that nothing has made again, the latest first.
select l.id, l.person_a, l.person_b, l.unlinked_at, l.unlinked_by, coalesce(l.unlinked_reason, '') as unlinked_reason
from link l
where l.unlinked_at is not null and l.undone_by_version is null
    and not exists (
        select from link n where n.person_a = l.person_a and n.person_b = l.person_b and n.unlinked_at is null)
order by l.unlinked_at desc, l.id desc limit %(limit)s::int

-- name: holdings
-- Of each of these (born ids) what is in its own name: orders, what they come to, points, accounts by which it is known.
select n.id as person_id, coalesce(o.orders, 0)::int as orders, coalesce(o.amount, 0)::bigint as amount,
    coalesce(p.points, 0)::bigint as points, coalesce(p.debt, 0)::bigint as debt, coalesce(i.accounts, 0)::int as accounts
from unnest(%(person_ids)s::bigint[]) as n (id)
left join lateral (
    select count(*) as orders, sum(f.amount - f.refunded) as amount
    from settlement s join fact_order f on f.fact_id = s.fact_id
    where s.person_id = n.id and s.state = 'settled' and s.name = 'Order Completed'
        and not exists (select from fact_withdrawn w where w.fact_id = s.fact_id)) o on true
left join lateral (
    select sum(balance) filter (where bucket not in (%(debt)s, %(held)s)) as points,
        -coalesce(sum(balance) filter (where bucket = %(debt)s), 0) as debt
    from account where unit = 'points' and owner_kind = 'person' and owner_id = n.id) p on true
left join lateral (select count(*) as accounts from identifier where person_id = n.id) i on true

-- name: link_by_id
-- A living link, in the columns of `links_of`.
select l.id, l.person_a, l.person_b, l.rule, l.actor, l.reason, l.linked_at, i.kind, i.scope, i.key, i.tail4, i.ends_at
from link l left join identifier i on i.id = l.identifier_id
where l.id = %(link_id)s::bigint and l.unlinked_at is null

-- name: accounts_of
-- By what each of these (born ids) is known, in the columns that are shown.
select person_id, kind, key, tail4 from identifier where person_id = any(%(person_ids)s::bigint[]) order by person_id, id

-- name: link_gone
select id, person_a, person_b, unlinked_at, coalesce(unlinked_by, '') as unlinked_by,
    coalesce(unlinked_reason, '') as unlinked_reason
from link
where id = %(link_id)s::bigint and unlinked_at is not null
