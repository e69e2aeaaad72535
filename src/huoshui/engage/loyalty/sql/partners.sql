-- name: put_partner
insert into partner (code, name, ours, theirs, direction, monthly_cap, prepaid_limit, fen_per_100, state, made_by)
values (%(code)s, %(name)s, %(ours)s, %(theirs)s, %(direction)s, %(monthly_cap)s, %(prepaid_limit)s, %(fen_per_100)s,
    %(state)s, %(actor)s)
on conflict (code) do update set name = excluded.name, ours = excluded.ours, theirs = excluded.theirs,
    direction = excluded.direction, monthly_cap = excluded.monthly_cap, prepaid_limit = excluded.prepaid_limit,
    fen_per_100 = excluded.fen_per_100, state = excluded.state
returning id

-- name: put_clearing
-- What we owe a partner in our points; below zero it owes us, as far as it has prepaid.
insert into account (unit, owner_kind, owner_id, bucket, balance, floor)
values ('points', 'partner', %(partner_id)s, '', 0, -%(prepaid_limit)s::bigint)
on conflict (unit, owner_kind, owner_id, bucket) do update set floor = excluded.floor

-- name: partners
select id, code, name, ours, theirs, direction, monthly_cap, prepaid_limit, fen_per_100, state from partner order by code

-- name: lock_partner
-- One exchange at a time: the month's cap is all customers' together.
select id, code, name, ours, theirs, direction, monthly_cap, prepaid_limit, fen_per_100, state from partner
where code = %(code)s for update

-- name: exchanged
-- Our points that customers changed with a partner since an instant, both ways together.
select coalesce(sum(t.amount), 0)::bigint as points
from account a join transfer t on a.id in (t.from_account_id, t.to_account_id)
join settlement s on s.fact_id = t.fact_id
where a.unit = 'points' and a.owner_kind = 'partner' and a.owner_id = %(partner_id)s
    and t.reason in ('exchange_out', 'exchange_in') and s.occurred_at >= %(since)s::timestamptz

-- name: statement_rows
-- What went through a partner's account in a month and before it, by reason; `theirs` are the partner's own points that
-- moved with it.
select t.reason, s.occurred_at >= %(first)s::timestamptz as is_of_month, count(distinct t.fact_id) as exchanges,
    count(distinct s.person_id) as persons, sum(case when t.to_account_id = a.id then t.amount else -t.amount end)::bigint as points,
    coalesce(sum(p.amount), 0)::bigint as theirs
from account a
join transfer t on a.id in (t.from_account_id, t.to_account_id)
join settlement s on s.fact_id = t.fact_id
left join lateral (select sum(amount) as amount from transfer where fact_id = t.fact_id and unit = %(unit)s) p on t.part = 0
where a.unit = 'points' and a.owner_kind = 'partner' and a.owner_id = %(partner_id)s
    and s.occurred_at < %(after)s::timestamptz
group by 1, 2

-- name: credited
-- What a partner said in a month that its customers had of its points.
select count(*) as credits, coalesce(sum(t.amount), 0)::bigint as points
from account a
join transfer t on t.from_account_id = a.id and t.reason = 'partner_issue'
join settlement s on s.fact_id = t.fact_id
where a.unit = %(unit)s and a.owner_kind = 'issuer'
    and s.occurred_at >= %(first)s::timestamptz and s.occurred_at < %(after)s::timestamptz
