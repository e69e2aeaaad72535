-- A claim is entered under its key and completed in the same transaction, and a person's count begins with 0: with room for
-- the second version beside the first, neither touches an index again.
alter table coupon_claim set (fillfactor = 50);
alter table coupon_taken set (fillfactor = 60);
