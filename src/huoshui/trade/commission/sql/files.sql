-- name: dues
-- A payer's statements of a month, each with what its lines come to by what both sides say: a line is confirmed when both
-- have said yes, and disputed as soon as one says so.
select s.id, s.period, s.amount, s.lines, s.closed_at, p.payee_kind, p.payee_id, p.payer_id,
    coalesce(sum(e.amount) filter (where w.state = 'confirmed'), 0)::bigint as confirmed,
    coalesce(sum(e.amount) filter (where w.state = 'open'), 0)::bigint as open,
    coalesce(sum(e.amount) filter (where w.state = 'disputed'), 0)::bigint as disputed
from commission_party p
join commission_statement s on s.party_id = p.id and s.period = %(period)s
cross join lateral (select * from commission_entry where statement_id = s.id offset 0) e
left join lateral (
    select word from commission_word where entry_id = e.id and side = 'payee' order by id desc limit 1) a on true
left join lateral (
    select word from commission_word where entry_id = e.id and side = 'payer' order by id desc limit 1) b on true
cross join lateral (select case when 'disputed' in (a.word, b.word) then 'disputed'
    when a.word = 'confirmed' and b.word = 'confirmed' then 'confirmed' else 'open' end as state) w
where p.payer_id = %(payer_id)s
group by 1, 2, 3, 4, 5, 6, 7, 8 order by p.payee_kind, p.payee_id

-- name: periods
-- Months of which a payer has statements, the newest first.
select distinct s.period from commission_party p join commission_statement s on s.party_id = p.id
where p.payer_id = any(%(payer_ids)s::int[]) order by 1 desc limit %(limit)s

-- name: statements_of_firm
-- What a firm pays and what it is paid, all of it.
select s.id, s.period, s.amount, s.lines, s.closed_at, p.payee_kind, p.payee_id, p.payer_id
from commission_party p join commission_statement s on s.party_id = p.id
where p.payer_id = %(firm_id)s::int or (p.payee_kind = 'dealer' and p.payee_id = %(firm_id)s::int)
order by s.period, s.id

-- name: lines_of_firm
-- All lines of those statements, page by page, with the last word of either side.
select e.id, e.order_id, e.fact_id, e.kind, e.amount, e.base, e.is_correction, e.booked_on, e.release_on, e.is_frozen,
    coalesce(a.word, '') as payee_word, coalesce(a.said, '') as payee_said, coalesce(b.word, '') as payer_word,
    coalesce(b.said, '') as payer_said, e.statement_id
from (
    select e.* from commission_party p join commission_entry e on e.party_id = p.id
    where (p.payer_id = %(firm_id)s::int or (p.payee_kind = 'dealer' and p.payee_id = %(firm_id)s::int))
        and e.statement_id is not null and e.id > %(after)s::bigint
    order by e.id limit %(limit)s) e
left join lateral (
    select word, said from commission_word where entry_id = e.id and side = 'payee' order by id desc limit 1) a on true
left join lateral (
    select word, said from commission_word where entry_id = e.id and side = 'payer' order by id desc limit 1) b on true
order by e.id
