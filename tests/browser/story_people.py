"""Run in a process of its own, in the product's home: who walks the story, or the first of the month after.

`python -m tests.browser.story_people open` makes two guides and two dealers with logins, rules, a coupon and a till's key, and says
them as JSON; `… close` closes the month that runs, by a clock that stands on the first day of the next.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from unittest.mock import patch

from django.db import transaction

from huoshui.core.actor import SYSTEM
from huoshui.project import boot

WORD = "huoshui-story-word"
DEALERS = ("杭州粟谷雨商贸（演示）", "武汉粟白露商贸（演示）")
STORES = ("S01", "S03")


def open_story() -> dict[str, object]:
    from huoshui.brand import api as brand
    from huoshui.core.scope import scoped
    from huoshui.engage.campaigns import api as campaigns
    from huoshui.trade.commission import api as commission
    from huoshui.web.api.keys import add_key

    units = brand.find_units([*(f"dealer:{d}" for d in DEALERS), *STORES])
    dealers = [units[f"dealer:{d}"] for d in DEALERS]
    with transaction.atomic():
        for n, (dealer, store) in enumerate(zip(dealers, STORES, strict=True), 1):
            for role, unit in (("dealer", dealer), ("guide", units[store])):
                name = f"{'老板' if role == 'dealer' else '导购'}{n}"
                brand.ensure_login(
                    username=f"{role}{n}",
                    password=WORD,
                    name=name,
                    roles=[role],
                    org_unit_id=unit,
                    actor=SYSTEM,
                )
    staff = brand.find_staff(["boss", "dealer1", "dealer2", "guide1", "guide2"])
    boss = brand.actor_of_staff(staff["boss"])
    for n, dealer in enumerate(dealers, 1):
        actor = brand.actor_of_staff(staff[f"dealer{n}"])
        with transaction.atomic(), scoped(actor):
            terms = {"rates": [{"permille": 50}], "bringer_permille": 400, "return_days": 7}
            commission.set_employer_rules(dealer, terms, reason="走一遍", actor=actor)
    with transaction.atomic(), scoped(boss):
        commission.set_brand_rules({"fee_permille": 30, "return_days": 7}, reason="走一遍", actor=boss)
    with transaction.atomic():
        rule = {
            "benefit": {"kind": "amount_off", "amount": 500},
            "threshold": {"amount": 1000},
            "validity": {"days": 30},
        }
        template_id = campaigns.create_template(title="见面礼", rule=rule, actor=SYSTEM)
        campaigns.publish_template(template_id=template_id, actor=SYSTEM)
        key = add_key(name="story", scopes=["sell", "refund", "read"], actor=SYSTEM)
    return {
        "dealers": dealers,
        "key": key.token,
        "template": template_id,
        "guide": staff["guide1"],
        "store": units[STORES[0]],
    }


def close_month() -> dict[str, int]:
    from huoshui.core import clock
    from huoshui.trade.commission import api as commission

    today = clock.today()
    period, later = f"{today:%Y-%m}", clock.now() + timedelta(days=32)
    with patch.object(clock, "now", lambda: later), transaction.atomic():
        return {"statements": commission.close(period, actor=SYSTEM)}


if __name__ == "__main__":
    boot.boot("river")
    print(json.dumps(open_story() if sys.argv[1] == "open" else close_month()))
