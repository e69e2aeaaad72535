-- name: ladder_sums
-- What each guide sold in a month, for whom, where that month is still to be closed.
select e.party_id, p.payer_id, sum(e.base)::bigint as base
from commission_entry e join commission_party p on p.id = e.party_id
where e.kind = 'commission' and e.statement_id is null and e.booked_on between %(first)s::date and %(last)s::date
    and p.payee_kind = 'guide' and (%(payer_id)s::int is null or p.payer_id = %(payer_id)s::int)
group by 1, 2 order by 1

-- name: closed_among
select count(*)::int as n from commission_statement s join commission_party p on p.id = s.party_id
where s.period = %(period)s and (%(payer_id)s::int is null or p.payer_id = %(payer_id)s::int)

-- name: close
-- One statement for each who has lines in the month, and its lines bound to it, whole and once.
with lines as materialized (
    select e.party_id, sum(e.amount)::bigint as amount, count(*)::int as lines
    from commission_entry e join commission_party p on p.id = e.party_id
    where e.statement_id is null and e.booked_on between %(first)s::date and %(last)s::date
        and (%(payer_id)s::int is null or p.payer_id = %(payer_id)s::int)
    group by 1)
insert into commission_statement (party_id, period, amount, lines, closed_by)
select party_id, %(period)s, amount, lines, %(actor)s from lines order by party_id
on conflict (party_id, period) do nothing
returning id

-- name: bind
update commission_entry e set statement_id = s.id
from commission_statement s
where s.period = %(period)s and s.id = any(%(statement_ids)s::bigint[]) and e.party_id = s.party_id and e.statement_id is null
    and e.booked_on between %(first)s::date and %(last)s::date

-- name: statements
-- The newest period first. `payee_id` of a guide who looks at her own; `payers` of a firm that looks at what it pays.
select s.id, s.period, s.amount, s.lines, s.closed_at, p.payee_kind, p.payee_id, p.payer_id
from commission_statement s join commission_party p on p.id = s.party_id
where (%(statement_id)s::bigint is null or s.id = %(statement_id)s::bigint)
    and (%(everything)s::bool or p.payer_id = any(%(firms)s::int[])
        or (p.payee_kind = 'dealer' and p.payee_id = any(%(firms)s::int[]))
        or (p.payee_kind = 'guide' and p.payee_id = %(guide_id)s::bigint))
order by s.period desc, s.id limit %(limit)s

-- name: lines
-- An order's lines of a statement, with the last word of either side.
select e.id, e.order_id, e.fact_id, e.kind, e.amount, e.base, e.is_correction, e.booked_on, e.release_on, e.is_frozen,
    coalesce(a.word, '') as payee_word, coalesce(a.said, '') as payee_said, coalesce(b.word, '') as payer_word,
    coalesce(b.said, '') as payer_said
from commission_entry e
left join lateral (
    select word, said from commission_word where entry_id = e.id and side = 'payee' order by id desc limit 1) a on true
left join lateral (
    select word, said from commission_word where entry_id = e.id and side = 'payer' order by id desc limit 1) b on true
where e.statement_id = %(statement_id)s::bigint and e.id > %(after)s::bigint
order by e.id limit %(limit)s

-- name: lines_among
select id from commission_entry where statement_id = %(statement_id)s::bigint and id = any(%(entry_ids)s::bigint[])

-- name: add_words
insert into commission_word (entry_id, side, word, said, actor, at)
select entry_id, %(side)s, %(word)s, %(said)s, %(actor)s, %(at)s::timestamptz
from unnest(%(entry_ids)s::bigint[]) as n (entry_id)

-- name: earned
-- What a payee has: in a month, frozen, posted and taken back, by who pays.
select p.id as party_id, p.payer_id,
    coalesce(sum(e.amount) filter (where e.booked_on between %(first)s::date and %(last)s::date), 0)::bigint as amount,
    coalesce(sum(e.amount) filter (where e.is_frozen), 0)::bigint as frozen,
    coalesce(sum(e.amount) filter (where not e.is_frozen), 0)::bigint as posted,
    coalesce(sum(e.amount) filter (where e.amount < 0 and e.booked_on between %(first)s::date and %(last)s::date), 0)::bigint
        as taken_back
from commission_party p left join commission_entry e on e.party_id = p.id
where p.payee_kind = %(kind)s and p.payee_id = %(payee_id)s::bigint
group by 1, 2 order by 2

-- name: entries_of
-- A payee's entries, the newest first.
select e.id, e.order_id, e.fact_id, e.kind, e.amount, e.base, e.is_correction, e.booked_on, e.release_on, e.is_frozen, p.payer_id
from commission_party p join commission_entry e on e.party_id = p.id
where p.payee_kind = %(kind)s and p.payee_id = %(payee_id)s::bigint and e.id < %(before)s::bigint
order by e.id desc limit %(limit)s

-- name: entries_of_order
select e.id, p.payee_kind, p.payee_id, p.payer_id, e.kind, e.amount, e.base, e.is_correction, e.booked_on, e.release_on,
    e.is_frozen, e.rule_version
from commission_entry e join commission_party p on p.id = e.party_id
where e.order_id = %(order_id)s::bigint order by e.id

-- name: party_sums
-- What the entries of each payee sum to, for whoever audits: the ledger's accounts must say the same.
select p.id as party_id, sum(e.amount)::bigint as amount, coalesce(sum(e.amount) filter (where e.is_frozen), 0)::bigint as frozen
from commission_party p join commission_entry e on e.party_id = p.id group by 1 order by 1

-- name: closed_of_run
-- By month, the closed statements that have lines of an import's orders, and what these lines come to.
with mine as materialized (
    select distinct coalesce(s.order_id, t.fact_id) as order_id
    from told_by_run(%(run_id)s::bigint) t
    cross join lateral (select order_id from settlement where fact_id = t.fact_id offset 0) s
    where not t.is_shared)
select s.period, count(distinct s.id)::int as statements, sum(e.amount)::bigint as amount
from mine
cross join lateral (select * from commission_entry where order_id = mine.order_id offset 0) e
join commission_statement s on s.id = e.statement_id
group by 1 order by 1
