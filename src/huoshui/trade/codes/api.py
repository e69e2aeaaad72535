"""Codes that are scanned: made, printed, opened, counted, and by which one somebody came (ADR 0037)."""

from __future__ import annotations

from huoshui.trade.codes import links, printing, sending, words
from huoshui.trade.codes.actions import SCANNER, Draft, make, may_make, note_scan, switch
from huoshui.trade.codes.counting import Counted, counted
from huoshui.trade.codes.reads import Asked, by_handles, codes, find, last_scans, of, read
from huoshui.trade.codes.types import (
    KINDS,
    SCANNED,
    BadCode,
    Code,
    CodeOff,
    CodeView,
    LastScan,
    NotSent,
    SenderMissing,
    TooManyWords,
    WordWrong,
)

__all__ = [
    "KINDS",
    "SCANNED",
    "SCANNER",
    "Asked",
    "BadCode",
    "Code",
    "CodeOff",
    "CodeView",
    "Counted",
    "Draft",
    "LastScan",
    "NotSent",
    "SenderMissing",
    "TooManyWords",
    "WordWrong",
    "by_handles",
    "codes",
    "counted",
    "find",
    "last_scans",
    "links",
    "make",
    "may_make",
    "note_scan",
    "of",
    "printing",
    "read",
    "sending",
    "switch",
    "words",
]
