"""A base of very many customers of many stores in a home, for who walks in there.

Written by set-based SQL, seeded by the customer's number alone, and not through the doors: what is measured is reading. Each
has a card, a phone and a name, and bought on three days two products each time; every second tells a birthday, every fifth
wears what a guide tapped of her. Tables are indexed after they are filled; facts themselves are left out, since nothing here
reads them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from benchmarks.scratch import Home

STORES, PRODUCTS, GUIDES, CODED = 400, 500, 16, 2_000
ORDERS = 3

_TAIL = "lpad((('x' || left(md5(n::text), 8))::bit(32)::bigint % 10000)::text, 4, '0')"
_TABLES = (
    *("person", "identifier", "person_card", "settlement", "fact_order", "fact_line", "bond_now"),
    *("tag_given", "attribute"),
)

_HOUSE = (
    """
    insert into org_unit (code, name, kind, parent_id)
    values ('HQ', '总部', 'headquarters', null)
    on conflict (code) do nothing
    """,
    """
    insert into org_unit (code, name, kind, parent_id)
    select 'D' || n, '经销商' || n, 'dealer', (select id from org_unit where code = 'HQ')
    from generate_series(1, 40) n
    """,
    """
    insert into org_unit (code, name, kind, parent_id)
    select 'S' || n, '门店' || n, 'store', (select id from org_unit where code = 'D' || 1 + n % 40)
    from generate_series(1, {stores}) n
    """,
    """
    insert into sku (code, name, category_1, category_2)
    select 'P' || n, (array['每日坚果', '海苔脆', '雪花酥', '燕麦片', '冻干草莓'])[1 + n % 5] || n,
        (array['坚果', '海味', '糕点', '谷物', '果干'])[1 + n % 5],
        (array['坚果', '海味', '糕点', '谷物', '果干'])[1 + n % 5] || n % 20
    from generate_series(1, {products}) n
    """,
    """
    insert into staff (number, name) select 'G' || n, '导购' || n from generate_series(1, {guides}) n
    """,
    """
    insert into placement (staff_id, org_unit_id, role)
    select s.id, u.id, 'guide' from generate_series(1, {guides}) n
    join staff s on s.number = 'G' || n join org_unit u on u.code = 'S' || n
    """,
    """
    insert into tag (key, name, kind, lifetime_days, state, owner, owner_name, is_stale)
    values ('note_whom', '给谁买', 'one', 90, 'on', 'system:0', '', false),
        ('note_looked', '看过', 'several', 60, 'on', 'system:0', '', false)
    """,
    """
    insert into tag_version (tag_id, version_no, definition, says_zh, says_en, actor, actor_name)
    select id, 1, '{{}}', name, name, 'system:0', '' from tag where key in ('note_whom', 'note_looked')
    """,
    "insert into source (name, label, mode) values ('bench', '门店', 'live') on conflict do nothing",
)

# Customer n is of store 1 + n % STORES; her orders are facts 10n+1 … 10n+ORDERS, a month apart.
_FILL = (
    "insert into person (id, born_fact_id) select n, 0 from generate_series(1, {people}) n",
    """
    insert into identifier (kind, key, sealed, tail4, person_id, fact_id)
    select 'phone', md5(n::text), decode(repeat(md5(n::text), 6), 'hex'), {tail}, n, 0
    from generate_series(1, {people}) n
    union all
    select 'card_no', 'C' || lpad(n::text, 8, '0'), null, null, n, 0 from generate_series(1, {people}) n
    """,
    """
    insert into person_card (person_id, display_name, card_no, phone_tail4, tier, points, grade, home_org_unit_id, dealer_id,
        guide_id, first_sale_at, last_sale_at, orders, spend)
    select n, (array['王', '李', '张', '刘', '陈', '杨', '赵'])[1 + n % 7] || (array['丽', '敏', '静', '娟'])[1 + n / 7 % 4],
        'C' || lpad(n::text, 8, '0'), {tail},
        (array['普通会员', '银卡会员', '金卡会员'])[1 + n % 3], n % 5000, (array['high', 'mid', 'growing'])[1 + n % 3],
        u.id, u.parent_id, g.id, now() - (90 + n % 40) * interval '1 day', now() - n % 40 * interval '1 day', {orders},
        10000 + n % 90000
    from generate_series(1, {people}) n join org_unit u on u.code = 'S' || 1 + n % {stores}
    left join staff g on g.number = 'G' || 1 + n % {stores}
    """,
    """
    insert into settlement (fact_id, source_id, name, occurred_at, person_id, state, seq, xid, settled_at)
    select 10 * n + o, 1, 'Order Completed', now() - (n % 40 + 30 * ({orders} - o)) * interval '1 day', n, 'settled',
        10 * n + o, pg_current_xact_id(), now()
    from generate_series(1, {people}::bigint) n, generate_series(1, {orders}) o
    """,
    """
    insert into fact_order (fact_id, name, source_id, order_key, occurred_at, business_day, org_unit_id, channel, amount,
        line_count)
    select 10 * n + o, 'Order Completed', 1, (10 * n + o)::text, now() - (n % 40 + 30 * ({orders} - o)) * interval '1 day',
        current_date - (n % 40 + 30 * ({orders} - o))::int, u.id, 'store', 12000, 2
    from generate_series(1, {people}::bigint) n join org_unit u on u.code = 'S' || 1 + n % {stores},
        generate_series(1, {orders}) o
    """,
    """
    insert into fact_line (fact_id, line_no, sku_id, quantity_milli, amount)
    select 10 * n + o, l, case when l = 1 then 1 + n % {products} else 1 + (n * 31 + o * 7) % {products} end, 1000, 6000
    from generate_series(1, {people}::bigint) n, generate_series(1, {orders}) o, generate_series(1, 2) l
    """,
    """
    insert into tag_given (tag_id, person_id, value, since, expires_at, source, version_no, actor, reason, is_told_in,
        is_told_out)
    select t.id, n, case when t.key = 'note_whom' then '送礼' else '坚果' end, now() - interval '9 days',
        now() + interval '40 days', 'hand', 1, 'system:0', '导购三下记好', true, true
    from generate_series(5, {people}, 5) n cross join (select id, key from tag where key in ('note_whom', 'note_looked')) t
    """,
    """
    insert into attribute (person_id, name, source_id, value, fact_id, said_at)
    select n, 'birthday', 1, (1960 + n % 40) || '-' || to_char(date '2000-01-01' + n % 365, 'MM-DD'), 0, now()
    from generate_series(1, {people}, 2) n
    """,
    """
    insert into bond_now (person_id, made_by, dealer_id, store_id, guide_id)
    select person_id, 0, dealer_id, home_org_unit_id, guide_id from person_card where guide_id is not null
    """,
    "select setval(pg_get_serial_sequence('person', 'id'), {people})",
)


@dataclass(frozen=True)
class Base:
    """`sessions`: one of each guide, of stores 1 … GUIDES. `tokens`: person → the address of the code she shows."""

    people: int
    sessions: tuple[str, ...]
    tokens: dict[int, str]

    def store_of(self, person_id: int) -> int:
        return 1 + person_id % STORES


def tail_of(person_id: int) -> str:
    """As `_TAIL` makes it."""
    return f"{int(hashlib.md5(str(person_id).encode()).hexdigest()[:8], 16) % 10_000:04}"


def fill(home: Home, people: int) -> Base:
    """Takes some minutes for a million."""
    home.migrate()
    sizes: dict[str, Any] = {
        "people": people,
        "stores": STORES,
        "products": PRODUCTS,
        "guides": GUIDES,
        "orders": ORDERS,
        "tail": _TAIL,
    }
    with home.filling(_TABLES) as connection:
        for text in (*_HOUSE, *_FILL):
            connection.execute(text.format(**sizes).encode())
    with home.connect() as connection:
        connection.execute(b"vacuum analyze")
        connection.execute(b"checkpoint")
    told = json.loads(home.python("-c", _SIGN_IN, str(GUIDES), str(STORES), str(people), str(CODED)))
    return Base(people, tuple(told["sessions"]), {int(k): v for k, v in told["tokens"].items()})


_SIGN_IN = """
import json, sys
from huoshui.project import boot
boot.boot('river')
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from huoshui.brand.staff.models import Staff
from huoshui.trade.codes import links
guides, stores, people, coded = map(int, sys.argv[1:])
sessions = []
for n in range(1, guides + 1):
    user = User.objects.create(username=f'G{n}')
    Staff.objects.filter(number=f'G{n}').update(user=user)
    store = SessionStore()
    store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(user.pk), 'django.contrib.auth.backends.ModelBackend'
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    sessions.append(store.session_key)
persons = [p for p in range(1, people + 1) if 1 + p % stores <= guides][:coded]
handles = {p: links.new_handle() for p in persons}
with connection.cursor() as cursor:
    cursor.executemany(
        "insert into scan_code (handle, kind, title, person_id, made_by, changed_by)"
        " values (%s, 'recommender', '老带新', %s, 'system:0', 'system:0')",
        [(h, p) for p, h in handles.items()])
print(json.dumps({'sessions': sessions, 'tokens': {p: links.token(h) for p, h in handles.items()}}))
"""
