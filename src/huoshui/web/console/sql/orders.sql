-- name: places_of
-- Whose numbers an order bears and where it was sold.
select o.fact_id, o.source_id, o.org_unit_id from unnest(%(fact_ids)s::bigint[]) as given (fact_id)
cross join lateral (
    select fact_id, source_id, org_unit_id from fact_order where fact_id = given.fact_id offset 0) o
