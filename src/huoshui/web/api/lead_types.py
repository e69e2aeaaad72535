"""What callers say of leads, and what they are answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from huoshui.web.api.answers import Answer
from huoshui.web.api.bodies import Code, Customer, Given, Instant, Text

Stage = Literal["new", "double", "offered", "held", "escalated", "won", "lost", "bad"]


class LeadToAdd(Given, frozen=True, kw_only=True):
    """Somebody who wants something, and how to reach her: at least one of the customer's numbers. `district`: where she is,
    from the large to the small, as the rules of giving out name it. `store`: the code of the store she asked for. `batch`: the
    name of the money spent on bringing her, as head office has noted it."""

    customer: Customer
    at: Instant
    source: Literal["form", "campaign", "partner", "import"] = "form"
    wants: Annotated[str, Meta(max_length=500)] = ""
    district: Annotated[str, Meta(max_length=100)] = ""
    store: Code | None = None
    batch: Text = ""


class LeadAnswer(Answer, frozen=True, kw_only=True):
    """`state`: new (waits to be given out), double (of somebody whose lead is open already), offered, held (a dealer has it
    and is at `stage`), escalated (nobody took it), won, lost or bad. With whom it is, head office sees."""

    lead_id: int
    state: Stage
    stage: str
    since: datetime
