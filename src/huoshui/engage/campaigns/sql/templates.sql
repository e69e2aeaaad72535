-- name: add_template
insert into coupon_template (title) values (%(title)s) returning id

-- name: add_rule
insert into coupon_rule (template_id, version, rule, actor)
values (%(template_id)s, %(version)s, %(rule)s::jsonb, %(actor)s)

-- name: lock_template
select id, title, state, version, issued_count from coupon_template where id = %(template_id)s for no key update

-- name: revise_template
update coupon_template set title = %(title)s, version = %(version)s, changed_at = now() where id = %(template_id)s

-- name: set_state
update coupon_template set state = %(state)s, changed_at = now()
where id = %(template_id)s and state = any(%(from_states)s::text[])

-- name: templates
select t.id, t.title, t.state, t.version, r.rule, t.issued_count, coalesce(y.redeemed, 0)::bigint as redeemed_count,
    coalesce(y.amount, 0)::bigint as given_amount, coalesce(b.balance, 0)::bigint as budget, t.changed_at
from coupon_template t
join coupon_rule r on r.template_id = t.id and r.version = t.version
left join lateral (
    select sum(redeemed) as redeemed, sum(amount) as amount from coupon_tally where template_id = t.id) y on true
left join lateral (
    select sum(balance) as balance from account
    where unit = 'budget' and owner_kind = 'template' and owner_id = t.id) b on true
where (%(template_id)s::bigint is null or t.id = %(template_id)s::bigint) and t.state = any(%(states)s::text[])
order by t.id desc

-- name: offered
-- Templates as a claim needs them: the counter under lock, so that what is left is read as it is and stays so. In id
-- order, and after every lock of persons.
select t.id, t.title, t.state, t.version, t.issued_count from coupon_template t
where t.id = any(%(template_ids)s::bigint[]) order by t.id for no key update

-- name: rules_of
select r.template_id, r.version, r.rule
from coupon_template t join coupon_rule r on r.template_id = t.id and r.version = t.version
where t.id = any(%(template_ids)s::bigint[])

-- name: count_issued
update coupon_template t set issued_count = t.issued_count + n.count
from unnest(%(template_ids)s::bigint[], %(counts)s::bigint[]) as n (id, count)
where t.id = n.id

-- name: budgets
select owner_id as template_id, sum(balance)::bigint as balance from account
where unit = 'budget' and owner_kind = 'template' and owner_id = any(%(template_ids)s::bigint[])
group by 1

-- name: reached
-- Whom coupons of a template were given to, under the ids they were given to, whatever became of the coupons.
select distinct person_id from coupon where template_id = %(template_id)s and person_id is not null

-- name: first_given
select min((issued_at at time zone %(zone)s)::date) as day, count(distinct person_id)::int as people
from coupon where template_id = %(template_id)s and person_id is not null
