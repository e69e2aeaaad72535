-- name: mark_quarantine
-- Said anew while nothing has been held yet, it is what was said last.
insert into import_quarantine (run_id, relation, from_whom, obtained_on, contract, legal_basis, notice_version, actor, actor_name)
values (%(run_id)s::bigint, %(relation)s, %(from_whom)s, %(obtained_on)s::date, %(contract)s, %(legal_basis)s,
    %(notice_version)s, %(actor)s, %(actor_name)s)
on conflict (run_id) do update set relation = excluded.relation, from_whom = excluded.from_whom,
    obtained_on = excluded.obtained_on, contract = excluded.contract, legal_basis = excluded.legal_basis,
    notice_version = excluded.notice_version, actor = excluded.actor, actor_name = excluded.actor_name, marked_at = now()
where import_quarantine.state = 'marked'

-- name: mark_source
insert into import_quarantined_source (name_key, run_id) values (%(name_key)s, %(run_id)s::bigint)
on conflict (name_key) do update set run_id = excluded.run_id

-- name: is_source_quarantined
select exists (select from import_quarantined_source where name_key = %(name_key)s) as is_quarantined

-- name: is_source_told
-- Whether this source has brought something, by whichever door, or has begun to.
select exists (select from source where name = %(name)s) or exists (
    select from import_run r where r.source_name = %(name)s and r.state <> 'uploaded' and not r.is_dry_run) as is_told

-- name: inherit_quarantine
-- A further import of a quarantined source comes from where its source does.
insert into import_quarantine (run_id, relation, from_whom, obtained_on, contract, legal_basis, notice_version, actor, actor_name)
select %(run_id)s::bigint, q.relation, q.from_whom, q.obtained_on, q.contract, q.legal_basis, q.notice_version, q.actor, q.actor_name
from import_quarantined_source s join import_quarantine q on q.run_id = s.run_id
where s.name_key = %(name_key)s
on conflict (run_id) do nothing

-- name: quarantine_of
select run_id, relation, from_whom, obtained_on, contract, legal_basis, notice_version, state, actor_name, marked_at, counts,
    approval_id, reason, decided_by, decided_at
from import_quarantine where run_id = %(run_id)s::bigint

-- name: quarantines
select run_id, state from import_quarantine where run_id = any(%(run_ids)s::bigint[])

-- name: hold_quarantine
update import_quarantine set state = 'held', counts = %(counts)s::jsonb
where run_id = %(run_id)s::bigint and state in ('marked', 'held')

-- name: ask_release
update import_quarantine set state = 'asked', approval_id = %(approval_id)s::bigint, reason = %(reason)s
where run_id = %(run_id)s::bigint

-- name: decline_release
update import_quarantine set state = 'held', approval_id = null, reason = '' where run_id = %(run_id)s::bigint and state = 'asked'

-- name: decide_quarantine
update import_quarantine set state = %(state)s, reason = %(reason)s, decided_by = %(decided_by)s, decided_at = now()
where run_id = %(run_id)s::bigint
