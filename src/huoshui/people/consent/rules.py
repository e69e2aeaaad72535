"""What people said, and what follows from it: pure decisions, no database, no clock.

Personal Information Protection Law (PIPL) art. 14–16 (informed, voluntary, withdrawn as easily as given), 23 (passing on:
separate consent), 24 (automated decisions may be refused), 29 and 31 (sensitive data; under 14: the guardian's).
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from huoshui.core.facts.types import CONSENTS
from huoshui.people.consent.types import (
    ConsentNotSeparate,
    ConsentUnread,
    Decision,
    GuardianOnly,
    Said,
    SendRule,
    Stand,
)

SERVICE, MARKETING, PROFILING = "service", "marketing", "profiling"
HEAD_OFFICE, SENSITIVE, MINOR, PROCESSING = "head_office", "sensitive", "minor", "processing"

PURPOSES: Final = {
    MARKETING: "营销消息",
    SERVICE: "订单与售后通知",
    PROFILING: "个性化推荐",
    HEAD_OFFICE: "授权总部查看",
    SENSITIVE: "使用敏感信息",
    MINOR: "未成年人（监护人同意）",
    PROCESSING: "继续使用资料",
}
CHANNELS: Final = {
    "": "所有渠道",
    "sms": "短信",
    "call": "电话",
    "wechat": "公众号",
    "mini": "小程序",
    "wecom": "企业微信",
    "email": "邮件",
    "app": "应用推送",
}
REACHED_BY: Final = {
    "sms": "phone",
    "call": "phone",
    "wechat": "openid",
    "mini": "openid",
    "wecom": "external_userid",
    "email": "email",
    "app": "device_id",
}
"""Without an identifier of this kind there is nowhere to send to."""

SEPARATE: Final = frozenset({HEAD_OFFICE, SENSITIVE, MINOR})
"""Never by a tick among others: the notice that was shown must be named."""
SENT_FOR: Final = {SERVICE: False, MARKETING: True}
"""What messages are for → whether she must have agreed to it before (what her order needs, she need not: PIPL art. 13)."""
ADULT_AGE: Final = 14  # PIPL art. 31

HOUSE_RULES: Final = (
    SendRule(MARKETING, "", time(21), time(9), 7, 4),
    SendRule(MARKETING, "sms", None, None, 7, 2),
    SendRule(MARKETING, "call", time(20), time(10), 30, 2),
    SendRule(SERVICE, "call", time(22), time(8)),
)
"""What holds until somebody sets something else."""

GIVEN, WITHDRAWN, UPDATED = "Consent Given", "Consent Withdrawn", "Segment Consent Preference Updated"
assert {GIVEN, WITHDRAWN, UPDATED} == CONSENTS

# Categories as consent managers name them (Segment: context.consent.categoryPreferences) → our purpose
_CATEGORIES: Final = {
    "advertising": MARKETING,
    "marketing": MARKETING,
    "targeting": PROFILING,
    "personalization": PROFILING,
    "personalisation": PROFILING,
    "profiling": PROFILING,
}
_YES: Final = frozenset({"是", "同意", "已同意", "接受", "订阅", "y", "yes", "true", "1", "√", "✓"})
_NO: Final = frozenset(
    {"否", "不同意", "拒绝", "退订", "已退订", "撤回", "已撤回", "n", "no", "false", "0", "×"}
)

# Column of a member list → what it speaks of
TRAITS: Final = {
    "consent_marketing": (MARKETING, ""),
    "consent_sms": (MARKETING, "sms"),
    "consent_call": (MARKETING, "call"),
    "consent_wechat": (MARKETING, "wechat"),
    "consent_wecom": (MARKETING, "wecom"),
    "consent_email": (MARKETING, "email"),
    "consent_profiling": (PROFILING, ""),
    "consent_head_office": (HEAD_OFFICE, ""),
}


def checked(said: Said) -> Said:
    """The same, when it can stand. Raises ConsentUnread, ConsentNotSeparate."""
    if said.purpose not in PURPOSES or said.channel not in CHANNELS:
        raise ConsentUnread
    if said.basis not in ("self", "guardian") or (
        said.purpose == MINOR and said.is_given and said.basis != "guardian"
    ):
        raise GuardianOnly
    if said.is_given and said.purpose in SEPARATE and not said.notice_version:
        raise ConsentNotSeparate
    return said


def told(name: str, body: Mapping[str, Any]) -> list[Said]:
    """What a fact tells: ours with a purpose or several, or the categories of a consent manager.

    Raises ConsentUnread, ConsentNotSeparate: then nothing of it counts.
    """
    properties = body.get("properties")
    given = properties if isinstance(properties, dict) else body
    if name == UPDATED:
        return _categories(body, given)
    many = given.get("consents")
    rows = many if isinstance(many, list) else [given]
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise ConsentUnread
    shared = given if rows is many else {}
    return [checked(_said({**shared, **row}, is_given=name == GIVEN)) for row in rows]


def _said(row: Mapping[str, Any], *, is_given: bool) -> Said:
    def text(*names: str) -> str:
        return next((str(row[n]).strip()[:500] for n in names if isinstance(row.get(n), str | int)), "")

    return Said(
        text("purpose"),
        text("channel"),
        is_given,
        text("basis") or "self",
        text("notice_version", "noticeVersion"),
        text("proof"),
        text("place"),
    )


def _categories(body: Mapping[str, Any], given: Mapping[str, Any]) -> list[Said]:
    context = body.get("context")
    consent = (context.get("consent") if isinstance(context, dict) else None) or given.get("consent")
    wanted = consent.get("categoryPreferences") if isinstance(consent, dict) else None
    if not isinstance(wanted, dict):
        raise ConsentUnread
    by_purpose: dict[str, bool] = {}
    for category, is_given in wanted.items():
        if purpose := _CATEGORIES.get(category.strip().lower()):
            by_purpose[purpose] = by_purpose.get(purpose, True) and is_given is True
    version = consent.get("version") if isinstance(consent, dict) else None
    return [
        Said(p, "", yes, notice_version=version if isinstance(version, str) else "")
        for p, yes in by_purpose.items()
    ]


def told_by_list(traits: Mapping[str, str]) -> list[Said]:
    """What a row of a member list says. A giving that must be separate counts only where the row names the notice."""
    version, at = traits.get("consent_notice", ""), _instant(traits.get("consent_at", ""))
    found = []
    for name, (purpose, channel) in TRAITS.items():
        word = traits.get(name, "").strip().lower()
        if word in _YES and purpose in SEPARATE and not version:
            continue
        if word in _YES or word in _NO:
            found.append(
                Said(purpose, channel, word in _YES, notice_version=version, proof="顾客表", said_at=at)
            )
    return found


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text.strip().replace("/", "-"))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def is_withdrawn(stands: Iterable[Stand], purpose: str, channel: str = "") -> bool:
    """The strictest of a cluster: one born id that says no is enough."""
    return any(_of_one(one, channel) is False for one in _by_person(stands, purpose))


def is_given(stands: Iterable[Stand], purpose: str, channel: str = "") -> bool:
    words = [_of_one(one, channel) for one in _by_person(stands, purpose)]
    return True in words and False not in words


def _by_person(stands: Iterable[Stand], purpose: str) -> list[dict[str, Stand]]:
    found: dict[int, dict[str, Stand]] = {}
    for stand in stands:
        if stand.purpose == purpose:
            found.setdefault(stand.person_id, {})[stand.channel] = stand
    return list(found.values())


def _of_one(stands: Mapping[str, Stand], channel: str) -> bool | None:
    """Yes, no, or nothing said. A no to one channel holds until that channel is allowed again; a no to all ends what was
    allowed before it."""
    own, all_ = stands.get(channel), stands.get("")
    if own is not None and not own.is_given:
        return False
    if all_ is not None and not all_.is_given:
        return own is not None and own.said_at > all_.said_at
    return True if own is not None or all_ is not None else None


@dataclass(frozen=True)
class Standing:
    """All that bears on one person (a cluster): what was said, what there is to send to, and what went out already.

    `sent`: for each rule with a limit, the instant of the message that fills it up, or None.
    """

    is_known: bool = True
    is_erased: bool = False
    stands: Sequence[Stand] = ()
    kinds: frozenset[str] = frozenset()
    birthdays: Sequence[str] = ()
    sent: Mapping[SendRule, datetime | None] = field(default_factory=dict)


def decide(
    standing: Standing, *, channel: str, purpose: str, at: datetime, rules: Sequence[SendRule], zone: str
) -> Decision:
    """The one answer. What can never be comes before what may be tried later. KeyError for what nothing is sent for."""
    needs_consent = SENT_FOR[purpose]
    if standing.is_erased:
        return Decision(False, "erased")
    if not standing.is_known:
        return Decision(False, "unknown")
    if is_withdrawn(standing.stands, PROCESSING):
        return Decision(False, "restricted")
    is_child = purpose != SERVICE and is_minor(standing.birthdays, at.astimezone(ZoneInfo(zone)).date())
    if is_child and not is_allowed_by_guardian(standing.stands):
        return Decision(False, "minor")
    if REACHED_BY[channel] not in standing.kinds:
        return Decision(False, "no_contact")
    if is_withdrawn(standing.stands, purpose, channel):
        return Decision(False, "withdrawn")
    if needs_consent and not is_given(standing.stands, purpose, channel):
        return Decision(False, "never")
    return _in_time(standing, at, rules, zone)


def _in_time(standing: Standing, at: datetime, rules: Sequence[SendRule], zone: str) -> Decision:
    if (ends := quiet_until(at, rules, zone)) is not None:
        return Decision(False, "quiet", ends, ends.astimezone(ZoneInfo(zone)).strftime("%H:%M"))
    for rule in rules:
        full = standing.sent.get(rule)
        if full is not None and rule.days is not None:
            until = full + timedelta(days=rule.days)
            if until > at:
                return Decision(False, "frequent", until, f"{rule.days} 天内已经发过 {rule.most} 次")
    return Decision(True)


def quiet_until(at: datetime, rules: Sequence[SendRule], zone: str) -> datetime | None:
    """When the quiet hours end that `at` falls into, all rules together; None when it falls into none."""
    local, moved = at.astimezone(ZoneInfo(zone)), False
    for _ in rules:  # one rule's end may lie in another's hours
        ends = [e for rule in rules if (e := _end_of(rule, local)) is not None]
        if not ends:
            break
        local, moved = max(ends), True
    return local.astimezone(UTC) if moved else None


def _end_of(rule: SendRule, local: datetime) -> datetime | None:
    if rule.quiet_from is None or rule.quiet_until is None:
        return None
    now = local.time()
    over_night = rule.quiet_from > rule.quiet_until
    is_in = (
        now >= rule.quiet_from or now < rule.quiet_until
        if over_night
        else rule.quiet_from <= now < rule.quiet_until
    )
    if not is_in:
        return None
    day = local.date() + timedelta(days=1 if over_night and now >= rule.quiet_from else 0)
    return datetime.combine(day, rule.quiet_until, local.tzinfo)


def rules_for(purpose: str, channel: str, set_by_hand: Iterable[SendRule] = ()) -> tuple[SendRule, ...]:
    """The house's, each replaced by what was set for the same purpose and channel."""
    found = {(r.purpose, r.channel): r for r in (*HOUSE_RULES, *set_by_hand)}
    return tuple(r for r in found.values() if r.purpose == purpose and r.channel in ("", channel))


def is_minor(birthdays: Iterable[str], today: date) -> bool:
    """By the youngest of the birthdays that are told: the stricter side. A day that is yet to come is no birthday."""
    return any(
        (born := _day(text, today)) is not None and 0 <= _age(born, today) < ADULT_AGE for text in birthdays
    )


def may_profile(stands: Sequence[Stand], birthdays: Iterable[str], today: date) -> bool:
    """Whether one (a cluster) may be judged by what she is like: she does not refuse it, and is no child without a guardian."""
    if is_withdrawn(stands, PROFILING) or is_withdrawn(stands, PROCESSING):
        return False
    return not is_minor(birthdays, today) or is_allowed_by_guardian(stands)


def is_allowed_by_guardian(stands: Iterable[Stand]) -> bool:
    return is_given([s for s in stands if s.basis == "guardian" or not s.is_given], MINOR)


def years_of_minors(today: date) -> list[str]:
    """The first four characters of a birthday, as it is written, that may be a minor's. (Whatever does not begin with a year
    is read by whoever asks for these: `attribute_born_else`.)"""
    return [str(year) for year in range(today.year - ADULT_AGE, today.year + 1)]


def has_grown(birthday: str, today: date, *, within: int) -> bool:
    """Whether one was a minor so many days ago, and is none today."""
    return is_minor([birthday], today - timedelta(days=within)) and not is_minor([birthday], today)


_WRITTEN = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})|(\d{2})(\d{2}))(?!\d)")
_NO_DAY = re.compile(r"((?:19|20)\d{2})(?:年?|[-/.年]?(\d{1,2})月?)$")
_YEAR_LAST = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.](\d{4})(?!\d)")
_SHORT = re.compile(r"(\d{2})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$")
_SERIAL = re.compile(r"\d{5}$")
_SERIAL_ZERO = date(1899, 12, 30)


def _day(text: str, today: date) -> date | None:
    """1990-05-03, 1990/5/3, 1990年5月3日, 19900503: as shops write it. Of what tells less, or may be read in two ways (2013,
    2013-01, 3/11/2013, 13-03-11), the youngest that it can be; and a bare number as spreadsheets count days."""
    text = unicodedata.normalize("NFKC", text).strip()
    if found := _WRITTEN.match(text):
        year, month, day = (int(part) for part in found.groups() if part)
        return _date(year, month, day)
    if found := _NO_DAY.match(text):
        year, month = int(found[1]), int(found[2] or 12)
        return _date(year, month, monthrange(year, month)[1]) if 1 <= month <= 12 else None
    if found := _YEAR_LAST.match(text):
        return _date(int(found[1]), 12, 31)
    if found := _SHORT.match(text):
        year, month, day = (int(part) for part in found.groups())
        return _date(2000 + year if 2000 + year <= today.year else 1900 + year, month, day)
    if _SERIAL.match(text):
        return _SERIAL_ZERO + timedelta(days=int(text))
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
