"""How many coupons a second are claimed over HTTP, all of one hot template.

    python -m benchmarks.bench_claims [--seconds 15] [--connections 50] [--workers 1]

Prints JSON. Then fifty callers want the last coupons of another template, of which there are fewer than they ask for. Either
time as many coupons must be out as were acknowledged, and never more than there are.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import Any

from benchmarks import machine
from benchmarks.scratch import Home, scratch_home
from benchmarks.served import Request, served

CLAIMS_A_SECOND_AT_LEAST = 1_500
CONNECTIONS = 50
PERSONS = 10_000
_FEW = 300
_MOST_A_SECOND = 10_000  # requests made ready


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=15)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--workers", type=int, default=1, help="processes of `huoshui serve`")
    given = parser.parse_args()
    found = measure(seconds=given.seconds, connections=given.connections, workers=given.workers)
    print(json.dumps({"machine": machine.described(), **found}, ensure_ascii=False, indent=2))
    print(f"{found['claims_per_second']} claims/s")


def measure(*, seconds: int = 15, connections: int = CONNECTIONS, workers: int = 1) -> dict[str, Any]:
    with scratch_home("claims") as home:
        many, few, persons = _open_shop(home, _MOST_A_SECOND * seconds)
        with served(home, scopes=["claim"], workers=workers) as site:
            site.called(_claims("warm", many, persons, 2_000), connections=connections, seconds=3)
            warm = _issued(home, many)
            hot = site.called(
                _claims("hot", many, persons, _MOST_A_SECOND * seconds),
                connections=connections,
                seconds=seconds,
            )
            last = site.called(_claims("last", few, persons, 3 * _FEW), connections=connections, seconds=60)
        coupons = {
            "hot": _compared(home, many, hot, warm),
            "the last of few": _compared(home, few, last, 0),
        }
        audit = home.told("audit", "--json")
    if not audit["clean"]:
        raise AssertionError(audit)
    return {
        "hot": hot,
        "the last of few": last,
        "coupons": coupons,
        "claims_per_second": round(coupons["hot"]["acknowledged"] / hot["seconds"]),
    }


def _open_shop(home: Home, total: int) -> tuple[int, int, list[int]]:
    printed = home.python("-c", _OPEN, str(total), str(_FEW), str(PERSONS))
    many, few, persons = json.loads(printed)
    return many, few, persons


_OPEN = """
import json, sys
from huoshui.project import boot
boot.boot('river', with_owner=True)
boot.migrate_if_needed()
from benchmarks import shop
from huoshui.people import api as people
total, few, persons = map(int, sys.argv[1:])
opened = shop.open_shop(members=persons, coupons_each=0)
people.refresh_cards()  # who claims has a card, which a worker makes soon after the first purchase
print(json.dumps([*(shop.template(n, 1_000) for n in (total, few)), [m.person_id for m in opened.members]]))
"""


def _claims(name: str, template_id: int, persons: list[int], count: int) -> Iterator[Request]:
    for number in range(count):
        body = {"customer_id": persons[number % len(persons)]}
        yield f"/api/v1/coupons/{template_id}/claims", f"{name}-{number}", body


def _issued(home: Home, template_id: int) -> int:
    return int(home.row("select count(*) from coupon where template_id = %s", template_id)[0])


def _compared(home: Home, template_id: int, told: dict[str, Any], before: int) -> dict[str, int]:
    """Every acknowledged claim is a coupon, every coupon was acknowledged, and none is over what there is."""
    issued = _issued(home, template_id)
    counted, allowed = home.row(
        "select t.issued_count, (r.rule ->> 'total_count')::bigint from coupon_template t"
        " join coupon_rule r on r.template_id = t.id and r.version = t.version where t.id = %s",
        template_id,
    )
    acknowledged = int(told["statuses"].get("201", 0))
    if not 0 < acknowledged == issued - before or not issued == counted <= allowed:
        raise AssertionError(f"{told}: {issued} issued, {before} before, {counted} counted of {allowed}")
    return {"acknowledged": acknowledged, "issued": issued, "allowed": int(allowed)}


if __name__ == "__main__":
    main()
