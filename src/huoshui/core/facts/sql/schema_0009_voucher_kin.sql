-- Facts that a voucher makes kin of this one: what is told of the orders it verifies and who else verified them; and who verified
-- this order. A function, since nearly no fact has any: within the statement that asks, even the possibility doubles its cost.
create function voucher_kin(of_fact_id bigint, of_source_id int, of_order_key text) returns setof bigint
language plpgsql stable as $$
begin
    if exists (select from fact_voucher where fact_id = of_fact_id) then
        return query
        select told.fact_id from fact_voucher v
        cross join lateral (
            select o.fact_id from source p
            join fact_order o on o.source_id = p.id and o.order_key = v.code
            where p.name in (v.source, 'till:' || v.source)
            union all
            select o.fact_id from source p
            join fact_order o on o.source_id = p.id and o.parent_key = v.code
            where p.name in (v.source, 'till:' || v.source)
            union all
            select w.fact_id from fact_voucher w where w.code = v.code and w.source = v.source
            offset 0) told
        where v.fact_id = of_fact_id and told.fact_id <> of_fact_id;
    end if;
    if exists (select from fact_voucher where code = of_order_key) then
        return query
        select v.fact_id from fact_voucher v
        where v.code = of_order_key and v.fact_id <> of_fact_id
            and exists (select from source where id = of_source_id and name in (v.source, 'till:' || v.source));
    end if;
end $$;
