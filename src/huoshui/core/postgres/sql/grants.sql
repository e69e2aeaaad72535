-- name: grants
-- What huoshui_web and huoshui_river may do. Run as the owner of the database, after each migration; it may be repeated.

revoke create on schema public from public;
grant usage on schema public to huoshui_web, huoshui_river;

grant select, insert, update, delete on all tables in schema public to huoshui_web, huoshui_river;
grant usage, select, update on all sequences in schema public to huoshui_web, huoshui_river;
grant execute on all functions in schema public to huoshui_web, huoshui_river;

-- TRUNCATE ignores row-level security.
revoke truncate, references, trigger on all tables in schema public from public, huoshui_web, huoshui_river;

-- A table that says so in its comment is written by the web and read by workers: what it holds is no business of the screen.
do $$
declare
    name text;
begin
    for name in
        select c.oid::regclass::text from pg_class c
        where c.relkind = 'r' and obj_description(c.oid, 'pg_class') = 'web writes only'
    loop
        execute format('revoke select, update, delete on %s from huoshui_web', name);
    end loop;
end
$$;

alter default privileges in schema public grant select, insert, update, delete on tables to huoshui_web, huoshui_river;
alter default privileges in schema public grant usage, select, update on sequences to huoshui_web, huoshui_river;
alter default privileges in schema public grant execute on functions to huoshui_web, huoshui_river;

-- The catalog of the lake: the river writes it, web reads it.
create schema if not exists lake;
grant all on schema lake to huoshui_river;
grant usage on schema lake to huoshui_web;
grant all on all tables in schema lake to huoshui_river;
grant all on all sequences in schema lake to huoshui_river;
grant select on all tables in schema lake to huoshui_web;
alter default privileges in schema lake grant all on tables to huoshui_river;
alter default privileges in schema lake grant all on sequences to huoshui_river;
alter default privileges in schema lake grant select on tables to huoshui_web;
-- The catalog's library makes its tables on first use, as the river.
alter default privileges for role huoshui_river in schema lake grant select on tables to huoshui_web;
