"""No table is forgotten when somebody is: whatever names a person, or holds what somebody wrote, says who takes it out of there
when she is erased and where she reads it, or why it stays."""

from __future__ import annotations

from typing import Final

import pytest
from django.db import connection

from huoshui.core.subscribers import Erased, registry

_PERSON = r"(^|_)(person|persons|buyer|recommender|canonical)(_|$)|^(owner_id|payee_id|object_id|brought_by|members)$"
_WRITTEN = (
    "^(said|reason|note|wants|decision|detail|district|proof|void_reason|ended_reason|end_reason|body|told|called|outcome"
    "|message|frame|because|comment|remark|text)$"
)

DESK: Final = "数据库"
"""The rights desk's own step (`people.rights.erasing`): identity, profiles, cards, consent, facts, audit, cases."""

TAKEN: Final[dict[str, tuple[str, str]]] = {
    "approval": (DESK, ""),
    "attribute": (DESK, "资料"),
    "audit_entry": (DESK, "谁查看过"),
    "body_reading": ("设备", "身体读数"),
    "basket": ("进店未购", "进店没买和没付款的购物车"),
    "bond": ("顾客归属", "顾客归属"),
    "bond_dispute": ("顾客归属", "关于归属的争议"),
    "bond_now": ("顾客归属", "顾客归属"),
    "bond_recheck": ("顾客归属", ""),
    "bond_touch": ("顾客归属", "顾客归属"),
    "cluster_change": (DESK, ""),
    "code_scan": ("扫码记录", "扫过的码"),
    "commission_decision": ("推荐关系", ""),
    "commission_recommended": ("推荐关系", "推荐奖励"),
    "commission_word": ("推荐关系", ""),
    "consent_entry": (DESK, "同意与撤回"),
    "coupon": ("优惠券", "优惠券"),
    "device_aside": ("设备（没收下的）", ""),
    "device_holder": (DESK, "用过的设备"),
    "device_notice": ("设备", ""),
    "device_person": ("设备", ""),
    "fact": (DESK, "其他动态"),
    "fact_exception": (DESK, ""),
    "identifier": (DESK, "账号与联系方式"),
    "lead": ("线索", "留过的需求"),
    "lead_bill": ("线索", ""),
    "lead_claim": ("线索", ""),
    "lead_event": ("线索", ""),
    "link": (DESK, "合并依据"),
    "match_proposal": ("疑似同一人", "是否和别的资料是同一个人"),
    "person_card": (DESK, "资料"),
    "person_cluster": (DESK, ""),
    "person_relation": ("关系", "关系"),
    "person_role": ("身份", "身份"),
    "portrait_typical": ("典型顾客", "作为典型顾客"),
    "relation_mention": ("关系", ""),
    "relation_proposal": ("关系", ""),
    "rights_case": (DESK, "个人信息请求"),
    "rights_event": (DESK, ""),
    "rights_link": (DESK, "谁查看过"),
    "role_change": ("身份", ""),
    "role_declared": ("身份", "身份"),
    "role_recheck": ("身份", ""),
    "sale": ("订单", "订单"),
    "scan_code": ("扫码记录", "自己的推荐码"),
    "segment_judged": ("人群", ""),
    "segment_recheck": ("人群", ""),
    "segment_spell": ("人群", "所在的人群"),
    "settlement": (DESK, "订单"),
    "staff_identifier": (DESK, ""),
    "tag_given": ("标签", "标签"),
    "tag_staged": ("标签", ""),
    "tier_gift": ("会员", ""),
    "tier_progress": ("会员", "会员等级怎么来的"),
    "tracked_aside": ("行为接入", ""),
    "visit": ("进店未购", "进店没买和没付款的购物车"),
    "wecom_way": ("企业微信", "企业微信"),
}
"""Table → the step that takes her out of it, and the part of her copy that shows it ('': nothing in it that another part does not
show, or what is no word of hers)."""

_BARE = "books, by a bare id that leads nowhere"
_STAFF = "what staff say of rules, shops, files or goods, and of no customer"
_CODE = "a word of the program's"
KEPT: Final = {
    "account": _BARE,
    "commission_credit": _BARE,
    "commission_order": _BARE,
    "commission_party": _BARE,
    "coupon_claim": _BARE,
    "coupon_redemption": _BARE,
    "coupon_taken": _BARE,
    "earn_order": _BARE,
    "offline_taken": _BARE,
    "contact_sent": "that a message went, by a bare id: what was sent is not kept",
    "consent_unsaid": "ids to look at again, by bare ids",
    "tier_unsaid": "ids to look at again, by bare ids",
    "erased_person": "that the id is nobody's any more",
    "identity_asked": "pairs of bare ids that were looked at",
    "identifier_handover": "bare ids; the number itself is the desk's",
    "match_model": "how many were compared",
    "match_run": "how many were compared",
    "commission_due": _CODE,
    "lead_candidate": _CODE,
    "transfer": _CODE,
    "identity_rehearsal": _STAFF,
    "identity_rules": _STAFF,
    "identity_rules_draft": _STAFF,
    "acting_for": _STAFF,
    "bond_rules": _STAFF,
    "commission_rules": _STAFF,
    "context_event": _STAFF,
    "context_figure": _STAFF,
    "dealer_payment": _STAFF,
    "dealer_purchase": _STAFF,
    "goods_document": _STAFF,
    "import_quarantine": _STAFF,
    "import_run": _STAFF,
    "import_undo": _STAFF,
    "lead_rules": _STAFF,
    "link_undoing": "why all links of a rule or an import were taken back: of many people, and of none",
    "org_move": _STAFF,
    "org_place": _STAFF,
    "pickup": _STAFF,
    "pickup_item": _STAFF,
    "placement": _STAFF,
    "planned_fact": _STAFF,
    "planned_property": _STAFF,
    "portrait_model": _STAFF,
    "protection_grant": _STAFF,
    "role_rule": _STAFF,
    "segment_version": _STAFF,
    "tag_version": _STAFF,
    "wecom_standing": _STAFF,
}
"""Table → why nothing is taken out of it when somebody is erased."""

_COLUMNS = """
select distinct table_name from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
where table_schema = 'public' and table_type = 'BASE TABLE' and (column_name ~ %s or column_name ~ %s and data_type in ('text',
    'jsonb', 'bytea', 'character varying')) and table_name !~ '^(django|auth|axes|procrastinate)_'
    and not exists (select from pg_inherits where inhrelid = table_name::regclass)"""


@pytest.mark.django_db
def test_every_table_that_may_name_her_says_who_forgets_her() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, [_PERSON, _WRITTEN])
        found = {name for (name,) in cursor.fetchall()}
    said = TAKEN.keys() | KEPT.keys()
    assert found - said == set(), (
        "a new table: register an eraser (core.subscribers), or say why it keeps her"
    )
    assert said - found == set() and not TAKEN.keys() & KEPT.keys()


def test_who_forgets_and_who_shows_is_there() -> None:
    from huoshui.people.rights.reads import copy_of

    shown = {*registry.copies, *(c for c in copy_of.__code__.co_consts if isinstance(c, str))}
    for names in copy_of.__code__.co_consts:
        shown |= {*names} if isinstance(names, tuple) else set()
    for table, (eraser, part) in TAKEN.items():
        assert eraser == DESK or eraser in registry.erasers, table
        assert not part or part in shown, table


@pytest.mark.django_db
def test_each_eraser_and_each_part_of_the_copy_runs() -> None:
    nobody = 2**40
    for name, (phase, erase) in registry.erasers.items():
        if phase == "tables":
            assert not any(erase(Erased((nobody,))).values()), name
    for part, read in registry.copies.items():
        assert read([nobody]) == [], part
