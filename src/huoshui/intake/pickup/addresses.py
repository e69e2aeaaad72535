"""Where a place may lie: any server that the owner has, but not the inside of a cloud's own machine, nor any folder."""

from __future__ import annotations

import ipaddress
import os
import socket
from pathlib import Path
from typing import Final

from django.conf import settings

from huoshui.intake.pickup.faults import OPENED, Fault

# Link-local holds the metadata services of most clouds; Aliyun's and AWS's IPv6 one lie elsewhere
_FORBIDDEN: Final = tuple(
    map(
        ipaddress.ip_network,
        ("169.254.0.0/16", "fe80::/10", "100.100.100.200/32", "fd00:ec2::/32", "0.0.0.0/32", "::/128"),
    )
)


def resolved(host: str, port: int) -> str:
    """The address to connect to. Every one that the name has is looked at, and the one looked at is the one used."""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        raise Fault("unknown_host") from None
    if not found or any(is_forbidden(address) for address in found):
        raise Fault("forbidden_address")
    return sorted(found, key=lambda address: (":" in address, address))[0]


def is_forbidden(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    return any(
        one in network
        for one in (ip, mapped)
        if one
        for network in _FORBIDDEN
        if one.version == network.version
    )


def inbox() -> Path:
    return Path(settings.HUOSHUI_HOME) / "inbox"


def allowed_folders() -> list[Path]:
    """What the machine's administrator has opened: HUOSHUI_PICKUP_FOLDERS, beside the home's own inbox."""
    said = os.environ.get("HUOSHUI_PICKUP_FOLDERS", "").split(os.pathsep)
    return [inbox(), *(Path(one) for one in said if one.startswith("/"))]


def within_allowed(path: Path) -> Path:
    """The real path. Whoever may use the console is not thereby allowed to read the whole machine."""
    real = path.resolve()
    if not path.is_absolute() or not any(
        real.is_relative_to(folder.resolve()) for folder in allowed_folders()
    ):
        names = "、".join(str(folder) for folder in allowed_folders())
        raise Fault("not_allowed_folder", OPENED.format(folders=names))
    return real
