-- name: on_hand
-- What lies where, in units.
select org_unit_id::int, sku_id::int, on_hand_milli / 1000.0::float8 as on_hand from stock where on_hand_milli <> 0
