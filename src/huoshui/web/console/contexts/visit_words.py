"""What a fact of a visit without a sale says of itself on a timeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huoshui.web.console import numbers
from huoshui.web.console.contexts.visitors_rows import reason_word


def about(name: str, told: Mapping[str, Any]) -> str:
    """The word that was tapped, the money in a basket; '' for facts of others."""
    if name == "Visit Ended Without Sale" and told.get("label"):
        return reason_word(str(told["label"]))
    if name == "Basket Abandoned" and isinstance(told.get("amount"), int):
        return str(numbers.money(told["amount"]))
    return ""
