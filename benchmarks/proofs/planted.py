"""Planted truths ④ ⑥ ⑦ ⑨ ⑩ of the demo world are found by the product and named, and nobody else is.

The world is built from its files through the doors, with three seeds; what is found is asked of the rooms' doors by an actor
of head office. Only this law reads the truth file. The control is the same world without these truths.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, Final

from benchmarks import scratch
from benchmarks.result import Claims, Result

NAME = "planted"
TITLE = "The cheating dealer, holiday customers, few new hands, coupon hunters and the shop tablet are named, and nobody else."

PEOPLE, LAST = 6_000, "2026-11-25"
DEFAULT, OTHER = 1, 11
TRUTHS: Final = (4, 6, 7, 9, 10)
HOLIDAY_FOUND, HOLIDAY_TRUE, HANDS_FOUND = 0.75, 0.75, 0.35


def run(seed: int) -> Result:
    claims, figures = Claims(), {}
    for one in dict.fromkeys((DEFAULT, OTHER, seed)):
        figures[f"seed {one}"] = _world(one, claims, without=())
    figures["control"] = _world(DEFAULT, claims, without=TRUTHS)
    return Result({"claims": claims.made, **figures}, claims.hold, _NOTES)


_NOTES = (
    "found and true: shares of planted customers that are named, and of named customers that are planted.",
    "Stores of few new hands are named only where their own orders suffice: the share grows with the world.",
    "Shares of new hands come from first days at work; of two people they are 0, 50 or 100 %: ratios are blurred.",
)


def _world(seed: int, claims: Claims, *, without: tuple[int, ...]) -> dict[str, Any]:
    name = f"{'control ' if without else ''}{seed}"
    with scratch.scratch_home(NAME) as home:
        command = [sys.executable, "-m", "benchmarks.planted_world", str(seed), ",".join(map(str, without))]
        done = subprocess.run(command, env=home.environment, capture_output=True, text=True)
        if done.returncode:
            raise scratch.CommandFailed(f"{' '.join(command)}\n{done.stderr[-3000:]}")
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        path = home.path / "demo" / "suyu" / "真相.json"
        truth = json.loads(path.read_text(encoding="utf-8"))["truths"]
    (_nothing if without else _compared)(name, told, truth, claims)
    return {k: v for k, v in told.items() if k not in ("holiday_cards", "family_cards")} | {
        "cards": len(told["holiday_cards"])
    }


def _compared(name: str, told: dict[str, Any], truth: dict[str, Any], claims: Claims) -> None:
    claims.equal(f"{name}: ④ dealers named", told["dealers"], [truth["4"]["dealer"]])
    claims.equal(f"{name}: ④ its device", told["dealer_devices"], [truth["4"]["device"]])
    claims.equal(f"{name}: ⑨ devices named", told["hunters"], sorted(truth["9"]["devices"]))
    claims.equal(f"{name}: ⑨ accounts", told["hunter_accounts"], truth["9"]["accounts"])
    claims.equal(f"{name}: ⑩ devices named", told["crowds"], [truth["10"]["device"]])
    claims.equal(f"{name}: ⑩ its store", told["crowd_stores"], [truth["10"]["store"]])
    families = {frozenset(map(str, f)) for f in truth["10"]["families_of"]}
    told_families = {frozenset(map(str, f)) for f in told["family_cards"]}
    claims.equal(f"{name}: ⑩ families not found", len(families - told_families), 0)
    claims.equal(f"{name}: ⑩ families named falsely", len(told_families - families), 0)
    _holiday(name, told, truth["6"], claims)
    low, named = set(truth["7"]["stores"]), set(told["few_hands"])
    claims.equal(f"{name}: ⑦ stores named falsely", sorted(named - low), [])
    claims.at_least(f"{name}: ⑦ share of stores named", len(named & low) / len(low), HANDS_FOUND)
    claims.at_most(f"{name}: ⑦ known, against others", told["known"]["times"], 0.75)
    claims.at_most(f"{name}: ⑦ known, against others, at most", told["known"]["high"], 0.9)
    claims.at_most(f"{name}: ⑦ tool, against others", told["uses"]["times"], 0.5)


def _holiday(name: str, told: dict[str, Any], truth: dict[str, Any], claims: Claims) -> None:
    claims.equal(f"{name}: ⑥ spans named", len(told["spans"]), 1)
    claims.equal(f"{name}: ⑥ the day lies in it", _within(told["spans"], truth["spring_festival"]), True)
    planted, found = set(map(str, truth["members"])), set(told["holiday_cards"])
    claims.at_least(f"{name}: ⑥ found", len(found & planted) / len(planted), HOLIDAY_FOUND)
    claims.at_least(f"{name}: ⑥ true", len(found & planted) / max(1, len(found)), HOLIDAY_TRUE)


def _within(spans: list[list[str]], day: str) -> bool:
    return any(first <= day <= last for first, last in spans)


def _nothing(name: str, told: dict[str, Any], _truth: dict[str, Any], claims: Claims) -> None:
    for what in ("dealers", "hunters", "crowds", "spans", "few_hands", "family_cards"):
        claims.equal(f"{name}: {what}", told[what], [])
