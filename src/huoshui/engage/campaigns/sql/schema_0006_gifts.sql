-- Coupons that came with a tier: which fact told that it was reached, and what became of it. A human's ids have one history.
create table tier_gift (
    fact_id bigint primary key,
    person_id bigint not null,
    rank int not null,
    template_id bigint not null,
    coupon_id bigint,               -- null: it could not be had, and the fact has an exception that says why
    reached_at timestamptz not null
);
create index tier_gift_person on tier_gift (person_id, rank);
