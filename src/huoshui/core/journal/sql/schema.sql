-- What an import did to lists: each row as it was and as it became, so that its undoing finds the way back. A room puts the
-- trigger on its own tables; it works only where the import's number is set (`huoshui.run_id`).
create table row_change (
    id bigint generated always as identity primary key,
    run_id bigint not null,
    relation text not null,
    place jsonb not null,                  -- the columns of its key
    before jsonb,                          -- null: it was not there
    after jsonb not null,
    undescribed jsonb,                     -- what becomes of a row that may not go, since others name it
    state text not null default 'made' check (state in ('made', 'back', 'kept'))
);
create index row_change_run on row_change (run_id, id);
create index row_change_place on row_change (relation, place);

-- Arguments: the key's columns with commas between, and what a row is that nobody describes ('@code' is the row's own code).
create function journal_row() returns trigger language plpgsql as $$
declare
    told jsonb := to_jsonb(new);
begin
    insert into row_change (run_id, relation, place, before, after, undescribed)
    select current_setting('huoshui.run_id')::bigint, tg_table_name,
        (select jsonb_object_agg(name, told -> name) from unnest(string_to_array(tg_argv[0], ',')) as name),
        case when tg_op = 'UPDATE' then to_jsonb(old) end, told,
        (select jsonb_object_agg(key, case when value = '"@code"' then told -> 'code' else value end)
            from jsonb_each(tg_argv[1]::jsonb));
    return null;
end $$;

-- Put one row back as it was before a change. False where something else has changed it since, or something stands on it.
create function put_row_back(change row_change) returns boolean language plpgsql as $$
declare
    here text;
    columns text;
    present jsonb;
    wanted jsonb := coalesce(change.before, change.after || change.undescribed);
begin
    select string_agg(format('t.%1$I = (jsonb_populate_record(null::%2$I, $1)).%1$I', name, change.relation), ' and ')
    into here from jsonb_object_keys(change.place) as name;
    execute format('select to_jsonb(t) from %I t where %s for update', change.relation, here) into present using change.place;
    if present is distinct from change.after then
        return present is null and change.before is null;
    end if;
    if wanted is null then
        execute format('delete from %I t where %s', change.relation, here) using change.place;
        return true;
    end if;
    -- A number that counts the rows stays whatever it is
    select string_agg(quote_ident(name), ', ') into columns from jsonb_object_keys(present) as name where name <> 'id';
    execute format('update %1$I t set (%2$s) = (select %2$s from jsonb_populate_record(null::%1$I, $2)) where %3$s',
        change.relation, columns, here) using change.place, wanted;
    return true;
exception when foreign_key_violation then
    return false;
end $$;

-- The latest changes of an import that are still to be taken back. Where another change has followed, that one stands, and
-- what it would be taken back to is what was before ours.
create function put_rows_back(of_run bigint, how_many int) returns int language plpgsql as $$
declare
    change row_change;
    is_back boolean;
    done int := 0;
begin
    for change in
        select * from row_change where run_id = of_run and state = 'made' order by id desc limit how_many
    loop
        is_back := put_row_back(change);
        if not is_back then
            update row_change set before = change.before
            where id = (
                select min(id) from row_change
                where relation = change.relation and place = change.place and id > change.id and before = change.after);
        end if;
        update row_change set state = case when is_back then 'back' else 'kept' end where id = change.id;
        done := done + 1;
    end loop;
    return done;
end $$;
