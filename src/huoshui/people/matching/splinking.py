"""Splink (Fellegi–Sunter), and all that knows it. It is imported where it runs: a web process never does.

What a model is learned from is a sample, and DuckDB has it; pairs are scored by DuckDB too, or by Spark (`sparking`).

`Desk` holds people in a DuckDB of its own with the keys by which they are compared, from which it learns a model and scores
pairs. What a brand's pairs say is weighed with what `rules` says before them, as if that had been seen in `_BEFORE` pairs: a
level that sixty pairs happen not to show is not impossible.
"""

from __future__ import annotations

import contextlib
import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from huoshui.core.spark import is_master, session
from huoshui.people.matching import rules
from huoshui.people.matching.types import Model, Scored, Step

LEAST_PAIRS = 50  # certain pairs from which m is learned; below, EM
LEAST_PEOPLE = 2_000  # below, EM learns nothing that holds
_BEFORE_M, _BEFORE_U = 20, 20
LEAST_FOR_RARITY = 500  # below, how often a name occurs here says nothing of how rare it is
_SAMPLED = 1_000_000
_EM_RULES = ("b_birthday", "b_number_area", "b_name")
# Of those who are one, how many have the same whole name and birthday, where both are told
_RECALL_OF_NAME_AND_BIRTHDAY = 0.5


class Desk:
    """People laid out side by side; `people` as `comparing.columns` gives them. `engine` as HUOSHUI_ENGINE: where it is Spark's
    word, Spark scores."""

    def __init__(
        self, people: pa.Table, *, memory: str = "2GB", seed: int = 5, engine: str = "duckdb"
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="huoshui-matching-")
        place = Path(self._folder.name)
        self._con = duckdb.connect(str(place / "people.duckdb"))
        self._con.execute(f"set memory_limit = '{memory}'; set temp_directory = '{place / 'spill'}'")
        self._con.execute("set preserve_insertion_order = false")
        self._seed, self.persons, self._engine = seed, people.num_rows, engine
        self.compared = 0  # pairs, once they were scored
        self.oversized = _lay_out(self._con, people)  # key → people of whom too many have the same

    def close(self) -> None:
        self._con.close()
        self._folder.cleanup()

    def candidates(self) -> dict[str, int]:
        """How many pairs each key adds that the keys before it have not; none of the larger blocks is in it."""
        from splink import block_on
        from splink.blocking_analysis import count_comparisons_from_blocking_rules

        api = self._api()
        people = api.register(self._con.table("people"))
        with _quiet():
            told = count_comparisons_from_blocking_rules(
                people,
                blocking_rules=[block_on(_key(b)) for b in rules.BLOCKS],
                link_type="dedupe_only",
                unique_id_column_name="person_id",
                record_sample_proportion=1.0,
            )
        return {
            block.name: int(row["marginal_comparison_count"])
            for block, row in zip(rules.BLOCKS, told, strict=True)
        }

    def learn(self, certain: pa.Table | None = None, witnesses: pa.Table | None = None) -> Model:
        """Learn from pairs that are certain: `witnesses` are people in the columns of `people` (each as he was known before
        he was joined), `certain` the pairs (person_a, person_b) among them."""
        pairs = certain.num_rows if certain is not None else 0
        how = "pairs" if pairs >= LEAST_PAIRS else "em" if self.persons >= LEAST_PEOPLE else "house"
        one_in = self._prior()
        m: dict[str, dict[str, float]] = {}
        u: dict[str, dict[str, float]] = {}
        weight = 0.0
        if how != "house":
            with _quiet():
                linker = self._linker(self._con.table("people"), settings(None))
                linker.training.estimate_u_using_random_sampling(
                    max_pairs=_SAMPLED, seed=self._seed, min_count_per_level=None
                )
                u = _learned(linker, "u_probability")
                # EM has seen something of as many pairs as it believes to be one
                weight = float(pairs) if how == "pairs" else self.persons**2 / 2 / one_in
                m = self._from_pairs(certain, witnesses) if how == "pairs" else self._by_maximising(linker)
        sampled = float(min(_SAMPLED, self.persons**2 / 2))
        return Model(_weighed(m, weight, "m"), _weighed(u, sampled, "u"), one_in, how, pairs, self.persons)

    def _prior(self) -> float:
        """Of how many pairs of people one is the same human, by those who have the same name and birthday."""
        found = self._con.execute(
            "select coalesce(sum(n * (n - 1) / 2), 0) from (select count(*) as n from people"
            " where b_name_birthday is not null group by b_name_birthday)"
        ).fetchone()
        assert found is not None
        every = self.persons * (self.persons - 1) / 2
        told = float(found[0]) / _RECALL_OF_NAME_AND_BIRTHDAY / max(every, 1)
        most = 1.0 / max(self.persons, 10)  # one partner for each would be a strange base already
        return float(1.0 / min(max(told, most / 100), most))

    def _from_pairs(
        self, certain: pa.Table | None, witnesses: pa.Table | None
    ) -> dict[str, dict[str, float]]:
        assert certain is not None and witnesses is not None
        _lay_out(self._con, witnesses, "witnesses")
        linker = self._linker(self._con.table("witnesses"), settings(None))
        labels = certain.rename_columns(["person_id_l", "person_id_r"])
        registered = linker.table_management.register_labels_table(self._api_of(linker).register(labels))
        linker.training.estimate_m_from_pairwise_labels(registered)
        return _learned(linker, "m_probability")

    def _by_maximising(self, linker: Any) -> dict[str, dict[str, float]]:
        from splink import block_on

        for key in _EM_RULES:
            seen = self._con.execute(
                f"select count(*) from (select 1 from people where {key} is not null group by {key} having count(*) > 1)"
            ).fetchone()
            if seen is not None and seen[0] >= 30:
                linker.training.estimate_parameters_using_expectation_maximisation(
                    block_on(key), fix_probability_two_random_records_match=True
                )
        return _learned(linker, "m_probability")

    def score(self, model: Model, *, at_least: float) -> Iterator[Scored]:
        """Every candidate pair that is at least so probable, the most probable first."""
        counts = self.persons >= LEAST_FOR_RARITY
        if is_master(self._engine):
            yield from self._by_spark(model, at_least=at_least, counts=counts)
            return
        with _quiet():
            linker = self._linker(self._con.table("people"), settings(model, counts_rarity=counts))
            blocked = linker.inference.compute_blocked_pairs_for_predict().as_duckdbpyrelation()
            self.compared = int(blocked.aggregate("count(*)").fetchall()[0][0])
            linker.inference.predict(threshold_match_probability=at_least).as_duckdbpyrelation().to_table(
                "scored"
            )
        reader = self._con.execute(asked("scored", counts=counts))
        while rows := reader.fetchmany(10_000):
            yield from map(scored, rows)
        self._con.execute("drop table scored")

    def _by_spark(self, model: Model, *, at_least: float, counts: bool) -> Iterator[Scored]:
        from huoshui.people.matching import sparking

        pieces = self._con.execute("select * from people").to_arrow_reader(sparking.PIECE)
        with _quiet(), sparking.laid_out(pieces, session(self._engine)) as table:
            self.compared = table.compare(model, at_least=at_least, counts=counts)
            yield from map(scored, table.rows(counts=counts))

    def _api(self) -> Any:
        from splink import DuckDBAPI

        return DuckDBAPI(connection=self._con)

    def _linker(self, relation: Any, settings: Any) -> Any:
        from splink import Linker

        api = self._api()
        return Linker(api.register(relation), settings, validate_settings=False)  # ours do not change

    @staticmethod
    def _api_of(linker: Any) -> Any:
        return linker._db_api


def asked(table: str, *, counts: bool) -> str:
    """The rows `scored` reads, of what Splink has told of pairs."""
    parts = ", ".join(
        f"gamma_{c.name}, mw_{c.name} + coalesce({_rarity(c, counts)}, 0) as bits_{c.name}"
        for c in rules.COMPARISONS
    )
    return (
        f"select person_id_l, person_id_r, match_probability, {parts} from {table}"
        " order by match_probability desc, person_id_l, person_id_r"
    )


def _rarity(comparison: rules.Comparison, counts: bool) -> str:
    return f"mw_tf_adj_{comparison.name}" if counts and any(x.rare for x in comparison.levels) else "0"


def _key(block: rules.Block) -> str:
    return f"b_{block.name}"


def _lay_out(con: duckdb.DuckDBPyConnection, people: pa.Table, name: str = "people") -> dict[str, int]:
    """A table with the keys of each person, without those that too many have. Returns key → people without it for that."""
    con.register("arrived", people)
    keys = ", ".join(f"{b.sql} as k_{b.name}" for b in rules.BLOCKS)
    con.execute(f"create or replace table {name} as select *, {keys} from arrived")
    con.unregister("arrived")
    oversized: dict[str, int] = {}
    for b in rules.BLOCKS:
        key = f"k_{b.name}"
        con.execute(
            f"create or replace temp table shared as select {key} as key, count(*) as n from {name}"
            f" where {key} is not null group by 1 having count(*) > 1"
        )
        found = con.execute(f"select coalesce(sum(n), 0) from shared where n > {b.cap}").fetchone()
        oversized[b.name] = int(found[0]) if found else 0
        con.execute(f"alter table {name} add column {_key(b)} varchar")
        con.execute(
            f"update {name} set {_key(b)} = {key} where {key} in (select key from shared where n <= {b.cap})"
        )
        con.execute(f"alter table {name} drop column {key}")
    return oversized


def settings(model: Model | None, *, counts_rarity: bool = True, spoken: Callable[[str], str] = str) -> Any:
    """`spoken`: DuckDB's conditions in the words of another engine."""
    from splink import SettingsCreator, block_on

    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="person_id",
        comparisons=[
            _comparison(c, model, counts_rarity=counts_rarity, spoken=spoken) for c in rules.COMPARISONS
        ],
        blocking_rules_to_generate_predictions=[block_on(_key(b)) for b in rules.BLOCKS],
        probability_two_random_records_match=1.0 / model.one_in if model else 0.0001,
        retain_matching_columns=True,  # else it keeps no levels either
        retain_intermediate_calculation_columns=True,
    )


def _comparison(
    comparison: rules.Comparison, model: Model | None, *, counts_rarity: bool, spoken: Callable[[str], str]
) -> Any:
    from splink import comparison_level_library as levels
    from splink import comparison_library as library

    made: list[Any] = [
        levels.CustomLevel(spoken(comparison.unknown), "unknown").configure(is_null_level=True)
    ]
    for level in comparison.levels:
        is_rest = level.sql == "else"
        one: Any = levels.ElseLevel() if is_rest else levels.CustomLevel(spoken(level.sql), level.code)
        m = model.m[comparison.name][level.code] if model else level.m
        u = model.u[comparison.name][level.code] if model else level.u
        one = one.configure(m_probability=m, u_probability=u, label_for_charts=level.code)
        if not comparison.is_learned:
            one = one.configure(fix_m_probability=True)
        if level.rare and counts_rarity:
            one = one.configure(
                tf_adjustment_column=level.rare,
                tf_adjustment_weight=1.0,
                tf_minimum_u_value=0.00001,
                disable_tf_exact_match_detection=True,
            )
        made.append(one)
    return library.CustomComparison(made, output_column_name=comparison.name)


def _learned(linker: Any, which: str) -> dict[str, dict[str, float]]:
    """comparison → level → what Splink has found; a level it has not seen is 0."""
    told = linker.misc.save_model_to_json()
    found: dict[str, dict[str, float]] = {}
    for comparison in told["comparisons"]:
        seen = {
            x["label_for_charts"]: x.get(which)
            for x in comparison["comparison_levels"]
            if not x.get("is_null_level")
        }
        found[comparison["output_column_name"]] = {
            code: value if isinstance(value, float) else 0.0 for code, value in seen.items()
        }
    return found


def _weighed(
    learned: Mapping[str, Mapping[str, float]], seen: float, which: str
) -> dict[str, dict[str, float]]:
    """What was learned of `seen` pairs beside what the house says before."""
    out: dict[str, dict[str, float]] = {}
    before = _BEFORE_M if which == "m" else _BEFORE_U
    for c in rules.COMPARISONS:
        house = {x.code: getattr(x, which) for x in c.levels}
        total = sum(house.values())
        mine = learned.get(c.name, {}) if which == "u" or c.is_learned else {}
        part = sum(mine.values())
        weight = seen if part > 0 else 0.0
        mixed = {
            code: (weight * mine.get(code, 0.0) / (part or 1) + before * p / total) / (weight + before)
            for code, p in house.items()
        }
        out[c.name] = mixed
    return out


def scored(row: Sequence[Any]) -> Scored:
    steps = []
    for place, c in enumerate(rules.COMPARISONS):
        gamma, bits = row[3 + 2 * place], row[4 + 2 * place]
        code = "" if gamma is None or gamma < 0 else c.levels[len(c.levels) - 1 - gamma].code
        steps.append(Step(c.name, code, round(float(bits or 0.0), 2) if code else 0.0))
    a, b = sorted((int(row[0]), int(row[1])))
    return Scored(a, b, float(row[2]), steps)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Splink tells each step as it goes; what of it matters is in the report of the run. It brings a handler of its own
    where there is none."""
    log, silent = logging.getLogger("splink"), logging.NullHandler()
    propagate, log.propagate = log.propagate, False
    log.addHandler(silent)
    try:
        yield
    finally:
        log.removeHandler(silent)
        log.propagate = propagate
