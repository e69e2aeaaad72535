"""Ten million identifiers: clustered at once, and ten thousand more settled among them."""

from __future__ import annotations

import json
from typing import Any

from benchmarks import based
from benchmarks.result import Claims, Result
from benchmarks.scratch import Home, python, scratch_home

NAME = "clusters"
TITLE = "10 M identifiers are clustered within 3 × scipy's time and 4 GB; 10,000 more settle on them in under 1 s."

NODES = 10_000_000
TIMES, MOST_MB, SECONDS = 3.0, 4096, 1.0


def run(seed: int, *, nodes: int = NODES) -> Result:
    claims = Claims()
    arrays = _told("benchmarks.clustered", seed, nodes)
    claims.equal("the same partition as scipy's", arrays["is_same_partition"], True)
    claims.equal("each is named after its smallest", arrays["is_smallest"], True)
    claims.at_most("times scipy's processor time, on ready arrays", arrays["ratio"], TIMES)
    claims.at_most("memory at its peak, MB", arrays["peak_mb"], MOST_MB)
    with scratch_home(NAME) as home:
        home.empty()
        based.fill(home, nodes // 2)
        base = dict(zip(("identifiers", "links", "clustered"), home.row(_BASE), strict=True))
        claims.at_least("identifiers in the base", base["identifiers"], nodes)
        batches = _told("benchmarks.settled_once", seed, nodes // 2, home=home)
        links = home.row("select count(*) from link where fact_id is not null")[0]
        claims.at_least("links that the batches made", links, 1)
        slowest = max(batch["wall_seconds"] for batch in batches)
        claims.at_most("seconds for the slowest batch of 10,000 identifiers", slowest, SECONDS)
        busiest = max(batch["python_cpu_seconds"] + batch["postgres_cpu_seconds"] for batch in batches)
        claims.at_most("processor seconds for the busiest batch", round(busiest, 3), SECONDS)
        audit = home.told("audit", "--json")["clusters"]
        claims.equal("stored clusters that the links do not say", audit["wrong"], 0)
    return Result(
        {"claims": claims.made, "arrays": arrays, "base": base, "batches": batches, "links made": links},
        claims.hold,
        notes=(
            "The product's own clustering is scipy's connected_components on 32-bit ends, and the smallest of each component.",
            "Ratio: the best of three turns each, processor time. Memory: the whole process while it clusters.",
            "A batch is 5,000 facts with two identifiers each; it resolves, links, clusters, marks them settled and commits.",
        ),
    )


_BASE = "select (select count(*) from identifier), (select count(*) from link), (select count(*) from person_cluster)"


def _told(module: str, *arguments: int, home: Home | None = None) -> Any:
    """What a module prints, run in a process of its own."""
    environment = home.environment if home else None
    return json.loads(python("-m", module, *map(str, arguments), environment=environment))
