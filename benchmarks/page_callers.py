"""Somebody signed in who opens pages on this machine, in a process of its own: `benchmarks.callers` with a cookie. Prints JSON.

    python -m benchmarks.page_callers --port 8000 --requests asked.jsonl --connections 32 --seconds 20 --rate 100

`--requests` holds one page a line: [address, cookie].
"""

from __future__ import annotations

import json

from benchmarks.callers import call


def main() -> None:
    call(__doc__, _message)


def _message(line: str) -> bytes:
    path, cookie = json.loads(line)
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()


if __name__ == "__main__":
    main()
