-- name: open_accounts
-- Accounts that a batch is the first to name; system accounts carry no balance, debts no floor.
insert into account (unit, owner_kind, owner_id, bucket, balance, floor)
select unit, owner_kind, owner_id, bucket,
    case when owner_kind = any(%(system_kinds)s::text[]) then null else 0 end,
    case when owner_kind = any(%(system_kinds)s::text[]) or bucket = %(debt)s then null else 0 end
from unnest(%(units)s::text[], %(kinds)s::text[], %(ids)s::bigint[], %(buckets)s::text[]) as n (unit, owner_kind, owner_id, bucket)
order by unit, owner_kind, owner_id, bucket
on conflict (unit, owner_kind, owner_id, bucket) do nothing

-- name: lock_accounts
-- The accounts in these places, locked in id order so that two posts never wait for each other in a ring; in bucket '*', all
-- that the owner has. Where one that is needed is missing nothing is locked yet, and only those there are told: those to be
-- made may come to stand between.
with found as materialized (
    select n.is_needed, a.id, a.unit, a.owner_kind, a.owner_id, a.bucket, a.balance, a.floor
    from unnest(%(units)s::text[], %(kinds)s::text[], %(ids)s::bigint[], %(buckets)s::text[], %(needed)s::boolean[])
        as n (unit, owner_kind, owner_id, bucket, is_needed)
    left join lateral (
        select * from account
        where unit = n.unit and owner_kind = n.owner_kind and owner_id = n.owner_id and n.bucket in ('*', bucket)
        offset 0) a on true),
lacking as materialized (select exists (select from found where is_needed and id is null) as is_there),
locked as materialized (
    select id, unit, owner_kind, owner_id, bucket, balance, floor
    from account
    where id = any(array(select id from found where balance is not null)) and not (select is_there from lacking)
    order by id for no key update)
select * from locked
union all
select id, unit, owner_kind, owner_id, bucket, balance, floor
from found
where id is not null and (balance is null or (select is_there from lacking))

-- name: add_transfers
insert into transfer (fact_id, reason, part, unit, from_account_id, to_account_id, amount)
select * from unnest(%(fact_ids)s::bigint[], %(reasons)s::text[], %(parts)s::int[], %(units)s::text[],
    %(sources)s::bigint[], %(targets)s::bigint[], %(amounts)s::bigint[])

-- name: move_balances
update account a set balance = a.balance + n.delta
from unnest(%(ids)s::bigint[], %(deltas)s::bigint[]) as n (id, delta)
where a.id = n.id and a.balance is not null

-- name: audit_units
-- Each account's balance against the sum of its transfers.
select a.unit, count(*) as accounts, coalesce(sum(m.received), 0)::bigint as transfers,
    count(*) filter (where a.balance <> coalesce(m.balance, 0)) as wrong_balances,
    count(*) filter (where a.balance < a.floor) as broken_floors
from account a
left join (
    select account_id, sum(amount) as balance, count(*) filter (where amount > 0) as received from (
        select to_account_id as account_id, amount from transfer
        union all select from_account_id, -amount from transfer) legs
    group by account_id) m on m.account_id = a.id
group by a.unit order by a.unit

-- name: points_explained
-- Settled facts whose effect on the books is what the rules said: transfers that name an existing fact.
select count(*) as transfers, count(s.fact_id) as explained
from transfer t left join settlement s on s.fact_id = t.fact_id and s.state = 'settled'

-- name: transfers_of
select t.fact_id, t.part, t.unit, t.amount, t.reason, t.posted_at, f.owner_kind as from_kind, f.owner_id as from_id,
    f.bucket as from_bucket, g.owner_kind as to_kind, g.owner_id as to_id, g.bucket as to_bucket
from transfer t join account f on f.id = t.from_account_id join account g on g.id = t.to_account_id
where t.fact_id = any(%(fact_ids)s::bigint[]) order by t.fact_id, t.reason, t.part

-- name: balances_of
select owner_id, sum(balance)::bigint as balance from account
where unit = %(unit)s and owner_kind = %(owner_kind)s and owner_id = any(%(owner_ids)s::bigint[])
group by owner_id

-- name: buckets_given
-- Which buckets an earlier fact of the same order filled: what is taken back goes there first.
select t.fact_id, g.bucket, sum(t.amount)::bigint as amount
from transfer t join account g on g.id = t.to_account_id
where t.fact_id = any(%(fact_ids)s::bigint[]) and t.unit = %(unit)s and g.balance is not null
group by 1, 2
