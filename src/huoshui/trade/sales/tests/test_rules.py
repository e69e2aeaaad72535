"""What a further fact of an order means."""

from __future__ import annotations

from huoshui.trade.sales.rules import change
from huoshui.trade.sales.types import Part, Sibling

FIRST, REST, BACK, NEW = 1, 2, 3, 9


def sold(*keys: str, given_back: int = 0) -> Part:
    return Part(frozenset(keys), given_back)


def back(amount: int, *keys: str, number: str = "R1") -> Part:
    return Part(frozenset(keys), amount, number)


def told(new: Part, **before: Part) -> tuple[str, tuple[int, ...], tuple[int, ...]]:
    """(kind, what it replaces, what the order is made of then) of a fact told after others."""
    names = {"first": FIRST, "rest": REST, "back": BACK}
    parts = {names[name]: part for name, part in before.items()}
    found = change(Sibling(NEW, new.is_refund, FIRST), tuple(parts), {**parts, NEW: new})
    return found.kind, found.replaces, found.current


def test_lines_told_again_are_the_order_as_it_stands_now() -> None:
    assert told(sold("a", "b"), first=sold("a", "b")) == ("revision", (FIRST,), (NEW,))
    assert told(sold("a"), first=sold("a", "b")) == ("revision", (FIRST,), (NEW,))


def test_other_lines_are_the_rest_of_it() -> None:
    assert told(sold("b"), first=sold("a")) == ("supplement", (), (FIRST, NEW))


def test_the_whole_replaces_all_its_parts_and_a_part_only_its_own() -> None:
    assert told(sold("a", "b"), first=sold("a"), rest=sold("b")) == ("revision", (FIRST, REST), (NEW,))
    assert told(sold("b"), first=sold("a"), rest=sold("b")) == ("revision", (REST,), (FIRST, NEW))


def test_a_refund_is_added_beside() -> None:
    assert told(back(30, "a"), first=sold("a", "b")) == ("refund", (), (FIRST, NEW))
    assert told(back(30, "a", number="R2"), first=sold("a"), back=back(30, "a")) == (
        "refund",
        (),
        (FIRST, BACK, NEW),
    )


def test_a_refund_told_again_takes_its_former_place() -> None:
    assert told(back(50, "a"), first=sold("a"), back=back(30, "a")) == ("refund", (BACK,), (FIRST, NEW))


def test_more_lines_under_a_refunds_number_are_the_rest_of_it() -> None:
    assert told(back(50, "b"), first=sold("a", "b"), back=back(30, "a")) == ("refund", (), (FIRST, BACK, NEW))


def test_a_revision_that_knows_of_no_refund_leaves_it_beside() -> None:
    assert told(sold("a"), first=sold("a"), back=back(30, "a")) == ("revision", (FIRST,), (BACK, NEW))
    assert told(sold("a", given_back=29), first=sold("a"), back=back(30, "a")) == (
        "revision",
        (FIRST,),
        (BACK, NEW),
    )


def test_a_revision_that_tells_of_as_much_given_back_takes_its_place() -> None:
    assert told(sold("a", given_back=30), first=sold("a"), back=back(30, "a")) == (
        "revision",
        (FIRST, BACK),
        (NEW,),
    )


def test_also_where_the_refund_names_its_lines_otherwise() -> None:
    """A shop's refunds name products where its orders number their lines."""
    assert told(sold("1", "2", given_back=30), first=sold("1", "2"), back=back(30, "#7")) == (
        "revision",
        (FIRST, BACK),
        (NEW,),
    )


def test_part_of_an_order_says_nothing_of_refunds_elsewhere() -> None:
    assert told(sold("b", given_back=30), first=sold("a"), rest=sold("b"), back=back(30, "#a")) == (
        "revision",
        (REST,),
        (FIRST, BACK, NEW),
    )


def test_the_rest_of_an_order_may_know_of_its_own_refund() -> None:
    assert told(sold("b", given_back=30), first=sold("a"), back=back(30, "b")) == (
        "supplement",
        (BACK,),
        (FIRST, NEW),
    )
