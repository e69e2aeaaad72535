-- How far the data can be trusted, folded from what has settled and lies in the lake, by watermark 'trust' (ADR 0021). Days are
-- the brand's. `feed`: 'orders', 'people' (who somebody is) or 'events'. What the house says to itself is not counted.

-- What each fact did to the sales of a day: its own lines in, those of the facts it replaces out. The sums of a day are the
-- lake's to the cent. It is an index of sales by day, written behind the river instead of by it.
create table trust_effect (
    business_day date not null,
    fact_id bigint not null,              -- who did it
    of_fact_id bigint not null,           -- whose lines; another one's are taken back
    source_id int not null,
    org_unit_id int not null,             -- 0: at no known store
    is_sale boolean not null,             -- not a refund
    is_known boolean not null,            -- of a person we know
    amount bigint not null,
    run_id bigint,                        -- the import that told it
    actor text not null,
    primary key (business_day, fact_id, of_fact_id)
);

create table trust_day (
    day date not null,
    source_id int not null,
    feed text not null,
    org_unit_id int not null,
    facts bigint not null default 0,
    by_file bigint not null default 0,    -- of them by a file that somebody brought
    last_at timestamptz,                  -- when the last of them was received
    arrived_at timestamptz,               -- when the last of them was in the lake
    sales bigint not null default 0,      -- sales that stand
    known_sales bigint not null default 0,
    amount bigint not null default 0,
    known_amount bigint not null default 0,
    primary key (day, source_id, feed, org_unit_id)
);

create table trust_field (
    day date not null,
    source_id int not null,
    feed text not null,
    field text not null,
    facts bigint not null,
    filled bigint not null,
    valid bigint not null,
    primary key (day, source_id, feed, field)
);

-- How long things took, of what happened on a day. A bucket is a quarter of a doubling: see rules.bucket_of.
create table trust_lag (
    day date not null,
    source_id int not null,
    feed text not null,
    stage text not null check (stage in ('received', 'settled', 'lake', 'number')),
    bucket smallint not null,
    facts bigint not null,
    primary key (day, source_id, feed, stage, bucket)
);

-- Rows of a file that were set aside, mended and brought again: each once.
create table trust_mend (
    run_id bigint not null,
    file_no int not null,
    row_no int not null,
    new_run_id bigint,                    -- null within the transaction that takes it
    mended_by text not null,
    mended_at timestamptz not null default now(),
    primary key (run_id, file_no, row_no)
);

-- What has reached the lake since the last folding, seconds ago. By index only: left alone, the planner takes that for a third
-- of all there is.
create function trust_pending(first_day date, last_day date)
returns table (
    business_day date, fact_id bigint, of_fact_id bigint, source_id int, org_unit_id int, is_sale boolean, is_known boolean,
    amount bigint, run_id bigint, actor text)
language plpgsql stable set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
begin
    return query
    select o.business_day, s.fact_id, e.of_fact_id, o.source_id, coalesce(o.org_unit_id, 0), o.name <> 'Order Refunded',
        born.person_id is not null, (case when e.of_fact_id = s.fact_id then l.amount else -l.amount end)::bigint,
        f.run_id, f.actor
    from settlement s
    cross join lateral (select s.fact_id as of_fact_id union all select unnest(s.replaces) offset 0) e
    cross join lateral (select * from fact_order where fact_order.fact_id = e.of_fact_id offset 0) o
    cross join lateral (select person_id from settlement b where b.fact_id = e.of_fact_id offset 0) born
    cross join lateral (
        select coalesce(sum(line.amount - line.refunded), 0) as amount from fact_line line
        where line.fact_id = e.of_fact_id offset 0) l
    cross join lateral (
        select fact.run_id, fact.actor from fact where fact.id = s.fact_id and fact.occurred_at = s.occurred_at offset 0) f
    where o.line_count > 0 and s.xid >= coalesce((select w.xid from watermark w where w.reader = 'trust'), '0'::xid8)
        and s.xid < coalesce((select w.xid from watermark w where w.reader = 'lake'), '0'::xid8)
        and s.state = 'settled' and o.business_day between first_day and last_day;
end $$;
