"""Tables that other rooms keep and measures are made of too. Whoever stands above the rooms says how they are read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pyarrow as pa

Beside = Callable[[date | None, date | None], pa.Table]
"""From the first business day to the last, both included (None: open) → one row per day and unit.

footfall: business_day (date32), org_unit_id (int32; null: of no store), came (int64). commission: business_day, org_unit_id,
amount (int64, minor units).
"""
