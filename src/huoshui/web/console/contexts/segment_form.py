"""The form that makes a segment."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.insight.api import segments as kinds
from huoshui.web.console.contexts import rooms, rule_builder, rule_tree
from huoshui.web.console.contexts.rule_builder import Builder, RuleRow


@dataclass(frozen=True)
class SegmentForm:
    heading: str
    url: str
    back_url: str
    name: str
    reason: str
    version_no: int
    token: str
    builder: Builder
    error: str

    @property
    def rule(self) -> RuleRow:
        return self.builder.rows[0]


def form(
    actor: Actor, segment_id: int | None, said: Mapping[str, str] | None = None, *, error: str = ""
) -> SegmentForm:
    """`said` is what a form held; without it, what is saved. Raises NotFound for who may not write."""
    api = rooms.insight.segments
    if not api.may_write(actor):
        raise NotFound
    one = api.find(actor, segment_id) if segment_id else None
    added = ""
    if said is not None:
        root, added = rule_tree.acted(rule_tree.read(said), said)
    else:
        root = rule_tree.tree(api.versions(actor, one.id)[0].rule) if one else rule_tree.fresh()
    url = reverse("console:segment-rule", args=[one.id]) if one else reverse("console:segment-new")
    return SegmentForm(
        heading=_("改规则") if one else _("新建人群"),
        url=url,
        back_url=reverse("console:segment", args=[one.id]) if one else reverse("console:segments"),
        name=(said or {}).get("name", one.name if one else ""),
        reason=(said or {}).get("reason", ""),
        version_no=version(said, one),
        token=uuid.uuid4().hex,
        builder=rule_builder.builder(actor, [root], url=url, added=added, own_segment=segment_id),
        error=error,
    )


def version(said: Mapping[str, str] | None, one: kinds.Segment | None) -> int:
    told = (said or {}).get("version", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 9 else one.version_no if one else 0
