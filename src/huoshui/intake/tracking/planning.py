"""The plan changed by hand: facts and their properties declared and taken back."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.intake.tracking import plan
from huoshui.intake.tracking.models import PlannedFact, PlannedProperty


@dataclass(frozen=True)
class PropertyView:
    id: int
    name: str
    type: str
    klass: str
    is_required: bool
    note: str


@dataclass(frozen=True)
class FactView:
    id: int
    name: str
    note: str
    properties: tuple[PropertyView, ...]


def declare(
    *,
    fact: str,
    name: str,
    type: str,
    klass: str = "none",
    is_required: bool = False,
    note: str = "",
    actor: Actor,
) -> int:
    """Declare a property of a fact, or change what was declared of it. Returns the property's id."""
    fact, name = fact.strip(), name.strip()
    if not fact or not name or len(fact) > 200 or len(name) > 100:
        raise Refused("请写明是哪个行为的哪个属性。")
    if type not in plan.TYPE_WORDS or klass not in plan.CLASSES:
        raise Refused("请选择类型和用途。")
    if klass in plan.LAKE_CLASSES and type in ("object", "array"):
        raise Refused("对象和列表不能进入分析，请声明里面的单个值。")
    with transaction.atomic():
        of, _ = PlannedFact.objects.get_or_create(name=fact)
        row, is_new = PlannedProperty.objects.update_or_create(
            fact=of,
            name=name,
            defaults={"type": type, "klass": klass, "is_required": is_required, "note": note},
        )
        record(
            actor,
            "plan.declared" if is_new else "plan.changed",
            "planned_property",
            row.id,
            fact=fact,
            name=name,
            type=type,
            klass=klass,
            is_required=is_required,
        )
    plan.forget()
    return row.id


def take_back(property_id: int, *, actor: Actor) -> None:
    """Not declared any more: what came with it stays, and what comes is only counted."""
    with transaction.atomic():
        row = PlannedProperty.objects.select_related("fact").filter(id=property_id).first()
        if row is None:
            raise NotFound
        record(actor, "plan.taken_back", "planned_property", row.id, fact=row.fact.name, name=row.name)
        row.delete()
    plan.forget()


def declared() -> list[FactView]:
    return [
        FactView(
            id=fact.id,
            name=fact.name,
            note=fact.note,
            properties=tuple(
                PropertyView(p.id, p.name, p.type, p.klass, p.is_required, p.note)
                for p in sorted(fact.properties.all(), key=lambda p: p.name)
            ),
        )
        for fact in PlannedFact.objects.prefetch_related("properties").order_by("name")
    ]
