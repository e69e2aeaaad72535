"""Fifty at once, over HTTP, for what only some can have; and each time the control, with its lock taken out.

Three processes of `huoshui serve` answer: one process settles together what waits in it, so only several race. A control is the
product's own application served by `benchmarks.broken`: the statement that locks runs without its lock, a pause lies between
reading and writing, and constraints of the table that would still stand in the way are dropped in the scratch database. It
must give what is not there, or the race proves nothing.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from benchmarks.result import Claims, Result
from benchmarks.scratch import Home, scratch_home

NAME = "races"
TITLE = "Fifty at once over HTTP have exactly what is there; without its lock each race oversells."

ROUNDS = 20
OVERSOLD = 3  # rounds after which a control has shown enough
WORKERS = 3


def run(seed: int, *, rounds: int = ROUNDS) -> Result:
    """Nothing is left to chance but who comes first, so the seed does nothing here."""
    claims = Claims()
    with scratch_home(NAME) as home:
        _set_up(home)
        figures = _race(home, rounds, claims)
    return Result({"claims": claims.made, **figures}, claims.hold, (_NOTE,))


_NOTE = (
    "peers: what the same races did there (in process or over GraphQL, 4 to 8 buyers at once), or what their code and their"
    " threads say. Not like for like: ours are fifty over HTTP."
)


def _set_up(home: Home) -> None:
    home.adopt_process()
    from huoshui.project import boot

    boot.boot("river", with_owner=True)
    boot.migrate_if_needed()


def _race(home: Home, rounds: int, claims: Claims) -> dict[str, Any]:
    from benchmarks import counter, races
    from benchmarks.crowd import crowd

    place = counter.open_place(home)
    kinds = races.kinds(races.open_crowd(place))
    found: dict[str, dict[str, Any]] = {}
    with (
        counter.serving(home, workers=WORKERS) as port,
        crowd(port, place.token, races.CLIENTS) as callers,
    ):
        for kind in kinds:
            seen = [races.raced(place, kind, callers, f"{_slug(kind.name)}-{n}") for n in range(rounds)]
            found[kind.name] = {"about": kind.about, **_summed(seen), "peers": kind.peers}
            _claim(claims, kind.name, seen)
            print(kind.name, found[kind.name], flush=True)
    audit = home.told("audit", "--json")
    claims.equal("audit is clean", audit["clean"], True)
    for kind in kinds:
        found[kind.name]["control"] = control = _control(home, place, kind)
        claims.at_least(
            f"{kind.name}: sold without its lock, beyond what is there", control["most beyond"], 1
        )
        print(kind.name, control, flush=True)
    return {"clients": races.CLIENTS, "rounds": rounds, "processes": WORKERS, "races": found, "audit": audit}


def _control(home: Home, place: Any, kind: Any) -> dict[str, Any]:
    from benchmarks import counter, races
    from benchmarks.crowd import crowd

    for statement in kind.last_defence:
        with home.connect() as connection:
            connection.execute(statement)
    with (
        counter.serving(home, workers=WORKERS, broken=kind.name) as port,
        crowd(port, place.token, races.CLIENTS) as callers,
    ):
        seen: list[dict[str, Any]] = []
        while len(seen) < ROUNDS and sum(one["had"] > one["there"] for one in seen) < OVERSOLD:
            seen.append(races.raced(place, kind, callers, f"no-{_slug(kind.name)}-{len(seen)}"))
    return {**_summed(seen), "dropped": list(kind.last_defence)}


def _slug(name: str) -> str:
    return name.replace(" ", "-")


def _claim(claims: Claims, name: str, seen: list[dict[str, Any]]) -> None:
    there = [one["there"] for one in seen]
    claims.equal(f"{name}: had, round by round", [one["had"] for one in seen], there)
    claims.equal(f"{name}: acknowledged, round by round", [one["acknowledged"] for one in seen], there)
    answers = {what for one in seen for what in one["told"] if what[:3] not in ("201", "422")}
    claims.equal(f"{name}: answers that are neither had nor refused", sorted(answers), [])


def _summed(seen: list[dict[str, Any]]) -> dict[str, Any]:
    told: Counter[str] = Counter()
    for one in seen:
        told += Counter(one["told"])
    return {
        "rounds": len(seen),
        "there": sum(one["there"] for one in seen),
        "had": sum(one["had"] for one in seen),
        "had in each": [one["had"] for one in seen],
        "most beyond": max(one["had"] - one["there"] for one in seen),
        "told": dict(told.most_common()),
    }
