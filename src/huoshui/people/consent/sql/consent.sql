-- name: told
-- Facts that tell of consent, with whom they are about.
select s.fact_id, s.name, s.person_id, s.occurred_at, s.source_id, f.actor, f.body
from settlement s
cross join lateral (select actor, body from fact where id = s.fact_id and occurred_at = s.occurred_at offset 0) f
where s.fact_id = any(%(fact_ids)s::bigint[])
order by s.fact_id

-- name: told_by_lists
-- What rows of member lists say of consent.
select s.fact_id, s.person_id, s.occurred_at, s.source_id, t.name, t.value
from settlement s
cross join lateral (select name, value from fact_trait where fact_id = s.fact_id and starts_with(name, 'consent_') offset 0) t
where s.fact_id = any(%(fact_ids)s::bigint[]) and s.person_id is not null
order by s.fact_id

-- name: add
insert into consent_entry (person_id, purpose, channel, is_given, basis, notice_version, proof, place, said_at, is_dated,
    fact_id, source_id, actor, said_by)
select * from unnest(%(person_ids)s::bigint[], %(purposes)s::text[], %(channels)s::text[], %(givens)s::boolean[],
    %(bases)s::text[], %(versions)s::text[], %(proofs)s::text[], %(places)s::text[], %(times)s::timestamptz[],
    %(dated)s::boolean[], %(fact_ids)s::bigint[], %(source_ids)s::int[], %(actors)s::text[], %(said_by)s::bigint[])
on conflict (fact_id, person_id, purpose, channel) do nothing

-- name: standing
-- The word that holds for each born id, purpose and channel: the latest. A yes of which nobody knows when it was said counts
-- only where nothing else was; of a yes and a no at the same instant the no.
select distinct on (person_id, purpose, channel) person_id, purpose, channel, is_given, basis, said_at
from consent_counting
where person_id = any(%(person_ids)s::bigint[])
order by person_id, purpose, channel, (is_dated or not is_given) desc, said_at desc, is_given, id desc

-- name: refused
-- Born ids that ever said no to one of these purposes, wholly: whether it still holds, `standing` tells.
select distinct person_id from consent_entry where purpose = any(%(purposes)s::text[]) and not is_given and channel = ''

-- name: state_changes
-- What holds now for those who said something in these transactions, of whom something was taken back, or who are one with
-- others than before, for the lake. No value: nothing is left.
with touched as materialized (
    select person_id, purpose from consent_entry
    where xid >= %(low)s::text::xid8 and xid < %(high)s::text::xid8 and channel = ''
    union
    select person_id, purpose from consent_unsaid where xid >= %(low)s::text::xid8 and xid < %(high)s::text::xid8
    union
    select e.person_id, e.purpose
    from clusters_changed(%(low)s::text::xid8, %(high)s::text::xid8) c
    cross join lateral (select person_id, purpose, channel from consent_entry
        where person_id = c.person_id and said_by <> person_id and is_given offset 0) e
    where e.channel = '')
select one.person_id, 'consent.' || one.purpose as key,
    case when e.is_given then 'given' when not e.is_given then 'withdrawn' end as value, e.is_given::int::float8 as number,
    greatest(e.said_at, since.unsaid_at, since.changed_at) as at, last.seq, coalesce(e.source_id, 0) as source_id
from touched one
cross join lateral (
    select max(id) as seq, bool_or(said_by <> person_id and is_given) as is_borrowed from consent_entry
    where person_id = one.person_id and purpose = one.purpose and channel = '' and xid < %(high)s::text::xid8 offset 0) last
cross join lateral (
    select
        (select max(at) from consent_unsaid u
        where u.person_id = one.person_id and u.purpose = one.purpose and u.xid < %(high)s::text::xid8) as unsaid_at,
        case when last.is_borrowed then cluster_changed_at(one.person_id, %(high)s::text::xid8) end as changed_at offset 0) since
left join lateral (
    select is_given, said_at, source_id from consent_counting c
    where c.person_id = one.person_id and c.purpose = one.purpose and c.channel = '' and c.xid < %(high)s::text::xid8
    order by (is_dated or not is_given) desc, said_at desc, is_given, id desc limit 1 offset 0) e on true
where e.said_at is not null or since.unsaid_at is not null or since.changed_at is not null

-- name: unsay
-- Whom consents are about that facts of this import told.
insert into consent_unsaid (person_id, purpose, at)
select distinct e.person_id, e.purpose, %(at)s::timestamptz
from fact_withdrawn w join consent_entry e on e.fact_id = w.fact_id
where w.run_id = %(run_id)s::bigint and e.channel = ''

-- name: entries
-- The ledger of a cluster, the newest first. What was said of one who was several stands once.
select distinct on (e.fact_id, e.purpose, e.channel) e.purpose, e.channel, e.is_given, e.basis, e.notice_version, e.proof,
    e.place, e.said_at, e.is_dated, src.label as source, e.actor, e.fact_id
from consent_counting e join source src on src.id = e.source_id
where e.person_id = any(%(person_ids)s::bigint[])
order by e.fact_id desc, e.purpose, e.channel, e.id

-- name: send_rules
select purpose, channel, quiet_from, quiet_until, days, most from send_rule

-- name: put_send_rule
insert into send_rule (purpose, channel, quiet_from, quiet_until, days, most, changed_by)
values (%(purpose)s, %(channel)s, %(quiet_from)s::time, %(quiet_until)s::time, %(days)s::int, %(most)s::int, %(actor)s)
on conflict (purpose, channel) do update
set quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until, days = excluded.days, most = excluded.most,
    changed_by = excluded.changed_by, changed_at = now()

-- name: add_sent
insert into contact_sent (key, person_id, purpose, channel, sent_at)
select * from unnest(%(keys)s::text[], %(person_ids)s::bigint[], %(purposes)s::text[], %(channels)s::text[],
    %(times)s::timestamptz[])
on conflict (key) do nothing

-- name: sent
-- For each person and limit the instant of the message that fills it up: the last but `most` − 1 within its days.
select m.canonical_id, r.place, (array_agg(c.sent_at order by c.sent_at desc))[max(r.most)] as full_at
from unnest(%(person_ids)s::bigint[], %(canonical_ids)s::bigint[]) as m (person_id, canonical_id)
cross join unnest(%(places)s::int[], %(channels)s::text[], %(mosts)s::int[], %(sinces)s::timestamptz[])
    as r (place, channel, most, since)
cross join lateral (
    select sent_at from contact_sent
    where person_id = m.person_id and sent_at > r.since and sent_at <= %(at)s::timestamptz and purpose = %(purpose)s
        and (r.channel = '' or channel = r.channel) offset 0) c
group by m.canonical_id, r.place
having count(*) >= max(r.most)

-- name: counts
-- How many born ids say yes and no to each purpose and channel now.
select purpose, channel, count(*) filter (where is_given) as given, count(*) filter (where not is_given) as withdrawn
from (
    select distinct on (person_id, purpose, channel) purpose, channel, is_given from consent_counting
    order by person_id, purpose, channel, (is_dated or not is_given) desc, said_at desc, is_given, id desc) s
group by purpose, channel order by purpose, channel

-- name: forget_words
-- What was said stays as proof that it was said; what could tell of whom does not.
update consent_entry set proof = '', place = '' where person_id = any(%(person_ids)s::bigint[]) and (proof, place) <> ('', '')

-- name: spoken_since
select distinct person_id from consent_counting
where person_id = any(%(person_ids)s::bigint[]) and is_given
    and case when is_dated then said_at else recorded_at end >= %(since)s::timestamptz

-- name: sent_to
select sent_at, purpose, channel from contact_sent where person_id = any(%(person_ids)s::bigint[]) order by sent_at desc, key
