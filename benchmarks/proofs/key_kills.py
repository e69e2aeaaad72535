"""Keys of contacts changed by a command that is killed again and again (SIGKILL), and the old ones thrown away."""

from __future__ import annotations

import base64
import hmac
import json
import os
import random
import re
import signal
import subprocess
from typing import Any

from benchmarks.result import Claims, Result
from benchmarks.scratch import Home, scratch_home

NAME = "key_kills"
TITLE = "Keys of contacts are changed though the command is killed over and over; every contact is found, no old hash is left."

PEOPLE, MOST_KILLS = 12_000, 12


def run(seed: int, *, people: int = PEOPLE) -> Result:
    claims, chosen = Claims(), random.Random(seed)
    with scratch_home(NAME) as home:
        file = home.path / "people.csv"
        rows = "".join(f"VIP{n},139{n:08d},王{n}\n" for n in range(1, people + 1))
        file.write_text(f"会员卡号,手机号,姓名\n{rows}", encoding="utf-8-sig")
        home.run("import", "people", str(file), "--json")
        before = _owners(home, people)
        claims.equal("contacts found before", len(before), people)
        lookup = _keys(home)["lookup"]
        steps = [_killed(home, chosen.uniform(2, 9)) for _ in range(MOST_KILLS)]
        last = home.told("keys", "rotate", "--json")
        claims.at_least("kills that struck a running command", sum(steps), 3)
        claims.equal("nothing is of the old generation", last["clean"], True)
        home.run("keys", "retire", "--yes")
        claims.equal(
            "every contact is found, and is the same person's", _owners(home, people) == before, True
        )
        claims.equal(
            "identifiers", home.row("select count(*) from identifier where kind = 'phone'")[0], people
        )
        claims.equal("old hashes in a dump of all tables", _old_hashes(home, lookup, people), 0)
        claims.equal("persons", home.row("select count(*) from person")[0], people)
    return Result({"claims": claims.made, "kills": sum(steps), "people": people}, claims.hold)


def _keys(home: Home) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads((home.path / "secrets" / "keys.json").read_text(encoding="utf-8"))
    return kept


def _hashes(lookup: str, people: int) -> dict[str, int]:
    key = base64.b64decode(lookup)
    return {hmac.digest(key, f"+86139{n:08d}".encode(), "sha256").hex()[:32]: n for n in range(1, people + 1)}


def _owners(home: Home, people: int) -> dict[int, int]:
    """Each number to its person, found as a door finds it: by the hash of the keys in force."""
    numbers = _hashes(_keys(home)["lookup"], people)
    rows = home.rows("select key, person_id from identifier where kind = 'phone'")
    return {numbers[key]: person for key, person in rows if key in numbers}


def _killed(home: Home, seconds: float) -> bool:
    """Whether the command was still running when it was struck."""
    running = home.start("keys", "rotate", log=home.path / "rotate.log")
    try:
        running.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        return True
    return False


def _old_hashes(home: Home, lookup: str, people: int) -> int:
    old = _hashes(lookup, people)
    tables = home.rows(_TABLES)
    found = 0
    with home.connect() as connection, connection.cursor() as cursor:
        for (name,) in tables:
            with cursor.copy(f"copy (select * from {name}) to stdout".encode()) as rows:
                for part in rows:
                    found += sum(one in old for one in re.findall(r"[0-9a-f]{32}", bytes(part).decode()))
    return found


_TABLES = """
select schemaname || '.' || quote_ident(tablename) from pg_tables where schemaname in ('public', 'lake')
"""
