-- name: ids_by_code
-- The unit of each code that exists.
select u.code, u.id
from unnest(%(codes)s::text[]) as given (code)
cross join lateral (select code, id from org_unit where org_unit.code = given.code offset 0) u

-- name: add_stubs
-- Stores that sales named before anybody described them.
insert into org_unit (code, name, kind, parent_id, is_listed)
select code, code, 'store', (select id from org_unit where kind = 'headquarters' order by id limit 1), false
from unnest(%(codes)s::text[]) as code
order by code
on conflict (code) do nothing

-- name: upsert_stores
-- Stores as a file describes them; a blank cell leaves what is known. Touches only what differs.
insert into org_unit (code, name, kind, parent_id, city, address, opened_on, area_sqm)
select f.code, coalesce(nullif(f.name, ''), known.name, f.code), 'store',
    coalesce(parent.id, known.parent_id, (select id from org_unit where kind = 'headquarters' order by id limit 1)),
    coalesce(nullif(f.city, ''), known.city, ''), coalesce(nullif(f.address, ''), known.address, ''),
    coalesce(f.opened_on, known.opened_on), coalesce(round(f.area_sqm)::int, known.area_sqm)
from unnest(%(codes)s::text[], %(names)s::text[], %(parents)s::text[], %(cities)s::text[], %(addresses)s::text[],
    %(opened)s::date[], %(areas)s::float8[]) as f (code, name, parent, city, address, opened_on, area_sqm)
left join org_unit parent on parent.code = f.parent
left join org_unit known on known.code = f.code
order by f.code
on conflict (code) do update set
    name = excluded.name, parent_id = excluded.parent_id, city = excluded.city, address = excluded.address,
    opened_on = excluded.opened_on, area_sqm = excluded.area_sqm, is_listed = true, updated_at = now()
where (org_unit.name, org_unit.parent_id, org_unit.city, org_unit.address, org_unit.opened_on, org_unit.area_sqm,
       org_unit.is_listed) is distinct from
      (excluded.name, excluded.parent_id, excluded.city, excluded.address, excluded.opened_on, excluded.area_sqm, true)

-- name: upsert_branches
-- Regions and dealers that a store file names, under their parents; a parent once named is kept until another is named.
insert into org_unit (code, name, kind, parent_id)
select f.code, f.name, f.kind,
    coalesce(parent.id, (select id from org_unit where kind = 'headquarters' order by id limit 1))
from unnest(%(codes)s::text[], %(names)s::text[], %(kinds)s::text[], %(parents)s::text[]) as f (code, name, kind, parent)
left join org_unit parent on parent.code = f.parent
order by f.code
on conflict (code) do update set parent_id = excluded.parent_id, updated_at = now()
where org_unit.parent_id is distinct from excluded.parent_id and excluded.parent_id in (
    select id from org_unit where kind = 'region')

-- name: add_headquarters
insert into org_unit (code, name, kind) values ('HQ', %(name)s, 'headquarters') on conflict (code) do nothing

-- name: flat
-- Every unit with the names of the branches above it; the tree is at most four deep.
with recursive tree as (
    select id, code, name, kind, is_listed, null::text as region, null::text as dealer, null::text as store
    from org_unit where parent_id is null
    union all
    select u.id, u.code, u.name, u.kind, u.is_listed,
        case when u.kind = 'region' then u.name else t.region end,
        case when u.kind = 'dealer' then u.name else t.dealer end,
        case when u.kind = 'store' then u.name else t.store end
    from org_unit u join tree t on u.parent_id = t.id
)
select id as org_unit_id, code, name, kind, region, dealer, store from tree order by id

-- name: names
select id, name from org_unit where id = any(%(ids)s::int[])

-- name: codes
select id, code from org_unit where id = any(%(ids)s::int[])

-- name: branches
-- Each of these units with all above it, nearest first; the tree is at most four deep.
with recursive above as (
    select id, id as at, parent_id, kind, 0 as height from org_unit where id = any(%(ids)s::int[])
    union all
    select a.id, u.id, u.parent_id, u.kind, a.height + 1 from above a join org_unit u on u.id = a.parent_id)
select id, array_agg(at order by height) as path, min(at) filter (where kind = 'dealer') as dealer_id
from above group by id

-- name: below
-- These units and all below them.
with recursive tree as (
    select id from org_unit where id = any(%(ids)s::int[])
    union
    select u.id from org_unit u join tree t on u.parent_id = t.id)
select id from tree

-- name: unit_kinds
select id, kind, name from org_unit where id = any(%(ids)s::int[])

-- name: version
-- A sum, not the latest: whoever began first may commit last.
select count(*) || ':' || coalesce(sum(extract(epoch from updated_at))::text, '') as version from org_unit
