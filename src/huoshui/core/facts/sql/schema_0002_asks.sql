-- What a till's sale says beyond its lines, and the keys of those that may be told once only.

-- How it was paid: 'cash', 'wechat', 'points' … Points carry how many, and the money they stood for.
create table fact_tender (
    fact_id bigint not null,
    tender_no int not null,
    kind text not null,
    amount bigint not null,
    points bigint not null default 0,
    reference text not null default '',
    primary key (fact_id, tender_no)
);

-- The coupons it says were used, each with the discount it gave; `fact_line.coupon_discount` holds their sum by line.
create table fact_coupon (
    fact_id bigint not null,
    coupon_no int not null,
    code text not null,
    amount bigint not null,
    primary key (fact_id, coupon_no)
);
create index fact_coupon_code on fact_coupon (code);

-- Keys of facts whose source may not tell the same thing twice in other words (API writes). Apart from the partitioned
-- table, so that a key is one fact whatever its time.
create table fact_key (
    source_id int not null,
    client_key text not null,
    content_hash uuid not null,
    fact_id bigint not null,
    primary key (source_id, client_key)
);

create index fact_exception_raised on fact_exception (state, id);
