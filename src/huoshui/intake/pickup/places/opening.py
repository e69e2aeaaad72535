"""A place by what a pickup says of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

from huoshui.intake.pickup.places.base import Place
from huoshui.intake.pickup.types import Pickup


@contextmanager
def opened(pickup: Pickup, secret: Mapping[str, str]) -> Iterator[Place]:
    """Raises Fault."""
    with closing(_open(pickup, secret)) as place:
        yield place


def _open(pickup: Pickup, secret: Mapping[str, str]) -> Place:
    # Their libraries are heavy, and only one of them is wanted
    match pickup.kind:
        case "folder":
            from huoshui.intake.pickup.places.folder import Folder

            return Folder(pickup.place)
        case "sftp":
            from huoshui.intake.pickup.places.sftp import Sftp

            return Sftp(pickup.place, secret, pickup.host_key)
        case "s3":
            from huoshui.intake.pickup.places.s3 import Bucket

            return Bucket(pickup.place, secret)
        case _:
            raise AssertionError(f"{pickup.kind} is no place of files")
