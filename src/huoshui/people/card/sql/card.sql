-- name: put_identity
insert into person_card (person_id, display_name, card_no, phone_tail4)
select * from unnest(%(person_ids)s::bigint[], %(names)s::text[], %(card_nos)s::text[], %(tails)s::text[])
on conflict (person_id) do update
set display_name = excluded.display_name, card_no = excluded.card_no, phone_tail4 = excluded.phone_tail4, updated_at = now()

-- name: put_sales
insert into person_card (person_id, first_sale_at, last_sale_at, orders, spend, home_org_unit_id)
select * from unnest(%(person_ids)s::bigint[], %(firsts)s::timestamptz[], %(lasts)s::timestamptz[], %(orders)s::int[],
    %(spends)s::bigint[], %(homes)s::int[])
on conflict (person_id) do update
set first_sale_at = excluded.first_sale_at, last_sale_at = excluded.last_sale_at, orders = excluded.orders,
    spend = excluded.spend, home_org_unit_id = excluded.home_org_unit_id, updated_at = now()

-- name: clear_sales
-- Their sales were taken back.
update person_card set first_sale_at = null, last_sale_at = null, orders = 0, spend = 0, home_org_unit_id = null, grade = '',
    frequency = '', ticket = '', updated_at = now()
where person_id = any(%(person_ids)s::bigint[]) and orders <> 0

-- name: put_loyalty
insert into person_card (person_id, tier, points)
select * from unnest(%(person_ids)s::bigint[], %(tiers)s::text[], %(points)s::bigint[])
on conflict (person_id) do update set tier = excluded.tier, points = excluded.points, updated_at = now()

-- name: put_bonds
-- Who owns and serves each; only rows that change are touched.
update person_card c set dealer_id = n.dealer_id, guide_id = n.guide_id, updated_at = now()
from unnest(%(person_ids)s::bigint[], %(dealer_ids)s::int[], %(guide_ids)s::int[]) as n (person_id, dealer_id, guide_id)
where c.person_id = n.person_id and (c.dealer_id, c.guide_id) is distinct from (n.dealer_id, n.guide_id)

-- name: put_labels
-- What the lake's analyses call each person; only rows that change are touched.
update person_card c set grade = n.grade, frequency = n.frequency, ticket = n.ticket, updated_at = now()
from unnest(%(person_ids)s::bigint[], %(grades)s::text[], %(frequencies)s::text[], %(tickets)s::text[])
    as n (person_id, grade, frequency, ticket)
where c.person_id = n.person_id and (c.grade, c.frequency, c.ticket) is distinct from (n.grade, n.frequency, n.ticket)

-- name: drop
-- Persons who are now part of another's cluster have no card of their own.
delete from person_card where person_id = any(%(person_ids)s::bigint[])

-- name: count_all
select count(*) as people from person_card

-- name: named_from
-- Names that begin so, as a range and not by LIKE: a policy's rows may be told apart by nothing that could give them away,
-- and so LIKE would read every card there is.
select person_id from person_card
where display_name <> '' and display_name collate "C" >= %(start)s::text
    and display_name collate "C" < %(start)s::text || chr(1114111)
limit %(limit)s
