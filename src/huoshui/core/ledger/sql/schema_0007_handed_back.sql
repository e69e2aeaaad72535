-- What of a hand-over has gone back to the shelf it came from, since its customer brought it back; and of what the seller
-- owed for it, how much that undid.
create table goods_handed_back (
    fact_id bigint not null,              -- the document that took it back
    handover_fact_id bigint not null,
    sku_id int not null,
    quantity_milli bigint not null,       -- below zero: out again, since the return was told anew
    amount bigint not null,
    primary key (fact_id, handover_fact_id, sku_id)
);
create index goods_handed_back_of on goods_handed_back (handover_fact_id, sku_id);
