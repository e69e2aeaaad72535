"""The books, the desk and the river over the small shop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.facts import desk
from huoshui.core.facts.desk import Case, Kind, Place, Step
from huoshui.core.ledger.explorer import AccountKey, ExplainedDay, Leg, LegKey, UnitFigures
from huoshui.core.ledger.types import Account, StockAudit, UnitAudit
from huoshui.web.console.tests.stand_in_insight import HOSTILE

NOON = datetime(2017, 12, 31, 4, tzinfo=UTC)
ISSUER = Account(1, "points", "issuer", 0, "", None, None)
HIS = Account(2, "points", "person", 11, "2018-12", 326, 0)
OWED = Account(3, "points", "person", 15, "debt", -40, None)
CAMPAIGN = Account(4, "budget", "campaign", 5, "", 1_234_500, 0)
STORES = Account(5, "payable", "org_unit", 7, "", 9_900, 0)


class Moved(NamedTuple):
    fact_id: int
    reason: str
    amount: int
    from_bucket: str = ""
    to_bucket: str = "2018-12"
    unit: str = "points"
    posted_at: datetime = NOON


@dataclass
class Ledger:
    wrong: int = 0
    counted: int = 0
    moves: list[Moved] = field(default_factory=lambda: [Moved(n, "earn", 29) for n in range(100, 130)])

    def audit_units(self) -> list[UnitAudit]:
        self.counted += 1
        return [UnitAudit("points", 3, 20, self.wrong, 0), UnitAudit("budget", 1, 2, 0, 0)]

    def audit_stock(self) -> StockAudit:
        return StockAudit(4, 0, 0)

    def transfers_of(self, fact_ids: Sequence[int]) -> list[Moved]:
        """The sale earned, paid with points, and some of both came back with its refund."""
        return [move for move in self.moves if move.fact_id in fact_ids]


@dataclass
class Explorer:
    accounts_: list[Account] = field(default_factory=lambda: [ISSUER, HIS, OWED, CAMPAIGN, STORES])
    explained: int = 20
    legs_: int = 3
    held: dict[str, int] = field(default_factory=lambda: {"2018-12": 326})
    shelves: dict[tuple[int, int], int] = field(default_factory=lambda: {(1, 7): 12_000})
    broken: bool = False
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def units(self, *, since: datetime) -> list[UnitFigures]:
        if self.broken:
            raise RuntimeError("the books are away")
        return [
            UnitFigures("points", 3, 2, 326, 1, 40, 2, 366),
            UnitFigures("budget", 1, 1, 1_234_500, 0, 0, 0, 0),
            UnitFigures("points@tea", 1, 1, 9, 0, 0, 0, 0),
        ]

    def explained_by_day(self) -> list[ExplainedDay]:
        first, second = date(2017, 12, 30), date(2017, 12, 31)
        return [
            ExplainedDay("budget", second, 2, 2),
            ExplainedDay("points", first, 15, self.explained - 5),
            ExplainedDay("points", second, 5, 5),
        ]

    def accounts(
        self, unit: str, *, only: str = "used", after: AccountKey | None = None, limit: int = 50
    ) -> list[Account]:
        self.asked.append((only, after))
        found = [a for a in self.accounts_ if a.unit == unit]
        if not found:
            raise NotFound
        if only == "debts":
            found = [a for a in found if (a.balance or 0) < 0]
        return [a for a in found if after is None or a[2:5] > after][:limit]

    def accounts_of(self, unit: str, owner_kind: str, owner_ids: Sequence[int]) -> list[Account]:
        return [
            a
            for a in self.accounts_
            if (a.unit, a.owner_kind) == (unit, owner_kind) and a.owner_id in owner_ids
        ]

    def account(self, account_id: int) -> Account:
        found = [a for a in self.accounts_ if a.id == account_id]
        if not found:
            raise NotFound
        return found[0]

    def legs(self, of: Account, *, after: LegKey | None = None, limit: int = 50) -> list[Leg]:
        self.asked.append(("legs", after))
        leg = Leg(
            LegKey(101, "earn", 0),
            29,
            of.balance,
            AccountKey("issuer", 0),
            "Order Completed",
            NOON,
            NOON,
            True,
        )
        unknown = replace(
            leg,
            key=LegKey(100, HOSTILE, 0),
            delta=-3,
            other=AccountKey("person", 15, HOSTILE),
            name=None,
            is_explained=False,
        )
        return [leg, *[unknown] * (self.legs_ - 1)][:limit]

    def buckets_of(self, unit: str, owner_kind: str, owner_ids: Sequence[int]) -> dict[str, int]:
        return self.held

    def stock_by_place(
        self, sku_ids: Sequence[int], org_unit_ids: Sequence[int]
    ) -> dict[tuple[int, int], int]:
        return {k: v for k, v in self.shelves.items() if k[0] in sku_ids and k[1] in org_unit_ids}


def case(case_id: int, code: str = "parent_unknown", **more: Any) -> Case:
    told: dict[str, Any] = {
        "id": case_id, "fact_id": 900 + case_id, "line_no": None, "code": code, "detail": {}, "state": "open",
        "raised_at": NOON, "name": "Order Refunded", "fact_state": "waiting", "occurred_at": NOON, "person_id": 15,
        "source": HOSTILE, "order_key": HOSTILE, "parent_key": "K0", "org_unit_id": 7, "amount": -2990,
    }  # fmt: skip
    return Case(**(told | more))


@dataclass
class Desk:
    """Who may do what is the desk's own rule, and so is what it refuses."""

    cases_: dict[int, Case] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    asked: list[tuple[str, int | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        settled = {"fact_state": "settled", "name": "Order Completed", "fact_id": 101}
        self.cases_ = {
            1: case(1),
            2: case(2, "points_short", **settled),
            3: case(
                3, "no_such_code", person_id=None, org_unit_id=None, amount=None, order_key=None, **settled
            ),
        }

    may_see = staticmethod(desk.may_see)
    may_act = staticmethod(desk.may_act)

    def kinds(self, actor: Actor) -> list[Kind]:
        self._require(desk.may_see(actor))
        codes = [c.code for c in self.cases_.values() if c.state == "open"]
        return [Kind(code, codes.count(code), NOON) for code in dict.fromkeys(codes)]

    def cases(
        self, actor: Actor, *, code: str = "", before: int | None = None, limit: int = 50
    ) -> list[Case]:
        self._require(desk.may_see(actor))
        self.asked.append((code, before))
        found = [c for c in reversed(self.cases_.values()) if c.state == "open" and code in {"", c.code}]
        return [c for c in found if before is None or c.id < before][:limit]

    def case(self, actor: Actor, exception_id: int) -> Case:
        self._require(desk.may_see(actor) and exception_id in self.cases_)
        return self.cases_[exception_id]

    def mend(self, exception_id: int, *, reason: str, actor: Actor) -> Case:
        self._require(desk.may_act(actor) and exception_id in self.cases_)
        that = self.cases_[exception_id]
        if not reason.strip():
            raise desk.ReasonMissing
        if that.state == "mended":
            raise desk.AlreadyMended
        self.cases_[exception_id] = that._replace(state="mended")
        self.steps.append(Step(NOON, "exception.mended", actor.name, reason))
        return that

    def retried(self, exception_id: int, *, actor: Actor) -> bool:
        that = self.cases_[exception_id]
        self.steps.append(Step(NOON, "exception.retried", actor.name, that.fact_state))
        if that.fact_state == "settled":
            self.cases_[exception_id] = that._replace(state="mended")
        return that.fact_state == "settled"

    def trail(self, actor: Actor, exception_id: int) -> list[Step]:
        return self.steps

    def place_of(self, fact_id: int) -> Place | None:
        return Place(7, False, [1])

    def _require(self, allowed: bool) -> None:
        if not allowed:
            raise NotFound


@dataclass
class River:
    """`comes`: whether the parent has come by the time one tries again."""

    desk: Desk
    comes: bool = False
    settled: list[int] = field(default_factory=list)

    def settle(self, fact_ids: Sequence[int], *, actor: Actor) -> list[object]:
        self.settled += fact_ids
        if self.comes:
            for key, that in self.desk.cases_.items():
                if that.fact_id in fact_ids:
                    self.desk.cases_[key] = that._replace(fact_state="settled")
        return []
