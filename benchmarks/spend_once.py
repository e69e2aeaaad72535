"""Sales that are paid with points, told as reports into the home of `HUOSHUI_HOME`. Prints JSON.

python -m benchmarks.spend_once --cards FILE --points 100
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

from huoshui.project import boot


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cards", type=Path, required=True)
    parser.add_argument("--points", type=int, required=True)
    given = parser.parse_args()
    boot.boot("river")
    print(json.dumps({"sales": _spend(given.cards.read_text(encoding="utf-8").split(), given.points)}))


def _spend(cards: list[str], points: int) -> int:
    from huoshui.core.actor import SYSTEM
    from huoshui.core.facts import api as facts
    from huoshui.core.facts.types import ORDER_COMPLETED
    from huoshui.intake.river.api import Item, Line, Order, Tender, after_settling, submit

    source = facts.ensure_source(name="兑换", label="兑换", mode="live")
    at = datetime(2017, 6, 1, 4, tzinfo=UTC)
    items = [
        Item(
            ORDER_COMPLETED,
            f"X{card}",
            at,
            (("card_no", card),),
            order=Order(
                f"X{card}",
                "367",
                (Line("兑换品", 1000, points),),
                tenders=(Tender("points", points, points),),
            ),
        )
        for card in cards
    ]
    for start in range(0, len(items), 200):
        submit(items[start : start + 200], source=source, actor=SYSTEM)
    after_settling()
    return len(items)


if __name__ == "__main__":
    main()
