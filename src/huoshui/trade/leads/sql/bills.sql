-- name: add_bills
insert into lead_bill (lead_id, dealer_id, kind, order_id, base, amount, permille, cap, rule_version, billed_at, object_until, changed_at)
select lead_id, dealer_id, kind, order_id, base, amount, permille, cap, version, %(now)s::timestamptz, %(until)s::timestamptz,
    %(now)s::timestamptz
from unnest(%(lead_ids)s::bigint[], %(dealers)s::int[], %(kinds)s::text[], %(orders)s::bigint[], %(bases)s::bigint[],
    %(amounts)s::bigint[], %(permilles)s::int[], %(caps)s::bigint[], %(versions)s::int[])
    as n (lead_id, dealer_id, kind, order_id, base, amount, permille, cap, version)
on conflict (lead_id, dealer_id, kind) do nothing

-- name: taken_before
-- How many leads a dealer has accepted so far: the first may be free.
select count(distinct lead_id)::int as leads from lead_event where dealer_id = %(dealer_id)s and kind = 'accepted'

-- name: lock_bill
select id, lead_id, dealer_id, kind, order_id, amount, permille, cap, rule_version, object_until, state
from lead_bill where id = %(bill_id)s::bigint for update

-- name: lock_bills_of
select id, lead_id, dealer_id, kind, order_id, amount, permille, cap, rule_version, object_until, state
from lead_bill where lead_id = %(lead_id)s::bigint order by id for update

-- name: lock_due
select id, lead_id, dealer_id, kind, order_id, amount, permille, cap, rule_version, object_until, state
from lead_bill where state = 'open' and object_until < %(now)s::timestamptz order by id limit %(limit)s for update

-- name: put_bills
update lead_bill set state = %(state)s, said = case when %(said)s <> '' then %(said)s else said end,
    decided_by = coalesce(%(actor)s::text, decided_by), decision = case when %(decision)s <> '' then %(decision)s else decision end,
    object_until = coalesce(%(until)s::timestamptz, object_until), changed_at = %(now)s::timestamptz
where id = any(%(ids)s::bigint[])

-- name: bills
-- Row-level security leaves a dealer its own.
select id, lead_id, dealer_id, kind, order_id, base, amount, rule_version, billed_at, object_until, state, said, decision
from lead_bill
where (%(states)s::text[] is null or state = any(%(states)s::text[])) and (%(ids)s::bigint[] is null or id = any(%(ids)s::bigint[]))
order by id desc limit %(limit)s

-- name: open_claim
insert into lead_claim (lead_id, dealer_id, kind, said, opened_by, opened_at)
values (%(lead_id)s, %(dealer_id)s, %(kind)s, %(said)s, %(actor)s, %(now)s) on conflict do nothing returning id

-- name: lock_claim
select id, lead_id, dealer_id, kind, said, state from lead_claim where id = %(claim_id)s::bigint for update

-- name: decide_claim
update lead_claim set state = %(state)s, decided_by = %(actor)s, decided_at = %(now)s::timestamptz, decision = %(decision)s,
    refunded = %(refunded)s where id = %(claim_id)s::bigint and state = 'open'

-- name: claims
select id, lead_id, dealer_id, kind, said, opened_by, opened_at, state, decision, refunded from lead_claim
where (%(states)s::text[] is null or state = any(%(states)s::text[])) order by (state = 'open') desc, id desc limit %(limit)s

-- name: claims_of
select state from lead_claim where lead_id = %(lead_id)s::bigint and dealer_id = %(dealer_id)s

-- name: waive_recalled
-- Whose lead is taken away is not billed for it.
update lead_bill set state = 'waived', decided_by = %(actor)s, decision = %(reason)s, changed_at = %(now)s::timestamptz
where lead_id = any(%(lead_ids)s::bigint[]) and state in ('open', 'objected')
