create index fact_withdrawn_retold on fact_withdrawn (retold_id) where retold_id is not null;

-- What an import told; `is_shared`: another that has not been taken back told it too, and so it stays.
create function told_by_run(of_run bigint) returns table (fact_id bigint, occurred_at timestamptz, is_shared boolean)
language sql stable as $$
    select f.id, f.occurred_at,
        f.run_id <> of_run and not exists (select from run_withdrawn w where w.run_id = f.run_id)
        or exists (
            select from fact_told_by other
            where other.fact_id = f.id and other.run_id <> of_run
                and not exists (select from run_withdrawn w where w.run_id = other.run_id))
    from (
        select id, fact.occurred_at, run_id from fact where run_id = of_run
        union all
        select mine.id, mine.occurred_at, mine.run_id
        from fact_told_by b
        cross join lateral (select s.occurred_at from settlement s where s.fact_id = b.fact_id offset 0) at
        cross join lateral (
            select id, fact.occurred_at, run_id from fact where id = b.fact_id and fact.occurred_at = at.occurred_at offset 0) mine
        where b.run_id = of_run and mine.run_id <> of_run) f
    where not exists (select from fact_withdrawn w where w.fact_id = f.id and w.by_fact_id is not null)
$$;
