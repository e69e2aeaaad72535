-- A place may be for a time: a rota, a seat for somebody of another firm (ADR 0036). Undoing an import compares rows whole, so what
-- it kept of them gets the columns too.
update row_change set
    after = after || '{"starts_on": null, "expires_on": null, "firm": "", "reason": ""}',
    before = before || '{"starts_on": null, "expires_on": null, "firm": "", "reason": ""}'
where relation = 'placement';

-- A regional manager who does for a dealer what the dealer may do: why, how long, and seen by the dealer.
create table acting_for (
    id bigint generated always as identity primary key,
    staff_id int not null,
    org_unit_id int not null,
    reason text not null check (reason <> ''),
    began_at timestamptz not null default now(),
    until_at timestamptz not null,
    ended_at timestamptz,
    check (until_at > began_at)
);
create unique index acting_for_once on acting_for (staff_id) where ended_at is null;
create index acting_for_unit on acting_for (org_unit_id, began_at desc);
-- What was done in somebody's place is found by it.
create index audit_entry_acting on audit_entry (((detail ->> 'acting_id')::bigint)) where detail ->> 'acting_id' is not null;
