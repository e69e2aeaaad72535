"""Random histories of a few humans each, with traps planted in them, and what is true of them.

A history is plain data, made from a seed; who is who is known to its maker alone. Nothing here looks at the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

BLOCKED_PHONES = ("13800138000", "１３８００１３８０００", "11111111111", "+86 13900000000", "12345678901")
BLOCKED_CARDS = ("0000", "００００", "null", "无", "Test", " 0 ")
NOTHINGS = ("散客", "undefined", "N/A", "(null)", "ＮＡＮ", "９９９９９９", "无卡", "非会员", r"\N")
NO_EMAILS = ("noemail@example.com", "None@none.com", "test@test.com")
MASKED = ("6222****1234", "138****8000", "138••••8000")
SHARED_BY = 10
"""So many members come under one dealer's, guide's or staff member's number: more than one human may have. (People who each have
an account of another kind cannot be told from one human who has all of them, and nobody could.)"""

PHONE_RANGES = (
    *(("159", "187"), ("158", "186"), ("157", "185"), ("152", "182"), ("151", "183")),
    *(("150", "180"), ("177", "178"), ("176", "173"), ("198", "199"), ("191", "193")),
)
"""So many hundred thousands of histories may be carried out on one database."""

Identifier = tuple[str, str]  # kind or kind@scope, plain value


@dataclass(frozen=True)
class Event:
    """Something a human did. `certain`: its identifiers are also her own; else only what a trap says is known of her."""

    key: str
    human: int
    identifiers: tuple[Identifier, ...]
    certain: bool
    traits: tuple[tuple[str, str], ...] = ()
    amount: int = 0  # of an order; 0: she says who she is
    minutes: int = 0  # after noon
    turn: int = 0  # told in one delivery with others of its turn, after those of lower ones


@dataclass(frozen=True)
class Shared:
    """That somebody finds out, before the round of this number, that a value is several people's."""

    round: int
    identifier: Identifier
    by_link: bool  # she takes back the link it made, instead of saying so of the value


@dataclass(frozen=True)
class Parting:
    """That somebody who finds, before the round of this number, the owners of these to be one, says that they are two people."""

    round: int
    one: Identifier
    other: Identifier


@dataclass(frozen=True)
class Telling:
    """`device`: on which she signs in at `minutes`, or (not `certain`) does something after having signed in at `since`.
    `round` and `turn`: when it is told, where that matters."""

    human: int
    identifiers: tuple[Identifier, ...]
    certain: bool
    minutes: int = 0
    device: str = ""
    since: int = 0
    traits: tuple[tuple[str, str], ...] = ()
    round: int | None = None
    turn: int = 0


@dataclass
class History:
    seed: int
    own: list[list[Identifier]] = field(default_factory=list)  # of each human, hers alone
    rounds: list[list[Event]] = field(default_factory=list)
    found_out: list[Shared] = field(default_factory=list)
    partings: list[Parting] = field(default_factory=list)
    traps: list[str] = field(default_factory=list)

    def events(self) -> Iterator[Event]:
        for some in self.rounds:
            yield from some


ROUNDS = 4


def history(seed: int, number: int, traps: Sequence[str] = ()) -> History:
    """`number` makes its values unlike those of any other history. `traps`: one of these, instead of some of all."""
    return _Maker(seed, number).made(traps)


class _Maker:
    def __init__(self, seed: int, number: int) -> None:
        self.chance = Random(seed)
        self.name = f"{number:x}"
        self.number = number
        self.history = History(seed)
        self.values = 0
        self.told: list[Telling] = []

    def made(self, among: Sequence[str]) -> History:
        count = self.chance.randint(1, 3)
        traps = self.chance.sample(among or sorted(TRAPS), k=1 if among else count)
        traps = [trap for trap in traps if trap in WRONG_RECORDS][:1] or traps
        self.history.traps = traps
        for _ in range(self.chance.randint(2, 4)):
            self.human()
        for trap in traps:
            TRAPS[trap](self)
        for human in range(len(self.history.own)):
            self.lives(human)
        self.deal_out()
        return self.history

    # ── humans ──

    def value(self, prefix: str) -> str:
        self.values += 1
        return f"{prefix}-{self.name}-{self.values}"

    def phone(self) -> str:
        self.values += 1
        of_all = self.number * 1000 + self.values
        # Of ranges whose numbers no rule takes for made up. No two humans have one: past the last range there is no number
        place, rest = divmod(of_all, 10**8)
        return f"{PHONE_RANGES[place][self.values % 2]}{rest:08d}"

    def human(self) -> int:
        kinds: list[tuple[str, Callable[[], str]]] = [
            ("card_no", lambda: self.value("C")),
            ("phone", self.phone),
            ("member_no", lambda: self.value("M")),
            ("unionid", lambda: self.value("U")),
            ("openid@wxA", lambda: self.value("o")),
            ("openid@wxB", lambda: self.value("o")),
            ("external_userid", lambda: self.value("wm")),
            ("account@shop", lambda: self.value("a")),
            ("email", lambda: f"{self.value('e')}@example.cn"),
        ]
        chosen = self.chance.sample(kinds, k=self.chance.randint(1, 4))
        self.history.own.append([(kind, make()) for kind, make in chosen])
        return len(self.history.own) - 1

    def crowd(self, count: int) -> list[int]:
        while len(self.history.own) < count:
            self.human()
        return self.chance.sample(range(len(self.history.own)), k=count)

    def lives(self, human: int) -> None:
        """What she does by herself: now one identifier of hers, now some together."""
        own = self.history.own[human]
        for _ in range(self.chance.randint(1, 4)):
            some = self.chance.sample(own, k=self.chance.randint(1, min(3, len(own))))
            self.tell(human, *some)

    def some_of(self, human: int) -> list[Identifier]:
        own = self.history.own[human]
        return self.chance.sample(own, k=self.chance.randint(1, min(2, len(own))))

    def tell(self, human: int, *identifiers: Identifier, certain: bool = True) -> None:
        self.told.append(Telling(human, self.mixed(*identifiers), certain))

    def mixed(self, *identifiers: Identifier) -> tuple[Identifier, ...]:
        return tuple(map(self.typed, self.chance.sample(identifiers, k=len(identifiers))))

    def typed(self, one: Identifier) -> Identifier:
        """As some till types it: wide digits and spaces are the same number."""
        kind, value = one
        if self.chance.random() < 0.15:
            value = "".join(chr(ord(c) + 0xFEE0) if c in "0123456789" else c for c in value)
        return kind, f" {value}" if self.chance.random() < 0.1 else value

    def deal_out(self) -> None:
        told = self.told
        self.chance.shuffle(told)
        self.history.rounds = [[] for _ in range(ROUNDS)]
        known: set[tuple[str, int]] = set()  # sign-ins that have come
        for place, one in enumerate(told):
            # On a device alone it is hers as soon as it is known that she had signed in there
            certain = one.certain or (one.device, one.since) in known
            if one.certain and one.device:
                known.add((one.device, one.minutes))
            says_name = certain and self.chance.random() < 0.6
            traits = one.traits or ((("name", f"{self.name}/{one.human}"),) if says_name else ())
            amount = 0 if traits or self.chance.random() < 0.6 else self.chance.randint(1, 500) * 100
            event = Event(
                f"{self.name}:{place}",
                one.human,
                one.identifiers,
                certain,
                traits,
                amount,
                one.minutes,
                one.turn,
            )
            number = place * ROUNDS // len(told) if one.round is None else one.round
            self.history.rounds[number].append(event)

    def has(self, human: int, kind: str, make: Callable[[], str]) -> Identifier:
        """Hers of this kind: a unionid nobody has two of."""
        own = self.history.own[human]
        found = next((one for one in own if one[0] == kind), None)
        if found is None:
            found = (kind, make())
            own.append(found)
        return found

    def tell_in(
        self, number: int, human: int, *identifiers: Identifier, certain: bool = True, turn: int = 0
    ) -> None:
        self.told.append(Telling(human, self.mixed(*identifiers), certain, round=number, turn=turn))

    # ── traps ──

    def under_one(self, identifier: Identifier, humans: list[int], *, alone: bool = True) -> None:
        """Each comes with her own and with this, some also with this alone, which says nothing of her."""
        for human in humans:
            for _ in range(self.chance.randint(1, 2)):
                self.tell(human, identifier, *self.some_of(human))
            if alone and self.chance.random() < 0.25:
                self.tell(human, identifier, certain=False)

    def found_out_about(self, identifier: Identifier, *, by_link: bool = False) -> None:
        self.history.found_out.append(Shared(self.chance.randint(1, ROUNDS), identifier, by_link))


def _blocked_phone(m: _Maker) -> None:
    m.under_one(("phone", m.chance.choice(BLOCKED_PHONES)), m.crowd(2))


def _blocked_card(m: _Maker) -> None:
    m.under_one((m.chance.choice(["card_no", "member_no"]), m.chance.choice(BLOCKED_CARDS)), m.crowd(2))


def _masked_number(m: _Maker) -> None:
    m.under_one((m.chance.choice(["card_no", "account@shop"]), m.chance.choice(MASKED)), m.crowd(2))


def _shop_tablet(m: _Maker) -> None:
    m.under_one(("device_id", m.value("tablet")), m.crowd(m.chance.randint(3, 5)))


def _cookie_of_the_household(m: _Maker) -> None:
    m.under_one(("device_id", m.value("cookie")), m.crowd(2))


def _browser_handed_on(m: _Maker) -> None:
    """One after another signs in on it, the first perhaps once more, and what each does on it then does not say who she is. It is
    told of in any order."""
    humans = m.crowd(m.chance.randint(2, 3))
    device = ("device_id", m.value("browser"))
    for place, human in enumerate([*humans, *humans[: m.chance.randint(0, 1)]]):
        since = 60 * (place + 1)
        own = m.some_of(human)
        m.told.append(Telling(human, m.mixed(device, *own), True, since, device[1]))
        for _ in range(m.chance.randint(1, 3)):
            later = since + m.chance.randint(1, 59)
            m.told.append(Telling(human, m.mixed(device), False, later, device[1], since))


def _a_nickname_of_two(m: _Maker) -> None:
    m.under_one(("alias@shop", m.value("小美")), m.crowd(2))


def _members(m: _Maker) -> list[int]:
    humans = m.crowd(SHARED_BY)
    for human in humans:
        m.history.own[human].append(("member_no", m.value("M")))
    return humans


def _guides_own_phone(m: _Maker) -> None:
    _under_one_of_ours(m, ("phone", m.phone()))


def _under_one_of_ours(m: _Maker, identifier: Identifier) -> None:
    humans = _members(m)
    for human in humans:
        m.tell(human, identifier, m.history.own[human][-1])
    m.under_one(identifier, humans)


def _dealer_registers_many(m: _Maker) -> None:
    """New cards under one number, one after another."""
    phone = ("phone", m.phone())
    for human in m.crowd(SHARED_BY + m.chance.randint(0, 4)):
        card = ("member_no", m.value("D"))
        m.history.own[human].append(card)
        m.tell(human, phone, card)


def _staff_card(m: _Maker) -> None:
    """Somebody of the staff swipes a card of her own for whoever has none with her."""
    _under_one_of_ours(m, (m.chance.choice(["card_no", "member_no"]), m.value("staff")))


def _several_of_one_crowd(m: _Maker) -> None:
    """A guide's phone, her second and a card of the shop, each given for the same people: each joins few whom no other has joined."""
    values = [("phone", m.phone()), ("phone", m.phone()), ("card_no", m.value("shop"))]
    for human in _members(m):
        for value in values:
            m.tell(human, value, m.history.own[human][-1])


def _household_phone(m: _Maker) -> None:
    phone = ("phone", m.phone())
    m.under_one(phone, m.crowd(m.chance.randint(2, 3)))
    m.found_out_about(phone)


def _household_parted(m: _Maker) -> None:
    """Each has a card under the one phone, and somebody takes back that they are one."""
    phone = ("phone", m.phone())
    for human in m.crowd(2):
        card = ("card_no", m.value("H"))
        m.history.own[human].append(card)
        for _ in range(m.chance.randint(1, 3)):
            m.tell(human, phone, card)
    m.found_out_about(phone, by_link=True)


def _one_openid_of_two_apps(m: _Maker) -> None:
    value = m.value("o")
    for human, app in zip(m.crowd(2), ("wxA", "wxB"), strict=True):
        m.history.own[human].append((f"openid@{app}", value))
        m.tell(human, (f"openid@{app}", value), *m.some_of(human))


def _one_number_of_two_kinds(m: _Maker) -> None:
    value = m.value("7")
    for human, kind in zip(m.crowd(2), ("card_no", "account@shop"), strict=True):
        m.history.own[human].append((kind, value))
        m.tell(human, (kind, value), *m.some_of(human))


def _a_word_for_nothing(m: _Maker) -> None:
    kind = m.chance.choice(["card_no", "member_no", "unionid", "openid@wxA", "account@shop", "email"])
    value = m.chance.choice(NO_EMAILS if kind == "email" else NOTHINGS)
    humans = m.crowd(2)
    for human in humans:
        # Of whom each has something nobody could have from the other
        m.history.own[human].append(("account@tmall", m.value("t")))
        m.tell(human, (kind, value), m.history.own[human][-1])
    m.under_one((kind, value), humans)


def _a_landline(m: _Maker) -> None:
    m.values += 1
    line = f"0571-8{(m.number * 1000 + m.values) % 10**7:07d}"
    m.under_one(("phone", line), m.crowd(m.chance.randint(2, 4)))


def _dozens_by_name(m: _Maker) -> None:
    """A dealer tells names and birthdays under his own number, and that number for two who have accounts as well."""
    phone = ("phone", m.phone())
    for n in range(m.chance.randint(12, 30)):
        traits = (("name", f"客人{m.name}第{n}位"), ("birthday", f"{1950 + n}-0{n % 9 + 1}-11"))
        m.told.append(Telling(0, m.mixed(phone), False, traits=traits))
    for human in m.crowd(2):
        m.history.own[human].append(("account@tmall", m.value("t")))
        m.tell(human, phone, m.history.own[human][-1])


def _two_by_a_wrong_record(m: _Maker) -> tuple[tuple[int, Identifier], tuple[int, Identifier]]:
    """Each is known; then a record has accounts of both, and somebody parts them again."""
    one, other = m.crowd(2)
    first, second = m.has(one, "phone", m.phone), m.has(other, "card_no", lambda: m.value("C"))
    m.tell_in(0, one, first)
    m.tell_in(0, other, second)
    m.tell_in(1, one, first, second, certain=False, turn=1)
    m.history.partings.append(Parting(2, first, second))
    return (one, first), (other, second)


def _parted_then_round_a_third(m: _Maker) -> None:
    (one, first), (other, second) = _two_by_a_wrong_record(m)
    third = m.has(other, "member_no", lambda: m.value("M"))
    m.tell_in(2, other, third, second)
    m.tell_in(3, one, third, first, certain=False)


def _undone_and_told_again(m: _Maker) -> None:
    (one, first), (other, second) = _two_by_a_wrong_record(m)
    for human, value in ((one, first), (other, second)):
        m.history.own[human].append(("account@tmall", m.value("t")))
        m.tell_in(0, human, value, m.history.own[human][-1])
    for turn in range(1, 7):
        m.tell_in(2, one, first, second, certain=False, turn=turn)


def _one_openid_of_two_unionids(m: _Maker) -> None:
    one, other = m.crowd(2)
    openid = m.has(one, "openid@wxA", lambda: m.value("o"))
    unionids = [m.has(human, "unionid", lambda: m.value("U")) for human in (one, other)]
    m.tell_in(0, one, openid, unionids[0])
    m.tell_in(0, other, unionids[1])
    m.tell_in(m.chance.randint(1, 3), other, openid, unionids[1], certain=False)


WRONG_RECORDS = frozenset(
    {"parted, then round a third", "undone and told again", "one openid of two unionids"}
)
"""These stand by themselves: of two whom several wrong things make one at once nobody could say which of them he takes back."""

TRAPS: dict[str, Callable[[_Maker], None]] = {
    "blocked phone": _blocked_phone,
    "blocked card": _blocked_card,
    "masked number": _masked_number,
    "shop tablet": _shop_tablet,
    "cookie of a household": _cookie_of_the_household,
    "a browser handed on": _browser_handed_on,
    "a nickname of two": _a_nickname_of_two,
    "guide's own phone": _guides_own_phone,
    "dealer registers many": _dealer_registers_many,
    "staff card": _staff_card,
    "several of one crowd": _several_of_one_crowd,
    "household phone": _household_phone,
    "household parted": _household_parted,
    "one openid of two apps": _one_openid_of_two_apps,
    "one number of two kinds": _one_number_of_two_kinds,
    "a word for nothing": _a_word_for_nothing,
    "a landline": _a_landline,
    "dozens by name": _dozens_by_name,
    "parted, then round a third": _parted_then_round_a_third,
    "undone and told again": _undone_and_told_again,
    "one openid of two unionids": _one_openid_of_two_unionids,
}
