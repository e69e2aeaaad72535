"""Somebody signed in who opens pages on this machine, in a process of its own: `benchmarks.callers` with a cookie. Prints JSON.

    python -m benchmarks.page_callers --port 8000 --requests asked.jsonl --connections 32 --seconds 20 --rate 100

`--requests` holds one page a line: [address, cookie].
"""

from __future__ import annotations

import argparse
import gc
import json
from pathlib import Path

from benchmarks.callers import Callers


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--requests", type=Path, required=True)
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--rate", type=float)
    given = parser.parse_args()
    asked = [_message(*json.loads(line)) for line in given.requests.open(encoding="utf-8")]
    gc.freeze()
    print(json.dumps(Callers(given, asked).called()), flush=True)


def _message(path: str, cookie: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()


if __name__ == "__main__":
    main()
