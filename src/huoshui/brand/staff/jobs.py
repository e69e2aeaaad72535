from __future__ import annotations

from procrastinate.contrib.django import app

from huoshui.brand.staff import phone_codes


@app.periodic(cron="40 19 * * *")  # 03:40 in Shanghai
@app.task(name="staff.codes", queueing_lock="staff codes")
def drop_old_codes(timestamp: int = 0) -> None:
    """Codes of yesterday serve nobody; they counted how often somebody asked."""
    phone_codes.drop_old()
