"""Fuzzy matching beside a plain Splink model on FEBRL 4; on Chinese look-alikes whose truth is known; how it grows; and, where
Spark is installed, that a cluster of two executors finds the same."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from typing import Any

import pyarrow as pa

from benchmarks import febrl
from benchmarks.lookalikes import World, world
from benchmarks.machine import REPOSITORY
from benchmarks.result import Claims, Result
from huoshui.people.matching import comparing, rules
from huoshui.people.matching.splinking import Desk
from huoshui.people.matching.types import Scored

NAME = "matching"
TITLE = (
    "Who is one is found: F1 on FEBRL 4 at least a plain Splink model's, precision of 0.99 where nobody looks, and pairs that"
    " grow with the people."
)

SIZES = (100_000, 1_000_000)
LOOKALIKES = 40_000
CERTAIN = 1_000
PRECISION = 0.99
AIMED_AT = 0.995  # on the half the threshold is chosen by, so that the other half keeps PRECISION
MB_AT_MOST = 4_096
SPARK, ON_SPARK = "local-cluster[2,1,1024]", 2_000


def run(seed: int, *, lookalikes: int = LOOKALIKES, sizes: tuple[int, ...] = SIZES) -> Result:
    claims = Claims()
    figures = {
        "febrl 4": _febrl(claims),
        "chinese": _chinese(claims, seed, lookalikes),
        "growth": _growth(claims, seed, sizes),
        "spark": _spark(claims, seed) if importlib.util.find_spec("pyspark") else "not installed",
    }
    return Result({"claims": claims.made, **figures}, claims.hold)


def _febrl(claims: Claims) -> dict[str, Any]:
    """The threshold of each model is the one that serves it best on half of the people; F1 is that of the other half, and the
    mean of both ways round."""
    rows, truth = febrl.records()
    figures: dict[str, Any] = {"pairs that are one": len(truth)}
    halves = [{p for place, p in enumerate(sorted(truth)) if place % 2 == half} for half in (0, 1)]
    for name, model in (("ours", febrl.ours), ("plain", febrl.plain)):
        scored = model(rows)
        inside = [_among({n for pair in half for n in pair}, scored) for half in halves]
        chosen = [febrl.best(some, half) for some, half in zip(inside, halves, strict=True)]
        asked = [
            febrl.f1((p for p, x in inside[1 - k].items() if x >= chosen[k]), halves[1 - k]) for k in (0, 1)
        ]
        figures[name] = {
            "thresholds": chosen,
            "f1": round((asked[0]["f1"] + asked[1]["f1"]) / 2, 5),
            "halves": asked,
            "of all at 0.5": febrl.f1((p for p, x in scored.items() if x >= 0.5), truth),
            "of all that are one, compared": len(set(scored) & truth),
        }
    ours, plain = figures["ours"], figures["plain"]
    claims.at_least("F1 on FEBRL 4, half of the people", ours["f1"], plain["f1"])
    claims.at_least("F1 on FEBRL 4, all, at 0.5", ours["of all at 0.5"]["f1"], plain["of all at 0.5"]["f1"])
    return figures


def _among(people: set[int], scored: dict[febrl.Pair, float]) -> dict[febrl.Pair, float]:
    return {p: x for p, x in scored.items() if p[0] in people and p[1] in people}


def _chinese(claims: Claims, seed: int, size: int) -> dict[str, Any]:
    """Households stand on one side or the other: half of them train the model and choose the threshold, half are asked."""
    alike = world(seed, records=size)
    trains = {place + 1 for place, house in enumerate(alike.households) if house % 2 == 0}
    truth = alike.pairs()
    known = {p for p in truth if p[0] in trains}
    people = comparing.columns(alike.told)
    certain = sorted(known)[:CERTAIN]
    pairs = pa.table({"person_a": [a for a, _ in certain], "person_b": [b for _, b in certain]})
    desk = Desk(people)
    try:
        model = desk.learn(pairs, people)
        scored = list(desk.score(model, at_least=0.5))
    finally:
        desk.close()
    mine = [s for s in scored if s.person_a in trains and s.person_b in trains]
    asked = [s for s in scored if s.person_a not in trains or s.person_b not in trains]
    judged = [
        rules.Judged(s.probability, (s.person_a, s.person_b) in truth)
        for s in mine
        if rules.links_itself(s.levels)
    ]
    at = rules.threshold(judged, precision=AIMED_AT)
    linked = [s for s in asked if rules.links_itself(s.levels) and at is not None and s.probability >= at]
    shown = [s for s in asked if not rules.held_back(s.levels)]
    sought = truth - known
    alone, looked_at, unruled = (_measured(x, sought) for x in (linked, shown, asked))
    claims.at_least("precision where nobody looks", alone["precision"], PRECISION)
    claims.at_least("pairs joined where nobody looks", alone["pairs"], 100)
    claims.equal("the model learned from certain pairs", model.how, "pairs")
    return {
        "records": size,
        "pairs that are one, on the side asked": len(sought),
        "threshold": at,
        "where nobody looks": alone,
        "shown for review at 0.5": looked_at,
        "without the rules, at 0.5": unruled,
        "what the rules hold back": _held(asked, alike, truth),
        "certain pairs": model.pairs,
    }


def _spark(claims: Claims, seed: int) -> dict[str, Any]:
    """The same people and the same model, scored by DuckDB and by Spark."""
    alike = world(seed, records=ON_SPARK)
    people = comparing.columns(alike.told)
    told: dict[str, dict[tuple[int, int], Scored]] = {}
    compared: dict[str, int] = {}
    model = None
    for engine in ("duckdb", SPARK):
        desk = Desk(people, engine=engine)
        try:
            model = model or desk.learn()
            told[engine] = {(s.person_a, s.person_b): s for s in desk.score(model, at_least=0.3)}
            compared[engine] = desk.compared
        finally:
            desk.close()
    ours, theirs = told["duckdb"], told[SPARK]
    other_steps = sum(ours[pair].steps != theirs[pair].steps for pair in ours.keys() & theirs.keys())
    claims.at_least("pairs found by DuckDB, of which Spark is asked", len(ours), 100)
    claims.equal("pairs that Spark alone or DuckDB alone finds", len(ours.keys() ^ theirs.keys()), 0)
    claims.equal("pairs compared by Spark", compared[SPARK], compared["duckdb"])
    claims.equal("pairs whose levels or bits differ", other_steps, 0)
    return {"people": ON_SPARK, "pairs compared": compared["duckdb"], "pairs at 0.3 or more": len(ours)}


def _measured(found: list[Scored], truth: set[tuple[int, int]]) -> dict[str, Any]:
    right = sum((s.person_a, s.person_b) in truth for s in found)
    return {
        "pairs": len(found),
        "precision": round(right / max(len(found), 1), 4),
        "recall": round(right / max(len(truth), 1), 4),
    }


def _held(scored: list[Scored], alike: World, truth: set[tuple[int, int]]) -> dict[str, dict[str, int]]:
    """Reason → how many pairs, how many of them one household's and not one human's, how many one human's."""
    told: dict[str, dict[str, int]] = {}
    for s in scored:
        if reason := rules.held_back(s.levels):
            counts = told.setdefault(reason, {"pairs": 0, "one household": 0, "one human": 0})
            is_one = (s.person_a, s.person_b) in truth
            counts["pairs"] += 1
            counts["one human"] += is_one
            together = alike.households[s.person_a - 1] == alike.households[s.person_b - 1]
            counts["one household"] += together and not is_one
    return told


def _growth(claims: Claims, seed: int, sizes: tuple[int, ...]) -> list[dict[str, Any]]:
    told = []
    for size in sizes:
        command = [
            sys.executable,
            "-m",
            "benchmarks.matching_once",
            "--people",
            str(size),
            "--seed",
            str(seed),
        ]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        told.append(json.loads(done.stdout.splitlines()[-1]))
        claims.at_most(f"MB at most, {size:,} people", told[-1]["MB at most"], MB_AT_MOST)
    few, many = told[0], told[-1]
    print("pairs a person:", {t["people"]: t["pairs a person"] for t in told}, file=sys.stderr)
    claims.at_most(
        "pairs a person, times those of the fewest", many["pairs a person"] / few["pairs a person"], 1.5
    )
    claims.at_most("pairs a person, most people", many["pairs a person"], 10)
    return told
