"""SQL stays at home: a statement names tables of its own app and of `core` only, which no import shows."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import sqlglot
from django.apps import apps
from sqlglot import exp

from huoshui.core import sql

SOURCE = Path(__file__).parents[2] / "src" / "huoshui"
PARAMETER = re.compile(r"%\(\w+\)s")
CATALOGS = {"pg_catalog", "information_schema"}

# Where sqlglot keeps a statement only as text, every word of it is held against the tables of others.
OPAQUE = (exp.Command, exp.Grant, exp.Revoke)
WRITES = (exp.Insert, exp.Update, exp.Delete, exp.Merge)
OPAQUE_KINDS = {"FUNCTION", "PROCEDURE", "TRIGGER", "SCHEMA"}

Homes = Mapping[str, str]  # table → the app that made it, as "room" or "room.app"


def home_of(path: Path) -> str:
    """The app that a file under src/huoshui belongs to: the folder that holds its `sql/`."""
    parts = path.relative_to(SOURCE).parts
    return ".".join(parts[: parts.index("sql")])


def statements(text: str) -> Iterator[tuple[str, list[exp.Expr]]]:
    """Name and parsed text of each statement. Raises ParseError for what sqlglot cannot read."""
    named = [(statement.name, statement.text) for statement in sql.parse(text)] or [("", text)]
    for name, body in named:
        plain = PARAMETER.sub("NULL", body).replace("%%", "%")
        yield name, [parsed for parsed in sqlglot.parse(plain, dialect="postgres") if parsed is not None]


def created(tree: exp.Expr) -> Iterator[str]:
    """Also indexes: a later schema may drop one."""
    if isinstance(tree, exp.Create) and tree.kind == "INDEX" and tree.this.name:
        yield tree.this.name
    if isinstance(tree, exp.Create) and tree.kind in {"TABLE", "VIEW", "SEQUENCE"}:
        table = tree.this.find(exp.Table)
        assert table is not None
        yield table.name


def referenced(tree: exp.Expr) -> Iterator[exp.Table]:
    """Tables a statement reads or writes; not its CTEs, its functions in FROM, the aliases it locks,
    nor the operator classes of an index, nor a constraint that is dropped."""
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier) or table.find_ancestor(exp.Lock, exp.Opclass):
            continue
        if isinstance(table.parent, exp.Drop) and table.parent.kind == "CONSTRAINT":
            continue
        if table.db not in CATALOGS and not table.name.startswith("pg_") and not _is_cte(table):
            yield table


def _is_cte(table: exp.Table) -> bool:
    """Whether the name is a CTE here: never what is written to, nor what the CTE's own definition names."""
    outer = table.parent
    if (
        isinstance(outer.parent if isinstance(outer, exp.Schema) else outer, WRITES)
        and table.arg_key == "this"
    ):
        return False
    while outer is not None and not table.db:
        clause = outer.args.get("with_")
        if isinstance(clause, exp.With):
            ctes = clause.expressions
            within = next((at for at, cte in enumerate(ctes) if _holds(cte, table)), len(ctes))
            visible = ctes if clause.recursive else ctes[:within]
            if any(cte.alias == table.name for cte in visible):
                return True
        outer = outer.parent
    return False


def _holds(outer: exp.Expr, inner: exp.Expr) -> bool:
    node: exp.Expr | None = inner
    while node is not None and node is not outer:
        node = node.parent
    return node is outer


def breaches(tree: exp.Expr, home: str, homes: Homes) -> list[str]:
    """What is wrong with one statement of the app `home`."""
    if isinstance(tree, OPAQUE) or (isinstance(tree, exp.Create) and tree.kind in OPAQUE_KINDS):
        words = set(re.findall(r"[a-z_][a-z0-9_]*", tree.sql(dialect="postgres", comments=False).lower()))
        strangers = sorted(word for word in words & homes.keys() if not _may_name(home, homes[word]))
        return [f"names {word} of {homes[word]}" for word in strangers]
    found = []
    for table in referenced(tree):
        owner = homes.get(table.name)
        if owner is None:
            found.append(f"names {table.name}, which nobody creates")
        elif not _may_name(home, owner):
            found.append(f"names {table.name} of {owner}")
    return found


def _may_name(home: str, owner: str) -> bool:
    return owner == home or owner.split(".")[0] == "core"


def tables_of_files(files: list[Path]) -> dict[str, set[str]]:
    homes = defaultdict(set)
    for path in files:
        for _, trees in statements(path.read_text(encoding="utf-8")):
            for tree in trees:
                for name in created(tree):
                    homes[name].add(home_of(path))
    return homes


def tables_of_models() -> dict[str, set[str]]:
    homes = defaultdict(set)
    for model in apps.get_models(include_auto_created=True):
        if model.__module__.startswith("huoshui."):
            homes[model._meta.db_table].add(
                apps.get_app_config(model._meta.app_label).name.removeprefix("huoshui.")
            )
    return homes


def sql_files() -> list[Path]:
    return sorted(SOURCE.glob("**/sql/*.sql"))


@pytest.fixture(scope="module")
def homes() -> dict[str, str]:
    """Every table has one home; a model that mirrors a table of `schema.sql` lives in the same app."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for source in (tables_of_files(sql_files()), tables_of_models()):
        for table, owners in source.items():
            found[table] |= owners
    shared = {table: owners for table, owners in found.items() if len({_root(owner) for owner in owners}) > 1}
    assert not shared, f"tables with two homes: {shared}"
    return {table: min(owners) for table, owners in found.items()}


def _root(owner: str) -> str:
    return "core" if owner.split(".")[0] == "core" else owner


def test_every_statement_stays_at_home(homes: Homes) -> None:
    files = sql_files()
    assert files
    found = []
    for path in files:
        home, where = home_of(path), path.relative_to(SOURCE)
        for name, trees in statements(path.read_text(encoding="utf-8")):
            found += [f"{where} {name} {what}" for tree in trees for what in breaches(tree, home, homes)]
    assert not found, "\n".join(found)


def test_bulk_copies_stay_at_home(homes: Homes) -> None:
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).parts
        if "tests" in parts or parts[0] in {"core", "project"}:
            continue
        for line, table in copied(path.read_text(encoding="utf-8")):
            owner = homes.get(table, "")
            inside = ".".join(parts[:-1]) + "."
            if not inside.startswith(owner + ".") and not owner.startswith("core"):
                found.append(f"{'/'.join(parts)}:{line} copies into {table} of {owner or 'nobody'}")
    assert not found, "\n".join(found)


def copied(text: str) -> Iterator[tuple[int, str]]:
    """Line and table of each `copy_in("table", …)`."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name == "copy_in":
                yield node.lineno, str(node.args[0].value)


# ---- the wall itself is tested ----------------------------------------------------------------------------

CAST: Homes = {
    "fact": "core.facts",
    "person": "people.identity",
    "sale": "trade.sales",
    "sku": "brand.catalog",
}


def said(text: str, home: str = "trade.sales") -> list[str]:
    return [what for _, trees in statements(text) for tree in trees for what in breaches(tree, home, CAST)]


@pytest.mark.parametrize(
    "text",
    [
        "select * from sale join person on person.id = sale.person_id where sale.id = any(%(ids)s)",
        "select * from sale s where exists (select from person p where p.id = s.person_id)",
        "insert into person (id) select id from fact",
        "update person set id = %(id)s",
        "delete from sale using person where person.id = sale.person_id",
        "with gone as (delete from person returning id) select id from gone",
        "with person as (select * from person) select * from person",
        "with person as (select 1 as id) insert into person (id) select id from person",
        "with person as (select 1 as id) update person set id = 1",
        "with a as (select 1), person as (select id from a join person using (id)) select 1",
        "-- name: one\nselect 1\n-- name: two\nselect * from person",
        "create table visit (person_id bigint references person (id), fact_id bigint references fact (id))",
        "create function f() returns int language plpgsql as $$ begin return (table person); end $$",
        "create policy scope on sale using (exists (select 1 from person))",
        "select * from stranger",
        "select * from public.person",
    ],
)
def test_a_foreign_table_is_seen(text: str) -> None:
    assert [what for what in said(text) if "person" in what or "stranger" in what]


@pytest.mark.parametrize(
    "text",
    [
        "select * from sale join fact on fact.id = sale.fact_id where sale.id = any(%(ids)s::bigint[])",
        "with person as (select 1 as id) select * from person join sale using (id) for update of sale",
        "with recursive person as (select 1 as id union all select id + 1 from person) select * from person",
        "select * from unnest(%(ids)s::bigint[]) with ordinality as person (id, n)",
        "select s.id from sale s for update of s skip locked",
        "select * from pg_catalog.pg_class, pg_indexes, generate_series(1, 10) n where 10 %% n = 0",
        "insert into sale (id) values (%(id)s) on conflict (id) do update set id = excluded.id",
        "alter table sale enable row level security",
    ],
)
def test_home_core_ctes_and_functions_are_free(text: str) -> None:
    assert said(text) == []


def test_what_cannot_be_read_fails_loudly() -> None:
    with pytest.raises(sqlglot.ParseError):
        said("-- name: torn\nselect from from sale where (")


def test_a_copy_is_seen() -> None:
    assert list(copied("rows = 1\nsql.copy_in('person', rows)\ncopy_in('sale', rows)")) == [
        (2, "person"),
        (3, "sale"),
    ]
