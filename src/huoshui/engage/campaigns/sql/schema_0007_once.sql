-- One index for both: of an order a coupon has one live redemption, and what it has used is found by its order.
create unique index coupon_redemption_once on coupon_redemption
    (order_id, coupon_id, (case when taken_back_at is null then 0 else fact_id end));
drop index coupon_redemption_order;
drop index coupon_redemption_any;
