-- name: ids_by_code
select s.code, s.id, s.is_listed
from unnest(%(codes)s::text[]) as given (code)
cross join lateral (select code, id, is_listed from sku where sku.code = given.code offset 0) s

-- name: add_stubs
-- Products that sales named before any list did: kept and flagged.
insert into sku (code, name, is_listed)
select code, name, false from unnest(%(codes)s::text[], %(names)s::text[]) as f (code, name)
order by code
on conflict (code) do nothing

-- name: upsert
-- Products as a list describes them; a blank cell leaves what is known. Touches only what differs.
insert into sku (code, name, brand, manufacturer, spec, barcode, category_1, category_2, category_3, category_4,
    list_price, launch_date)
select f.code,
    coalesce(nullif(f.name, ''), k.name, ''), coalesce(nullif(f.brand, ''), k.brand, ''),
    coalesce(nullif(f.manufacturer, ''), k.manufacturer, ''), coalesce(nullif(f.spec, ''), k.spec, ''),
    coalesce(nullif(f.barcode, ''), k.barcode, ''),
    -- categories are one path: another one is taken whole
    case when f.path <> '' then f.category_1 else coalesce(k.category_1, '') end,
    case when f.path <> '' then f.category_2 else coalesce(k.category_2, '') end,
    case when f.path <> '' then f.category_3 else coalesce(k.category_3, '') end,
    case when f.path <> '' then f.category_4 else coalesce(k.category_4, '') end,
    coalesce(f.list_price, k.list_price), coalesce(f.launch_date, k.launch_date)
from (
    select *, category_1 || category_2 || category_3 || category_4 as path
    from unnest(%(code)s::text[], %(name)s::text[], %(brand)s::text[], %(manufacturer)s::text[], %(spec)s::text[],
        %(barcode)s::text[], %(category_1)s::text[], %(category_2)s::text[], %(category_3)s::text[],
        %(category_4)s::text[], %(list_price)s::bigint[], %(launch_date)s::date[])
        as given (code, name, brand, manufacturer, spec, barcode, category_1, category_2, category_3, category_4,
            list_price, launch_date)) f
left join sku k on k.code = f.code
order by f.code
on conflict (code) do update set
    name = excluded.name, brand = excluded.brand, manufacturer = excluded.manufacturer, spec = excluded.spec,
    barcode = excluded.barcode, category_1 = excluded.category_1, category_2 = excluded.category_2,
    category_3 = excluded.category_3, category_4 = excluded.category_4, list_price = excluded.list_price,
    launch_date = excluded.launch_date, is_listed = true, updated_at = now()
where (sku.name, sku.brand, sku.manufacturer, sku.spec, sku.barcode, sku.category_1, sku.category_2, sku.category_3,
       sku.category_4, sku.list_price, sku.launch_date, sku.is_listed)
    is distinct from
      (excluded.name, excluded.brand, excluded.manufacturer, excluded.spec, excluded.barcode, excluded.category_1,
       excluded.category_2, excluded.category_3, excluded.category_4, excluded.list_price, excluded.launch_date, true)

-- name: products
select id as sku_id, code, name, brand,
    concat_ws('/', nullif(category_1, ''), nullif(category_2, ''), nullif(category_3, ''), nullif(category_4, '')) as category,
    category_1 as department, category_1, category_2, category_3, is_listed
from sku order by id

-- name: names
select id, code, name from sku where id = any(%(ids)s::int[])

-- name: version
-- A sum, not the latest: whoever began first may commit last.
select count(*) || ':' || coalesce(sum(extract(epoch from updated_at))::text, '') as version from sku

-- name: categories_by_code
-- The category a person would name: below the department where the list goes that deep.
select code, coalesce(nullif(category_2, ''), category_1) as category from sku where code = any(%(codes)s::text[])

-- name: search
-- By code, from a code on; `text` is a pattern.
select id, code, name, brand, spec, barcode,
    concat_ws(' / ', nullif(category_1, ''), nullif(category_2, ''), nullif(category_3, ''), nullif(category_4, '')) as category,
    list_price, launch_date, is_listed
from sku
where code > %(after)s
    and (%(text)s = '' or code ilike %(text)s or name ilike %(text)s or barcode ilike %(text)s)
    and (%(category)s = '' or category_1 = %(category)s)
    and (not %(only_unlisted)s::bool or not is_listed)
order by code limit %(limit)s

-- name: by_codes
select id, code, name, brand, spec, barcode,
    concat_ws(' / ', nullif(category_1, ''), nullif(category_2, ''), nullif(category_3, ''), nullif(category_4, '')) as category,
    list_price, launch_date, is_listed
from sku where code = any(%(codes)s::text[]) order by code

-- name: top_categories
select category_1 as category, count(*) as products from sku where category_1 <> '' group by 1 order by 1

-- name: product_counts
select count(*) as products, count(*) filter (where not is_listed) as unlisted from sku
