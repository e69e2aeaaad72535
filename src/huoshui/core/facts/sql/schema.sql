-- The ground every fact stands on. Doors write here once; settle adds state; nothing else ever changes a fact.

create table source (
    id int generated always as identity primary key,
    name text not null unique,
    label text not null,
    mode text not null check (mode in ('live', 'history')),
    created_at timestamptz not null default now()
);

-- Facts that follow from facts come from ourselves.
insert into source (name, label, mode) values ('huoshui', '活水', 'live');

create sequence fact_id_seq as bigint;
create sequence settlement_seq as bigint;

-- Partitioned by the month of the client's own time, which a retry repeats, so that the key stays unique across partitions.
create table fact (
    id bigint not null,
    occurred_at timestamptz not null,
    source_id int not null,
    client_key text not null,
    content_hash uuid not null,
    name text not null,
    received_at timestamptz not null default now(),
    actor text not null,
    run_id bigint,
    depth smallint not null default 0 check (depth <= 5),
    body jsonb,
    primary key (id, occurred_at),
    unique (source_id, client_key, content_hash, occurred_at)
) partition by range (occurred_at);

create table fact_default partition of fact default;

-- A fact's month must exist before it arrives; the river role may not run DDL, so the owner lends it this one door.
create function ensure_fact_months(months date[]) returns int
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    month date;
    made int := 0;
begin
    foreach month in array months loop
        month := date_trunc('month', month)::date;
        if to_regclass(format('fact_%s', to_char(month, 'YYYYMM'))) is null then
            perform pg_advisory_xact_lock(hashtext('ensure_fact_months'));
            execute format(
                'create table if not exists %I partition of fact for values from (%L) to (%L)',
                'fact_' || to_char(month, 'YYYYMM'),
                to_char(month, 'YYYY-MM-DD') || ' 00:00:00+00',
                to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00');
            made := made + 1;
        end if;
    end loop;
    return made;
end $$;

create table fact_identifier (
    fact_id bigint not null,
    kind text not null,
    scope text not null default '',
    key text not null,
    sealed bytea,
    tail4 text
);
create index fact_identifier_fact on fact_identifier (fact_id);

-- What a fact says of its person: attributes and their values as given.
create table fact_trait (
    fact_id bigint not null,
    name text not null,
    value text not null
);
create index fact_trait_fact on fact_trait (fact_id);

create table fact_order (
    fact_id bigint primary key,
    name text not null,
    source_id int not null,
    order_key text not null,
    parent_key text,
    occurred_at timestamptz not null,
    business_day date not null,
    org_unit_id int,
    staff_id int,
    channel text not null default '',
    status text not null default '',
    currency text not null default 'CNY',
    amount bigint not null,
    discount bigint not null default 0,
    coupon_discount bigint not null default 0,
    refunded bigint not null default 0,
    line_count int not null
);

create index fact_order_key on fact_order (source_id, order_key);
create index fact_order_parent on fact_order (source_id, parent_key) where parent_key is not null;

create table fact_line (
    fact_id bigint not null,
    line_no int not null,
    line_key text,
    sku_id int not null,
    quantity_milli bigint not null,
    amount bigint not null,
    discount bigint not null default 0,
    coupon_discount bigint not null default 0,
    refunded bigint not null default 0,
    refunded_milli bigint not null default 0,
    flags smallint not null default 0,
    primary key (fact_id, line_no)
);

-- The only thing about a fact that changes: how far its consequences have come.
create table settlement (
    fact_id bigint primary key,
    source_id int not null,
    name text not null,               -- the fact's own, repeated here so that readers by person or by
    occurred_at timestamptz not null, -- transaction need not visit every month's partition
    depth smallint not null default 0,
    is_history boolean not null default false,  -- tells the past: no points, stock, commission, messages
    person_id bigint,
    state text not null default 'received' check (state in ('received', 'waiting', 'settled')),
    reason text,
    order_id bigint,
    replaces bigint[],
    seq bigint,
    xid xid8,
    settled_at timestamptz
);
create index settlement_open on settlement (state, fact_id) where state <> 'settled';
-- Not of facts that have still to settle: these are many while an import runs.
create index settlement_xid on settlement (xid) where xid is not null;
create index settlement_person on settlement (person_id, occurred_at) where person_id is not null;
create index settlement_order on settlement (order_id) where order_id is not null;

create table fact_exception (
    id bigint generated always as identity primary key,
    fact_id bigint not null,
    line_no int,
    code text not null,
    detail jsonb not null default '{}',
    state text not null default 'open' check (state in ('open', 'mended')),
    raised_at timestamptz not null default now()
);
create index fact_exception_fact on fact_exception (fact_id);
create index fact_exception_open on fact_exception (code, id) where state = 'open';

-- How far a reader that must miss nothing has come: every transaction below `xid` has been read.
create table watermark (
    reader text primary key,
    xid xid8 not null,
    read_at timestamptz not null default now()
);

create table audit_entry (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    actor text not null,
    action text not null,
    object_kind text not null,
    object_id bigint not null,
    detail jsonb not null default '{}'
);
create index audit_entry_object on audit_entry (object_kind, object_id, id);

-- Keys of derived facts, apart from the partitioned table, so that one key is one fact whatever its time.
create table derived_key (key text primary key);
