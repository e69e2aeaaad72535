-- name: record_figures
-- The same again changes nothing; another value of the same subject, metric and period takes its place.
insert into context_figure (source_id, kind, subject, metric, period_start, period_end, value, unit, origin, note, run_id)
select distinct on (t.subject, t.metric, t.period_start, t.period_end, coalesce(t.origin, ''))
    %(source_id)s::int, %(kind)s::text, t.subject, t.metric, t.period_start, t.period_end, t.value, coalesce(t.unit, ''),
    coalesce(t.origin, ''), coalesce(t.note, ''), %(run_id)s::bigint
from unnest(%(subjects)s::text[], %(metrics)s::text[], %(starts)s::date[], %(ends)s::date[], %(values)s::numeric[],
    %(units)s::text[], %(origins)s::text[], %(notes)s::text[]) with ordinality
    as t (subject, metric, period_start, period_end, value, unit, origin, note, place)
order by t.subject, t.metric, t.period_start, t.period_end, coalesce(t.origin, ''), t.place desc
on conflict (source_id, kind, subject, metric, period_start, period_end, origin) do update
set value = excluded.value, unit = excluded.unit, note = excluded.note, run_id = excluded.run_id, told_at = now()
where (context_figure.value, context_figure.unit, context_figure.note)
    is distinct from (excluded.value, excluded.unit, excluded.note)

-- name: record_events
insert into context_event (source_id, name, starts_on, ends_on, channel, scope, budget, cost, note, run_id)
select %(source_id)s::int, t.name, t.starts_on, greatest(coalesce(t.ends_on, t.starts_on), t.starts_on),
    coalesce(t.channel, ''), coalesce(t.scope, ''), t.budget, t.cost, coalesce(t.note, ''), %(run_id)s::bigint
from unnest(%(names)s::text[], %(starts)s::date[], %(ends)s::date[], %(channels)s::text[], %(scopes)s::text[],
    %(budgets)s::bigint[], %(costs)s::bigint[], %(notes)s::text[])
    as t (name, starts_on, ends_on, channel, scope, budget, cost, note)
order by t.name, t.starts_on
on conflict (source_id, name, starts_on) do update
set ends_on = excluded.ends_on, channel = excluded.channel, scope = excluded.scope, budget = excluded.budget,
    cost = excluded.cost, note = excluded.note, run_id = excluded.run_id, told_at = now()
where (context_event.ends_on, context_event.channel, context_event.scope, context_event.budget, context_event.cost,
        context_event.note) is distinct from
    (excluded.ends_on, excluded.channel, excluded.scope, excluded.budget, excluded.cost, excluded.note)

-- name: figures
-- Those whose period touches these days.
select f.kind, f.subject, f.metric, f.period_start, f.period_end, f.value, f.unit, f.origin, s.label as source
from context_figure f join source s on s.id = f.source_id
where f.kind = %(kind)s::text and f.period_end >= %(first)s::date and f.period_start <= %(last)s::date
    and (%(metric)s::text is null or f.metric = %(metric)s::text)
    and (%(subjects)s::text[] is null or f.subject = any(%(subjects)s::text[]))
order by f.subject, f.metric, f.period_start, f.origin

-- name: events
select e.name, e.starts_on, e.ends_on, e.channel, e.scope, e.budget, e.cost, e.note, s.label as source
from context_event e join source s on s.id = e.source_id
where e.ends_on >= %(first)s::date and e.starts_on <= %(last)s::date
order by e.starts_on, e.name
