-- An index whose condition is the state gives every redemption new entries in all indexes of its coupon. Without the condition
-- expiry would wade through all that expired before, so it remembers how far it has come.
drop index coupon_open;
create index coupon_until on coupon (valid_until);
-- Each is written over once or twice in its life, when it is kept for an order and when it is used or over.
alter table coupon set (fillfactor = 50);

create table coupon_expiry (
    is_only boolean primary key default true check (is_only),
    upto timestamptz not null    -- what ended before has been expired, but for the last day's, which may be locked
);

-- Redeeming has just locked the coupon; to look it up again for each use was a tenth of the step.
alter table coupon_redemption drop constraint coupon_redemption_coupon_id_fkey;
