-- An index whose condition is the state gives every redemption new entries in all indexes of its coupon. Without the condition
-- expiry would wade through all that expired before, so it remembers how far it has come.
drop index coupon_open;
create index coupon_until on coupon (valid_until);
alter table coupon set (fillfactor = 70);

create table coupon_expiry (
    is_only boolean primary key default true check (is_only),
    upto timestamptz not null    -- what ended before has been expired, but for the last day's, which may be locked
);
