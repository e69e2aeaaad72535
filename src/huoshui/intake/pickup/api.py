"""The door of pickups: tables fetched by the clock from folders, SFTP, S3 and databases."""

from __future__ import annotations

from huoshui.intake.pickup.actions import (
    accept_host_key,
    add,
    ask_trial,
    change,
    look_now,
    remove,
    skip,
    switch,
)
from huoshui.intake.pickup.addresses import allowed_folders
from huoshui.intake.pickup.looking import attend, has_unsettled
from huoshui.intake.pickup.passing import follow
from huoshui.intake.pickup.places.dialects import DIALECTS
from huoshui.intake.pickup.places.sftp import fingerprint
from huoshui.intake.pickup.reads import (
    Latest,
    items,
    may_import,
    may_see,
    may_set_up,
    pickup_for,
    pickups,
    trial,
    waiting,
)
from huoshui.intake.pickup.sayings import SAID
from huoshui.intake.pickup.types import KINDS, Asked, Files, Item, Pickup, Query, Trial

__all__ = [
    "DIALECTS",
    "KINDS",
    "SAID",
    "Asked",
    "Files",
    "Item",
    "Latest",
    "Pickup",
    "Query",
    "Trial",
    "accept_host_key",
    "add",
    "allowed_folders",
    "ask_trial",
    "attend",
    "change",
    "fingerprint",
    "follow",
    "has_unsettled",
    "items",
    "look_now",
    "may_import",
    "may_see",
    "may_set_up",
    "pickup_for",
    "pickups",
    "remove",
    "skip",
    "switch",
    "trial",
    "waiting",
]
