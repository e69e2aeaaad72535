"""Databases that a query may be put to: SQLAlchemy's driver, the module it needs, the usual port."""

from __future__ import annotations

from typing import Final

DIALECTS: Final = {
    "postgresql": ("postgresql+psycopg", "psycopg", 5432),
    "mysql": ("mysql+pymysql", "pymysql", 3306),
    "mssql": ("mssql+pymssql", "pymssql", 1433),
    "oracle": ("oracle+oracledb", "oracledb", 1521),
    "sqlite": ("sqlite", "sqlite3", 0),
}
