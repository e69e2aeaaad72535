"""Eight who write at once over the same few customers. Django must be set up as the river."""

from __future__ import annotations

import http.client
import json
import random
from collections import Counter, deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from time import monotonic

from django.db import connection, transaction

from benchmarks import counter
from benchmarks.background import Background
from benchmarks.counter import STORE, Place
from benchmarks.crowd import Answer, Ask, Crowd
from huoshui.core import clock
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import Refused, RetryLater
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import ORDER_COMPLETED
from huoshui.core.retry import retrying
from huoshui.engage.loyalty import api as loyalty
from huoshui.intake.river import api as river
from huoshui.intake.river.batches import batch_of
from huoshui.people import api as people

HOT, AT_ONCE = 20, 4
IN_BULK, IN_IMPORT = 50, 50  # about what the pipeline of imports settles at once
LONG_AGO = timedelta(days=3 * 365)  # what is earned then has expired by now


class Writer(Background):
    """Does one thing again and again; `done` counts what came of it, `told` the answers."""

    def __init__(self, name: str, work: Callable[[], Counter[str]], *, pause: float = 0.0) -> None:
        super().__init__(name)
        self.name, self._work = name, work
        self.told: Counter[str] = Counter()
        self.rounds = 0
        self.broke: BaseException | None = None
        self.longest = 0.0
        self._pause = pause

    def warm_up(self) -> None:
        """Once beforehand: a process loads much with the first thing it is asked for."""
        for _ in range(3):
            self._work()

    def _run(self) -> None:
        try:
            while not self._ended.is_set():
                begun = monotonic()
                try:
                    self.told += self._work()
                except RetryLater:
                    self.told["busy"] += 1
                self.rounds += 1
                self.longest = max(self.longest, monotonic() - begun)
                self._ended.wait(self._pause)
        except BaseException as error:  # told at the end: a writer that fell silent proves nothing
            self.broke = error
        finally:
            connection.close()


def writers(place: Place, port: int, seed: int) -> list[Writer]:
    cards = [f"hot-{n}" for n in range(HOT)]
    persons = counter.customers(place, cards, paid=50_000)
    sold: deque[str] = deque(maxlen=2_000)
    works: dict[str, Callable[[], Counter[str]]] = {
        "sales": _sales(place, port, random.Random(seed), cards, sold),
        "bulk sales": _bulk(place, port, random.Random(seed + 1), cards),
        "refunds": _refunds(place, port, random.Random(seed + 2), sold),
        "claims": _claims(place, port, persons),
        "adjustments by hand": _adjustments(random.Random(seed + 3), persons),
        "import in a bulk lane": _imports(random.Random(seed + 4), cards),
        "points expire": _expiry,
        "merges": _merges(random.Random(seed + 5), persons),
    }
    # With nothing to take, expiry is asked for a hundred times a second otherwise
    return [Writer(name, work, pause=0.05 if work is _expiry else 0.0) for name, work in works.items()]


def _told(answers: Sequence[Answer]) -> Counter[str]:
    return Counter(
        f"{a.status} {a.body.get('code', '')}".strip() if a.status >= 400 else str(a.status) for a in answers
    )


def _sales(
    place: Place, port: int, chance: random.Random, cards: Sequence[str], sold: deque[str]
) -> Callable[[], Counter[str]]:
    callers, numbers = Crowd(port, place.token, AT_ONCE), count()

    def sell() -> Counter[str]:
        asks = [
            counter.sale(
                f"pos-{next(numbers)}",
                amount=chance.randrange(500, 5_000),
                card=chance.choice(cards),
                points=chance.choice((0, 0, 5, 20)),
            )
            for _ in range(AT_ONCE)
        ]
        answers = callers.ask(asks)
        sold.extend(str(a.body["order_key"]) for a in answers if a.is_done)
        return _told(answers)

    return sell


def _bulk(place: Place, port: int, chance: random.Random, cards: Sequence[str]) -> Callable[[], Counter[str]]:
    line, numbers = http.client.HTTPConnection("127.0.0.1", port, timeout=120), count()

    def sell() -> Counter[str]:
        asks = [
            counter.sale(f"bulk-{next(numbers)}", amount=chance.randrange(5_000), card=chance.choice(cards))
            for _ in range(IN_BULK)
        ]
        lines = [json.dumps({"key": a.key, **a.body, "offline": True}) for a in asks]
        head = {"Authorization": f"Bearer {place.token}", "Content-Type": "application/x-ndjson"}
        line.request("POST", "/api/v1/sales/bulk", "\n".join(lines).encode(), head)
        response = line.getresponse()
        raw = response.read()
        if response.status != 200:
            return Counter({str(response.status): 1})
        return Counter(str(json.loads(verdict)["status"]) for verdict in raw.splitlines() if verdict)

    return sell


def _refunds(place: Place, port: int, chance: random.Random, sold: deque[str]) -> Callable[[], Counter[str]]:
    callers, numbers = Crowd(port, place.token, 2), count()

    def refund() -> Counter[str]:
        """The same order from two sides now and then, in part and in whole."""
        if not sold:
            return Counter()
        order_key = chance.choice(sold)
        parts: tuple[dict[str, int], ...] = ({"amount": chance.randrange(1, 300)}, {})
        asks = [counter.refund(f"back-{next(numbers)}", order_key, **part) for part in parts]
        return _told(callers.ask(asks))

    return refund


def _claims(place: Place, port: int, persons: Sequence[int]) -> Callable[[], Counter[str]]:
    callers, numbers = Crowd(port, place.token, AT_ONCE), count()
    template_id = counter.template(per_person=10_000)

    def claim() -> Counter[str]:
        asks: list[Ask] = []
        for _ in range(AT_ONCE):
            number = next(numbers)
            asks.append(counter.claim(f"claim-{number}", template_id, persons[number % len(persons)]))
        return _told(callers.ask(asks))

    return claim


def _adjustments(chance: random.Random, persons: Sequence[int]) -> Callable[[], Counter[str]]:
    def adjust() -> Counter[str]:
        person_id, points = chance.choice(persons), chance.choice((-7, 3, 11))

        def once() -> None:
            with transaction.atomic():
                loyalty.adjust(person_id=person_id, points=points, reason="盘点", actor=SYSTEM)

        return _done(lambda: retrying(once))

    return adjust


def _imports(chance: random.Random, cards: Sequence[str]) -> Callable[[], Counter[str]]:
    """As the pipeline of imports does: received in one transaction, settled in a bulk lane. Half of it is from long ago."""
    numbers = count()
    with transaction.atomic():
        source = facts.ensure_source(name="import", label="import", mode="live")

    def item() -> river.Item:
        number = next(numbers)
        at = datetime.now(UTC) - (LONG_AGO if number % 2 else timedelta(days=1))
        line = river.Line(sku_code=f"P{number % 50}", quantity_milli=1000, amount=chance.randrange(5_000))
        order = river.Order(order_key=f"import-{number}", store_code=STORE, lines=(line,))
        who = (("card_no", chance.choice(cards)),)
        return river.Item(ORDER_COMPLETED, f"import-{number}", at, who, order=order)

    def bring_in() -> Counter[str]:
        batch = batch_of([item() for _ in range(IN_IMPORT)])

        def receive() -> list[int]:
            with transaction.atomic(durable=True):
                return facts.receive(batch, source=source, actor=SYSTEM).fact_ids

        fact_ids = retrying(receive, times=8)
        settled = [f for one in river.settle(fact_ids, lane=0) for f in one.settled]
        return Counter({"settled": len(settled), "left to the sweep": len(fact_ids) - len(settled)})

    return bring_in


def _expiry() -> Counter[str]:
    def once() -> int:
        with transaction.atomic():
            return loyalty.expire_due(clock.now())

    return Counter({"persons who lost points": retrying(once), "runs": 1})


def _merges(chance: random.Random, persons: Sequence[int]) -> Callable[[], Counter[str]]:
    links: list[int] = []

    def merge() -> None:
        a, b = chance.sample(list(persons), 2)
        with transaction.atomic():
            links.append(people.merge(person_a=a, person_b=b, reason="同一个人", actor=SYSTEM))

    def part() -> None:
        with transaction.atomic():
            people.unmerge(link_id=links[0], reason="弄错了", actor=SYSTEM)
        links.pop(0)

    def one() -> Counter[str]:
        return _done(lambda: retrying(part if len(links) > HOT // 4 else merge))

    return one


def _done(work: Callable[[], object]) -> Counter[str]:
    try:
        work()
    except Refused as refused:
        return Counter({f"refused {getattr(refused, 'code', '')}".strip(): 1})
    return Counter({"done": 1})
