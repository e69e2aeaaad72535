-- name: unit_figures
-- What each unit holds now and has moved since an instant. System accounts carry no balance and count as none.
select a.unit, a.accounts, a.holders, a.held, a.debts, a.owed, coalesce(t.moves, 0) as moves, coalesce(t.moved, 0)::bigint as moved
from (
    select unit, count(balance) as accounts,
        count(distinct (owner_kind, owner_id)) filter (where balance <> 0) as holders,
        coalesce(sum(balance) filter (where balance > 0), 0)::bigint as held,
        count(*) filter (where balance < 0) as debts,
        coalesce(-sum(balance) filter (where balance < 0), 0)::bigint as owed
    from account group by unit) a
left join (
    select unit, count(*) as moves, sum(amount) as moved
    from transfer where posted_at >= %(since)s::timestamptz group by unit) t on t.unit = a.unit
order by a.unit

-- name: explained_by_day
-- Transfers that name a settled fact, by unit and by the day they were posted on.
select t.unit, (t.posted_at at time zone %(zone)s::text)::date as day, count(*) as transfers, count(s.fact_id) as explained
from transfer t left join settlement s on s.fact_id = t.fact_id and s.state = 'settled'
group by 1, 2 order by 1, 2

-- name: unit_exists
select exists (select from account where unit = %(unit)s) as found

-- name: accounts_of_unit
-- In the order of the key, so that one owner's accounts stand together and a page is read off the index.
select id, unit, owner_kind, owner_id, bucket, balance, floor
from account
where unit = %(unit)s
    and (owner_kind, owner_id, bucket) > (%(after_kind)s::text, %(after_id)s::bigint, %(after_bucket)s::text)
    and (not %(used)s::bool or balance is null or balance <> 0)
order by owner_kind, owner_id, bucket limit %(limit)s

-- name: debts_of_unit
select id, unit, owner_kind, owner_id, bucket, balance, floor
from account
where unit = %(unit)s and balance < 0
    and (owner_kind, owner_id, bucket) > (%(after_kind)s::text, %(after_id)s::bigint, %(after_bucket)s::text)
order by owner_kind, owner_id, bucket limit %(limit)s

-- name: accounts_of_owners
-- Of the owners given and in their order.
select a.id, a.unit, a.owner_kind, a.owner_id, a.bucket, a.balance, a.floor
from unnest(%(owner_ids)s::bigint[]) with ordinality as n (owner_id, place)
cross join lateral (
    select * from account where unit = %(unit)s and owner_kind = %(owner_kind)s and owner_id = n.owner_id offset 0) a
order by n.place, a.bucket

-- name: account
select id, unit, owner_kind, owner_id, bucket, balance, floor from account where id = %(account_id)s

-- name: legs_of_account
-- Newest fact first. `delta` is what the account gained.
select leg.fact_id, leg.reason, leg.part, leg.delta, leg.posted_at, o.owner_kind, o.owner_id, o.bucket,
    s.name, s.occurred_at, s.state is not distinct from 'settled' as is_explained, f.order_key
from (
    (select fact_id, reason, part, amount as delta, from_account_id as other_id, posted_at
    from transfer
    where to_account_id = %(account_id)s and fact_id <= %(after_fact)s::bigint
        and (fact_id, reason, part) < (%(after_fact)s::bigint, %(after_reason)s::text, %(after_part)s::int)
    order by fact_id desc, reason desc, part desc limit %(limit)s)
    union all
    (select fact_id, reason, part, -amount, to_account_id, posted_at
    from transfer
    where from_account_id = %(account_id)s and fact_id <= %(after_fact)s::bigint
        and (fact_id, reason, part) < (%(after_fact)s::bigint, %(after_reason)s::text, %(after_part)s::int)
    order by fact_id desc, reason desc, part desc limit %(limit)s)) leg
cross join lateral (select owner_kind, owner_id, bucket from account where id = leg.other_id offset 0) o
left join lateral (select name, occurred_at, state from settlement where fact_id = leg.fact_id offset 0) s on true
left join lateral (
    select coalesce(parent_key, order_key) as order_key from fact_order where fact_id = leg.fact_id offset 0) f on true
order by leg.fact_id desc, leg.reason desc, leg.part desc limit %(limit)s

-- name: moved_since
-- What an account gained by the leg of the cursor and by those newer than it.
select coalesce(sum(delta), 0)::bigint as moved from (
    select amount as delta from transfer
    where to_account_id = %(account_id)s and fact_id >= %(fact_id)s::bigint
        and (fact_id, reason, part) >= (%(fact_id)s::bigint, %(reason)s::text, %(part)s::int)
    union all
    select -amount from transfer
    where from_account_id = %(account_id)s and fact_id >= %(fact_id)s::bigint
        and (fact_id, reason, part) >= (%(fact_id)s::bigint, %(reason)s::text, %(part)s::int)) newer

-- name: buckets_of
-- What these owners hold of a unit, the soonest to expire first.
select bucket, sum(balance)::bigint as balance from account
where unit = %(unit)s and owner_kind = %(owner_kind)s and owner_id = any(%(owner_ids)s::bigint[]) and balance <> 0
group by bucket order by bucket

-- name: stock_by_place
-- What lies where, folded or not, less what was taken and not there: goods by goods, place by place, each looked up by key.
select sku_id, org_unit_id, sum(milli)::bigint as on_hand_milli from (
    select k.sku_id, k.org_unit_id, k.on_hand_milli - k.shortage_milli as milli
    from unnest(%(org_unit_ids)s::int[]) as place (org_unit_id)
    cross join unnest(%(sku_ids)s::int[]) as goods (sku_id)
    cross join lateral (
        select * from stock where org_unit_id = place.org_unit_id and sku_id = goods.sku_id offset 0) k
    union all
    select sku_id, org_unit_id, moved_milli from goods_moved
    where xid >= coalesce((select xid from watermark where reader = %(reader)s), '0'::xid8)
        and sku_id = any(%(sku_ids)s::int[]) and org_unit_id = any(%(org_unit_ids)s::int[])) m
group by sku_id, org_unit_id
