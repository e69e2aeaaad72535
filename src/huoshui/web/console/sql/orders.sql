-- name: places_of
-- Whose numbers an order bears and where it was sold.
select o.fact_id, o.source_id, o.org_unit_id from unnest(%(fact_ids)s::bigint[]) as given (fact_id)
cross join lateral (
    select fact_id, source_id, org_unit_id from fact_order where fact_id = given.fact_id offset 0) o

-- name: uses_of_template
-- Orders by which a coupon's budget moved, newest first: what each took, less what came back of it.
select o.fact_id, o.order_key, o.parent_key, o.occurred_at, o.business_day, o.org_unit_id, s.person_id, m.amount
from (
    select t.fact_id, sum(case t.reason when 'coupon_budget' then t.amount else -t.amount end)::bigint as amount
    from (
        select id from account
        where unit = 'budget' and owner_kind = 'template' and owner_id = %(template_id)s::bigint offset 0) a
    cross join lateral (
        select fact_id, reason, amount from transfer where from_account_id = a.id and reason = 'coupon_budget'
        union all
        select fact_id, reason, amount from transfer where to_account_id = a.id and reason = 'coupon_budget_back'
        offset 0) t
    group by t.fact_id order by t.fact_id desc limit %(limit)s::int) m
cross join lateral (select * from fact_order where fact_id = m.fact_id offset 0) o
cross join lateral (select person_id from settlement where fact_id = m.fact_id offset 0) s
order by o.fact_id desc
