"""Send with PyPI's rudder-sdk-python: URL, key, how many."""

from __future__ import annotations

import sys

from rudderstack.analytics.client import Client  # type: ignore[import-untyped]

host, key, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
client = Client(key, host=host, timeout=1, upload_size=20, max_queue_size=10_000)
for n in range(count):
    if n % 10 == 0:
        client.identify(user_id=f"rp{n % 50}", traits={"plan": "gold"})
    elif n % 10 == 1:
        client.screen(user_id=f"rp{n % 50}", name="home")
    else:
        client.track(user_id=f"rp{n % 50}", event="Client Sent", properties={"n": n})
client.shutdown()
