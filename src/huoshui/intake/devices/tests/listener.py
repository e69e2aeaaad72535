"""A listener in a process of its own, which can be killed: `python listener.py URL [careless]`.

A careless one acknowledges what arrives before it is committed: the control.
"""

from __future__ import annotations

import signal
import sys


def main() -> None:
    import django

    django.setup()
    from huoshui.intake.devices import listening
    from huoshui.intake.devices.broker import parse

    listener = listening.Listener(parse(sys.argv[1]))
    if "careless" in sys.argv:
        listener._client.manual_ack_set(False)
        listener._client.ack = lambda mid, qos: None  # type: ignore[method-assign,assignment,return-value]
    signal.signal(signal.SIGTERM, lambda *_: listener.stop())
    listener.run()


main()
