-- name: lock
-- Whoever works out bonds does so alone: two at once would each write what the other has just superseded.
select pg_advisory_xact_lock(hashtext('huoshui bonds'))

-- name: said
-- What is said now of these persons (born ids).
select b.id, b.person_id, b.made_by, b.made_as, b.how, b.dealer_id, b.store_id, b.guide_id, b.owned_since, b.since,
    b.protected_until, b.until, b.state, b.suspended_by, b.rule_version, b.ended_by, b.end_reason, b.actor, b.reason
from unnest(%(person_ids)s::bigint[]) as p (person_id)
cross join lateral (select * from bond where person_id = p.person_id and superseded_at is null offset 0) b

-- name: supersede
update bond set superseded_at = now() where id = any(%(ids)s::bigint[])

-- name: say
insert into bond (person_id, made_by, made_as, how, dealer_id, store_id, guide_id, owned_since, since, protected_until, until, state,
    suspended_by, rule_version, ended_by, end_reason, actor, reason)
select * from unnest(%(person_ids)s::bigint[], %(made_bys)s::bigint[], %(made_ass)s::text[], %(hows)s::text[], %(dealer_ids)s::int[],
    %(store_ids)s::int[], %(guide_ids)s::int[], %(owned_sinces)s::timestamptz[], %(sinces)s::timestamptz[],
    %(protected_untils)s::timestamptz[], %(untils)s::timestamptz[], %(states)s::text[], %(suspended_bys)s::bigint[],
    %(rule_versions)s::int[], %(ended_bys)s::bigint[], %(end_reasons)s::text[], %(actors)s::text[], %(reasons)s::text[])

-- name: now_of
select n.person_id, n.made_by, n.dealer_id, n.store_id, n.guide_id, n.protected_until
from unnest(%(person_ids)s::bigint[]) as p (person_id)
cross join lateral (select * from bond_now where person_id = p.person_id offset 0) n

-- name: held_at
-- Who owned and served each of these born ids at a moment.
select n.place, b.dealer_id, b.store_id, b.guide_id, b.made_by
from unnest(%(places)s::int[], %(person_ids)s::bigint[], %(times)s::timestamptz[]) as n (place, person_id, at)
cross join lateral (
    select * from bond
    where person_id = n.person_id and superseded_at is null and state <> 'suspended' and since <= n.at
        and (until is null or until > n.at)
    order by since desc, made_by desc limit 1) b

-- name: put_now
insert into bond_now (person_id, made_by, dealer_id, store_id, guide_id, protected_until)
select * from unnest(%(person_ids)s::bigint[], %(made_bys)s::bigint[], %(dealer_ids)s::int[], %(store_ids)s::int[],
    %(guide_ids)s::int[], %(protected_untils)s::timestamptz[])
on conflict (person_id) do update
set made_by = excluded.made_by, dealer_id = excluded.dealer_id, store_id = excluded.store_id, guide_id = excluded.guide_id,
    protected_until = excluded.protected_until, at = now(), seq = nextval('bond_seq'), xid = pg_current_xact_id()

-- name: state_changes
-- For the lake: the latest word on who owns and serves each person. Nobody: no number.
select n.person_id, k.key, k.id, n.at, n.seq, n.made_by is not null as is_owned
from bond_now n
cross join lateral (
    values ('bond.dealer', n.dealer_id), ('bond.store', n.store_id), ('bond.guide', n.guide_id)) as k (key, id)
where n.xid >= %(low)s::text::xid8 and n.xid < %(high)s::text::xid8

-- name: put_rechecks
-- The earlier time stays: whoever looks then finds whether there is a later one.
insert into bond_recheck (person_id, at)
select * from unnest(%(person_ids)s::bigint[], %(times)s::timestamptz[])
on conflict (person_id) do update set at = excluded.at where excluded.at < bond_recheck.at

-- name: drop_rechecks
delete from bond_recheck where person_id = any(%(person_ids)s::bigint[])

-- name: due
select person_id from bond_recheck where at < %(now)s::timestamptz order by at limit %(limit)s

-- name: versions
select version, params::text as params, from_position, actor, reason, set_at from bond_rules order by version

-- name: add_version
insert into bond_rules (params, actor, reason) values (%(params)s::jsonb, %(actor)s, %(reason)s) returning version

-- name: counts
-- Customers of each owner now, and whom each won and lost since.
select x.dealer_id, sum(x.people)::int as people, sum(x.protected)::int as protected, sum(x.unserved)::int as without_guide,
    sum(x.gained)::int as gained, sum(x.lost)::int as lost
from (
    select dealer_id, count(*) as people, count(*) filter (where protected_until > %(now)s::timestamptz) as protected,
        count(*) filter (where guide_id is null) as unserved, 0 as gained, 0 as lost
    from bond_now
    where made_by is not null
        and (%(units)s::int[] is null or dealer_id = any(%(units)s::int[]) or store_id = any(%(units)s::int[]))
    group by dealer_id
    union all
    select dealer_id, 0, 0, 0, count(*) filter (where since >= %(since)s::timestamptz and since = owned_since),
        count(*) filter (where until >= %(since)s::timestamptz and not exists (
            select from bond n
            where n.made_by = b.ended_by and n.superseded_at is null and n.dealer_id is not distinct from b.dealer_id))
    from bond b
    where superseded_at is null and state <> 'suspended' and (since >= %(since)s::timestamptz or until >= %(since)s::timestamptz)
        and (%(units)s::int[] is null or dealer_id = any(%(units)s::int[]) or store_id = any(%(units)s::int[]))
    group by dealer_id) x
group by x.dealer_id
order by people desc, x.dealer_id nulls last

-- name: guides
-- Who serves how many.
select guide_id, dealer_id, count(*)::int as people from bond_now
where made_by is not null and guide_id is not null
    and (%(units)s::int[] is null or dealer_id = any(%(units)s::int[]) or store_id = any(%(units)s::int[]))
group by guide_id, dealer_id order by people desc, guide_id, dealer_id nulls last

-- name: customers
-- Canonical ids, page by page.
select person_id from bond_now
where made_by is not null and person_id > %(after)s::bigint
    and (%(units)s::int[] is null or dealer_id = any(%(units)s::int[]) or store_id = any(%(units)s::int[]))
    and (%(dealer_id)s::int is null or dealer_id = %(dealer_id)s::int)
    and (%(store_id)s::int is null or store_id = %(store_id)s::int)
    and (%(guide_id)s::int is null or guide_id = %(guide_id)s::int)
order by person_id limit %(limit)s

-- name: served_by
-- Whom a guide serves now, with the owner of each.
select person_id, dealer_id, store_id from bond_now
where guide_id = %(guide_id)s and made_by is not null
    and (%(units)s::int[] is null or dealer_id = any(%(units)s::int[]) or store_id = any(%(units)s::int[]))
order by person_id

-- name: may_erase
select set_config('huoshui.erasing', %(what)s, true) as erasing

-- name: erase_bonds
delete from bond where person_id = any(%(person_ids)s::bigint[])

-- name: erase_now
delete from bond_now where person_id = any(%(person_ids)s::bigint[])
