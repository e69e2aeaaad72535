-- name: find
-- By code, else by name.
select n.said, d.id
from unnest(%(said)s::text[]) as n (said)
cross join lateral (
    select id from dealer where code = n.said or name = n.said order by (code = n.said) desc, id limit 1) d

-- name: add_named
-- Dealers that a document names before anybody has described them.
insert into dealer (code, name) select s, s from unnest(%(said)s::text[]) as s order by s on conflict (code) do nothing

-- name: give_codes
-- Dealers that documents have only named so far take the code that a list gives them.
update dealer d set code = t.code
from unnest(%(codes)s::text[], %(names)s::text[]) as t (code, name)
where d.code = t.name and d.code <> t.code and d.org_unit_id is null
    and not exists (select from dealer other where other.code = t.code)

-- name: upsert
-- As a list describes them; a blank cell leaves what is known.
insert into dealer (code, name, org_unit_id, region, level, contact, phone_sealed, phone_tail4, city, address,
    contract_from, contract_to)
select t.code, t.name, t.unit, coalesce(t.region, ''), coalesce(t.level, ''), coalesce(t.contact, ''), t.sealed::bytea,
    t.tail4, coalesce(t.city, ''), coalesce(t.address, ''), t.contract_from, t.contract_to
from unnest(%(codes)s::text[], %(names)s::text[], %(units)s::int[], %(regions)s::text[], %(levels)s::text[],
    %(contacts)s::text[], %(sealed)s::text[], %(tails)s::text[], %(cities)s::text[], %(addresses)s::text[],
    %(froms)s::date[], %(tos)s::date[])
    as t (code, name, unit, region, level, contact, sealed, tail4, city, address, contract_from, contract_to)
order by t.code
on conflict (code) do update set
    name = excluded.name, org_unit_id = coalesce(excluded.org_unit_id, dealer.org_unit_id),
    region = coalesce(nullif(excluded.region, ''), dealer.region),
    level = coalesce(nullif(excluded.level, ''), dealer.level),
    contact = coalesce(nullif(excluded.contact, ''), dealer.contact),
    phone_sealed = case when excluded.phone_tail4 is distinct from dealer.phone_tail4 and excluded.phone_tail4 is not null
        then excluded.phone_sealed else dealer.phone_sealed end,
    phone_tail4 = coalesce(excluded.phone_tail4, dealer.phone_tail4),
    city = coalesce(nullif(excluded.city, ''), dealer.city),
    address = coalesce(nullif(excluded.address, ''), dealer.address),
    contract_from = coalesce(excluded.contract_from, dealer.contract_from),
    contract_to = coalesce(excluded.contract_to, dealer.contract_to), updated_at = now()
where (dealer.name, dealer.org_unit_id, dealer.region, dealer.level, dealer.contact, dealer.phone_tail4, dealer.city,
        dealer.address, dealer.contract_from, dealer.contract_to) is distinct from
    (excluded.name, coalesce(excluded.org_unit_id, dealer.org_unit_id), coalesce(nullif(excluded.region, ''), dealer.region),
        coalesce(nullif(excluded.level, ''), dealer.level), coalesce(nullif(excluded.contact, ''), dealer.contact),
        coalesce(excluded.phone_tail4, dealer.phone_tail4), coalesce(nullif(excluded.city, ''), dealer.city),
        coalesce(nullif(excluded.address, ''), dealer.address), coalesce(excluded.contract_from, dealer.contract_from),
        coalesce(excluded.contract_to, dealer.contract_to))

-- name: record_purchases
insert into dealer_purchase (source_id, line_key, dealer_id, doc_no, day, sku_id, quantity_milli, amount, note, run_id)
select %(source_id)s::int, t.key, t.dealer_id, t.doc_no, t.day, t.sku_id, t.quantity_milli, t.amount, coalesce(t.note, ''),
    %(run_id)s::bigint
from unnest(%(keys)s::text[], %(dealer_ids)s::int[], %(docs)s::text[], %(days)s::date[], %(sku_ids)s::int[],
    %(quantities)s::bigint[], %(amounts)s::bigint[], %(notes)s::text[])
    as t (key, dealer_id, doc_no, day, sku_id, quantity_milli, amount, note)
order by t.key
on conflict (source_id, line_key) do update set dealer_id = excluded.dealer_id, doc_no = excluded.doc_no,
    day = excluded.day, sku_id = excluded.sku_id, quantity_milli = excluded.quantity_milli, amount = excluded.amount,
    note = excluded.note, run_id = excluded.run_id, told_at = now()
where (dealer_purchase.dealer_id, dealer_purchase.day, dealer_purchase.sku_id, dealer_purchase.quantity_milli,
        dealer_purchase.amount, dealer_purchase.note) is distinct from
    (excluded.dealer_id, excluded.day, excluded.sku_id, excluded.quantity_milli, excluded.amount, excluded.note)

-- name: record_payments
insert into dealer_payment (source_id, line_key, dealer_id, doc_no, day, amount, method, note, run_id)
select %(source_id)s::int, t.key, t.dealer_id, coalesce(t.doc_no, ''), t.day, t.amount, coalesce(t.method, ''),
    coalesce(t.note, ''), %(run_id)s::bigint
from unnest(%(keys)s::text[], %(dealer_ids)s::int[], %(docs)s::text[], %(days)s::date[], %(amounts)s::bigint[],
    %(methods)s::text[], %(notes)s::text[]) as t (key, dealer_id, doc_no, day, amount, method, note)
order by t.key
on conflict (source_id, line_key) do update set dealer_id = excluded.dealer_id, doc_no = excluded.doc_no,
    day = excluded.day, amount = excluded.amount, method = excluded.method, note = excluded.note,
    run_id = excluded.run_id, told_at = now()
where (dealer_payment.dealer_id, dealer_payment.day, dealer_payment.amount, dealer_payment.method, dealer_payment.note)
    is distinct from (excluded.dealer_id, excluded.day, excluded.amount, excluded.method, excluded.note)

-- name: record_stock
insert into dealer_stock (dealer_id, day, sku_id, quantity_milli, amount, source_id, run_id)
select t.dealer_id, t.day, t.sku_id, sum(t.quantity_milli), sum(t.amount), %(source_id)s::int, %(run_id)s::bigint
from unnest(%(dealer_ids)s::int[], %(days)s::date[], %(sku_ids)s::int[], %(quantities)s::bigint[], %(amounts)s::bigint[])
    as t (dealer_id, day, sku_id, quantity_milli, amount)
group by t.dealer_id, t.day, t.sku_id
order by t.dealer_id, t.day, t.sku_id
on conflict (dealer_id, day, sku_id) do update set quantity_milli = excluded.quantity_milli, amount = excluded.amount,
    source_id = excluded.source_id, run_id = excluded.run_id, told_at = now()
where (dealer_stock.quantity_milli, dealer_stock.amount) is distinct from (excluded.quantity_milli, excluded.amount)

-- name: dealers
-- Those of these org units; null: all.
select id, code, name, org_unit_id, region, level, contact, phone_tail4, city, contract_from, contract_to from dealer
where %(units)s::int[] is null or org_unit_id = any(%(units)s::int[])
order by code

-- name: sell_in
-- What each dealer bought and paid in a span of days, and what it still owes at its end.
select d.id as dealer_id, d.code, d.name,
    coalesce(p.bought, 0)::bigint as bought, coalesce(p.quantity_milli, 0)::bigint as quantity_milli,
    coalesce(m.paid, 0)::bigint as paid, (coalesce(p.bought_ever, 0) - coalesce(m.paid_ever, 0))::bigint as owed
from dealer d
left join lateral (
    select sum(amount) filter (where day >= %(first)s::date) as bought,
        sum(quantity_milli) filter (where day >= %(first)s::date) as quantity_milli, sum(amount) as bought_ever
    from dealer_purchase where dealer_id = d.id and day <= %(last)s::date) p on true
left join lateral (
    select sum(amount) filter (where day >= %(first)s::date) as paid, sum(amount) as paid_ever
    from dealer_payment where dealer_id = d.id and day <= %(last)s::date) m on true
where %(units)s::int[] is null or d.org_unit_id = any(%(units)s::int[])
order by d.code

-- name: stock_on
-- The latest count of each product on or before a day.
select distinct on (s.sku_id) s.sku_id, s.day, s.quantity_milli, s.amount
from dealer_stock s join dealer d on d.id = s.dealer_id
where s.dealer_id = %(dealer_id)s::int and s.day <= %(day)s::date
    and (%(units)s::int[] is null or d.org_unit_id = any(%(units)s::int[]))
order by s.sku_id, s.day desc
