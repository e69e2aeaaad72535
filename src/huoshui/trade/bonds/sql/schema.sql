-- Who owns a customer, who serves, since when, protected until when, by which rule and which fact (ADR 0033).

create sequence bond_seq as bigint;

-- What bonds are decided by: the facts that bear on them, in settlement order, with the dealer the store belonged to when it was
-- heard. Persons by the ids they were born with. Written once; a fact withdrawn later is left out by whoever reads.
create table bond_touch (
    fact_id bigint primary key,
    person_id bigint not null,
    position bigint not null,           -- settlement.seq; of a fact told again that of the first telling
    heard_at timestamptz not null,
    occurred_at timestamptz not null,
    day date not null,
    kind text not null check (kind in ('purchase', 'scan', 'follow', 'join', 'refund', 'assigned', 'transferred', 'wished',
        'decided', 'upheld', 'handed', 'released')),
    dealer_id int,                      -- null: head office's own
    store_id int,
    guide_id int,
    order_id bigint,
    amount bigint not null default 0,   -- what this fact changes of its order's money
    run_id bigint,
    actor text not null,
    reason text not null default ''
);
create index bond_touch_person on bond_touch (person_id);

-- Spells. Of what was said once nothing is changed: where a spell comes out otherwise (it ended, a merge suspended it, a fact was
-- withdrawn), the row is superseded and another is added. What holds now is what nothing superseded.
create table bond (
    id bigint generated always as identity primary key,
    person_id bigint not null,          -- as born
    made_by bigint not null,            -- the fact
    made_as text not null,
    how text not null,                  -- why it began: first, moved, served, returned, assigned …
    dealer_id int,                      -- null: head office's own customer
    store_id int,
    guide_id int,
    owned_since timestamptz not null,   -- since when the dealer has her; `since` is when these three began
    since timestamptz not null,
    protected_until timestamptz,
    until timestamptz,
    state text not null check (state in ('live', 'suspended', 'ended')),
    suspended_by bigint,                -- the fact that made the older bond of the same human
    rule_version int not null,
    ended_by bigint,                    -- the fact; none where time ended it
    end_reason text not null default '',
    actor text not null,
    reason text not null default '',
    recorded_at timestamptz not null default now(),
    seq bigint not null default nextval('bond_seq'),
    xid xid8 not null default pg_current_xact_id(),
    superseded_at timestamptz,
    check ((state = 'ended') = (until is not null)),
    check ((state = 'ended') = (end_reason <> '')),
    check ((state = 'suspended') = (suspended_by is not null)),
    check (until is null or until >= since)
);
create unique index bond_said on bond (person_id, made_by) where superseded_at is null;
create unique index bond_live on bond (person_id) where superseded_at is null and state = 'live';
create index bond_person on bond (person_id);
create index bond_made_by on bond (made_by) where superseded_at is null;

create function bond_keeps() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        if coalesce(current_setting('huoshui.erasing', true), '') <> 'bonds' then
            raise exception 'a bond is never taken out';
        end if;
        return old;
    end if;
    if old.superseded_at is not null or new.superseded_at is null
        or (to_jsonb(new) - 'superseded_at') <> (to_jsonb(old) - 'superseded_at') then
        raise exception 'a bond is never rewritten';
    end if;
    return new;
end $$;
create trigger bond_keeps before update or delete on bond for each row execute function bond_keeps();

-- The one owner of each human now, by canonical id: for cards, lists, counts and the lake. Derived. `made_by` null: nobody.
create table bond_now (
    person_id bigint primary key,
    made_by bigint,
    dealer_id int,
    store_id int,
    guide_id int,
    protected_until timestamptz,
    at timestamptz not null default now(),
    seq bigint not null default nextval('bond_seq'),
    xid xid8 not null default pg_current_xact_id()
);
create index bond_now_dealer on bond_now (dealer_id, person_id) where made_by is not null;
create index bond_now_store on bond_now (store_id, person_id) where made_by is not null;
create index bond_now_guide on bond_now (guide_id, person_id) where made_by is not null;
create index bond_now_xid on bond_now (xid);

-- When to look again at whose bond silence may release.
create table bond_recheck (
    person_id bigint primary key,
    at timestamptz not null
);
create index bond_recheck_at on bond_recheck (at);

-- Rules are data. A version holds for what settles after it was set, and a bond keeps the terms of the version that made it.
create table bond_rules (
    version int generated always as identity primary key,
    params jsonb not null,
    from_position bigint not null default nextval('settlement_seq'),
    actor text not null,
    reason text not null,
    set_at timestamptz not null default now()
);

create table bond_dispute (
    id bigint generated always as identity primary key,
    person_id bigint not null,          -- as born
    dealer_id int not null,             -- whose claim it is
    store_id int not null,
    guide_id int,
    evidence bigint[] not null,         -- facts
    said text not null,
    against_fact_id bigint not null,    -- the fact that made the bond it is about
    against_dealer_id int,
    opened_by text not null,
    opened_at timestamptz not null default now(),
    state text not null default 'open' check (state in ('open', 'granted', 'refused', 'withdrawn')),
    decided_by text,
    decided_at timestamptz,
    decision text not null default '',
    decision_fact_id bigint,
    check ((state = 'open') = (decided_by is null))
);
create unique index bond_dispute_once on bond_dispute (person_id, dealer_id) where state = 'open';
create index bond_dispute_open on bond_dispute (opened_at) where state = 'open';
