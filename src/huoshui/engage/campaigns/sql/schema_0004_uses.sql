-- What a coupon's sales made of it is asked for by days. Redemptions lie in the order they came in, so a range of blocks finds
-- them, and one more redemption enters nothing.
create index coupon_redemption_when on coupon_redemption using brin (redeemed_at)
    with (pages_per_range = 16, autosummarize = on);
