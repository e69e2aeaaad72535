"""Names of facts by who may say them (ADR 0054).

Readers decide by a fact's name: who owns a customer, who is owed what, which gift is due. So a name that only the house
raises is refused at every outer door, and refused again where facts are stored; who decides by one asks for its source besides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from huoshui.core.facts.types import CONSENTS, FACT_WITHDRAWN

HOUSE: Final = "huoshui"
"""The source of what happened here and at no door: `facts.note` and `facts.derive`."""

OWN_SOURCES: Final = frozenset({HOUSE, "guide", "codes", "wecom", "corrections"})
"""Those whose words we put together ourselves: they name places by our ids. No table or key may take one of these names."""

OURS: Final = frozenset(
    {
        FACT_WITHDRAWN,
        "Abandonment Taken Back",
        "Basket Abandoned",
        "Bond Assigned",
        "Bond Dispute Granted",
        "Bond Dispute Refused",
        "Bond Handed Over",
        "Bond Released",
        "Bond Transferred",
        "Bond Wished",
        "Budget Funded",
        "Commission Corrected",
        "Commission Decided",
        "Commission Released",
        "Coupon Claimed",
        "Coupon Expired",
        "Coupon Expiring",
        "Coupon Issued",
        "Coupon Transferred",
        "Device Given",
        "Device Taken Back",
        "Fund Drawn",
        "Fund Put Back",
        "Goods Adjusted",
        "Goods Arrived",
        "Goods Counted",
        "Goods Damaged",
        "Goods Handed Over",
        "Goods Received",
        "Goods Sent",
        "Guide Noted",
        "Ladder Reached",
        "Lead Charged",
        "Partner Points Issued",
        "Partner Settled",
        "Person Corrected",
        "Points Adjusted",
        "Points Exchanged",
        "Points Expired",
        "Points Expiring",
        "Sale Claimed",
        "Sample Follow Up Due",
        "Scan Ended Without Sale",
        "Segment Entered",
        "Segment Left",
        "Tag Given",
        "Tag Taken",
        "Tier Left",
        "Tier Reached",
        "Trend Noticed",
        "Visit Ended Without Sale",
        "Visit Taken Back",
        "WeCom Contact Added",
    }
)
"""What only the house raises: decisions, movements of money, points, coupons and goods, and what follows from facts."""

OF_PERSONS: Final = CONSENTS | {"Person Referred", "Relation Declared"}
"""What others rightly tell, and what says something of a person, not of what she did: a key that may tell of people says it."""

TOLD_BY_OTHERS: Final = frozenset({"Code Scanned", "Consent Given", "Consent Withdrawn"})
"""What the house notes and others rightly tell too: by them it means no more than what it says."""

_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08]")


def folded(name: str) -> str:
    """As somebody reads it: neither case nor width nor blanks, nor what nobody sees, make another name."""
    return " ".join(unicodedata.normalize("NFKC", _UNSEEN.sub("", name)).casefold().split())


_OURS = frozenset(folded(name) for name in OURS)


@lru_cache(maxsize=8_192)
def is_ours(name: str) -> bool:
    """Whether an outer door refuses it."""
    return folded(name) in _OURS


def refuse_ours(names: Iterable[str], *, source: str) -> None:
    """Before facts are stored. Raises ValueError: their door should have refused them one by one."""
    if source not in OWN_SOURCES and any(is_ours(name) for name in set(names)):
        raise ValueError(f"{source} tells what only the house may say")
