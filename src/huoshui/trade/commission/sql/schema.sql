-- Who is credited for an order, what each is owed for it, and the statements of it (ADR 0038).

-- Rules are data, and an order keeps to the version that held when it settled. `employer_id` 0: head office. `brand` says how
-- orders are credited and what head office pays; `employer` what an employer pays its guides.
create table commission_rules (
    version int generated always as identity primary key,
    kind text not null check (kind in ('brand', 'employer')),
    employer_id int not null,
    params jsonb not null,
    from_position bigint not null default nextval('settlement_seq'),
    actor text not null,
    reason text not null,
    set_at timestamptz not null default now(),
    check (kind = 'employer' or employer_id = 0)
);
create index commission_rules_employer on commission_rules (kind, employer_id, from_position);

-- Who owes whom. `payee_id`: of staff, person (as born) or dealer. `payer_id` 0: head office. An account of the ledger each.
create table commission_party (
    id bigint generated always as identity primary key,
    payee_kind text not null check (payee_kind in ('guide', 'recommender', 'dealer')),
    payee_id bigint not null,
    payer_id int not null,
    unique (payee_kind, payee_id, payer_id)
);

-- What bears on an order's credit, as it was when it was first looked at: replaying asks nobody again.
create table commission_order (
    order_id bigint primary key,        -- the order's first fact
    position bigint not null,
    person_id bigint,                   -- as born
    store_id int,
    dealer_id int,                      -- whose store it then was; null: head office's own
    guide_id int,
    business_day date not null,
    is_new boolean not null             -- her first order with us
);

-- Who brought whom: one human brings another, and no row leads further. That is all that can be rewarded.
create table commission_recommended (
    person_id bigint primary key,       -- who was brought, as born
    by_person_id bigint not null,
    fact_id bigint not null,            -- the scan that says so
    check (person_id <> by_person_id),
    unique (person_id, by_person_id)
);

-- Who has which share of an order. Of what was said once nothing is changed: it is superseded, and another row is added.
create table commission_credit (
    id bigint generated always as identity primary key,
    order_id bigint not null references commission_order,
    role text not null check (role in ('server', 'bringer', 'team', 'decided', 'recommender', 'fee', 'area')),
    party_id bigint not null references commission_party,
    permille int not null check (permille between 1 and 1000),
    rule_version int not null,          -- of the rules that credit; what it is worth, the payer's rules say
    because_fact_id bigint,             -- the scan, the bond or the decision
    because text not null,
    -- A reward is for an order of the one who was brought, to the one who brought: the key is of `commission_recommended`.
    -- There is no way to write down a reward on the sales of anybody whom the brought one brings in turn.
    buyer_id bigint,
    recommender_id bigint,
    made_at timestamptz not null default now(),
    superseded_at timestamptz,
    check ((role = 'recommender') = (buyer_id is not null)),
    check ((buyer_id is null) = (recommender_id is null)),
    foreign key (buyer_id, recommender_id) references commission_recommended (person_id, by_person_id)
);
create index commission_credit_order on commission_credit (order_id) where superseded_at is null;
create unique index commission_credit_one on commission_credit (order_id, role, party_id) where superseded_at is null;
create unique index commission_credit_reward on commission_credit (order_id) where role = 'recommender' and superseded_at is null;

create table commission_statement (
    id bigint generated always as identity primary key,
    party_id bigint not null references commission_party,
    period text not null check (period ~ '^\d{4}-\d{2}$'),
    amount bigint not null,
    lines int not null,
    closed_by text not null,
    closed_at timestamptz not null default now(),
    unique (party_id, period)
);

-- What each is owed, as it changed: what an order is worth to a payee now, less what was written before.
create table commission_entry (
    id bigint generated always as identity primary key,
    party_id bigint not null references commission_party,
    order_id bigint,                    -- none: a step of a ladder
    fact_id bigint not null,            -- that its transfer names
    kind text not null check (kind in ('commission', 'reward', 'fee', 'ladder')),
    amount bigint not null,
    base bigint not null default 0,     -- by how much the sales it is for changed
    is_correction boolean not null,     -- neither a sale nor a refund made it
    rule_version int not null,
    booked_on date not null,
    release_on date not null,
    is_frozen boolean not null,
    statement_id bigint references commission_statement,
    check (amount <> 0 or base <> 0)
);
create index commission_entry_order on commission_entry (order_id) where order_id is not null;
create index commission_entry_party on commission_entry (party_id, booked_on);
create index commission_entry_open on commission_entry (booked_on, party_id) where statement_id is null;
create index commission_entry_frozen on commission_entry (release_on, party_id) where is_frozen;
create index commission_entry_statement on commission_entry (statement_id) where statement_id is not null;
create index commission_entry_fact on commission_entry (fact_id);

-- What each side says of a line of a statement. The last word of a side counts.
create table commission_word (
    id bigint generated always as identity primary key,
    entry_id bigint not null references commission_entry,
    side text not null check (side in ('payee', 'payer')),
    word text not null check (word in ('confirmed', 'disputed')),
    said text not null default '',
    actor text not null,
    at timestamptz not null,
    check (word = 'confirmed' or said <> '')
);
create index commission_word_entry on commission_word (entry_id, side, id desc);

-- Who is to have the commission of an order after all, by whom that was decided. `shares`: [[staff, permille], …].
create table commission_decision (
    id bigint generated always as identity primary key,
    order_id bigint not null,
    employer_id int not null,
    shares jsonb not null,
    reason text not null check (reason <> ''),
    actor text not null,
    fact_id bigint not null
);
create index commission_decision_order on commission_decision (order_id, employer_id, id desc);

-- Orders to look at; `is_rerun`: also at who is credited.
create table commission_due (
    order_id bigint primary key,
    fact_id bigint not null,
    is_rerun boolean not null default false,
    because text not null default ''
);

-- Up to which day what was frozen has been released.
create table commission_released (is_only boolean primary key default true check (is_only), through date not null);

create function commission_keeps() returns trigger language plpgsql as $$
begin
    raise exception 'what was written of commission is never rewritten';
end $$;
-- Of an entry only that it is released and in which statement it stands may become known, once.
create trigger commission_keeps before delete or update of id, party_id, order_id, fact_id, kind, amount, base, is_correction,
    rule_version, booked_on, release_on on commission_entry for each row execute function commission_keeps();
create trigger commission_thaws before update of is_frozen on commission_entry for each row
    when (not old.is_frozen and new.is_frozen) execute function commission_keeps();
create trigger commission_binds before update of statement_id on commission_entry for each row
    when (old.statement_id is not null) execute function commission_keeps();
create trigger commission_keeps before delete or update of id, order_id, role, party_id, permille, rule_version, because_fact_id,
    because, buyer_id, recommender_id, made_at on commission_credit for each row execute function commission_keeps();
create trigger commission_ends before update of superseded_at on commission_credit for each row
    when (old.superseded_at is not null) execute function commission_keeps();
create trigger commission_keeps before update or delete on commission_statement for each row execute function commission_keeps();
create trigger commission_keeps before update or delete on commission_word for each row execute function commission_keeps();
create trigger commission_keeps before update or delete on commission_decision for each row execute function commission_keeps();

-- A closed period takes nothing in any more.
create function commission_closed() returns trigger language plpgsql as $$
begin
    if exists (
        select from commission_statement
        where party_id = new.party_id and period = to_char(new.booked_on, 'YYYY-MM')) then
        raise exception 'this period is closed';
    end if;
    return new;
end $$;
create trigger commission_closed before insert on commission_entry for each row execute function commission_closed();
