"""What is sold in benchmarks, and for how much. In minor units."""

from __future__ import annotations

STORES, PRODUCTS = 20, 500
BATCH = 1000
PRICE = 6_000
COUPON, POINTS = 1_000, 100  # 10.00 off; 100 points pay for 1.00
PAID = 2 * PRICE - COUPON
# What members paid before. Tiers begin at 1000.00 and 3000.00, so that some member reaches one now and then.
FIRST_PAID = (20_000, 98_000, 120_000, 140_000)
