"""Server settings for a small box of 2 cores. Written anew at each start; `ALTER SYSTEM` overrides them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

DURABLE: Mapping[str, str] = {
    # Received means never lost.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # Nobody connects from outside the machine.
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "max_connections": "120",
    "shared_buffers": "512MB",
    "effective_cache_size": "1GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    # Whole pages go to the log after each checkpoint. To make 5,000 of them half as long takes the only method there is here
    # (pglz) as much processor time as the batch itself, and identifiers by hash touch thousands of pages.
    "wal_compression": "off",
    # A new segment of 16 MB written full of zeros holds up every commit meanwhile.
    "wal_init_zero": "off",
    # A batch's log is on its way to the disk before it commits: else the commit writes megabytes while accounts are locked.
    "wal_writer_delay": "10ms",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    # Tidying up gives way to tills: at the usual 2 ms it takes a tenth of two cores while sales come in by the thousand.
    "autovacuum_vacuum_cost_delay": "10ms",
    # A query over all months of a partitioned table locks each partition and each of its indexes.
    "max_locks_per_transaction": "256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "default_text_search_config": "pg_catalog.simple",
    # A week of logs, one file a weekday.
    "logging_collector": "on",
    "log_filename": "postgres-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_lock_waits": "on",
    # Statements and DETAIL lines carry phone numbers and names; a log outlives their erasure.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}

# For tests only: a crash of the machine may break everything. Killing the server still loses nothing.
THROWAWAY: Mapping[str, str] = {
    **DURABLE,
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "64MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "1GB",
}


def configuration(settings: Mapping[str, str], *, socket_directory: Path, log_directory: Path) -> str:
    placed = {
        **settings,
        "unix_socket_directories": str(socket_directory),
        "log_directory": str(log_directory),
    }
    lines = (f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in placed.items())
    return "\n".join(
        ("# Written by huoshui at each start. Use ALTER SYSTEM for your own settings.", *lines, "")
    )
