"""Two oracles: random rules on random histories mean the same people in DuckDB and in plain Python, and nobody changes before
the instant that was given for looking again."""

from __future__ import annotations

import os

from benchmarks.result import Result

NAME = "segment_rules"
TITLE = "2,000 random rules on random histories: DuckDB says what plain Python says"
RULES = 2000


def run(seed: int) -> Result:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")
    import django

    django.setup()
    # after the settings
    from huoshui.insight.rules.tests import randomly
    from huoshui.insight.rules.tests.compared import AHEAD, compare
    from huoshui.insight.rules.tests.fixture import connect

    found = compare(seed, RULES, connect())
    missing = sorted(randomly.KINDS - set(found.kinds))
    figures = {
        "rules": found.rules,
        "verdicts": found.verdicts,
        "members": found.members,
        "verdicts_watched_until_recheck": found.rechecked,
        "days_watched": list(AHEAD),
        "nodes_by_kind": dict(found.kinds.most_common()),
        "kinds_not_met": missing,
        "differences": list(found.differences),
    }
    return Result(figures, passed=not found.differences and found.rules == RULES and not missing)
