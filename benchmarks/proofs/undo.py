"""A month's import, amid others and with its points spent since, is taken back; a history without it is the same."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks import journey
from benchmarks.machine import REPOSITORY
from benchmarks.result import Claims, Result
from benchmarks.scratch import HUOSHUI, CommandFailed, Home, scratch_home

NAME = "undo"
TITLE = "An import taken back, killed twice on the way, leaves what a history without it leaves."

POINTS, CARDS, KILLS = 400, 600, 2
QUESTIONS = (
    ("sales", "--by", "day"),
    ("sales", "--by", "store"),
    ("rfm",),
    ("grade",),
    ("groups",),
)
# Each row by what it is known by: ids differ between two histories
STATES = {
    "orders": """
        select s.order_key, s.amount, s.refunded, s.discount, s.line_count, s.status, u.code, s.business_day, c.card
        from sale s left join org_unit u on u.id = s.org_unit_id
        left join (select person_id, min(key) as card from identifier where kind = 'card_no' group by 1) c using (person_id)""",
    "persons": """
        select i.kind, i.key, coalesce(p.spend, 0) as spend, coalesce(p.rank, 0) as rank, (
            select coalesce(sum(balance), 0) from account a
            where a.unit = 'points' and a.owner_kind = 'person' and a.owner_id = i.person_id) as points
        from identifier i left join tier_progress p using (person_id)""",
    "stock": """
        select u.code, k.code as sku, s.on_hand_milli - s.shortage_milli as on_hand from stock s
        join org_unit u on u.id = s.org_unit_id join sku k on k.id = s.sku_id
        where s.on_hand_milli - s.shortage_milli <> 0""",
    "cards": """
        select card_no, tier, points, grade, frequency, ticket, orders, spend, first_sale_at, last_sale_at
        from person_card""",
}
# What else moved: of facts that were neither taken back, nor did so, nor were told again
LEDGER = """
select f.client_key, sum(case when a.id = t.to_account_id then t.amount else -t.amount end)::bigint as points
from transfer t join fact f on f.id = t.fact_id
join account a on a.id in (t.from_account_id, t.to_account_id) and a.owner_kind = 'person'
where t.unit = 'points' and not exists (select from fact_withdrawn w where t.fact_id in (w.fact_id, w.retold_id))
group by 1
"""


aborted: list[str] = []
"""Commands that were aborted at their exit, after they had told what they did."""


def run(seed: int, *, months: int = 3, undone: int = 2) -> Result:
    claims = Claims()
    files = journey.files(months)
    with scratch_home(f"{NAME}-without") as home:
        _before(home, files)
        for n, file in enumerate(files.sales, 1):
            if n != undone:
                _sales(home, file)
        _spend(home)
        wanted, asked, ledger = _states(home), _answers(home), _digest(home, LEDGER)
    with scratch_home(NAME) as home:
        _before(home, files)
        runs = [_sales(home, file) for file in files.sales]
        _spend(home)
        whole = _states(home)
        figures = _undo(home, runs[undone - 1]["run_id"], claims)
        found, answered = _states(home), _answers(home)
        for name, digest in wanted.items():
            claims.equal(f"{name} are those of a history without it", found[name], digest)
        claims.equal("the import had changed the orders", whole["orders"] != wanted["orders"], True)
        for question, answer in asked.items():
            claims.equal(f"{question} is answered the same", answered[question] == answer, True)
        claims.equal("points that other facts moved", _digest(home, LEDGER), ledger)
        claims.equal("audit is clean", home.told("audit", "--json")["clean"], True)
        again = _sales(home, files.sales[undone - 1])
        claims.equal("the same file is news", again["counts"]["new"], runs[undone - 1]["counts"]["new"])
        claims.equal("and then all is as it was", _states(home)["orders"], whole["orders"])
    figures |= {"aborted at their exit": aborted, "states": wanted, "months": months, "undone": undone}
    return Result({"claims": claims.made, **figures}, claims.hold)


def _before(home: Home, files: journey.Files) -> None:
    for kind in ("stores", "products", "people"):
        _told(home, "import", kind, *map(str, files.of(kind)), "--json")


def _sales(home: Home, file: Path) -> dict[str, Any]:
    return _told(home, "import", "sales", str(file), "--json")


def _told(home: Home, *command: str) -> dict[str, Any]:
    """A process with threads of libraries may be aborted at its very exit, all its work done and told (see `aborted`)."""
    done = subprocess.run(
        [str(HUOSHUI), *command],
        env=home.environment,
        cwd=home.path,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == -signal.SIGABRT and "terminate called without an active exception" in done.stderr:
        aborted.append(" ".join(command[:2]))
    elif done.returncode:
        raise CommandFailed(f"{' '.join(command)}: {done.returncode}\n{done.stderr[-2000:]}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _spend(home: Home) -> None:
    """The same customers each pay with the same points, whatever they have; what is short is a debt."""
    cards = home.path / "cards.txt"
    rows = home.rows(
        f"select key from identifier where kind = 'card_no' order by hashtext(key), key limit {CARDS}"
    )
    cards.write_text("\n".join(key for (key,) in rows), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.spend_once", "--cards", str(cards), "--points", str(POINTS)]
    subprocess.run(command, env=home.environment, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)


def _undo(home: Home, run_id: int, claims: Claims) -> dict[str, Any]:
    """Killed in the middle of it, and told to go on."""
    command = [str(HUOSHUI), "undo", str(run_id), "--reason", "证明：导错了一个月", "--json"]
    kills = []
    for nth in range(1, KILLS + 1):
        process = subprocess.Popen(
            command,
            env=home.environment,
            cwd=home.path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        kills.append(_kill_amid(home, process, run_id, nth))
    claims.equal("kills that struck in the middle", kills, sorted(kills))
    started = time.monotonic()
    told = home.told(*command[1:])
    before = _counted(home)
    home.told(*command[1:])
    claims.equal("done twice is done once", _counted(home), before)
    claims.equal(
        "all of the import's facts are taken back", told["done"]["facts"] >= told["before"]["orders"], True
    )
    claims.at_least("points that stay as a debt", told["done"]["points_owed"], 1)
    return {
        "undo": told,
        "facts withdrawn at each kill": kills,
        "seconds of the last run": round(time.monotonic() - started, 1),
    }


def _kill_amid(home: Home, process: subprocess.Popen[bytes], run_id: int, nth: int) -> int:
    """When another part of it is done. Returns how many facts had been taken back."""
    patience = time.monotonic() + 600
    first = _withdrawn(home, run_id)
    while process.poll() is None and time.monotonic() < patience:
        if _withdrawn(home, run_id) > first + 400 * nth:
            break
        time.sleep(0.05)
    assert process.poll() is None, "it ended before it could be killed"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return _withdrawn(home, run_id)


def _withdrawn(home: Home, run_id: int) -> int:
    found = home.row(
        "select count(*) from fact_withdrawn where run_id = %s and by_fact_id is not null", run_id
    )
    return int(found[0])


def _counted(home: Home) -> tuple[Any, ...]:
    return home.row("select (select count(*) from fact), (select count(*) from transfer)")


def _states(home: Home) -> dict[str, str]:
    return {name: _digest(home, query) for name, query in STATES.items()}


def _digest(home: Home, query: str) -> str:
    rows, digest = home.row(
        f"select count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text from ({query}) t"
    )
    return f"{rows} {digest}"


def _answers(home: Home) -> dict[str, Any]:
    found = {}
    for question in QUESTIONS:
        told = home.told("ask", *question, "--json")
        # A day or store of which all was taken back stands in the table with nothing in it
        found[" ".join(question)] = [row for row in told["rows"] if row.get("orders", 1)]
    return found
