"""The embedded PostgreSQL and the roles in any PostgreSQL."""

from __future__ import annotations

from .roles import DATABASE, OWNER, RIVER, WEB, apply_grants, ensure_roles
from .server import Server, Status, ensure_server, status, stop

__all__ = [
    "DATABASE",
    "OWNER",
    "RIVER",
    "WEB",
    "Server",
    "Status",
    "apply_grants",
    "ensure_roles",
    "ensure_server",
    "status",
    "stop",
]
