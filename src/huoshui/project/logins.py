"""Who may sign in to the demo. Their passwords are no secret: the sign-in page of demo mode shows them, and no other does."""

from __future__ import annotations

from typing import Final

Login = tuple[str, str, str, list[str]]
"""(role as the page calls it, account, password, roles)"""

LOGINS: Final[list[Login]] = [
    ("老板", "boss", "huoshui-demo-boss", ["boss"]),
    ("运营", "operator", "huoshui-demo-operator", ["operator"]),
]
MORE: Final[list[Login]] = [
    ("分析", "analyst", "huoshui-demo-analyst", ["analyst"]),
    ("隐私专员", "privacy", "huoshui-demo-privacy", ["privacy_officer"]),
    ("审计", "auditor", "huoshui-demo-auditor", ["auditor"]),
]
PLACED: Final[list[Login]] = [
    ("经销商", "dealer", "huoshui-demo-dealer", ["dealer"]),
    ("店长", "manager", "huoshui-demo-manager", ["manager"]),
    ("导购", "guide", "huoshui-demo-guide", ["guide"]),
]
"""At a dealer or one of its stores: only where the world has dealers."""

SHOWN: Final = tuple((role, name, password) for role, name, password, _ in (*LOGINS, *MORE, *PLACED))

PHONES: Final = (
    ("经销商", "dealer", "13456173818"),
    ("店长", "manager", "15704444827"),
    ("导购", "guide", "18952715836"),
)
"""(role, account, phone) of those who may sign in by a code as well. The numbers are nobody's of the demo's customers, and
nothing is ever sent to them."""
