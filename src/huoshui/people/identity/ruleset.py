"""The rules by which identifiers name people, as data: one frozen set a version. Pure.

What a house may change of a kind: how much it says (`strength`), where it says so (`certain_in`), how many people one value may
have, how many values one person may have, and where it stands in the order of trust. What it may not: which kinds there are,
and which of them are contacts, for that is how they are kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from typing import Any, Final, NamedTuple

from huoshui.core.errors import Refused
from huoshui.core.phone import NotAPhone, normalise
from huoshui.core.unmet import sentence, sentences
from huoshui.people.identity.kinds import DELIVERED, HINT, LATER, STRENGTHS, Kind
from huoshui.people.identity.nothing import MASKS
from huoshui.people.identity.nothing import OTHERS as OTHERS

FIRST: Final = 1
"""The version that nobody made: what is delivered."""

NUMBERS: Final = frozenset({"phone"})  # kinds whose values are digits, and whose masks therefore mean digits
_MOST_PEOPLE, _MOST_VALUES, _MOST_MASKS, _MASK_LENGTH = 1_000, 1_000, 500, 40
_MOST_DAYS = 3_650
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_WILD, _BETWEEN = re.compile(r"[*?=]"), re.compile(r"[\s()（）-]")
_NUMBER_MASK = re.compile(r"\+?[\d*?=]+", re.ASCII)
_LEAST_SAID = 3  # characters a mask with wildcards must name: less would block half of a town

sentences(
    {
        "identity_kind_unknown": "没有“{kind}”这一种账号。请删掉这一行。",
        "identity_kind_missing": "少了“{kind}”。每一种账号都要有一行，不想用它认人就设为“只作参考”。",
        "identity_kind_twice": "“{kind}”写了两行。请只留一行。",
        "identity_strength_unknown": "“{kind}”的作用只能是：确定、弱、只作参考。",
        "identity_people_limit": "“{kind}”一个号码最多认几个人，请填 1 到 {most} 的整数。",
        "identity_values_limit": "“{kind}”一个人最多几个，请填 1 到 {most} 的整数，不限就空着。",
        "identity_quiet_days": "“{kind}”多少天没用过才要人看，请填 1 到 {most} 的整数，不用就空着；只有手机号可以填。",
        "identity_none_certain": "没有一种账号是“确定”的，谁也认不出来。请至少留一种。",
        "identity_mask_wide": "“{mask}”会挡住太多号码。除通配符以外请至少写 {least} 个字。",
        "identity_mask_unreadable": "“{mask}”看不懂：= 表示和前一位相同，前面要有一位；最长 {most} 个字。",
        "identity_mask_no_number": "“{mask}”不是电话号码。请写完整的号码，或用 ? * = 代替几位数字。",
        "identity_masks_no_list": "“{kind}”的无效号码要写成一列，一条一个号码。",
        "identity_masks_many": "“{kind}”的无效号码太多，最多 {most} 条。",
        "identity_rules_unreadable": "这份规则不完整，请从现行规则重新开始修改。",
        "identity_rules_same": "和现行规则一样，没有要生效的修改。",
    }
)


class Fault(NamedTuple):
    """`place` is a JSON pointer into the rules."""

    code: str
    place: str
    detail: Mapping[str, Any]

    @property
    def sentence(self) -> str:
        return sentence(self.code, self.detail)


class BadRules(Refused):
    """规则有错，没有保存。"""

    code = "identity_rules_bad"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(" ".join(f.sentence for f in faults) or None)
        self.faults = tuple(faults)


def _is_masked(value: str) -> bool:
    """6222****1234 is what many have: it is shown, and names nobody."""
    return "**" in value or (not value.isascii() and ("●●" in value or "••" in value))


def narrow(value: str) -> str:
    """Ｃ０１ is C01, from whichever keyboard it comes."""
    return unicodedata.normalize("NFKC", value).strip()


@dataclass(frozen=True)
class Ruleset:
    """`kinds` in order of trust: a fact that carries several is born to the person of the first known one."""

    version: int
    kinds: Mapping[str, Kind]
    blocked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def is_blocked(self, kind: str, value: str) -> bool:
        """Whether a plain value names nobody."""
        value = narrow(value)
        if not value:
            return True
        if (own := self._masks.get(kind)) and own.fullmatch(value):
            return True
        if own and kind in NUMBERS and (number := _dialled(value)) != value and own.fullmatch(number):
            return True
        return kind not in NUMBERS and bool(self._masks[OTHERS].fullmatch(value) or _is_masked(value))

    @cached_property
    def _masks(self) -> dict[str, re.Pattern[str]]:
        return {
            kind: _pattern(kind, self.blocked.get(kind, ())) for kind in {OTHERS, *NUMBERS, *self.blocked}
        }

    @cached_property
    def trust(self) -> dict[str, int]:
        return {kind: place for place, kind in enumerate(self.kinds)}

    @cached_property
    def limits_values(self) -> bool:
        return any(kind.most_of_person is not None for kind in self.kinds.values())

    @cached_property
    def limited(self) -> list[str]:
        """Kinds of which one human has so many at most."""
        return [name for name, kind in self.kinds.items() if kind.most_of_person is not None]

    def counted_as(self, name: tuple[str, str, str]) -> tuple[str, str]:
        """What a value (kind, scope, key) is counted with: those of its kind, or of its kind and scope."""
        return name[0], name[1] if self.kinds[name[0]].counts_each_scope else ""

    @cached_property
    def asks_of_quiet(self) -> bool:
        return any(kind.quiet_days is not None for kind in self.kinds.values())

    def body(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "kinds": [
                {
                    "kind": name,
                    "strength": kind.strength,
                    "certain_in": list(kind.certain_in),
                    "most_people": kind.most_links + 1,
                    "most_of_person": kind.most_of_person,
                    **({"quiet_days": kind.quiet_days} if kind.quiet_days is not None else {}),
                }
                for name, kind in self.kinds.items()
            ],
            "blocked": {kind: list(masks) for kind, masks in self.blocked.items()},
        }


def delivered() -> Ruleset:
    return Ruleset(FIRST, DELIVERED, MASKS)


def _pattern(kind: str, masks: Sequence[str]) -> re.Pattern[str]:
    any_one = r"\d" if kind in NUMBERS else "."
    groups = count(1)
    one_of = "|".join(_regex(mask, any_one, groups) for mask in masks) or "(?!)"
    start = r"(?:\+86)?" if kind in NUMBERS else ""
    return re.compile(f"{start}(?:{one_of})", 0 if kind in NUMBERS else re.IGNORECASE)


def _regex(mask: str, any_one: str, groups: Iterator[int]) -> str:
    """? is one character, * any number of them, = the same as the one before."""
    text, last = "", 0
    for character, following in zip(mask, mask[1:] + " ", strict=True):
        said = {"*": any_one + "*", "?": any_one, "=": rf"(?:\{last})"}.get(character) or re.escape(character)
        if following == "=" and character != "=":
            last = next(groups)
            said = f"({said})"
        text += said
    return text


def read(body: Any, *, version: int, is_kept: bool = False) -> Ruleset:
    """Rules as a house writes them, checked. Raises BadRules. `is_kept`: they were checked when they were saved, and masks that
    are no numbers, which were let through once, go on blocking nothing."""
    if not isinstance(body, Mapping) or not isinstance(body.get("kinds"), list):
        raise BadRules([Fault("identity_rules_unreadable", "", {})])
    faults: list[Fault] = []
    kinds: dict[str, Kind] = {}
    for place, row in enumerate(body["kinds"]):
        name = row.get("kind") if isinstance(row, Mapping) else None
        if not isinstance(name, str) or name not in DELIVERED:
            faults.append(Fault("identity_kind_unknown", f"/kinds/{place}", {"kind": name}))
        elif name in kinds:
            faults.append(Fault("identity_kind_twice", f"/kinds/{place}", {"kind": DELIVERED[name].label}))
        else:
            kinds[name] = _kind(name, row, f"/kinds/{place}", faults)
    kinds |= {name: DELIVERED[name] for name in LATER if name not in kinds}
    for name in DELIVERED.keys() - kinds.keys():
        faults.append(Fault("identity_kind_missing", "/kinds", {"kind": DELIVERED[name].label}))
    if kinds and not any(kind.is_strong for kind in kinds.values() if kind.lives_days is None):
        faults.append(Fault("identity_none_certain", "/kinds", {}))
    blocked = _masks_of(body.get("blocked") or {}, faults, is_kept=is_kept)
    if faults:
        raise BadRules(faults)
    return Ruleset(version, kinds, blocked)


def _kind(name: str, row: Mapping[str, Any], place: str, faults: list[Fault]) -> Kind:
    known = DELIVERED[name]
    strength = row.get("strength")
    if strength not in STRENGTHS:
        faults.append(Fault("identity_strength_unknown", f"{place}/strength", {"kind": known.label}))
        strength = HINT
    people, values = row.get("most_people"), row.get("most_of_person")
    if not _is_count(people, _MOST_PEOPLE):
        detail = {"kind": known.label, "most": _MOST_PEOPLE}
        faults.append(Fault("identity_people_limit", f"{place}/most_people", detail))
        people = 1
    if values is not None and not _is_count(values, _MOST_VALUES):
        detail = {"kind": known.label, "most": _MOST_VALUES}
        faults.append(Fault("identity_values_limit", f"{place}/most_of_person", detail))
        values = None
    quiet = row.get("quiet_days")
    if quiet is not None and (name not in NUMBERS or not _is_count(quiet, _MOST_DAYS)):
        detail = {"kind": known.label, "most": _MOST_DAYS}
        faults.append(Fault("identity_quiet_days", f"{place}/quiet_days", detail))
        quiet = None
    scopes = row.get("certain_in")
    return replace(
        known,
        strength=str(strength),
        certain_in=tuple(str(s) for s in scopes) if isinstance(scopes, list) else (),
        most_links=int(people) - 1,  # type: ignore[arg-type]  # a count, or 1 by now
        most_of_person=values,
        quiet_days=quiet,
    )


def _is_count(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def _masks_of(told: Any, faults: list[Fault], *, is_kept: bool) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    if not isinstance(told, Mapping):
        faults.append(Fault("identity_masks_no_list", "/blocked", {"kind": ""}))
        return found
    for kind, masks in told.items():
        if kind != OTHERS and kind not in DELIVERED:
            faults.append(Fault("identity_kind_unknown", f"/blocked/{kind}", {"kind": kind}))
            continue
        if not isinstance(masks, list) or not all(isinstance(mask, str) for mask in masks):
            faults.append(Fault("identity_masks_no_list", f"/blocked/{kind}", {"kind": label(kind)}))
            continue
        found[kind] = tuple(dict.fromkeys(_as_kept(kind, mask) for mask in masks if mask.strip()))
        if len(found[kind]) > _MOST_MASKS:
            detail = {"kind": label(kind), "most": _MOST_MASKS}
            faults.append(Fault("identity_masks_many", f"/blocked/{kind}", detail))
        for place, mask in enumerate(found[kind]):
            code = _mask_fault(mask)
            if not code and not is_kept and kind in NUMBERS and not _NUMBER_MASK.fullmatch(mask):
                code = "identity_mask_no_number"
            if code:
                detail = {"mask": mask, "least": _LEAST_SAID, "most": _MASK_LENGTH}
                faults.append(Fault(code, f"/blocked/{kind}/{place}", detail))
    return found


def _as_kept(kind: str, mask: str) -> str:
    """However it is typed, it blocks the value that is kept: 138 1234 5678 and 0086 13812345678 are one number."""
    mask = narrow(mask)
    return (_dialled(mask) or mask) if kind in NUMBERS else mask


def _dialled(value: str) -> str:
    """A number, or a mask of some, without what stands between its digits, and without +86 where it is a mobile."""
    bare = _BETWEEN.sub("", value)
    short = bare.removeprefix("+86")
    if _MOBILE.fullmatch(short) or _WILD.search(short):
        return short
    try:
        plain = normalise(bare)
    except NotAPhone:
        return bare
    return short if _MOBILE.fullmatch(short := plain.removeprefix("+86")) else plain


def _mask_fault(mask: str) -> str:
    if len(mask) > _MASK_LENGTH or re.search(r"(^|\*)=", mask):
        return "identity_mask_unreadable"
    is_wild = any(character in mask for character in "*?")
    return "identity_mask_wide" if is_wild and len(re.sub(r"[*?]", "", mask)) < _LEAST_SAID else ""


def label(kind: str) -> str:
    return DELIVERED[kind].label if kind in DELIVERED else "其他账号"


def more_blocked(before: Ruleset, after: Ruleset) -> dict[str, tuple[str, ...]]:
    """What the second blocks and the first does not."""
    more = {
        k: tuple(m for m in masks if m not in before.blocked.get(k, ())) for k, masks in after.blocked.items()
    }
    return {kind: masks for kind, masks in more.items() if masks}


class Change(NamedTuple):
    """One thing in which two sets differ. `field`: strength, certain_in, most_people, most_of_person, quiet_days, order (kind
    ''), blocked; None stands where there is nothing."""

    field: str
    kind: str
    before: str | None
    after: str | None


def changes(before: Ruleset, after: Ruleset) -> list[Change]:
    found = []
    for name, new in after.kinds.items():
        old = before.kinds[name]
        for what, one, other in (
            ("strength", old.strength, new.strength),
            ("certain_in", _joined(old.certain_in), _joined(new.certain_in)),
            ("most_people", str(old.most_links + 1), str(new.most_links + 1)),
            ("most_of_person", _limit(old), _limit(new)),
            ("quiet_days", _days(old), _days(new)),
        ):
            if one != other:
                found.append(Change(what, name, one, other))
    if list(before.kinds) != list(after.kinds):
        found.append(Change("order", "", _joined(before.kinds), _joined(after.kinds)))
    for kind in sorted({*before.blocked, *after.blocked}):
        old_masks, new_masks = (set(rules.blocked.get(kind, ())) for rules in (before, after))
        found += [Change("blocked", kind, None, mask) for mask in sorted(new_masks - old_masks)]
        found += [Change("blocked", kind, mask, None) for mask in sorted(old_masks - new_masks)]
    return found


def _joined(names: Iterable[str]) -> str | None:
    return "、".join(names) or None


def _days(kind: Kind) -> str | None:
    return None if kind.quiet_days is None else str(kind.quiet_days)


def _limit(kind: Kind) -> str | None:
    return None if kind.most_of_person is None else str(kind.most_of_person)
