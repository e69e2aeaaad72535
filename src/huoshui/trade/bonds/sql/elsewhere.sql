-- name: bought_elsewhere
-- What those a dealer owned bought at others' stores while it owned them, as it stands, the newest first.
select x.order_id, min(x.person_id) as person_id, min(x.day) as day, min(x.dealer_id) as sold_by, min(x.store_id) as store_id,
    min(x.guide_id) as guide_id, sum(x.amount)::bigint as amount
from (
    select coalesce(t.order_id, t.fact_id) as order_id, t.person_id, t.amount,
        case when t.kind = 'purchase' then t.day end as day, case when t.kind = 'purchase' then t.dealer_id end as dealer_id,
        case when t.kind = 'purchase' then t.store_id end as store_id,
        case when t.kind = 'purchase' then t.guide_id end as guide_id
    from (select distinct person_id from bond where dealer_id = %(dealer_id)s::int and superseded_at is null) b
    cross join lateral (select * from bond_touch where person_id = b.person_id and kind in ('purchase', 'refund') offset 0) t
    where coalesce(t.order_id, t.fact_id) < %(before)s::bigint
        and not exists (select from fact_withdrawn w where w.fact_id = t.fact_id)
        and exists (
            select from bond o join bond_touch first on first.fact_id = coalesce(t.order_id, t.fact_id)
            where o.person_id = t.person_id and o.dealer_id = %(dealer_id)s::int and o.superseded_at is null
                and o.state <> 'suspended' and first.store_id is not null
                and first.dealer_id is distinct from o.dealer_id
                and o.since <= first.occurred_at and (o.until is null or o.until > first.occurred_at))) x
group by 1 having min(x.day) is not null order by 1 desc limit %(limit)s

-- name: owned_among
select person_id from bond_now
where person_id = any(%(person_ids)s::bigint[]) and made_by is not null and dealer_id = %(dealer_id)s::int

-- name: taken_along
-- A dealer's customers, page by page, and the bond of each.
select n.person_id, n.store_id, n.guide_id, b.owned_since, n.protected_until, b.made_as, b.rule_version, n.made_by
from (
    select * from bond_now where dealer_id = %(dealer_id)s::int and made_by is not null and person_id > %(after)s::bigint
    order by person_id limit %(limit)s) n
cross join lateral (select * from bond where made_by = n.made_by and superseded_at is null order by id desc limit 1) b
order by n.person_id

-- name: brought_contacts
-- What facts at a dealer's own stores told of how these (born ids) are reached, and what no number's change of hands took back.
select distinct t.person_id, i.kind, i.key, i.sealed
from unnest(%(person_ids)s::bigint[]) as n (person_id)
cross join lateral (
    select fact_id, person_id from bond_touch
    where person_id = n.person_id and dealer_id = %(dealer_id)s::int and store_id is not null offset 0) t
cross join lateral (
    select kind, key, sealed from fact_identifier where fact_id = t.fact_id and sealed is not null and scope = '' offset 0) i
where not exists (select from fact_withdrawn w where w.fact_id = t.fact_id)
