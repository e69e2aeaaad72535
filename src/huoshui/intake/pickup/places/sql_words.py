"""What a database's error means. Its own words are shown only where the query is at fault, and never with the password."""

from __future__ import annotations

from typing import Final

from sqlalchemy.exc import DBAPIError

from huoshui.intake.pickup.faults import DATABASE_SAID, Fault

_MYSQL: Final = {
    1045: "wrong_password",
    1044: "denied",
    1142: "denied",
    1143: "denied",
    1049: "no_folder",
    2003: "unreachable",
    2005: "unknown_host",
    2006: "lost",
    2013: "lost",
    3024: "slow",
}
_STATES: Final = {
    "28P01": "wrong_password",
    "28000": "wrong_password",
    "42501": "denied",
    "3D000": "no_folder",
    "57014": "slow",
    "57P01": "lost",
    "57P02": "lost",
    "57P03": "unreachable",
}
# psycopg has no code for what goes wrong while connecting, and no other driver one for all
_WORDS: Final = (
    ("password authentication failed", "wrong_password"),
    ("login failed", "wrong_password"),
    ("ora-01017", "wrong_password"),
    ("no pg_hba.conf entry", "denied"),
    ("permission denied", "denied"),
    ("does not exist", "no_folder"),
    ("certificate", "bad_certificate"),
    ("timeout", "slow"),
    ("timed out", "slow"),
    ("server closed the connection", "lost"),
    ("connection to server at", "unreachable"),
    ("connection refused", "unreachable"),
    ("can't connect", "unreachable"),
    ("adaptive server is unavailable", "unreachable"),
    ("unable to open database file", "no_folder"),
    ("database is locked", "slow"),
)
_LONGEST: Final = 200


def told_fault(dialect: str, error: DBAPIError, secret: str) -> Fault:
    cause = error.orig
    text = str(cause)
    if dialect == "mysql" and cause is not None and cause.args and isinstance(cause.args[0], int):
        if code := _MYSQL.get(cause.args[0]):
            return Fault(code)
        text = str(cause.args[-1])
    state = getattr(cause, "sqlstate", None)
    if isinstance(state, str) and state in _STATES:
        return Fault(_STATES[state])
    # With a state it reached the server, and the query is what it speaks of
    if not isinstance(state, str):
        for words, code in _WORDS:
            if words in text.lower():
                return Fault(code)
    return Fault("query_failed", DATABASE_SAID.format(words=_shown(text, secret)))


def _shown(text: str, secret: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return (line.replace(secret, "***") if secret else line)[:_LONGEST]
