"""Devices: registered, listened to, looked at; and what follows from their readings."""

from __future__ import annotations

from huoshui.intake.devices import jobs as _jobs
from huoshui.intake.devices.actions import note_dropped, take
from huoshui.intake.devices.binding import find_person, give, hand_over, take_back
from huoshui.intake.devices.broker import Broker, write_files
from huoshui.intake.devices.broker import parse as parse_broker
from huoshui.intake.devices.correcting import correct as correct_term
from huoshui.intake.devices.correcting import never_had
from huoshui.intake.devices.deciding import (
    DIRECTIONS,
    RULE_KINDS,
    RuleView,
    close_notice,
    list_rules,
    save_rule,
)
from huoshui.intake.devices.flow import Flow
from huoshui.intake.devices.listening import Listener
from huoshui.intake.devices.mending import (
    AsideCount,
    OpenedAside,
    aside_counts,
    open_aside,
)
from huoshui.intake.devices.mending import (
    drop as drop_aside,
)
from huoshui.intake.devices.mending import (
    replay as replay_aside,
)
from huoshui.intake.devices.reading import TYPES
from huoshui.intake.devices.reads import (
    AsideView,
    Binding,
    Counted,
    DeviceView,
    Had,
    Notice,
    PersonFact,
    asides,
    bindings,
    counted,
    device_view,
    devices_of,
    facts_of,
    list_devices,
    notices,
    repeated,
    term_of,
    terms_of_device,
)
from huoshui.intake.devices.registry import (
    KEY_SECONDS,
    RATES,
    NewKey,
    change,
    forget,
    holder_of,
    known,
    register,
    rotate_key,
)
from huoshui.intake.devices.samples import (
    MOST_CODES,
    SampleView,
    add_sample,
    free_codes,
    list_samples,
    make_codes,
    switch_sample,
)
from huoshui.intake.devices.scale_files import MOST_JSON_BYTES as MOST_FILE_BYTES
from huoshui.intake.devices.scale_imports import Taken, take_file
from huoshui.intake.devices.types import (
    ACCEPTED,
    BODY_MEASURED,
    COUNTER,
    DEVICE_GIVEN,
    DEVICE_TAKEN_BACK,
    DISPENSER,
    DISPLAY,
    DUPLICATE,
    KINDS,
    METRICS,
    OF_A_PERSON,
    REJECTED,
    SAMPLE_CLAIMED,
    SAMPLE_DISPENSED,
    SAMPLE_FOLLOW_UP,
    SAMPLE_STUCK,
    SCALE,
    SCREEN_SHOWN,
    SCREEN_TOUCHED,
    TREND_NOTICED,
    VISITORS_COUNTED,
    Fault,
    Known,
    Post,
    Verdict,
)

__all__ = [
    "ACCEPTED",
    "BODY_MEASURED",
    "COUNTER",
    "DEVICE_GIVEN",
    "DEVICE_TAKEN_BACK",
    "DIRECTIONS",
    "DISPENSER",
    "DISPLAY",
    "DUPLICATE",
    "KEY_SECONDS",
    "KINDS",
    "METRICS",
    "MOST_CODES",
    "MOST_FILE_BYTES",
    "OF_A_PERSON",
    "RATES",
    "REJECTED",
    "RULE_KINDS",
    "SAMPLE_CLAIMED",
    "SAMPLE_DISPENSED",
    "SAMPLE_FOLLOW_UP",
    "SAMPLE_STUCK",
    "SCALE",
    "SCREEN_SHOWN",
    "SCREEN_TOUCHED",
    "TREND_NOTICED",
    "TYPES",
    "VISITORS_COUNTED",
    "AsideCount",
    "AsideView",
    "Binding",
    "Broker",
    "Counted",
    "DeviceView",
    "Fault",
    "Flow",
    "Had",
    "Known",
    "Listener",
    "NewKey",
    "Notice",
    "OpenedAside",
    "PersonFact",
    "Post",
    "RuleView",
    "SampleView",
    "Taken",
    "Verdict",
    "add_sample",
    "aside_counts",
    "asides",
    "bindings",
    "change",
    "close_notice",
    "correct_term",
    "counted",
    "device_view",
    "devices_of",
    "drop_aside",
    "facts_of",
    "find_person",
    "forget",
    "free_codes",
    "give",
    "hand_over",
    "holder_of",
    "known",
    "list_devices",
    "list_rules",
    "list_samples",
    "make_codes",
    "never_had",
    "note_dropped",
    "notices",
    "open_aside",
    "parse_broker",
    "register",
    "repeated",
    "replay_aside",
    "rotate_key",
    "save_rule",
    "switch_sample",
    "take",
    "take_back",
    "take_file",
    "tend",
    "term_of",
    "terms_of_device",
    "write_files",
]


def tend() -> None:
    """All that follows from readings and is due by now: trends, samples to follow up, scales out of use."""
    _jobs.tend()
