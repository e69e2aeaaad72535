"""识别规则: by which accounts people are recognised; a draft, what it would do, and every version there was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.people.api import KINDS, identity_rules, identity_ruleset, numbers
from huoshui.web.console.contexts import identity_rules_words as words
from huoshui.web.console.contexts import parties, rooms
from huoshui.web.console.contexts.following import Sample as JoinSample
from huoshui.web.console.contexts.following import parts
from huoshui.web.console.markup import bold

_PARTED = 4
_EVERY = 3  # seconds between looks at a rehearsal that runs


@dataclass(frozen=True)
class Row:
    """A kind as the form shows it, and in a sentence."""

    kind: str
    label: str
    sentence: str
    place: str
    strength: str
    most_people: str
    most_of_person: str
    certain_in: str
    quiet_days: str = ""
    has_quiet: bool = False


@dataclass(frozen=True)
class Masks:
    kind: str
    label: str
    text: str
    count: int


@dataclass(frozen=True)
class Person:
    name: str
    url: str


@dataclass(frozen=True)
class Sample:
    people: list[Person]
    more: int
    why: list[str]


@dataclass(frozen=True)
class Tried:
    """A rehearsal: still running, or with what it found."""

    sentence: SafeString
    is_running: bool
    is_stale: bool
    joins: list[Sample]
    splits: list[Sample]
    shared: list[Sample]
    at: datetime
    parted: Sequence[JoinSample] = ()


@dataclass(frozen=True)
class VersionRow:
    version: int
    is_live: bool
    who: str
    reason: str
    made_at: datetime | None
    changes: list[words.Said]


@dataclass(frozen=True)
class Page:
    sentence: SafeString
    rows: list[Row]
    masks: list[Masks]
    strengths: list[tuple[str, str]]
    changes: list[words.Said]
    has_draft: bool
    tried: Tried | None
    applied: Tried | None
    versions: list[VersionRow]
    may_edit: bool
    may_put_live: bool
    every: int
    faults: list[str]
    error: str
    done: str
    reason: str


def may_see(actor: Actor) -> bool:
    return identity_rules.may_see(actor)


def page(
    actor: Actor,
    *,
    said: Mapping[str, Any] | None = None,
    faults: Sequence[str] = (),
    error: str = "",
    done: str = "",
    reason: str = "",
) -> Page:
    """`said` is a form that could not be kept, as it was filled in. Raises NotFound for who may not look."""
    kept = identity_rules.versions(actor)
    live = kept[0].rules
    drafted = identity_rules.draft(actor)
    shown = drafted.rules if drafted else live
    body = said if said is not None else shown.body()
    return Page(
        sentence=_sentence(kept[0]),
        rows=_rows(body),
        masks=_masks(body),
        strengths=[(key, str(name)) for key, name in words.STRENGTHS.items()],
        changes=words.changes(live, shown) if drafted else [],
        has_draft=drafted is not None,
        tried=_tried(actor, identity_rules.latest(actor, is_live=False), shown.body(), live.version),
        applied=_applied(actor),
        versions=_versions(actor, kept),
        may_edit=identity_rules.may_edit(actor),
        may_put_live=identity_rules.may_put_live(actor),
        every=_EVERY,
        faults=list(faults),
        error=error,
        done=str(words.DONE.get(done, "")),
        reason=reason,
    )


def _sentence(live: identity_rules.Version) -> SafeString:
    certain = [_(k.label) for k in live.rules.kinds.values() if k.is_strong]
    return format_html(
        _("现在用第 {} 版。{} 相同就是同一人；先认前面的。"), bold(live.version), bold(_("、").join(certain))
    )


def _rows(body: Mapping[str, Any]) -> list[Row]:
    return [
        Row(
            kind=row["kind"],
            label=_(KINDS[row["kind"]].label),
            sentence=words.sentence(row),
            place=str(place),
            strength=row["strength"],
            most_people=_shown(row["most_people"]),
            most_of_person=_shown(row["most_of_person"]),
            certain_in=" ".join(row["certain_in"]),
            quiet_days=_shown(row.get("quiet_days")),
            has_quiet=row["kind"] in numbers.RETIRABLE,
        )
        for place, row in enumerate(body["kinds"], 1)
        if row["kind"] in KINDS
    ]


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def _masks(body: Mapping[str, Any]) -> list[Masks]:
    kinds = dict.fromkeys(["phone", *body["blocked"], identity_ruleset.OTHERS])
    return [
        Masks(
            kind,
            words.label(kind),
            "\n".join(body["blocked"].get(kind, ())),
            len(body["blocked"].get(kind, ())),
        )
        for kind in kinds
    ]


def body_of(form: Mapping[str, str]) -> dict[str, Any]:
    """The rules as a form says them; what is no number stays what was written, and is refused as such."""
    rows = []
    for kind in KINDS:
        place = form.get(f"{kind}.place", "")
        rows.append(
            (
                int(place) if place.isdecimal() and len(place) < 6 else len(KINDS),
                {
                    "kind": kind,
                    "strength": form.get(f"{kind}.strength", ""),
                    "certain_in": form.get(f"{kind}.certain_in", "").split(),
                    "most_people": _number(form.get(f"{kind}.most_people", "")),
                    "most_of_person": _number(form.get(f"{kind}.most_of_person", "")),
                    **_quiet(form.get(f"{kind}.quiet_days", "")),
                },
            )
        )
    masks = {
        key.removeprefix("blocked."): [line.strip() for line in text.splitlines() if line.strip()]
        for key, text in form.items()
        if key.startswith("blocked.")
    }
    ordered = sorted(rows, key=lambda row: row[0])
    return {"kinds": [row for _place, row in ordered], "blocked": masks}


def _quiet(text: str) -> dict[str, Any]:
    """Only where it is said, as rules are kept."""
    return {"quiet_days": _number(text)} if text.strip() else {}


def _number(text: str) -> int | str | None:
    text = text.strip()
    if not text:
        return None
    return int(text) if text.isdecimal() and len(text) < 9 else text


def _tried(
    actor: Actor, found: identity_rules.Rehearsal | None, body: dict[str, Any], live_version: int
) -> Tried | None:
    """What was tried of the draft; of another draft, or against older rules, it says so."""
    if found is None or found.base_version != live_version:
        return None
    return _told(actor, found, is_stale=found.body != body)


def _applied(actor: Actor) -> Tried | None:
    found = identity_rules.latest(actor, is_live=True)
    return None if found is None else _told(actor, found, is_stale=False)


def _told(actor: Actor, found: identity_rules.Rehearsal, *, is_stale: bool) -> Tried:
    report = found.report
    if found.state == "failed":
        text = _("算到一半出错了，什么都没有改。请再试算一次。") if found.version is None else _failed()
        return Tried(format_html("{}", text), False, is_stale, [], [], [], found.ended_at or found.asked_at)
    if found.state != "done" or report is None:
        text = _("正在试算，通常一分钟以内。") if found.version is None else _running(found)
        return Tried(format_html("{}", text), True, is_stale, [], [], [], found.asked_at)
    return Tried(
        words.found(report, is_live=found.version is not None),
        False,
        is_stale,
        [_sample(actor, s["people"], s["count"], [words.via(s["via"])]) for s in report["joins"]],
        [
            _sample(actor, s["parts"], s["count"], [words.via(e) for e in s["evidence"]])
            for s in report["splits"]
        ],
        [_sample(actor, [s["person_id"]], 1, [words.via(s)]) for s in report["shared"]],
        found.ended_at or found.asked_at,
        _parted(actor, report) if found.version is None else (),
    )


def _parted(actor: Actor, report: Mapping[str, Any]) -> list[JoinSample]:
    """Of the first who would part, what goes with whom. Reports of before this was kept have none."""
    if not rooms.people.joins.may_review(actor):
        return []
    shown = [s for s in report["splits"] if s.get("members")][:_PARTED]
    return [JoinSample(parts(actor, s["members"]), s["count"] - len(s["members"])) for s in shown]


def _failed() -> str:
    return _("新规则已生效，但整理以前的顾客时出错了。下一次生效会一起补上。")


def _running(found: identity_rules.Rehearsal) -> str:
    return _("新规则已生效，正在整理以前的顾客：整理了 {count} 组。").format(count=f"{found.done:,}")


def _sample(actor: Actor, person_ids: Sequence[int], count: int, why: Sequence[str]) -> Sample:
    people = list(dict.fromkeys(_person(actor, p) for p in person_ids))
    return Sample(people, count - len(person_ids), [w for w in why if w])


def _person(actor: Actor, person_id: int) -> Person:
    try:
        card = rooms.people.card_for(actor, person_id)
    except NotFound:
        return Person(f"#{person_id}", "")
    return Person(parties.person_name(card), reverse("console:person", args=[card.person_id]))


def _versions(actor: Actor, kept: Sequence[identity_rules.Version]) -> list[VersionRow]:
    found = []
    for place, one in enumerate(kept):
        before = kept[place + 1].rules if place + 1 < len(kept) else None
        found.append(
            VersionRow(
                one.version,
                place == 0,
                parties.who(actor, one.actor) if one.actor else _("系统"),
                one.reason,
                one.made_at,
                words.changes(before, one.rules) if before is not None else [],
            )
        )
    return found
