-- What a till took off beyond what the coupon's rule gives on that basket: the brand answers for none of it.
alter table coupon_redemption add column excess bigint not null default 0 check (excess between 0 and amount);
